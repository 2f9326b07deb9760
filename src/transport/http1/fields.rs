//! The header fields that frame a response, or control its connection.

use std::time::Duration;

use httparse::{EMPTY_HEADER, Header, Status};

use crate::headers::has_option;
use crate::transport::error::TransportResult;

use super::error::protocol_error;
use super::status_line::StatusLine;

/// The maximum number of header fields.
pub(super) const MAX_FIELDS: usize = 1000;
/// Enough for the fields of most heads, on the stack.
const TYPICAL_FIELDS: usize = 16;
/// The http crate supports no longer names.
pub(super) const MAX_NAME: usize = 65_535;

/// The end of the body (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport) enum Framing {
    /// There is no body.
    None,
    Length(u64),
    Chunked,
    /// Until the connection closes.
    UntilClose,
}

/// The meaning of the fields for the message and the connection.
pub(super) struct Fields {
    pub(super) framing: TransportResult<Framing>,
    pub(super) has_content_encoding: bool,
    pub(super) quota_exhausted: bool,
    pub(super) persistent: bool,
    pub(super) idle_timeout: Option<Duration>,
}

/// Checks each field, and reads those that matter here.
pub(super) fn read_fields(lines: &[u8], status: &StatusLine) -> TransportResult<Fields> {
    let (mut few, mut many) = ([EMPTY_HEADER; TYPICAL_FIELDS], Vec::new());
    let fields = match httparse::parse_headers(lines, &mut few) {
        Err(httparse::Error::TooManyHeaders) => {
            many.resize(MAX_FIELDS, EMPTY_HEADER);
            httparse::parse_headers(lines, &mut many)
        }
        parsed => parsed,
    };
    match fields {
        Ok(Status::Complete((_, fields))) if fields.iter().all(|f| f.name.len() <= MAX_NAME) => {
            Ok(Fields::of(fields, status))
        }
        Ok(_) => Err(protocol_error("a header field is malformed")),
        Err(httparse::Error::TooManyHeaders) => {
            Err(protocol_error(&format!("it has more than {MAX_FIELDS} header fields")))
        }
        Err(error) => Err(protocol_error(&error.to_string())),
    }
}

impl Fields {
    fn of(fields: &[Header<'_>], status: &StatusLine) -> Self {
        let http_1_0 = status.version == http::Version::HTTP_10;
        let mut length = Ok(None);
        let (mut codings, mut chunked) = (0_usize, false);
        let (mut close, mut keep_alive, mut has_content_encoding) = (false, false, false);
        let mut idle_timeout = None;
        let mut quota_exhausted = false;
        for field in fields {
            match field.name.len() {
                10 if field.name.eq_ignore_ascii_case("connection") => {
                    close |= has_option(field.value, b"close");
                    keep_alive |= has_option(field.value, b"keep-alive");
                }
                10 if field.name.eq_ignore_ascii_case("keep-alive") => {
                    idle_timeout = idle_time(field.value).into_iter().chain(idle_timeout).min();
                }
                14 if field.name.eq_ignore_ascii_case("content-length") => {
                    length = length.and_then(|before| merge_content_length(before, field.value));
                }
                16 => has_content_encoding |= field.name.eq_ignore_ascii_case("content-encoding"),
                17 if field.name.eq_ignore_ascii_case("transfer-encoding") => {
                    codings = codings.saturating_add(1);
                    chunked = field.value.trim_ascii().eq_ignore_ascii_case(b"chunked");
                }
                9 | 19 | 21 | 22 => quota_exhausted |= is_quota_exhausted(field),
                _ => {}
            }
        }
        let framing = match (codings, length) {
            (0, length) => length.map(|known| known.map_or(Framing::UntilClose, Framing::Length)),
            (_, _) if http_1_0 => Err("it has a Transfer-Encoding in HTTP/1.0"),
            (_, Ok(Some(_)) | Err(_)) => {
                Err("it has both a Transfer-Encoding and a Content-Length")
            }
            (1, _) if chunked => Ok(Framing::Chunked),
            _ => Err("it has a Transfer-Encoding that is not just \"chunked\""),
        };
        let persistent = !close && (keep_alive || !http_1_0);
        Self {
            framing: framing.map_err(protocol_error),
            has_content_encoding,
            quota_exhausted,
            persistent,
            idle_timeout,
        }
    }
}

/// Whether this field says that no requests are left. A cheap check for every response; the value
/// is parsed carefully later.
fn is_quota_exhausted(field: &Header<'_>) -> bool {
    let named = |name: &str| field.name.eq_ignore_ascii_case(name);
    if named("ratelimit") {
        return field.value.windows(2).any(|pair| pair == b"=0");
    }
    let remaining = ["ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"];
    field.value.trim_ascii_start().starts_with(b"0") && remaining.into_iter().any(named)
}

/// The idle time from a `Keep-Alive` field (RFC 2068 section 19.7.1.1): one second less than the
/// server waits, so that no request is sent while the server closes. Zero: no other request may
/// follow.
fn idle_time(keep_alive: &[u8]) -> Option<Duration> {
    let parameters = keep_alive.split(|&byte| byte == b',').filter_map(|one| {
        let at = memchr::memchr(b'=', one)?;
        let (name, value) = one.split_at_checked(at)?;
        let number = decimal(value.get(1..)?.trim_ascii())?;
        match name.trim_ascii() {
            name if name.eq_ignore_ascii_case(b"timeout") => Some(number.saturating_sub(1)),
            name if name.eq_ignore_ascii_case(b"max") && number == 0 => Some(0),
            _ => None,
        }
    });
    parameters.min().map(Duration::from_secs)
}

/// The length on which all fields, and all lengths in a list, agree (RFC 9110 section 8.6).
fn merge_content_length(before: Option<u64>, value: &[u8]) -> Result<Option<u64>, &'static str> {
    value.split(|&byte| byte == b',').try_fold(before, |before, one| {
        let length = decimal(one.trim_ascii()).ok_or("its Content-Length is not a number")?;
        match before {
            Some(before) if before != length => Err("it has different Content-Lengths"),
            _ => Ok(Some(length)),
        }
    })
}

/// A number that consists of digits only.
fn decimal(digits: &[u8]) -> Option<u64> {
    let mut number = None;
    for digit in digits {
        let digit = char::from(*digit).to_digit(10)?;
        number = Some(number.unwrap_or(0_u64).checked_mul(10)?.checked_add(u64::from(digit))?);
    }
    number
}
