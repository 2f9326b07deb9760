//! The settings of a client.
// Generated from interface/settings.toml by `make interface`. Do not edit.

use std::ffi::c_char;

use zeroize::Zeroizing;

use super::change::{change_client, retry_statuses, set};
use super::guard::{optional_text, text};
use super::shared_number::shared_number;
use super::types::sac_client;
use crate::code::sac_code;
use crate::settings::{Change, SecretPem};

/// Sets the time limit of one attempt, from the DNS lookup to the last byte, redirects included. An
/// endless response, such as a watch, needs 0.
///
/// `ms`: milliseconds; 0 disables it; the default is 30000. Any thread; calls that have begun are
/// not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_timeout_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::TimeoutMs(ms))) }
}

/// Sets the time limit of DNS lookup, connect and TLS handshake together.
///
/// `ms`: milliseconds; 0 disables it; the default is 10000. Any thread; calls that have begun are
/// not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_connect_timeout_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::ConnectTimeoutMs(ms))) }
}

/// Sets how long the server may be silent, before its response or within it. Each byte starts the
/// time again. It never extends `sac_set_timeout_ms`.
///
/// `ms`: milliseconds; 0, the default, disables it. Any thread; calls that have begun are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_read_timeout_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::ReadTimeoutMs(ms))) }
}

/// Sets the time limit of a whole call, retries and waits included. A wait that would exceed it
/// does not start: the call ends at once with the last response, or with `SAC_ERR_TIMEOUT`.
///
/// `ms`: milliseconds; 0, the default, disables it. Any thread; calls that have begun are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_deadline_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::DeadlineMs(ms))) }
}

/// Sets how many attempts may follow the first one. Only what may be sent twice without harm is
/// retried: what was never sent, what the server turned away (429, a 403 that is a rate limit, 503
/// with `Retry-After`), and idempotent requests (RFC 9110 section 9.2.2, RFC 10008). A request with
/// an idempotency key counts as idempotent.
///
/// One repetition does not count and happens at 0 too: if the server has closed a kept connection
/// before a byte of the response came, a request that was not sent, or is idempotent, is sent once
/// more on a new connection (RFC 9112 section 9.3.1). A 408 that closes such a connection counts as
/// that.
///
/// While a delay that the server has named lasts, other calls of this client and its clones to the
/// same path wait for its end too, within their deadline; calls without retries do not.
///
/// `retries`: 3 means up to four requests; 0, the default, disables retries. Any thread; calls that
/// have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_retry_attempts(client: *mut sac_client, retries: u32) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::RetryAttempts(retries))) }
}

/// Sets how long to wait before a retry if the server names no delay: a random part of a span that
/// starts at `base` and doubles up to `max`. After a 429 or 503 the span starts at one second, if
/// `base` is not longer, and at least half of it is waited.
///
/// `base`, `max`: milliseconds; the defaults are 100 and 20000. Any thread; calls that have begun
/// are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (`base` is above
/// `max`; nothing changes).
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_backoff_ms(
    client: *mut sac_client,
    base: u64,
    max: u64,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::BackoffMs { base, max })) }
}

/// Sets the statuses that are worth another attempt. 429 includes a 403 that is a rate limit: one
/// with `Retry-After`, or with `x-ratelimit-remaining: 0`.
///
/// `statuses`, `count`: the statuses, copied, each from 100 to 599; NULL with 0 for none; the
/// default is 429, 500, 502, 503, 504. Any thread; calls that have begun are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (a number is no status; nothing changes).
///
/// # Safety
/// `client` is a live client, `statuses` points to `count` numbers; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_retry_statuses(
    client: *mut sac_client,
    statuses: *const u16,
    count: usize,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || retry_statuses(statuses, count)) }
}

/// Sets the longest delay named by a server (`Retry-After` and its relatives) that is waited for.
/// If the delay is longer, the call ends at once with that response, and no other call waits for
/// it. A delay of more than ten years counts as a mistake of the server, as if it had named none.
///
/// `ms`: milliseconds; the default is 120000. Any thread; calls that have begun are not affected.
/// Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_retry_after_max_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::RetryAfterMaxMs(ms))) }
}

