//! How values are read from a response and given to C.

use std::ffi::c_char;

use super::guard::{out_arg, return_value};
use super::response::response_ref;
use super::types::sac_response;
use crate::answer::json::ValueCache;
use crate::code::Error;

/// Reads a value; returns `otherwise` if there is no such value.
///
/// # Safety
/// `response` is a live response or NULL.
#[cold]
#[inline(never)]
pub(super) unsafe fn read_guarded<'a, T>(
    otherwise: T,
    response: *const sac_response,
    how: impl FnOnce(&'a ValueCache, &'a str) -> Result<Option<T>, Error>,
) -> T {
    let found = return_value(None, || {
        // SAFETY: the caller promises a live response, or NULL.
        let response = unsafe { response_ref(response) }?;
        how(response.values(), response.json_text())
    });
    found.unwrap_or(otherwise)
}

/// Writes a value to a place from C, and returns whether there is such a value.
///
/// # Safety
/// As for [`read_guarded`]; `out` may be written to, or is NULL.
#[cold]
#[inline(never)]
pub(super) unsafe fn read_into_guarded<'a, T>(
    response: *const sac_response,
    out: *mut T,
    how: impl FnOnce(&'a ValueCache, &'a str) -> Result<Option<T>, Error>,
) -> bool {
    return_value(false, || {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { out_arg(out, "out") }?;
        // SAFETY: the caller promises a live response, or NULL.
        let response = unsafe { response_ref(response) }?;
        let found = how(response.values(), response.json_text())?;
        Ok(found.map(|value| place.write(value)).is_some())
    })
}

/// Bytes that end with a NUL, as a C string. `len` receives the length without the NUL.
///
/// # Safety
/// `len` is NULL, or may be written to.
pub(super) unsafe fn text_pointer(bytes: Option<&[u8]>, len: *mut usize) -> *const c_char {
    let Some(bytes) = bytes else { return std::ptr::null() };
    if !len.is_null() {
        // SAFETY: the caller promises a place to write to.
        unsafe { len.write(bytes.len().saturating_sub(1)) };
    }
    bytes.as_ptr().cast()
}
