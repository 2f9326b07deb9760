//! Settings of a client.

use std::ffi::c_char;

use super::guard::{code, handle, optional_text};
use super::types::sac_client;
use crate::client::Client;
use crate::code::{Error, sac_code};
use crate::settings::Change;

/// Gives a client's setting a new value.
///
/// # Safety
/// `client` is a live client or NULL.
pub(super) unsafe fn set(
    client: *mut sac_client,
    change: impl FnOnce() -> Result<Change, Error>,
) -> sac_code {
    // SAFETY: the caller promises the same.
    unsafe { change_client(client, |client| client.change(&change()?)) }
}

/// Changes a client; where that is refused, its log is told why, as C sees the code alone.
///
/// # Safety
/// `client` is a live client or NULL.
pub(super) unsafe fn change_client(
    client: *mut sac_client,
    change: impl FnOnce(&Client) -> Result<(), Error>,
) -> sac_code {
    code(|| {
        // SAFETY: the caller promises a live client or NULL; clients are changed by atomics only.
        let client = &unsafe { handle(client, "client") }?.client;
        change(client).inspect_err(|error| client.log_refusal(error))
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

/// Sets how long the server may be silent, before its answer or within it; each byte begins the
/// time anew, which never lengthens the time for the attempt.
///
/// `ms`: milliseconds; 0, the default, for no limit of its own. Any thread; calls that have begun
/// are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_read_timeout_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::ReadTimeoutMs(ms))) }
}

/// Sets the time that a whole call may take, retries and waits included. A wait that would outlast
/// it is not begun: the call ends at once with the last answer, or `SAC_ERR_TIMEOUT`.
///
/// `ms`: milliseconds; 0, the default, for no limit. Any thread; calls that have begun are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_deadline_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::DeadlineMs(ms))) }
}

/// Sets the largest body that is accepted; a larger one ends the call with `SAC_ERR_TOO_LARGE`, and
/// so does one that there is no memory for.
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

/// Sets how old a connection may become. After that time it is not used for another request: the
/// next one opens a new connection, and so looks the host name up again and notices that the server
/// has moved. A request that is under way is not cut off.
///
/// `ms`: milliseconds since the connection was opened; a random part of a tenth is added for each
/// connection, so that connections that were opened together are not closed together; 0 for no limit;
/// the default is 300000. Any thread; calls that have begun are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_connection_max_age_ms(
    client: *mut sac_client,
    ms: u64,
) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::ConnectionMaxAgeMs(ms))) }
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
pub unsafe extern "C" fn sac_set_user_agent(
    client: *mut sac_client,
    value: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and a string, or NULL.
    unsafe {
        set(client, || Ok(Change::UserAgent(optional_text(value, "value")?.map(str::to_owned))))
    }
}
