//! What the work on one text may cost, so that it grows with the length alone, whatever the text.
//!
//! [`Source`](super::source::Source) charges every byte that anything reads, each time it is read,
//! and nothing else has the bytes. Looking ahead is allowed as long as the cost is within what the
//! length and the progress of the walk allow. After that, nothing is known of what follows, and
//! the walk takes each sign for what it seems to be.

use std::cell::Cell;

/// How many steps are allowed for each byte of the text, and for each byte that the walk has left
/// behind. Documents that are damaged take one to six in all.
const PER_BYTE: usize = 10;
const PER_BYTE_CONSUMED: usize = 6;

/// What is allowed for a text of any length.
const BASE_STEPS: usize = 4096;

/// How often the caller is asked whether the work may go on, in steps.
const CHECK_INTERVAL: usize = 1 << 16;

/// The steps taken so far, and those allowed.
pub(super) struct Budget<'a> {
    spent: Cell<usize>,
    /// Up to here, looking ahead is allowed.
    allowed: Cell<usize>,
    /// What the length alone allows.
    initial: usize,
    /// No text is known to cost this much: the work ends.
    max: usize,
    /// When to look whether it goes on.
    next_check: Cell<usize>,
    may_go_on: &'a dyn Fn() -> bool,
}

impl<'a> Budget<'a> {
    /// The budget for a text of this many bytes.
    pub(super) fn new(length: usize, may_go_on: &'a dyn Fn() -> bool) -> Self {
        let fixed = length.saturating_mul(PER_BYTE).saturating_add(BASE_STEPS);
        Self {
            spent: Cell::new(0),
            allowed: Cell::new(fixed),
            initial: fixed,
            max: fixed.saturating_mul(4),
            next_check: Cell::new(CHECK_INTERVAL),
            may_go_on,
        }
    }

    /// Charges so many steps, and says whether it is time to ask whether the work may go on.
    #[inline(always)]
    pub(super) fn charge(&self, steps: usize) -> bool {
        let spent = self.spent.get().wrapping_add(steps);
        self.spent.set(spent);
        spent >= self.next_check.get()
    }

    /// Asks whether the work may go on.
    pub(super) fn may_go_on(&self) -> bool {
        let spent = self.spent.get();
        self.next_check.set(spent.saturating_add(CHECK_INTERVAL));
        spent < self.max && (self.may_go_on)()
    }

    /// The walk has come to this place.
    pub(super) fn advance_to(&self, at: usize) {
        let allowed = at.saturating_mul(PER_BYTE_CONSUMED).saturating_add(self.initial);
        self.allowed.set(allowed.max(self.allowed.get()));
    }

    /// How many steps were taken.
    #[cfg(test)]
    pub(super) fn spent(&self) -> usize {
        self.spent.get()
    }

    /// Whether so many steps of looking ahead are allowed.
    pub(super) fn allows(&self, steps: usize) -> bool {
        self.spent.get().saturating_add(steps) <= self.allowed.get()
    }
}
