//! The life of a call, from its plan to its end: admission, attempt, decision, wait, and again.
//!
//! This is the mechanism. What is decided stands in [`decision`](super::decision), how long is
//! waited in [`backoff`](super::backoff) and [`server_delay`](super::server_delay), who is held
//! back in [`limit`](crate::limit).

use std::time::{Duration, Instant};

use http::Uri;

use crate::code::{Code, Error};
use crate::log::{Level, display_url};
use crate::transport::ReceivedResponse;
use crate::wait::{Cancel, Deadline};

use super::admission::{gate_key, origin, wait_for_admission};
use super::attempt::{Attempt, AttemptError, attempt};
use super::backoff::Backoff;
use super::bodies::{Bodies, is_content};
use super::decision::{
    AttemptResult, Decision, RetryPolicy, RetryState, decide, gate_delay, idempotent, succeeded,
};
use super::family::Family;
use super::journal::Journal;
use super::plan::{Plan, RetryNotice};
use super::random;
use super::reason::{RetryCause, StopReason};
use super::running::{RunningCall, cancelled_error};
use super::server_delay::DelaySource;

/// What a call ended with.
pub struct CallResult {
    /// The answer, or what prevented one.
    pub outcome: Result<ReceivedResponse, Box<AttemptError>>,
    /// Requests put on the wire, redirect hops not counted.
    pub attempts: u32,
    /// Where the last request went, if it was redirected.
    pub uri: Option<Box<Uri>>,
    /// What each attempt did.
    pub journal: Box<Journal>,
    /// When the last attempt, or the call, had to end.
    pub deadline: Deadline,
}

/// Carries a plan out. `begun`: when the call began.
pub fn run(plan: &Plan<'_>, family: &Family, begun: Instant) -> CallResult {
    family.stats.count_request();
    RunningCall::new(plan, family, begun).run()
}

