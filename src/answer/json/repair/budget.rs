//! The budget of one repair. It keeps the time proportional to the length of the text, for any
//! text.
//!
//! [`Source`](super::source::Source) charges for every byte each time it is read, and no other file
//! has the bytes. Looking ahead is allowed while the cost is within the limit for the length and
//! the progress of the parser. After that, the parser decides by the current byte alone.

use std::cell::Cell;

use super::super::pieces::PIECE;

/// Allowed steps for each byte of the text, and for each byte that the parser has consumed. Damaged
/// documents take one to six in total.
const PER_BYTE: usize = 10;
const PER_BYTE_CONSUMED: usize = 6;

/// Allowed steps for a text of any length.
const BASE_STEPS: usize = 4096;

/// The steps taken so far, and those allowed.
pub(super) struct Budget<'a> {
    spent: Cell<usize>,
    /// Looking ahead is allowed up to this number of steps.
    allowed: Cell<usize>,
    /// The steps that the length alone allows.
    initial: usize,
    /// The work ends at this number of steps. No known text needs so many.
    max: usize,
    /// The number of steps at which to call `should_continue` again.
    next_check: Cell<usize>,
    should_continue: &'a dyn Fn() -> bool,
}

impl<'a> Budget<'a> {
    /// The budget for a text of this many bytes.
    pub(super) fn new(length: usize, should_continue: &'a dyn Fn() -> bool) -> Self {
        let initial = length.saturating_mul(PER_BYTE).saturating_add(BASE_STEPS);
        Self {
            spent: Cell::new(0),
            allowed: Cell::new(initial),
            initial,
            max: initial.saturating_mul(4),
            next_check: Cell::new(PIECE),
            should_continue,
        }
    }

    /// Charges for steps. Returns whether it is time to call [`Self::should_continue`].
    #[inline(always)]
    pub(super) fn charge(&self, steps: usize) -> bool {
        let spent = self.spent.get().wrapping_add(steps);
        self.spent.set(spent);
        spent >= self.next_check.get()
    }

    /// Whether the caller and the budget let the work continue.
    pub(super) fn should_continue(&self) -> bool {
        let spent = self.spent.get();
        self.next_check.set(spent.saturating_add(PIECE));
        spent < self.max && (self.should_continue)()
    }

    /// Allows the steps for the text that the parser has consumed up to `at`.
    pub(super) fn advance_to(&self, at: usize) {
        let allowed = at.saturating_mul(PER_BYTE_CONSUMED).saturating_add(self.initial);
        self.allowed.set(allowed.max(self.allowed.get()));
    }

    /// The number of steps taken.
    #[cfg(test)]
    pub(super) fn spent(&self) -> usize {
        self.spent.get()
    }

    /// Whether so many more steps of looking ahead are allowed.
    pub(super) fn allows(&self, steps: usize) -> bool {
        self.spent.get().saturating_add(steps) <= self.allowed.get()
    }
}
