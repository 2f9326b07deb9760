//! What follows an attempt: the end, a repeat at once, or a retry after a wait.
//!
//! Pure: what happened, what has been tried, the caller's rules and a random number go in, one
//! [`Decision`] comes out. The rule behind it is RFC 9110 section 9.2.2: a request that may have
//! been processed is sent again only where a second processing does no harm.
//!
//! | class | what happened | repeated for |
//! | --- | --- | --- |
//! | A, unsent | no byte of the request was written | every method |
//! | B, turned away | 429; a 403 that is a rate limit; 503 with `Retry-After` | every method |
//! | C, unknown | sent, and no answer came; any other status in the caller's set | idempotent requests |
//! | never | certificate, input, size, redirect, cancel; a body that cannot be replayed | nothing |
//!
//! A status must stand in the caller's set to be repeated at all; a 403 that is a rate limit does
//! where 429 does. The set says what is worth
//! another try, not what is safe: a 409 or 425 that the caller adds belongs to class C. A server
//! may narrow that with `x-should-retry: false`, and widen it with `true` to any status from 400
//! on, which the class rule still governs.

use std::time::Duration;

use http::{HeaderMap, Method};

use super::backoff::{Backoff, with_jitter};
use super::reason::{FailureKind, RetryCause, StopReason};
use super::server_delay::{DelaySource, ServerDelay};

/// An attempt that brought no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptFailure {
    /// What went wrong.
    pub kind: FailureKind,
    /// Whether a byte of the request, head or body, may have left for the server.
    pub request_bytes_written: bool,
    /// Whether the connection had carried an earlier request.
    pub reused_connection: bool,
    /// Whether a byte of the answer arrived.
    pub response_bytes_read: bool,
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptResult {
    /// No answer, or none that is whole.
    Failure(AttemptFailure),
    /// A whole answer.
    Response {
        /// Its status.
        status: u16,
        /// Whether it is a rate limit: see [`is_rate_limit`](super::server_delay::is_rate_limit).
        limited: bool,
        /// What it says itself about another try: see [`should_retry`].
        should_retry: Option<bool>,
        /// The delay that it names.
        delay: Option<ServerDelay>,
    },
}

/// The call so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryState {
    /// The attempts made, the one just ended included and the free repeat left out: 1, 2, ….
    pub tries: u32,
    /// Whether the one free repeat has been used.
    pub repeated: bool,
    /// Whether a second processing does no harm: see [`idempotent`].
    pub idempotent: bool,
    /// Whether the request can be sent once more as it was, and its answer taken once more: false
    /// where a body cannot be read again, or a part of the answer has been handed to a callback.
    pub replayable: bool,
    /// What is left of the deadline; `None` where there is none.
    pub left: Option<Duration>,
}

/// The caller's settings for retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy<'a> {
    /// How many attempts may follow the first.
    pub max_retries: u32,
    /// How waits grow where no server names one.
    pub backoff: Backoff,
    /// The statuses that are worth another try.
    pub statuses: &'a [u16],
    /// The longest delay of a server that is waited for.
    pub retry_after_max: Duration,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Hand over what there is.
    Done(StopReason),
    /// Send again at once on a fresh connection, at no cost to the retries allowed. The cause is
    /// [`Cause::StaleConnection`], and it happens once in a call.
    RepeatNow,
    /// Wait, then send again.
    Retry {
        /// Why.
        cause: RetryCause,
        /// How long to wait.
        wait: Duration,
        /// Who says so.
        from: DelaySource,
    },
}

/// Whether a request may be processed twice without harm: by its method (RFC 9110 section 9.2.2; for
/// QUERY RFC 10008 section 2; for the rest the safe ones of IANA's registry of methods), or because
/// a key lets the server recognise the second one.
#[must_use]
pub fn idempotent(method: &Method, has_key: impl FnOnce() -> bool) -> bool {
    let by_method = matches!(
        method.as_str(),
        "GET"
            | "HEAD"
            | "PUT"
            | "DELETE"
            | "OPTIONS"
            | "TRACE"
            | "QUERY"
            | "PROPFIND"
            | "REPORT"
            | "SEARCH"
    );
    by_method || has_key()
}

/// Whether an answer with this status ends a call well, whatever else it says.
#[must_use]
pub fn succeeded(status: u16, statuses: &[u16]) -> bool {
    status < 400 && !statuses.contains(&status)
}

