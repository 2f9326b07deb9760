//! Responses: handing them over to C, and reading header fields out of them.

use std::ffi::{CStr, c_char};

use super::guard::{handle, out_arg, return_value, str_arg};
use super::types::{OwnedResponse, sac_response};
use crate::answer::Response;
use crate::code::{Code, Error};

impl OwnedResponse {
    /// Gives a response to C, which frees it with `sac_response_free`.
    pub(super) fn into_raw(response: Response) -> *mut sac_response {
        let held: *mut Self = Box::into_raw(Box::<Self>::new_uninit()).cast();
        // SAFETY: it is memory for a `Self`, of which the two fields are all, and nobody else has it.
        unsafe {
            (&raw mut (*held).response).write(response);
            // The pointers are taken once the response has its place: moving a box of bytes makes
            // all pointers into it invalid, by the rules that Miri holds us to.
            (&raw mut (*held).public).write(to_sac_response(&(*held).response));
        }
        held.cast()
    }
}

/// What C sees of a response, for as long as that stays where it is.
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

/// The response behind what C holds.
///
/// # Safety
/// `response` is a live response or NULL.
pub(super) unsafe fn response_ref<'a>(
    response: *const sac_response,
) -> Result<&'a Response, Error> {
    // SAFETY: every live `sac_response` is the first field of a `HeldResponse`.
    unsafe { handle(response.cast::<OwnedResponse>(), "response") }.map(|held| &held.response)
}

/// Frees a response, and with it every string and byte that was read out of it.
///
/// `response`: not freed before; NULL does nothing. Any thread, once no other reads it any more.
///
/// # Safety
/// As said above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_response_free(response: *mut sac_response) {
    return_value((), || {
        if !response.is_null() {
            // SAFETY: it came from `hand_over`, and the caller frees it once.
            drop(unsafe { Box::from_raw(response.cast::<OwnedResponse>()) });
        }
        Ok(())
    });
}

/// The reason phrase of a response's status line (RFC 9112 section 4), as the server sent it.
///
/// Returns a string that lives as long as the response (bytes that are not UTF-8 are read as
/// Latin-1; spaces around it are removed). Returns "" if the server sent none, if no response
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

/// The first value of a response header field.
///
/// `name`: in any case. Returns a string that lives as long as the response (bytes that are not
/// UTF-8 are read as Latin-1); NULL where there is no such field or an argument is NULL. Any
/// thread, several at once.
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

/// The number of header fields of a response; a field sent twice counts twice.
///
/// Returns 0 where no response arrived or `response` is NULL. Any thread, several at once.
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

/// A header field of a response by its number.
///
/// `index`: from 0 to `sac_response_header_count` less one. `name`: receives the name, in lower case.
/// `value`: receives the value. Both live as long as the response. Returns false, and writes nothing,
/// where there is no such field or an argument is NULL. Any thread, several at once.
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
    self::return_value(false, || {
        // SAFETY: the caller promises a live response or NULL.
        let response = unsafe { response_ref(response) }?;
        // SAFETY: the caller promises places to write to, or NULL.
        let (name_out, value_out) = unsafe { (out_arg(name, "name")?, out_arg(value, "value")?) };
        let (name, value) = response
            .fields()
            .at(index)
            .ok_or_else(|| Error::new(Code::InvalidArgument, "no header field has that number"))?;
        name_out.write(name.as_ptr());
        value_out.write(value.as_ptr());
        Ok(true)
    })
}

/// What each attempt of the call did: a JSON array with an object for each, in their order, with
/// `status` or `error`, `retried_because` or `done_because`, `waited_ms` before it and `delay_from`
/// (`backoff`, `retry-after-ms`, `retry-after`, `ratelimit-reset`, `x-ratelimit-reset`, `gate`,
/// `limiter`), `reused_connection`, and the times `resolve_us`, `connect_us`, `tls_us`,
/// `first_byte_us`, `total_us`; what has nothing to tell is left out.
///
/// Returns a string that lives as long as the response; NULL only where `response` is NULL. Any
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

/// The target of the `Link` header field (RFC 8288) with a relation, as a full URL;
/// `sac_client_path_of` makes of it a path to ask for.
///
/// `rel`: such as `next`, in any case. Returns a string that lives as long as the response; NULL
/// where there is none or an argument is NULL. Any thread, several at once.
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
