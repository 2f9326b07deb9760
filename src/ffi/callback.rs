//! Functions of the caller's that the library calls.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use super::guard::{handle, return_code};
use super::types::{sac_client, sac_log_callback, sac_retry_callback};
use crate::call::{RetryCallback, RetryNotice};
use crate::code::sac_code;
use crate::log::{Level, LogSink};

/// Sets who receives the log messages of this client, and from which level on. Clones made
/// afterwards log there too.
///
/// `callback`: see `sac_log_callback`; NULL for nobody, the default. `userdata`: handed to the
/// callback as it is; the caller keeps it alive until the client, its clones and their calls are
/// done with it. `level`: one of `SAC_LOG_ERROR` to `SAC_LOG_TRACE`; a message is handed over
/// where it is at least that urgent; ignored if `callback` is NULL. Any thread; calls that have begun are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT` (the client), `SAC_ERR_INVALID_ARGUMENT` (no such level).
///
/// # Safety
/// `client` is a live client or NULL; `callback` may be called with `userdata` on any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_logger(
    client: *mut sac_client,
    callback: sac_log_callback,
    userdata: *mut c_void,
    level: i32,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a live client or NULL; clients are changed by atomics only.
        let client = unsafe { handle(client, "client") }?;
        let Some(callback) = callback else {
            client.client.set_logger(None, Level::Error);
            return Ok(());
        };
        client.client.set_logger(Some(log_sink(callback, userdata)), Level::try_from(level)?);
        Ok(())
    })
}

/// Sets who is told before each wait for a retry, and may forbid it. Clones made afterwards ask
/// there too.
///
/// `callback`: see `sac_retry_callback`; NULL for nobody, the default. `userdata`: handed to the
/// callback as it is; the caller keeps it alive until the client, its clones and their calls are
/// done with it. Any thread; calls that have begun are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT` (the client).
///
/// # Safety
/// `client` is a live client or NULL; `callback` may be called with `userdata` on any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_retry_callback(
    client: *mut sac_client,
    callback: sac_retry_callback,
    userdata: *mut c_void,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a live client or NULL; clients are changed by atomics only.
        let client = unsafe { handle(client, "client") }?;
        client
            .client
            .set_retry_callback(callback.map(|callback| retry_callback(callback, userdata)));
        Ok(())
    })
}

/// A C callback as one of ours.
fn retry_callback(
    callback: unsafe extern "C" fn(*mut c_void, u32, i32, i32, u64) -> bool,
    userdata: *mut c_void,
) -> RetryCallback {
    let userdata = Userdata(userdata);
    Arc::new(move |notice: &RetryNotice| {
        let RetryNotice { attempt, code, status, wait } = *notice;
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        // SAFETY: the caller of `sac_set_retry_callback` promised that it may be called so on any
        // thread.
        unsafe { callback(userdata.get(), attempt, code.number(), i32::from(status), wait_ms) }
    })
}

/// A C callback as a sink.
fn log_sink(
    callback: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
    userdata: *mut c_void,
) -> LogSink {
    let userdata = Userdata(userdata);
    Arc::new(move |level, message| {
        // A NUL would end the line early for C; the logger has escaped it, as any control character.
        let Ok(message) = CString::new(message) else { return };
        // SAFETY: the caller of `sac_set_logger` promised that it may be called so on any thread.
        unsafe { callback(userdata.get(), level.number(), message.as_ptr()) };
    })
}

/// A pointer that only the caller's own callback ever follows.
#[derive(Clone, Copy)]
pub(super) struct Userdata(pub(super) *mut c_void);

// SAFETY: the library never follows the pointer; who set it promised that the callback may be
// called with it on any thread.
unsafe impl Send for Userdata {}
// SAFETY: as above.
unsafe impl Sync for Userdata {}

impl Userdata {
    /// The pointer. A method, so that a closure captures the whole and not the bare pointer in it.
    pub(super) fn get(self) -> *mut c_void {
        self.0
    }
}
