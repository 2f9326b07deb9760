//! Server-sent events, by the rules of the HTML standard of the WHATWG, section 9.2.6.

use std::time::Duration;

use memchr::{memchr, memchr2};

use crate::code::{Code, Error};

use super::arrived::Arrived;
use super::record::{Record, Step, too_large};

/// The byte order mark that a stream may begin with.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// More digits are never a delay, but they take memory.
const MAX_RETRY_DIGITS: usize = 4096;

/// The state of an event stream. Each text ends with a NUL that is not part of it.
#[derive(Debug)]
pub(super) struct Events {
    /// The data of the current event. Until it is complete, each line ends with a line feed.
    data: Vec<u8>,
    /// The type of the current event; empty if it has none.
    event_type: Vec<u8>,
    /// The ID that the stream has set last. The next event gets it.
    next_id: Vec<u8>,
    /// The ID of the current event.
    id: Vec<u8>,
    retry: Option<Duration>,
    /// Whether the current event is complete.
    is_complete: bool,
    /// Whether nothing was read yet.
    is_start: bool,
    /// Whether the last line ended with a carriage return, so that a line feed may belong to it.
    after_return: bool,
    /// Whether the rest of the current line is not used: it is a comment, or has an unknown name.
    in_unused_line: bool,
    /// The unread bytes before this offset have no line end.
    scanned: usize,
    /// The maximum size of the data, of the type and of the ID of an event.
    limit: usize,
}

impl Events {
    /// An event of which a part has more than `limit` bytes is an error.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            data: Vec::new(),
            event_type: Vec::new(),
            next_id: vec![0],
            id: vec![0],
            retry: None,
            is_complete: false,
            is_start: true,
            after_return: false,
            in_unused_line: false,
            scanned: 0,
            limit,
        }
    }

    /// Continues with another body. The IDs stay.
    pub(super) fn restart(&mut self) {
        let (next_id, retry) = (std::mem::take(&mut self.id), self.retry);
        *self = Self { id: next_id.clone(), next_id, retry, ..Self::new(self.limit) };
    }

    /// The ID of the last event, without its NUL.
    pub(super) fn last_id(&self) -> &[u8] {
        without_nul(&self.id)
    }

    /// Sets the ID of the last event.
    pub(super) fn set_last_id(&mut self, id: &[u8]) {
        self.next_id = [id, b"\0"].concat();
        self.id.clone_from(&self.next_id);
    }

    /// The delay before a new request.
    pub(super) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// The event that [`next`](Self::next) has found.
    pub(super) fn event(&self) -> Record<'_> {
        let event_type = match self.event_type.as_slice() {
            b"" | b"\0" => b"message\0",
            event_type => event_type,
        };
        Record { event_type, id: &self.id, data: &self.data }
    }

    /// Reads lines up to the end of an event.
    pub(super) fn next(&mut self, arrived: &mut Arrived) -> Result<Step, Error> {
        if std::mem::take(&mut self.is_complete) {
            self.data.clear();
            self.event_type.clear();
        }
        loop {
            let unread = arrived.unread();
            if self.is_start {
                if unread.len() < BOM.len() && BOM.starts_with(unread) {
                    return Ok(Step::More);
                }
                let bom = if unread.starts_with(BOM) { BOM.len() } else { 0 };
                self.is_start = false;
                arrived.consume(bom);
                continue;
            }
            if self.after_return && !unread.is_empty() {
                let line_feed = usize::from(unread.starts_with(b"\n"));
                self.after_return = false;
                arrived.consume(line_feed);
                continue;
            }
            let after = unread.get(self.scanned..).unwrap_or_default();
            let Some(end) = memchr2(b'\r', b'\n', after) else {
                return self.wait_for_rest(arrived);
            };
            let end = self.scanned.saturating_add(end);
            let line = unread.get(..end).unwrap_or_default();
            let is_blank = line.is_empty() && !self.in_unused_line;
            if !std::mem::take(&mut self.in_unused_line) {
                self.line(line)?;
            }
            self.after_return = unread.get(end) == Some(&b'\r');
            arrived.consume(end.saturating_add(1));
            self.scanned = 0;
            if is_blank && self.dispatch()? {
                return Ok(Step::Record(0..0));
            }
        }
    }

    /// More of a line must arrive. A line that is not used takes no memory.
    fn wait_for_rest(&mut self, arrived: &mut Arrived) -> Result<Step, Error> {
        let unread = arrived.unread();
        self.in_unused_line |= is_unused(unread);
        self.scanned = unread.len();
        if self.in_unused_line {
            arrived.consume(self.scanned);
            self.scanned = 0;
        } else {
            let (field, value) = split(unread);
            self.check_size(field, value)?;
        }
        Ok(Step::More)
    }

    /// Fails if the event becomes too large with this line.
    fn check_size(&self, field: &[u8], value: &[u8]) -> Result<(), Error> {
        let size = match field {
            // The line feed after the last line is not part of the data.
            b"data" => self.data.len().saturating_add(value.len()),
            b"retry" => value.len().saturating_sub(MAX_RETRY_DIGITS),
            _ => value.len(),
        };
        if size > self.limit { Err(too_large(self.limit)) } else { Ok(()) }
    }

    /// Processes a line. A blank one changes nothing.
    fn line(&mut self, line: &[u8]) -> Result<(), Error> {
        if is_unused(line) {
            return Ok(());
        }
        let (field, value) = split(line);
        self.check_size(field, value)?;
        match field {
            b"data" => {
                append(&mut self.data, value)?;
                append(&mut self.data, b"\n")
            }
            b"event" => replace(&mut self.event_type, value),
            b"id" if memchr(0, value).is_none() => replace(&mut self.next_id, value),
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let digits = std::str::from_utf8(value).unwrap_or_default();
                // A number with too many digits is far beyond every deadline.
                self.retry = Some(Duration::from_millis(digits.parse().unwrap_or(u64::MAX)));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Ends the current event at a blank line. Returns whether it has data; otherwise it is dropped.
    fn dispatch(&mut self) -> Result<bool, Error> {
        replace_with_text(&mut self.next_id)?;
        self.id.clone_from(&self.next_id);
        let Some(last) = self.data.last_mut() else {
            self.event_type.clear();
            return Ok(false);
        };
        *last = 0;
        replace_with_text(&mut self.data)?;
        replace_with_text(&mut self.event_type)?;
        self.is_complete = true;
        Ok(true)
    }
}

/// The name and the value of a line.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let (field, value) = match memchr(b':', line) {
        Some(colon) => line.split_at(colon),
        None => (line, &b""[..]),
    };
    let value = value.strip_prefix(b":").unwrap_or_default();
    (field, value.strip_prefix(b" ").unwrap_or(value))
}