/// Sets the limit on the requests of this client and all its clones together. Calls wait for their
/// turn. A call whose wait would exceed its deadline ends with `SAC_ERR_RATE_LIMITED`.
///
/// Processes that are forked afterwards share the limit with their parent and with each other. A
/// process that sets another limit has its own from then on; setting the same one again changes
/// nothing.
///
/// `requests`, `per_ms`: the number of requests, and the time for them in milliseconds; 0 requests
/// disables the limit, the default. `burst`: how many may go at once after a pause, the rest
/// evenly; 1 spaces all evenly. Calls that already wait keep their turn. Any thread; calls that
/// have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT`
/// (`per_ms` or `burst` is 0 and `requests` is not).
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_rate_limit(
    client: *mut sac_client,
    requests: u32,
    per_ms: u64,
    burst: u32,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe {
        change_client(client, |client| {
            client.set_rate_limit(requests, per_ms, burst, shared_number)
        })
    }
}

/// Sets the largest body that is accepted. A larger one ends the call with `SAC_ERR_TOO_LARGE`; so
/// does one that does not fit into memory. A body that goes to a file or a callback has no limit by
/// default, but a compressed one may become at most 256 MiB, or 1000 times the bytes that came if
/// that is more.
///
/// `bytes`: bytes; counted after content coding is undone; 0 disables the limit; the default is
/// 268435456. Any thread; calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_max_body_bytes(client: *mut sac_client, bytes: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::MaxBodyBytes(bytes))) }
}

/// Sets how many redirects are followed. One more ends the call with `SAC_ERR_REDIRECT`.
///
/// Another origin (scheme, host or port) gets no credentials, no client certificate, no cookies
/// that the program has set, and no header field but a list of harmless ones. A 307 or 308 sends it
/// the body (RFC 9110 section 15.4); 0 refuses that.
///
/// `max`: 0 returns the 3xx itself; the default is 10. Any thread; calls that have begun are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_redirects(client: *mut sac_client, max: u32) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::Redirects(max))) }
}

/// Sets the value of the `User-Agent` field.
///
/// `value`: a string, copied; NULL restores the default, `libsac/<version>`. Any thread; calls that
/// have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
///
/// # Safety
/// `client` is a live client, `value` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_user_agent(
    client: *mut sac_client,
    value: *const c_char,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe {
        set(client, || Ok(Change::UserAgent(optional_text(value, "value")?.map(str::to_owned))))
    }
}

/// Sets whether the certificate of the server is verified (RFC 5280, RFC 9525).
///
/// `verify`: the default is true; false accepts any certificate, and with it anyone between you and
/// the server. Any thread; calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_verify(client: *mut sac_client, verify: bool) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::Verify(verify))) }
}

/// Sets the certificate authorities that are trusted, in place of those of the system, from a file.
///
/// `pem_path`: a file with one or more PEM certificates (RFC 7468), read now; the form
/// `TRUSTED CERTIFICATE` of OpenSSL is refused. Any thread; calls that have begun are not affected.
/// Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_FILE` (it cannot be read),
/// `SAC_ERR_CERTIFICATE` (it contains no usable certificate).
///
/// # Safety
/// `client` is a live client, `pem_path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_ca_file(
    client: *mut sac_client,
    pem_path: *const c_char,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change_client(client, |client| client.set_ca_file(text(pem_path, "pem_path")?)) }
}

/// Sets the certificate authorities that are trusted, in place of those of the system, from memory.
/// The certificate of a server may be given itself, self-signed or not: it is trusted for the names
/// that it bears.
///
/// `pem`: one or more PEM certificates (RFC 7468), copied. Any thread; calls that have begun are
/// not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_CERTIFICATE`.
///
/// # Safety
/// `client` is a live client, `pem` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_ca_pem(client: *mut sac_client, pem: *const c_char) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change_client(client, |client| client.set_ca_pem(text(pem, "pem")?.as_bytes())) }
}

