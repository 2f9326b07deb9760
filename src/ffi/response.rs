//! Responses: how C gets and frees them, and reads their header fields.

use std::ffi::{CStr, c_char};

use super::guard::{handle, out_arg, return_value, str_arg};
use super::types::{OwnedResponse, sac_response};
use crate::answer::Response;
use crate::answer::json::ValueCache;
use crate::code::{Code, Error};

impl OwnedResponse {
    /// Passes a response to C, which frees it with `sac_response_free`.
    pub(super) fn into_raw(response: Response) -> *mut sac_response {
        let owned: *mut Self = Box::into_raw(Box::<Self>::new_uninit()).cast();
        // SAFETY: it is memory for a `Self`, whose only fields are written here, and no other
        // code has the pointer.
        unsafe {
            (&raw mut (*owned).response).write(response);
            // The response is in its final place before its pointers are taken: moving a box of
            // bytes makes all pointers into it invalid, by the rules that Miri checks.
            (&raw mut (*owned).public).write(to_sac_response(&(*owned).response));
            (&raw mut (*owned).text).write((*owned).response.json_text());
        }
        owned.cast()
    }
}

/// The fields that C sees. They are valid while the response stays in its place.
fn to_sac_response(response: &Response) -> sac_response {
    sac_response {
        code: response.code().number(),
        status: i32::from(response.status()),
        json: response.json_with_nul().as_ptr().cast(),
        json_len: response.json_text().len(),
        body: response.body_with_nul().as_ptr(),
        body_len: response.body().len(),
        error: response.error().map_or(std::ptr::null(), CStr::as_ptr),
        json_state: response.json_state().number(),
        attempts: response.attempts(),
        elapsed_us: response.elapsed_us(),
    }
}

/// The response of the pointer that C has.
///
/// # Safety
/// `response` is a live response or NULL.
pub(super) unsafe fn response_ref<'a>(
    response: *const sac_response,
) -> Result<&'a Response, Error> {
    // SAFETY: every live `sac_response` is the first field of an `OwnedResponse`.
    unsafe { handle(response.cast::<OwnedResponse>(), "response") }.map(|owned| &owned.response)
}

/// The values and the JSON text of a response, if a walk through its values can begin at once. It takes
/// no more than a few instructions.
///
/// # Safety
/// `response` is a live response or NULL.
#[inline(always)]
pub(super) unsafe fn walk_ref<'a>(
    response: *const sac_response,
) -> Option<(&'a ValueCache, &'a str)> {
    // SAFETY: every live `sac_response` is the first field of an `OwnedResponse`.
    let owned = unsafe { response.cast::<OwnedResponse>().as_ref() }?;
    // SAFETY: the text belongs to the response, which never changes.
    Some((owned.response.existing_values()?, unsafe { &*owned.text }))
}

/// Frees a response, and with it every string and all bytes that were read from it.
///
/// `response`: not freed before; NULL has no effect. Any thread, but only when no other thread uses
/// the response.
///
/// # Safety
/// As stated above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_response_free(response: *mut sac_response) {
    return_value((), || {
        if !response.is_null() {
            // SAFETY: it came from `OwnedResponse::into_raw`, and the caller frees it once.
            drop(unsafe { Box::from_raw(response.cast::<OwnedResponse>()) });
        }
        Ok(())
    });
}

/// Gets the reason phrase of a response's status line (RFC 9112 section 4), as the server sent it.
///
/// Returns a string that stays valid as long as the response, without the spaces around it; bytes
/// that are not UTF-8 are read as Latin-1. Returns "" if the server sent none, if no response
/// arrived, or if `response` is NULL; never NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_response_reason(response: *const sac_response) -> *const c_char {
    return_value(c"".as_ptr(), || {
        // SAFETY: the caller promises a live response or NULL.
        Ok(unsafe { response_ref(response) }?.fields().reason().as_ptr())
    })
}

/// Gets the first value of a response header field.
///
/// `name`: in upper or lower case. Returns a string that stays valid as long as the response; bytes
/// that are not UTF-8 are read as Latin-1. Returns NULL if there is no such field or an argument is
/// NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response, `name` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_response_header(
    response: *const sac_response,
    name: *const c_char,
) -> *const c_char {
    return_value(std::ptr::null(), || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, name) = unsafe { (response_ref(response)?, str_arg(name, "name")?) };
        Ok(response.fields().get(name).map_or(std::ptr::null(), CStr::as_ptr))
    })
}

