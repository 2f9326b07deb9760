//! The errors of an exchange.

use std::error::Error;
use std::fmt;

use super::response::ResponseHead;
use crate::code::io_error_text;

/// The kinds of failure of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransportErrorKind {
    /// The lookup of the host name failed, or found no address.
    Resolve,
    /// No connection could be opened.
    Connect,
    /// The TLS handshake failed.
    Tls {
        /// The server's certificate is the cause.
        certificate: bool,
    },
    /// The proxy refused, or does not speak the protocol.
    Proxy,
    /// A deadline passed, or the peer was silent for too long.
    Timeout,
    /// The connection was lost, or the body was truncated.
    Closed,
    /// The received bytes are not valid HTTP.
    Protocol,
    /// The body is larger than allowed.
    TooLarge,
    /// A local file cannot be read or written.
    File,
    /// The caller cancelled the call.
    Cancelled,
    /// A callback of the caller did what it must not do.
    Argument,
    /// A bug in the library, or the process has run out of a resource.
    Internal,
}

/// The failure of an exchange, with the part of the response that had arrived.
#[derive(Clone)]
pub struct ExchangeError {
    /// The kind of failure.
    pub kind: TransportErrorKind,
    /// One line without a full stop; no URL, no secret.
    pub detail: String,
    /// The response head, if it had arrived.
    pub head: Option<ResponseHead>,
    /// The part of the body that had arrived, after content decoding.
    pub body: Vec<u8>,
}

/// Does not print the body, which may contain secrets.
impl fmt::Debug for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeError")
            .field("kind", &self.kind)
            .field("detail", &self.detail)
            .field("head", &self.head)
            .field("body_len", &self.body.len())
            .finish()
    }
}

/// A failure inside the transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportError {
    /// The kind of failure.
    pub kind: TransportErrorKind,
    /// One line without a full stop; no URL, no secret.
    pub detail: String,
}

pub(super) type TransportResult<T> = Result<T, TransportError>;

impl TransportError {
    pub(super) fn new(kind: TransportErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    pub(super) fn cancelled() -> Self {
        Self::new(TransportErrorKind::Cancelled, "cancelled by the caller")
    }

    /// The error of a system call on an open connection.
    pub(super) fn connection_lost(error: rustix::io::Errno) -> Self {
        Self::new(TransportErrorKind::Closed, errno_text(error))
    }

    pub(super) fn with_partial_response(
        self,
        head: Option<ResponseHead>,
        body: Vec<u8>,
    ) -> ExchangeError {
        ExchangeError { kind: self.kind, detail: self.detail, head, body }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for TransportError {}

impl From<TransportError> for ureq::Error {
    fn from(failure: TransportError) -> Self {
        Self::Other(Box::new(failure))
    }
}

/// Converts an error of ureq's transport trait. It wraps a [`TransportError`].
pub(super) fn from_ureq(error: ureq::Error) -> TransportError {
    let internal = |detail: String| TransportError::new(TransportErrorKind::Internal, detail);
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<TransportError>() {
            Ok(failure) => *failure,
            Err(other) => internal(other.to_string()),
        },
        other => internal(other.to_string()),
    }
}

/// The text of an `errno`.
pub(super) fn errno_text(error: rustix::io::Errno) -> String {
    use rustix::io::Errno;
    match error {
        Errno::CONNREFUSED => "connection refused".into(),
        Errno::CONNRESET => "the connection was reset by the peer".into(),
        Errno::PIPE => "the connection was closed by the peer".into(),
        Errno::NETUNREACH => "network unreachable".into(),
        Errno::HOSTUNREACH => "host unreachable".into(),
        Errno::TIMEDOUT => "the peer does not respond".into(),
        Errno::MFILE | Errno::NFILE => "too many open files".into(),
        other => io_error_text(&other.into()).to_ascii_lowercase(),
    }
}
