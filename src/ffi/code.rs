//! The name and the meaning of a code, for C.

use std::ffi::c_char;

use crate::code::{message_of, name_of};

/// Gets the name of a code's constant, for example `"SAC_ERR_TIMEOUT"`.
///
/// `code`: any number. Returns a string that stays valid as long as the library is loaded; never
/// NULL. Returns `"SAC_ERR_UNKNOWN"` if the number is not a code. Any thread, any time.
#[unsafe(no_mangle)]
pub extern "C" fn sac_code_name(code: i32) -> *const c_char {
    name_of(code).as_ptr()
}

/// Gets the meaning of a code as an English sentence.
///
/// `code`: any number. Returns a string that stays valid as long as the library is loaded; never
/// NULL. Any thread, any time.
#[unsafe(no_mangle)]
pub extern "C" fn sac_code_message(code: i32) -> *const c_char {
    message_of(code).as_ptr()
}