/// Whether a line that begins like this is not used: it is a comment, or has an unknown name.
fn is_unused(beginning: &[u8]) -> bool {
    const USED: [&[u8]; 4] = [b"data:", b"event:", b"id:", b"retry:"];
    !USED.iter().any(|used| used.starts_with(beginning) || beginning.starts_with(used))
}

fn without_nul(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\0").unwrap_or(text)
}

/// Bytes that are no UTF-8 become replacement characters (WHATWG Encoding, section 4.1).
fn replace_with_text(bytes: &mut Vec<u8>) -> Result<(), Error> {
    if std::str::from_utf8(bytes).is_ok() {
        return Ok(());
    }
    let mut text = Vec::new();
    for chunk in bytes.utf8_chunks() {
        append(&mut text, chunk.valid().as_bytes())?;
        if !chunk.invalid().is_empty() {
            append(&mut text, "\u{fffd}".as_bytes())?;
        }
    }
    *bytes = text;
    Ok(())
}

/// Replaces a text, and adds the NUL at its end.
fn replace(text: &mut Vec<u8>, value: &[u8]) -> Result<(), Error> {
    text.clear();
    append(text, value)?;
    append(text, b"\0")
}

fn append(text: &mut Vec<u8>, piece: &[u8]) -> Result<(), Error> {
    text.try_reserve(piece.len())
        .map_err(|_| Error::new(Code::TooLarge, "there is not enough memory for an event"))?;
    text.extend_from_slice(piece);
    Ok(())
}
