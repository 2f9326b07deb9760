//! A call under way: what it has of its caller, and how far it has come.

use std::time::{Duration, Instant};

use crate::code::{Code, Error};
use crate::wait::Deadline;

use super::carriage::Carriage;
use super::cause::Cause;
use super::family::Family;
use super::journal::Journal;
use super::plan::Plan;
use super::server_delay::DelaySource;

/// A call under way.
pub(super) struct Life<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) family: &'a Family,
    /// In the place where the response keeps it.
    pub(super) journal: Box<Journal>,
    pub(super) deadline: Deadline,
    /// When the last attempt has to end.
    pub(super) until: Deadline,
    /// Attempts made, the free repeat left out: what the retries allowed are held against.
    pub(super) tries: u32,
    /// Whether the one free repeat has been used.
    pub(super) repeated: bool,
    /// Why the next attempt follows the last one.
    pub(super) again: Option<Cause>,
    /// Attempts that put a request on the wire.
    pub(super) sent: u32,
    /// The bodies.
    pub(super) carriage: Carriage<'a>,
}

impl<'a> Life<'a> {
    /// One that began at this time.
    pub(super) fn begun(plan: &'a Plan<'a>, family: &'a Family, begun: Instant) -> Self {
        let deadline = Deadline::after(begun, plan.settings.deadline);
        Self {
            plan,
            family,
            journal: Box::default(),
            deadline,
            until: deadline,
            tries: 0,
            repeated: false,
            again: None,
            sent: 0,
            carriage: Carriage::default(),
        }
    }

    /// Waits, and notes how long it really was.
    pub(super) fn sleep(&mut self, span: Duration, from: DelaySource) -> Result<(), Error> {
        let clock = &self.family.clock;
        let begun = clock.now();
        let slept = clock.sleep(span, self.plan.cancel);
        let waited = clock.now().saturating_duration_since(begun);
        self.journal.waited(waited, from);
        self.family.stats.waited(waited);
        slept.map_err(|_| cancelled())
    }
}

/// What a call that the caller has cancelled ends with.
pub(super) fn cancelled() -> Error {
    Error::new(Code::Cancelled, "cancelled by the caller")
}
