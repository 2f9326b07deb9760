//! The network: connections, their pool, TLS, and one HTTP exchange at a time.
//!
//! An `exchange` takes a connection from `dial` (a pooled one, or `resolve` → `connect` → `tls`),
//! which is a `link`, a transport of ureq's kind. `send` writes the request, `head` reads what
//! answers it, and the body comes straight to where it is to stay, by `framed`; each of these lets
//! `send` go on where more is to be sent. Deadlines, cancel and record of the exchange stand in
//! `call`. This module sends once and follows nothing: retries, redirects and the meaning of an answer
//! are its caller's.

mod body_io;
mod buffers;
mod chunked;
mod connect;
mod connection;
mod context;
pub mod decode;
mod dial;
mod error;
mod exchange;
pub mod fork;
mod framed_body;
mod head;
mod http_proxy;
mod pool;
mod pooled_connection;
mod read_body;
mod readiness;
mod resolve;
mod response;
mod route;
mod send;
mod socks;
mod tcp;
#[cfg(test)]
mod tests;
pub mod tls;
mod unix;

use std::time::Duration;

use crate::wait::{Cancel, Deadline};

pub use body_io::{BodyHandlers, BodyIoError, ProgressFn, Sink, Upload};
pub use decode::ACCEPT_ENCODING;
pub use error::{ExchangeError, TransportErrorKind};
pub use exchange::Transport;
pub use response::{ReceivedResponse, ResponseHead};
pub use route::Route;
pub use tls::{SecretPem, TlsSettings, TlsVersion, check_ca_pem, check_client_pem};

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

/// What came of an exchange, and what it took.
#[derive(Debug)]
pub struct ExchangeResult {
    /// The answer, or why there is none.
    pub outcome: Result<ReceivedResponse, ExchangeError>,
    /// Times and bytes, whatever the outcome.
    pub record: ExchangeRecord,
}

/// What an exchange took.
#[derive(Debug, Default, Clone)]
pub struct ExchangeRecord {
    /// It went over a connection that had served another.
    pub reused_connection: bool,
    /// The look-up of the name, where there was one.
    pub resolve: Option<Duration>,
    /// Opening the TCP connection, where one was opened.
    pub connect: Option<Duration>,
    /// The TLS handshake, where there was one.
    pub tls: Option<Duration>,
    /// From the beginning to the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// From the beginning to the end.
    pub total: Duration,
    /// Bytes of the request that the system, or TLS, has taken.
    pub request_bytes: u64,
    /// Bytes of the answer as they came, TLS undone.
    pub response_bytes: u64,
    /// Lines of the answer's head that are no header fields, and were passed over.
    pub skipped_lines: usize,
    /// A new connection was opened, completely.
    pub opened_connection: bool,
    /// Something came behind the end of a content coding, and was ignored.
    pub had_trailing_bytes: bool,
}
