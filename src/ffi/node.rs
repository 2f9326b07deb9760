//! Reads the JSON of a response from value to value. A node identifies a value.
//!
//! A program can call these functions thousands of times for a response. So each first tries a quick read,
//! which knows the usual forms of a text and of a walk. Only if that has no result, the full read follows.

use std::ffi::c_char;

use super::guard::{bytes_arg, bytes_before_nul, catch_panic, catch_quick, return_value, str_arg};
use super::read::{read_guarded, read_into_guarded, text_pointer};
use super::response::{response_ref, walk_ref};
use super::types::{OwnedResponse, sac_response};
use crate::answer::Response;
use crate::answer::json::ValueCache;
use crate::answer::json_type::{SAC_JSON_TYPE_MISSING, number, sac_json_type};

/// A value in the JSON of a response; 0 for no value. Valid as long as the response.
///
/// The numbers have no other meaning: they have no order and differ between responses. The
/// functions treat a number that is not a node of the response, for example a node of another
/// response, like 0. On 64-bit systems, the probability of a mistake is 1 in 2^64 for each byte of
/// the JSON.
#[allow(non_camel_case_types)]
pub type sac_node = usize;

/// Reads from a node by `quick`, or else by `how`; returns `otherwise` if there is no such value.
///
/// # Safety
/// `response` is a live response or NULL.
#[inline(always)]
unsafe fn read<'a, T>(
    otherwise: T,
    response: *const sac_response,
    quick: impl FnOnce(&'a ValueCache, &'a str) -> Option<T>,
    how: impl FnOnce(&'a ValueCache, &'a str) -> Option<T>,
) -> T {
    // SAFETY: the caller promises a live response, or NULL.
    match unsafe { read_quickly(response, quick) } {
        Some(value) => value,
        // SAFETY: as above.
        None => unsafe { read_guarded(otherwise, response, |values, text| Ok(how(values, text))) },
    }
}

/// Reads from a node by a quick read.
///
/// # Safety
/// `response` is a live response or NULL.
#[inline(always)]
unsafe fn read_quickly<'a, T>(
    response: *const sac_response,
    quick: impl FnOnce(&'a ValueCache, &'a str) -> Option<T>,
) -> Option<T> {
    catch_quick(|| {
        // SAFETY: the caller promises a live response, or NULL.
        let (values, text) = unsafe { walk_ref(response) }?;
        quick(values, text)
    })
}

/// Writes a value to a pointer from C, and returns whether there is such a value.
///
/// # Safety
/// As for [`read`]; `out` may be written to, or is NULL.
#[inline(always)]
unsafe fn read_into<'a, T>(
    response: *const sac_response,
    out: *mut T,
    quick: impl FnOnce(&'a ValueCache, &'a str) -> Option<T>,
    how: impl FnOnce(&'a ValueCache, &'a str) -> Option<T>,
) -> bool {
    if !out.is_null() {
        // SAFETY: the caller promises a live response, or NULL.
        if let Some(value) = unsafe { read_quickly(response, quick) } {
            // SAFETY: it is not NULL, and the caller promises a place to write to.
            unsafe { out.write(value) };
            return true;
        }
    }
    // SAFETY: the caller promises the same.
    unsafe { read_into_guarded(response, out, |values, text| Ok(how(values, text))) }
}

/// Finds a value by a JSON pointer.
///
/// `from`: the node where the pointer starts; 0 for the whole document. `pointer`: a JSON pointer
/// (RFC 6901), for example `/items/0`, or `""` for `from` itself. If an object has several members
/// with the same name, the last one counts. Returns the node; 0 if there is no such value, or if
/// `response` or `pointer` is NULL. Compare a result with 0 before you pass it on as `from`, because
/// 0 there means the whole document. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `pointer` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_find(
    response: *const sac_response,
    from: sac_node,
    pointer: *const c_char,
) -> sac_node {
    if !pointer.is_null() {
        // SAFETY: it is not NULL, and the caller promises a string.
        let bytes = unsafe { bytes_before_nul(pointer) };
        let quick = |values: &ValueCache, text: &str| values.quick_find(text, from, bytes);
        // SAFETY: the caller promises a live response, or NULL.
        if let Some(node) = unsafe { read_quickly(response, quick) } {
            return node;
        }
    }
    // SAFETY: the caller promises the same.
    unsafe { find_guarded(response, from, pointer) }
}

/// The same for any pointer and node.
///
/// # Safety
/// As for [`sac_json_find`].
#[cold]
#[inline(never)]
unsafe fn find_guarded(
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

/// Finds the first element of an array, or the first member of an object.
///
/// `container`: the node of the array or object. Returns 0 if it is empty, if it is neither an array
/// nor an object, or if it is not a node. Any thread, several at once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_first(
    response: *const sac_response,
    container: sac_node,
) -> sac_node {
    // SAFETY: the caller promises a live response, or NULL.
    unsafe {
        read(
            0,
            response,
            |values, text| values.quick_first(text, container),
            |values, text| Some(values.first(text, container)),
        )
    }
}

