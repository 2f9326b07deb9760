//! A download into a file that appears complete or not at all.
//!
//! The bytes go into a `temporary` file in the same folder. A complete file gets the name of the
//! target; any other is removed. If a download is interrupted, the next attempt may `resume` it: it
//! requests only the rest.

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

/// A running download.
#[derive(Debug)]
pub(super) struct Download {
    /// The path as the caller wrote it.
    path: String,
    file: TemporaryFile,
    /// The number of bytes of the body in the file.
    received: u64,
    /// The length of the whole body, if the current response says it.
    end: Option<u64>,
    resume: Resume,
    /// Whether the caller asked for a range.
    partial_allowed: bool,
    /// Whether the body of the current response goes into the file.
    receiving: bool,
    /// Whether the file is complete.
    complete: bool,
}

impl Download {
    /// Creates the temporary file.
    ///
    /// # Errors
    /// [`Code::File`] if the target cannot be written, or is not a regular file.
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

    /// Accepts a part of the whole, because the caller's own `Range` asks for it.
    pub(super) fn allow_partial(&mut self) {
        self.partial_allowed = true;
    }

    /// Adds the header fields that request only the rest of the body, if that is possible.
    pub(super) fn ask_for_rest(&mut self, headers: &mut HeaderMap) {
        self.resume.request_rest(self.received, headers);
    }

    /// Starts again from the first byte, because the server refused to continue. True if the
    /// request asked for that.
    pub(super) fn restart(&mut self) -> bool {
        self.resume.abandon()
    }

    /// Whether to request the whole body, because a response to a request for the rest was
    /// unusable. True only once.
    pub(super) fn take_restart(&mut self) -> bool {
        self.resume.take_restart()
    }

    /// Prepares for another response, which does not complete the body of the last one.
    pub(super) fn begin_attempt(&mut self) {
        self.receiving = false;
        self.complete = false;
    }

    /// Prepares for the body of a response.
    ///
    /// # Errors
    /// Fails if the file cannot be used, or the response contains a different part than requested.
    pub(super) fn begin_body(
        &mut self,
        head: &ResponseHead,
        plain: bool,
    ) -> Result<(), BodyIoError> {
        let content = match self.partial_allowed {
            true => ResponseContent::Whole { end: None },
            false => self.resume.response_content(head, plain)?,
        };
        match content {
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
    /// Fails if they cannot be written, or exceed the announced length.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), BodyIoError> {
        let received = self.received.saturating_add(bytes.len() as u64);
        if self.end.is_some_and(|end| received > end) {
            return Err(self.length_mismatch());
        }
        self.file.write(bytes).map_err(|error| self.failed(&error))?;
        self.received = received;
        Ok(())
    }

    /// Ends the body of a response.
    ///
    /// # Errors
    /// Fails if it is shorter than announced.
    pub(super) fn end_body(&mut self) -> Result<(), BodyIoError> {
        match self.end {
            Some(end) if self.received != end => Err(self.length_mismatch()),
            _ => Ok(()),
        }
    }

    fn length_mismatch(&mut self) -> BodyIoError {
        self.resume.refuse("the body is longer or shorter than the server announced")
    }

    fn failed(&self, error: &io::Error) -> BodyIoError {
        BodyIoError::File(unwritable(&self.path, error))
    }

    /// The number of bytes of the body in the file.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Records that a response is complete.
    pub(super) fn response_complete(&mut self) {
        self.complete = std::mem::take(&mut self.receiving);
    }

    /// Whether the file is complete.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Gives the file its name, if it is complete.
    ///
    /// # Errors
    /// [`Code::File`] if the file cannot be renamed.
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
