//! Making, copying and freeing clients.

use std::ffi::c_char;

use super::guard::{handle, out_arg, return_code, return_value, str_arg};
use super::string::into_c_string;
use super::types::sac_client;
use crate::client::Client;
use crate::code::sac_code;

/// Makes a client for the API at a base URL.
///
/// `base_url`: `http://` or `https://`, a host, optionally a port and a base path, which every
/// request's path goes behind. `user:password@` acts as `sac_add_basic`. A link-local IPv6 address may
/// name its interface, `http://[fe80::1%25eth0]` (RFC 6874), which is not sent. No query, no fragment.
/// `out`: receives the client, to be freed with `sac_client_free`; NULL on failure.
///
/// No connection is made yet. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`.
///
/// # Safety
/// `base_url` is a string or NULL, `out` may be written to or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_client_new(
    base_url: *const c_char,
    out: *mut *mut sac_client,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out_arg(out, "out") }?;
        // SAFETY: the same place; a failure below has to leave NULL there.
        unsafe { out.write(std::ptr::null_mut()) };
        // SAFETY: the caller promises a string or NULL.
        let base_url = unsafe { str_arg(base_url, "base_url") }?;
        super::fork::register_child_handler();
        super::set_user_id::ignore_environment_if_set_user_id();
        let client = Client::new(base_url)?;
        place.write(Box::into_raw(Box::new(sac_client { client })));
        Ok(())
    })
}

/// Makes a scope of its own, such as for one incoming request: the same connections and limits,
/// with copies of the settings, headers, cookies and credentials; from then on, what is set on one
/// does not reach the other. Costs one small allocation.
///
/// `client`: the client to copy. Returns a new client, to be freed with `sac_client_free` in any
/// order; NULL only where `client` is NULL. Any thread.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_client_clone(client: *const sac_client) -> *mut sac_client {
    return_value(std::ptr::null_mut(), || {
        // SAFETY: the caller promises a live client or NULL; clients are changed by atomics only.
        let client = unsafe { handle(client, "client") }?.client.clone();
        Ok(Box::into_raw(Box::new(sac_client { client })))
    })
}

/// Forgets all headers, cookies and credentials of a client, and wipes their memory; settings stay.
///
/// `client`: NULL does nothing. Any thread; calls that have begun keep what they began with.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_client_reset(client: *mut sac_client) {
    return_value((), || {
        // SAFETY: the caller promises a live client or NULL; clients are changed by atomics only.
        unsafe { handle(client, "client") }?.client.reset();
        Ok(())
    });
}

/// Frees a client. Its connections close when the last of its clones is freed.
///
/// `client`: not freed before; NULL does nothing. Any thread, once no other uses the client any
/// more.
///
/// # Safety
/// As said above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_client_free(client: *mut sac_client) {
    return_value((), || {
        if !client.is_null() {
            // SAFETY: it came from `Box::into_raw`, and the caller frees it once.
            drop(unsafe { Box::from_raw(client) });
        }
        Ok(())
    });
}

/// The path to give to `sac_get` for a full URL of this client's origin, as it stands in a
/// `Location` or `Link` header or under `"next"`.
///
/// `url`: a full URL, or an absolute path of the same origin. `out`: receives the path, to be
/// freed with `sac_string_free`. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL` (another origin, or not below the base path).
///
/// # Safety
/// `client` is a live client, `url` a string, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_client_path_of(
    client: *const sac_client,
    url: *const c_char,
    out: *mut *mut c_char,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out_arg(out, "out") }?;
        // SAFETY: the caller promises a live client or NULL.
        let client = unsafe { handle(client, "client") }?;
        // SAFETY: the caller promises a string or NULL.
        let url = unsafe { str_arg(url, "url") }?;
        place.write(into_c_string(client.client.path_of(url)?)?);
        Ok(())
    })
}

/// The counters of a client and all its clones, as a JSON object: `requests`, `attempts`,
/// `timeouts`, `bytes_sent`, `bytes_received`, `connections_opened`, `connections_reused`,
/// `waited_ms`, and `retries` by cause.
///
/// `out`: receives the text, to be freed with `sac_string_free`. Any thread. Errors:
/// `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client, `out` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_client_stats(
    client: *const sac_client,
    out: *mut *mut c_char,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out_arg(out, "out") }?;
        // SAFETY: the caller promises a live client or NULL.
        let client = unsafe { handle(client, "client") }?;
        place.write(into_c_string(client.client.stats())?);
        Ok(())
    })
}
