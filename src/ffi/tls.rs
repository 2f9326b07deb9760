//! Settings of TLS.

use std::ffi::c_char;

use super::guard::text;
use super::setting::{change_client, set};
use super::types::sac_client;
use crate::code::sac_code;
use crate::settings::Change;

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
/// `pem_path`: a file with one or more PEM certificates (RFC 7468), read now. OpenSSL's form
/// `TRUSTED CERTIFICATE` is not taken. Any thread; calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_FILE`
/// (it cannot be read), `SAC_ERR_CERTIFICATE` (it holds no usable certificate).
///
/// # Safety
/// `client` is a live client, `pem_path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_ca_file(
    client: *mut sac_client,
    pem_path: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and a string, or NULL.
    unsafe { change_client(client, |client| client.set_ca_file(text(pem_path, "pem_path")?)) }
}

/// Sets the certificate authorities that are trusted, in place of the system's, from memory.
///
/// `pem`: one or more PEM certificates (RFC 7468), copied. A server's certificate may be given
/// itself, self-signed or not: it is trusted for the names that it bears. Any thread; calls that
/// have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_CERTIFICATE`.
///
/// # Safety
/// `client` is a live client, `pem` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_ca_pem(client: *mut sac_client, pem: *const c_char) -> sac_code {
    // SAFETY: the caller promises a live client and a string, or NULL.
    unsafe { change_client(client, |client| client.set_ca_pem(text(pem, "pem")?.as_bytes())) }
}

/// Sets the oldest TLS version that is accepted.
///
/// `version`: `SAC_TLS_1_2`, the default, or `SAC_TLS_1_3`. Any thread; calls that have begun are
/// not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_min_tls(client: *mut sac_client, version: i32) -> sac_code {
    // SAFETY: the caller's promise is the same.
    unsafe { set(client, || Ok(Change::MinTls(version))) }
}
