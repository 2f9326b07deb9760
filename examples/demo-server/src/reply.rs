//! The responses of this API: JSON, also for errors.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The result of a handler: a response, or the refusal that ends it early.
pub type Reply = Result<Response, Refusal>;

/// An error response. It is boxed, so that a successful result stays small.
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

    /// Adds a header field. A value that is not valid in a header is omitted.
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

/// A JSON response.
pub fn json(status: StatusCode, body: &Value) -> Response {
    typed(status, "application/json", body.to_string())
}

/// A response of any content type.
pub fn typed(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Sets a header field of a response. A value that is not valid in a header is omitted.
pub fn set_header(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The body of a request as JSON: 415 if it has another content type, 400 if it is not
/// well-formed.
pub fn json_body(headers: &HeaderMap, body: &Bytes) -> Result<Value, Refusal> {
    if !has_content_type(headers, &["application/json", "application/merge-patch+json"]) {
        let message = "the body must be application/json";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    serde_json::from_slice(body).map_err(|error| {
        Refusal::new(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {error}"))
    })
}

/// Whether the `Content-Type` is one of these, without its parameters.
pub fn has_content_type(headers: &HeaderMap, accepted: &[&str]) -> bool {
    let content_type =
        headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = content_type.split(';').next().unwrap_or("").trim();
    accepted.iter().any(|accepted| media_type.eq_ignore_ascii_case(accepted))
}
