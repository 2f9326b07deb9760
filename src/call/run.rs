//! One call from its plan to its result: wait for admission, attempt, decide, wait, repeat.
//!
//! This file is the mechanism. [`decision`](super::decision) decides, [`backoff`](super::backoff) and
//! [`server_delay`](super::server_delay) compute the waits, and [`limit`](crate::limit) holds calls back.

use std::time::{Duration, Instant};

use http::Uri;

use crate::code::{Code, Error};
use crate::limit::Withdrawal;
use crate::log::{Level, display_url};
use crate::transport::{OpenBody, ReceivedResponse};
use crate::wait::{Cancel, Deadline};

use super::attempt::{Attempt, AttemptError};
use super::backoff::Backoff;
use super::bodies::{Bodies, is_content};
use super::decision::{Decision, RetryPolicy, RetryState, decide, idempotent, succeeded};
use super::family::Family;
use super::journal::Journal;
use super::plan::{Plan, RetryNotice};
use super::random;
use super::reason::{RetryCause, StopReason};
use super::redirect_chain::{NewAttempt, attempt};
use super::server_delay::DelaySource;
use super::token::{CallToken, Renewal};
use super::waits::{Waits, cancelled_error, close_gate};

/// The result of a call.
pub struct CallResult {
    /// The response, or the reason why there is none.
    pub outcome: Result<ReceivedResponse, Box<AttemptError>>,
    /// The number of requests sent, without redirects.
    pub attempts_sent: u32,
    /// The URI of the last request, if the request was redirected.
    pub uri: Option<Box<Uri>>,
    /// The record of each attempt.
    pub journal: Box<Journal>,
    /// The deadline of the last attempt, or of the call if there was no attempt.
    pub deadline: Deadline,
    /// The body of the response, if it stays open.
    pub open_body: Option<Box<OpenBody<'static>>>,
}

/// Executes a plan. `start`: when the call began.
pub fn run(plan: &Plan<'_>, family: &Family, start: Instant) -> CallResult {
    family.stats.count_request();
    RunningCall::new(plan, family, start).run()
}

/// A running call.
struct RunningCall<'a> {
    plan: &'a Plan<'a>,
    family: &'a Family,
    /// In a box, because the response stores it this way.
    journal: Box<Journal>,
    deadline: Deadline,
    /// The deadline of the last attempt.
    attempt_deadline: Deadline,
    /// The number of attempts that count towards the allowed retries: all except the free repeat.
    counted_attempts: u32,
    /// Whether the one free repeat has been used.
    repeated: bool,
    /// What the last retry took from the budget.
    withdrawal: Option<Withdrawal>,
    /// Why the next attempt follows the last one.
    retry_cause: Option<RetryCause>,
    /// The number of attempts that sent a request.
    attempts_sent: u32,
    bodies: Bodies<'a>,
    token: CallToken<'a>,
}

impl<'a> RunningCall<'a> {
    fn new(plan: &'a Plan<'a>, family: &'a Family, start: Instant) -> Self {
        let deadline = Deadline::after(start, plan.settings.deadline);
        Self {
            plan,
            family,
            journal: Box::default(),
            deadline,
            attempt_deadline: deadline,
            counted_attempts: 0,
            repeated: false,
            withdrawal: None,
            retry_cause: None,
            attempts_sent: 0,
            bodies: Bodies::default(),
            token: CallToken::new(plan.tokens),
        }
    }

