//! `GET /v1/session`: the identity in the signed cookie.

use crate::cookie::{self, CookieError};
use crate::reply::{self, Refusal, Reply};
use axum::http::header::{COOKIE as COOKIE_HEADER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// The name of the cookie.
pub const COOKIE: &str = "session";
/// The name of the key.
pub const KEY_ID: &str = "demo-service";
/// The key. It is public, because it protects nothing.
pub const KEY: &str = "demo-key: no secret, £0 worth";
/// The greatest age of a cookie, in seconds.
pub const MAX_AGE_S: u64 = 50;

/// The data of the session cookie; 401 if it is not trusted.
pub async fn get(headers: HeaderMap) -> Reply {
    let mut payload = verified(&headers, now())?;
    let key_id = payload.as_object_mut().and_then(|members| members.remove("key_id"));
    Ok(reply::json(StatusCode::OK, &json!({ "data": payload, "key_id": key_id })))
}

fn verified(headers: &HeaderMap, now: u64) -> Result<Value, Refusal> {
    let value = cookie::find(headers.get_all(COOKIE_HEADER), COOKIE)
        .ok_or_else(|| refusal("a session cookie is needed"))?;
    let payload = cookie::verify(&value, KEY, MAX_AGE_S, now).map_err(|error| {
        refusal(match error {
            CookieError::Form => "the session cookie is not a signed JSON value",
            CookieError::Signature => "the session cookie's signature is wrong",
            CookieError::Future => "the session cookie was signed in the future",
            CookieError::Expired => "the session cookie has expired",
        })
    })?;
    if payload.get("key_id").and_then(Value::as_str) != Some(KEY_ID) {
        return Err(refusal("the session cookie names an unknown key"));
    }
    Ok(payload)
}

fn refusal(message: &str) -> Refusal {
    // A 401 must carry a challenge (RFC 9110 section 15.5.2); there is no registered scheme for
    // cookies.
    let challenge = r#"Cookie realm="demo", cookie-name="session""#;
    Refusal::new(StatusCode::UNAUTHORIZED, message).header(WWW_AUTHENTICATE, challenge)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
