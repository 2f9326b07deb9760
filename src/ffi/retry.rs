//! Settings of retries and limits, and the counters that tell of them.

use std::ffi::c_char;
use std::sync::Arc;
use std::time::Duration;

use super::guard::{code, handle, items, out};
use super::setting::set;
use super::shared_number::shared_number;
use super::string::owned;
use super::types::sac_client;
use crate::code::{Code, Error, sac_code};
use crate::limit::Rate;
use crate::settings::Change;

/// Sets how many attempts may follow the first one. Retried is what may be sent twice without harm:
/// what was never sent, what the server has turned away (429, a 403 that is a rate limit, 503 with
/// `Retry-After`), and idempotent requests (RFC 9110 section 9.2.2, RFC 10008), as which any request
/// with an idempotency key counts.
///
/// Not counted among them, and done at 0 too: where a kept connection turns out to have been closed
/// by the server before a byte of the answer came, what was not sent, or is idempotent, is repeated
/// once, at once, on a fresh connection (RFC 9112 section 9.3.1).
///
/// `retries`: 0, the default, for none; 3 means up to four requests, that repeat aside. Any thread;
/// calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_retry_attempts(client: *mut sac_client, retries: u32) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::RetryAttempts(retries))) }
}

/// Sets how long is waited before a retry where the server names no delay: a random part of a span
/// that begins with `base` and doubles up to `max`. After a 429 or 503, which ask for patience, the
/// span begins with a second, if `base` is no longer, and at least half of it is waited.
///
/// `base`, `max`: milliseconds; the defaults are 100 and 20000. Any thread; calls that have begun
/// are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (`base` above
/// `max`; nothing changes).
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_backoff_ms(
    client: *mut sac_client,
    base: u64,
    max: u64,
) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::BackoffMs { base, max })) }
}

/// Sets the statuses that are worth another try.
///
/// `statuses`, `count`: the statuses, copied, each from 100 to 599; NULL with 0 for none; the
/// default is 429, 500, 502, 503, 504. With 429 stands a 403 that is a rate limit: one with
/// `Retry-After`, or with `x-ratelimit-remaining: 0`. Any thread; calls that have begun are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (no status; nothing changes).
///
/// # Safety
/// `client` is a live client, `statuses` points to `count` numbers; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_retry_statuses(
    client: *mut sac_client,
    statuses: *const u16,
    count: usize,
) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || retry_statuses(statuses, count)) }
}

/// A list of statuses given by C.
///
/// # Safety
/// `statuses` is NULL, or points to `count` numbers.
pub(super) unsafe fn retry_statuses(statuses: *const u16, count: usize) -> Result<Change, Error> {
    // There are not that many statuses; a larger count is a mistake, such as -1 turned unsigned.
    if count > 500 {
        return Err(Error::new(Code::InvalidArgument, "more than 500 statuses"));
    }
    // SAFETY: the caller promises `count` numbers, or NULL.
    let statuses = unsafe { items(statuses, count, "statuses") }?;
    Ok(Change::RetryStatuses(Arc::from(statuses)))
}

/// Sets the longest delay of a server (`Retry-After` and its kin) that is waited for. A longer one
/// is neither waited for nor cut short: the call ends at once with the answer. One of more than ten
/// years is taken for a mistake of the server, as though it had named none.
///
/// `ms`: milliseconds; the default is 120000. Any thread; calls that have begun are not affected.
/// Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_retry_after_max_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::RetryAfterMaxMs(ms))) }
}

/// Limits the requests of this client and all its clones together: calls wait for their turn, and
/// one whose wait would outlast its deadline ends with `SAC_ERR_RATE_LIMITED`.
///
/// Processes that are forked afterwards share the limit with their parent and with each other. One
/// that sets another limit has its own from then on; setting the same one again changes nothing.
///
/// `requests`, `per_ms`: so many requests in so many milliseconds; 0 requests for no limit, the
/// default. `burst`: how many may go at once after a pause, the rest evenly; 1 for evenly spaced.
/// Any thread; calls that wait already keep their turn. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_ARGUMENT` (`per_ms` or `burst` is 0 where `requests` is not).
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_rate_limit(
    client: *mut sac_client,
    requests: u32,
    per_ms: u64,
    burst: u32,
) -> sac_code {
    code(|| {
        // SAFETY: the caller promises a live client or NULL; clients are changed by atomics only.
        let client = unsafe { handle(client, "client") }?;
        if requests > 0 && (per_ms == 0 || burst == 0) {
            let message = "a rate limit needs a span of time and a burst of at least 1";
            return Err(Error::new(Code::InvalidArgument, message));
        }
        let rate = Rate::new(requests, Duration::from_millis(per_ms), burst);
        client.client.set_rate_shared(rate, shared_number);
        Ok(())
    })
}

/// The counters of a client and all its clones, as a JSON object: `requests`, `attempts`,
/// `timeouts`, `bytes_sent`, `bytes_received`, `connections_opened`, `connections_reused`,
/// `waited_ms`, and `retries` by cause.
///
/// `out`: receives the text, to be freed with `sac_string_free`. Any thread. Errors:
/// `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_client_stats(
    client: *const sac_client,
    out: *mut *mut c_char,
) -> sac_code {
    code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out(out, "out") }?;
        // SAFETY: the caller promises a live client or NULL.
        let client = unsafe { handle(client, "client") }?;
        place.write(owned(client.client.stats())?);
        Ok(())
    })
}
