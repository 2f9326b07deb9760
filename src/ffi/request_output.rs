//! The destination of a response's body, and the callback that reports its progress.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use super::callback::Userdata;
use super::guard::str_arg;
use super::request::change;
use super::types::{sac_data_callback, sac_progress_callback, sac_request};
use crate::code::sac_code;
use crate::request::{DataCallback, Output, Progress, ProgressCallback};

/// Writes the body of the response to a file. The file appears complete or not at all. Until it is
/// complete, the bytes are in a temporary file in the same directory, `.sac-….part`. Every failure
/// removes the temporary file, but a killed process leaves it.
///
/// Only a response with a status of 200 to 299 and with content, even of 0 bytes, creates the file.
/// Its `body` is then empty and its `json` is `{}`. Every other response (204, 205, 300 and above,
/// or to HEAD) leaves the file alone, and its bytes are in `body`.
///
/// A retry resumes an interrupted download if the server sent a strong validator (RFC 9110 section
/// 8.8). The status is then 206. A part with another validator restarts the download. If a response
/// has `Content-Range`, that field says which part it contains, even if the status is 200.
///
/// The request no longer asks for JSON. `sac_set_max_body_bytes` describes the limit of the body.
/// If the file cannot be written, the call ends with `SAC_ERR_FILE`.
///
/// `file_path`: the path of the file, copied. An existing file is replaced. The new file keeps its
/// owner, group and permissions. If the system does not allow the group, group and others get only
/// the permissions that both of them had. If no file exists, the umask decides the permissions.
/// Until the file is complete, only its owner may read it. In a sticky directory that others may
/// write to, a link or file of another user gives `SAC_ERR_FILE`, as with fs.protected_symlinks and
/// fs.protected_regular on Linux. One thread at a time. If several threads send the request at
/// once, the file of the last one to end stays. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (there is an output callback).
///
/// # Safety
/// `request` is a live request, `file_path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_output_file(
    request: *mut sac_request,
    file_path: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe {
        change(request, |request| {
            request.set_output(Output::File(str_arg(file_path, "file_path")?.into()))
        })
    }
}

/// Passes the body of the response to a callback, piece by piece.
///
/// The bytes of a response with a status of 300 and above are in `body` instead. The call is not
/// retried after the callback has received a byte. The request no longer asks for JSON.
/// `sac_set_max_body_bytes` describes the limit of the body.
///
/// `callback`: see `sac_data_callback`; NULL removes it, so that the response contains the body
/// again. `userdata`: passed to the callback unchanged; it must stay valid until the request and
/// its calls no longer use it. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT` (the request),
/// `SAC_ERR_INVALID_ARGUMENT` (there is an output file).
///
/// # Safety
/// `request` is a live request or NULL; `callback` may be called with `userdata` on any thread that
/// sends the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_output_callback(
    request: *mut sac_request,
    callback: sac_data_callback,
    userdata: *mut c_void,
) -> sac_code {
    // SAFETY: the caller promises a live request or NULL.
    unsafe {
        change(request, |request| match callback {
            Some(callback) => {
                request.set_output(Output::Callback(data_callback(callback, userdata)))
            }
            None => {
                request.detach_output_callback();
                Ok(())
            }
        })
    }
}

/// Reports the progress of the request body and of the response body to a callback.
///
/// `callback`: see `sac_progress_callback`; NULL removes it. `userdata`: passed to the callback
/// unchanged; it must stay valid until the request and its calls no longer use it. One thread at a
/// time. Errors: `SAC_ERR_NULL_ARGUMENT` (the request).
///
/// # Safety
/// `request` is a live request or NULL; `callback` may be called with `userdata` on any thread that
/// sends the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_progress_callback(
    request: *mut sac_request,
    callback: sac_progress_callback,
    userdata: *mut c_void,
) -> sac_code {
    // SAFETY: the caller promises a live request or NULL.
    unsafe {
        change(request, |request| {
            request.set_progress(callback.map(|callback| progress_callback(callback, userdata)));
            Ok(())
        })
    }
}

/// The library's form of a C callback.
fn data_callback(
    callback: unsafe extern "C" fn(*mut c_void, *const u8, usize) -> bool,
    userdata: *mut c_void,
) -> DataCallback {
    let userdata = Userdata(userdata);
    Arc::new(move |bytes: &[u8]| {
        // SAFETY: the caller of `sac_request_set_output_callback` promised that this call is
        // allowed.
        unsafe { callback(userdata.get(), bytes.as_ptr(), bytes.len()) }
    })
}

/// The library's form of a C callback.
fn progress_callback(
    callback: unsafe extern "C" fn(*mut c_void, u64, u64, u64, u64) -> bool,
    userdata: *mut c_void,
) -> ProgressCallback {
    let userdata = Userdata(userdata);
    Arc::new(move |progress: Progress| {
        let Progress { sent, to_send, received, to_receive } = progress;
        // SAFETY: the caller of `sac_request_set_progress_callback` promised that this call is
        // allowed.
        unsafe { callback(userdata.get(), sent, to_send, received, to_receive) }
    })
}
