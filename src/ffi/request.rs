//! Requests: all that a call of one line cannot express.

use std::ffi::c_char;

use super::guard::{bytes_arg, handle_mut, out_arg, return_code, return_value, str_arg};
use super::types::{sac_cancel, sac_request};
use crate::code::{Error, sac_code};
use crate::request::Request;

/// Changes a request.
///
/// # Safety
/// `request` is a live request that no other thread uses at the same time, or NULL.
pub(super) unsafe fn change(
    request: *mut sac_request,
    change: impl FnOnce(&mut Request) -> Result<(), Error>,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises the same.
        change(&mut unsafe { handle_mut(request, "request") }?.request)
    })
}

/// Creates a request.
///
/// `method`: any token, case-sensitive, such as `GET` or `PROPFIND`, but not `CONNECT`. `path`:
/// starts with `/`, may contain a query, and is appended to the client's base path. Spaces and
/// non-ASCII characters are percent-encoded, and `%XX` stays. The segments `.` and `..` are
/// resolved (RFC 3986 section 5.2.4), never above the base path. `out`: receives the request; free
/// it with `sac_request_free`; NULL on failure. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_METHOD`, `SAC_ERR_INVALID_PATH`.
///
/// # Safety
/// `method` and `path` are strings, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_new(
    method: *const c_char,
    path: *const c_char,
    out: *mut *mut sac_request,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { out_arg(out, "out") }?;
        // SAFETY: the same place; a failure below must leave NULL there.
        unsafe { out.write(std::ptr::null_mut()) };
        // SAFETY: the caller promises strings or NULL.
        let (method, path) = unsafe { (str_arg(method, "method")?, str_arg(path, "path")?) };
        let request = Request::new(method, path)?;
        place.write(Box::into_raw(Box::new(sac_request { request })));
        Ok(())
    })
}

/// Frees a request.
///
/// `request`: not freed before; NULL has no effect. Any thread, but only when no thread sends the
/// request.
///
/// # Safety
/// As stated above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_free(request: *mut sac_request) {
    return_value((), || {
        if !request.is_null() {
            // SAFETY: it came from `Box::into_raw`, and the caller frees it once.
            drop(unsafe { Box::from_raw(request) });
        }
        Ok(())
    });
}

/// Sets a header field of this request. It replaces the field of the client or of the library.
///
/// `name`, `value`: as for `sac_add_header`, copied. If the value
/// is "", the request has no `Accept`, `Content-Type` or `User-Agent`. One thread at a time. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
///
/// # Safety
/// `request` is a live request, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_header(
    request: *mut sac_request,
    name: *const c_char,
    value: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and strings, or NULL.
    unsafe {
        change(request, |request| {
            request.set_header(str_arg(name, "name")?, str_arg(value, "value")?)
        })
    }
}

/// Adds a query parameter after the existing ones.
///
/// `name`, `value`: any text; the library copies and percent-encodes it. One thread at a time.
/// Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`.
///
/// # Safety
/// `request` is a live request, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_add_query(
    request: *mut sac_request,
    name: *const c_char,
    value: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and strings, or NULL.
    unsafe {
        change(request, |request| {
            request.add_query(str_arg(name, "name")?, str_arg(value, "value")?);
            Ok(())
        })
    }
}

/// Sets the body of the request to JSON. It replaces an earlier JSON body.
///
/// `json`: a well-formed JSON text (RFC 8259), copied and sent unchanged.
/// `sac_request_json_string` and its siblings can change values in it. One thread at a time.
/// Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_JSON`,
/// `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
///
/// # Safety
/// `request` is a live request, `json` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_json(
    request: *mut sac_request,
    json: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe { change(request, |request| request.set_json(str_arg(json, "json")?)) }
}

/// Adds a field to the form of the request (`application/x-www-form-urlencoded`).
///
/// `name`, `value`: any text; the library copies and encodes it. One thread at a time. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (the request has a
/// body of another kind).
///
/// # Safety
/// `request` is a live request, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_add_form_field(
    request: *mut sac_request,
    name: *const c_char,
    value: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and strings, or NULL.
    unsafe {
        change(request, |request| {
            request.add_form_field(str_arg(name, "name")?, str_arg(value, "value")?)
        })
    }
}

/// Sets the body of the request to bytes. They replace an earlier body of bytes.
///
/// `content_type`: the media type, such as `application/octet-stream`. `bytes`, `len`: the bytes;
/// NULL is allowed if `len` is 0. Both are copied. One thread at a time. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media type),
/// `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
///
/// # Safety
/// `request` is a live request, `content_type` a string, `bytes` points to `len` bytes; each may be
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_body(
    request: *mut sac_request,
    content_type: *const c_char,
    bytes: *const u8,
    len: usize,
) -> sac_code {
    // SAFETY: the caller promises a live request, a string and `len` bytes, or NULL.
    unsafe {
        change(request, |request| {
            request
                .set_body(str_arg(content_type, "content_type")?, bytes_arg(bytes, len, "bytes")?)
        })
    }
}

/// Attaches a cancel to the request. If it is triggered, the calls of this request end.
///
/// `cancel`: the request keeps its own reference to it; NULL detaches an earlier one. One thread at
/// a time. Errors: `SAC_ERR_NULL_ARGUMENT` (the request).
///
/// # Safety
/// `request` is a live request, `cancel` a live cancel; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_cancel(
    request: *mut sac_request,
    cancel: *mut sac_cancel,
) -> sac_code {
    // SAFETY: the caller promises a live request and a live cancel, or NULL.
    unsafe {
        change(request, |request| {
            request.set_cancel(cancel.as_ref().map(|cancel| cancel.cancel.clone()));
            Ok(())
        })
    }
}

/// Sets the key (`Idempotency-Key`) by which the server recognises a repeated request. With a key,
/// a POST or PATCH may be retried even if the outcome of an attempt is unknown.
///
/// `key`: not empty, copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
///
/// # Safety
/// `request` is a live request, `key` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_idempotency_key(
    request: *mut sac_request,
    key: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe { change(request, |request| request.set_idempotency_key(str_arg(key, "key")?)) }
}
