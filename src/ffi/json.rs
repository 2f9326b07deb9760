//! Reading values out of a response's JSON.
//!
//! Each function takes a JSON pointer (RFC 6901), such as `/items/0/id`; `""` is the whole text.
//! After a few reads, one thread makes an index of the text.

use std::ffi::c_char;

use super::guard::{bytes_arg, out_arg, return_code, str_arg};
use super::read::{read_guarded, read_into_guarded, text_pointer};
use super::string::into_c_string;
use super::types::sac_response;
use crate::answer::json::{self, RepairError, ValueCache};
use crate::answer::json_type::{SAC_JSON_TYPE_MISSING, number, sac_json_type};
use crate::code::{Code, Error, sac_code};

/// Reads the value that a pointer finds; returns `otherwise` if there is no such value.
///
/// # Safety
/// `response` is a live response, `pointer` a string; each may be NULL.
unsafe fn read_value<'a, T>(
    otherwise: T,
    response: *const sac_response,
    pointer: *const c_char,
    read: impl FnOnce(&'a ValueCache, &'a str, &'a str) -> Option<T>,
) -> T {
    // SAFETY: the caller promises a live response and a string, or NULL.
    unsafe {
        read_guarded(otherwise, response, |values, text| {
            Ok(read(values, text, str_arg(pointer, "pointer")?))
        })
    }
}

/// Writes the value that a pointer finds to a place from C. Returns false if there is no such value.
///
/// # Safety
/// As for [`read_value`]; `out` may be written to, or is NULL.
unsafe fn read_into<'a, T>(
    response: *const sac_response,
    pointer: *const c_char,
    out: *mut T,
    read: impl FnOnce(&'a ValueCache, &'a str, &'a str) -> Option<T>,
) -> bool {
    // SAFETY: the caller promises a live response, a string and a place to write to, or NULL.
    unsafe {
        read_into_guarded(response, out, |values, text| {
            Ok(read(values, text, str_arg(pointer, "pointer")?))
        })
    }
}

/// Gets the type of a JSON value in a response.
///
/// `pointer`: a JSON pointer (RFC 6901), such as `/items/0/id`; `""` is the whole text. Returns one
/// of `SAC_JSON_TYPE_…`; `SAC_JSON_TYPE_MISSING` if there is no such value or an argument is NULL.
/// Any thread, several at once.
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

/// Reads a string from the JSON of a response, and decodes its escapes.
///
/// `pointer`: a JSON pointer (RFC 6901). `len`: receives the length in bytes without the final NUL,
/// because the string itself may contain NULs; may be NULL. Returns a NUL-terminated string that
/// stays valid as long as the response. An escape that stands for half of a character, such as
/// `\ud800`, becomes U+FFFD. Returns NULL if there is no such value, if it is not a string, or if
/// another argument is NULL. Any thread, several at once.
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

/// Reads the JSON text of a value, unchanged: a number with its own digits, an object as a whole.
///
/// `pointer`: a JSON pointer (RFC 6901). `len`: receives the length in bytes without the final NUL;
/// may be NULL. Returns a NUL-terminated string that stays valid as long as the response. Returns
/// NULL if there is no such value or another argument is NULL. Any thread, several at once.
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

/// Reads an integer from the JSON of a response.
///
/// `pointer`: a JSON pointer (RFC 6901). `out`: receives the value. Returns true on success.
/// Returns false and writes nothing if there is no such value, if it is not an integer that fits an
/// `int64_t` (nothing is rounded), or if an argument is NULL. `5.0` and `1e3` are integers too, since
/// JSON has one kind of number (RFC 8259 section 6). Any thread, several at once.
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

/// Reads an unsigned integer from the JSON of a response.
///
/// `pointer`: a JSON pointer (RFC 6901). `out`: receives the value. Returns true on success.
/// Returns false and writes nothing if there is no such value, if it is not an integer that fits a
/// `uint64_t` (nothing is rounded), or if an argument is NULL. Any thread, several at once.
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

/// Reads a number from the JSON of a response, rounded to the nearest double.
///
/// `pointer`: a JSON pointer (RFC 6901). `out`: receives the value. Returns true on success.
/// Returns false and writes nothing if there is no such value, if it is not a number, if it exceeds
/// the range of a double, or if an argument is NULL. Any thread, several at once.
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

/// Reads a boolean from the JSON of a response.
///
/// `pointer`: a JSON pointer (RFC 6901). `out`: receives the value. Returns true on success.
/// Returns false and writes nothing if there is no such value, if it is not a boolean, or if an
/// argument is NULL. Any thread, several at once.
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

/// Counts the elements of an array, or the members of an object, in the JSON of a response.
///
/// `pointer`: a JSON pointer (RFC 6901). Returns the number; 0 if there is no such value, if it is
/// neither an array nor an object, or if an argument is NULL. Any thread, several at once.
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

/// Repairs a JSON text from any source, by the same rules as the body of a response. Well-formed
/// text stays unchanged. Time and memory are proportional to `len`.
///
/// `text`, `len`: bytes in UTF-8, UTF-16, UTF-32 or Latin-1; the library detects which; NULL is
/// allowed if `len` is 0. `out`: receives the text; free it with `sac_string_free`. Any thread.
/// Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_NOT_JSON` (nothing can be repaired),
/// `SAC_ERR_TOO_LARGE` (there is not enough memory).
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
        let place = unsafe { out_arg(out, "out") }?;
        // SAFETY: the caller promises `len` bytes, or NULL.
        let bytes = unsafe { bytes_arg(text.cast::<u8>(), len, "text") }?;
        let repaired = json::try_repair(bytes, &json::Hints::default(), &|| true).map_err(
            |error| match error {
                RepairError::OutOfMemory => {
                    Error::new(Code::TooLarge, "there is not enough memory to repair the text")
                }
                RepairError::NotJson | RepairError::Stopped => {
                    Error::new(Code::NotJson, "the text contains no JSON that can be repaired")
                }
            },
        )?;
        place.write(into_c_string(repaired.text)?);
        Ok(())
    })
}
