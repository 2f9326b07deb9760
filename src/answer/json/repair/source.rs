//! The text under repair, and searches in it.
//!
//! All other files read the bytes through this one, which charges the budget for each byte.

use std::cell::{Cell, OnceCell};

use super::super::block;
use super::super::check::{Checker, ValidValue};
use super::budget::Budget;

/// The position after this one.
pub(super) const fn next(at: usize) -> usize {
    at.saturating_add(1)
}

/// Cost of a search besides the bytes that it reads, and cost of a checked container besides its
/// bytes.
const SEARCH_COST: usize = 4;
const CONTAINER_COST: usize = 8;

/// The last search: where it began, and the position found.
#[derive(Debug, Clone, Copy)]
pub(super) struct CachedSearch {
    pub(super) from: usize,
    pub(super) at: usize,
}

/// There was no search yet.
const NOT_SEARCHED: CachedSearch = CachedSearch { from: usize::MAX, at: 0 };

/// A text that can be read at any position. After its end, it reads as NULs. When the work must
/// end, the text becomes empty, so that every search ends at once.
pub(super) struct Source<'a> {
    text: Cell<&'a str>,
    length: usize,
    budget: &'a Budget<'a>,
    stopped: Cell<bool>,
    /// The end of the text without whitespace and NULs at its end.
    content_end: OnceCell<usize>,
    /// The last searches for a newline and for a double quote.
    newline: Cell<CachedSearch>,
    quote: Cell<CachedSearch>,
    /// The quotes of the last member name that a look-ahead found.
    pub(super) last_name: Cell<CachedSearch>,
    /// The last closing bracket, and the first of the closing brackets that end the text.
    last_closer: OnceCell<Option<usize>>,
    trailing_closers: OnceCell<usize>,
    /// From these positions on, no block comment and no markup comment ends.
    unterminated_from: [Cell<usize>; 2],
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str, budget: &'a Budget<'a>) -> Self {
        Self {
            text: Cell::new(text),
            length: text.len(),
            budget,
            stopped: Cell::new(false),
            content_end: OnceCell::new(),
            last_closer: OnceCell::new(),
            trailing_closers: OnceCell::new(),
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

    /// The byte at a position; NUL after the end. Free of charge: to read more than a few bytes in
    /// a row, callers use a search.
    pub(super) fn byte_at(&self, at: usize) -> u8 {
        self.bytes().get(at).copied().unwrap_or(0)
    }

    pub(super) fn is_end(&self, at: usize) -> bool {
        at >= self.bytes().len()
    }

    /// The bytes between two positions.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.charge(end.saturating_sub(start));
        self.uncharged(start, end)
    }

    /// The same, but the caller charges for the bytes that it reads.
    fn uncharged(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes().get(start..end).unwrap_or_default()
    }

    pub(super) fn starts_with_at(&self, at: usize, expected: &[u8]) -> bool {
        self.charge(expected.len());
        self.bytes().get(at..).is_some_and(|rest| rest.starts_with(expected))
    }

    /// The text between two positions, without charge.
    pub(super) fn text(&self, start: usize, end: usize) -> &'a str {
        self.text.get().get(start..end).unwrap_or_default()
    }

    /// Charges for steps.
    #[inline(always)]
    pub(super) fn charge(&self, steps: usize) {
        if self.budget.charge(steps) {
            self.check_interrupt();
        }
    }

    /// Ends the work if the caller or the budget demands it.
    #[cold]
    #[inline(never)]
    fn check_interrupt(&self) {
        if !self.was_stopped() && !self.budget.should_continue() {
            self.stopped.set(true);
            self.text.set("");
        }
    }

    /// Whether the work may continue after a piece of a long pass.
    #[cold]
    pub(super) fn may_continue(&self) -> bool {
        self.check_interrupt();
        !self.was_stopped()
    }

    /// Whether the work ended before the end of the text.
    pub(super) fn was_stopped(&self) -> bool {
        self.stopped.get()
    }

    /// Raises the budget: the parser has read up to `at`.
    pub(super) fn done(&self, at: usize) {
        self.budget.advance_to(at);
    }

    /// Charges for steps that read no bytes. Charges nothing and returns `false` if the budget does
    /// not allow them.
    pub(super) fn spend(&self, steps: usize) -> bool {
        let allowed = self.budget.allows(steps);
        if allowed {
            self.charge(steps);
        }
        allowed
    }

    /// Whether the budget allows to look ahead.
    pub(super) fn may_look_ahead(&self) -> bool {
        self.budget.allows(1)
    }

    /// Whether there is a closing bracket after this position.
    pub(super) fn has_closer_after(&self, at: usize) -> bool {
        let is_closer = |byte| matches!(byte, b'}' | b']');
        let last = self.last_closer.get_or_init(|| self.rfind_between(0, self.length, is_closer));
        last.is_some_and(|closer| closer > at)
    }

    /// The first of the closing brackets that end the text, if it is after `at`; else the end.
    pub(super) fn trailing_closers(&self, at: usize) -> usize {
        let closers = *self.trailing_closers.get_or_init(|| self.find_trailing_closers());
        if closers > at { closers } else { self.length }
    }

    fn find_trailing_closers(&self) -> usize {
        let (mut first, mut end) = (self.content_end(), self.content_end());
        while matches!(self.byte_at(end.wrapping_sub(1)), b'}' | b']') {
            self.charge(1);
            first = end.saturating_sub(1);
            end = self.trim_end(0, first);
        }
        first
    }

    /// Checks the value that begins at `at`, and ignores what follows it; see
    /// [`Checker::check_first_value`].
    pub(super) fn first_value(&self, at: usize) -> Result<ValidValue, usize> {
        let may_continue = || self.may_continue();
        let mut checker = Checker::new(&may_continue);
        let found = checker.check_first_value(self.text.get().get(at..).unwrap_or_default());
        let length = found.map_or_else(|error_at| error_at, |value| value.end);
        self.charge(checker.opened().saturating_mul(CONTAINER_COST).saturating_add(length));
        found
    }

    /// The position after the next `closer` of a comment.
    pub(super) fn find_comment_end(&self, from: usize, closer: &[u8]) -> Option<usize> {
        let [block, markup] = &self.unterminated_from;
        let unterminated = if closer == b"*/" { block } else { markup };
        if from >= unterminated.get() {
            return None;
        }
        let rest = self.uncharged(from, self.length);
        let found = self.find_text(rest, closer);
        self.charge(found.unwrap_or(rest.len()));
        if found.is_none() {
            unterminated.set(from);
        }
        Some(from.saturating_add(found?).saturating_add(closer.len()))
    }

    /// The first position from `from` on whose byte matches; the end of the text if there is none.
    pub(super) fn find(&self, from: usize, matches: impl Fn(u8) -> bool) -> usize {
        self.find_before(from, self.length, matches)
    }

    /// The same, but searches only up to `limit`.
    pub(super) fn find_before(
        &self,
        from: usize,
        limit: usize,
        matches: impl Fn(u8) -> bool,
    ) -> usize {
        let limit = limit.min(self.length);
        let rest = self.uncharged(from, limit);
        let found = self.position(rest, matches);
        self.charge(found.unwrap_or(rest.len()).saturating_add(SEARCH_COST));
        found.map_or(limit.max(from), |found| from.saturating_add(found))
    }

    /// The first position from `from` on that is not JSON whitespace.
    pub(super) fn skip_json_whitespace(&self, from: usize) -> usize {
        if self.byte_at(from) > b' ' {
            return from;
        }
        let rest = self.uncharged(from, self.length);
        self.position_after(
            from,
            rest,
            #[inline(always)]
            |rest| block::skip_whitespace(rest),
        )
    }

    /// The first double quote or backslash from `from` on; `limit` if there is none before it.
    pub(super) fn find_quote_before(&self, from: usize, limit: usize) -> usize {
        let rest = self.uncharged(from, limit.min(self.length));
        self.position_after(
            from,
            rest,
            #[inline(always)]
            |rest| block::skip_until(rest, block::quotes_and_backslashes),
        )
    }

    /// The position after the bytes that `skip` skips in `rest`, which begins at `from`. Charges for
    /// them.
    #[inline(always)]
    fn position_after(&self, from: usize, rest: &[u8], skip: impl Fn(&[u8]) -> &[u8]) -> usize {
        let length = self.skipped_length(rest, skip);
        self.charge(length.saturating_add(SEARCH_COST));
        from.saturating_add(length)
    }

    /// The last byte between `start` and `end` that is not whitespace, and its position.
    pub(super) fn last_non_whitespace(&self, start: usize, end: usize) -> Option<(usize, u8)> {
        let found = self.rfind_between(start, end, |byte| !byte.is_ascii_whitespace())?;
        Some((found, self.byte_at(found)))
    }

    /// The last position between `start` and `end` whose byte matches.
    pub(super) fn rfind_between(
        &self,
        start: usize,
        end: usize,
        matches: impl Fn(u8) -> bool,
    ) -> Option<usize> {
        let rest = self.uncharged(start, end);
        let found = self.rposition(rest, matches);
        self.charge(rest.len().saturating_sub(found.unwrap_or(0)).saturating_add(SEARCH_COST));
        Some(start.saturating_add(found?))
    }

    /// The end of the text between `start` and `stop` without the whitespace of any kind at its
    /// end.
    pub(super) fn trim_end(&self, start: usize, stop: usize) -> usize {
        let mut end = stop;
        while end > start {
            let rest = self.uncharged(start, end);
            let continuation =
                rest.iter().rev().take_while(|byte| matches!(byte, 0x80..0xc0)).count();
            let last = end.saturating_sub(next(continuation)).max(start);
            if self.whitespace_length(last) != end.saturating_sub(last) {
                break;
            }
            end = last;
        }
        end
    }

    /// The end of the content of a string that seems to end at `end`. If an escaped quote is
    /// there, the backslash is damage and the quote is the closing one.
    pub(super) fn without_escaped_quote(&self, start: usize, end: usize) -> usize {
        let before = end.saturating_sub(2);
        if before >= start && self.starts_with_at(before, b"\\\"") { before } else { end }
    }

    /// The next newline from `from` on, or the end.
    pub(super) fn next_newline(&self, from: usize) -> usize {
        self.find_cached(&self.newline, from, b'\n')
    }

    /// The next double quote from `from` on, or the end.
    pub(super) fn next_double_quote(&self, from: usize) -> usize {
        self.find_cached(&self.quote, from, b'"')
    }

    fn find_cached(&self, last: &Cell<CachedSearch>, from: usize, byte: u8) -> usize {
        let CachedSearch { from: searched, at } = last.get();
        if searched > from || at < from {
            let rest = self.uncharged(from, self.length);
            let at = self.position_after(
                from,
                rest,
                #[inline(always)]
                |rest| block::skip_until(rest, block::equal_to(byte)),
            );
            last.set(CachedSearch { from, at: at.min(self.length) });
        }
        last.get().at
    }

    /// The column of this position, if only blanks precede it on its line.
    pub(super) fn column(&self, at: usize) -> Option<usize> {
        let before = self.uncharged(0, at);
        let last = self.rposition(before, |byte| !matches!(byte, b' ' | b'\t'));
        let blanks = before.len().saturating_sub(last.map_or(0, next));
        self.charge(blanks.saturating_add(SEARCH_COST));
        let start = at.saturating_sub(blanks);
        (start == 0 || self.byte_at(start.saturating_sub(1)) == b'\n').then_some(blanks)
    }

    /// Whether a raw newline is between two positions.
    pub(super) fn has_newline(&self, start: usize, end: usize) -> bool {
        self.contains(self.slice(start, end), b'\n')
    }

    /// The end of the text without whitespace and NULs at its end.
    pub(super) fn content_end(&self) -> usize {
        *self.content_end.get_or_init(|| self.trim_end(0, self.length))
    }
}
