//! Walking a response's JSON: a node is a value in it, and leads to others without a pointer.

use std::ffi::c_char;

use super::guard::{bytes_arg, catch_panic, out_arg, return_value, str_arg};
use super::json::{missing, text_pointer};
use super::response::response_ref;
use super::types::{OwnedResponse, sac_response};
use crate::answer::Response;
use crate::answer::json::Values;
use crate::answer::json_type::{SAC_JSON_TYPE_MISSING, number, sac_json_type};

/// A value in the JSON of a response, valid as long as the response; 0 for none.
///
/// The numbers mean nothing else: they are not in order, and differ from response to response. A number
/// that is no node of the response, such as one of another response, is answered like 0; on 64-bit
/// systems the odds that it is not are one in 2^64 for each byte of the JSON.
#[allow(non_camel_case_types)]
pub type sac_node = usize;

/// Reads what a node leads to, or gives `otherwise` where it cannot be had.
///
/// # Safety
/// `response` is a live response or NULL.
unsafe fn read<'a, T>(
    otherwise: T,
    response: *const sac_response,
    how: impl FnOnce(&'a Values, &'a str) -> Option<T>,
) -> T {
    return_value(otherwise, || {
        // SAFETY: the caller promises a live response, or NULL.
        let response = unsafe { response_ref(response) }?;
        how(response.values(), response.json_text()).ok_or_else(missing)
    })
}

/// Reads a value into a place given by C, and tells whether it could be had.
///
/// # Safety
/// As for [`read`]; `out` may be written to, or is NULL.
unsafe fn read_into<'a, T>(
    response: *const sac_response,
    out: *mut T,
    how: impl FnOnce(&'a Values, &'a str) -> Option<T>,
) -> bool {
    return_value(false, || {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { out_arg(out, "out") }?;
        // SAFETY: the caller promises a live response, or NULL.
        let response = unsafe { response_ref(response) }?;
        place.write(how(response.values(), response.json_text()).ok_or_else(missing)?);
        Ok(true)
    })
}

/// The node that a pointer leads to.
///
/// `from`: the node that the pointer starts at; 0 for the whole. `pointer`: RFC 6901, such as
/// `/items/0`, or `""` for `from` itself. If an object has several members of one name, the last one
/// counts. Returns 0 where there is no such value or an argument is NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `pointer` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_find(
    response: *const sac_response,
    from: sac_node,
    pointer: *const c_char,
) -> sac_node {
    return_value(0, || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, pointer) =
            unsafe { (response_ref(response)?, str_arg(pointer, "pointer")?) };
        Ok(response.values().find(response.json_text(), from, pointer))
    })
}

/// The first element of an array, or the first member of an object.
///
/// Returns 0 where `container` is empty, is neither an array nor an object, or is no node. Any thread,
/// several at once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_first(
    response: *const sac_response,
    container: sac_node,
) -> sac_node {
    // SAFETY: the caller promises a live response, or NULL.
    unsafe { read(0, response, |values, text| Some(values.first(text, container))) }
}

/// The next element or member of the same array or object, in the order of the text.
///
/// Returns 0 where `node` is the last one, is the whole, or is no node. Any thread, several at once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_next(response: *const sac_response, node: sac_node) -> sac_node {
    // SAFETY: the caller promises a live response, or NULL.
    unsafe { read(0, response, |values, text| Some(values.next(text, node))) }
}

/// The name of a member of an object, with its escapes undone.
///
/// `member`: the node of the member's value. `len`: receives the length in bytes without the NUL,
/// since the name itself may hold NULs; may be NULL. Returns a NUL-terminated string that lives as long
/// as the response; NULL where `member` is no member of an object, or is no node. Any thread, several
/// at once.
///
/// # Safety
/// `response` is a live response, `len` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_node_name(
    response: *const sac_response,
    member: sac_node,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller promises a live response and a place to write to, or NULL.
    unsafe {
        text_pointer(read(None, response, |values, text| Some(values.name(text, member))), len)
    }
}

/// The type of a value; see `sac_json_type_of`.
///
/// Returns `SAC_JSON_TYPE_MISSING` where `node` is no node. Any thread, several at once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_node_type(
    response: *const sac_response,
    node: sac_node,
) -> sac_json_type {
    // SAFETY: the caller promises a live response, or NULL.
    unsafe {
        read(SAC_JSON_TYPE_MISSING, response, |values, text| {
            Some(number(values.type_of(text, node)))
        })
    }
}

