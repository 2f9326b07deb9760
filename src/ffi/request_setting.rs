//! Settings that a request alone has.

use super::request::change;
use super::retry::retry_statuses;
use super::types::sac_request;
use crate::code::sac_code;
use crate::settings::Change;

/// As `sac_set_timeout_ms`, for this request alone.
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
    // SAFETY: the caller promises a live request or NULL.
    unsafe { change(request, |request| request.change(Change::TimeoutMs(ms))) }
}

/// As `sac_set_connect_timeout_ms`, for this request alone.
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
    // SAFETY: the caller promises a live request or NULL.
    unsafe { change(request, |request| request.change(Change::ConnectTimeoutMs(ms))) }
}

/// As `sac_set_read_timeout_ms`, for this request alone.
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
    // SAFETY: the caller promises a live request or NULL.
    unsafe { change(request, |request| request.change(Change::ReadTimeoutMs(ms))) }
}

/// As `sac_set_deadline_ms`, for this request alone.
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
    // SAFETY: the caller promises a live request or NULL.
    unsafe { change(request, |request| request.change(Change::DeadlineMs(ms))) }
}

/// As `sac_set_retry_attempts`, for this request alone.
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
    // SAFETY: the caller promises a live request or NULL.
    unsafe { change(request, |request| request.change(Change::RetryAttempts(retries))) }
}

/// As `sac_set_backoff_ms`, for this request alone.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_backoff_ms(
    request: *mut sac_request,
    base: u64,
    max: u64,
) -> sac_code {
    // SAFETY: the caller promises a live request or NULL.
    unsafe { change(request, |request| request.change(Change::BackoffMs { base, max })) }
}

/// As `sac_set_retry_statuses`, for this request alone.
///
/// One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT`.
///
/// # Safety
/// `request` is a live request, `statuses` points to `count` numbers; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_retry_statuses(
    request: *mut sac_request,
    statuses: *const u16,
    count: usize,
) -> sac_code {
    // SAFETY: the caller promises a live request and `count` numbers, or NULL.
    unsafe { change(request, |request| request.change(retry_statuses(statuses, count)?)) }
}

/// As `sac_set_verify`, for this request alone.
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
    // SAFETY: the caller promises a live request or NULL.
    unsafe { change(request, |request| request.change(Change::Verify(verify))) }
}

/// As `sac_set_max_body_bytes`, for this request alone.
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
    // SAFETY: the caller promises a live request or NULL.
    unsafe { change(request, |request| request.change(Change::MaxBodyBytes(bytes))) }
}

/// As `sac_set_redirects`, for this request alone.
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
    // SAFETY: the caller promises a live request or NULL.
    unsafe { change(request, |request| request.change(Change::Redirects(max))) }
}

/// Sets whether other requests may use the connection of this one.
///
/// `keep`: true, the default, takes a kept connection if there is one and keeps it afterwards; false
/// opens a new connection, sends `Connection: close` (RFC 9112 section 9.6) and closes the
/// connection after the response, for each attempt and each redirect. One thread at a time. Errors:
/// `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_keep_alive(
    request: *mut sac_request,
    keep: bool,
) -> sac_code {
    // SAFETY: the caller promises a live request or NULL.
    unsafe { change(request, |request| request.change(Change::KeepAlive(keep))) }
}
