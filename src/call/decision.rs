//! Decides what follows an attempt: the end, an immediate repeat, or a retry after a wait.
//!
//! Pure: the input is the result, the state of the call, the caller's policy and a random number;
//! the output is one [`Decision`]. The rule is RFC 9110 section 9.2.2: a request that the server
//! may have processed is sent again only if a second processing does no harm.
//!
//! | class | result | retried for |
//! | --- | --- | --- |
//! | A, unsent | no byte of the request was written | every method |
//! | B, rejected | 429; a 403 that is a rate limit; 503 with `Retry-After` | every method |
//! | C, unknown | sent, and no response arrived; any other status in the caller's set | idempotent requests |
//! | never | certificate, input, size, redirect, cancel; a body that cannot be replayed | nothing |
//!
//! A status is retried only if it is in the caller's set. A 403 that is a rate limit counts as a
//! 429. The set says which statuses are worth a retry, not which are safe: a 409 or 425 that the
//! caller adds belongs to class C. A server can forbid a retry with `x-should-retry: false`. With
//! `true` it can allow one for any status from 400 on; the class still decides.

use std::time::Duration;

use http::{HeaderMap, Method};

use super::backoff::{Backoff, with_jitter};
use super::reason::{FailureKind, RetryCause, StopReason};
use super::server_delay::{DelaySource, ServerDelay};

/// A failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptFailure {
    /// The kind of failure.
    pub kind: FailureKind,
    /// Whether the client may have sent a byte of the request, head or body.
    pub request_bytes_written: bool,
    /// Whether the connection had carried an earlier request.
    pub reused_connection: bool,
    /// Whether a byte of the response arrived.
    pub response_bytes_read: bool,
}

/// The result of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptResult {
    /// No response, or an incomplete one.
    Failure(AttemptFailure),
    /// A complete response.
    Response {
        /// The status.
        status: u16,
        /// Whether it is a rate limit: see [`is_rate_limit`](super::server_delay::is_rate_limit).
        limited: bool,
        /// The value of `x-should-retry`: see [`should_retry`].
        should_retry: Option<bool>,
        /// The delay that it names.
        delay: Option<ServerDelay>,
    },
}

/// The state of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryState {
    /// The number of attempts, with the last one and without the free repeat: 1, 2, ….
    pub counted_attempts: u32,
    /// Whether the one free repeat has been used.
    pub repeated: bool,
    /// Whether a second processing does no harm: see [`idempotent`].
    pub idempotent: bool,
    /// Whether the request can be sent again unchanged and its response received again: false if a
    /// body cannot be read again, or a callback has received a part of the response.
    pub replayable: bool,
    /// The time until the deadline; `None` if there is no deadline.
    pub remaining: Option<Duration>,
}

/// The caller's settings for retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy<'a> {
    /// The maximum number of attempts after the first.
    pub max_retries: u32,
    /// How waits grow if the server names no delay.
    pub backoff: Backoff,
    /// The statuses that are worth a retry.
    pub statuses: &'a [u16],
    /// The longest delay from a server that the call waits for.
    pub retry_after_max: Duration,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// End with the last result.
    Done(StopReason),
    /// Send again at once on a fresh connection. This happens at most once in a call and does not
    /// count as a retry. The cause is [`RetryCause::StaleConnection`].
    RepeatNow,
    /// Wait, then send again.
    Retry {
        /// The cause.
        cause: RetryCause,
        /// How long to wait.
        wait: Duration,
        /// The source of the wait.
        source: DelaySource,
    },
}

/// Whether a request may be processed twice without harm: because of its method (RFC 9110 section
/// 9.2.2; for QUERY RFC 10008 section 2; others that IANA's registry of methods lists as safe), or
/// because of a key that lets the server recognise the second one.
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

/// Whether a response with this status ends a call successfully.
#[must_use]
pub fn succeeded(status: u16, statuses: &[u16]) -> bool {
    status < 400 && !statuses.contains(&status)
}

/// The value of `x-should-retry`; `None` if it is missing or not a boolean.
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

