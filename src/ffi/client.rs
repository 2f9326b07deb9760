//! Creating, copying and freeing clients.

use std::ffi::c_char;

use super::guard::{handle, out_arg, return_code, return_value, str_arg};
use super::string::into_c_string;
use super::types::sac_client;
use crate::client::Client;
use crate::code::sac_code;

/// Creates a client for the API at a base URL. This opens no connection.
///
/// `base_url`: `http://` or `https://`, a host, and optionally a port and a base path; no query and
/// no fragment. The path of each request is appended to the base path. A `user:password@` before
/// the host acts as `sac_add_basic`. A link-local IPv6 address may name its network interface,
/// `http://[fe80::1%25eth0]` (RFC 6874); the name is not sent. `out`: receives the client; free it
/// with `sac_client_free`; NULL on failure. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
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
        let place = unsafe { out_arg(out, "out") }?;
        // SAFETY: the same place; a failure below must leave NULL there.
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

/// Creates a separate scope, for example for one incoming request. The new client starts with a
/// copy of the settings, headers, cookies and credentials. Later changes to one client do not
/// affect the other. Connections, the rate limit, the counters and a source of tokens with its token
/// are shared. A clone costs one small allocation.
///
/// `client`: the client to copy. Returns a new client; free it with `sac_client_free`, in any
/// order; NULL only if `client` is NULL. Any thread.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_client_clone(client: *const sac_client) -> *mut sac_client {
    return_value(std::ptr::null_mut(), || {
        // SAFETY: the caller promises a live client or NULL; clients change only by atomic
        // operations.
        let client = unsafe { handle(client, "client") }?.client.clone();
        Ok(Box::into_raw(Box::new(sac_client { client })))
    })
}

/// Removes all headers, cookies and credentials of a client. The settings stay. The memory of the
/// secrets is wiped when no running call uses them any more.
///
/// `client`: NULL has no effect. Any thread; running calls are not affected.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_client_reset(client: *mut sac_client) {
    return_value((), || {
        // SAFETY: the caller promises a live client or NULL; clients change only by atomic
        // operations.
        unsafe { handle(client, "client") }?.client.reset();
        Ok(())
    });
}

/// Closes the connections of a client and its clones that no request is using. Later requests open new ones.
///
/// `client`: NULL has no effect. Any thread; running calls and open streams are not affected.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_client_close_idle(client: *const sac_client) {
    return_value((), || {
        // SAFETY: the caller promises a live client or NULL.
        unsafe { handle(client, "client") }?.client.close_idle();
        Ok(())
    });
}

/// Frees a client. Its connections close when the client and all its clones are freed.
///
/// `client`: not freed before; NULL has no effect. Any thread, but only when no other thread uses
/// the client.
///
/// # Safety
/// As stated above.
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

/// Converts a full URL of this client's origin to a path for `sac_get`. Such URLs are in `Location`
/// and `Link` header fields, or in members such as `"next"`.
///
/// `url`: a full URL, or an absolute path of the same origin. `out`: receives the path; free it
/// with `sac_string_free`. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_INVALID_URL` (another origin, or not below the base path).
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
        let place = unsafe { out_arg(out, "out") }?;
        // SAFETY: the caller promises a live client or NULL.
        let client = unsafe { handle(client, "client") }?;
        // SAFETY: the caller promises a string or NULL.
        let url = unsafe { str_arg(url, "url") }?;
        place.write(into_c_string(client.client.path_of(url)?)?);
        Ok(())
    })
}

/// Gets the counters of a client and all its clones, as a JSON object: `requests`, `attempts`,
/// `timeouts`, `bytes_sent`, `bytes_received`, `connections_opened`, `connections_reused`,
/// `waited_ms`, and `retries` by cause.
///
/// `out`: receives the JSON text; free it with `sac_string_free`. Any thread. Errors:
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
        let place = unsafe { out_arg(out, "out") }?;
        // SAFETY: the caller promises a live client or NULL.
        let client = unsafe { handle(client, "client") }?;
        place.write(into_c_string(client.client.stats())?);
        Ok(())
    })
}
