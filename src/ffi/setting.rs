//! The settings of a client.
// Generated from interface/settings.toml by `make interface`. Do not edit.

use std::ffi::c_char;

use zeroize::Zeroizing;

use super::apply::{change_client, retry_statuses, set};
use super::guard::{optional_str_arg, str_arg};
use super::shared_atomic::shared_number;
use super::types::sac_client;
use crate::code::sac_code;
use crate::log::Secret;
use crate::settings::{Change, SecretPem};

/// Sets the time limit of one attempt, from the DNS lookup to the last byte, with redirects. An
/// endless response, such as a watch, needs 0.
///
/// `ms`: milliseconds; 0 disables it; the default is 30000. Any thread; running calls are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
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
/// `ms`: milliseconds; 0 disables it; the default is 10000. Any thread; running calls are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_connect_timeout_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::ConnectTimeoutMs(ms))) }
}

/// Sets the longest time without data from the server, before or within its response. Each byte
/// restarts the time. It never extends `sac_set_timeout_ms`.
///
/// `ms`: milliseconds; 0, the default, disables it. Any thread; running calls are not affected.
/// Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_read_timeout_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::ReadTimeoutMs(ms))) }
}

/// Sets the time limit of a whole call, with retries and waits. If a wait would exceed it, the call
/// ends at once with the last response, or with `SAC_ERR_TIMEOUT`.
///
/// `ms`: milliseconds; 0, the default, disables it. Any thread; running calls are not affected.
/// Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_deadline_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::DeadlineMs(ms))) }
}

/// Sets the largest number of attempts after the first one. Only requests that are safe to send
/// twice are retried: requests that were never sent, requests that the server refused (429, a 403
/// that is a rate limit, 503 with `Retry-After`), and idempotent requests (RFC 9110 section 9.2.2,
/// RFC 10008). A request with an idempotency key counts as idempotent.
///
/// One repetition does not count and also happens at 0. If the server closes a kept connection
/// before the first byte of the response, the request is sent once more on a new connection, if it
/// was not sent or is idempotent (RFC 9112 section 9.3.1). A 408 that closes such a connection has
/// the same effect.
///
/// If the server asks for a delay, other calls of this client and its clones to the same path also
/// wait, within their deadline. Calls without retries do not wait.
///
/// `retries`: 3 means up to four requests; 0, the default, disables retries. Any thread; running
/// calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_retry_attempts(client: *mut sac_client, retries: u32) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::RetryAttempts(retries))) }
}

/// Sets the wait before a retry if the server asks for no delay: a random part of a limit that
/// starts at `base` and doubles up to `max`. After a 429 or 503 the limit starts at one second, or
/// at `base` if that is longer, and the wait is at least half of it.
///
/// `base`, `max`: milliseconds; the defaults are 100 and 20000. Any thread; running calls are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (`base` is greater than
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

/// Sets the statuses that allow another attempt. 429 includes a 403 that is a rate limit: one with
/// `Retry-After`, or with `x-ratelimit-remaining: 0`.
///
/// `statuses`, `count`: the statuses, each from 100 to 599, copied; NULL with 0 for none; the
/// default is 429, 500, 502, 503, 504. Any thread; running calls are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (a number is not a status; nothing changes).
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

/// Sets the longest delay from a server (`Retry-After` and similar fields) that a call waits for.
/// If the delay is longer, the call ends at once with that response, and no other call waits. A
/// delay of more than ten years is ignored.
///
/// `ms`: milliseconds; the default is 120000. Any thread; running calls are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_retry_after_max_ms(client: *mut sac_client, ms: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::RetryAfterMaxMs(ms))) }
}

/// Sets the budget for the retries of this client and all its clones together, which protects a
/// server that fails. A retry takes 14 tokens, or 5 if the server limits the rate. A call that
/// needs no retry gives one token back, and a retry that succeeds gives back what it has taken. A
/// status below 500 that is no rate limit counts as a success. Without enough tokens, a call ends
/// with its last response or error.
///
/// `tokens`: the number of tokens, also at the start; 0 allows every retry; the default is 500. Any
/// thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_retry_budget(client: *mut sac_client, tokens: u32) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change_client(client, |client| client.set_retry_budget(tokens)) }
}

/// Sets the limit on the requests of this client and all its clones together. Calls wait for their
/// turn. A call whose wait would exceed its deadline ends with `SAC_ERR_RATE_LIMITED`.
///
/// Processes that are forked later share the limit with their parent and with each other. If a
/// process sets a different limit, it has its own from then on. If it sets the same limit again,
/// nothing changes.
///
/// `requests`, `per_ms`: the number of requests, and the time for them in milliseconds; 0 requests
/// disables the limit, the default. `burst`: the number of requests that may go at once after a
/// pause; 1 spaces all requests evenly. Calls that already wait keep their turn. Any thread;
/// running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT`
/// (`per_ms` or `burst` is 0, but `requests` is not).
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

