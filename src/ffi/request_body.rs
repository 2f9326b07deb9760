//! Bodies with files. The library reads a file while it sends it, and never holds all of it in
//! memory.

use std::ffi::c_char;

use super::guard::{bytes_arg, optional_str_arg, str_arg};
use super::request::change;
use super::types::sac_request;
use crate::code::sac_code;
use crate::request::PartHead;

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