/// Decides what follows an attempt. `random` is in `[0, 1)`.
///
/// The wait before a retry is never shorter than the server's delay and always ends before the
/// deadline. A delay of zero counts as no delay, because servers round down to it: the back-off
/// decides, because five retries within a millisecond do not help.
#[must_use]
pub fn decide(
    result: &AttemptResult,
    state: &RetryState,
    policy: &RetryPolicy<'_>,
    random: f64,
) -> Decision {
    let (class, cause) = match classify(result, policy) {
        Ok(classified) => classified,
        Err(reason) => return Decision::Done(reason),
    };
    let harmless = class != Class::Unknown || state.idempotent;
    if !state.repeated
        && state.replayable
        && harmless
        && is_stale_connection(result)
        && state.remaining != Some(Duration::ZERO)
    {
        return Decision::RepeatNow;
    }
    let allowed = if state.counted_attempts > policy.max_retries {
        Err(StopReason::RetriesExhausted)
    } else if !state.replayable {
        Err(StopReason::NotReplayable)
    } else if !harmless {
        Err(StopReason::OutcomeUnknown)
    } else {
        retry_wait(result, state, policy, random)
    };
    match allowed {
        Ok((wait, source)) => Decision::Retry { cause, wait, source },
        Err(reason) => Decision::Done(reason),
    }
}

/// What is known about the processing of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Unsent,
    Rejected,
    Unknown,
}

fn classify(
    result: &AttemptResult,
    policy: &RetryPolicy<'_>,
) -> Result<(Class, RetryCause), StopReason> {
    match *result {
        AttemptResult::Failure(failure) => {
            Ok((class_of_failure(failure)?, RetryCause::Failure(failure.kind)))
        }
        AttemptResult::Response { status, limited, should_retry, delay } => {
            let listed = |status| policy.statuses.contains(&status);
            let listed = listed(status) || (limited && listed(429));
            match should_retry {
                _ if succeeded(status, policy.statuses) => Err(StopReason::Succeeded),
                Some(false) if listed => Err(StopReason::ServerForbade),
                Some(true) => Ok(()),
                _ if listed => Ok(()),
                _ => Err(StopReason::NotRetryable),
            }?;
            Ok((class_of_status(status, limited, delay), RetryCause::Status(status)))
        }
    }
}

fn class_of_failure(failure: AttemptFailure) -> Result<Class, StopReason> {
    match failure.kind {
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
            Ok(if failure.request_bytes_written { Class::Unknown } else { Class::Unsent })
        }
    }
}

/// A 503 that names its delay in a field other than `Retry-After` may have been processed: a server
/// that has those fields sends them with every response.
fn class_of_status(status: u16, limited: bool, delay: Option<ServerDelay>) -> Class {
    let retry_after = delay.is_some_and(|delay| {
        matches!(delay.source, DelaySource::RetryAfter | DelaySource::RetryAfterMs)
    });
    if limited || (status == 503 && retry_after) { Class::Rejected } else { Class::Unknown }
}

/// The delay during which other calls should not use the server: the delay of a refusal, or of any
/// response that says that the quota is exhausted.
#[must_use]
pub fn gate_delay(result: &AttemptResult) -> Option<Duration> {
    let AttemptResult::Response { status, limited, delay: Some(delay), .. } = *result else {
        return None;
    };
    if limited || status == 503 { Some(delay.wait) } else { delay.exhausted_for }
}

/// Whether the peer had closed a kept connection. A peer may close an idle connection at any time
/// (RFC 9112 section 9.5), so the failure says nothing about the request.
fn is_stale_connection(result: &AttemptResult) -> bool {
    matches!(
        result,
        AttemptResult::Failure(AttemptFailure {
            kind: FailureKind::Closed,
            reused_connection: true,
            response_bytes_read: false,
            ..
        })
    )
}

fn retry_wait(
    result: &AttemptResult,
    state: &RetryState,
    policy: &RetryPolicy<'_>,
    random: f64,
) -> Result<(Duration, DelaySource), StopReason> {
    let (refusal, delay) = match *result {
        AttemptResult::Response { status, limited, delay, .. } => (limited || status == 503, delay),
        AttemptResult::Failure(_) => (false, None),
    };
    let (wait, source) = match delay {
        Some(delay) if delay.wait > policy.retry_after_max => return Err(StopReason::DelayTooLong),
        Some(delay) if !delay.wait.is_zero() => (with_jitter(delay.wait, random), delay.source),
        None if refusal => {
            (policy.backoff.refusal_jitter(state.counted_attempts, random), DelaySource::Backoff)
        }
        _ => (policy.backoff.full_jitter(state.counted_attempts, random), DelaySource::Backoff),
    };
    // If the wait ends at the deadline, no time remains to send.
    if state.remaining.is_some_and(|remaining| wait >= remaining) {
        return Err(StopReason::DeadlineTooNear);
    }
    Ok((wait, source))
}

#[cfg(test)]
mod tests;
