//! `GET /v1/session`: who the signed cookie says the caller is.

use crate::cookie::{self, Fault};
use crate::reply::{self, Refusal, Reply};
use axum::http::header::{COOKIE as COOKIE_HEADER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// The cookie's name.
pub const COOKIE: &str = "session";
/// Who signs.
pub const KEY_ID: &str = "demo-service";
/// What it is signed with. It is public: it guards nothing.
pub const KEY: &str = "demo-key: no secret, £0 worth";
/// How old a cookie may be, in seconds.
pub const MAX_AGE_S: u64 = 50;

/// The data of the session cookie, 401 where it cannot be trusted.
pub async fn get(headers: HeaderMap) -> Reply {
    let mut payload = verified(&headers, now())?;
    let key_id = payload.as_object_mut().and_then(|members| members.remove("key_id"));
    Ok(reply::json(StatusCode::OK, &json!({ "data": payload, "key_id": key_id })))
}

fn verified(headers: &HeaderMap, now: u64) -> Result<Value, Refusal> {
    let value = cookie::find(headers.get_all(COOKIE_HEADER), COOKIE)
        .ok_or_else(|| refusal("a session cookie is needed"))?;
    let payload = cookie::verify(&value, KEY, MAX_AGE_S, now).map_err(|fault| {
        refusal(match fault {
            Fault::Form => "the session cookie is not a signed JSON value",
            Fault::Signature => "the session cookie's signature is wrong",
            Fault::Future => "the session cookie was signed in the future",
            Fault::Expired => "the session cookie has expired",
        })
    })?;
    if payload.get("key_id").and_then(Value::as_str) != Some(KEY_ID) {
        return Err(refusal("the session cookie names a key that is not known here"));
    }
    Ok(payload)
}

fn refusal(message: &str) -> Refusal {
    // A 401 must carry a challenge (RFC 9110 section 15.5.2); no registered scheme means cookies.
    let challenge = r#"Cookie realm="demo", cookie-name="session""#;
    Refusal::new(StatusCode::UNAUTHORIZED, message).header(WWW_AUTHENTICATE, challenge)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
