//! The head of a response, looked through before ureq sees it, and strictly (RFC 9112).
//!
//! Smuggling lives where two parties have two ideas of where a response ends. So a head is refused
//! that frames its body in two ways, or in one that nobody asked for; so is one that does not end.
//! ureq gets to see one whole head, without interim responses before it, and of the fields those
//! alone that say something of the message or the connection. The others are kept as they came, for
//! most callers never ask for one.

use httparse::{EMPTY_HEADER, Header, Status};
use memchr::memchr;

use crate::headers::Headers;

use super::fault::{Failure, FaultKind, Outcome};

/// Heads above this are refused, counted together with the interim responses before them.
pub(super) const MAX_HEAD: usize = 256 * 1024;
/// And those with more fields than this.
const MAX_FIELDS: usize = 1000;
/// Room for the fields of most heads.
const FEW: usize = 24;
/// http knows no longer names.
const MAX_NAME: usize = 65_535;

/// What the head says of the body to somebody who watches it beside ureq.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Chunked,
    /// By this length, which is not 0. ureq is told that there is no body.
    Length(u64),
    /// By the end of the connection, or by a length that ureq is to judge, or there is none.
    Plain,
}

/// What a look at the input has shown.
#[derive(Debug)]
pub(super) enum Look {
    /// The head goes on.
    Unfinished,
    /// An interim response of so many bytes, which is nobody's any more.
    Interim(usize),
    Final(Complete),
}

/// The head that counts, as a whole.
#[derive(Debug)]
pub(super) struct Complete {
    /// How many bytes before it are nobody's any more.
    pub(super) skip: usize,
    /// Where it ends, those bytes included.
    pub(super) end: usize,
    pub(super) framing: Framing,
    /// The reason phrase, where the status is an error.
    pub(super) reason: Option<String>,
    /// All its fields.
    pub(super) headers: Headers,
}

/// Looks through the heads of one response, each byte once.
#[derive(Debug, Default)]
pub(super) struct HeadScan {
    /// Bytes of the interim responses so far.
    interim: usize,
    head: Head,
}

/// What is known of the head that is looked at.
#[derive(Debug, Default)]
struct Head {
    /// Where the line begins that is looked at, and how far it has been.
    line: usize,
    looked: usize,
    status: Option<StatusLine>,
    fields: usize,
}

impl HeadScan {
    /// Looks at `input`, which is all that has come from the beginning of the head on. Lines that
    /// are folded get unfolded in place. `bodiless`: the request was a HEAD.
    pub(super) fn look(&mut self, input: &mut [u8], bodiless: bool) -> Outcome<Look> {
        let Some(end) = self.head.find_end(input)? else {
            self.within_bounds(input.len())?;
            return Ok(Look::Unfinished);
        };
        self.within_bounds(end)?;
        let head = std::mem::take(&mut self.head);
        if head.status.as_ref().is_some_and(StatusLine::interim) {
            self.interim = self.interim.saturating_add(end);
            return Ok(Look::Interim(end));
        }
        head.complete(input.get_mut(..end).unwrap_or_default(), bodiless).map(Look::Final)
    }

    fn within_bounds(&self, length: usize) -> Outcome<()> {
        if self.interim.saturating_add(length) > MAX_HEAD {
            let detail = format!("the response's headers are larger than {MAX_HEAD} bytes");
            return Err(Failure::new(FaultKind::Protocol, detail));
        }
        Ok(())
    }
}

impl Head {
    /// Looks at the lines that are new; where the head ends, once it does.
    fn find_end(&mut self, input: &mut [u8]) -> Outcome<Option<usize>> {
        if self.status.is_none() {
            StatusLine::check_beginning(input)?;
        }
        while let Some(newline) = newline(input, self.looked) {
            let after = newline.saturating_add(1);
            let line = input.get(self.line..newline).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if self.status.is_none() {
                self.status = Some(StatusLine::parse(line)?);
            } else if line.is_empty() {
                return Ok(Some(after));
            } else {
                match input.get(after) {
                    // The next byte is going to tell whether the line goes on.
                    None => {
                        self.looked = newline;
                        return Ok(None);
                    }
                    // RFC 9112 section 5.2: the fold stands for spaces.
                    Some(b' ' | b'\t') => {
                        let fold = self.line.saturating_add(line.len());
                        input.get_mut(fold..after).unwrap_or_default().fill(b' ');
                        self.looked = after;
                        continue;
                    }
                    Some(_) => self.fields = self.fields.saturating_add(1),
                }
            }
            self.line = after;
            self.looked = after;
        }
        self.looked = input.len();
        Ok(None)
    }

