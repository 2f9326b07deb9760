//! `GET /v1/users/{id}`: users, for callers with the bearer token (RFC 6750).

use crate::reply::{self, Refusal, Reply};
use axum::extract::Path;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use serde_json::json;

/// The token of this endpoint. It is public, because it protects nothing.
pub const TOKEN: &str = "demo-token";

const NAMES: [&str; 5] =
    ["Ada Lovelace", "Grace Hopper", "Karen Spärck Jones", "Frances Allen", "Radia Perlman"];

/// One user; 404 if there is none, 401 without the token.
pub async fn get(headers: HeaderMap, Path(id): Path<String>) -> Reply {
    authorise(&headers)?;
    let number: usize = id.parse().map_err(|_| unknown(&id))?;
    let name = number.checked_sub(1).and_then(|at| NAMES.get(at)).ok_or_else(|| unknown(&id))?;
    let body = json!({
        "id": number,
        "name": name,
        "email": format!("user{number}@demo.example"),
        "active": number != 4,
        "roles": if number == 1 { json!(["admin", "reader"]) } else { json!(["reader"]) },
    });
    Ok(reply::json(StatusCode::OK, &body))
}

fn authorise(headers: &HeaderMap) -> Result<(), Refusal> {
    let credentials = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
    let refuse = |message, challenge| {
        Err(Refusal::new(StatusCode::UNAUTHORIZED, message).header(WWW_AUTHENTICATE, challenge))
    };
    match credentials {
        None => refuse("a bearer token is needed", r#"Bearer realm="demo""#),
        Some(value) if is_token(value) => Ok(()),
        Some(_) => refuse("this token is unknown", r#"Bearer realm="demo", error="invalid_token""#),
    }
}

fn is_token(credentials: &[u8]) -> bool {
    // The scheme is case-insensitive (RFC 9110 section 11.1), the token is not.
    credentials.split_at_checked(7).is_some_and(|(scheme, token)| {
        scheme.eq_ignore_ascii_case(b"bearer ") && token.trim_ascii() == TOKEN.as_bytes()
    })
}

fn unknown(id: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, &format!("there is no user {id:?}"))
}