/// Sets the certificate that is shown to servers that ask for one, and its private key, from files.
/// On a redirect to another origin the certificate stays behind, for the rest of the call.
///
/// `cert_pem_path`: a PEM file with the certificate, followed by the certificates between it and
/// the authority. `key_pem_path`: a PEM file with its private key, not encrypted; both are read
/// now. Any thread; calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_FILE` (one cannot be read), `SAC_ERR_CERTIFICATE` (one is not
/// usable, the key is encrypted, or they do not belong together; the log says which).
///
/// # Safety
/// `client` is a live client, `cert_pem_path` and `key_pem_path` are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_client_certificate(
    client: *mut sac_client,
    cert_pem_path: *const c_char,
    key_pem_path: *const c_char,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe {
        change_client(client, |client| {
            client.set_client_certificate(
                text(cert_pem_path, "cert_pem_path")?,
                text(key_pem_path, "key_pem_path")?,
            )
        })
    }
}

/// Sets the certificate that is shown to servers that ask for one, and its private key, from
/// memory.
///
/// `cert_pem`: as in the file of `sac_set_client_certificate`. `key_pem`: likewise; both are
/// copied, and the copy of the key is wiped when it is no longer used. Any thread; calls that have
/// begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_CERTIFICATE`.
///
/// # Safety
/// `client` is a live client, `cert_pem` and `key_pem` are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_client_certificate_pem(
    client: *mut sac_client,
    cert_pem: *const c_char,
    key_pem: *const c_char,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe {
        change_client(client, |client| {
            client.set_client_certificate_pem(
                text(cert_pem, "cert_pem")?.as_bytes(),
                SecretPem::new(text(key_pem, "key_pem")?.as_bytes().to_vec()),
            )
        })
    }
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
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::MinTls(version))) }
}

/// Sets whether the cookies that servers set are kept and sent back to them (RFC 6265bis). They
/// belong to the scope: a clone starts with its own copy, and a reset empties it.
///
/// A cookie that the program has added goes before one of the same name, and a request with its own
/// `Cookie` field gets none. No cookie is taken for a public suffix such as `com` or `co.uk`, by
/// the list of publicsuffix.org as it was when the library was built.
///
/// `keep`: the default is false; false also forgets those that are kept. Any thread; calls that
/// have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_cookie_jar(client: *mut sac_client, keep: bool) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change_client(client, |client| client.set_cookie_jar(keep)) }
}

/// Sets the proxy that requests go through. The environment is read when the client is created:
/// `http_proxy`, `https_proxy`, `all_proxy`, and `no_proxy` with names, suffixes, addresses and
/// networks (CIDR), each also in capitals. `HTTP_PROXY` counts for nothing in a CGI process, and
/// the environment for nothing in a set-user-ID program. If a proxy that the environment names
/// cannot be used, each call that it is for ends with `SAC_ERR_PROXY`.
///
/// `url`: a URL with the scheme `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h` (with
/// `4a` and `5h` the proxy looks names up), with `user:password@` if the proxy wants it, or a host
/// and a port alone, which is `http`; copied; NULL takes what the environment says now, the
/// default; `""` uses no proxy. Any thread; calls that have begun are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT` (the client), `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`.
///
/// # Safety
/// `client` is a live client, `url` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_proxy(client: *mut sac_client, url: *const c_char) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe {
        set(client, || {
            Ok(Change::Proxy(optional_text(url, "url")?.map(|url| Zeroizing::new(url.to_owned()))))
        })
    }
}

/// Sets the Unix domain socket that all connections go to, as local services such as Docker have
/// one. The base URL still gives `Host` and base path. Proxies are not used, and redirects stay on
/// the socket.
///
/// `path`: the path of the socket, at most 107 bytes, copied; NULL uses none, the default. Any
/// thread; calls that have begun are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (the path is empty or too long).
///
/// # Safety
/// `client` is a live client, `path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_unix_socket(
    client: *mut sac_client,
    path: *const c_char,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe {
        set(client, || Ok(Change::UnixSocket(optional_text(path, "path")?.map(str::to_owned))))
    }
}

/// Sets how old a connection may become before it is not used for another request. The next request
/// opens a new connection, looks the host name up again, and so finds a server that has moved. A
/// request that is under way is not cut off. A random part of a tenth is added for each connection,
/// so that connections that were opened together are not closed together.
///
/// `ms`: milliseconds; 0 disables it; the default is 300000. Any thread; calls that have begun are
/// not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_connection_max_age_ms(
    client: *mut sac_client,
    ms: u64,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::ConnectionMaxAgeMs(ms))) }
}
