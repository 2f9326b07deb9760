//! Answers as this API words them: JSON, errors too.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What a handler gives back: an answer, or the refusal that ends it early.
pub type Reply = Result<Response, Refusal>;

/// An answer that says no. Boxed, so that the happy path carries no weight for it.
#[derive(Debug)]
pub struct Refusal(Box<Response>);

impl Refusal {
    /// `{"error": message}` with this status.
    pub fn new(status: StatusCode, message: &str) -> Self {
        Self(Box::new(json(status, &json!({ "error": message }))))
    }

    /// This body with this status.
    pub fn with_body(status: StatusCode, body: &Value) -> Self {
        Self(Box::new(json(status, body)))
    }

    /// The same with one header field more. A value that no header can hold is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        set_header(&mut self.0, name, value);
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// A JSON answer.
pub fn json(status: StatusCode, body: &Value) -> Response {
    typed(status, "application/json", body.to_string())
}

/// An answer of any content type.
pub fn typed(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Sets a header field of an answer. A value that no header can hold is left out.
pub fn set_header(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The body of a request as JSON: 415 where it says that it is something else, 400 where it is
/// not well-formed.
pub fn json_body(headers: &HeaderMap, body: &Bytes) -> Result<Value, Refusal> {
    if !has_content_type(headers, &["application/json", "application/merge-patch+json"]) {
        let message = "the body must be application/json";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    serde_json::from_slice(body).map_err(|error| {
        Refusal::new(StatusCode::BAD_REQUEST, &format!("the body is no JSON: {error}"))
    })
}

/// Whether the `Content-Type` is one of these, its parameters aside.
pub fn has_content_type(headers: &HeaderMap, accepted: &[&str]) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = given.split(';').next().unwrap_or("").trim();
    accepted.iter().any(|accepted| media_type.eq_ignore_ascii_case(accepted))
}
