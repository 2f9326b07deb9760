//! The options and limits of one exchange, and its request body.

use std::time::Duration;

use crate::settings::TlsSettings;
use crate::wait::{Cancel, Deadline};

/// How a request is to travel.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionOptions<'a> {
    /// For https.
    pub tls: &'a TlsSettings,
    /// What ends the exchange early.
    pub bounds: ExchangeLimits<'a>,
    /// Do not use a pooled connection.
    pub fresh_connection: bool,
    /// Whether another request may follow on the connection. If not, the request says so
    /// (RFC 9112 section 9.6), and its connection is new and closed after the answer.
    pub keep_alive: bool,
    /// How old a connection may become before it is not used again; `None`: no limit. A part of a
    /// tenth is added, so that connections that were opened together are not closed together.
    pub max_age: Option<Duration>,
}

impl<'a> ConnectionOptions<'a> {
    /// A way without wishes: any connection will do, and it is kept.
    #[must_use]
    pub const fn new(tls: &'a TlsSettings, bounds: ExchangeLimits<'a>) -> Self {
        Self { tls, bounds, fresh_connection: false, keep_alive: true, max_age: None }
    }
}

/// What ends an exchange early.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeLimits<'a> {
    /// The end of the whole exchange, from the look-up to the last byte.
    pub deadline: Deadline,
    /// How long opening a connection may take: look-up, TCP and TLS.
    pub connect_timeout: Option<Duration>,
    /// The longest silence of the peer.
    pub read_timeout: Option<Duration>,
    /// The caller's way out of every wait.
    pub cancel: Option<&'a Cancel>,
    /// The largest body, content decoding undone.
    pub max_body_bytes: u64,
}

/// The body of a request.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// None.
    None,
    /// Bytes in memory, sent with a `Content-Length`.
    Bytes(&'a [u8]),
}
