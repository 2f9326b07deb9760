//! Strings that the library hands over to C.

use std::ffi::{CString, c_char};

use super::guard::return_value;
use crate::code::{Code, Error};

/// A string for C, to be freed with `sac_string_free`.
///
/// # Errors
/// [`Code::Internal`] where it holds a NUL, which no caller of this lets happen.
pub(super) fn into_c_string(text: impl Into<Vec<u8>>) -> Result<*mut c_char, Error> {
    let text =
        CString::new(text).map_err(|_| Error::new(Code::Internal, "a string holds a NUL"))?;
    Ok(text.into_raw())
}

/// Frees a string that the library returned through an out-parameter.
///
/// `string`: such a string, not freed before; NULL does nothing. Any thread.
///
/// # Safety
/// As said above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_string_free(string: *mut c_char) {
    return_value((), || {
        if !string.is_null() {
            // SAFETY: it came from `CString::into_raw` in `owned`, and is freed once.
            drop(unsafe { CString::from_raw(string) });
        }
        Ok(())
    });
}