    fn run(mut self) -> CallResult {
        let mut response: Option<Attempt> = None;
        match Bodies::prepare(self.plan) {
            Ok(bodies) => self.bodies = bodies,
            Err(error) => return self.finish_with_error(error),
        }
        loop {
            if let Err(error) = self.admit() {
                return self.finish_without_attempt(response, error);
            }
            let last = self.attempt();
            response = response.filter(|earlier| self.body_still_exists(earlier));
            self.record_attempt(&last);
            match self.renew_token(&last) {
                Renewal::None => {}
                Renewal::Repeat => {
                    self.schedule_retry(RetryCause::TokenRefused, Duration::ZERO);
                    continue;
                }
                Renewal::Failed(error) => return self.finish_without_token(last, error),
            }
            let reason = match self.decide(&last) {
                Decision::RepeatNow => {
                    self.schedule_retry(RetryCause::StaleConnection, Duration::ZERO);
                    continue;
                }
                Decision::Done(reason) => reason,
                Decision::Retry { cause, wait, source } => {
                    match self.wait_to_retry(&last, cause, wait, source) {
                        Ok(()) => {
                            response = Some(last).filter(|last| last.outcome.is_ok()).or(response);
                            continue;
                        }
                        Err(reason) => reason,
                    }
                }
            };
            return self.finish(last, response, reason);
        }
    }

    /// Gets the token first: a call must not hold its place in a limit while it waits for a token.
    fn admit(&mut self) -> Result<(), Error> {
        self.token.obtain(self.deadline, &mut self.journal)?;
        let waited = self.journal.total_wait();
        self.waits().wait_for_admission()?;
        if self.token.is_used() && self.journal.total_wait() > waited {
            self.token.obtain(self.deadline, &mut self.journal)?;
        }
        Ok(())
    }

    fn renew_token(&mut self, last: &Attempt) -> Renewal {
        if !self.token.is_used() {
            return Renewal::None;
        }
        // The server has processed a request that it has redirected.
        let harmless = last.uri.is_none() || self.idempotent(last);
        let can_repeat = harmless && self.bodies.replayable(self.plan);
        let now = self.family.clock.now();
        self.token.after_attempt(last, can_repeat, now, self.deadline, &mut self.journal)
    }

