//! A large body to download, also in ranges, and a count of visits in a cookie.

use crate::query::Query;
use crate::reply::{self, Refusal, Reply};
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_RANGE, COOKIE, ETAG, HeaderMap, IF_RANGE, RANGE, SET_COOKIE,
};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde_json::json;

const DEFAULT_BYTES: u64 = 8 << 20;
const MAX_BYTES: u64 = 256 << 20;

/// `GET /v1/download?bytes=…`: a body of this size, 8 MiB by default. Serves ranges (RFC 9110
/// section 14).
pub async fn download(uri: Uri, headers: HeaderMap) -> Reply {
    let size = Query::of(&uri).number("bytes", DEFAULT_BYTES)?.min(MAX_BYTES);
    let tag = format!("\"{size}\"");
    let from = match first_byte(&headers, &tag) {
        Some(from) if from >= size => {
            let message = "the range starts after the end";
            return Err(Refusal::new(StatusCode::RANGE_NOT_SATISFIABLE, message)
                .header(CONTENT_RANGE, &format!("bytes */{size}")));
        }
        from => from,
    };
    let bytes: Vec<u8> = (from.unwrap_or(0)..size).map(byte_at).collect();
    let status = if from.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = reply::typed(status, "application/octet-stream", bytes);
    if let Some(from) = from {
        let range = format!("bytes {from}-{}/{size}", size.saturating_sub(1));
        reply::set_header(&mut response, CONTENT_RANGE, &range);
    }
    reply::set_header(&mut response, ACCEPT_RANGES, "bytes");
    reply::set_header(&mut response, ETAG, &tag);
    Ok(response)
}

/// The byte at an index of the body, so that a caller can check it.
fn byte_at(index: u64) -> u8 {
    let [low, ..] = (index % 251).to_le_bytes();
    low
}

/// The start of the requested range. Only the form `bytes=n-` is served. Any other form, or a range
/// of another version, gets the whole body.
fn first_byte(headers: &HeaderMap, tag: &str) -> Option<u64> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let same = text(IF_RANGE).is_none_or(|wanted| wanted == tag);
    let from = text(RANGE)?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok();
    from.filter(|_| same)
}

/// `GET /v1/visits`: counts the visits of a caller that sends the cookie back.
pub async fn visits(headers: HeaderMap) -> Response {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let before = cookies
        .flat_map(|line| line.split("; "))
        .find_map(|cookie| cookie.strip_prefix("visits=")?.parse::<u64>().ok());
    let visits = before.unwrap_or(0).saturating_add(1);
    let mut response = reply::json(StatusCode::OK, &json!({ "visits": visits }));
    reply::set_header(&mut response, SET_COOKIE, &format!("visits={visits}; Path=/v1; HttpOnly"));
    response
}
