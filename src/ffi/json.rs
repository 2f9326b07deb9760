//! Reading values out of a response's JSON.
//!
//! Each takes a pointer (RFC 6901), such as `/items/0/id`; `""` is the whole. The text is indexed
//! once, on the first use, by whichever thread comes first.

use std::ffi::c_char;

use super::guard::{bytes_arg, out_arg, return_code, return_value, str_arg};
use super::response::response_ref;
use super::string::into_c_string;
use super::types::sac_response;
use crate::answer::json::{self, Unrepaired, Values};
use crate::answer::json_type::{SAC_JSON_TYPE_MISSING, number, sac_json_type};
use crate::code::{Code, Error, sac_code};

/// Nothing there that could be read as what was asked for. No caller sees it as an error.
pub(super) fn missing() -> Error {
    Error::new(Code::InvalidArgument, "no such value")
}

/// Reads a value out of a response, or gives `otherwise` where it cannot be had.
///
/// # Safety
/// `response` is a live response, `pointer` a string; each may be NULL.
unsafe fn read_value<'a, T>(
    otherwise: T,
    response: *const sac_response,
    pointer: *const c_char,
    how: impl FnOnce(&'a Values, &'a str, &'a str) -> Option<T>,
) -> T {
    return_value(otherwise, || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, pointer) =
            unsafe { (response_ref(response)?, str_arg(pointer, "pointer")?) };
        how(response.values(), response.json_text(), pointer).ok_or_else(missing)
    })
}

/// Reads a value into a place given by C, and tells whether it could be had.
///
/// # Safety
/// As for [`read`]; `out` may be written to, or is NULL.
unsafe fn read_into<'a, T>(
    response: *const sac_response,
    pointer: *const c_char,
    out: *mut T,
    how: impl FnOnce(&'a Values, &'a str, &'a str) -> Option<T>,
) -> bool {
    return_value(false, || {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out_arg(out, "out") }?;
        // SAFETY: the caller promises a live response and a string, or NULL.
        let found = unsafe {
            read_value(None, response, pointer, |values, text, pointer| {
                Some(how(values, text, pointer))
            })
        };
        place.write(found.ok_or_else(missing)?);
        Ok(true)
    })
}

/// The type of a value.
///
/// `pointer`: RFC 6901. Returns one of `SAC_JSON_TYPE_…`; `SAC_JSON_TYPE_MISSING` where there is no
/// such value or an argument is NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `pointer` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_type_of(
    response: *const sac_response,
    pointer: *const c_char,
) -> sac_json_type {
    // SAFETY: the caller promises a live response and a string, or NULL.
    unsafe {
        read_value(SAC_JSON_TYPE_MISSING, response, pointer, |values, text, pointer| {
            Some(number(values.type_of(text, pointer)))
        })
    }
}

/// A string, with its escapes undone.
///
/// `pointer`: RFC 6901. `len`: receives the length in bytes without the NUL, since the string
/// itself may hold NULs; may be NULL. Returns a NUL-terminated string that lives as long as the
/// response; NULL where there is no such value, it is no string, or an argument is NULL. Any
/// thread, several at once.
///
/// # Safety
/// `response` is a live response, `pointer` a string, `len` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_string(
    response: *const sac_response,
    pointer: *const c_char,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller promises a live response, a string and a place to write to, or NULL.
    unsafe {
        text_pointer(
            read_value(None, response, pointer, |values, text, pointer| {
                Some(values.string(text, pointer))
            }),
            len,
        )
    }
}

/// The JSON text of a value as it stands: a number with its own digits, an object as a whole.
///
/// `pointer`: RFC 6901. `len`: receives the length in bytes without the NUL; may be NULL. Returns a
/// NUL-terminated string that lives as long as the response; NULL where there is no such value or
/// an argument is NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `pointer` a string, `len` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_text(
    response: *const sac_response,
    pointer: *const c_char,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller promises a live response, a string and a place to write to, or NULL.
    unsafe {
        text_pointer(
            read_value(None, response, pointer, |values, text, pointer| {
                Some(values.text(text, pointer))
            }),
            len,
        )
    }
}

