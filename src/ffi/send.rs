//! Sending. Each function returns a response in every case.

use std::ffi::c_char;

use http::{HeaderValue, Method, header};

use super::guard::{catch_panic, handle, optional_str_arg, str_arg};
use super::types::{OwnedResponse, sac_client, sac_request, sac_response};
use crate::answer::Response;
use crate::client::Client;
use crate::code::Error;
use crate::request::{Request, path};

/// Runs the body of an export that sends. An error or a panic becomes a response.
fn return_response(body: impl FnOnce() -> Result<*mut sac_response, Error>) -> *mut sac_response {
    catch_panic(body).unwrap_or_else(|error| OwnedResponse::into_raw(Response::from_error(&error)))
}

/// Sends a request with this method and path, after `set_up` has changed it.
///
/// # Safety
/// `client` is a live client, `path` a string; each may be NULL.
unsafe fn send_simple(
    client: *const sac_client,
    method: Method,
    path: *const c_char,
    set_up: impl FnOnce(&mut Request) -> Result<(), Error>,
) -> *mut sac_response {
    return_response(|| {
        // SAFETY: the caller promises a live client and a string, or NULL.
        let (client, path) = unsafe { (handle(client, "client")?, str_arg(path, "path")?) };
        let mut request = Request::with_target(method, path::target(path)?);
        set_up(&mut request)?;
        Ok(send(&client.client, &request))
    })
}

/// Sends a request with this method and path, and with a JSON body unless `json` is NULL.
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
unsafe fn send_simple_json(
    client: *const sac_client,
    method: Method,
    path: *const c_char,
    json: *const c_char,
) -> *mut sac_response {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        send_simple(client, method, path, |request| match optional_str_arg(json, "json")? {
            Some(json) => request.set_json(json),
            None => Ok(()),
        })
    }
}

/// Sends a GET request. It asks for `application/json`.
///
/// `path`: starts with `/`, may contain a query, and is appended to the client's base path. Blocks
/// until the call ends. Returns a response, never NULL; free it with `sac_response_free`. Any
/// thread. Errors are in the response.
///
/// # Safety
/// `client` is a live client, `path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_get(
    client: *const sac_client,
    path: *const c_char,
) -> *mut sac_response {
    // SAFETY: the caller promises the same.
    unsafe { send_simple(client, Method::GET, path, |_| Ok(())) }
}

/// Sends a GET request for data that need not be JSON. It asks for `application/octet-stream`. The
/// bytes are in the response's `body`.
///
/// Like `sac_get` otherwise.
///
/// # Safety
/// `client` is a live client, `path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_get_binary(
    client: *const sac_client,
    path: *const c_char,
) -> *mut sac_response {
    let accept = HeaderValue::from_static("application/octet-stream");
    // SAFETY: the caller promises the same.
    unsafe {
        send_simple(client, Method::GET, path, |request| {
            request.set_known_header(header::ACCEPT, accept);
            Ok(())
        })
    }
}

/// Sends a DELETE request.
///
/// Like `sac_get` otherwise.
///
/// # Safety
/// `client` is a live client, `path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_delete(
    client: *const sac_client,
    path: *const c_char,
) -> *mut sac_response {
    // SAFETY: the caller promises the same.
    unsafe { send_simple(client, Method::DELETE, path, |_| Ok(())) }
}

/// Sends a POST request with a JSON body.
///
/// `json`: a well-formed JSON text, sent unchanged; NULL sends no body. Like `sac_get` otherwise.
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_post_json(
    client: *const sac_client,
    path: *const c_char,
    json: *const c_char,
) -> *mut sac_response {
    // SAFETY: the caller promises the same.
    unsafe { send_simple_json(client, Method::POST, path, json) }
}

/// Sends a PUT request with a JSON body.
///
/// `json`: a well-formed JSON text, sent unchanged; NULL sends no body. Like `sac_get` otherwise.
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_put_json(
    client: *const sac_client,
    path: *const c_char,
    json: *const c_char,
) -> *mut sac_response {
    // SAFETY: the caller promises the same.
    unsafe { send_simple_json(client, Method::PUT, path, json) }
}

/// Sends a PATCH request with a JSON body.
///
/// `json`: a well-formed JSON text, sent unchanged; NULL sends no body. Like `sac_get` otherwise.
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_patch_json(
    client: *const sac_client,
    path: *const c_char,
    json: *const c_char,
) -> *mut sac_response {
    // SAFETY: the caller promises the same.
    unsafe { send_simple_json(client, Method::PATCH, path, json) }
}

/// Sends a POST request with a form (`application/x-www-form-urlencoded`).
///
/// `fields`: name, value, name, value, …, NULL; the library encodes them; NULL sends no body. A
/// name without a value gives `SAC_ERR_NULL_ARGUMENT`. Like `sac_get` otherwise.
///
/// # Safety
/// `client` is a live client, `path` a string, `fields` an array of strings that ends with NULL;
/// each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_post_form(
    client: *const sac_client,
    path: *const c_char,
    fields: *const *const c_char,
) -> *mut sac_response {
    // SAFETY: the caller promises the same.
    unsafe { send_simple(client, Method::POST, path, |request| add_fields(request, fields)) }
}

/// Adds the fields of an array to a request's form.
///
/// # Safety
/// `fields` is NULL, or an array of strings that ends with NULL.
unsafe fn add_fields(request: &mut Request, fields: *const *const c_char) -> Result<(), Error> {
    let mut next = fields;
    // SAFETY: `next` is NULL or within the array, whose end is the NULL that ends the loop.
    while let Some(name) = unsafe { next.as_ref() }.filter(|name| !name.is_null()) {
        // SAFETY: after a name comes a value, or the NULL at the end, which `str_arg` refuses.
        let (name, value) = unsafe {
            (str_arg(*name, "a name in fields")?, str_arg(*next.add(1), "a value in fields")?)
        };
        request.add_form_field(name, value)?;
        // SAFETY: neither of the two was the end of the array.
        next = unsafe { next.add(2) };
    }
    Ok(())
}

/// Sends a request.
///
/// `request`: may be sent any number of times, also by several threads at once. Blocks until the
/// call ends. Returns a response, never NULL; free it with `sac_response_free`. Any thread. Errors
/// are in the response.
///
/// # Safety
/// `client` is a live client, `request` a live request; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_send(
    client: *const sac_client,
    request: *const sac_request,
) -> *mut sac_response {
    return_response(|| {
        // SAFETY: the caller promises a live client and request, or NULL; neither is changed.
        let (client, request) = unsafe { (handle(client, "client")?, handle(request, "request")?) };
        Ok(send(&client.client, &request.request))
    })
}

fn send(client: &Client, request: &Request) -> *mut sac_response {
    #[cfg(feature = "panic-probe")]
    assert!(request.method().as_str() != "PANIC", "a panic on request");
    OwnedResponse::into_raw(client.send(request))
}
