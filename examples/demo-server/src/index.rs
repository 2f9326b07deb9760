//! `GET /`: the list of endpoints.

use crate::reply;
use crate::{session, token, users};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

/// Methods, path and description.
const ENDPOINTS: &[(&str, &str, &str)] = &[
    ("GET", "/", "this list"),
    ("GET", "/v1/users/{id}", "a user; needs the bearer token"),
    ("POST", "/v1/token", "the token of the users, for the OAuth client or its refresh token"),
    ("GET", "/v1/session", "the data of the signed cookie"),
    ("GET POST", "/v1/items", "the collection, ?page= and ?per_page=; POST adds"),
    ("GET PUT PATCH DELETE", "/v1/items/{id}", "one item"),
    ("GET", "/v1/orders", "a list of 1000 orders"),
    ("GET", "/v1/export", "the orders as JSON lines, one of them damaged"),
    ("GET", "/v1/readings", "an array of ?count= readings, 1000 by default"),
    ("POST", "/v1/chat", "an answer to the member \"prompt\", word by word, as events"),
    ("GET", "/v1/log", "six events; the connection is cut after each second one"),
    ("POST", "/v1/form", "the fields of a urlencoded form"),
    ("any", "/v1/echo", "the request itself"),
    ("GET", "/v1/picture.png", "a picture"),
    ("GET", "/v1/gzip", "JSON, gzip-coded if that is accepted"),
    ("GET", "/v1/download", "?bytes= bytes, 8 MiB by default; serves ranges"),
    ("GET", "/v1/visits", "counts visits in a cookie that it sets"),
    ("GET", "/v1/redirect", "302 to /v1/items"),
    ("GET", "/v1/damaged", "broken JSON, ?kind=commas, quotes, truncated or html"),
    ("any", "/v1/bad-gateway", "502 with an HTML page"),
    ("any", "/v1/limited", "429 on the first call of a ?key=, then 200"),
    ("any", "/v1/always-limited", "429 with ?retry_after= seconds, 1 by default"),
    ("any", "/v1/flaky", "503 on the first two calls of a ?key=, then 200"),
    ("any", "/v1/slow", "200 after ?ms= milliseconds"),
];

/// The endpoints and the credentials that they accept. The credentials are valid only for this
/// demo.
pub async fn get() -> Response {
    let endpoints: Vec<Value> = ENDPOINTS
        .iter()
        .map(|(methods, path, what)| json!({ "methods": methods, "path": path, "what": what }))
        .collect();
    let body = json!({
        "name": "demo-server",
        "endpoints": endpoints,
        "bearer_token": users::TOKEN,
        "oauth2": {
            "client_id": token::CLIENT_ID,
            "client_secret": token::CLIENT_SECRET,
            "refresh_token": token::REFRESH_TOKEN,
        },
        "signed_cookie": {
            "name": session::COOKIE,
            "key_id": session::KEY_ID,
            "key": session::KEY,
            "digest": "SHA-1",
            "max_age_s": session::MAX_AGE_S,
        },
    });
    reply::json(StatusCode::OK, &body)
}
