//! The waits of a call: at the server's gate, for a slot of the caller's own limit, and before a retry.

use std::time::{Duration, Instant};

use http::header::{HOST, HeaderName};

use crate::code::{Code, Error};
use crate::limit::{GateKey, Reservation, WaitTooLong};
use crate::log::is_secret_name;
use crate::wait::{Cancel, Deadline};

use super::decision::{AttemptResult, gate_delay};
use super::family::{Family, Limits};
use super::journal::Journal;
use super::plan::Plan;
use super::random;
use super::server_delay::DelaySource;

/// The parts of a call that its waits need.
pub(super) struct Waits<'c> {
    pub(super) plan: &'c Plan<'c>,
    pub(super) family: &'c Family,
    pub(super) deadline: Deadline,
    pub(super) journal: &'c mut Journal,
}

impl Waits<'_> {
    /// Waits until the call may send.
    ///
    /// The gate comes first. If calls held a slot of the caller's limit while they wait at the gate,
    /// they would exceed the limit when it opens. If the gate closes while a call waits for its slot,
    /// the call returns the slot and starts again.
    ///
    /// # Errors
    /// [`Code::Cancelled`]; [`Code::RateLimited`] if the wait would exceed the deadline;
    /// [`Code::Timeout`] if the deadline has passed.
    pub(super) fn wait_for_admission(&mut self) -> Result<(), Error> {
        if self.plan.cancel.is_some_and(Cancel::triggered) {
            return Err(cancelled_error());
        }
        if self.deadline.instant().is_some() && self.deadline.has_passed(self.family.clock.now()) {
            return Err(Error::new(Code::Timeout, "the deadline has passed"));
        }
        if self.plan.settings.retries == 0 && !self.family.has_rate_limit() {
            return Ok(());
        }
        let limits = self.family.limits();
        loop {
            self.wait_at_gate(&limits)?;
            let slot = self.reserve_slot(&limits)?;
            if slot.wait.is_zero() || !self.gate_has_closed(&limits) {
                return Ok(());
            }
            limits.bucket.release(slot);
        }
    }

    /// Waits, and records the actual length of the wait.
    pub(super) fn sleep(&mut self, duration: Duration, source: DelaySource) -> Result<(), Error> {
        let clock = &self.family.clock;
        let start = clock.now();
        let slept = clock.sleep(duration, self.plan.cancel);
        let waited = clock.now().saturating_duration_since(start);
        self.journal.add_wait(waited, source);
        self.family.stats.count_wait(waited);
        slept.map_err(|_| cancelled_error())
    }

    fn wait_at_gate(&mut self, limits: &Limits) -> Result<(), Error> {
        while self.obeys_gates(limits) {
            let now = self.family.clock.now();
            let remaining = self.deadline.remaining(now);
            let origin = origin(self.plan);
            let key = gate_key(self.plan, self.family, &origin);
            let wait = limits.gate.reserve(key, now, remaining, random::uniform(now)).map_err(
                |error| wait_too_long(error, "the server limits requests like this one"),
            )?;
            if wait.is_zero() {
                break;
            }
            // Another response may close the gate again during the wait, so the loop checks it again.
            self.sleep(wait, DelaySource::Gate)?;
        }
        Ok(())
    }

    fn gate_has_closed(&self, limits: &Limits) -> bool {
        let origin = origin(self.plan);
        let key = gate_key(self.plan, self.family, &origin);
        self.obeys_gates(limits) && limits.gate.is_closed(key, self.family.clock.now())
    }

    /// A call without retries is not meant to wait for the server.
    fn obeys_gates(&self, limits: &Limits) -> bool {
        self.plan.settings.retries > 0 && !limits.gate.all_open()
    }

    fn reserve_slot(&mut self, limits: &Limits) -> Result<Reservation, Error> {
        let now = self.family.clock.now();
        let slot = limits
            .bucket
            .reserve(now, self.deadline.remaining(now))
            .map_err(|error| wait_too_long(error, "the limit of sac_set_rate_limit is reached"))?;
        if !slot.wait.is_zero() {
            self.sleep(slot.wait, DelaySource::Limiter)
                .inspect_err(|_| limits.bucket.release(slot))?;
        }
        Ok(slot)
    }
}

/// Closes the gate for other calls of the client family if the server asks for a delay.
pub(super) fn close_gate(plan: &Plan<'_>, family: &Family, result: &AttemptResult, now: Instant) {
    if let Some(delay) = gate_delay(result) {
        let origin = origin(plan);
        let key = gate_key(plan, family, &origin);
        family.limits().gate.close(key, delay, plan.settings.retry_after_max, now);
    }
}

/// The error of a call that the caller has cancelled.
pub(super) fn cancelled_error() -> Error {
    Error::new(Code::Cancelled, "cancelled by the caller")
}

fn wait_too_long(error: WaitTooLong, what: &str) -> Error {
    let ms = error.wait.as_millis();
    Error::new(
        Code::RateLimited,
        format!("{what}, and the wait of {ms} ms would exceed the deadline"),
    )
}

/// The key of a call's gate. Every header field with a secret name counts as a credential, so an API
/// key works like `Authorization`.
fn gate_key<'a>(plan: &'a Plan<'_>, family: &Family, origin: &'a str) -> GateKey<'a> {
    // The order of the fields varies, so the sum of their fingerprints identifies them. Tokens change, so
    // their source counts.
    let credential = plan
        .headers
        .iter()
        .filter(|(name, _)| identifies_caller(name))
        .map(|(name, value)| family.fingerprint((name, value.as_bytes())))
        .chain(plan.digest.map(|digest| family.fingerprint(digest.username())))
        .chain(plan.signer.map(|signer| family.fingerprint(signer.identity())))
        .chain(plan.tokens.map(|tokens| family.fingerprint(tokens.identity())))
        .fold(family.fingerprint(plan.cookies), u64::wrapping_add);
    GateKey { origin, credential, path: plan.uri.path() }
}

/// An idempotency key has a secret name, but it identifies a request.
fn identifies_caller(name: &HeaderName) -> bool {
    (is_secret_name(name.as_str()) || *name == HOST) && name != "idempotency-key"
}

/// Scheme and authority of a call.
fn origin(plan: &Plan<'_>) -> String {
    let scheme = plan.uri.scheme_str().unwrap_or_default();
    let authority = plan.uri.authority().map_or("", http::uri::Authority::as_str);
    format!("{scheme}://{authority}")
}
