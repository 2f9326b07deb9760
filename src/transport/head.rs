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
mod tests {
    use super::*;

    /// Looks each time when one more byte has come.
    fn drip(input: &[u8]) -> Outcome<(Vec<u8>, Complete)> {
        let (mut scan, mut begun) = (HeadScan::default(), 0);
        let mut input = input.to_vec();
        for end in 1..=input.len() {
            match scan.look(&mut input[begun..end], false)? {
                Look::Unfinished => {}
                Look::Interim(length) => begun += length,
                Look::Final(head) => {
                    let seen = input[begun + head.skip..begun + head.end].to_vec();
                    return Ok((seen, head));
                }
            }
        }
        panic!("no end in {}", String::from_utf8_lossy(&input));
    }

    /// The head as ureq gets to see it, all at once and byte by byte.
    fn seen(input: &str) -> Outcome<(String, Complete)> {
        let (dripped, head) = drip(input.as_bytes())?;
        let (mut scan, mut whole) = (HeadScan::default(), input.as_bytes().to_vec());
        let mut begun = 0;
        let complete = loop {
            match scan.look(&mut whole[begun..], false)? {
                Look::Unfinished => panic!("no end in {input}"),
                Look::Interim(length) => begun += length,
                Look::Final(complete) => break complete,
            }
        };
        assert_eq!((complete.framing, &complete.reason), (head.framing, &head.reason));
        assert_eq!(complete.headers.len(), head.headers.len());
        assert_eq!(&whole[begun + complete.skip..begun + complete.end], dripped);
        Ok((String::from_utf8(dripped).unwrap(), head))
    }

    fn why(input: &str) -> String {
        seen(input).unwrap_err().detail
    }

    #[test]
    fn ureq_sees_what_it_needs_and_the_other_fields_are_kept() {
        let head = "HTTP/1.1 404 Not Here\r\nX: y\r\nConnection: close\r\ncontent-length:\r\n\r\n";
        let (text, complete) = seen(&format!("{head}hello")).unwrap();
        assert_eq!(text, "HTTP/1.1 404 Not Here\r\nConnection:close\ncontent-length:\n\n");
        assert_eq!(complete.framing, Framing::Plain);
        assert_eq!(complete.reason.as_deref(), Some("Not Here"));
        assert_eq!(complete.end, head.len());
        assert_eq!(complete.headers["x"], "y");
        assert_eq!(complete.headers.len(), 3);
    }

    #[test]
    fn line_feeds_alone_end_lines_too() {
        let (text, head) = seen("HTTP/1.0 200 OK\nTransfer-Codings: none\n\n").unwrap();
        assert_eq!(text, "HTTP/1.0 200 OK\n\n");
        assert_eq!(head.headers["transfer-codings"], "none");
    }

    #[test]
    fn a_body_with_a_sound_length_is_kept_from_ureq() {
        let of = |fields: &str| seen(&format!("HTTP/1.1 200 OK\n{fields}\n\n")).unwrap();
        for fields in ["Content-Length:5", "CONTENT-LENGTH: 0005 \r"] {
            let (text, head) = of(fields);
            assert_eq!(head.framing, Framing::Length(5), "{fields}");
            assert!(text.to_ascii_lowercase().ends_with("content-length:0\n\n"), "{text}");
        }
        for fields in [
            "Content-Length: 0",
            "Content-Length: +5",
            "Content-Length: 5, 5",
            "Content-Length: 5\nContent-Length: 6",
            "Content-Length: 18446744073709551616",
            "Content-Length:",
        ] {
            let (text, head) = of(fields);
            assert_eq!(head.framing, Framing::Plain, "{fields}");
            assert_eq!(text.lines().count(), 2 + fields.lines().count(), "{text}");
        }
        let bodiless = "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n";
        let (text, head) = seen(bodiless).unwrap();
        assert_eq!(head.framing, Framing::Plain);
        assert!(text.ends_with("Content-Length:5\n\n"), "{text}");
    }

    #[test]
    fn interim_responses_are_cut_out_with_their_fields() {
        let last = "HTTP/1.1 200 OK\r\n\n";
        let input = "HTTP/1.1 100 Continue\r\nTransfer-Encoding: x\r\n\r\n\
            HTTP/1.1 103 H\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
        assert_eq!(seen(input).unwrap().0, last);
    }

