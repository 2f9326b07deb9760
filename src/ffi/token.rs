//! Bearer tokens that expire.

use std::ffi::{c_char, c_void};
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::apply::change_client;
use super::callback::Userdata;
use super::guard::{handle, handle_mut, optional_str_arg, return_code, str_arg};
use super::types::{sac_client, sac_token, sac_token_callback, sac_token_saved_callback};
use crate::auth;
use crate::auth::token::Reason;
use crate::client::token::{NewToken, SavedToken, TokenCallback, TokenSavedCallback};
use crate::code::{self, Code, Error, sac_code};

/// Authenticates every request with bearer tokens (RFC 6750) from a callback. This replaces an earlier
/// `Authorization` or source of tokens. Later clones use the same callback and share its token.
///
/// The library calls the callback when a call needs a token, two minutes before a token expires (in the
/// last tenth of a life of less than 20 minutes), and when the server refuses a token with a 401. One
/// thread calls it at a time; other calls use the old token, or wait within their own deadline and cancel.
/// After a 401 the request is sent once more with the new token, if its body can be sent again; a second
/// 401 is the answer. If the callback fails, calls continue with the old token until it expires. Without a
/// token they end with `SAC_ERR_TOKEN`. The callback is not called again for 30 seconds after a failure.
/// A request with its own `Authorization` gets no token, and neither does another origin after a redirect.
///
/// `callback`: see `sac_token_callback`; NULL removes the source of tokens, of whatever kind. `userdata`:
/// passed to the callback unchanged; it must stay valid until the client, its clones and their calls no
/// longer use it. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the
/// client).
///
/// # Safety
/// `client` is a live client or NULL; `callback` may be called with `userdata` on any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_token_callback(
    client: *mut sac_client,
    callback: sac_token_callback,
    userdata: *mut c_void,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a live client or NULL; clients change only by atomic
        // operations.
        let client = unsafe { handle(client, "client") }?;
        let callback = callback.map(|callback| token_callback(callback, userdata));
        client.client.set_token_callback(callback);
        Ok(())
    })
}

/// Sets the token that a token callback fetches. If it is called more than once, the last call counts.
///
/// `token`: the token of the running callback; it is not valid after the callback returns. `value`: copied,
/// kept out of every log line and error text, and wiped when no call needs it any more. `expires_in_ms`:
/// how long the token may be used from now on, in milliseconds; 0 if that is unknown: then only a 401 ends
/// its use. One thread at a time: that of the callback. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
/// `SAC_ERR_INVALID_HEADER` (empty, or with whitespace or a control character).
///
/// # Safety
/// `token` is the token of a running callback or NULL, `value` a string or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_token_set(
    token: *mut sac_token,
    value: *const c_char,
    expires_in_ms: u64,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises the token of a running callback, which no other thread uses.
        let token = unsafe { handle_mut(token, "token") }?;
        // SAFETY: the caller promises a string or NULL.
        let value = unsafe { str_arg(value, "value") }?;
        auth::bearer::authorization(value)?;
        let lifetime = (expires_in_ms > 0).then(|| Duration::from_millis(expires_in_ms));
        token.new = Some(NewToken { value: Zeroizing::new(value.to_owned()), lifetime });
        Ok(())
    })
}

/// Authenticates every request with the bearer token in a file (RFC 6750), such as the tokens that
/// Kubernetes and Vault write. This replaces an earlier `Authorization` or source of tokens. Later clones
/// share it.
///
/// The first call reads the file. Each later call reads it again if its size or its time of change differ.
/// If the file is missing or contains no token, the last good token is used; without one, calls end with
/// `SAC_ERR_TOKEN`. After a 401 the file is read again, and the request is sent once more if the token has
/// changed and the body can be sent again. Whitespace around the token is ignored.
///
/// `path`: the file; it need not exist yet. Any thread; running calls are not affected. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (empty).
///
/// # Safety
/// `client` is a live client, `path` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_bearer_file(
    client: *mut sac_client,
    path: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and a string, or NULL.
    unsafe { change_client(client, |client| client.set_bearer_file(str_arg(path, "path")?)) }
}

/// Authenticates every request with tokens that a token server issues for the credentials of the client
/// (OAuth 2.0, RFC 6749 section 4.4). This replaces an earlier `Authorization` or source of tokens. Later
/// clones share it.
///
/// The library requests tokens at the same times as it calls a token callback; see
/// `sac_set_token_callback`. The request has the settings of the client (proxy, TLS, time limits, retries,
/// rate limit), but none of its header fields, cookies and callbacks, and follows no redirect. The
/// credentials go into `Authorization: Basic`; if the server does not accept that, into the form, and the
/// library remembers it (section 2.3.1). If the server refuses, calls end with `SAC_ERR_TOKEN` and the words
/// of the server, and it is not asked again for 30 seconds; if it cannot be asked, for 1 second.
///
/// `token_url`: `http://` or `https://`, without credentials; it may have a query. `client_id`,
/// `client_secret`: not empty. `scope`: words separated by spaces; NULL for the default of the server. All
/// are copied. The secret is kept out of every log line and error text, and wiped when the client no longer
/// needs it. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`, `SAC_ERR_INVALID_ARGUMENT`.
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_oauth2_client_credentials(
    client: *mut sac_client,
    token_url: *const c_char,
    client_id: *const c_char,
    client_secret: *const c_char,
    scope: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        change_client(client, |client| {
            let (url, id) = (str_arg(token_url, "token_url")?, str_arg(client_id, "client_id")?);
            let secret = str_arg(client_secret, "client_secret")?;
            let scope = optional_str_arg(scope, "scope")?;
            client.set_oauth2_client_credentials(url, id, secret, scope)
        })
    }
}

