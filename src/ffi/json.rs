//! Reading values out of a response's JSON.
//!
//! Each takes a pointer (RFC 6901), such as `/items/0/id`; `""` is the whole. The text is indexed
//! once, on the first use, by whichever thread comes first.

use std::ffi::c_char;

use super::guard::{bytes, code, out, text, value};
use super::response::held;
use super::string::owned;
use super::types::sac_response;
use crate::answer::json;
use crate::answer::json_type::{SAC_JSON_TYPE_MISSING, number, sac_json_type};
use crate::code::{Code, Error, sac_code};

/// Nothing there that could be read as what was asked for. No caller sees it as an error.
fn missing() -> Error {
    Error::new(Code::InvalidArgument, "no such value")
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
    value(SAC_JSON_TYPE_MISSING, || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, pointer) = unsafe { (held(response)?, text(pointer, "pointer")?) };
        Ok(number(response.values().type_of(response.json_text(), pointer)))
    })
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
    value(std::ptr::null(), || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, pointer) = unsafe { (held(response)?, text(pointer, "pointer")?) };
        let found = response.values().string(response.json_text(), pointer);
        // SAFETY: the caller promises a place to write to, or NULL.
        unsafe { hand_out(found, len) }
    })
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
    value(std::ptr::null(), || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, pointer) = unsafe { (held(response)?, text(pointer, "pointer")?) };
        let found = response.values().text(response.json_text(), pointer);
        // SAFETY: the caller promises a place to write to, or NULL.
        unsafe { hand_out(found, len) }
    })
}

/// Bytes that end with a NUL, as a C string with its length apart.
///
/// # Safety
/// `len` is NULL, or may be written to.
unsafe fn hand_out(found: Option<&[u8]>, len: *mut usize) -> Result<*const c_char, Error> {
    let bytes = found.ok_or_else(missing)?;
    if !len.is_null() {
        // SAFETY: the caller promises a place to write to.
        unsafe { len.write(bytes.len().saturating_sub(1)) };
    }
    Ok(bytes.as_ptr().cast())
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
    value(false, || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, pointer) = unsafe { (held(response)?, text(pointer, "pointer")?) };
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out(out, "out") }?;
        place.write(response.values().int64(response.json_text(), pointer).ok_or_else(missing)?);
        Ok(true)
    })
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
    value(false, || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, pointer) = unsafe { (held(response)?, text(pointer, "pointer")?) };
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out(out, "out") }?;
        place.write(response.values().double(response.json_text(), pointer).ok_or_else(missing)?);
        Ok(true)
    })
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
    value(false, || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, pointer) = unsafe { (held(response)?, text(pointer, "pointer")?) };
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out(out, "out") }?;
        place.write(response.values().boolean(response.json_text(), pointer).ok_or_else(missing)?);
        Ok(true)
    })
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
    value(0, || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, pointer) = unsafe { (held(response)?, text(pointer, "pointer")?) };
        Ok(response.values().length(response.json_text(), pointer))
    })
}

/// Repairs JSON from anywhere, by the rules by which a response's body is repaired. Well-formed
/// text comes back as it is.
///
/// `text`, `len`: bytes in any encoding that can be told (UTF-8, UTF-16, UTF-32, Latin-1); NULL is
/// allowed where `len` is 0. `out`: receives the text, to be freed with `sac_string_free`. Takes
/// time in proportion to `len`. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_NOT_JSON`
/// (nothing can be saved).
///
/// # Safety
/// `text` points to `len` bytes, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_json_repair(
    text: *const c_char,
    len: usize,
    out: *mut *mut c_char,
) -> sac_code {
    code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out(out, "out") }?;
        // SAFETY: the caller promises `len` bytes, or NULL.
        let bytes = unsafe { bytes(text.cast::<u8>(), len, "text") }?;
        let refused = || Error::new(Code::NotJson, "the text holds no JSON that could be saved");
        let text = match json::strict(bytes) {
            Some(text) => text.to_owned(),
            None => json::repair(bytes, &json::Hints::default()).ok_or_else(refused)?.text,
        };
        place.write(owned(text)?);
        Ok(())
    })
}
