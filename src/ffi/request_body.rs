//! Bodies with files: read while they are sent, and never in memory as a whole.

use std::ffi::c_char;

use super::guard::{bytes_arg, optional_str_arg, str_arg};
use super::request::change;
use super::types::sac_request;
use crate::code::sac_code;
use crate::request::PartHead;

/// Gives the request a file as its body, in place of an earlier one. It is opened when the request
/// is sent, read while it is sent, and opened again and sent from its start where a retry or a
/// redirect needs that.
///
/// `content_type`: the media type. `file_path`: a regular file. Both are copied. A file that cannot
/// be read, or is changed while it is sent or between two sendings, ends the call with
/// `SAC_ERR_FILE`; the server is never made believe that a part is the whole. One thread at a time.
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

/// Adds a part to the request's form with files (`multipart/form-data`, RFC 7578).
///
/// `name`: the name of the field. `file_name`: the name that the server is told where the part is a
/// file; NULL for a plain field. `content_type`: its media type; NULL for `application/octet-stream`
/// where there is a file name, and for none where there is not. `bytes`, `len`: the content; NULL is
/// allowed where `len` is 0. All are copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media type), `SAC_ERR_INVALID_ARGUMENT`
/// (the request has a body of another kind).
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
            request.add_part(&head, self::bytes_arg(bytes, len, "bytes")?)
        })
    }
}

/// Adds a file to the request's form with files, as `sac_request_set_body_file` would send it. The
/// server is told the last component of its path as the file's name.
///
/// `name`: the name of the field. `file_path`: a regular file, opened when the request is sent.
/// `content_type`: its media type; NULL for `application/octet-stream`. All are copied. One thread at
/// a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the
/// media type), `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
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
