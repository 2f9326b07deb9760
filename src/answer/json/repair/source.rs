//! The text under repair, and looking around in it without changing anything.

use std::cell::Cell;

use super::super::Kind;

/// How far ahead a decision may look for the end of a string.
const AHEAD: usize = 512;

/// How many bytes all looking ahead may touch, for each byte of the text: a bound that only texts
/// made to provoke it come near, and behind which the plainest reading is taken.
const AHEAD_PER_BYTE: usize = 16;

/// A kind of quotation mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    Double,
    Single,
    Back,
    SmartDouble,
    SmartSingle,
}

impl Quote {
    /// The repair that a string in these quotes is.
    pub(super) const fn kind(self) -> Option<Kind> {
        match self {
            Self::Double => None,
            Self::Single | Self::Back => Some(Kind::SingleQuotes),
            Self::SmartDouble | Self::SmartSingle => Some(Kind::SmartQuotes),
        }
    }
}

/// What a string that begins somewhere ahead turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ahead {
    /// A colon follows it: a member name.
    Name,
    /// A comma, a closing bracket or the end of the text follows it.
    Delimited,
    /// The beginning of another value follows it.
    Value,
    /// Something else follows it: what looked like its beginning is none.
    Text,
    /// Its end is too far away, or missing.
    Open,
}

/// The place behind this one.
pub(super) const fn next(at: usize) -> usize {
    at.saturating_add(1)
}

/// What a search that began at one place found at another.
#[derive(Debug, Clone, Copy)]
struct Found {
    from: usize,
    at: usize,
}

/// Nothing was looked for yet.
const NOT_YET: Found = Found { from: usize::MAX, at: 0 };

