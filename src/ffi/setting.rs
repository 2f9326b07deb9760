//! Settings of a client.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use super::guard::{code, handle, optional_text, text};
use super::types::{sac_client, sac_log_callback};
use crate::code::{Error, sac_code};
use crate::log::{Level, Sink};
use crate::settings::Change;

/// Gives a client's setting a new value.
///
/// # Safety
/// `client` is a live client or NULL.
unsafe fn set(client: *mut sac_client, change: impl FnOnce() -> Result<Change, Error>) -> sac_code {
    code(|| {
        // SAFETY: the caller promises a live client or NULL; clients are changed by atomics only.
        unsafe { handle(client, "client") }?.client.change(&change()?)
    })
}

/// Sets the time that one attempt may take, from name look-up to the last byte, redirects included.
///
/// `ms`: milliseconds; 0 for no limit, which an endless answer needs; the default is 30000. Any
/// thread; calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_timeout_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::TimeoutMs(ms))) }
}

/// Sets the time that name look-up, connect and TLS handshake may take together.
///
/// `ms`: milliseconds; 0 for no limit of its own; the default is 10000. Any thread; calls that have
/// begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_connect_timeout_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::ConnectTimeoutMs(ms))) }
}

/// Sets the largest body that is accepted; a larger one ends the call with `SAC_ERR_TOO_LARGE`.
///
/// `bytes`: counted after content coding is undone; 0 for no limit; the default is 268435456
/// (256 MiB). Any thread; calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_max_body_bytes(client: *mut sac_client, bytes: u64) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::MaxBodyBytes(bytes))) }
}

/// Sets how many redirects are followed; one more ends the call with `SAC_ERR_REDIRECT`.
///
/// `max`: 0 answers with the 3xx itself; the default is 10. Any thread; calls that have begun are
/// not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_redirects(client: *mut sac_client, max: u32) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::Redirects(max))) }
}

/// Sets what the `User-Agent` field says.
///
/// `value`: a field value, copied; NULL for the default, `libsac/<version>`. Any thread; calls
/// that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
///
/// # Safety
/// `client` is a live client, `value` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_user_agent(client: *mut sac_client, value: *const c_char) -> sac_code {
    // SAFETY: the caller promises a live client and a string, or NULL.
    unsafe {
        set(client, || {
            Ok(Change::UserAgent(optional_text(value, "value")?.map(str::to_owned)))
        })
    }
}

/// Sets whether the server's certificate is verified (RFC 5280, RFC 9525).
///
/// `verify`: the default is true; false accepts any certificate, and with it anyone on the way.
/// Any thread; calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_verify(client: *mut sac_client, verify: bool) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::Verify(verify))) }
}

/// Sets the certificate authorities that are trusted, in place of the system's, from a file.
///
/// `pem_path`: a file with one or more PEM certificates, read now. Any thread; calls that have
/// begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_FILE`
/// (it cannot be read), `SAC_ERR_CERTIFICATE` (it holds no usable certificate).
///
/// # Safety
/// `client` is a live client, `pem_path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_ca_file(client: *mut sac_client, pem_path: *const c_char) -> sac_code {
    code(|| {
        // SAFETY: the caller promises a live client and a string, or NULL.
        let (client, path) = unsafe { (handle(client, "client")?, text(pem_path, "pem_path")?) };
        client.client.set_ca_file(path)
    })
}

/// Sets the certificate authorities that are trusted, in place of the system's, from memory.
///
/// `pem`: one or more PEM certificates, copied; a self-signed server certificate may be given as
/// its own authority. Any thread; calls that have begun are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_CERTIFICATE`.
///
/// # Safety
/// `client` is a live client, `pem` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_ca_pem(client: *mut sac_client, pem: *const c_char) -> sac_code {
    code(|| {
        // SAFETY: the caller promises a live client and a string, or NULL.
        let (client, pem) = unsafe { (handle(client, "client")?, text(pem, "pem")?) };
        client.client.set_ca_pem(pem.as_bytes())
    })
}

/// Sets who receives the log messages of this client, and from which level on. Clones made
/// afterwards log there too.
///
/// `callback`: see `sac_log_callback`; NULL for nobody, the default. `userdata`: handed to the
/// callback as it is; the caller keeps it alive until the client, its clones and their calls are
/// done with it. `level`: one of `SAC_LOG_ERROR` to `SAC_LOG_TRACE`; a message is handed over
/// where it is at least that urgent. Any thread; calls that have begun are not affected. Errors:
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
    code(|| {
        // SAFETY: the caller promises a live client or NULL; clients are changed by atomics only.
        let client = unsafe { handle(client, "client") }?;
        let level = Level::try_from(level)?;
        client.client.set_logger(callback.map(|callback| log_sink(callback, userdata)), level);
        Ok(())
    })
}

/// A C callback as a sink.
fn log_sink(
    callback: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
    userdata: *mut c_void,
) -> Sink {
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