/// Sets the largest body that is accepted. A body that is larger, or does not fit into memory, ends
/// the call with `SAC_ERR_TOO_LARGE`. A body to a file or a callback has no limit by default, but a
/// compressed one may expand to at most 256 MiB, or 1000 times the received bytes if that is more.
///
/// `bytes`: bytes; counted after content decoding; 0 disables the limit; the default is 268435456.
/// Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_max_body_bytes(client: *mut sac_client, bytes: u64) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::MaxBodyBytes(bytes))) }
}

/// Sets the largest number of redirects that a call follows. More redirects end the call with
/// `SAC_ERR_REDIRECT`.
///
/// Another origin (scheme, host or port) gets no credentials, no client certificate, no cookies
/// that the program set, and only harmless header fields. A 307 or 308 sends it the body (RFC 9110
/// section 15.4); 0 prevents that.
///
/// `max`: 0 returns the 3xx itself; the default is 10. Any thread; running calls are not affected.
/// Errors: `SAC_ERR_NULL_ARGUMENT`.
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
/// `value`: a string, copied; NULL restores the default, `libsac/<version>`. Any thread; running
/// calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client), `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_INVALID_HEADER`.
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
        set(client, || Ok(Change::UserAgent(optional_str_arg(value, "value")?.map(str::to_owned))))
    }
}

/// Sets whether the certificate of the server is verified (RFC 5280, RFC 9525).
///
/// `verify`: the default is true; false accepts any certificate, so anyone on the network path can
/// read and change everything. Any thread; running calls are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_verify(client: *mut sac_client, verify: bool) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::Verify(verify))) }
}

/// Sets the trusted certificate authorities from a file, instead of those of the system. The file
/// is examined before each TLS handshake, and read again if it has changed. If it is then not
/// usable, the last authorities stay, and the log says why. Kept connections are not affected.
///
/// `pem_path`: a file with one or more PEM certificates (RFC 7468), read now and when it changes;
/// the form `TRUSTED CERTIFICATE` of OpenSSL is refused. Any thread; running calls are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_FILE` (it cannot be
/// read), `SAC_ERR_CERTIFICATE` (it contains no usable certificate).
///
/// # Safety
/// `client` is a live client, `pem_path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_ca_file(
    client: *mut sac_client,
    pem_path: *const c_char,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change_client(client, |client| client.set_ca_file(str_arg(pem_path, "pem_path")?)) }
}

/// Sets the trusted certificate authorities from memory, instead of those of the system. You may
/// also give the server's own certificate, self-signed or not. It is then trusted for the names in
/// it.
///
/// `pem`: one or more PEM certificates (RFC 7468), copied. Any thread; running calls are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_CERTIFICATE`.
///
/// # Safety
/// `client` is a live client, `pem` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_ca_pem(client: *mut sac_client, pem: *const c_char) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change_client(client, |client| client.set_ca_pem(str_arg(pem, "pem")?.as_bytes())) }
}

/// Sets the password for an encrypted key (PKCS #8, RFC 5958) of a client certificate that is set
/// afterwards. The encryption is PBES2 with AES, by PBKDF2 with SHA-2 or by scrypt (RFC 8018, RFC
/// 7914), as OpenSSL 1.1 and later write it. Other keys are refused;
/// `openssl pkcs8 -topk8 -v2 aes-256-cbc` converts them. No log line and no error text contains the
/// password.
///
/// `password`: a string, copied, and wiped when it is no longer used; NULL removes it, the default.
/// Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
/// `SAC_ERR_INVALID_UTF8`.
///
/// # Safety
/// `client` is a live client, `password` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_client_certificate_password(
    client: *mut sac_client,
    password: *const c_char,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe {
        set(client, || {
            Ok(Change::ClientCertificatePassword(
                optional_str_arg(password, "password")?.map(Secret::from),
            ))
        })
    }
}

/// Sets the certificate for servers that request one, and its private key, from files. After a
/// redirect to another origin, the certificate is not used for the rest of the call.
///
/// Both files are examined before each TLS handshake, and read again if one has changed. If they
/// are then not usable, for example because the new key is not there yet, the last pair stays, and
/// the log says why. Kept connections keep the certificate of their handshake.
///
/// `cert_pem_path`: a PEM file with the certificate and then its intermediate certificates.
/// `key_pem_path`: a PEM file with its private key; it may be the same file. An encrypted key needs
/// `sac_set_client_certificate_password` before. Both are read now and when they change. Any
/// thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_FILE` (one cannot be read), `SAC_ERR_CERTIFICATE` (one is not usable, the key cannot be
/// decrypted, or they do not match; the log says which).
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
                str_arg(cert_pem_path, "cert_pem_path")?,
                str_arg(key_pem_path, "key_pem_path")?,
            )
        })
    }
}