/// Finds the next element or member of the same array or object, in the order of the text.
///
/// Returns 0 if `node` is the last one, the whole document, or not a node. Any thread, several at
/// once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_next(response: *const sac_response, node: sac_node) -> sac_node {
    // SAFETY: the caller promises a live response, or NULL.
    unsafe {
        read(
            0,
            response,
            |values, text| values.quick_next(text, node),
            |values, text| Some(values.next(text, node)),
        )
    }
}

/// Reads the name of a member of an object, with its escapes decoded.
///
/// `member`: the node of the member's value. `len`: receives the length in bytes without the NUL,
/// because the name may contain NULs; may be NULL. Returns a NUL-terminated string, valid as long
/// as the response; NULL if `member` is not a member of an object, or not a node. Any thread,
/// several at once.
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
        text_pointer(
            read(
                None,
                response,
                |values, text| values.quick_name(text, member).map(Some),
                |values, text| Some(values.name(text, member)),
            ),
            len,
        )
    }
}

/// Reads the type of a value; see `sac_json_type_of`.
///
/// Returns `SAC_JSON_TYPE_MISSING` if `node` is not a node. Any thread, several at once.
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
        read(
            SAC_JSON_TYPE_MISSING,
            response,
            |values, text| Some(number(Some(values.quick_type(text, node)?))),
            |values, text| Some(number(values.type_of(text, node))),
        )
    }
}

/// Reads a string, with its escapes decoded; see `sac_json_string`.
///
/// `len`: receives the length in bytes without the NUL; may be NULL. Returns a NUL-terminated
/// string, valid as long as the response; NULL if the value is not a string, or if `node` is not a
/// node. Any thread, several at once.
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
        text_pointer(
            read(
                None,
                response,
                |values, text| values.quick_string(text, node).map(Some),
                |values, text| Some(values.string(text, node)),
            ),
            len,
        )
    }
}

/// Reads the JSON text of a value, unchanged; see `sac_json_text`.
///
/// `len`: receives the length in bytes without the NUL; may be NULL. Returns a NUL-terminated
/// string, valid as long as the response; NULL if `node` is not a node. Any thread, several at
/// once.
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
    unsafe {
        text_pointer(
            read_guarded(None, response, |values, text| Ok(Some(values.text(text, node)))),
            len,
        )
    }
}

/// Reads an integer; see `sac_json_int64`.
///
/// `out`: receives the value. Returns true on success. Returns false and writes nothing if the
/// value is not an integer that fits an `int64_t`, if `node` is not a node, or if an argument is
/// NULL. Any thread, several at once.
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
    unsafe {
        read_into(
            response,
            out,
            |values, text| values.quick_int64(text, node),
            |values, text| values.int64(text, node),
        )
    }
}

/// Reads an unsigned integer; see `sac_json_uint64`.
///
/// `out`: receives the value. Returns true on success. Returns false and writes nothing if the
/// value is not an integer that fits a `uint64_t`, if `node` is not a node, or if an argument is
/// NULL. Any thread, several at once.
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
    unsafe {
        read_into(
            response,
            out,
            |values, text| values.quick_int64(text, node)?.try_into().ok(),
            |values, text| values.uint64(text, node),
        )
    }
}

/// Reads a number, rounded to the nearest double; see `sac_json_double`.
///
/// `out`: receives the value. Returns true on success. Returns false and writes nothing if the
/// value is not a number, if it exceeds the range of a double, if `node` is not a node, or if an
/// argument is NULL. Any thread, several at once.
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
    unsafe {
        read_into(
            response,
            out,
            |values, text| values.quick_double(text, node),
            |values, text| values.double(text, node),
        )
    }
}

/// Reads a boolean; see `sac_json_bool`.
///
/// `out`: receives the value. Returns true on success. Returns false and writes nothing if the
/// value is not a boolean, if `node` is not a node, or if an argument is NULL. Any thread, several
/// at once.
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
    unsafe {
        read_into(
            response,
            out,
            |values, text| values.quick_boolean(text, node),
            |values, text| values.boolean(text, node),
        )
    }
}

/// Counts the elements of an array, or the members of an object.
///
/// Returns 0 if the value is neither, or if `node` is not a node. Any thread, several at once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_node_length(response: *const sac_response, node: sac_node) -> usize {
    // SAFETY: the caller promises a live response, or NULL.
    unsafe { read_guarded(0, response, |values, text| Ok(Some(values.length(text, node)))) }
}

/// Makes a response from any JSON text, for example a journal, the body of a webhook or a file, so
/// that the same functions read it.
///
/// `text`, `len`: the bytes, which the function copies; `text` may be NULL if `len` is 0. They are
/// read like the body of a response: damaged JSON is repaired, and `null` or no text becomes `{}`.
/// Returns a response, never NULL, which the caller frees with `sac_response_free`. Its `status` and
/// `attempts` are 0. Its `code` is `SAC_OK`, `SAC_ERR_NOT_JSON` (the text cannot be repaired),
/// `SAC_ERR_TOO_LARGE` (there is not enough memory) or `SAC_ERR_NULL_ARGUMENT`. Any thread.
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
