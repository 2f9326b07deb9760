//! Callbacks of a client.

use std::cell::RefCell;
use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use super::guard::{handle, return_code};
use super::types::{
    sac_attempt, sac_attempt_callback, sac_client, sac_log_callback, sac_retry_callback,
};
use crate::call::{AttemptCallback, OutgoingRequest, RetryCallback, RetryNotice};
use crate::code::sac_code;
use crate::log::{Level, LogSink};

/// Sets the callback that receives the log messages of this client, and the level from which on it
/// receives them. Later clones use the same callback.
///
/// `callback`: see `sac_log_callback`; NULL, the default, disables logging. `userdata`: passed to
/// the callback unchanged; it must stay valid until the client, its clones and their calls no
/// longer use it. `level`: one of `SAC_LOG_ERROR` to `SAC_LOG_TRACE`. The callback receives
/// messages of this level and of more urgent levels. The level is ignored if `callback` is NULL.
/// Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
/// `SAC_ERR_INVALID_ARGUMENT` (no such level).
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
        // SAFETY: the caller promises a live client or NULL; clients change only by atomic
        // operations.
        let client = unsafe { handle(client, "client") }?;
        let Some(callback) = callback else {
            client.client.set_logger(None, Level::Error);
            return Ok(());
        };
        client.client.set_logger(Some(log_sink(callback, userdata)), Level::try_from(level)?);
        Ok(())
    })
}

/// Sets the callback that decides before each wait for a retry whether the retry may happen. Later
/// clones use the same callback.
///
/// `callback`: see `sac_retry_callback`; NULL, the default, allows every retry. `userdata`: passed
/// to the callback unchanged; it must stay valid until the client, its clones and their calls no
/// longer use it. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the
/// client).
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
        // SAFETY: the caller promises a live client or NULL; clients change only by atomic
        // operations.
        let client = unsafe { handle(client, "client") }?;
        client
            .client
            .set_retry_callback(callback.map(|callback| retry_callback(callback, userdata)));
        Ok(())
    })
}

/// Sets the callback that is called before each request that goes out: the first one of a call, each
/// retry, and each redirect. It can sign a request. Later clones use the same callback.
///
/// `callback`: see `sac_attempt_callback`; NULL, the default, for none. `userdata`: passed to the
/// callback unchanged; it must stay valid until the client, its clones and their calls no longer use
/// it. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client).
///
/// # Safety
/// `client` is a live client or NULL; `callback` may be called with `userdata` on any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_attempt_callback(
    client: *mut sac_client,
    callback: sac_attempt_callback,
    userdata: *mut c_void,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a live client or NULL; clients change only by atomic
        // operations.
        let client = unsafe { handle(client, "client") }?;
        client
            .client
            .set_attempt_callback(callback.map(|callback| attempt_callback(callback, userdata)));
        Ok(())
    })
}

/// The library's form of a C callback.
fn attempt_callback(
    callback: unsafe extern "C" fn(*mut c_void, *mut sac_attempt<'_, '_>) -> bool,
    userdata: *mut c_void,
) -> AttemptCallback {
    let userdata = Userdata(userdata);
    Arc::new(move |request: &OutgoingRequest<'_>| {
        let mut attempt = sac_attempt { request, strings: RefCell::default() };
        // SAFETY: the caller of `sac_set_attempt_callback` promised that this call is allowed on any
        // thread. The attempt lives until the callback has returned.
        unsafe { callback(userdata.get(), &raw mut attempt) }
    })
}

/// The library's form of a C callback.
fn retry_callback(
    callback: unsafe extern "C" fn(*mut c_void, u32, i32, i32, u64) -> bool,
    userdata: *mut c_void,
) -> RetryCallback {
    let userdata = Userdata(userdata);
    Arc::new(move |notice: &RetryNotice| {
        let RetryNotice { attempt, code, status, wait } = *notice;
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        // SAFETY: the caller of `sac_set_retry_callback` promised that this call is allowed on any
        // thread.
        unsafe { callback(userdata.get(), attempt, code.number(), i32::from(status), wait_ms) }
    })
}

/// A C callback as a log sink.
fn log_sink(
    callback: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
    userdata: *mut c_void,
) -> LogSink {
    let userdata = Userdata(userdata);
    Arc::new(move |level, message| {
        // A NUL would end the line early in C. The logger has escaped it, like every control
        // character.
        let Ok(message) = CString::new(message) else { return };
        // SAFETY: the caller of `sac_set_logger` promised that this call is allowed on any thread.
        unsafe { callback(userdata.get(), level.number(), message.as_ptr()) };
    })
}

/// The caller's pointer, which only its callback dereferences.
#[derive(Clone, Copy)]
pub(super) struct Userdata(pub(super) *mut c_void);

// SAFETY: the library never dereferences the pointer. The caller promised that the callback may be
// called with it on any thread.
unsafe impl Send for Userdata {}
// SAFETY: the same.
unsafe impl Sync for Userdata {}

impl Userdata {
    /// The pointer. It is a method so that a closure captures this struct and not its bare pointer.
    pub(super) fn get(self) -> *mut c_void {
        self.0
    }
}