/// What an answer says in `x-should-retry`; `None` for silence and for anything but a boolean.
#[must_use]
pub fn should_retry(headers: &HeaderMap) -> Option<bool> {
    let value = headers.get("x-should-retry")?.to_str().ok()?.trim();
    if value.eq_ignore_ascii_case("true") {
        Some(true)
    } else if value.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// What follows an attempt. `random` lies in `[0, 1)`.
///
/// The wait of a retry is never shorter than the server asked for and always ends before the
/// deadline. A delay of zero gives leave to come back, not to hammer: servers round down to it, and
/// five retries within a millisecond help nobody. It is waited out as the back-off.
#[must_use]
pub fn decide(
    happened: &AttemptResult,
    progress: &RetryState,
    rules: &RetryPolicy<'_>,
    random: f64,
) -> Decision {
    let (class, cause) = match classify(happened, rules) {
        Ok(found) => found,
        Err(why) => return Decision::Done(why),
    };
    let harmless = class != Class::Unknown || progress.idempotent;
    if !progress.repeated
        && progress.replayable
        && harmless
        && is_stale_connection(happened)
        && progress.left != Some(Duration::ZERO)
    {
        return Decision::RepeatNow;
    }
    let allowed = if progress.tries > rules.max_retries {
        Err(StopReason::RetriesExhausted)
    } else if !progress.replayable {
        Err(StopReason::NotReplayable)
    } else if !harmless {
        Err(StopReason::OutcomeUnknown)
    } else {
        retry_wait(happened, progress, rules, random)
    };
    match allowed {
        Ok((wait, from)) => Decision::Retry { cause, wait, from },
        Err(why) => Decision::Done(why),
    }
}

/// What is known of the request's fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Unsent,
    Rejected,
    Unknown,
}

fn classify(
    happened: &AttemptResult,
    rules: &RetryPolicy<'_>,
) -> Result<(Class, RetryCause), StopReason> {
    match *happened {
        AttemptResult::Failure(fault) => {
            Ok((class_of_fault(fault)?, RetryCause::Fault(fault.kind)))
        }
        AttemptResult::Response { status, limited, should_retry, delay } => {
            let listed = |status| rules.statuses.contains(&status);
            let listed = listed(status) || (limited && listed(429));
            match should_retry {
                _ if succeeded(status, rules.statuses) => Err(StopReason::Succeeded),
                Some(false) if listed => Err(StopReason::ServerForbade),
                Some(true) => Ok(()),
                _ if listed => Ok(()),
                _ => Err(StopReason::NotRetryable),
            }?;
            Ok((class_of_status(status, limited, delay), RetryCause::Status(status)))
        }
    }
}

fn class_of_fault(fault: AttemptFailure) -> Result<Class, StopReason> {
    match fault.kind {
        FailureKind::Cancelled => Err(StopReason::Cancelled),
        FailureKind::Tls { certificate: true }
        | FailureKind::TooLarge
        | FailureKind::Redirect
        | FailureKind::BadInput
        | FailureKind::Internal => Err(StopReason::NotRetryable),
        FailureKind::Resolve
        | FailureKind::Connect
        | FailureKind::Tls { certificate: false }
        | FailureKind::Proxy
        | FailureKind::Timeout
        | FailureKind::Closed
        | FailureKind::Protocol => {
            Ok(if fault.request_bytes_written { Class::Unknown } else { Class::Unsent })
        }
    }
}

/// A 503 that names its delay in another field than `Retry-After` does not say that it turned the
/// request away: those fields stand on every answer of a server that has them.
fn class_of_status(status: u16, limited: bool, delay: Option<ServerDelay>) -> Class {
    let retry_after = delay.is_some_and(|delay| {
        matches!(delay.from, DelaySource::RetryAfter | DelaySource::RetryAfterMs)
    });
    if limited || (status == 503 && retry_after) { Class::Rejected } else { Class::Unknown }
}

/// The delay for which others are to leave the server alone: what a refusal names, and what any
/// answer names that says that no request is left.
#[must_use]
pub fn gate_delay(happened: &AttemptResult) -> Option<Duration> {
    let AttemptResult::Response { status, limited, delay: Some(delay), .. } = *happened else {
        return None;
    };
    if limited || status == 503 { Some(delay.wait) } else { delay.spent_for }
}

/// Whether a kept connection turned out to be closed: the peer may hang up on an idle connection
/// at any time (RFC 9112 section 9.5), which says nothing about the request.
fn is_stale_connection(happened: &AttemptResult) -> bool {
    matches!(
        happened,
        AttemptResult::Failure(AttemptFailure {
            kind: FailureKind::Closed,
            reused_connection: true,
            response_bytes_read: false,
            ..
        })
    )
}

fn retry_wait(
    happened: &AttemptResult,
    progress: &RetryState,
    rules: &RetryPolicy<'_>,
    random: f64,
) -> Result<(Duration, DelaySource), StopReason> {
    let (refusal, delay) = match *happened {
        AttemptResult::Response { status, limited, delay, .. } => (limited || status == 503, delay),
        AttemptResult::Failure(_) => (false, None),
    };
    let (wait, from) = match delay {
        Some(delay) if delay.wait > rules.retry_after_max => return Err(StopReason::DelayTooLong),
        Some(delay) if !delay.wait.is_zero() => (with_jitter(delay.wait, random), delay.from),
        None if refusal => {
            (rules.backoff.refusal_jitter(progress.tries, random), DelaySource::Backoff)
        }
        _ => (rules.backoff.full_jitter(progress.tries, random), DelaySource::Backoff),
    };
    // A wait that ends with the deadline leaves no time to send in.
    if progress.left.is_some_and(|left| wait >= left) {
        return Err(StopReason::DeadlineTooNear);
    }
    Ok((wait, from))
}

#[cfg(test)]
mod tests;
