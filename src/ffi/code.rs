//! Codes as C reads them.

use std::ffi::c_char;

use crate::code::{message_of, name_of};

/// The name of a code's constant, such as `"SAC_ERR_TIMEOUT"`.
///
/// `code`: any number. Returns a string that lives as long as the library; `"SAC_ERR_UNKNOWN"` for a
/// number that is no code, never NULL. Any thread, any time.
#[unsafe(no_mangle)]
pub extern "C" fn sac_code_name(code: i32) -> *const c_char {
    name_of(code).as_ptr()
}

/// What a code means, as a sentence in English.
///
/// `code`: any number. Returns a string that lives as long as the library, never NULL. Any thread, any
/// time.
#[unsafe(no_mangle)]
pub extern "C" fn sac_code_message(code: i32) -> *const c_char {
    message_of(code).as_ptr()
}