/// Sets the certificate for servers that request one, and its private key, from memory.
///
/// `cert_pem`: as in the file of `sac_set_client_certificate`. `key_pem`: the same; both are
/// copied, and the copy of the key is wiped when it is no longer used. Any thread; running calls
/// are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
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
                str_arg(cert_pem, "cert_pem")?.as_bytes(),
                SecretPem::new(str_arg(key_pem, "key_pem")?.as_bytes().to_vec()),
            )
        })
    }
}

/// Sets the public keys that a server may have, in addition to the verification of its certificate.
/// A call to a server with another key ends with `SAC_ERR_TLS`, and the error names the key that
/// was found. This applies to https, also after a redirect; a redirect to http is refused. Through
/// a proxy, it applies to the server, not to the proxy. It also applies to a token server (OAuth
/// 2.0).
///
/// `pins`: one or more keys in the form of curl, `sha256//BASE64;sha256//BASE64`: each is the
/// SHA-256 digest of the `SubjectPublicKeyInfo` of the server's own certificate (RFC 7469 section
/// 2.4); copied; NULL removes all, the default. Any thread; running calls are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT` (the client), `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (an
/// entry has another form; nothing changes).
///
/// # Safety
/// `client` is a live client, `pins` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_pinned_keys(
    client: *mut sac_client,
    pins: *const c_char,
) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe {
        set(client, || Ok(Change::PinnedKeys(optional_str_arg(pins, "pins")?.map(str::to_owned))))
    }
}

/// Sets the oldest TLS version that is accepted.
///
/// `version`: `SAC_TLS_1_2`, the default, or `SAC_TLS_1_3`. Any thread; running calls are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_min_tls(client: *mut sac_client, version: i32) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { set(client, || Ok(Change::MinTls(version))) }
}

/// Sets whether the client keeps cookies from servers and sends them back (RFC 6265bis). The
/// cookies belong to the scope: a clone starts with a copy, and a reset deletes them.
///
/// A cookie that the program added takes precedence over a kept one of the same name, and a request
/// with its own `Cookie` field gets none. Cookies for a public suffix such as `com` or `co.uk` are
/// refused. The list is that of publicsuffix.org from the time when the library was built.
///
/// `keep`: the default is false; false also deletes the kept cookies. Any thread; running calls are
/// not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `client` is a live client or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_cookie_jar(client: *mut sac_client, keep: bool) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe { change_client(client, |client| client.set_cookie_jar(keep)) }
}

/// Sets the proxy for all requests. By default, the environment is read when the client is created:
/// `http_proxy`, `https_proxy`, `all_proxy`, and `no_proxy` with names, suffixes, addresses and
/// networks (CIDR), each also in capitals. A CGI process ignores `HTTP_PROXY`, and a set-user-ID
/// program ignores all of them. If a proxy from the environment is not usable, each call that needs
/// it ends with `SAC_ERR_PROXY`.
///
/// `url`: a URL with the scheme `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h` (with
/// `4a` and `5h` the proxy looks names up), with `user:password@` if the proxy needs it; or only a
/// host and a port, for `http`; copied; NULL reads the environment now, the default; `""` uses no
/// proxy. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`.
///
/// # Safety
/// `client` is a live client, `url` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_proxy(client: *mut sac_client, url: *const c_char) -> sac_code {
    // SAFETY: the caller makes the same promise.
    unsafe {
        set(client, || {
            Ok(Change::Proxy(
                optional_str_arg(url, "url")?.map(|url| Zeroizing::new(url.to_owned())),
            ))
        })
    }
}

/// Sets the Unix domain socket for all connections, for local services such as Docker. The base URL
/// still sets `Host` and the base path. No proxy is used, and redirects use the same socket.
///
/// `path`: the path of the socket, at most 107 bytes, copied; NULL uses none, the default. Any
/// thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
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
        set(client, || Ok(Change::UnixSocket(optional_str_arg(path, "path")?.map(str::to_owned))))
    }
}

/// Sets the age from which a connection is not used for another request. The next request opens a
/// new connection and looks the host name up again, so it finds a server that has moved. A running
/// request is not interrupted. A random part of a tenth is added to the age for each connection, so
/// that connections that were opened together do not close together.
///
/// `ms`: milliseconds; 0 disables it; the default is 300000. Any thread; running calls are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
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
