//! The life of a call, from its plan to its end: admission, attempt, decision, wait, and again.
//!
//! This is the mechanism. What is decided stands in [`decision`](super::decision), how long is
//! waited in [`backoff`](super::backoff) and [`server_delay`](super::server_delay), who is held
//! back in [`limit`](crate::limit).

use std::time::{Duration, Instant};

use http::Uri;

use crate::code::{Code, Error};
use crate::log::{Level, display_url};
use crate::transport::Received;
use crate::wait::Deadline;

use super::admission::admit;
use super::attempt::{Attempt, Failed, attempt};
use super::backoff::Backoff;
use super::carriage::Carriage;
use super::cause::{Cause, WhyDone};
use super::chance;
use super::decision::{Decision, Happened, Progress, Rules, decide, idempotent};
use super::family::Family;
use super::journal::Journal;
use super::plan::{Plan, RetryNotice};
use super::server_delay::DelaySource;

/// What a call ended with.
pub struct Ended {
    /// The answer, or what prevented one.
    pub outcome: Result<Received, Failed>,
    /// Requests put on the wire, redirect hops not counted.
    pub attempts: u32,
    /// The whole call, waits included.
    pub elapsed: Duration,
    /// Where the last request went.
    pub uri: Uri,
    /// What each attempt did.
    pub journal: Journal,
}

/// A call under way.
pub(super) struct Life<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) family: &'a Family,
    pub(super) journal: Journal,
    pub(super) deadline: Deadline,
    begun: Instant,
    /// Attempts made, the free repeat left out.
    tries: u32,
    /// Whether the one free repeat has been used.
    repeated: bool,
    /// Whether the next attempt is that repeat, which goes over a connection of its own.
    repeating: bool,
    /// Attempts that put a request on the wire.
    sent: u32,
    /// The bodies.
    carriage: Carriage<'a>,
}

/// Carries a plan out.
pub fn run(plan: &Plan<'_>, family: &Family) -> Ended {
    family.stats.request();
    let begun = family.clock.now();
    let deadline = Deadline::after(begun, plan.settings.deadline);
    let journal = Journal::new();
    let life = Life {
        plan,
        family,
        journal,
        deadline,
        begun,
        tries: 0,
        repeated: false,
        repeating: false,
        sent: 0,
        carriage: Carriage::default(),
    };
    life.run()
}

