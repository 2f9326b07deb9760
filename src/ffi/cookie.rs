//! Signing and verifying cookies without a client.

use std::ffi::c_char;
use std::time::SystemTime;

use super::guard::{out_arg, return_code, str_arg, str_array_arg};
use super::string::into_c_string;
use crate::auth::{self, Digest};
use crate::code::sac_code;

/// Signs a payload with the current time, as a cookie value. The value consists of the payload, a
/// timestamp and a MAC, separated by dots: the format of itsdangerous' TimestampSigner, which
/// cookie-manager verifies. In a `Cookie` header field, the value must be a quoted string.
/// `sac_add_signed_cookie` writes it so.
///
/// `payload_json`: a JSON object. `key_id`: the name of the key, which is added to the payload.
/// `key`: the key; the library keeps no copy. `digest`: one of `SAC_DIGEST_…`. `out`: receives the
/// value; free it with `sac_string_free`. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_JSON` (not a JSON object), `SAC_ERR_INVALID_ARGUMENT`
/// (no such digest, or an empty key).
///
/// # Safety
/// `out` may be written to, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_cookie_sign(
    payload_json: *const c_char,
    key_id: *const c_char,
    key: *const c_char,
    digest: i32,
    out: *mut *mut c_char,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { out_arg(out, "out") }?;
        // SAFETY: the caller promises strings or NULL.
        let payload = unsafe { str_arg(payload_json, "payload_json") }?;
        // SAFETY: the caller promises strings or NULL.
        let (key_id, key) = unsafe { (str_arg(key_id, "key_id")?, str_arg(key, "key")?) };
        let signed =
            auth::sign(payload, key_id, key, Digest::try_from(digest)?, SystemTime::now())?;
        place.write(into_c_string(signed.as_bytes())?);
        Ok(())
    })
}

/// Verifies a cookie value that `sac_cookie_sign`, itsdangerous or cookie-manager signed. The
/// comparison takes constant time.
///
/// `cookie`: the value, raw or as a quoted string. `key_ids`, `keys`: the names of the keys, and
/// the keys. The payload of the cookie names the key that is used. `count`: the number of keys.
/// `max_age_s`: the greatest age in seconds; 0 allows any age. `digest`: one of `SAC_DIGEST_…`.
/// `payload_json`: receives the payload; free it with `sac_string_free`. Any thread. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (no such digest, an
/// empty key, or too many keys), `SAC_ERR_INVALID_COOKIE` (a wrong MAC, an unknown key, an expired
/// cookie, or a timestamp in the future).
///
/// # Safety
/// `cookie` is a string, `key_ids` and `keys` point to `count` strings each, `payload_json` may be
/// written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_cookie_verify(
    cookie: *const c_char,
    key_ids: *const *const c_char,
    keys: *const *const c_char,
    count: usize,
    max_age_s: u64,
    digest: i32,
    payload_json: *mut *mut c_char,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { out_arg(payload_json, "payload_json") }?;
        // SAFETY: the caller promises a string or NULL.
        let cookie = unsafe { str_arg(cookie, "cookie") }?;
        // SAFETY: the caller promises that each pointer is to `count` strings.
        let (key_ids, keys) = unsafe {
            (str_array_arg(key_ids, count, "key_ids")?, str_array_arg(keys, count, "keys")?)
        };
        let pairs: Vec<(&str, &str)> = key_ids.into_iter().zip(keys).collect();
        let digest = Digest::try_from(digest)?;
        let payload = auth::verify(cookie, &pairs, max_age_s, digest, SystemTime::now())?;
        place.write(into_c_string(payload)?);
        Ok(())
    })
}
