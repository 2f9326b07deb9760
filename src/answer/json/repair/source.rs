//! The text under repair, and finding things in it.
//!
//! Whatever looks at the text goes through here, so that the work can be bounded and counted.

use std::cell::Cell;

use super::super::block;

/// How many bytes all looking ahead may touch, for each byte of the text: a bound that only texts
/// made to provoke it come near, and behind which the plainest reading is taken.
const AHEAD_PER_BYTE: usize = 16;

/// The place behind this one.
pub(super) const fn next(at: usize) -> usize {
    at.saturating_add(1)
}

/// What a search that began at one place found at another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) from: usize,
    pub(super) at: usize,
}

/// Nothing was looked for yet.
const NOT_YET: Found = Found { from: usize::MAX, at: 0 };

/// A text that can be looked at from any place. Behind its end, there are NULs.
pub(super) struct Source<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// The end of all that is not white space.
    content_end: usize,
    /// The places of the next newline and the next quote, as last looked for.
    newline: Cell<Found>,
    quote: Cell<Found>,
    /// The last name that was seen ahead: its quotes.
    pub(super) name: Cell<Found>,
    /// The last closing bracket.
    last_closer: Option<usize>,
    /// From here on, no comment of one kind and of the other ends.
    endless: [Cell<usize>; 2],
    #[cfg(test)]
    steps: Cell<usize>,
    ahead_left: Cell<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let content_end = text.trim_end().trim_end_matches('\0').trim_end().len();
        Self {
            text,
            bytes,
            content_end,
            last_closer: bytes.iter().rposition(|byte| matches!(byte, b'}' | b']')),
            newline: Cell::new(NOT_YET),
            quote: Cell::new(NOT_YET),
            name: Cell::new(NOT_YET),
            endless: [Cell::new(usize::MAX), Cell::new(usize::MAX)],
            #[cfg(test)]
            steps: Cell::new(0),
            ahead_left: Cell::new(bytes.len().saturating_mul(AHEAD_PER_BYTE).saturating_add(4096)),
        }
    }

    /// The text from here on.
    pub(super) fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or_default()
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

    /// Whether there is anything left to pay with.
    pub(super) fn may_look_ahead(&self) -> bool {
        self.ahead_left.get() > 0
    }

    /// Whether a closing bracket stands behind this place.
    pub(super) fn has_closer_behind(&self, at: usize) -> bool {
        self.last_closer.is_some_and(|closer| closer > at)
    }

    /// The place behind what closes a comment, looked for from here on.
    pub(super) fn comment_closed(&self, from: usize, closer: &[u8]) -> Option<usize> {
        let [block, markup] = &self.endless;
        let endless = if closer == b"*/" { block } else { markup };
        if from >= endless.get() {
            return None;
        }
        let rest = self.bytes.get(from..).unwrap_or_default();
        let found = rest.windows(closer.len()).position(|window| window == closer);
        self.count(found.unwrap_or(rest.len()));
        if found.is_none() {
            endless.set(from);
        }
        Some(from.saturating_add(found?).saturating_add(closer.len()))
    }

    /// The first place from here on whose byte is one of these; the end of the text if there is none.
    pub(super) fn find(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        self.find_before(from, self.len(), wanted).min(self.len())
    }

    /// The same, looking no further than `limit`.
    pub(super) fn find_before(
        &self,
        from: usize,
        limit: usize,
        wanted: impl Fn(u8) -> bool,
    ) -> usize {
        let rest = self.slice(from, limit.min(self.len()));
        let found = rest.iter().position(|byte| wanted(*byte)).unwrap_or(rest.len());
        self.count(next(found));
        from.saturating_add(found)
    }

    /// The first place from here on that is no white space of JSON.
    pub(super) fn skip_json_space(&self, from: usize) -> usize {
        if self.at(from) > b' ' {
            return from;
        }
        let rest = self.slice(from, self.len());
        self.went(from, rest, block::space(rest))
    }

    /// The first double quote or backslash from here on, looked for no further than `limit`.
    pub(super) fn find_quote_before(&self, from: usize, limit: usize) -> usize {
        let rest = self.slice(from, limit.min(self.len()));
        self.went(from, rest, block::run(rest, block::quote))
    }

    /// Where `rest`, which begins here, was gone over up to `left`.
    fn went(&self, from: usize, rest: &[u8], left: &[u8]) -> usize {
        let length = rest.len().saturating_sub(left.len());
        self.count(next(length));
        from.saturating_add(length)
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
            let rest = self.slice(from, self.len());
            let at = self.went(from, rest, block::run(rest, block::only(wanted)));
            last.set(Found { from, at: at.min(self.len()) });
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

    /// The end of all that is not white space or NULs.
    pub(super) fn content_end(&self) -> usize {
        self.content_end
    }
}
