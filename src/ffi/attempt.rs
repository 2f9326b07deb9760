//! What an attempt callback sees of a request, and what it may change.

use std::ffi::c_char;
use std::io::Write as _;

use zeroize::Zeroizing;

use super::guard::{handle, return_code, return_value, str_arg};
use super::types::sac_attempt;
use crate::call::OutgoingRequest;
use crate::code::{Error, sac_code};

/// What a body of no bytes points to.
static NO_BYTES: u8 = 0;

/// The method of the request.
///
/// `attempt`: the request, of a callback that has not returned. Returns a string such as `POST`, valid
/// until the callback returns; NULL if `attempt` is NULL. One thread at a time.
///
/// # Safety
/// `attempt` comes from a callback that has not returned, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_attempt_method(attempt: *const sac_attempt<'_, '_>) -> *const c_char {
    // SAFETY: the caller makes the same promise.
    unsafe { string(attempt, |request| copy(request.method().as_str())) }
}

/// The full URL of the request, with its query, which may contain secrets.
///
/// `attempt`: the request, of a callback that has not returned. Returns a string, valid until the
/// callback returns; NULL if `attempt` is NULL. One thread at a time.
///
/// # Safety
/// As for `sac_attempt_method`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_attempt_url(attempt: *const sac_attempt<'_, '_>) -> *const c_char {
    // SAFETY: the caller makes the same promise.
    unsafe { string(attempt, |request| copy(&Zeroizing::new(request.uri().to_string()))) }
}

/// The path and the query of the request as they are sent (RFC 9112 section 3.2.1).
///
/// `attempt`: the request, of a callback that has not returned. Returns a string such as
/// `/v1/items?page=2`, valid until the callback returns; NULL if `attempt` is NULL. One thread at a
/// time.
///
/// # Safety
/// As for `sac_attempt_method`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_attempt_target(attempt: *const sac_attempt<'_, '_>) -> *const c_char {
    // SAFETY: the caller makes the same promise.
    unsafe { string(attempt, |request| copy(&request.target())) }
}

/// The number of the attempt in its call, from 1, as in the journal. The requests of redirects have the
/// number of their attempt.
///
/// `attempt`: the request, of a callback that has not returned. Returns the number; 0 if `attempt` is
/// NULL. One thread at a time.
///
/// # Safety
/// As for `sac_attempt_method`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_attempt_number(attempt: *const sac_attempt<'_, '_>) -> u32 {
    // SAFETY: the caller makes the same promise.
    return_value(0, || unsafe { Ok(handle(attempt, "attempt")?.request.number()) })
}

/// The value of a header field as it will be sent: with cookies and credentials, and with `Host`,
/// `Content-Length` and `Transfer-Encoding`. Credentials for a proxy, and fields of the connection such as
/// `Connection`, are not known yet.
///
/// `attempt`: the request, of a callback that has not returned. `name`: in upper or lower case. Returns a
/// string, valid until the callback returns, also if the field is set again; NULL if there is no
/// such field. One thread at a time.
///
/// # Safety
/// As for `sac_attempt_method`; `name` is a string or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_attempt_header(
    attempt: *const sac_attempt<'_, '_>,
    name: *const c_char,
) -> *const c_char {
    // SAFETY: the caller makes the same promise.
    unsafe { string(attempt, |request| Ok(request.header(str_arg(name, "name")?))) }
}

/// The body of the request.
///
/// `attempt`: the request, of a callback that has not returned. `len`: receives the number of bytes; NULL
/// if it is not needed. Returns the bytes, valid until the callback returns. If there is no body, the
/// result is not NULL, and there are 0 bytes. Returns NULL, and 0 bytes, if the body does not lie in
/// memory in one piece: a file, a body callback, or a form with parts. One thread at a time.
///
/// # Safety
/// As for `sac_attempt_method`; `len` may be written to, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_attempt_body(
    attempt: *const sac_attempt<'_, '_>,
    len: *mut usize,
) -> *const u8 {
    return_value(std::ptr::null(), || {
        // SAFETY: the caller makes the same promise.
        let body = unsafe { handle(attempt, "attempt") }?.request.body();
        if !len.is_null() {
            // SAFETY: the caller promises a place to write to.
            unsafe { len.write(body.map_or(0, <[u8]>::len)) };
        }
        Ok(match body {
            Some([]) => &raw const NO_BYTES,
            Some(bytes) => bytes.as_ptr(),
            None => std::ptr::null(),
        })
    })
}

/// The SHA-256 of the body in hexadecimal, in small letters: 64 characters. Also of no body, of a file, of a
/// form with parts, and of a body callback that has a rewind callback. These are read once more, at most
/// once in a call.
///
/// `attempt`: the request, of a callback that has not returned. Returns a string, valid until the callback
/// returns. Returns NULL if the hash cannot be known: the body callback cannot begin again, or the body
/// cannot be read. In the second case, the call ends with that error after the callback. One thread at a
/// time.
///
/// # Safety
/// As for `sac_attempt_method`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_attempt_body_sha256(
    attempt: *mut sac_attempt<'_, '_>,
) -> *const c_char {
    let hex = |sha256: [u8; 32]| {
        sha256.iter().fold(Zeroizing::new(Vec::with_capacity(64)), |mut hex, byte| {
            // Writing to a vector cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    };
    // SAFETY: the caller makes the same promise.
    unsafe { string(attempt, |request| Ok(request.body_sha256().map(hex))) }
}

/// Sets a header field for this request alone, and replaces a field of the same name. A retry and a
/// redirect start without it. The value is kept out of every log line and error text, whatever the
/// name, and wiped.
///
/// `attempt`: the request, of a callback that has not returned. `name`, `value`: as for `sac_add_header`;
/// copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`; the log says why.
///
/// # Safety
/// As for `sac_attempt_method`; `name` and `value` are strings or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_attempt_set_header(
    attempt: *mut sac_attempt<'_, '_>,
    name: *const c_char,
    value: *const c_char,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller makes the same promise.
        let attempt = unsafe { handle(attempt.cast_const(), "attempt") }?;
        // SAFETY: the caller promises strings, or NULL.
        let (name, value) = unsafe { (str_arg(name, "name")?, str_arg(value, "value")?) };
        attempt.request.set_header(name, value)
    })
}

/// A string for C, which is valid until the callback returns. No text of a request contains a NUL.
///
/// # Safety
/// `attempt` comes from a callback that has not returned, or is NULL.
unsafe fn string(
    attempt: *const sac_attempt<'_, '_>,
    text: impl FnOnce(&OutgoingRequest<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, Error>,
) -> *const c_char {
    return_value(std::ptr::null(), || {
        // SAFETY: the caller makes the same promise.
        let attempt = unsafe { handle(attempt, "attempt") }?;
        let Some(text) = text(attempt.request)? else { return Ok(std::ptr::null()) };
        let mut copy = Zeroizing::new(Vec::with_capacity(text.len().saturating_add(1)));
        copy.extend_from_slice(&text);
        copy.push(0);
        let pointer = copy.as_ptr().cast();
        attempt.strings.borrow_mut().push(copy);
        Ok(pointer)
    })
}

fn copy(text: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    Ok(Some(Zeroizing::new(text.as_bytes().to_vec())))
}
