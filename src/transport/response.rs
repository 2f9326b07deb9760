//! The response of a server.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::headers::Headers;
use crate::trace::TlsSession;

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
    /// The header fields. `Content-Encoding` and `Content-Length` are removed if the body was
    /// decoded.
    pub headers: Headers,
    /// Whether a header field says that the server allows no more requests for now.
    pub quota_exhausted: bool,
    /// The TLS session on which the response arrived; `None` for http.
    pub tls: Option<Arc<TlsSession>>,
}

/// Does not print the values of the header fields, because some are secrets.
impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, headers) = (&self.status, &self.headers);
        f.debug_struct("ResponseHead").field("status", status).field("headers", headers).finish()
    }
}

/// A complete response.
#[derive(Clone)]
pub struct ReceivedResponse {
    /// Status line and header fields.
    pub head: ResponseHead,
    /// The body, after content decoding; has capacity for one more byte.
    pub body: Vec<u8>,
}

/// Does not print the body, which may contain secrets.
impl fmt::Debug for ReceivedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = &self.body.len();
        f.debug_struct("ReceivedResponse")
            .field("head", &self.head)
            .field("body_len", body)
            .finish()
    }
}
