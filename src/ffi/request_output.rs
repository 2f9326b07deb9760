//! Where an answer's body goes, and who watches it come.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use super::callback::Userdata;
use super::guard::str_arg;
use super::request::change;
use super::types::{sac_data_callback, sac_progress_callback, sac_request};
use crate::code::sac_code;
use crate::request::{DataCallback, Output, Progress, ProgressCallback};

/// Lets the body of the answer go to a file, which appears whole or not at all: until then it is a
/// temporary file in the same folder, which any failure removes; a process that is killed leaves it,
/// `.sac-….part`.
///
/// Only an answer of 200 to 299 with content, be it of no bytes, makes the file: `body` is empty and
/// `json` is `{}` then. Any other (204, 205, 300 and above, or to HEAD) leaves the file alone, and
/// its bytes go to the response. A retry goes on where the download broke, if the server has given a
/// strong validator (RFC 9110 section 8.8), and the status is 206 then. A part under another
/// validator starts the download anew. What an answer holds is what its `Content-Range` says, if it
/// has one, even if the status is 200. The request no longer asks for JSON. For how large
/// the body may be, see `sac_set_max_body_bytes`. A file that cannot be written ends the call with
/// `SAC_ERR_FILE`.
///
/// `file_path`: where to; copied. An existing file is replaced. It keeps owner, group and permissions; if
/// the system does not allow its group, group and others get what both of them had. A new file gets
/// the permissions that the umask leaves. Until the file is whole, only its owner may read it. In a
/// sticky folder that others may write to, a link or file of another user is `SAC_ERR_FILE`, as with
/// fs.protected_symlinks and fs.protected_regular on Linux. One thread at a time; sent from several threads at once, the
/// last one to end wins. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_INVALID_ARGUMENT` (there is an output callback).
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

/// Lets the body of the answer go to a function, piece by piece.
///
/// The bytes of an answer of 300 and above go to the response instead. The call is not retried once
/// a byte was handed over. The request no longer asks for JSON. For how large the body may be, see
/// `sac_set_max_body_bytes`.
///
/// `callback`: see `sac_data_callback`; NULL for none, so that the body goes into the response again.
/// `userdata`: handed to the callback as it is; the caller keeps it alive until the request and its
/// calls are done with it. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT` (the request),
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

/// Lets a function know how far the bodies of request and answer have come.
///
/// `callback`: see `sac_progress_callback`; NULL for none. `userdata`: handed to the callback as it
/// is; the caller keeps it alive until the request and its calls are done with it. One thread at a
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

/// A C callback as one of ours.
fn data_callback(
    callback: unsafe extern "C" fn(*mut c_void, *const u8, usize) -> bool,
    userdata: *mut c_void,
) -> DataCallback {
    let userdata = Userdata(userdata);
    Arc::new(move |bytes: &[u8]| {
        // SAFETY: the caller of `sac_request_set_output_callback` promised that it may be called so.
        unsafe { callback(userdata.get(), bytes.as_ptr(), bytes.len()) }
    })
}

/// A C callback as one of ours.
fn progress_callback(
    callback: unsafe extern "C" fn(*mut c_void, u64, u64, u64, u64) -> bool,
    userdata: *mut c_void,
) -> ProgressCallback {
    let userdata = Userdata(userdata);
    Arc::new(move |moved: Progress| {
        let Progress { sent, to_send, received, to_receive } = moved;
        // SAFETY: the caller of `sac_request_set_progress_callback` promised that it may be called
        // so.
        unsafe { callback(userdata.get(), sent, to_send, received, to_receive) }
    })
}
