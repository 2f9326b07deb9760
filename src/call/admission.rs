//! What a call waits for before it sends: the server's gate and the caller's own limit.

use http::header;

use crate::code::{Code, Error};
use crate::limit::{GateKey, Refused};
use crate::wait::Cancel;

use super::chance;
use super::family::Family;
use super::plan::Plan;
use super::run::{Life, cancelled};
use super::server_delay::DelaySource;

/// Waits until the call may send.
///
/// # Errors
/// [`Code::Cancelled`]; [`Code::RateLimited`] where the wait would outlast the deadline;
/// [`Code::Timeout`] where the deadline has passed.
pub(super) fn admit(life: &mut Life<'_>) -> Result<(), Error> {
    if life.plan.cancel.is_some_and(Cancel::triggered) {
        return Err(cancelled());
    }
    if life.deadline.instant().is_some() && life.deadline.passed(life.family.clock.now()) {
        return Err(Error::new(Code::Timeout, "the deadline has passed"));
    }
    // Who may not retry has asked for no waiting.
    if life.plan.settings.retries > 0 {
        pass_gate(life)?;
    }
    take_token(life)
}

fn pass_gate(life: &mut Life<'_>) -> Result<(), Error> {
    let limits = life.family.limits();
    if limits.gate.all_open() {
        return Ok(());
    }
    let origin = origin(life.plan);
    let key = gate_key(life.plan, life.family, &origin);
    loop {
        let now = life.family.clock.now();
        let left = life.deadline.remaining(now);
        let wait =
            limits.gate.wait_for(key, now, left, chance::fraction(now)).map_err(|refused| {
                too_long(refused, "the server has limited requests like this one")
            })?;
        if wait.is_zero() {
            return Ok(());
        }
        // Another answer may close the gate again in the meantime, so it is asked once more.
        life.sleep(wait, DelaySource::Gate)?;
    }
}

fn take_token(life: &mut Life<'_>) -> Result<(), Error> {
    let limits = life.family.limits();
    let now = life.family.clock.now();
    let reserved = limits
        .bucket
        .reserve(now, life.deadline.remaining(now))
        .map_err(|refused| too_long(refused, "the limit of sac_set_rate_limit is reached"))?;
    if reserved.wait.is_zero() {
        return Ok(());
    }
    life.sleep(reserved.wait, DelaySource::Limiter)
        .inspect_err(|_| limits.bucket.give_back(reserved))
}

fn too_long(refused: Refused, what: &str) -> Error {
    let ms = refused.wait.as_millis();
    Error::new(
        Code::RateLimited,
        format!("{what}, and the wait of {ms} ms would outlast the deadline"),
    )
}

/// What the gate knows a call by.
pub(super) fn gate_key<'a>(plan: &'a Plan<'_>, family: &Family, origin: &'a str) -> GateKey<'a> {
    let authorization = plan.headers.get(header::AUTHORIZATION).map(http::HeaderValue::as_bytes);
    let credential = family.fingerprint((authorization, plan.cookies));
    GateKey { origin, credential, path: plan.uri.path() }
}

/// Scheme and authority of a call.
pub(super) fn origin(plan: &Plan<'_>) -> String {
    let scheme = plan.uri.scheme_str().unwrap_or_default();
    let authority = plan.uri.authority().map_or("", http::uri::Authority::as_str);
    format!("{scheme}://{authority}")
}
