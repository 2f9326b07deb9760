//! Failures of real services.

use crate::app::App;
use crate::query::Query;
use crate::reply::{self, Refusal, Reply};
use axum::extract::State;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::time::Duration;

const MAX_SLEEP_MS: u64 = 60_000;

const GATEWAY_PAGE: &str = "<!DOCTYPE html>
<html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>demo-proxy</center></body></html>
";

const LOGIN_PAGE: &str = "<!DOCTYPE html>
<html><head><title>Please sign in</title></head><body><form>…</form></body></html>
";

/// `GET /v1/damaged?kind=…`: a 200 with the content type of JSON whose body is not JSON.
pub async fn damaged(uri: Uri) -> Reply {
    let query = Query::of(&uri);
    let body = match query.text("kind").unwrap_or("commas") {
        "commas" => r#"{"name": "Widget", "tags": ["a", "b",], "price": 9.5,}"#,
        "quotes" => "{'name': 'Widget', tags: ['a', 'b'], 'price': 9.5}",
        "truncated" => r#"{"name": "Widget", "tags": ["a", "b"], "price": 9.5, "note": "and so"#,
        "html" => LOGIN_PAGE,
        _ => {
            let message = "kind must be commas, quotes, truncated or html";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, message));
        }
    };
    Ok(reply::typed(StatusCode::OK, "application/json", body))
}

/// `/v1/bad-gateway`: the response of a proxy if its service is not available.
pub async fn bad_gateway() -> Response {
    reply::typed(StatusCode::BAD_GATEWAY, "text/html; charset=utf-8", GATEWAY_PAGE)
}

/// `/v1/limited?key=…`: 429 on the first call with a key, then 200.
pub async fn limited(State(app): State<App>, uri: Uri) -> Reply {
    let query = Query::of(&uri);
    let calls = app.count("limited", query.required("key")?);
    if calls == 1 { Err(too_many("1")) } else { Ok(ok(calls)) }
}

/// `/v1/always-limited?retry_after=…`: 429 with that `Retry-After`, 1 by default.
pub async fn always_limited(uri: Uri) -> Refusal {
    too_many(Query::of(&uri).text("retry_after").unwrap_or("1"))
}

/// `/v1/flaky?key=…`: 503 on the first two calls with a key, then 200.
pub async fn flaky(State(app): State<App>, uri: Uri) -> Reply {
    let query = Query::of(&uri);
    let calls = app.count("flaky", query.required("key")?);
    if calls <= 2 {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the service is starting"));
    }
    Ok(ok(calls))
}

/// `/v1/slow?ms=…`: a response after this time, at most a minute.
pub async fn slow(uri: Uri) -> Reply {
    let ms = Query::of(&uri).number("ms", 1000)?.min(MAX_SLEEP_MS);
    tokio::time::sleep(Duration::from_millis(ms)).await;
    Ok(reply::json(StatusCode::OK, &json!({ "slept_ms": ms })))
}

/// `/v1/redirect`: 302 to the items.
pub async fn redirect() -> Response {
    let mut response = StatusCode::FOUND.into_response();
    reply::set_header(&mut response, LOCATION, "/v1/items");
    response
}

fn too_many(retry_after: &str) -> Refusal {
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too many requests, come back later")
        .header(RETRY_AFTER, retry_after)
}

fn ok(calls: u64) -> Response {
    reply::json(StatusCode::OK, &json!({ "ok": true, "calls": calls }))
}
