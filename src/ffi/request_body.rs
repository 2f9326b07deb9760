//! Bodies with files, and bodies from a callback. The library reads them while it sends them, and never
//! holds all of one in memory.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use super::callback::Userdata;
use super::guard::{bytes_arg, optional_str_arg, str_arg};
use super::request::change;
use super::types::{sac_body_callback, sac_request, sac_rewind_callback};
use crate::code::{Code, Error, sac_code};
use crate::request::{BodyCallback, PartHead, RewindCallback};

/// Sets the body of the request to the content of a file. It replaces an earlier file. The library
/// opens the file when it sends the request, and reads it while it sends it. For a retry or a
/// redirect, it opens the file again and sends it from the start.
///
/// `content_type`: the media type. `file_path`: a regular file. Both are copied. If the file cannot
/// be read, or changes while it is sent or before it is sent again, the call ends with
/// `SAC_ERR_FILE`. The server never takes a part of the file for the whole. One thread at a time.
/// Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media
/// type), `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
///
/// # Safety
/// `request` is a live request, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_body_file(
    request: *mut sac_request,
    content_type: *const c_char,
    file_path: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and strings, or NULL.
    unsafe {
        change(request, |request| {
            request.set_body_file(
                str_arg(content_type, "content_type")?,
                str_arg(file_path, "file_path")?,
            )
        })
    }
}

/// Sets the body of the request to the bytes that a callback writes while it is sent.
///
/// `content_type`: the media type, copied. `length`: the length of the body in bytes; -1 if it is not
/// known, then the body is sent in chunks (RFC 9112 section 7.1). If the callback ends before the
/// length, the call ends with `SAC_ERR_INVALID_ARGUMENT`. `callback`: see `sac_body_callback`; NULL
/// removes a body that a callback writes, and then the type and the length are not used. `userdata`: passed to the callback unchanged; it must stay valid until the request and its calls no
/// longer use it. Once the callback was called, the request is sent again, for a retry or a redirect,
/// only if there is a rewind callback. One thread at a time, also for calls with the request. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media type),
/// `SAC_ERR_INVALID_ARGUMENT` (another negative length, or the request has a body of another kind).
///
/// # Safety
/// `request` is a live request, `content_type` a string; each may be NULL. `callback` may be called with
/// `userdata` on any thread that sends the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_body_callback(
    request: *mut sac_request,
    content_type: *const c_char,
    length: i64,
    callback: sac_body_callback,
    userdata: *mut c_void,
) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe {
        change(request, |request| {
            let Some(callback) = callback else {
                request.remove_body_callback();
                return Ok(());
            };
            let length = body_length(length)?;
            let content_type = str_arg(content_type, "content_type")?;
            request.set_body_callback(content_type, length, body_callback(callback, userdata))
        })
    }
}

/// Sets the callback that makes a body callback begin again.
///
/// `callback`: see `sac_rewind_callback`; NULL removes it. `userdata`: passed to the callback unchanged;
/// it must stay valid until the request and its calls no longer use it. One thread at a time. Errors:
/// `SAC_ERR_NULL_ARGUMENT` (the request).
///
/// # Safety
/// `request` is a live request or NULL; `callback` may be called with `userdata` on any thread that
/// sends the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_rewind_callback(
    request: *mut sac_request,
    callback: sac_rewind_callback,
    userdata: *mut c_void,
) -> sac_code {
    // SAFETY: the caller promises a live request or NULL.
    unsafe {
        change(request, |request| {
            request.set_rewind(callback.map(|callback| rewind_callback(callback, userdata)));
            Ok(())
        })
    }
}

fn body_length(length: i64) -> Result<Option<u64>, Error> {
    match u64::try_from(length) {
        Ok(length) => Ok(Some(length)),
        Err(_) if length == -1 => Ok(None),
        Err(_) => {
            Err(Error::new(Code::InvalidArgument, format!("a body has no length of {length}")))
        }
    }
}

/// The library's form of a C callback.
fn body_callback(
    callback: unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> i64,
    userdata: *mut c_void,
) -> BodyCallback {
    let userdata = Userdata(userdata);
    Arc::new(move |buffer: &mut [u8]| {
        // SAFETY: the caller of `sac_request_set_body_callback` promised that this call is allowed.
        let written = unsafe { callback(userdata.get(), buffer.as_mut_ptr(), buffer.len()) };
        usize::try_from(written).ok()
    })
}

/// The library's form of a C callback.
fn rewind_callback(
    callback: unsafe extern "C" fn(*mut c_void) -> bool,
    userdata: *mut c_void,
) -> RewindCallback {
    let userdata = Userdata(userdata);
    // SAFETY: the caller of `sac_request_set_rewind_callback` promised that this call is allowed.
    Arc::new(move || unsafe { callback(userdata.get()) })
}

/// Adds a part to the multipart form of the request (`multipart/form-data`, RFC 7578).
///
/// `name`: the name of the field. `file_name`: the file name that the server receives; NULL for a
/// field that is not a file. `content_type`: the media type of the part; NULL means
/// `application/octet-stream` if there is a file name, and none otherwise. `bytes`, `len`: the
/// content; NULL is allowed if `len` is 0. All are copied. One thread at a time. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media type),
/// `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
///
/// # Safety
/// `request` is a live request, the texts are strings, `bytes` points to `len` bytes; each may be
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_add_part(
    request: *mut sac_request,
    name: *const c_char,
    file_name: *const c_char,
    content_type: *const c_char,
    bytes: *const u8,
    len: usize,
) -> sac_code {
    // SAFETY: the caller promises a live request, strings and `len` bytes, or NULL.
    unsafe {
        change(request, |request| {
            let head = PartHead {
                name: str_arg(name, "name")?,
                file_name: optional_str_arg(file_name, "file_name")?,
                content_type: optional_str_arg(content_type, "content_type")?,
            };
            request.add_part(&head, bytes_arg(bytes, len, "bytes")?)
        })
    }
}

/// Adds a file to the multipart form of the request. The file is sent as by
/// `sac_request_set_body_file`. The server receives the last component of the path as the file
/// name.
///
/// `name`: the name of the field. `file_path`: a regular file, opened when the request is sent.
/// `content_type`: the media type of the file; NULL means `application/octet-stream`. All are
/// copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_INVALID_HEADER` (the media type), `SAC_ERR_INVALID_ARGUMENT` (the request has a body of
/// another kind).
///
/// # Safety
/// `request` is a live request, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_add_part_file(
    request: *mut sac_request,
    name: *const c_char,
    file_path: *const c_char,
    content_type: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and strings, or NULL.
    unsafe {
        change(request, |request| {
            request.add_part_file(
                str_arg(name, "name")?,
                str_arg(file_path, "file_path")?,
                optional_str_arg(content_type, "content_type")?,
            )
        })
    }
}
