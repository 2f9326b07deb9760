//! The request of one exchange, and its options and limits.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, Method, Uri};

use crate::settings::TlsSettings;
use crate::wait::{Cancel, Deadline};

/// How a request is sent.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionOptions<'a> {
    /// TLS settings, for https.
    pub tls: &'a TlsSettings,
    /// Limits that can end the exchange early.
    pub limits: ExchangeLimits<'a>,
    /// Do not use a pooled connection.
    pub fresh_connection: bool,
    /// Whether another request may follow on the connection. If not, the request says so (RFC 9112
    /// section 9.6). Its connection is then new, and is closed after the response.
    pub keep_alive: bool,
    /// The maximum age at which a connection is still reused; `None`: no limit. Each connection
    /// adds up to a tenth, so that connections that were opened together are not closed together.
    pub max_age: Option<Duration>,
}

impl<'a> ConnectionOptions<'a> {
    /// The default options: any connection will do, and it is kept.
    #[must_use]
    pub const fn new(tls: &'a TlsSettings, limits: ExchangeLimits<'a>) -> Self {
        Self { tls, limits, fresh_connection: false, keep_alive: true, max_age: None }
    }
}

/// Limits that can end an exchange early.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeLimits<'a> {
    /// The end of the whole exchange, from the DNS lookup to the last byte.
    pub deadline: Deadline,
    /// The maximum time for opening a connection: lookup, TCP and TLS.
    pub connect_timeout: Option<Duration>,
    /// The maximum time without a byte from the peer.
    pub read_timeout: Option<Duration>,
    /// The handle by which the caller can end every wait.
    pub cancel: Option<&'a Cancel>,
    /// The maximum size of the body, after content decoding.
    pub max_body_bytes: u64,
}

/// A request without its body.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a Method,
    /// The absolute URI.
    pub uri: &'a Uri,
    /// The header fields.
    pub headers: &'a HeaderMap,
}

/// Does not print the header fields, because some are secrets.
impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead").field("method", &self.method).finish_non_exhaustive()
    }
}

impl<'a> From<&'a http::Request<()>> for RequestHead<'a> {
    fn from(request: &'a http::Request<()>) -> Self {
        Self { method: request.method(), uri: request.uri(), headers: request.headers() }
    }
}

/// The body of a request.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// No body.
    None,
    /// Bytes in memory, sent with a `Content-Length`.
    Bytes(&'a [u8]),
}
