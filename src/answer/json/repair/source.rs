//! The text under repair, and finding things in it.
//!
//! Nothing else has the bytes: whatever reads them goes through here and is charged for it.

use std::cell::Cell;

use super::super::block;
use super::super::check::{Checker, Sound};
use super::budget::Budget;

/// The place behind this one.
pub(super) const fn next(at: usize) -> usize {
    at.saturating_add(1)
}

/// What a search costs besides the bytes that it goes over, and what a container that is checked
/// costs besides its own.
const SEARCH_COST: usize = 4;
const CONTAINER_COST: usize = 8;

/// What a search that began at one place found at another.
#[derive(Debug, Clone, Copy)]
pub(super) struct CachedSearch {
    pub(super) from: usize,
    pub(super) at: usize,
}

/// Nothing was looked for yet.
const NOT_SEARCHED: CachedSearch = CachedSearch { from: usize::MAX, at: 0 };

/// A text that can be looked at from any place. Behind its end, there are NULs. Once the work has
/// to end, it has no bytes any more: every search ends at once.
pub(super) struct Source<'a> {
    text: Cell<&'a str>,
    length: usize,
    budget: &'a Budget<'a>,
    stopped: Cell<bool>,
    /// The end of all that is not white space.
    content_end: usize,
    /// The places of the next newline and the next quote, as last looked for.
    newline: Cell<CachedSearch>,
    quote: Cell<CachedSearch>,
    /// The last name that was seen ahead: its quotes.
    pub(super) last_name: Cell<CachedSearch>,
    /// The last closing bracket, and the first of those that the text ends with.
    last_closer: Option<usize>,
    trailing_closers: usize,
    /// From here on, no comment of one kind and of the other ends.
    unterminated_from: [Cell<usize>; 2],
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str, budget: &'a Budget<'a>) -> Self {
        let content = text.trim_end().trim_end_matches('\0').trim_end();
        let before =
            content.trim_end_matches(|c: char| matches!(c, '}' | ']') || c.is_whitespace());
        let last_closers = content
            .len()
            .saturating_sub(content.get(before.len()..).unwrap_or_default().trim_start().len());
        Self {
            text: Cell::new(text),
            length: text.len(),
            budget,
            stopped: Cell::new(false),
            content_end: content.len(),
            trailing_closers: last_closers,
            last_closer: text.bytes().rposition(|byte| matches!(byte, b'}' | b']')),
            newline: Cell::new(NOT_SEARCHED),
            quote: Cell::new(NOT_SEARCHED),
            last_name: Cell::new(NOT_SEARCHED),
            unterminated_from: [Cell::new(usize::MAX), Cell::new(usize::MAX)],
        }
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.get().as_bytes()
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// The byte there; NUL behind the end. Costs nothing: who reads more than a few in a row searches,
    /// or pays.
    pub(super) fn byte_at(&self, at: usize) -> u8 {
        self.bytes().get(at).copied().unwrap_or(0)
    }

    pub(super) fn is_end(&self, at: usize) -> bool {
        at >= self.bytes().len()
    }

    /// The bytes between these places.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.charge(end.saturating_sub(start));
        self.uncharged(start, end)
    }

    /// The same, to be charged for by whoever knows how much of it is read.
    fn uncharged(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes().get(start..end).unwrap_or_default()
    }

    pub(super) fn starts_with_at(&self, at: usize, what: &[u8]) -> bool {
        self.charge(what.len());
        self.bytes().get(at..).is_some_and(|rest| rest.starts_with(what))
    }

    #[inline(always)]
    fn charge(&self, steps: usize) {
        if self.budget.charge(steps) {
            self.check_interrupt();
        }
    }

    /// Looks whether the work goes on.
    #[cold]
    #[inline(never)]
    fn check_interrupt(&self) {
        if !self.budget.may_go_on() {
            self.stopped.set(true);
            self.text.set("");
        }
    }

    /// Whether the work had to end before the text did.
    pub(super) fn was_stopped(&self) -> bool {
        self.stopped.get()
    }

    /// The walk has come to this place, which allows it to look further ahead.
    pub(super) fn done(&self, at: usize) {
        self.budget.advance_to(at);
    }

    /// Pays for so many steps that read no bytes; `false`, and for none, where too little is left to
    /// pay with.
    pub(super) fn spend(&self, steps: usize) -> bool {
        let allowed = self.budget.allows(steps);
        if allowed {
            self.charge(steps);
        }
        allowed
    }

    /// Whether there is anything left to pay with.
    pub(super) fn may_look_ahead(&self) -> bool {
        self.budget.allows(1)
    }

    /// Whether a closing bracket stands behind this place.
    pub(super) fn has_closer_after(&self, at: usize) -> bool {
        self.last_closer.is_some_and(|closer| closer > at)
    }

    /// The first of the brackets that the text ends with, if it is behind this place; else the end.
    pub(super) fn last_closers(&self, at: usize) -> usize {
        if self.trailing_closers > at { self.trailing_closers } else { self.length }
    }

    /// Checks the value that begins here, whatever follows it; see [`Checker::first_value`].
    pub(super) fn first_value(&self, at: usize) -> Result<Sound, usize> {
        let mut checker = Checker::default();
        let found = checker.first_value(self.text.get().get(at..).unwrap_or_default());
        let length = found.map_or_else(|sound| sound, |sound| sound.end);
        self.charge(checker.opened().saturating_mul(CONTAINER_COST).saturating_add(length));
        found
    }

    /// The place behind what closes a comment, looked for from here on.
    pub(super) fn find_comment_end(&self, from: usize, closer: &[u8]) -> Option<usize> {
        let [block, markup] = &self.unterminated_from;
        let endless = if closer == b"*/" { block } else { markup };
        if from >= endless.get() {
            return None;
        }
        let rest = self.uncharged(from, self.length);
        let found = rest.windows(closer.len()).position(|window| window == closer);
        self.charge(found.unwrap_or(rest.len()));
        if found.is_none() {
            endless.set(from);
        }
        Some(from.saturating_add(found?).saturating_add(closer.len()))
    }

    /// The first place from here on whose byte is one of these; the end of the text if there is none.
    pub(super) fn find(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        self.find_before(from, self.length, wanted)
    }

    /// The same, looking no further than `limit`.
    pub(super) fn find_before(
        &self,
        from: usize,
        limit: usize,
        wanted: impl Fn(u8) -> bool,
    ) -> usize {
        let limit = limit.min(self.length);
        let rest = self.uncharged(from, limit);
        let found = rest.iter().position(|byte| wanted(*byte));
        self.charge(found.unwrap_or(rest.len()).saturating_add(SEARCH_COST));
        found.map_or(limit.max(from), |found| from.saturating_add(found))
    }

    /// The first place from here on that is no white space of JSON.
    pub(super) fn skip_json_whitespace(&self, from: usize) -> usize {
        if self.byte_at(from) > b' ' {
            return from;
        }
        let rest = self.uncharged(from, self.length);
        self.position_after(from, rest, block::space(rest))
    }

    /// The first double quote or backslash from here on, looked for no further than `limit`.
    pub(super) fn find_quote_before(&self, from: usize, limit: usize) -> usize {
        let rest = self.uncharged(from, limit.min(self.length));
        self.position_after(from, rest, block::run(rest, block::quote))
    }

    /// Where `rest`, which begins here, was gone over up to `left`.
    fn position_after(&self, from: usize, rest: &[u8], left: &[u8]) -> usize {
        let length = rest.len().saturating_sub(left.len());
        self.charge(length.saturating_add(SEARCH_COST));
        from.saturating_add(length)
    }

    /// The last byte before this place that is not white space, and where it is.
    pub(super) fn last_non_whitespace(&self, least: usize, at: usize) -> Option<(usize, u8)> {
        let found = self.rfind_between(least, at, |byte| !byte.is_ascii_whitespace())?;
        Some((found, self.byte_at(found)))
    }

    /// The last place before `end`, from `start` on, whose byte is one of these.
    pub(super) fn rfind_between(
        &self,
        start: usize,
        end: usize,
        wanted: impl Fn(u8) -> bool,
    ) -> Option<usize> {
        let rest = self.uncharged(start, end);
        let found = rest.iter().rposition(|byte| wanted(*byte));
        self.charge(rest.len().saturating_sub(found.unwrap_or(0)).saturating_add(SEARCH_COST));
        Some(start.saturating_add(found?))
    }

    /// The end of what stands here without the white space of any sort behind it.
    pub(super) fn trim_end(&self, start: usize, stop: usize) -> usize {
        let mut end = stop;
        while end > start {
            let rest = self.uncharged(start, end);
            let back = rest.iter().rev().take_while(|byte| matches!(byte, 0x80..0xc0)).count();
            let last = end.saturating_sub(next(back)).max(start);
            if self.whitespace_length(last) != end.saturating_sub(last) {
                break;
            }
            end = last;
        }
        end
    }

    /// Where the content of a string really ends that seems to end here: a backslash may have kept
    /// its closing quote from closing it.
    pub(super) fn without_escaped_quote(&self, start: usize, end: usize) -> usize {
        let before = end.saturating_sub(2);
        if before >= start && self.starts_with_at(before, b"\\\"") { before } else { end }
    }

    /// The next newline from here on, or the end.
    pub(super) fn next_newline(&self, from: usize) -> usize {
        self.find_cached(&self.newline, from, b'\n')
    }

    /// The next double quote from here on, or the end.
    pub(super) fn next_double_quote(&self, from: usize) -> usize {
        self.find_cached(&self.quote, from, b'"')
    }

    fn find_cached(&self, last: &Cell<CachedSearch>, from: usize, wanted: u8) -> usize {
        let CachedSearch { from: searched, at } = last.get();
        if searched > from || at < from {
            let rest = self.uncharged(from, self.length);
            let at = self.position_after(from, rest, block::run(rest, block::only(wanted)));
            last.set(CachedSearch { from, at: at.min(self.length) });
        }
        last.get().at
    }

    /// The column of this place, where nothing but blanks stands before it on its line.
    pub(super) fn column(&self, at: usize) -> Option<usize> {
        let before = self.uncharged(0, at);
        let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.charge(blanks.saturating_add(SEARCH_COST));
        let start = at.saturating_sub(blanks);
        (start == 0 || self.byte_at(start.saturating_sub(1)) == b'\n').then_some(blanks)
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
