//! Strings that the library passes to C.

use std::ffi::{CString, c_char};

use super::guard::return_value;
use crate::code::{Code, Error};

/// A string for C, to be freed with `sac_string_free`.
///
/// # Errors
/// [`Code::Internal`] if the text contains a NUL, which no caller passes.
pub(super) fn into_c_string(text: impl Into<Vec<u8>>) -> Result<*mut c_char, Error> {
    let text =
        CString::new(text).map_err(|_| Error::new(Code::Internal, "a string contains a NUL"))?;
    Ok(text.into_raw())
}

/// Frees a string that the library returned through an out-parameter.
///
/// `string`: not freed before; NULL has no effect. Any thread.
///
/// # Safety
/// As stated above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_string_free(string: *mut c_char) {
    return_value((), || {
        if !string.is_null() {
            // SAFETY: it came from `into_c_string`, and the caller frees it once.
            drop(unsafe { CString::from_raw(string) });
        }
        Ok(())
    });
}