/// A text that can be looked at from any place. Behind its end, there are NULs.
pub(super) struct Source<'a> {
    bytes: &'a [u8],
    /// The end of all that is not white space.
    content_end: usize,
    /// The places of the next newline and the next quote, as last looked for.
    newline: Cell<Found>,
    quote: Cell<Found>,
    /// The last name that was seen ahead: its quotes.
    name: Cell<Found>,
    /// The last closing bracket.
    last_closer: Option<usize>,
    /// From here on, no block comment ends.
    no_comment_end: Cell<usize>,
    #[cfg(test)]
    steps: Cell<usize>,
    ahead_left: Cell<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let content_end = text.trim_end().trim_end_matches('\0').trim_end().len();
        Self {
            bytes,
            content_end,
            last_closer: bytes.iter().rposition(|byte| matches!(byte, b'}' | b']')),
            newline: Cell::new(NOT_YET),
            quote: Cell::new(NOT_YET),
            name: Cell::new(NOT_YET),
            no_comment_end: Cell::new(usize::MAX),
            #[cfg(test)]
            steps: Cell::new(0),
            ahead_left: Cell::new(bytes.len().saturating_mul(AHEAD_PER_BYTE).saturating_add(4096)),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The byte there; NUL behind the end.
    pub(super) fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(super) fn is_end(&self, at: usize) -> bool {
        at >= self.bytes.len()
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    pub(super) fn has(&self, at: usize, what: &[u8]) -> bool {
        self.bytes.get(at..).is_some_and(|rest| rest.starts_with(what))
    }

    /// How many bytes were touched so far: the measure of the work.
    #[cfg(test)]
    pub(super) fn steps(&self) -> usize {
        self.steps.get()
    }

    /// Counts the work, for the tests that it grows with the length alone.
    #[cfg_attr(not(test), allow(clippy::unused_self))]
    pub(super) fn count(&self, steps: usize) {
        #[cfg(test)]
        self.steps.set(self.steps.get().saturating_add(steps));
        #[cfg(not(test))]
        let _ = steps;
    }

    /// Pays for looking ahead so far; `false` where there is nothing left to pay with.
    pub(super) fn pay(&self, bytes: usize) -> bool {
        let left = self.ahead_left.get().checked_sub(bytes);
        self.ahead_left.set(left.unwrap_or(0));
        if left.is_some() {
            self.count(bytes);
        }
        left.is_some()
    }

    /// The first place from here on whose byte is one of these; the end of the text if there is none.
    pub(super) fn find(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        self.find_before(from, self.len(), wanted).min(self.len())
    }

    /// The same, looking no further than `limit`.
    fn find_before(&self, from: usize, limit: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.slice(from, limit.min(self.len()));
        let found = rest.iter().position(|byte| wanted(*byte)).unwrap_or(rest.len());
        self.count(next(found));
        from.saturating_add(found)
    }

    /// The last byte before this place that is not white space, and where it is.
    pub(super) fn before(&self, least: usize, at: usize) -> Option<(usize, u8)> {
        let rest = self.slice(least, at);
        let found = rest.iter().rposition(|byte| !byte.is_ascii_whitespace())?;
        self.count(rest.len().saturating_sub(found));
        Some((least.saturating_add(found), *rest.get(found)?))
    }

    /// The end of what stands here without the white space of any sort behind it.
    pub(super) fn trim_end(&self, start: usize, stop: usize) -> usize {
        let mut end = stop;
        while end > start {
            let rest = self.slice(start, end);
            let back = rest.iter().rev().take_while(|byte| matches!(byte, 0x80..0xc0)).count();
            let last = end.saturating_sub(next(back)).max(start);
            if self.space_length(last) != end.saturating_sub(last) {
                break;
            }
            end = last;
        }
        self.count(next(stop.saturating_sub(end)));
        end
    }

    /// The next newline from here on, or the end.
    pub(super) fn next_newline(&self, from: usize) -> usize {
        self.remembered(&self.newline, from, b'\n')
    }

    /// The next double quote from here on, or the end.
    pub(super) fn next_double_quote(&self, from: usize) -> usize {
        self.remembered(&self.quote, from, b'"')
    }

    fn remembered(&self, last: &Cell<Found>, from: usize, wanted: u8) -> usize {
        let Found { from: searched, at } = last.get();
        if searched > from || at < from {
            last.set(Found { from, at: self.find(from, |byte| byte == wanted) });
        }
        last.get().at
    }

    /// The column of this place, where nothing but blanks stands before it on its line.
    pub(super) fn column(&self, at: usize) -> Option<usize> {
        let before = self.slice(0, at);
        let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.count(blanks);
        let start = at.saturating_sub(blanks);
        (start == 0 || self.at(start.saturating_sub(1)) == b'\n').then_some(blanks)
    }

    /// Whether a raw newline stands between these places.
    pub(super) fn has_newline(&self, start: usize, end: usize) -> bool {
        self.slice(start, end).contains(&b'\n')
    }

    /// How long the white space is that begins here, JSON's or any other: also byte order marks,
    /// zero-width spaces, control characters and U+FFFD, which mean nothing outside strings.
    pub(super) fn space_length(&self, at: usize) -> usize {
        match self.at(at) {
            0..=b' ' | 0x7f => usize::from(!self.is_end(at)),
            0xc2 => match self.at(next(at)) {
                0x85 | 0xa0 | 0xad => 2,
                _ => 0,
            },
            0xe1 => 3 * usize::from(self.has(at, "\u{1680}".as_bytes())),
            0xe2 => {
                let rest = (self.at(next(at)), self.at(at.saturating_add(2)));
                let space = matches!(
                    rest,
                    (0x80, 0x80..=0x8f | 0xa8..=0xaf) | (0x81, 0x9f..=0xaf)
                );
                3 * usize::from(space)
            }
            0xe3 => 3 * usize::from(self.has(at, "\u{3000}".as_bytes())),
            0xef => {
                let mark = self.has(at, "\u{feff}".as_bytes());
                3 * usize::from(mark || self.has(at, "\u{fffd}".as_bytes()))
            }
            _ => 0,
        }
    }

    /// The first place from here on that is no white space of any sort.
    pub(super) fn skip_space(&self, from: usize) -> usize {
        let mut at = from;
        loop {
            match self.space_length(at) {
                0 => break,
                length => at = at.saturating_add(length),
            }
        }
        self.count(next(at.saturating_sub(from)));
        at
    }

    /// The end of the comment that begins here, if one does. `inside` a container, a line comment
    /// that would swallow the rest of the document is none.
    pub(super) fn comment_end(&self, at: usize, inside: bool) -> Option<usize> {
        match self.at(at) {
            b'#' => self.line_comment_end(at, inside),
            b'/' if self.at(next(at)) == b'/' => self.line_comment_end(at, inside),
            b'/' if self.at(next(at)) == b'*' => self.closed_by(at, 2, b"*/"),
            b'<' if self.has(at, b"<!--") => self.closed_by(at, 4, b"-->"),
            _ => None,
        }
    }

    fn line_comment_end(&self, at: usize, inside: bool) -> Option<usize> {
        let end = self.next_newline(at);
        if inside && end >= self.content_end {
            let swallows = self.last_closer.is_some_and(|closer| closer > at);
            return (!swallows).then_some(end);
        }
        Some(end)
    }

    fn closed_by(&self, at: usize, opener: usize, closer: &[u8]) -> Option<usize> {
        if at >= self.no_comment_end.get() {
            return None;
        }
        let from = at.saturating_add(opener);
        let rest = self.bytes.get(from..).unwrap_or_default();
        let found = rest.windows(closer.len()).position(|window| window == closer);
        self.count(found.unwrap_or(rest.len()));
        if found.is_none() {
            self.no_comment_end.set(at);
        }
        Some(from.saturating_add(found?).saturating_add(closer.len()))
    }

    /// The first place from here on that is neither white space nor within a comment.
    pub(super) fn skip_blank(&self, from: usize) -> usize {
        if is_plain(self.at(from)) {
            return from;
        }
        let mut at = self.skip_space(from);
        while let Some(end) = self.comment_end_ahead(at) {
            at = self.skip_space(end);
        }
        at
    }

    /// The same as [`Self::comment_end`], paid for as looking ahead.
    fn comment_end_ahead(&self, at: usize) -> Option<usize> {
        if !matches!(self.at(at), b'/' | b'#' | b'<') || self.ahead_left.get() == 0 {
            return None;
        }
        let end = self.comment_end(at, true)?;
        self.pay(end.saturating_sub(at)).then_some(end)
    }

    /// The quotation mark that stands here, and its length.
    pub(super) fn quote_at(&self, at: usize) -> Option<(Quote, usize)> {
        match self.at(at) {
            b'"' => Some((Quote::Double, 1)),
            b'\'' => Some((Quote::Single, 1)),
            b'`' => Some((Quote::Back, 1)),
            0xe2 if self.at(next(at)) == 0x80 => match self.at(at.saturating_add(2)) {
                0x98..=0x9b => Some((Quote::SmartSingle, 3)),
                0x9c..=0x9f => Some((Quote::SmartDouble, 3)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The next mark that may close a string opened by this quote, escaped ones left out.
    pub(super) fn next_mark(&self, from: usize, open: Quote) -> Option<(usize, usize)> {
        self.next_mark_before(from, self.len(), open)
    }

    fn next_mark_before(&self, from: usize, limit: usize, open: Quote) -> Option<(usize, usize)> {
        let (first, second) = match open {
            Quote::Double => (b'"', b'"'),
            Quote::Single => (b'\'', b'\''),
            Quote::Back => (b'`', b'`'),
            Quote::SmartDouble => (b'"', 0xe2),
            Quote::SmartSingle => (b'\'', 0xe2),
        };
        let mut at = from;
        while at < limit {
            at = self
                .find_before(at, limit, |byte| byte == b'\\' || byte == first || byte == second);
            match self.quote_at(at) {
                _ if at >= limit => break,
                Some((quote, length)) if closes(open, quote) => return Some((at, length)),
                _ if self.at(at) == b'\\' => at = at.saturating_add(2),
                _ => at = next(at),
            }
        }
        None
    }

    /// What the string is that a quotation mark here would begin.
    pub(super) fn ahead(&self, at: usize) -> Ahead {
        let Some((quote, length)) = self.quote_at(at) else { return Ahead::Text };
        if self.ahead_left.get() == 0 {
            return Ahead::Open;
        }
        let start = at.saturating_add(length);
        let Some((end, length)) = self.next_mark_before(start, start.saturating_add(AHEAD), quote)
        else {
            let _ = self.pay(AHEAD);
            return Ahead::Open;
        };
        if !self.pay(end.saturating_sub(at)) {
            return Ahead::Open;
        }
        if self.has_newline(start, end) {
            return Ahead::Text;
        }
        let behind = self.skip_blank(end.saturating_add(length));
        match self.at(behind) {
            b':' => {
                self.name.set(Found { from: at, at: end });
                Ahead::Name
            }
            b',' | b'}' | b']' => Ahead::Delimited,
            _ if self.is_end(behind) => Ahead::Delimited,
            _ if self.begins_value(behind) => Ahead::Value,
            _ => Ahead::Text,
        }
    }

    /// Whether a string that a quote other than a double one begins here has an end: a quote of
    /// its kind with something that may follow a string, on the same line and before any double
    /// quote.
    pub(super) fn has_end(&self, at: usize) -> bool {
        let Some((quote, length)) = self.quote_at(at) else { return false };
        let start = at.saturating_add(length);
        let near = start.saturating_add(AHEAD).min(self.next_newline(start));
        let limit = near.min(self.next_double_quote(start));
        if !self.pay(limit.saturating_sub(start)) {
            return false;
        }
        let mut from = start;
        while let Some((mark, length)) = self.next_mark_before(from, limit, quote) {
            from = mark.saturating_add(length);
            let behind = self.skip_blank(from);
            if self.is_end(behind) || matches!(self.at(behind), b',' | b':' | b'}' | b']') {
                return true;
            }
        }
        false
    }

    /// The closing quote of the name that a quote here begins, where [`Self::ahead`] saw it as the
    /// last one.
    pub(super) fn name_seen_ahead(&self, at: usize) -> Option<usize> {
        let Found { from, at: end } = self.name.get();
        (from == at).then_some(end)
    }

    /// Whether what stands here can be the beginning of a value that is no bare word.
    pub(super) fn begins_value(&self, at: usize) -> bool {
        matches!(self.at(at), b'{' | b'[' | b'0'..=b'9' | b'-') || self.quote_at(at).is_some()
    }

    /// The end of the name without quotes that begins here, where a colon follows it (or a closing
    /// quote and a colon).
    pub(super) fn bare_name_end(&self, at: usize) -> Option<usize> {
        let rest = self.slice(at, at.saturating_add(AHEAD).min(self.len()));
        let length = rest.iter().position(|byte| !is_name_byte(*byte)).unwrap_or(rest.len());
        if length == 0 || !self.pay(length) {
            return None;
        }
        let end = at.saturating_add(length);
        let mut behind = self.skip_space(end);
        if let Some((_, length)) = self.quote_at(behind) {
            behind = self.skip_space(behind.saturating_add(length));
        }
        let colon = self.at(behind) == b':' && !self.has(behind, b"://");
        (colon || self.has(behind, b"=>")).then_some(end)
    }

    /// The end of all that is not white space or NULs.
    pub(super) fn content_end(&self) -> usize {
        self.content_end
    }
}

/// Whether this byte certainly begins neither white space nor a comment.
pub(super) fn is_plain(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && !matches!(byte, b'/' | b'#' | b'<')
}

/// Whether a string that one kind of quote opened may be closed by another.
fn closes(open: Quote, mark: Quote) -> bool {
    open == mark
        || matches!(
            (open, mark),
            (Quote::SmartDouble, Quote::Double) | (Quote::SmartSingle, Quote::Single)
        )
}

/// Whether a name without quotes may hold this byte.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-' | b'.' | b'@' | 0x80..)
}
