//! The head of a response (RFC 9112).
//!
//! If two parties disagree where a response ends, one can smuggle a response past the other. So the
//! parser refuses a head that frames its body in two ways or in an unknown way, and a head that
//! does not end. A line feed alone ends a line, like CR LF (RFC 9112 section 2.2). A malformed line
//! is skipped, unless it might frame the body. The fields stay in their raw form, because most
//! callers never ask for one.

use std::borrow::Cow;
use std::time::Duration;

use memchr::memchr_iter;

use crate::headers::Headers;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};

use super::error::protocol_error;
use super::fields::{Fields, Framing, read_fields};
use super::malformed_lines::{MalformedLines, unfold};
use super::status_line::StatusLine;

/// The maximum size of a head, together with the interim responses before it.
const MAX_HEAD: usize = 256 * 1024;

/// The result of parsing the input.
#[derive(Debug)]
pub(in crate::transport) enum ParseStatus {
    /// The head is not complete.
    Partial,
    /// An interim response: its length in bytes, and its status.
    Interim(usize, u16),
    /// The final head, and its length in bytes.
    Final(usize, FinalHead),
}

/// The complete final head.
#[derive(Debug)]
pub(in crate::transport) struct FinalHead {
    pub(in crate::transport) version: http::Version,
    pub(in crate::transport) status: u16,
    /// The reason phrase; empty if there is none.
    pub(in crate::transport) reason: Cow<'static, str>,
    pub(in crate::transport) headers: Headers,
    pub(in crate::transport) framing: Framing,
    /// There is a Content-Encoding, so it is worth looking for its value.
    pub(in crate::transport) has_content_encoding: bool,
    /// A field says that the server allows no more requests for now.
    pub(in crate::transport) quota_exhausted: bool,
    /// Another request may use the connection (RFC 9112 section 9.3).
    pub(in crate::transport) persistent: bool,
    /// The maximum idle time of the connection, if the server says so.
    pub(in crate::transport) idle_timeout: Option<Duration>,
    /// The number of lines that were not header fields.
    pub(in crate::transport) skipped_lines: usize,
}

/// Parses the heads of one response.
#[derive(Debug)]
pub(in crate::transport) struct HeadParser {
    /// The maximum size of all heads together.
    max: usize,
    /// Bytes of the interim responses so far.
    interim: usize,
    /// The part of the head that has been searched.
    searched: usize,
}

impl Default for HeadParser {
    fn default() -> Self {
        Self::with_limit(MAX_HEAD)
    }
}

impl HeadParser {
    /// Refuses heads that are longer than this together.
    pub(in crate::transport) const fn with_limit(max: usize) -> Self {
        Self { max, interim: 0, searched: 0 }
    }

    /// Parses `input`, which contains everything received since the start of the head. `bodiless`:
    /// the request was a HEAD.
    pub(in crate::transport) fn parse(
        &mut self,
        input: &[u8],
        bodiless: bool,
    ) -> TransportResult<ParseStatus> {
        StatusLine::check_beginning(input)?;
        let Some(end) = self.find_end(input) else {
            self.check_size(input.len())?;
            return Ok(ParseStatus::Partial);
        };
        self.check_size(end)?;
        self.searched = 0;
        let head = input.get(..end).unwrap_or_default();
        let (line, fields) = split(head);
        let status = StatusLine::parse(line)?;
        if status.is_interim() {
            self.interim = self.interim.saturating_add(end);
            return Ok(ParseStatus::Interim(end, status.status));
        }
        Ok(ParseStatus::Final(end, complete(status, fields, bodiless)?))
    }

    /// The end of the empty line after the head. Each byte is searched once, except the last few,
    /// because a server may send the head byte by byte.
    fn find_end(&mut self, input: &[u8]) -> Option<usize> {
        let fresh = input.get(self.searched..)?;
        for at in memchr_iter(b'\n', fresh) {
            let line_end = self.searched.saturating_add(at);
            let rest = input.get(line_end.saturating_add(1)..).unwrap_or_default();
            let empty = match rest {
                [b'\n', ..] => 2,
                [b'\r', b'\n', ..] => 3,
                _ => continue,
            };
            return Some(line_end.saturating_add(empty));
        }
        self.searched = input.len().saturating_sub(2).max(self.searched);
        None
    }

    /// The error if the connection ends after `input`.
    pub(in crate::transport) fn truncated_error(&self, input: &[u8]) -> TransportError {
        let mut returns = memchr_iter(b'\r', input);
        if returns.any(|at| !matches!(input.get(at.saturating_add(1)), None | Some(b'\n'))) {
            return protocol_error("its lines do not end in CR LF");
        }
        let detail = match self.interim.saturating_add(input.len()) {
            0 => "the server closed the connection without a response",
            _ => "the server closed the connection within the response's headers",
        };
        TransportError::new(TransportErrorKind::Closed, detail)
    }

    fn check_size(&self, length: usize) -> TransportResult<()> {
        if self.interim.saturating_add(length) > self.max {
            let detail = format!("the response's headers are larger than {} bytes", self.max);
            return Err(TransportError::new(TransportErrorKind::Protocol, detail));
        }
        Ok(())
    }
}

/// The first line without its end, and the lines after it.
fn split(head: &[u8]) -> (&[u8], &[u8]) {
    let at = memchr::memchr(b'\n', head).unwrap_or(head.len());
    let (line, rest) = head.split_at_checked(at).unwrap_or_default();
    (line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..).unwrap_or_default())
}

fn complete(status: StatusLine, fields: &[u8], bodiless: bool) -> TransportResult<FinalHead> {
    let mut lines = fields.to_vec();
    let mut malformed = MalformedLines::default();
    let read = match read_fields(&lines, &status) {
        Ok(read) => read,
        Err(_) => {
            unfold(&mut lines);
            malformed = MalformedLines::remove_from(&mut lines)?;
            read_fields(&lines, &status)?
        }
    };
    let framing = match bodiless || status.bodiless() {
        true => Framing::None,
        false if malformed.framing => {
            return Err(protocol_error("a malformed line may frame its body"));
        }
        false => read.framing?,
    };
    let StatusLine { version, status, reason } = status;
    let headers = Headers::from_lines(lines);
    let Fields { has_content_encoding, quota_exhausted, persistent, idle_timeout, .. } = read;
    Ok(FinalHead {
        version,
        status,
        reason,
        headers,
        framing,
        has_content_encoding,
        quota_exhausted,
        persistent,
        idle_timeout,
        skipped_lines: malformed.count,
    })
}

#[cfg(test)]
mod tests;
