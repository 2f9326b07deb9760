//! What a server has answered.

use std::borrow::Cow;
use std::fmt;

use crate::headers::Headers;

/// Status line and header fields of a response.
#[derive(Clone)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// HTTP/1.0 or HTTP/1.1.
    pub version: http::Version,
    /// The reason phrase as sent, without the spaces around it; empty if there is none. Bytes that
    /// are not UTF-8 are read as Latin-1.
    pub reason: Cow<'static, str>,
    /// The header fields. `Content-Encoding` and `Content-Length` are missing where the coding
    /// has been undone.
    pub headers: Headers,
    /// Whether a field says that the server allows no more requests for now.
    pub quota_spent: bool,
}

/// Without the values of the header fields, of which some are secrets.
impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, headers) = (&self.status, &self.headers);
        f.debug_struct("Head").field("status", status).field("headers", headers).finish()
    }
}

/// A whole response.
#[derive(Clone)]
pub struct ReceivedResponse {
    /// Status line and header fields.
    pub head: ResponseHead,
    /// The body, content decoding undone; has room for one more byte.
    pub body: Vec<u8>,
}

/// Without the body, which may hold secrets.
impl fmt::Debug for ReceivedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = &self.body.len();
        f.debug_struct("Received").field("head", &self.head).field("body_len", body).finish()
    }
}