impl Life<'_> {
    fn run(mut self) -> Ended {
        let mut answer: Option<Attempt> = None;
        match Carriage::begin(self.plan) {
            Ok(carriage) => self.carriage = carriage,
            Err(error) => return self.end_without(None, error),
        }
        loop {
            if let Err(error) = admit(&mut self) {
                return self.end_without(answer, error);
            }
            let last = self.attempt();
            let why = match self.decide(&last) {
                Decision::RepeatNow => {
                    self.note_retry(Cause::StaleConnection, Duration::ZERO);
                    (self.repeated, self.repeating) = (true, true);
                    continue;
                }
                Decision::Done(why) => why,
                Decision::Retry { cause, wait, from } => {
                    match self.wait_to_retry(&last, cause, wait, from) {
                        Ok(()) => {
                            answer = Some(last).filter(|last| last.outcome.is_ok()).or(answer);
                            continue;
                        }
                        Err(why) => why,
                    }
                }
            };
            return self.end(last, answer, why);
        }
    }

    fn attempt(&mut self) -> Attempt {
        let now = self.family.clock.now();
        let deadline = Deadline::after(now, self.plan.settings.timeout).earlier(self.deadline);
        let made = attempt(self.plan, self.family, deadline, self.repeating, &mut self.carriage);
        self.tries = self.tries.saturating_add(u32::from(!self.repeating));
        self.repeating = false;
        self.sent = self.sent.saturating_add(u32::from(made.on_the_wire));
        self.journal.attempted(made.entry());
        self.count(&made);
        made
    }

    fn count(&self, made: &Attempt) {
        let stats = &self.family.stats;
        if made.on_the_wire {
            stats.attempt();
        }
        if made.code() == Code::Timeout {
            stats.timeout();
        }
    }

    fn decide(&self, last: &Attempt) -> Decision {
        let settings = &self.plan.settings;
        let now = self.family.clock.now();
        let happened = last.happened(self.family.clock.wall());
        self.close_gate(&happened, now);
        let rules = Rules {
            retries: settings.retries,
            backoff: Backoff { base: settings.backoff_base, max: settings.backoff_max },
            statuses: &settings.retry_statuses,
            retry_after_max: settings.retry_after_max,
        };
        let has_key = self.plan.headers.contains_key("idempotency-key");
        let progress = Progress {
            tries: self.tries,
            repeated: self.repeated,
            idempotent: idempotent(&self.plan.method, has_key),
            replayable: self.carriage.replayable(),
            left: self.deadline.remaining(now),
        };
        decide(&happened, &progress, &rules, chance::fraction(now))
    }

    /// Lets the others of the family know that a server has turned this call away.
    fn close_gate(&self, happened: &Happened, now: Instant) {
        if let Happened::Answer { status, delay: Some(delay), .. } = happened {
            let longest = self.plan.settings.retry_after_max;
            let limits = self.family.limits();
            let origin = super::admission::origin(self.plan);
            let key = super::admission::gate_key(self.plan, self.family, &origin);
            limits.gate.turned_away(key, *status, delay.wait, longest, now);
        }
    }

    /// Waits for the next attempt, unless the caller says no or cancels.
    fn wait_to_retry(
        &mut self,
        last: &Attempt,
        cause: Cause,
        wait: Duration,
        from: DelaySource,
    ) -> Result<(), WhyDone> {
        let notice =
            RetryNotice { attempt: self.tries, code: last.code(), status: last.status(), wait };
        if self.plan.on_retry.is_some_and(|may_retry| !may_retry(&notice)) {
            return Err(WhyDone::CallerSaidNo);
        }
        self.note_retry(cause, wait);
        self.sleep(wait, from).map_err(|_| WhyDone::Cancelled)?;
        Ok(())
    }

    fn note_retry(&mut self, cause: Cause, wait: Duration) {
        self.journal.retried(cause);
        self.family.stats.retry(cause);
        self.plan.logger.emit(Level::Warn, || {
            let url = display_url(&self.plan.uri.to_string());
            let ms = wait.as_millis();
            format!(
                "{} {url}: attempt {} failed ({cause}), next one in {ms} ms",
                self.plan.method, self.tries
            )
        });
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

    /// Ends with an attempt.
    fn end(mut self, last: Attempt, answer: Option<Attempt>, why: WhyDone) -> Ended {
        self.journal.done(why);
        if why == WhyDone::Cancelled && last.code() != Code::Cancelled {
            return self.end_without(None, cancelled());
        }
        let ran_out = last.code() == Code::Timeout && self.deadline.passed(self.family.clock.now());
        let last = match answer {
            // What the deadline cut off tells less than the answer before it.
            Some(answer) if ran_out => answer,
            _ => last,
        };
        let outcome = last.outcome.map_err(|failed| self.named(failed, why));
        self.ended(outcome, last.uri)
    }

    /// Ends before another attempt could be made: with the last answer, or with the reason.
    fn end_without(self, answer: Option<Attempt>, error: Error) -> Ended {
        match answer {
            Some(answer) if error.code != Code::Cancelled => self.ended(answer.outcome, answer.uri),
            _ => {
                let uri = self.plan.uri.clone();
                let failed = self.named(Failed::before_sending(error), WhyDone::NotRetryable);
                self.ended(Err(failed), uri)
            }
        }
    }

    fn ended(mut self, mut outcome: Result<Received, Failed>, uri: Uri) -> Ended {
        self.carriage.settle(&mut outcome);
        let elapsed = self.family.clock.now().saturating_duration_since(self.begun);
        Ended { outcome, attempts: self.sent, elapsed, uri, journal: self.journal }
    }

    /// The failure with what was asked for, of whom, how often, and why not once more.
    fn named(&self, failed: Failed, why: WhyDone) -> Failed {
        let url = display_url(&self.plan.uri.to_string());
        let times = match self.tries {
            0 => "before anything was sent".to_owned(),
            1 => "after 1 attempt".to_owned(),
            more => format!("after {more} attempts"),
        };
        let remark = why.remark().map(|remark| format!(" ({remark})")).unwrap_or_default();
        let message =
            format!("{} {url} failed {times}: {}{remark}", self.plan.method, failed.error.message);
        // A wait that would outlast the deadline ends the call as the deadline itself would have.
        let code = if why == WhyDone::DeadlineTooNear { Code::Timeout } else { failed.error.code };
        Failed { error: Error::new(code, message), ..failed }
    }
}

/// What a call that the caller has cancelled ends with.
pub(super) fn cancelled() -> Error {
    Error::new(Code::Cancelled, "cancelled by the caller")
}
