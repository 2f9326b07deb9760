//! Headers, cookies and credentials of a client.

use std::ffi::c_char;

use super::apply::change_client;
use super::guard::{optional_str_arg, str_arg};
use super::types::sac_client;
use crate::auth::Digest;
use crate::code::{Error, sac_code};
use crate::request::field;

/// Sets a header field for every request of this client. It replaces a field of the same name.
///
/// `name`: a token, in upper or lower case. Fields that frame a message (`Content-Length`,
/// `Transfer-Encoding`, `Connection` and similar fields) are refused. `value`: UTF-8 without
/// control characters. The value of `Host` is a host, optionally with a port (RFC 9110 section
/// 7.2). The value of `Expect` is `100-continue` (section 10.1.1): the body then waits until the
/// server asks for it, but at most one second. Both are copied. Any thread; running calls are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_add_header(
    client: *mut sac_client,
    name: *const c_char,
    value: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        change_client(client, |client| {
            let name = str_arg(name, "name")?;
            let value = str_arg(value, "value").map_err(|error| with_field_name(name, error))?;
            client.add_header(name, value)
        })
    }
}

/// Adds the name of the header field to an error of its value, if the name is valid.
fn with_field_name(name: &str, error: Error) -> Error {
    match field::parse_name(name) {
        Ok(name) => Error::new(error.code, format!("the header field {name}: {}", error.message)),
        Err(_) => error,
    }
}

/// Removes a header field. It is not an error if there is no such field. `Authorization` also stands for
/// a source of tokens, which is removed too.
///
/// `name`: in upper or lower case. Any thread; running calls are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
///
/// # Safety
/// `client` is a live client, `name` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_remove_header(
    client: *mut sac_client,
    name: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and a string, or NULL.
    unsafe { change_client(client, |client| client.remove_header(str_arg(name, "name")?)) }
}

/// Authenticates every request with a user name and a password (RFC 7617). This replaces an earlier
/// `Authorization` or source of tokens.
///
/// `username`: without a colon. `password`: without control characters. Both are copied, kept out
/// of every log line and error text, and wiped when the client no longer needs them. Any thread;
/// running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_INVALID_ARGUMENT` (a colon in the user name, or a control character).
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_add_basic(
    client: *mut sac_client,
    username: *const c_char,
    password: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        change_client(client, |client| {
            client.add_basic(str_arg(username, "username")?, str_arg(password, "password")?)
        })
    }
}

/// Authenticates every request with a bearer token (RFC 6750). This replaces an earlier
/// `Authorization` or source of tokens.
///
/// `token`: copied, kept out of every log line and error text, and wiped when the client no longer
/// needs it. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
///
/// # Safety
/// `client` is a live client, `token` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_add_bearer(client: *mut sac_client, token: *const c_char) -> sac_code {
    // SAFETY: the caller promises a live client and a string, or NULL.
    unsafe { change_client(client, |client| client.add_bearer(str_arg(token, "token")?)) }
}

/// Authenticates with a user name and a password if the server asks for it with the scheme `Digest`
/// (RFC 7616, and RFC 2617 for older servers). This replaces an earlier `Authorization`.
///
/// The response to a 401 is the same request with credentials, on the same attempt. Later requests
/// use the nonce of the server again, so they need only one round trip. The strongest algorithm that
/// the server offers is used: SHA-512-256, SHA-256 or MD5, each also with a session key (`-sess`). A
/// digest of the body (`qop=auth-int`) is not supported. If the server refuses the credentials, asks
/// for something that is not supported, or the body cannot be sent again, the 401 is the result.
/// Another origin and a proxy get no credentials.
///
/// `username`: without a colon. `password`: without control characters. Both are copied, kept out
/// of every log line and error text, and wiped when the client no longer needs them. Any thread;
/// running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_INVALID_ARGUMENT` (a colon in the user name, or a control character).
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_add_digest(
    client: *mut sac_client,
    username: *const c_char,
    password: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        change_client(client, |client| {
            client.add_digest(str_arg(username, "username")?, str_arg(password, "password")?)
        })
    }
}