    #[test]
    fn folded_lines_are_unfolded() {
        let folded = "HTTP/1.1 200 OK\r\nX: a\r\n b\n\tc\r\nTransfer-Encoding:\r\n chunked\r\n\r\n";
        let (text, head) = seen(folded).unwrap();
        assert_eq!(text, "HTTP/1.1 200 OK\r\nTransfer-Encoding:chunked\n\n");
        assert_eq!(head.headers["x"], "a   b \tc");
        assert_eq!(head.framing, Framing::Chunked, "the fold must not hide the coding");
    }

    #[test]
    fn a_body_that_is_framed_in_two_ways_or_in_an_odd_one_is_refused() {
        let framed = |fields: &str| seen(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n"));
        let framing = |fields| framed(fields).unwrap().1.framing;
        assert_eq!(framing("transfer-encoding: Chunked "), Framing::Chunked);
        assert_eq!(framing("Transfer-Encoding-X: gzip"), Framing::Plain);
        for fields in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked, gzip",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: identity",
            "Transfer-Encoding:",
            "Transfer-Encoding: xchunked",
        ] {
            let detail = framed(fields).unwrap_err().detail;
            assert!(detail.contains("Transfer-Encoding"), "{fields}: {detail}");
        }
        let old = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert!(why(old).ends_with("HTTP/1.0"), "{}", why(old));
        let bodiless =
            "HTTP/1.1 204 None\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n";
        assert_eq!(seen(bodiless).unwrap().1.framing, Framing::Plain);
    }

    #[test]
    fn what_is_no_status_line_is_refused_as_soon_as_it_shows() {
        for input in ["S", "HTTP/2", "\r\nHTTP/1.1 200 OK", "http/1.1 200 OK"] {
            assert!(why(input).contains("HTTP/1.1"), "{input:?}");
        }
        for line in [
            "HTTP/1.2 200 OK",
            "HTTP/1.1\t200 OK",
            "HTTP/1.1 099 No",
            "HTTP/1.1 20 No",
            "HTTP/1.1 2000 No",
            "HTTP/1.1  200 OK",
            "HTTP/1.1 2x0 No",
            "HTTP/1.1 200\tOK",
            "HTTP/1.1",
            "HTTP/1.1 ",
        ] {
            why(&format!("{line}\r\n\r\n"));
        }
        for line in ["HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 999 All  right"] {
            seen(&format!("{line}\r\n\r\n")).unwrap();
        }
    }

    #[test]
    fn many_fields_are_taken_and_too_many_or_broken_ones_refused() {
        let fields: String = (0..300).map(|n| format!("X-{n}: {n}\r\n")).collect();
        let input =
            format!("HTTP/1.1 200 OK\r\n{fields}Connection: close\r\nContent-Length: 1\r\n\r\n!");
        let (text, head) = seen(&input).unwrap();
        assert_eq!(text, "HTTP/1.1 200 OK\r\nConnection:close\nContent-Length:0\n\n");
        assert_eq!(head.headers.len(), 302);
        assert_eq!(head.headers["x-299"], "299");
        assert_eq!(head.end, input.len() - 1);
        let many: String = (0..=MAX_FIELDS).map(|n| format!("X-{n}: {n}\r\n")).collect();
        assert!(why(&format!("HTTP/1.1 200 OK\r\n{many}\r\n")).ends_with("header fields"));
        let long = format!("{}: 1", "x".repeat(MAX_NAME + 1));
        for bad in ["X Y: 1", ": 1", "X: \0", "X", "X : 1", &long] {
            why(&format!("HTTP/1.1 200 OK\r\n{fields}{bad}\r\n\r\n"));
        }
    }

    #[test]
    fn a_head_that_does_not_end_is_refused() {
        let line = [b'x'; 1024];
        for repeated in [&line[..], b"HTTP/1.1 100 Go On\r\n\r\n"] {
            let mut input = b"HTTP/1.1 100 Go On\r\n\r\nHTTP/1.1 102 Later\r\n".to_vec();
            if repeated.len() < 100 {
                input.extend_from_slice(b"\r\n");
            }
            while input.len() <= MAX_HEAD + 1024 {
                input.extend_from_slice(repeated);
            }
            let (mut scan, mut begun) = (HeadScan::default(), 0);
            let failure = loop {
                match scan.look(&mut input[begun..], false) {
                    Ok(Look::Interim(length)) => begun += length,
                    Ok(other) => panic!("{other:?}"),
                    Err(failure) => break failure,
                }
            };
            assert!(failure.detail.ends_with("larger than 262144 bytes"), "{}", failure.detail);
        }
    }
}
