//! The settings of a request.
// Generated from interface/settings.toml by `make interface`. Do not edit.

use super::apply::retry_statuses;
use super::request::change;
use super::types::sac_request;
use crate::code::sac_code;
use crate::settings::Change;

/// Like `sac_set_timeout_ms`, but only for this request.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_timeout_ms(
    request: *mut sac_request,
    ms: u64,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(Change::TimeoutMs(ms))) }
}

/// Like `sac_set_connect_timeout_ms`, but only for this request.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_connect_timeout_ms(
    request: *mut sac_request,
    ms: u64,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(Change::ConnectTimeoutMs(ms))) }
}

/// Like `sac_set_read_timeout_ms`, but only for this request.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_read_timeout_ms(
    request: *mut sac_request,
    ms: u64,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(Change::ReadTimeoutMs(ms))) }
}

/// Like `sac_set_deadline_ms`, but only for this request.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_deadline_ms(
    request: *mut sac_request,
    ms: u64,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(Change::DeadlineMs(ms))) }
}

/// Like `sac_set_retry_attempts`, but only for this request.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_retry_attempts(
    request: *mut sac_request,
    retries: u32,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(Change::RetryAttempts(retries))) }
}

/// Like `sac_set_backoff_ms`, but only for this request.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (`base` is
/// greater than `max`; nothing changes).
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_backoff_ms(
    request: *mut sac_request,
    base: u64,
    max: u64,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(Change::BackoffMs { base, max })) }
}

/// Like `sac_set_retry_statuses`, but only for this request.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (a number is
/// not a status; nothing changes).
///
/// # Safety
/// `request` is a live request, `statuses` points to `count` numbers; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_retry_statuses(
    request: *mut sac_request,
    statuses: *const u16,
    count: usize,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(retry_statuses(statuses, count)?)) }
}

/// Like `sac_set_max_body_bytes`, but only for this request.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_max_body_bytes(
    request: *mut sac_request,
    bytes: u64,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(Change::MaxBodyBytes(bytes))) }
}

/// Like `sac_set_redirects`, but only for this request.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_redirects(
    request: *mut sac_request,
    max: u32,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(Change::Redirects(max))) }
}

/// Like `sac_set_verify`, but only for this request.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_verify(
    request: *mut sac_request,
    verify: bool,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(Change::Verify(verify))) }
}

/// Sets whether other requests may use the connection of this request.
///
/// `keep`: the default is true; false opens a new connection, sends `Connection: close` (RFC 9112
/// section 9.6) and closes the connection after the response, for each attempt and each redirect.
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_keep_alive(
    request: *mut sac_request,
    keep: bool,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change(request, |request| request.change(Change::KeepAlive(keep))) }
}
