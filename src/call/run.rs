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
use crate::wait::{Cancel, Deadline};

use super::admission::{admit, gate_key, origin};
use super::attempt::{Attempt, Failed, attempt};
use super::backoff::Backoff;
use super::carriage::{Carriage, is_content};
use super::cause::{Cause, WhyDone};
use super::chance;
use super::decision::{
    Decision, Happened, Progress, Rules, closes_gate, decide, idempotent, succeeded,
};
use super::family::Family;
use super::journal::Journal;
use super::life::{Life, cancelled};
use super::plan::{Plan, RetryNotice};
use super::server_delay::DelaySource;

/// What a call ended with.
pub struct Ended {
    /// The answer, or what prevented one.
    pub outcome: Result<Received, Box<Failed>>,
    /// Requests put on the wire, redirect hops not counted.
    pub attempts: u32,
    /// Where the last request went, if it was redirected.
    pub uri: Option<Box<Uri>>,
    /// What each attempt did.
    pub journal: Box<Journal>,
    /// When the last attempt, or the call, had to end.
    pub until: Deadline,
}

/// Carries a plan out. `begun`: when the call began.
pub fn run(plan: &Plan<'_>, family: &Family, begun: Instant) -> Ended {
    family.stats.request();
    Life::begun(plan, family, begun).run()
}