/// Authenticates every request with tokens that a token server issues for a refresh token (OAuth 2.0, RFC
/// 6749 section 6). This replaces an earlier `Authorization` or source of tokens. Later clones share it.
///
/// It works like `sac_set_oauth2_client_credentials`. If the server replaces the refresh token, the library
/// uses the new one from then on; `sac_set_token_saved_callback` sets a callback that saves it. Processes
/// that fork later do not share the new one.
///
/// `token_url`, `client_id`: as for `sac_set_oauth2_client_credentials`. `client_secret`: NULL for a public
/// client, which sends only its ID. `refresh_token`: not empty. All are copied; the secrets are kept out of
/// every log line and error text, and wiped when the client no longer needs them. Any thread; running calls
/// are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`,
/// `SAC_ERR_INVALID_ARGUMENT`.
///
/// # Safety
/// `client` is a live client, the others are strings; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_oauth2_refresh_token(
    client: *mut sac_client,
    token_url: *const c_char,
    client_id: *const c_char,
    client_secret: *const c_char,
    refresh_token: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live client and strings, or NULL.
    unsafe {
        change_client(client, |client| {
            let (url, id) = (str_arg(token_url, "token_url")?, str_arg(client_id, "client_id")?);
            let secret = optional_str_arg(client_secret, "client_secret")?;
            let token = str_arg(refresh_token, "refresh_token")?;
            client.set_oauth2_refresh_token(url, id, secret, token)
        })
    }
}

/// Sets the callback that receives the tokens that a token server has issued, for example to save a
/// refresh token that the server has replaced. Later clones use the same callback.
///
/// `callback`: see `sac_token_saved_callback`; NULL removes it. `userdata`: passed to the callback
/// unchanged; it must stay valid until the client, its clones and their calls no longer use it. Any thread;
/// running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client).
///
/// # Safety
/// `client` is a live client or NULL; `callback` may be called with `userdata` on any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_set_token_saved_callback(
    client: *mut sac_client,
    callback: sac_token_saved_callback,
    userdata: *mut c_void,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a live client or NULL; clients change only by atomic
        // operations.
        let client = unsafe { handle(client, "client") }?;
        let callback = callback.map(|callback| saved_callback(callback, userdata));
        client.client.set_token_saved_callback(callback);
        Ok(())
    })
}

/// The library's form of a C callback.
fn token_callback(
    callback: unsafe extern "C" fn(*mut c_void, i32, *mut sac_token) -> sac_code,
    userdata: *mut c_void,
) -> TokenCallback {
    let userdata = Userdata(userdata);
    Arc::new(move |reason: Reason| {
        let mut token = sac_token { new: None };
        // SAFETY: the caller of `sac_set_token_callback` promised that this call is allowed on any
        // thread. The token is valid until it returns.
        let result = unsafe { callback(userdata.get(), reason.number(), &raw mut token) };
        if result != Code::Ok.number() {
            let name = code::name_of(result).to_string_lossy();
            let cancelled = result == Code::Cancelled.number();
            let code = if cancelled { Code::Cancelled } else { Code::Token };
            return Err(Error::new(code, format!("the token callback returned {name}")));
        }
        let message =
            "the token callback returned SAC_OK without a token; it must call sac_token_set";
        token.new.ok_or_else(|| Error::new(Code::Token, message))
    })
}

/// The library's form of a C callback.
fn saved_callback(
    callback: unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, u64),
    userdata: *mut c_void,
) -> TokenSavedCallback {
    let userdata = Userdata(userdata);
    Arc::new(move |saved: &SavedToken<'_>| {
        // A NUL would end the text early in C; a token has none, and a refresh token with one is damaged.
        let Ok(access_token) = SecretCString::new(saved.access_token) else { return };
        let Ok(refresh_token) = saved.refresh_token.map(SecretCString::new).transpose() else {
            return;
        };
        let ms = saved.lifetime.map_or(0, |lifetime| lifetime.as_millis());
        let refresh_token = refresh_token.as_ref().map_or(std::ptr::null(), SecretCString::as_ptr);
        // SAFETY: the caller of `sac_set_token_saved_callback` promised that this call is allowed on
        // any thread. The strings are valid until it returns.
        unsafe {
            callback(
                userdata.get(),
                access_token.as_ptr(),
                refresh_token,
                u64::try_from(ms).unwrap_or(u64::MAX),
            );
        };
    })
}

/// A secret text for C, whose memory is wiped.
struct SecretCString(Zeroizing<Vec<u8>>);

impl SecretCString {
    fn new(text: &str) -> Result<Self, Error> {
        if text.contains('\0') {
            return Err(Error::new(Code::Token, "a token contains a NUL"));
        }
        let mut bytes = Vec::with_capacity(text.len().saturating_add(1));
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Ok(Self(Zeroizing::new(bytes)))
    }

    fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }
}
