//! The text under repair, and searches in it.
//!
//! All other files read the bytes through this one, which charges the budget for each byte.

use std::cell::Cell;

use super::super::block;
use super::super::check::{Checker, ValidValue};
use super::budget::{Budget, CHECK_INTERVAL};

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
    content_end: usize,
    /// The last searches for a newline and for a double quote.
    newline: Cell<CachedSearch>,
    quote: Cell<CachedSearch>,
    /// The quotes of the last member name that a look-ahead found.
    pub(super) last_name: Cell<CachedSearch>,
    /// The last closing bracket, and the first of the closing brackets that end the text.
    last_closer: Option<usize>,
    trailing_closers: usize,
    /// From these positions on, no block comment and no markup comment ends.
    unterminated_from: [Cell<usize>; 2],
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str, budget: &'a Budget<'a>) -> Self {
        let content = text.trim_end().trim_end_matches('\0').trim_end();
        let before =
            content.trim_end_matches(|c: char| matches!(c, '}' | ']') || c.is_whitespace());
        let trailing_closers = content
            .len()
            .saturating_sub(content.get(before.len()..).unwrap_or_default().trim_start().len());
        Self {
            text: Cell::new(text),
            length: text.len(),
            budget,
            stopped: Cell::new(false),
            content_end: content.len(),
            trailing_closers,
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

    #[inline(always)]
    fn charge(&self, steps: usize) {
        if self.budget.charge(steps) {
            self.check_interrupt();
        }
    }

    /// Ends the work if the caller or the budget demands it.
    #[cold]
    #[inline(never)]
    fn check_interrupt(&self) {
        if !self.budget.should_continue() {
            self.stopped.set(true);
            self.text.set("");
        }
    }

    /// Ends the work of a pass over a long string if the caller demands it, and returns whether it may
    /// go on. `at`: how far the pass is.
    #[inline(always)]
    pub(super) fn check_pass(&self, at: usize, next_check: &mut usize) -> bool {
        if self.budget.check_pass(at, next_check).is_err() {
            self.stopped.set(true);
            self.text.set("");
        }
        !self.was_stopped()
    }

    /// Where the first check of a pass over a string is.
    pub(super) const FIRST_CHECK: usize = CHECK_INTERVAL;

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
        self.last_closer.is_some_and(|closer| closer > at)
    }

    /// The first of the closing brackets that end the text, if it is after `at`; else the end.
    pub(super) fn trailing_closers(&self, at: usize) -> usize {
        if self.trailing_closers > at { self.trailing_closers } else { self.length }
    }

    /// Checks the value that begins at `at`, and ignores what follows it; see
    /// [`Checker::check_first_value`].
    pub(super) fn first_value(&self, at: usize) -> Result<ValidValue, usize> {
        let mut checker = Checker::default();
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
        let found = rest.windows(closer.len()).position(|window| window == closer);
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
        let found = rest.iter().position(|byte| matches(*byte));
        self.charge(found.unwrap_or(rest.len()).saturating_add(SEARCH_COST));
        found.map_or(limit.max(from), |found| from.saturating_add(found))
    }

    /// The first position from `from` on that is not JSON whitespace.
    pub(super) fn skip_json_whitespace(&self, from: usize) -> usize {
        if self.byte_at(from) > b' ' {
            return from;
        }
        let rest = self.uncharged(from, self.length);
        self.position_after(from, rest, block::skip_whitespace(rest))
    }

    /// The first double quote or backslash from `from` on; `limit` if there is none before it.
    pub(super) fn find_quote_before(&self, from: usize, limit: usize) -> usize {
        let rest = self.uncharged(from, limit.min(self.length));
        self.position_after(from, rest, block::skip_until(rest, block::quotes_and_backslashes))
    }

    /// The position of `remaining`, the unread end of `rest`, which begins at `from`. Charges for
    /// the bytes before it.
    fn position_after(&self, from: usize, rest: &[u8], remaining: &[u8]) -> usize {
        let length = rest.len().saturating_sub(remaining.len());
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
        let found = rest.iter().rposition(|byte| matches(*byte));
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
            let at =
                self.position_after(from, rest, block::skip_until(rest, block::equal_to(byte)));
            last.set(CachedSearch { from, at: at.min(self.length) });
        }
        last.get().at
    }

    /// The column of this position, if only blanks precede it on its line.
    pub(super) fn column(&self, at: usize) -> Option<usize> {
        let before = self.uncharged(0, at);
        let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.charge(blanks.saturating_add(SEARCH_COST));
        let start = at.saturating_sub(blanks);
        (start == 0 || self.byte_at(start.saturating_sub(1)) == b'\n').then_some(blanks)
    }

    /// Whether a raw newline is between two positions.
    pub(super) fn has_newline(&self, start: usize, end: usize) -> bool {
        self.slice(start, end).contains(&b'\n')
    }

    /// The end of the text without whitespace and NULs at its end.
    pub(super) fn content_end(&self) -> usize {
        self.content_end
    }
}
