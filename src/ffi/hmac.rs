//! Message authentication codes without a client.

use std::ffi::c_char;

use super::guard::{bytes_arg, out_arg, return_code};
use super::string::into_c_string;
use crate::auth::Digest;
use crate::auth::encoding::Encoding;
use crate::auth::mac::hmac;
use crate::code::sac_code;

/// Computes the HMAC of data (RFC 2104), as services want it in the signature of a request. To verify
/// a webhook, use `sac_webhook_verify`, which compares in constant time.
///
/// `digest`: one of `SAC_DIGEST_…`. `key`, `key_len`: the key as bytes; the library keeps no copy.
/// `data`, `data_len`: the bytes to sign; may be NULL if there are none. `encoding`: one of
/// `SAC_ENCODING_…`. `out`: receives the text; free it with `sac_string_free`. Any thread. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (no such digest or encoding, or an empty key,
/// with which anybody could compute the same).
///
/// # Safety
/// `key` and `data` point to as many bytes, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_hmac(
    digest: i32,
    key: *const u8,
    key_len: usize,
    data: *const u8,
    data_len: usize,
    encoding: i32,
    out: *mut *mut c_char,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { out_arg(out, "out") }?;
        // SAFETY: the caller promises as many bytes, or NULL.
        let (key, data) =
            unsafe { (bytes_arg(key, key_len, "key")?, bytes_arg(data, data_len, "data")?) };
        let mac = hmac(Digest::try_from(digest)?, key, &[data], Encoding::try_from(encoding)?)?;
        place.write(into_c_string(mac.as_bytes())?);
        Ok(())
    })
}