/// A string, with its escapes undone; see `sac_json_string`.
///
/// `len`: receives the length in bytes without the NUL; may be NULL. Returns a NUL-terminated string
/// that lives as long as the response; NULL where it is no string, or `node` is no node. Any thread,
/// several at once.
///
/// # Safety
/// `response` is a live response, `len` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_node_string(
    response: *const sac_response,
    node: sac_node,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller promises a live response and a place to write to, or NULL.
    unsafe {
        text_pointer(read(None, response, |values, text| Some(values.string(text, node))), len)
    }
}

/// The JSON text of a value as it stands; see `sac_json_text`.
///
/// `len`: receives the length in bytes without the NUL; may be NULL. Returns a NUL-terminated string
/// that lives as long as the response; NULL where `node` is no node. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `len` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_node_text(
    response: *const sac_response,
    node: sac_node,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller promises a live response and a place to write to, or NULL.
    unsafe { text_pointer(read(None, response, |values, text| Some(values.text(text, node))), len) }
}

/// An integer; see `sac_json_int64`.
///
/// `out`: receives the value. Returns false, and writes nothing, where it is no integer that fits an
/// `int64_t`, `node` is no node, or an argument is NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_node_int64(
    response: *const sac_response,
    node: sac_node,
    out: *mut i64,
) -> bool {
    // SAFETY: the caller promises a live response and a place to write to, or NULL.
    unsafe { read_into(response, out, |values, text| values.int64(text, node)) }
}

/// An integer that is not negative; see `sac_json_uint64`.
///
/// `out`: receives the value. Returns false, and writes nothing, where it is no integer that fits a
/// `uint64_t`, `node` is no node, or an argument is NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_node_uint64(
    response: *const sac_response,
    node: sac_node,
    out: *mut u64,
) -> bool {
    // SAFETY: the caller promises a live response and a place to write to, or NULL.
    unsafe { read_into(response, out, |values, text| values.uint64(text, node)) }
}

/// A number, as the nearest double; see `sac_json_double`.
///
/// `out`: receives the value. Returns false, and writes nothing, where it is no number or beyond the
/// largest double, `node` is no node, or an argument is NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_node_double(
    response: *const sac_response,
    node: sac_node,
    out: *mut f64,
) -> bool {
    // SAFETY: the caller promises a live response and a place to write to, or NULL.
    unsafe { read_into(response, out, |values, text| values.double(text, node)) }
}

/// A boolean; see `sac_json_bool`.
///
/// `out`: receives the value. Returns false, and writes nothing, where it is neither true nor false,
/// `node` is no node, or an argument is NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_node_bool(
    response: *const sac_response,
    node: sac_node,
    out: *mut bool,
) -> bool {
    // SAFETY: the caller promises a live response and a place to write to, or NULL.
    unsafe { read_into(response, out, |values, text| values.boolean(text, node)) }
}

/// The number of elements of an array, or of members of an object.
///
/// Returns 0 where it is neither, or `node` is no node. Any thread, several at once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_node_length(response: *const sac_response, node: sac_node) -> usize {
    // SAFETY: the caller promises a live response, or NULL.
    unsafe { read(0, response, |values, text| Some(values.length(text, node))) }
}

/// Makes a response of any JSON text, so that it can be read by the same functions: a journal, the
/// body of a webhook, a file.
///
/// `text`, `len`: bytes, which are copied; NULL is allowed where `len` is 0. Damaged JSON is repaired
/// as the body of a response is. Returns a response that is never NULL, to be freed with
/// `sac_response_free`; its `status` and `attempts` are 0, and its `code` is `SAC_OK`, or `SAC_ERR_NOT_JSON`
/// (nothing can be saved), `SAC_ERR_TOO_LARGE` (there is no memory for it), `SAC_ERR_NULL_ARGUMENT`. Any thread.
///
/// # Safety
/// `text` points to `len` bytes, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_parse(text: *const c_char, len: usize) -> *mut sac_response {
    let parsed = catch_panic(|| {
        // SAFETY: the caller promises `len` bytes, or NULL.
        let bytes = unsafe { bytes_arg(text.cast::<u8>(), len, "text") }?;
        Response::from_text(bytes)
    });
    OwnedResponse::into_raw(parsed.unwrap_or_else(|error| Response::from_error(&error)))
}
