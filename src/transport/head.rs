//! The head of a response, looked through before ureq sees it, and strictly (RFC 9112).
//!
//! Smuggling lives where two parties have two ideas of where a response ends. So a head is refused
//! that frames its body in two ways, or in one that nobody asked for; so is one that does not end.
//! ureq gets to see one whole head, without interim responses before it and without folded lines,
//! and of the fields no more than it takes.

use http::{HeaderName, HeaderValue};
use memchr::memchr;

use super::fault::{Failure, FaultKind, Outcome};

/// Heads above this are refused, counted together with the interim responses before them.
pub(super) const MAX_HEAD: usize = 256 * 1024;
/// And those with more fields than this.
const MAX_FIELDS: usize = 1000;
/// How many fields are left to ureq, which takes 128; those that it needs come on top.
const FIELDS_FOR_UREQ: usize = 100;

/// What the head says of the body to somebody who watches it beside ureq.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Chunked,
    /// By a length or by the end of the connection, or there is none.
    Plain,
}

/// What a look at the input has shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The head goes on.
    Unfinished,
    /// An interim response of so many bytes, which is nobody's any more.
    Interim(usize),
    Final(Complete),
}

/// The head that counts, as a whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complete {
    /// How many bytes before it are nobody's any more.
    pub(super) skip: usize,
    /// Where it ends, those bytes included.
    pub(super) end: usize,
    pub(super) framing: Framing,
    /// The reason phrase, where the status is an error.
    pub(super) reason: Option<String>,
    /// The fields that ureq would not take.
    pub(super) surplus: Vec<(HeaderName, HeaderValue)>,
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
    lengths: usize,
    codings: usize,
    chunked: bool,
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
                    Some(_) => self.note(line),
                }
            }
            self.line = after;
            self.looked = after;
        }
        self.looked = input.len();
        Ok(None)
    }

    fn note(&mut self, line: &[u8]) {
        self.fields = self.fields.saturating_add(1);
        // Looked at closely only where it can be one of them.
        if !matches!(line.first(), Some(b'C' | b'c' | b'T' | b't')) {
            return;
        }
        let (name, value) = parts(line);
        if name.eq_ignore_ascii_case(b"content-length") {
            self.lengths = self.lengths.saturating_add(1);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.codings = self.codings.saturating_add(1);
            self.chunked = value.eq_ignore_ascii_case(b"chunked");
        }
    }

    fn complete(self, head: &mut [u8], bodiless: bool) -> Outcome<Complete> {
        let Some(status) = &self.status else { return Err(invalid("it has no status line")) };
        let framing = if bodiless || status.bodiless() {
            Framing::Plain
        } else {
            self.framing(status.http_1_0)?
        };
        let (skip, surplus) =
            if self.fields > FIELDS_FOR_UREQ { self.divide(head)? } else { (0, Vec::new()) };
        Ok(Complete {
            skip,
            end: head.len(),
            framing,
            reason: self.status.and_then(|status| status.reason),
            surplus,
        })
    }

    /// RFC 9112 section 6: no request of ours asks for a transfer coding, `chunked` is always
    /// allowed but not to HTTP/1.0, and a length beside it ought to be handled as an error.
    fn framing(&self, http_1_0: bool) -> Outcome<Framing> {
        match self {
            Self { codings: 0, .. } => Ok(Framing::Plain),
            _ if http_1_0 => Err(invalid("it has a Transfer-Encoding in HTTP/1.0")),
            Self { lengths: 1.., .. } => {
                Err(invalid("it has both a Transfer-Encoding and a Content-Length"))
            }
            Self { codings: 1, chunked: true, .. } => Ok(Framing::Chunked),
            _ => Err(invalid("it has a Transfer-Encoding that is not just \"chunked\"")),
        }
    }

    /// Parts the fields that ureq needs, and some more, from the others. The shortened head stands
    /// at the end of where it stood.
    fn divide(&self, head: &mut [u8]) -> Outcome<(usize, Vec<(HeaderName, HeaderValue)>)> {
        if self.fields > MAX_FIELDS {
            return Err(invalid(&format!("it has more than {MAX_FIELDS} header fields")));
        }
        let (mut kept, mut surplus) = (Vec::with_capacity(head.len()), Vec::new());
        for (number, line) in head.split_inclusive(|&byte| byte == b'\n').enumerate() {
            if number <= FIELDS_FOR_UREQ || is_for_ureq(line) {
                kept.extend_from_slice(line);
            } else {
                surplus.push(field(line)?);
            }
        }
        let skip = head.len().saturating_sub(kept.len());
        head.get_mut(skip..).unwrap_or_default().copy_from_slice(&kept);
        Ok((skip, surplus))
    }
}

/// Where the next line ends.
fn newline(input: &[u8], from: usize) -> Option<usize> {
    let rest = input.get(from..)?;
    memchr(b'\n', rest).map(|at| from.saturating_add(at))
}

/// Name and value of a field, without the spaces around the value.
fn parts(line: &[u8]) -> (&[u8], &[u8]) {
    let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(colon).unwrap_or_default();
    (name, rest.get(1..).unwrap_or_default().trim_ascii())
}

/// Whether the line says something of the message or the connection, or ends the head.
fn is_for_ureq(line: &[u8]) -> bool {
    let (name, _) = parts(line);
    let needed: [&[u8]; 3] = [b"content-length", b"transfer-encoding", b"connection"];
    line.trim_ascii().is_empty() || needed.iter().any(|wanted| name.eq_ignore_ascii_case(wanted))
}

fn field(line: &[u8]) -> Outcome<(HeaderName, HeaderValue)> {
    let (name, value) = parts(line);
    let name = HeaderName::from_bytes(name).map_err(|_| invalid("a header field has no name"))?;
    let value =
        HeaderValue::from_bytes(value).map_err(|_| invalid("a header field is not text"))?;
    Ok((name, value))
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
