//! A download into a file that appears whole or not at all.
//!
//! The bytes go into a `temporary` file in the same folder, which takes the target's name when the
//! last of them is there, and is removed in any other case. Where a download breaks, the next
//! attempt may `resume` it: it asks for the rest alone.

mod permissions;
mod resume;
mod temporary;
#[cfg(test)]
mod tests;
mod write_target;

use std::io;

use http::HeaderMap;

use crate::code::{Code, Error, io_error_text};
use crate::transport::{BodyIoError, ResponseHead};

use resume::{ResponseContent, Resume};
use temporary::TemporaryFile;

/// A file on its way.
#[derive(Debug)]
pub(super) struct Download {
    /// As the caller named it.
    path: String,
    file: TemporaryFile,
    /// How many bytes of the body lie in the file.
    received: u64,
    /// How many bytes there are in all, where the present answer says so of itself.
    end: Option<u64>,
    resume: Resume,
    /// The caller has asked for a part of the whole.
    partial_allowed: bool,
    /// The body of the present answer goes here.
    receiving: bool,
    /// All of it is there.
    complete: bool,
}

impl Download {
    /// Makes the temporary file.
    ///
    /// # Errors
    /// [`Code::File`] where the target cannot be written, or is no regular file.
    pub(super) fn begin(path: &str) -> Result<Self, Error> {
        let file = TemporaryFile::create(path)
            .map_err(|error| Error::new(Code::File, unwritable(path, &error)))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            received: 0,
            end: None,
            resume: Resume::default(),
            partial_allowed: false,
            receiving: false,
            complete: false,
        })
    }

    /// Lets an answer be a part of the whole, as the caller's own `Range` asks for.
    pub(super) fn allow_partial(&mut self) {
        self.partial_allowed = true;
    }

    /// Adds what asks for the rest of the body alone, where that can be done.
    pub(super) fn ask_for_rest(&mut self, headers: &mut HeaderMap) {
        self.resume.request_rest(self.received, headers);
    }

    /// The server has refused to go on: what is there is worth nothing. True where it was asked to.
    pub(super) fn restart(&mut self) -> bool {
        self.resume.abandon()
    }

    /// Whether the server was asked to go on, and its answer was of no use. True once after that.
    pub(super) fn asks_anew(&mut self) -> bool {
        self.resume.asks_anew()
    }

    /// Another answer is to come: what the one before it began is not completed by it.
    pub(super) fn begin_attempt(&mut self) {
        self.receiving = false;
        self.complete = false;
    }

    /// Makes ready for the body of an answer.
    ///
    /// # Errors
    /// Where the file cannot be used, or the answer holds another part than was asked for.
    pub(super) fn begin_body(
        &mut self,
        head: &ResponseHead,
        plain: bool,
    ) -> Result<(), BodyIoError> {
        let answer = match self.partial_allowed {
            true => ResponseContent::Whole { end: None },
            false => self.resume.response_content(head, plain)?,
        };
        match answer {
            ResponseContent::Rest { end } => self.end = Some(end),
            ResponseContent::Whole { end } => {
                self.received = 0;
                self.end = end;
                self.file.truncate().map_err(|error| self.failed(&error))?;
                self.resume.begin(head, plain, end);
            }
        }
        self.receiving = true;
        Ok(())
    }

    /// Writes the next bytes.
    ///
    /// # Errors
    /// Where they cannot be written, or are more than the answer said.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), BodyIoError> {
        let received = self.received.saturating_add(bytes.len() as u64);
        if self.end.is_some_and(|end| received > end) {
            return Err(self.length_mismatch());
        }
        self.file.write(bytes).map_err(|error| self.failed(&error))?;
        self.received = received;
        Ok(())
    }

    /// The body of the answer has come to its regular end.
    ///
    /// # Errors
    /// Where it is shorter than the answer said.
    pub(super) fn end_body(&mut self) -> Result<(), BodyIoError> {
        match self.end {
            Some(end) if self.received != end => Err(self.length_mismatch()),
            _ => Ok(()),
        }
    }

    fn length_mismatch(&mut self) -> BodyIoError {
        self.resume.refuse("the body is longer or shorter than the server has said")
    }

    fn failed(&self, error: &io::Error) -> BodyIoError {
        BodyIoError::File(unwritable(&self.path, error))
    }

    /// How many bytes of the body there are.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// An answer has come to its regular end.
    pub(super) fn answered(&mut self) {
        self.complete = std::mem::take(&mut self.receiving);
    }

    /// Whether all of it is there.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Gives the file its name, if it is whole.
    ///
    /// # Errors
    /// [`Code::File`] where that cannot be done.
    pub(super) fn commit(&mut self) -> Result<(), Error> {
        if !self.complete {
            return Ok(());
        }
        let named = self.file.rename_to_target();
        named.map_err(|error| Error::new(Code::File, unwritable(&self.path, &error)))
    }
}

fn unwritable(path: &str, error: &io::Error) -> String {
    format!("the file {path} cannot be written: {}", io_error_text(error))
}
