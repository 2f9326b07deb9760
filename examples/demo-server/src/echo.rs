//! Endpoints that return the received request.

use crate::query::Query;
use crate::reply::{self, Refusal, Reply};
use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::net::SocketAddr;

/// `/v1/echo`: the request as JSON, for any method. The peer's address distinguishes connections.
pub async fn request(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    let response = json!({
        "method": method.as_str(),
        "path": uri.path(),
        "query": grouped(Query::of(&uri).pairs().iter().cloned()),
        "query_string": uri.query(),
        "headers": grouped(fields),
        "body": std::str::from_utf8(&body).ok(),
        "body_base64": STANDARD.encode(&body),
        "body_length": body.len(),
        "peer": peer.to_string(),
    });
    reply::json(StatusCode::OK, &response)
}

/// `POST /v1/form`: the fields of a form as JSON; 415 for any other body.
pub async fn form(headers: HeaderMap, body: Bytes) -> Reply {
    if !reply::has_content_type(&headers, &["application/x-www-form-urlencoded"]) {
        let message = "the body must be application/x-www-form-urlencoded";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let fields = form_urlencoded::parse(&body).into_owned();
    Ok(reply::json(StatusCode::OK, &json!({ "form": grouped(fields) })))
}

/// Names and values as members. A repeated name has an array of its values.
fn grouped(pairs: impl Iterator<Item = (String, String)>) -> Value {
    let mut members = Map::new();
    for (name, value) in pairs {
        match members.get_mut(&name) {
            None => {
                members.insert(name, Value::String(value));
            }
            Some(Value::Array(values)) => values.push(Value::String(value)),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Value::Object(members)
}

/// A field value as text: UTF-8, or else Latin-1.
fn text(value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_name_has_its_values_in_order() {
        let pairs = [("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")];
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(grouped(pairs), json!({ "a": ["1", "3", "4"], "b": "2" }));
    }

    #[test]
    fn a_field_that_is_not_utf_8_is_read_as_latin_1() {
        assert_eq!(text(&HeaderValue::from_bytes(b"caf\xe9").unwrap()), "café");
        assert_eq!(text(&HeaderValue::from_bytes("café".as_bytes()).unwrap()), "café");
    }
}
