//! `POST /v1/token`: the token server (OAuth 2.0, RFC 6749), which issues the token of the users.

use crate::app::App;
use crate::reply::{self, Refusal, Reply};
use crate::users;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::collections::HashMap;

/// The client, its secret, and its first refresh token. They are public, because they protect nothing.
pub const CLIENT_ID: &str = "demo-app";
pub const CLIENT_SECRET: &str = "demo-secret";
pub const REFRESH_TOKEN: &str = "demo-refresh";

const LIFETIME_S: u32 = 3600;

/// A token for the credentials of the client, or for a refresh token, which each request replaces.
pub async fn post(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Reply {
    let form: HashMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
    authenticate(&headers, &form)?;
    let mut new_refresh_token = None;
    match form.get("grant_type").map(String::as_str) {
        Some("client_credentials") => {}
        Some("refresh_token") => {
            let shown = form.get("refresh_token").map_or("", String::as_str);
            if !shown.starts_with(REFRESH_TOKEN) {
                return Err(refusal("invalid_grant", "this refresh token is unknown"));
            }
            let number = app.count("token", "refresh");
            new_refresh_token = Some(format!("{REFRESH_TOKEN}-{number}"));
        }
        _ => return Err(refusal("unsupported_grant_type", "this grant is not supported")),
    }
    let answer = json!({
        "access_token": users::TOKEN,
        "token_type": "Bearer",
        "expires_in": LIFETIME_S,
        "refresh_token": new_refresh_token,
    });
    Ok(reply::json(StatusCode::OK, &answer))
}

/// Accepts the credentials in Basic and in the form (section 2.3.1).
fn authenticate(headers: &HeaderMap, form: &HashMap<String, String>) -> Result<(), Refusal> {
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    let in_form = |name: &str, value: &str| form.get(name).is_some_and(|sent| sent == value);
    let known = headers.get(AUTHORIZATION).is_some_and(|sent| sent.as_bytes() == basic.as_bytes())
        || (in_form("client_id", CLIENT_ID) && in_form("client_secret", CLIENT_SECRET));
    if known {
        return Ok(());
    }
    let body = json!({ "error": "invalid_client", "error_description": "this client is unknown" });
    Err(Refusal::with_body(StatusCode::UNAUTHORIZED, &body)
        .header(WWW_AUTHENTICATE, r#"Basic realm="demo""#))
}

fn refusal(error: &str, description: &str) -> Refusal {
    let body = json!({ "error": error, "error_description": description });
    Refusal::with_body(StatusCode::BAD_REQUEST, &body)
}