impl Life<'_> {
    fn run(mut self) -> Ended {
        let mut answer: Option<Attempt> = None;
        match Carriage::begin(self.plan) {
            Ok(carriage) => self.carriage = carriage,
            Err(error) => return self.failed(error),
        }
        loop {
            if let Err(refused) = admit(&mut self) {
                return self.end_between(answer, refused);
            }
            let last = self.attempt();
            answer = answer.filter(|before| self.still_has_body(before));
            self.count(&last);
            let why = match self.decide(&last) {
                Decision::RepeatNow => {
                    self.announce(Cause::StaleConnection, Duration::ZERO);
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
        let cause = self.again.take();
        if let Some(cause) = cause {
            self.journal.retried(cause);
            self.family.stats.retry(cause);
        }
        let repeat = cause == Some(Cause::StaleConnection);
        self.repeated |= repeat;
        self.tries = self.tries.saturating_add(u32::from(!repeat));
        let now = self.family.clock.now();
        self.until = Deadline::after(now, self.plan.settings.timeout).earlier(self.deadline);
        attempt(self.plan, self.family, now, self.until, repeat, &mut self.carriage)
    }

    /// Whether the body of an answer before the last attempt is still where it was put.
    fn still_has_body(&self, before: &Attempt) -> bool {
        let content = is_content(self.plan.method, before.status());
        !content || self.carriage.keeps_content()
    }

    /// How many attempts have been made, the free repeat and those that never left included.
    fn made(&self) -> u32 {
        u32::try_from(self.journal.attempts()).unwrap_or(u32::MAX)
    }

    fn count(&mut self, made: &Attempt) {
        self.sent = self.sent.saturating_add(u32::from(made.on_the_wire));
        self.journal.attempted(made.entry());
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
        if succeeded(last.status(), &settings.retry_statuses) && last.outcome.is_ok() {
            if last.quota_spent() {
                let happened = last.happened(self.family.clock.wall());
                self.close_gate(&happened, self.family.clock.now());
            }
            return Decision::Done(WhyDone::Succeeded);
        }
        let now = self.family.clock.now();
        let happened = last.happened(self.family.clock.wall());
        self.close_gate(&happened, now);
        let rules = Rules {
            retries: settings.retries,
            backoff: Backoff { base: settings.backoff_base, max: settings.backoff_max },
            statuses: &settings.retry_statuses,
            retry_after_max: settings.retry_after_max,
        };
        let progress = Progress {
            tries: self.tries,
            repeated: self.repeated,
            idempotent: self.idempotent(last),
            replayable: self.carriage.replayable(),
            left: self.deadline.remaining(now),
        };
        // A good answer is followed by no wait, and drawing lots costs a system call.
        let random = if last.code() == Code::Ok { 0.0 } else { chance::fraction(now) };
        decide(&happened, &progress, &rules, random)
    }

    fn idempotent(&self, last: &Attempt) -> bool {
        let has_key = || self.plan.headers.contains_key("idempotency-key") && !last.lost_its_key;
        idempotent(self.plan.method, has_key)
    }

    /// Lets the others of the family know that a server is to be left alone.
    fn close_gate(&self, happened: &Happened, now: Instant) {
        if let Some(delay) = closes_gate(happened) {
            let longest = self.plan.settings.retry_after_max;
            let limits = self.family.limits();
            let origin = origin(self.plan);
            let key = gate_key(self.plan, self.family, &origin);
            limits.gate.close(key, delay, longest, now);
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
        if self.plan.cancel.is_some_and(Cancel::triggered) {
            return Err(WhyDone::Cancelled);
        }
        let notice =
            RetryNotice { attempt: self.made(), code: last.code(), status: last.status(), wait };
        if self.plan.on_retry.is_some_and(|may_retry| !may_retry(&notice)) {
            return Err(WhyDone::CallerSaidNo);
        }
        // The callback may have taken its time.
        let left = self.deadline.remaining(self.family.clock.now());
        if left.is_some_and(|left| wait >= left) {
            return Err(WhyDone::DeadlineTooNear);
        }
        self.announce(cause, wait);
        self.sleep(wait, from).map_err(|_| WhyDone::Cancelled)
    }

    /// Notes that another attempt is to follow, and why.
    fn announce(&mut self, cause: Cause, wait: Duration) {
        self.again = Some(cause);
        self.plan.logger.emit(Level::Warn, || {
            let url = display_url(&self.plan.uri.to_string());
            let ms = wait.as_millis();
            let (method, attempt) = (self.plan.method, self.made());
            format!("{method} {url}: attempt {attempt} failed ({cause}), next one in {ms} ms")
        });
    }

    /// Ends with an attempt, or with the answer before it.
    fn end(mut self, last: Attempt, answer: Option<Attempt>, why: WhyDone) -> Ended {
        self.journal.done(why);
        if why == WhyDone::Cancelled && last.code() != Code::Cancelled {
            return self.failed(cancelled());
        }
        let last = match answer {
            Some(answer) if self.tells_more(&last, why) => answer,
            _ => last,
        };
        let outcome = last.outcome.map_err(|mut failed| {
            // A wait that would outlast the deadline ends the call as the deadline would have.
            let too_near = why == WhyDone::DeadlineTooNear;
            let code = if too_near { Code::Timeout } else { failed.error.code };
            let message = self.told(&failed.error.message, why.remark());
            failed.error = Error::new(code, message);
            failed
        });
        self.ended(outcome, last.uri)
    }

    /// Whether an answer before the last attempt tells more than that attempt, because the deadline
    /// left it no time. Where the attempt may have been processed and must not be a second time,
    /// nothing that was said before it tells more.
    fn tells_more(&self, last: &Attempt, why: WhyDone) -> bool {
        let ran_out = last.code() == Code::Timeout && self.deadline.passed(self.family.clock.now());
        let harmless = !last.on_the_wire || self.idempotent(last);
        last.outcome.is_err() && harmless && (ran_out || why == WhyDone::DeadlineTooNear)
    }

    /// Ends where no other attempt could be made: with the last answer, or with the reason.
    fn end_between(mut self, answer: Option<Attempt>, refused: Error) -> Ended {
        let cancelled = refused.code == Code::Cancelled;
        self.journal.done(if cancelled { WhyDone::Cancelled } else { WhyDone::DeadlineTooNear });
        match answer.filter(|_| !cancelled) {
            Some(answer) => self.ended(answer.outcome, answer.uri),
            None => self.failed(refused),
        }
    }

    /// Ends without an answer.
    fn failed(self, error: Error) -> Ended {
        let message = self.told(&error.message, None);
        self.ended(Err(Failed::before_sending(Error::new(error.code, message))), None)
    }

    fn ended(mut self, mut outcome: Result<Received, Box<Failed>>, uri: Option<Box<Uri>>) -> Ended {
        if let Ok(received) = &outcome
            && let Err(error) = self.carriage.settle(received)
        {
            let error = Error::new(error.code, self.told(&error.message, None));
            let mut failed = Failed::before_sending(error);
            failed.head = Some(received.head.clone());
            outcome = Err(failed);
        }
        let Self { sent: attempts, journal, until, .. } = self;
        Ended { outcome, attempts, uri, journal, until }
    }

    /// What went wrong, with what was asked for, of whom, how often, and why not once more. An attempt
    /// is here what it is to the caller, a request on the wire; a try need not have come so far.
    fn told(&self, what: &str, remark: Option<&str>) -> String {
        let (method, url) = (self.plan.method, display_url(&self.plan.uri.to_string()));
        let attempts = match self.sent {
            0 => "before anything was sent".to_owned(),
            1 => "after 1 attempt".to_owned(),
            more => format!("after {more} attempts"),
        };
        let tried = self.made();
        let tries =
            if tried > self.sent.max(1) { format!(", tried {tried} times") } else { String::new() };
        let remark = remark.map(|remark| format!(" ({remark})")).unwrap_or_default();
        format!("{method} {url} failed {attempts}{tries}: {what}{remark}")
    }
}