/// Signs every request with AWS Signature Version 4, as services of AWS and compatible services demand. This
/// replaces an earlier `Authorization`. Each attempt gets a new signature, because one is valid only for some
/// minutes by the clock of this system.
///
/// The signature covers `Host`, `Content-Type`, `Content-MD5` and all `x-amz-` fields, and the hash of the
/// body. The library reads a file or a body callback once more to compute the hash. An `x-amz-content-sha256`
/// field of the program is used as the hash. If a body callback cannot begin again, S3 over https
/// gets `UNSIGNED-PAYLOAD`; other calls end with `SAC_ERR_INVALID_ARGUMENT`. The attempt callback runs before the
/// signature, which covers the fields that it sets. A request with its own `Authorization` is not
/// signed, and neither is a redirect to another origin. `sac_add_bearer`, `sac_add_basic`,
/// `sac_remove_header` with `Authorization` and `sac_client_reset` end it.
///
/// `region`: such as `us-east-1`. `service`: the name in signatures, such as `s3` or `dynamodb`.
/// `access_key_id`, `secret_access_key`: the key. `session_token`: the token of temporary credentials;
/// NULL or `""` if there is none. All are copied; the last three are kept out of every log line and error
/// text, and wiped when the client no longer needs them. Any thread; running calls are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (a string is empty, or
/// contains a character that it cannot contain).
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_aws_sigv4(
    client: *mut sac_client,
    region: *const c_char,
    service: *const c_char,
    access_key_id: *const c_char,
    secret_access_key: *const c_char,
    session_token: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        change_client(client, |client| {
            let (region, service) = (str_arg(region, "region")?, str_arg(service, "service")?);
            let id = str_arg(access_key_id, "access_key_id")?;
            let secret = str_arg(secret_access_key, "secret_access_key")?;
            let token = optional_str_arg(session_token, "session_token")?;
            client.set_aws_sigv4(region, service, id, secret, token)
        })
    }
}

/// Sends a cookie with every request. It replaces a cookie of the same name.
///
/// `name`: a token (RFC 6265 section 4.1.1). `value`: without control characters and semicolons.
/// Both are copied. The value is kept out of every log line and error text. Any thread; running
/// calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_INVALID_COOKIE`.
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_add_cookie(
    client: *mut sac_client,
    name: *const c_char,
    value: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        change_client(client, |client| {
            client.add_cookie(str_arg(name, "name")?, str_arg(value, "value")?)
        })
    }
}

/// Removes a cookie, signed or not. It is not an error if there is no such cookie.
///
/// `name`: case-sensitive. Any thread; running calls are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_COOKIE`.
///
/// # Safety
/// `client` is a live client, `name` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_remove_cookie(
    client: *mut sac_client,
    name: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and a string, or NULL.
    unsafe { change_client(client, |client| client.remove_cookie(str_arg(name, "name")?)) }
}

/// Sends a signed cookie with every request, in the format of itsdangerous' TimestampSigner, which
/// cookie-manager verifies. It replaces a cookie of the same name. The library signs it again for
/// each attempt, because a signature is accepted only for a short time.
///
/// `name`: a token. `payload_json`: a JSON object; `key_id` is added to it. `key_id`: the name of
/// the key. `key`: the key; it is kept out of every log line and error text, and wiped when the
/// client no longer needs it. `digest`: `SAC_DIGEST_SHA1` (which cookie-manager verifies),
/// `SAC_DIGEST_SHA256` or `SAC_DIGEST_SHA512`. All are copied. Any thread; running calls are not
/// affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_COOKIE` (the
/// name), `SAC_ERR_INVALID_JSON` (not a JSON object), `SAC_ERR_INVALID_ARGUMENT` (no such digest,
/// or an empty key).
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_add_signed_cookie(
    client: *mut sac_client,
    name: *const c_char,
    payload_json: *const c_char,
    key_id: *const c_char,
    key: *const c_char,
    digest: i32,
) -> sac_code {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        change_client(client, |client| {
            let (name, payload) = (str_arg(name, "name")?, str_arg(payload_json, "payload_json")?);
            let (key_id, key) = (str_arg(key_id, "key_id")?, str_arg(key, "key")?);
            client.add_signed_cookie(name, payload, key_id, key, Digest::try_from(digest)?)
        })
    }
}
