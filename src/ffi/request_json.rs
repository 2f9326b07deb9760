//! The JSON body of a request, written value by value.

use std::ffi::c_char;

use super::guard::str_arg;
use super::request::change;
use super::types::sac_request;
use crate::code::sac_code;
use crate::request::JsonValue;

/// Sets a value of the JSON body of a request.
///
/// # Safety
/// `request` is a live request that no other thread uses at the same time, `pointer` a string; each
/// may be NULL.
unsafe fn set(request: *mut sac_request, pointer: *const c_char, value: JsonValue<'_>) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe {
        change(request, |request| request.set_json_value(str_arg(pointer, "pointer")?, &value))
    }
}

/// Sets a string in the JSON body of the request, and creates the body if there is none.
///
/// `pointer`: where to set it, a JSON pointer (RFC 6901): `/name`, `/items/0/name`, or `""` for the
/// whole body. In a name, write `~` as `~0` and `/` as `~1`. Missing arrays and objects on the way
/// are created: an array if the next part of the pointer is `-` or `0`, otherwise an object. In an
/// array, `-` and the index after the last element append an element. A value that is already there
/// is replaced. Members keep the order in which they were first set. A pointer may have 128 parts.
///
/// `value`: any text; the library adds the quotes and the escapes. A C string cannot contain a NUL
/// character; write it as `\u0000` with `sac_request_json_text`. Both are copied.
///
/// The functions `sac_request_json_…` can also change the text that `sac_request_set_json` has set.
/// Its numbers keep their digits, but whitespace may be lost. If an object in it has several
/// members with the same name, the value of the last one stays. If a function fails, nothing
/// changes. Setting many values takes time in proportion to their number. The library makes the
/// text when it next sends the request, and sends it as `application/json`. One thread at a time.
/// Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (this is not
/// a JSON pointer, it leads into a value that is neither an array nor an object, it contains an
/// index beyond the end of an array, or the request has a body of another kind),
/// `SAC_ERR_TOO_LARGE` (there is not enough memory).
///
/// # Safety
/// `request` is a live request, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_json_string(
    request: *mut sac_request,
    pointer: *const c_char,
    value: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and strings, or NULL.
    unsafe {
        change(request, |request| {
            let value = JsonValue::String(str_arg(value, "value")?);
            request.set_json_value(str_arg(pointer, "pointer")?, &value)
        })
    }
}

/// Sets an integer in the JSON body of the request; see `sac_request_json_string`.
///
/// `pointer`: where to set it, copied. `value`: the integer. One thread at a time. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT`,
/// `SAC_ERR_TOO_LARGE`.
///
/// # Safety
/// `request` is a live request, `pointer` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_json_int64(
    request: *mut sac_request,
    pointer: *const c_char,
    value: i64,
) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe { set(request, pointer, JsonValue::Int64(value)) }
}

/// Sets an unsigned integer in the JSON body of the request; see `sac_request_json_string`.
///
/// `pointer`: where to set it, copied. `value`: the integer. One thread at a time. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT`,
/// `SAC_ERR_TOO_LARGE`.
///
/// # Safety
/// `request` is a live request, `pointer` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_json_uint64(
    request: *mut sac_request,
    pointer: *const c_char,
    value: u64,
) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe { set(request, pointer, JsonValue::Uint64(value)) }
}

/// Sets a number in the JSON body of the request; see `sac_request_json_string`.
///
/// `pointer`: where to set it, copied. `value`: finite, because JSON has no number for infinity and
/// NaN (`SAC_ERR_INVALID_ARGUMENT`). The text has no more digits than the same double needs, and
/// 100 is written as `100.0`. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_INVALID_ARGUMENT`, `SAC_ERR_TOO_LARGE`.
///
/// # Safety
/// `request` is a live request, `pointer` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_json_double(
    request: *mut sac_request,
    pointer: *const c_char,
    value: f64,
) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe { set(request, pointer, JsonValue::Double(value)) }
}

/// Sets a boolean in the JSON body of the request; see `sac_request_json_string`.
///
/// `pointer`: where to set it, copied. `value`: the boolean. One thread at a time. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT`,
/// `SAC_ERR_TOO_LARGE`.
///
/// # Safety
/// `request` is a live request, `pointer` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_json_bool(
    request: *mut sac_request,
    pointer: *const c_char,
    value: bool,
) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe { set(request, pointer, JsonValue::Bool(value)) }
}

/// Sets `null` in the JSON body of the request; see `sac_request_json_string`.
///
/// `pointer`: where to set it, copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT`, `SAC_ERR_TOO_LARGE`.
///
/// # Safety
/// `request` is a live request, `pointer` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_json_null(
    request: *mut sac_request,
    pointer: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe { set(request, pointer, JsonValue::Null) }
}

/// Sets any JSON text in the JSON body of the request, for example `[]` or a part of a response;
/// see `sac_request_json_string`.
///
/// `pointer`: where to set it. `json`: a well-formed JSON text (RFC 8259) of any depth; numbers in
/// it keep their digits. Both are copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_JSON`, `SAC_ERR_INVALID_ARGUMENT`, `SAC_ERR_TOO_LARGE`.
///
/// # Safety
/// `request` is a live request, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_json_text(
    request: *mut sac_request,
    pointer: *const c_char,
    json: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and strings, or NULL.
    unsafe {
        change(request, |request| {
            let value = JsonValue::Text(str_arg(json, "json")?);
            request.set_json_value(str_arg(pointer, "pointer")?, &value)
        })
    }
}
