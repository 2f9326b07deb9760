//! The network: connections, their pool, TLS, and one HTTP exchange at a time.
//!
//! An `exchange` takes a connection from `dial` (a pooled one, or `resolve` → `connect` → `tls`),
//! which is a `link`, a transport of ureq's kind. `send` writes the request, `head` reads what
//! answers it, and the body comes straight to where it is to stay, by `framed`; each of these lets
//! `send` go on where more is to be sent. Deadlines, cancel and record of the exchange stand in
//! `call`. This module sends once and follows nothing: retries, redirects and the meaning of an answer
//! are its caller's.

mod body;
mod buffers;
mod call;
mod chunks;
mod connect;
mod connection;
pub mod decode;
mod dial;
mod exchange;
mod fault;
pub mod fork;
mod framed;
mod head;
mod http_proxy;
mod link;
mod pool;
mod received;
mod resolve;
mod route;
mod send;
mod socks;
mod stream;
mod tcp;
#[cfg(test)]
mod tests;
pub mod tls;
mod unix;
mod wait;

use std::time::Duration;

use crate::wait::{Cancel, Deadline};

pub use decode::ACCEPT_ENCODING;
pub use exchange::Transport;
pub use fault::{Fault, FaultKind};
pub use received::{Head, Received};
pub use route::Route;
pub use stream::{Extras, Meter, Sink, Stop, Upload};
pub use tls::{SecretPem, TlsSetup, TlsVersion, check_ca_pem, check_client_pem};

/// How a request is to travel.
#[derive(Debug, Clone, Copy)]
pub struct Wire<'a> {
    /// For https.
    pub tls: &'a TlsSetup,
    /// What ends the exchange early.
    pub bounds: Bounds<'a>,
    /// Do not use a pooled connection.
    pub fresh_connection: bool,
    /// Whether another request may follow on the connection. If not, the request says so
    /// (RFC 9112 section 9.6), and its connection is new and closed after the answer.
    pub keep_alive: bool,
    /// How old a connection may become before it is not used again; `None`: no limit. A part of a
    /// tenth is added, so that connections that were opened together are not closed together.
    pub max_age: Option<Duration>,
}

impl<'a> Wire<'a> {
    /// A way without wishes: any connection will do, and it is kept.
    #[must_use]
    pub const fn new(tls: &'a TlsSetup, bounds: Bounds<'a>) -> Self {
        Self { tls, bounds, fresh_connection: false, keep_alive: true, max_age: None }
    }
}

/// What ends an exchange early.
#[derive(Debug, Clone, Copy)]
pub struct Bounds<'a> {
    /// The end of the whole exchange, from the look-up to the last byte.
    pub attempt: Deadline,
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
pub struct Exchange {
    /// The answer, or why there is none.
    pub outcome: Result<Received, Fault>,
    /// Times and bytes, whatever the outcome.
    pub record: Record,
}

/// What an exchange took.
#[derive(Debug, Default, Clone)]
pub struct Record {
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
    pub lines_passed_over: usize,
    /// A new connection was opened, completely.
    pub opened_connection: bool,
    /// Something came behind the end of a content coding, and was ignored.
    pub surplus: bool,
}
