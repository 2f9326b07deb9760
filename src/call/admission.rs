//! What a call waits for before it sends: the server's gate and the caller's own limit.

use http::header::{HOST, HeaderName};

use crate::code::{Code, Error};
use crate::limit::{GateKey, Reservation, WaitTooLong};
use crate::log::is_secret_name;
use crate::wait::Cancel;

use super::family::{Family, Limits};
use super::plan::Plan;
use super::random;
use super::running::{RunningCall, cancelled_error};
use super::server_delay::DelaySource;

/// Waits until the call may send.
///
/// The gate comes first: a slot of the caller's limit that is held at the gate would let calls
/// pile up there and exceed the limit when it opens. Where the gate closes while a call waits for
/// its slot, the slot goes back and all begins anew.
///
/// # Errors
/// [`Code::Cancelled`]; [`Code::RateLimited`] where the wait would outlast the deadline;
/// [`Code::Timeout`] where the deadline has passed.
pub(super) fn wait_for_admission(life: &mut RunningCall<'_>) -> Result<(), Error> {
    if life.plan.cancel.is_some_and(Cancel::triggered) {
        return Err(cancelled_error());
    }
    if life.deadline.instant().is_some() && life.deadline.has_passed(life.family.clock.now()) {
        return Err(Error::new(Code::Timeout, "the deadline has passed"));
    }
    if life.plan.settings.retries == 0 && !life.family.has_rate_limit() {
        return Ok(());
    }
    let limits = life.family.limits();
    loop {
        wait_at_gate(life, &limits)?;
        let slot = reserve_slot(life, &limits)?;
        if slot.wait.is_zero() || !gate_has_closed(life, &limits) {
            return Ok(());
        }
        limits.bucket.release(slot);
    }
}

fn wait_at_gate(life: &mut RunningCall<'_>, limits: &Limits) -> Result<(), Error> {
    while waits_at_gates(life, limits) {
        let now = life.family.clock.now();
        let left = life.deadline.remaining(now);
        let origin = origin(life.plan);
        let key = gate_key(life.plan, life.family, &origin);
        let wait =
            limits.gate.reserve(key, now, left, random::uniform(now)).map_err(|refused| {
                wait_too_long(refused, "the server has limited requests like this one")
            })?;
        if wait.is_zero() {
            break;
        }
        // Another answer may close the gate again in the meantime, so it is asked once more.
        life.sleep(wait, DelaySource::Gate)?;
    }
    Ok(())
}

fn gate_has_closed(life: &RunningCall<'_>, limits: &Limits) -> bool {
    let origin = origin(life.plan);
    let key = gate_key(life.plan, life.family, &origin);
    waits_at_gates(life, limits) && limits.gate.is_closed(key, life.family.clock.now())
}

/// Who may not retry has asked for no waiting.
fn waits_at_gates(life: &RunningCall<'_>, limits: &Limits) -> bool {
    life.plan.settings.retries > 0 && !limits.gate.all_open()
}

fn reserve_slot(life: &mut RunningCall<'_>, limits: &Limits) -> Result<Reservation, Error> {
    let now = life.family.clock.now();
    let slot = limits
        .bucket
        .reserve(now, life.deadline.remaining(now))
        .map_err(|refused| wait_too_long(refused, "the limit of sac_set_rate_limit is reached"))?;
    if !slot.wait.is_zero() {
        life.sleep(slot.wait, DelaySource::Limiter).inspect_err(|_| limits.bucket.release(slot))?;
    }
    Ok(slot)
}

fn wait_too_long(refused: WaitTooLong, what: &str) -> Error {
    let ms = refused.wait.as_millis();
    Error::new(
        Code::RateLimited,
        format!("{what}, and the wait of {ms} ms would outlast the deadline"),
    )
}

/// What the gate knows a call by. Every field whose name speaks of a secret counts as the credential,
/// so that an API key does as much as an `Authorization`.
pub(super) fn gate_key<'a>(plan: &'a Plan<'_>, family: &Family, origin: &'a str) -> GateKey<'a> {
    // The fields come in any order, so their fingerprints are added up.
    let credential = plan
        .headers
        .iter()
        .filter(|(name, _)| identifies_caller(name))
        .map(|(name, value)| family.fingerprint((name, value.as_bytes())))
        .fold(family.fingerprint(plan.cookies), u64::wrapping_add);
    GateKey { origin, credential, path: plan.uri.path() }
}

/// An idempotency key speaks of a key too, but names a request.
fn identifies_caller(name: &HeaderName) -> bool {
    (is_secret_name(name.as_str()) || *name == HOST) && name != "idempotency-key"
}

/// Scheme and authority of a call.
pub(super) fn origin(plan: &Plan<'_>) -> String {
    let scheme = plan.uri.scheme_str().unwrap_or_default();
    let authority = plan.uri.authority().map_or("", http::uri::Authority::as_str);
    format!("{scheme}://{authority}")
}
