//! Lines of a head that do not have the form of a header field.

use std::cell::Cell;

use http::{HeaderName, HeaderValue};

use crate::transport::error::TransportResult;

use super::error::protocol_error;

/// Lines of a head that are not header fields.
#[derive(Default)]
pub(super) struct MalformedLines {
    pub(super) count: usize,
    /// One of them might frame the body.
    pub(super) framing: bool,
}

impl MalformedLines {
    /// Removes them. Refuses a carriage return or a NUL inside a line, because other parsers may
    /// see the end of the line there (RFC 9110 section 5.5).
    pub(super) fn remove_from(lines: &mut Vec<u8>) -> TransportResult<Self> {
        let (mut malformed, mut kept) = (Self::default(), Vec::with_capacity(lines.len()));
        for line in lines.split_inclusive(|&byte| byte == b'\n') {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            if text.iter().any(|byte| matches!(byte, b'\r' | b'\0')) {
                return Err(protocol_error("a line contains a carriage return or a NUL"));
            }
            if text.is_empty() || is_field(text) {
                kept.extend_from_slice(line);
            } else {
                malformed.count = malformed.count.saturating_add(1);
                malformed.framing |= may_frame(text);
            }
        }
        *lines = kept;
        Ok(malformed)
    }
}

fn is_field(line: &[u8]) -> bool {
    let colon = memchr::memchr(b':', line).and_then(|at| line.split_at_checked(at));
    let Some((name, [_, value @ ..])) = colon else { return false };
    HeaderName::from_bytes(name).is_ok() && HeaderValue::from_bytes(value).is_ok()
}

/// Whether another parser may read it as a `Content-Length` or a `Transfer-Encoding`: its letters
/// contain one of these names, with any characters between them.
fn may_frame(line: &[u8]) -> bool {
    let letters: Vec<u8> =
        line.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect();
    let contains = |name: &[u8]| letters.windows(name.len()).any(|found| found == name);
    contains(b"contentlength") || contains(b"transferencoding")
}

/// Joins a line that begins with whitespace to the line before it, with spaces (RFC 9112 section
/// 5.2).
pub(super) fn unfold(lines: &mut [u8]) {
    for three in Cell::from_mut(lines).as_slice_of_cells().windows(3) {
        if let [before, end, after] = three
            && (end.get(), matches!(after.get(), b' ' | b'\t')) == (b'\n', true)
        {
            end.set(b' ');
            if before.get() == b'\r' {
                before.set(b' ');
            }
        }
    }
}