/// Counts the header fields of a response. A field that was sent twice counts twice.
///
/// Returns the number; 0 if no response arrived or `response` is NULL. Any thread, several at once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_response_header_count(response: *const sac_response) -> usize {
    return_value(0, || {
        // SAFETY: the caller promises a live response or NULL.
        Ok(unsafe { response_ref(response) }?.fields().count())
    })
}

/// Gets a header field of a response by its index.
///
/// `index`: from 0 to `sac_response_header_count` - 1. `name`: receives the name, in lower case.
/// `value`: receives the value. Both stay valid as long as the response. Returns true on success.
/// Returns false and writes nothing if there is no such field or an argument is NULL. Any thread,
/// several at once.
///
/// # Safety
/// `response` is a live response, `name` and `value` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_response_header_at(
    response: *const sac_response,
    index: usize,
    name: *mut *const c_char,
    value: *mut *const c_char,
) -> bool {
    return_value(false, || {
        // SAFETY: the caller promises a live response or NULL.
        let response = unsafe { response_ref(response) }?;
        // SAFETY: the caller promises places to write to, or NULL.
        let (name_out, value_out) = unsafe { (out_arg(name, "name")?, out_arg(value, "value")?) };
        let (name, value) = response.fields().at(index).ok_or_else(|| {
            Error::new(Code::InvalidArgument, "there is no header field with this index")
        })?;
        name_out.write(name.as_ptr().cast());
        value_out.write(value.as_ptr().cast());
        Ok(true)
    })
}

/// Gets the journal of the call: a JSON array with one object for each attempt, in order. The
/// members are `status` or `error`, `retried_because` or `done_because`, `waited_ms` (before the
/// attempt), `delay_from` (`backoff`, `token`, `retry-after-ms`, `retry-after`, `ratelimit-reset`,
/// `x-ratelimit-reset`, `gate`, `limiter`), `reused_connection`, and the times `resolve_us`,
/// `connect_us`, `tls_us`, `first_byte_us`, `total_us`. A member without a value is absent.
///
/// Returns a string that stays valid as long as the response; NULL only if `response` is NULL. Any
/// thread, several at once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_response_journal(response: *const sac_response) -> *const c_char {
    return_value(std::ptr::null(), || {
        // SAFETY: the caller promises a live response or NULL.
        Ok(unsafe { response_ref(response) }?.journal().as_ptr())
    })
}

/// Gets the TLS session on which a response arrived: a JSON object with `version` (`TLS 1.2` or
/// `TLS 1.3`), `cipher_suite` (its name in the IANA registry), `protocol` (chosen by ALPN, RFC 7301;
/// "" for none), `server_name` (the name or address for which the certificate must be valid),
/// `resumed` (whether the session continues an earlier one), and `certificates` (those of the
/// server, from its own on, each DER in base64).
///
/// Returns a string that stays valid as long as the response; NULL if the response did not arrive
/// over https, if none arrived, or if `response` is NULL. Responses of
/// one connection share it. Any thread, several
/// at once.
///
/// # Safety
/// `response` is a live response or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_response_tls(response: *const sac_response) -> *const c_char {
    return_value(std::ptr::null(), || {
        // SAFETY: the caller promises a live response or NULL.
        Ok(unsafe { response_ref(response) }?.tls().map_or(std::ptr::null(), CStr::as_ptr))
    })
}

/// Gets the target of the `Link` header field (RFC 8288) with a relation, as a full URL.
/// `sac_client_path_of` converts it to a path for the next request.
///
/// `rel`: the relation, such as `next`, in upper or lower case. Returns a string that stays valid
/// as long as the response; NULL if there is no such link or an argument is NULL. Any thread,
/// several at once.
///
/// # Safety
/// `response` is a live response, `rel` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_response_link(
    response: *const sac_response,
    rel: *const c_char,
) -> *const c_char {
    return_value(std::ptr::null(), || {
        // SAFETY: the caller promises a live response and a string, or NULL.
        let (response, rel) = unsafe { (response_ref(response)?, str_arg(rel, "rel")?) };
        Ok(response.link(rel).map_or(std::ptr::null(), CStr::as_ptr))
    })
}