    fn waits(&mut self) -> Waits<'_> {
        let Self { plan, family, deadline, journal, .. } = self;
        Waits { plan, family, deadline: *deadline, journal }
    }

    fn attempt(&mut self) -> Attempt {
        let cause = self.retry_cause.take();
        if let Some(cause) = cause {
            self.journal.set_retry_cause(cause);
            self.family.stats.count_retry(cause);
        }
        let repeat = cause == Some(RetryCause::StaleConnection);
        self.repeated |= repeat;
        let free = repeat || cause == Some(RetryCause::TokenRefused);
        self.counted_attempts = self.counted_attempts.saturating_add(u32::from(!free));
        let now = self.family.clock.now();
        self.attempt_deadline =
            Deadline::after(now, self.plan.settings.timeout).earlier(self.deadline);
        let new = NewAttempt {
            start: now,
            deadline: self.attempt_deadline,
            number: self.all_attempts().saturating_add(1),
            fresh: repeat,
            token: self.token.token().map(AsRef::as_ref),
        };
        attempt(self.plan, self.family, new, &mut self.bodies)
    }

    /// Whether the body of an earlier response still exists after the last attempt.
    fn body_still_exists(&self, earlier: &Attempt) -> bool {
        let content = self.plan.output.is_raw() || is_content(self.plan.method, earlier.status());
        !content || self.bodies.keeps_content()
    }

    /// The number of attempts, with the free repeat and those that sent no request.
    fn all_attempts(&self) -> u32 {
        u32::try_from(self.journal.attempts()).unwrap_or(u32::MAX)
    }

    fn record_attempt(&mut self, last: &Attempt) {
        self.attempts_sent = self.attempts_sent.saturating_add(u32::from(last.request_sent));
        self.journal.add_attempt(last.entry());
        let stats = &self.family.stats;
        if last.request_sent {
            stats.count_attempt();
        }
        if last.code() == Code::Timeout {
            stats.count_timeout();
        }
    }

    fn decide(&self, last: &Attempt) -> Decision {
        let settings = &self.plan.settings;
        let succeeded = succeeded(last.status(), &settings.retry_statuses) && last.outcome.is_ok();
        if succeeded && !last.quota_exhausted() {
            return Decision::Done(StopReason::Succeeded);
        }
        let result = last.result(self.family.clock.system_time());
        let now = self.family.clock.now();
        close_gate(self.plan, self.family, &result, now);
        if succeeded {
            return Decision::Done(StopReason::Succeeded);
        }
        let policy = RetryPolicy {
            max_retries: settings.retries,
            backoff: Backoff { base: settings.backoff_base, max: settings.backoff_max },
            statuses: &settings.retry_statuses,
            retry_after_max: settings.retry_after_max,
        };
        let state = RetryState {
            counted_attempts: self.counted_attempts,
            repeated: self.repeated,
            idempotent: self.idempotent(last),
            replayable: self.bodies.replayable(self.plan),
            remaining: self.deadline.remaining(now),
        };
        // No wait follows a success, and a random number costs a system call.
        let random = if last.code() == Code::Ok { 0.0 } else { random::uniform(now) };
        decide(&result, &state, &policy, random)
    }

    fn idempotent(&self, last: &Attempt) -> bool {
        let has_key =
            || self.plan.headers.contains_key("idempotency-key") && !last.sent_without_key;
        self.plan.is_idempotent || idempotent(self.plan.method, has_key)
    }

    /// Waits before the next attempt, unless the caller forbids it or cancels.
    fn wait_to_retry(
        &mut self,
        last: &Attempt,
        cause: RetryCause,
        wait: Duration,
        source: DelaySource,
    ) -> Result<(), StopReason> {
        if self.plan.cancel.is_some_and(Cancel::triggered) {
            return Err(StopReason::Cancelled);
        }
        let notice = RetryNotice {
            attempt: self.all_attempts(),
            code: last.code(),
            status: last.status(),
            wait,
        };
        if self.plan.on_retry.is_some_and(|may_retry| !may_retry(&notice)) {
            return Err(StopReason::CallerForbade);
        }
        // The callback may have taken a long time.
        let remaining = self.deadline.remaining(self.family.clock.now());
        if remaining.is_some_and(|remaining| wait >= remaining) {
            return Err(StopReason::DeadlineTooNear);
        }
        let rate_limited = last.code() == Code::RateLimited;
        self.withdrawal = self.family.retry_budget.withdraw(rate_limited);
        if self.withdrawal.is_none() {
            self.plan.logger.emit(Level::Warn, || {
                let url = display_url(&self.plan.uri.to_string());
                let (method, attempt) = (self.plan.method, self.all_attempts());
                let why = "too many calls fail, so the retry budget is used up";
                format!("{method} {url}: attempt {attempt} failed ({cause}), not retried: {why}")
            });
            return Err(StopReason::BudgetExhausted);
        }
        self.schedule_retry(cause, wait);
        self.waits().sleep(wait, source).map_err(|_| StopReason::Cancelled)
    }

    /// Records that another attempt follows, and why.
    fn schedule_retry(&mut self, cause: RetryCause, wait: Duration) {
        self.retry_cause = Some(cause);
        self.plan.logger.emit(Level::Warn, || {
            let url = display_url(&self.plan.uri.to_string());
            let ms = wait.as_millis();
            let (method, attempt) = (self.plan.method, self.all_attempts());
            format!("{method} {url}: attempt {attempt} failed ({cause}), next one in {ms} ms")
        });
    }

    /// Ends with the last attempt, or with the earlier response.
    fn finish(
        mut self,
        last: Attempt,
        response: Option<Attempt>,
        reason: StopReason,
    ) -> CallResult {
        self.journal.set_stop_reason(reason);
        if self.plan.settings.retries > 0 && is_good(&last) {
            self.family.retry_budget.deposit(self.withdrawal);
        }
        if reason == StopReason::Cancelled && last.code() != Code::Cancelled {
            return self.finish_with_error(cancelled_error());
        }
        let last = match response {
            Some(earlier) if self.earlier_response_is_better(&last, reason) => earlier,
            _ => last,
        };
        let outcome = last.outcome.map_err(|mut failed| {
            // A wait beyond the deadline ends the call with the same code as the deadline itself.
            let too_near = reason == StopReason::DeadlineTooNear;
            let code = if too_near { Code::Timeout } else { failed.error.code };
            let message = self.error_message(&failed.error.message, reason.hint());
            failed.error = Error::new(code, message);
            failed
        });
        self.into_result(outcome, last.uri)
    }

    /// Whether an earlier response says more than the last attempt, which ran out of time. It does
    /// not if the server may have processed the last attempt and the request must not be repeated.
    fn earlier_response_is_better(&self, last: &Attempt, reason: StopReason) -> bool {
        let ran_out =
            last.code() == Code::Timeout && self.deadline.has_passed(self.family.clock.now());
        let harmless = !last.request_sent || self.idempotent(last);
        last.outcome.is_err() && harmless && (ran_out || reason == StopReason::DeadlineTooNear)
    }

    /// Ends because no other attempt is possible: with the earlier response, or with the error.
    fn finish_without_attempt(mut self, response: Option<Attempt>, error: Error) -> CallResult {
        let reason = match error.code {
            Code::Cancelled => StopReason::Cancelled,
            Code::Token => StopReason::NoToken,
            _ => StopReason::DeadlineTooNear,
        };
        self.journal.set_stop_reason(reason);
        match response.filter(|_| reason == StopReason::DeadlineTooNear) {
            Some(earlier) => self.into_result(earlier.outcome, earlier.uri),
            None => self.finish_with_error(error),
        }
    }

    /// Ends because the server has refused the token and there is no other one.
    fn finish_without_token(self, last: Attempt, error: Error) -> CallResult {
        match error.code {
            Code::Token => self.finish(last.without_token(error), None, StopReason::NoToken),
            Code::Cancelled => self.finish(last, None, StopReason::Cancelled),
            _ => self.finish(last, None, StopReason::DeadlineTooNear),
        }
    }

    /// Ends without a response.
    fn finish_with_error(mut self, error: Error) -> CallResult {
        // That of an earlier response.
        drop(self.bodies.take_open_body());
        let message = self.error_message(&error.message, None);
        self.into_result(Err(AttemptError::not_sent(Error::new(error.code, message))), None)
    }

    fn into_result(
        mut self,
        mut outcome: Result<ReceivedResponse, Box<AttemptError>>,
        uri: Option<Box<Uri>>,
    ) -> CallResult {
        if let Ok(received) = &outcome
            && let Err(error) = self.bodies.finish(received)
        {
            let error = Error::new(error.code, self.error_message(&error.message, None));
            let mut failed = AttemptError::not_sent(error);
            failed.head = Some(received.head.clone());
            outcome = Err(failed);
        }
        let mut open_body = self.bodies.take_open_body();
        if let Some(body) = &mut open_body {
            // The time of the attempt ends with the head of the response.
            let clock = &self.family.clock;
            body.set_deadline(clock.socket_deadline(self.deadline, clock.now()));
        }
        let Self { attempts_sent, journal, attempt_deadline: deadline, .. } = self;
        CallResult { outcome, attempts_sent, uri, journal, deadline, open_body }
    }

    /// The error text: the request, the number of attempts, what happened, and why the call is not
    /// retried. "Attempts" counts requests sent, as the caller sees them; "tried" counts all
    /// attempts.
    fn error_message(&self, what: &str, hint: Option<&str>) -> String {
        let (method, url) = (self.plan.method, display_url(&self.plan.uri.to_string()));
        let attempts = match self.attempts_sent {
            0 => "before anything was sent".to_owned(),
            1 => "after 1 attempt".to_owned(),
            more => format!("after {more} attempts"),
        };
        let all = self.all_attempts();
        let tried = if all > self.attempts_sent.max(1) {
            format!(", tried {all} times")
        } else {
            String::new()
        };
        let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{method} {url} failed {attempts}{tried}: {what}{hint}")
    }
}

/// Whether a response shows that the server works: no error of the server, and no rate limit.
fn is_good(last: &Attempt) -> bool {
    match last.code() {
        Code::Ok => true,
        Code::Status => last.status() < 500,
        _ => false,
    }
}