/// Bytes that end with a NUL, as a C string with its length apart.
///
/// # Safety
/// `len` is NULL, or may be written to.
pub(super) unsafe fn text_pointer(found: Option<&[u8]>, len: *mut usize) -> *const c_char {
    let Some(bytes) = found else { return std::ptr::null() };
    if !len.is_null() {
        // SAFETY: the caller promises a place to write to.
        unsafe { len.write(bytes.len().saturating_sub(1)) };
    }
    bytes.as_ptr().cast()
}

/// An integer.
///
/// `pointer`: RFC 6901. `out`: receives the value. Returns false, and writes nothing, where there
/// is no such value, it is no integer that fits an `int64_t` (nothing is rounded), or an argument
/// is NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `pointer` a string, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_int64(
    response: *const sac_response,
    pointer: *const c_char,
    out: *mut i64,
) -> bool {
    // SAFETY: the caller promises a live response, a string and a place to write to, or NULL.
    unsafe { read_into(response, pointer, out, |values, text, at| values.int64(text, at)) }
}

/// An integer that is not negative.
///
/// `pointer`: RFC 6901. `out`: receives the value. Returns false, and writes nothing, where there
/// is no such value, it is no integer that fits a `uint64_t` (nothing is rounded), or an argument
/// is NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `pointer` a string, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_uint64(
    response: *const sac_response,
    pointer: *const c_char,
    out: *mut u64,
) -> bool {
    // SAFETY: the caller promises a live response, a string and a place to write to, or NULL.
    unsafe { read_into(response, pointer, out, |values, text, at| values.uint64(text, at)) }
}

/// A number as a double, rounded to the nearest one.
///
/// `pointer`: RFC 6901. `out`: receives the value. Returns false, and writes nothing, where there
/// is no such value, it is no number or beyond the range of a double, or an argument is NULL. Any
/// thread, several at once.
///
/// # Safety
/// `response` is a live response, `pointer` a string, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_double(
    response: *const sac_response,
    pointer: *const c_char,
    out: *mut f64,
) -> bool {
    // SAFETY: the caller promises a live response, a string and a place to write to, or NULL.
    unsafe { read_into(response, pointer, out, |values, text, at| values.double(text, at)) }
}

/// A boolean.
///
/// `pointer`: RFC 6901. `out`: receives the value. Returns false, and writes nothing, where there
/// is no such value, it is neither true nor false, or an argument is NULL. Any thread, several at
/// once.
///
/// # Safety
/// `response` is a live response, `pointer` a string, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_bool(
    response: *const sac_response,
    pointer: *const c_char,
    out: *mut bool,
) -> bool {
    // SAFETY: the caller promises a live response, a string and a place to write to, or NULL.
    unsafe { read_into(response, pointer, out, |values, text, at| values.boolean(text, at)) }
}

/// The number of elements of an array, or of members of an object.
///
/// `pointer`: RFC 6901. Returns 0 where there is no such value, it is neither, or an argument is
/// NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `pointer` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_length(
    response: *const sac_response,
    pointer: *const c_char,
) -> usize {
    // SAFETY: the caller promises a live response and a string, or NULL.
    unsafe {
        read_value(0, response, pointer, |values, text, pointer| Some(values.length(text, pointer)))
    }
}

/// Repairs JSON from anywhere, by the rules by which a response's body is repaired. Well-formed
/// text comes back as it is.
///
/// `text`, `len`: bytes in any encoding that can be told (UTF-8, UTF-16, UTF-32, Latin-1); NULL is
/// allowed where `len` is 0. `out`: receives the text, to be freed with `sac_string_free`. Takes
/// time and memory in proportion to `len`. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_NOT_JSON`
/// (nothing can be saved), `SAC_ERR_TOO_LARGE` (there is no memory for it).
///
/// # Safety
/// `text` points to `len` bytes, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_repair(
    text: *const c_char,
    len: usize,
    out: *mut *mut c_char,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out_arg(out, "out") }?;
        // SAFETY: the caller promises `len` bytes, or NULL.
        let bytes = unsafe { bytes_arg(text.cast::<u8>(), len, "text") }?;
        let repaired = json::try_repair(bytes, &json::Hints::default(), &|| true).map_err(
            |why| match why {
                Unrepaired::NoMemory => {
                    Error::new(Code::TooLarge, "there is no memory for the repair of the text")
                }
                Unrepaired::NotJson | Unrepaired::Stopped => {
                    Error::new(Code::NotJson, "the text holds no JSON that could be saved")
                }
            },
        )?;
        place.write(into_c_string(repaired.text)?);
        Ok(())
    })
}
