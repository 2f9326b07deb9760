//! Verifying webhooks without a client.

use std::ffi::{CStr, c_char};
use std::time::SystemTime;

use super::guard::{bytes_arg, handle, null_argument, out_arg, return_code, str_array_arg};
use super::string::into_c_string;
use crate::auth::webhook::{Field, Headers, Scheme, verify};
use crate::code::{Error, sac_code};

/// Verifies that the sender of a webhook knows the secret, that nobody changed the webhook, and that
/// it is not an old one. The comparison takes constant time.
///
/// `scheme`: one of `SAC_WEBHOOK_…`. `secrets`, `count`: the secrets as the sender shows them; each
/// is valid, so that a secret can be changed. `headers`: name, value, name, value, …, NULL: all
/// fields of the request or only those of the scheme, with names in any case. Other fields may have
/// any bytes. `body`, `len`: the bytes as they arrived, before any decoding or parsing; may be NULL if
/// there are none. `tolerance_s`: the greatest difference in seconds between the time of the
/// signature and the clock, in both directions; 0 allows any. It has no effect for GitHub and
/// Shopify, which sign no time.
///
/// `id`: receives the id of the webhook, which stays the same if the sender sends it again; free it
/// with `sac_string_free`; NULL if you do not need it. For Stripe, it is the member `id` of the body.
/// It is "" if there is none, always for Slack. GitHub and Shopify do not sign it.
///
/// Any thread. Errors: `SAC_ERR_SIGNATURE` (no signature is right, it is too old or from the future,
/// or a header field of the scheme is missing, malformed or there twice; if the webhook verifies with
/// a `tolerance_s` of 0, only its time is wrong), `SAC_ERR_NULL_ARGUMENT` (also for a name without a
/// value), `SAC_ERR_INVALID_UTF8` (a secret), `SAC_ERR_INVALID_ARGUMENT` (no such scheme, no secret,
/// an empty one, too many, or one of Standard Webhooks that is not base64).
///
/// # Safety
/// `secrets` points to `count` strings, `headers` is an array of strings that ends with NULL, `body`
/// points to `len` bytes, `id` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_webhook_verify(
    scheme: i32,
    secrets: *const *const c_char,
    count: usize,
    headers: *const *const c_char,
    body: *const u8,
    len: usize,
    tolerance_s: u64,
    id: *mut *mut c_char,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises `count` strings, or NULL.
        let secrets = unsafe { str_array_arg(secrets, count, "secrets") }?;
        // SAFETY: the caller promises an array of strings that ends with NULL, or NULL.
        let headers = unsafe { fields_arg(headers, "headers") }?;
        // SAFETY: the caller promises `len` bytes, or NULL.
        let body = unsafe { bytes_arg(body, len, "body") }?;
        let scheme = Scheme::try_from(scheme)?;
        let now = SystemTime::now();
        let found = verify(scheme, &secrets, Headers(&headers), body, tolerance_s, now)?;
        if !id.is_null() {
            // SAFETY: the caller promises a place to write to.
            unsafe { out_arg(id, "id") }?.write(into_c_string(found)?);
        }
        Ok(())
    })
}

/// An array of names and values from C, in any encoding.
///
/// # Safety
/// `array` is NULL, or an array of strings that ends with NULL and does not change during `'a`.
unsafe fn fields_arg<'a>(array: *const *const c_char, what: &str) -> Result<Vec<Field<'a>>, Error> {
    // SAFETY: this only checks for NULL; the strings are read below.
    unsafe { handle(array, what) }?;
    let mut pairs = Vec::new();
    let mut next = array;
    loop {
        // SAFETY: `next` is within the array, whose end is the NULL that ends the loop.
        let name = unsafe { *next };
        if name.is_null() {
            return Ok(pairs);
        }
        // SAFETY: after a name comes a value, or the NULL at the end.
        let value = unsafe { *next.add(1) };
        if value.is_null() {
            return Err(null_argument(what));
        }
        // SAFETY: the caller promises strings, and neither is NULL.
        pairs.push(unsafe { (CStr::from_ptr(name).to_bytes(), CStr::from_ptr(value).to_bytes()) });
        // SAFETY: neither of the two was the end of the array.
        next = unsafe { next.add(2) };
    }
}