    fn complete(self, head: &mut [u8], bodiless: bool) -> Outcome<Complete> {
        let Some(status) = self.status else { return Err(invalid("it has no status line")) };
        if self.fields > MAX_FIELDS {
            return Err(invalid(&format!("it has more than {MAX_FIELDS} header fields")));
        }
        let first_line = newline(head, 0).map_or(head.len(), |at| at.saturating_add(1));
        let lines = head.get(first_line..).unwrap_or_default().to_vec();
        let (mut few, mut many) = ([EMPTY_HEADER; FEW], Vec::new());
        let room = if self.fields <= FEW {
            few.as_mut_slice()
        } else {
            many.resize(self.fields, EMPTY_HEADER);
            many.as_mut_slice()
        };
        let fields = parsed(&lines, room)?;
        let framing = if bodiless || status.bodiless() {
            Framing::Plain
        } else {
            Framing::of(fields, status.http_1_0)?
        };
        let skip = shorten(head, first_line, fields, framing, status.http_1_0);
        let headers = Headers::of_lines(lines);
        Ok(Complete { skip, end: head.len(), framing, reason: status.reason, headers })
    }
}

/// The fields on these lines, of which each must be one.
fn parsed<'l, 'r>(lines: &'l [u8], room: &'r mut [Header<'l>]) -> Outcome<&'r [Header<'l>]> {
    match httparse::parse_headers(lines, room) {
        Ok(Status::Complete((_, fields))) if fields.iter().all(|f| f.name.len() <= MAX_NAME) => {
            Ok(fields)
        }
        Ok(_) => Err(invalid("a header field is none")),
        Err(error) => Err(invalid(&error.to_string())),
    }
}

/// The fields that say something of the message or the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Matter {
    Connection,
    ContentLength,
    TransferEncoding,
}

impl Matter {
    fn of(field: &Header<'_>) -> Option<Self> {
        let (matter, name) = match field.name.len() {
            10 => (Self::Connection, "connection"),
            14 => (Self::ContentLength, "content-length"),
            17 => (Self::TransferEncoding, "transfer-encoding"),
            _ => return None,
        };
        field.name.eq_ignore_ascii_case(name).then_some(matter)
    }
}

impl Framing {
    /// RFC 9112 section 6: no request of ours asks for a transfer coding, `chunked` is always
    /// allowed but not to HTTP/1.0, and a length beside it ought to be handled as an error.
    fn of(fields: &[Header<'_>], http_1_0: bool) -> Outcome<Self> {
        let (mut lengths, mut codings) = (0_usize, 0_usize);
        let (mut length, mut coding) = (None, None);
        for field in fields {
            match Matter::of(field) {
                Some(Matter::ContentLength) => {
                    lengths = lengths.saturating_add(1);
                    length = sound_length(field.value);
                }
                Some(Matter::TransferEncoding) => {
                    codings = codings.saturating_add(1);
                    coding = Some(field.value);
                }
                _ => {}
            }
        }
        match (codings, coding) {
            (0, _) => Ok(length.filter(|_| lengths == 1).map_or(Self::Plain, Self::Length)),
            _ if http_1_0 => Err(invalid("it has a Transfer-Encoding in HTTP/1.0")),
            _ if lengths > 0 => {
                Err(invalid("it has both a Transfer-Encoding and a Content-Length"))
            }
            (1, Some(coding)) if is_chunked(coding) => Ok(Self::Chunked),
            _ => Err(invalid("it has a Transfer-Encoding that is not just \"chunked\"")),
        }
    }
}

fn is_chunked(coding: &[u8]) -> bool {
    coding.trim_ascii().eq_ignore_ascii_case(b"chunked")
}

/// A length above 0 that leaves no doubt.
fn sound_length(value: &[u8]) -> Option<u64> {
    let value = value.trim_ascii();
    if !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok().filter(|length| *length > 0)
}

/// Leaves the fields that ureq needs, on lines no longer than they were. What is left stands at the
/// end of where the head stood; returns how many bytes before it are nobody's any more.
fn shorten(
    head: &mut [u8],
    first_line: usize,
    fields: &[Header<'_>],
    framing: Framing,
    http_1_0: bool,
) -> usize {
    let mut kept = first_line;
    let mut put = |piece: &[u8]| {
        let end = kept.saturating_add(piece.len());
        if let Some(room) = head.get_mut(kept..end) {
            room.copy_from_slice(piece);
            kept = end;
        }
    };
    for field in fields {
        let value = match (Matter::of(field), framing) {
            (None, _) => continue,
            // What holds without it, too.
            (Some(Matter::Connection), _) if !http_1_0 && keeps_alive(field.value) => continue,
            (Some(Matter::ContentLength), Framing::Length(_)) => b"0",
            (Some(_), _) => field.value,
        };
        [field.name.as_bytes(), b":", value, b"\n"].into_iter().for_each(&mut put);
    }
    put(b"\n");
    let skip = head.len().saturating_sub(kept);
    head.copy_within(..kept, skip);
    skip
}

fn keeps_alive(connection: &[u8]) -> bool {
    connection.eq_ignore_ascii_case(b"keep-alive")
}

/// Where the next line ends.
fn newline(input: &[u8], from: usize) -> Option<usize> {
    let rest = input.get(from..)?;
    memchr(b'\n', rest).map(|at| from.saturating_add(at))
}

pub(super) fn invalid(why: &str) -> Failure {
    Failure::new(FaultKind::Protocol, format!("the server's answer is not valid: {why}"))
}

/// The first line (RFC 9112 section 4).
#[derive(Debug)]
struct StatusLine {
    http_1_0: bool,
    status: u16,
    reason: Option<String>,
}

impl StatusLine {
    /// Whether it can become a status line, so that nobody waits for the end of what is none.
    fn check_beginning(input: &[u8]) -> Outcome<()> {
        let wanted = b"HTTP/1.";
        if input.iter().zip(wanted).all(|(byte, wanted)| byte == wanted) {
            return Ok(());
        }
        Err(invalid("it is not HTTP/1.1"))
    }

    fn parse(line: &[u8]) -> Outcome<Self> {
        let (http_1_0, rest) = match line.strip_prefix(b"HTTP/1.") {
            Some([b'0', b' ', rest @ ..]) => (true, rest),
            Some([b'1', b' ', rest @ ..]) => (false, rest),
            _ => return Err(invalid("it is neither HTTP/1.1 nor HTTP/1.0")),
        };
        let Some((code, phrase)) = rest.split_at_checked(3) else { return Err(no_status()) };
        if !matches!(code, [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9'])
            || !matches!(phrase, [] | [b' ', ..])
        {
            return Err(no_status());
        }
        let status = code.iter().fold(0, |number: u16, digit| {
            number.saturating_mul(10).saturating_add(u16::from(digit & 0xf))
        });
        let reason = (status >= 400).then(|| reason(phrase));
        Ok(Self { http_1_0, status, reason })
    }

    /// 101 is the last answer of its connection, the other 1xx are followed by another.
    fn interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// These have no body, whatever their fields say (RFC 9112 section 6.3).
    fn bodiless(&self) -> bool {
        matches!(self.status, 101 | 204 | 304)
    }
}

fn no_status() -> Failure {
    invalid("it has no status between 100 and 999")
}

/// ureq keeps no reason phrase. Bytes that are no UTF-8 are read as Latin-1.
fn reason(phrase: &[u8]) -> String {
    let phrase = phrase.trim_ascii();
    match std::str::from_utf8(phrase) {
        Ok(text) => text.to_owned(),
        Err(_) => phrase.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests;
