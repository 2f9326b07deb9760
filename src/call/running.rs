//! A call under way: what it has of its caller, and how far it has come.

use std::time::{Duration, Instant};

use crate::code::{Code, Error};
use crate::wait::Deadline;

use super::bodies::Bodies;
use super::family::Family;
use super::journal::Journal;
use super::plan::Plan;
use super::reason::RetryCause;
use super::server_delay::DelaySource;

/// A call under way.
pub(super) struct RunningCall<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) family: &'a Family,
    /// In the place where the response keeps it.
    pub(super) journal: Box<Journal>,
    pub(super) deadline: Deadline,
    /// When the last attempt has to end.
    pub(super) attempt_deadline: Deadline,
    /// Attempts made, the free repeat left out: what the retries allowed are held against.
    pub(super) tries: u32,
    /// Whether the one free repeat has been used.
    pub(super) repeated: bool,
    /// Why the next attempt follows the last one.
    pub(super) retry_cause: Option<RetryCause>,
    /// Attempts that put a request on the wire.
    pub(super) attempts_sent: u32,
    /// The bodies.
    pub(super) carriage: Bodies<'a>,
}

impl<'a> RunningCall<'a> {
    /// One that began at this time.
    pub(super) fn new(plan: &'a Plan<'a>, family: &'a Family, begun: Instant) -> Self {
        let deadline = Deadline::after(begun, plan.settings.deadline);
        Self {
            plan,
            family,
            journal: Box::default(),
            deadline,
            attempt_deadline: deadline,
            tries: 0,
            repeated: false,
            retry_cause: None,
            attempts_sent: 0,
            carriage: Bodies::default(),
        }
    }

    /// Waits, and notes how long it really was.
    pub(super) fn sleep(&mut self, span: Duration, from: DelaySource) -> Result<(), Error> {
        let clock = &self.family.clock;
        let begun = clock.now();
        let slept = clock.sleep(span, self.plan.cancel);
        let waited = clock.now().saturating_duration_since(begun);
        self.journal.add_wait(waited, from);
        self.family.stats.count_wait(waited);
        slept.map_err(|_| cancelled_error())
    }
}

/// What a call that the caller has cancelled ends with.
pub(super) fn cancelled_error() -> Error {
    Error::new(Code::Cancelled, "cancelled by the caller")
}
