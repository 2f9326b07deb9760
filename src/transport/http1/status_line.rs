//! The status line of a response (RFC 9112 section 4).

use std::borrow::Cow;

use http::StatusCode;

use crate::headers::value_text;
use crate::transport::error::{TransportError, TransportResult};

use super::error::protocol_error;

/// The status line (RFC 9112 section 4).
#[derive(Debug)]
pub(super) struct StatusLine {
    pub(super) version: http::Version,
    pub(super) status: u16,
    pub(super) reason: Cow<'static, str>,
}

impl StatusLine {
    /// Fails as soon as the input cannot become a status line, instead of waiting for its end.
    pub(super) fn check_beginning(input: &[u8]) -> TransportResult<()> {
        let wanted = b"HTTP/1.";
        if input.iter().zip(wanted).all(|(byte, wanted)| byte == wanted) {
            return Ok(());
        }
        Err(protocol_error("it is not HTTP/1.1"))
    }

    pub(super) fn parse(line: &[u8]) -> TransportResult<Self> {
        let (version, rest) = match line.strip_prefix(b"HTTP/1.") {
            Some([b'0', b' ', rest @ ..]) => (http::Version::HTTP_10, rest),
            Some([b'1', b' ', rest @ ..]) => (http::Version::HTTP_11, rest),
            _ => return Err(protocol_error("it is neither HTTP/1.1 nor HTTP/1.0")),
        };
        let Some((code, phrase)) = rest.split_at_checked(3) else {
            return Err(invalid_status_line());
        };
        if !matches!(code, [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9'])
            || !matches!(phrase, [] | [b' ', ..])
        {
            return Err(invalid_status_line());
        }
        if phrase.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
            return Err(protocol_error("its reason phrase contains a control character"));
        }
        let status = code.iter().fold(0, |number: u16, digit| {
            number.saturating_mul(10).saturating_add(u16::from(digit & 0xf))
        });
        Ok(Self { version, status, reason: reason(status, phrase) })
    }

    /// 101 is the last response of its connection; after any other 1xx, another response follows.
    pub(super) fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// These never have a body (RFC 9112 section 6.3).
    pub(super) fn bodiless(&self) -> bool {
        matches!(self.status, 101 | 204 | 304)
    }
}

fn invalid_status_line() -> TransportError {
    protocol_error("it has no status between 100 and 999")
}

/// Reads bytes that are not UTF-8 as Latin-1. The standard phrase, which most servers send, needs
/// no allocation.
fn reason(status: u16, phrase: &[u8]) -> Cow<'static, str> {
    let phrase = phrase.trim_ascii();
    if let (200, b"OK") = (status, phrase) {
        return Cow::Borrowed("OK");
    }
    let standard = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    match standard {
        Some(standard) if standard.as_bytes() == phrase => Cow::Borrowed(standard),
        _ => Cow::Owned(value_text(phrase).into_owned()),
    }
}
