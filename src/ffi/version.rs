//! The version of the library.

use std::ffi::{CStr, c_char};

/// The major version number of this header.
pub const SAC_VERSION_MAJOR: i32 = 0;
/// The minor version number of this header.
pub const SAC_VERSION_MINOR: i32 = 1;
/// The patch version number of this header.
pub const SAC_VERSION_PATCH: i32 = 0;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// Gets the version of the loaded library, for example `"0.1.0"`.
///
/// Returns a string that stays valid as long as the library is loaded; never NULL. Any thread, any
/// time.
#[unsafe(no_mangle)]
pub extern "C" fn sac_version() -> *const c_char {
    VERSION.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_and_the_library_name_the_same_version() {
        let header = format!("{SAC_VERSION_MAJOR}.{SAC_VERSION_MINOR}.{SAC_VERSION_PATCH}");
        assert_eq!(VERSION.to_str().unwrap(), header, "correct src/ffi/version.rs or Cargo.toml");
    }
}