impl RunningCall<'_> {
    fn run(mut self) -> CallResult {
        let mut answer: Option<Attempt> = None;
        match Bodies::prepare(self.plan) {
            Ok(carriage) => self.carriage = carriage,
            Err(error) => return self.finish_with_error(error),
        }
        loop {
            if let Err(refused) = wait_for_admission(&mut self) {
                return self.finish_without_attempt(answer, refused);
            }
            let last = self.attempt();
            answer = answer.filter(|before| self.body_is_kept(before));
            self.record_attempt(&last);
            let why = match self.decide(&last) {
                Decision::RepeatNow => {
                    self.schedule_retry(RetryCause::StaleConnection, Duration::ZERO);
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
            return self.finish(last, answer, why);
        }
    }

    fn attempt(&mut self) -> Attempt {
        let cause = self.retry_cause.take();
        if let Some(cause) = cause {
            self.journal.set_retry_cause(cause);
            self.family.stats.count_retry(cause);
        }
        let repeat = cause == Some(RetryCause::StaleConnection);
        self.repeated |= repeat;
        self.tries = self.tries.saturating_add(u32::from(!repeat));
        let now = self.family.clock.now();
        self.attempt_deadline =
            Deadline::after(now, self.plan.settings.timeout).earlier(self.deadline);
        attempt(self.plan, self.family, now, self.attempt_deadline, repeat, &mut self.carriage)
    }

    /// Whether the body of an answer before the last attempt is still where it was put.
    fn body_is_kept(&self, before: &Attempt) -> bool {
        let content = is_content(self.plan.method, before.status());
        !content || self.carriage.keeps_content()
    }

    /// How many attempts have been made, the free repeat and those that never left included.
    fn attempts_made(&self) -> u32 {
        u32::try_from(self.journal.attempts()).unwrap_or(u32::MAX)
    }

    fn record_attempt(&mut self, made: &Attempt) {
        self.attempts_sent = self.attempts_sent.saturating_add(u32::from(made.request_sent));
        self.journal.add_attempt(made.entry());
        let stats = &self.family.stats;
        if made.request_sent {
            stats.count_attempt();
        }
        if made.code() == Code::Timeout {
            stats.count_timeout();
        }
    }

    fn decide(&self, last: &Attempt) -> Decision {
        let settings = &self.plan.settings;
        if succeeded(last.status(), &settings.retry_statuses) && last.outcome.is_ok() {
            if last.quota_exhausted() {
                let happened = last.result(self.family.clock.system_time());
                self.close_gate(&happened, self.family.clock.now());
            }
            return Decision::Done(StopReason::Succeeded);
        }
        let now = self.family.clock.now();
        let happened = last.result(self.family.clock.system_time());
        self.close_gate(&happened, now);
        let rules = RetryPolicy {
            max_retries: settings.retries,
            backoff: Backoff { base: settings.backoff_base, max: settings.backoff_max },
            statuses: &settings.retry_statuses,
            retry_after_max: settings.retry_after_max,
        };
        let progress = RetryState {
            tries: self.tries,
            repeated: self.repeated,
            idempotent: self.idempotent(last),
            replayable: self.carriage.replayable(),
            left: self.deadline.remaining(now),
        };
        // A good answer is followed by no wait, and drawing lots costs a system call.
        let random = if last.code() == Code::Ok { 0.0 } else { random::uniform(now) };
        decide(&happened, &progress, &rules, random)
    }

    fn idempotent(&self, last: &Attempt) -> bool {
        let has_key =
            || self.plan.headers.contains_key("idempotency-key") && !last.sent_without_key;
        idempotent(self.plan.method, has_key)
    }

    /// Lets the others of the family know that a server is to be left alone.
    fn close_gate(&self, happened: &AttemptResult, now: Instant) {
        if let Some(delay) = gate_delay(happened) {
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
        cause: RetryCause,
        wait: Duration,
        from: DelaySource,
    ) -> Result<(), StopReason> {
        if self.plan.cancel.is_some_and(Cancel::triggered) {
            return Err(StopReason::Cancelled);
        }
        let notice = RetryNotice {
            attempt: self.attempts_made(),
            code: last.code(),
            status: last.status(),
            wait,
        };
        if self.plan.on_retry.is_some_and(|may_retry| !may_retry(&notice)) {
            return Err(StopReason::CallerForbade);
        }
        // The callback may have taken its time.
        let left = self.deadline.remaining(self.family.clock.now());
        if left.is_some_and(|left| wait >= left) {
            return Err(StopReason::DeadlineTooNear);
        }
        self.schedule_retry(cause, wait);
        self.sleep(wait, from).map_err(|_| StopReason::Cancelled)
    }

    /// Notes that another attempt is to follow, and why.
    fn schedule_retry(&mut self, cause: RetryCause, wait: Duration) {
        self.retry_cause = Some(cause);
        self.plan.logger.emit(Level::Warn, || {
            let url = display_url(&self.plan.uri.to_string());
            let ms = wait.as_millis();
            let (method, attempt) = (self.plan.method, self.attempts_made());
            format!("{method} {url}: attempt {attempt} failed ({cause}), next one in {ms} ms")
        });
    }

    /// Ends with an attempt, or with the answer before it.
    fn finish(mut self, last: Attempt, answer: Option<Attempt>, why: StopReason) -> CallResult {
        self.journal.set_stop_reason(why);
        if why == StopReason::Cancelled && last.code() != Code::Cancelled {
            return self.finish_with_error(cancelled_error());
        }
        let last = match answer {
            Some(answer) if self.earlier_response_is_better(&last, why) => answer,
            _ => last,
        };
        let outcome = last.outcome.map_err(|mut failed| {
            // A wait that would outlast the deadline ends the call as the deadline would have.
            let too_near = why == StopReason::DeadlineTooNear;
            let code = if too_near { Code::Timeout } else { failed.error.code };
            let message = self.error_message(&failed.error.message, why.hint());
            failed.error = Error::new(code, message);
            failed
        });
        self.into_result(outcome, last.uri)
    }

    /// Whether an answer before the last attempt tells more than that attempt, because the deadline
    /// left it no time. Where the attempt may have been processed and must not be a second time,
    /// nothing that was said before it tells more.
    fn earlier_response_is_better(&self, last: &Attempt, why: StopReason) -> bool {
        let ran_out =
            last.code() == Code::Timeout && self.deadline.has_passed(self.family.clock.now());
        let harmless = !last.request_sent || self.idempotent(last);
        last.outcome.is_err() && harmless && (ran_out || why == StopReason::DeadlineTooNear)
    }

    /// Ends where no other attempt could be made: with the last answer, or with the reason.
    fn finish_without_attempt(mut self, answer: Option<Attempt>, refused: Error) -> CallResult {
        let cancelled = refused.code == Code::Cancelled;
        self.journal.set_stop_reason(if cancelled {
            StopReason::Cancelled
        } else {
            StopReason::DeadlineTooNear
        });
        match answer.filter(|_| !cancelled) {
            Some(answer) => self.into_result(answer.outcome, answer.uri),
            None => self.finish_with_error(refused),
        }
    }

    /// Ends without an answer.
    fn finish_with_error(self, error: Error) -> CallResult {
        let message = self.error_message(&error.message, None);
        self.into_result(Err(AttemptError::not_sent(Error::new(error.code, message))), None)
    }

    fn into_result(
        mut self,
        mut outcome: Result<ReceivedResponse, Box<AttemptError>>,
        uri: Option<Box<Uri>>,
    ) -> CallResult {
        if let Ok(received) = &outcome
            && let Err(error) = self.carriage.finish(received)
        {
            let error = Error::new(error.code, self.error_message(&error.message, None));
            let mut failed = AttemptError::not_sent(error);
            failed.head = Some(received.head.clone());
            outcome = Err(failed);
        }
        let Self { attempts_sent: attempts, journal, attempt_deadline: until, .. } = self;
        CallResult { outcome, attempts, uri, journal, deadline: until }
    }

    /// What went wrong, with what was asked for, of whom, how often, and why not once more. An attempt
    /// is here what it is to the caller, a request on the wire; a try need not have come so far.
    fn error_message(&self, what: &str, remark: Option<&str>) -> String {
        let (method, url) = (self.plan.method, display_url(&self.plan.uri.to_string()));
        let attempts = match self.attempts_sent {
            0 => "before anything was sent".to_owned(),
            1 => "after 1 attempt".to_owned(),
            more => format!("after {more} attempts"),
        };
        let tried = self.attempts_made();
        let tries = if tried > self.attempts_sent.max(1) {
            format!(", tried {tried} times")
        } else {
            String::new()
        };
        let remark = remark.map(|remark| format!(" ({remark})")).unwrap_or_default();
        format!("{method} {url} failed {attempts}{tries}: {what}{remark}")
    }
}
