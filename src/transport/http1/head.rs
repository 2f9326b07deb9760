//! The head of a response (RFC 9112).
//!
//! If two parties disagree where a response ends, one can smuggle a response past the other. So the
//! parser refuses a head that frames its body in two ways or in an unknown way, and a head that
//! does not end. A line feed alone ends a line, like CR LF (RFC 9112 section 2.2). A malformed line
//! is skipped, unless it might frame the body. The fields stay in their raw form, because most
//! callers never ask for one.

use std::borrow::Cow;
use std::cell::Cell;
use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};
use httparse::{EMPTY_HEADER, Header, Status};
use memchr::memchr_iter;

use crate::headers::{Headers, has_option, value_text};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};

/// The maximum size of a head, together with the interim responses before it.
const MAX_HEAD: usize = 256 * 1024;
/// The maximum number of header fields.
const MAX_FIELDS: usize = 1000;
/// Enough for the fields of most heads, on the stack.
const TYPICAL_FIELDS: usize = 16;
/// The http crate supports no longer names.
const MAX_NAME: usize = 65_535;

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
    pub(in crate::transport) quota_spent: bool,
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
    let Fields { has_content_encoding, quota_spent, persistent, idle_timeout, .. } = read;
    Ok(FinalHead {
        version,
        status,
        reason,
        headers,
        framing,
        has_content_encoding,
        quota_spent,
        persistent,
        idle_timeout,
        skipped_lines: malformed.count,
    })
}

/// Lines of a head that are not header fields.
#[derive(Default)]
struct MalformedLines {
    count: usize,
    /// One of them might frame the body.
    framing: bool,
}

impl MalformedLines {
    /// Removes them. Refuses a carriage return or a NUL inside a line, because other parsers may
    /// see the end of the line there (RFC 9110 section 5.5).
    fn remove_from(lines: &mut Vec<u8>) -> TransportResult<Self> {
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
/// contain one of these names, whatever is between them.
fn may_frame(line: &[u8]) -> bool {
    let letters: Vec<u8> =
        line.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect();
    let contains = |name: &[u8]| letters.windows(name.len()).any(|found| found == name);
    contains(b"contentlength") || contains(b"transferencoding")
}

/// Joins a line that begins with whitespace to the line before it, with spaces (RFC 9112 section
/// 5.2).
fn unfold(lines: &mut [u8]) {
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

/// The meaning of the fields for the message and the connection.
struct Fields {
    framing: TransportResult<Framing>,
    has_content_encoding: bool,
    quota_spent: bool,
    persistent: bool,
    idle_timeout: Option<Duration>,
}

/// Checks each field, and reads those that matter here.
fn read_fields(lines: &[u8], status: &StatusLine) -> TransportResult<Fields> {
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
        let mut quota_spent = false;
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
                9 | 19 | 21 | 22 => quota_spent |= is_quota_spent(field),
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
            quota_spent,
            persistent,
            idle_timeout,
        }
    }
}

/// Whether this field says that no requests are left. A cheap check for every response; the value
/// is parsed carefully later.
fn is_quota_spent(field: &Header<'_>) -> bool {
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

pub(super) fn protocol_error(why: &str) -> TransportError {
    TransportError::new(
        TransportErrorKind::Protocol,
        format!("the server's response is not valid: {why}"),
    )
}

/// The status line (RFC 9112 section 4).
#[derive(Debug)]
struct StatusLine {
    version: http::Version,
    status: u16,
    reason: Cow<'static, str>,
}

impl StatusLine {
    /// Fails as soon as the input cannot become a status line, instead of waiting for its end.
    fn check_beginning(input: &[u8]) -> TransportResult<()> {
        let wanted = b"HTTP/1.";
        if input.iter().zip(wanted).all(|(byte, wanted)| byte == wanted) {
            return Ok(());
        }
        Err(protocol_error("it is not HTTP/1.1"))
    }

    fn parse(line: &[u8]) -> TransportResult<Self> {
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
    fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// These have no body, whatever their fields say (RFC 9112 section 6.3).
    fn bodiless(&self) -> bool {
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

#[cfg(test)]
mod tests;
