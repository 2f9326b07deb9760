//! The events of a call, in the order in which they happen.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::tls_session::TlsSession;
use crate::headers::Headers;

/// Something that has just happened, or is about to happen. An `error` is `None` after a success.
#[derive(Debug)]
pub enum Event<'a> {
    /// The request needs a connection to this host and port.
    ConnectionWanted {
        /// The host and the port.
        address: String,
    },
    /// A lookup of this name begins.
    LookupStarted {
        /// The name.
        host: &'a str,
    },
    /// A lookup has ended.
    LookupDone {
        /// The name.
        host: &'a str,
        /// The addresses, in the order in which they will be tried.
        addresses: &'a [SocketAddr],
        /// Why there are none.
        error: Option<&'a str>,
    },
    /// A connection to this address or Unix domain socket is being opened.
    ConnectStarted {
        /// The address with its port, or the path.
        address: String,
    },
    /// An attempt to open a connection has ended.
    ConnectDone {
        /// The address with its port, or the path.
        address: String,
        /// Why there is no connection.
        error: Option<&'a str>,
    },
    /// A TLS handshake begins.
    TlsStarted,
    /// A TLS handshake has ended.
    TlsDone {
        /// The session.
        session: Option<&'a TlsSession>,
        /// Why there is none.
        error: Option<&'a str>,
    },
    /// The connection for the request is ready.
    ConnectionReady {
        /// How long it was idle after an earlier request; `None` if it is new.
        idle: Option<Duration>,
        /// The address of this side; `None` for a Unix domain socket.
        local: Option<SocketAddr>,
        /// The address of the server or of its proxy; `None` for a Unix domain socket.
        remote: Option<SocketAddr>,
    },
    /// The head of the request has been passed to the system.
    HeadSent,
    /// The body waits until the server asks for it.
    ContinueAwaited,
    /// The request has been passed to the system.
    RequestSent {
        /// Why a part is missing.
        error: Option<&'a str>,
    },
    /// The first byte of the response has arrived.
    FirstByte,
    /// An interim response has arrived (RFC 9110 section 15.2).
    Interim {
        /// Its status.
        status: u16,
        /// Its header fields.
        headers: &'a Headers,
    },
}

/// Receives the events of a call, on the thread that makes the call.
#[derive(Clone)]
pub struct Tracer(Arc<dyn Fn(&Event<'_>) + Send + Sync>);

impl Tracer {
    /// A tracer that passes each event to this function.
    pub fn new(receive: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    /// Passes an event on.
    pub fn record(&self, event: &Event<'_>) {
        (self.0)(event);
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tracer")
    }
}
