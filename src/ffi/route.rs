//! Settings of the way to the server.

use std::ffi::c_char;

use zeroize::Zeroizing;

use super::guard::{optional_text, text};
use super::setting::{change_client, set};
use super::types::sac_client;
use crate::code::sac_code;
use crate::settings::{Change, SecretPem};

/// Sets the certificate that is shown to servers that ask for one, from files.
///
/// `cert_pem_path`: a file with the certificate and those between it and the authority, in that
/// order, in PEM. `key_pem_path`: a file with its private key in PEM, not encrypted. Both are read now.
/// On a redirect to another origin the certificate stays behind, for the rest of the call. Any thread; calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_FILE` (one cannot be read), `SAC_ERR_CERTIFICATE` (one is not
/// usable, the key is encrypted, or they do not fit together; the log says which).
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_client_certificate(
    client: *mut sac_client,
    cert_pem_path: *const c_char,
    key_pem_path: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        change_client(client, |client| {
            let certificate = text(cert_pem_path, "cert_pem_path")?;
            client.set_client_certificate(certificate, text(key_pem_path, "key_pem_path")?)
        })
    }
}

/// Sets the certificate that is shown to servers that ask for one, from memory.
///
/// `cert_pem`, `key_pem`: as in the files of `sac_set_client_certificate`, copied; the copy of the
/// key is wiped when it is no longer used. Any thread; calls that have begun are not affected.
/// Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_CERTIFICATE`.
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_client_certificate_pem(
    client: *mut sac_client,
    cert_pem: *const c_char,
    key_pem: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        change_client(client, |client| {
            let (certificate, key) = (text(cert_pem, "cert_pem")?, text(key_pem, "key_pem")?);
            let key = SecretPem::new(key.as_bytes().to_vec());
            client.set_client_certificate_pem(certificate.as_bytes(), key)
        })
    }
}

/// Lets all connections go to a Unix domain socket, as local services such as Docker have them. The
/// base URL still gives `Host` and base path; proxies are not used, and redirects stay on the socket.
///
/// `path`: of the socket, at most 107 bytes, copied; NULL for none, the default. Any thread; calls
/// that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (the path is empty or too long).
///
/// # Safety
/// `client` is a live client, `path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_unix_socket(
    client: *mut sac_client,
    path: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and a string, or NULL.
    unsafe {
        set(client, || Ok(Change::UnixSocket(optional_text(path, "path")?.map(str::to_owned))))
    }
}

/// Sets the proxy that requests go through.
///
/// `url`: with the scheme `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h` (with `4a` and
/// `5h` the proxy looks names up); `user:password@` where the proxy wants it; copied. NULL for what
/// the environment says now, the default, which is looked at when the client is made: `http_proxy`,
/// `https_proxy`, `all_proxy`, and `no_proxy` with names, suffixes, addresses and networks (CIDR), each
/// also in capitals; `HTTP_PROXY` counts for nothing in a CGI process, and the environment for nothing
/// in a set-user-ID program. `""` for none. A proxy that the
/// environment names and that cannot be used ends each call that it is for with `SAC_ERR_PROXY`. Any
/// thread; calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`.
///
/// # Safety
/// `client` is a live client, `url` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_proxy(client: *mut sac_client, url: *const c_char) -> sac_code {
    // SAFETY: the caller promises a live client and a string, or NULL.
    unsafe {
        set(client, || {
            let url = optional_text(url, "url")?;
            Ok(Change::Proxy(url.map(|url| Zeroizing::new(url.to_owned()))))
        })
    }
}
