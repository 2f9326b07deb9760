//! What can go wrong in an exchange.

use std::error::Error;
use std::fmt;

use super::Head;
use crate::code::words_of;

/// The kinds of failure of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The host name has no address, or could not be looked up.
    Resolve,
    /// No connection could be made.
    Connect,
    /// The TLS handshake failed.
    Tls {
        /// It failed over the server's certificate.
        certificate: bool,
    },
    /// The proxy refused, or does not speak the protocol.
    Proxy,
    /// A deadline passed, or the peer was silent for too long.
    Timeout,
    /// The connection was lost, or the body cut short.
    Closed,
    /// What arrived is not valid HTTP.
    Protocol,
    /// The body is larger than allowed.
    TooLarge,
    /// A local file cannot be read or written.
    File,
    /// The caller cancelled the call.
    Cancelled,
    /// A bug of the library, or a resource that the process has run out of.
    Internal,
}

/// How an exchange failed.
#[derive(Clone)]
pub struct Fault {
    /// What kind of failure.
    pub kind: FaultKind,
    /// One line without a full stop; no URL, no secret.
    pub detail: String,
    /// The response's head, where it had arrived.
    pub head: Option<Head>,
    /// What had arrived of the body, content decoding undone.
    pub body: Vec<u8>,
}

/// Without the body, which may hold secrets.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("kind", &self.kind)
            .field("detail", &self.detail)
            .field("head", &self.head)
            .field("body_len", &self.body.len())
            .finish()
    }
}

/// A failure on its way up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FaultKind,
    /// One line without a full stop; no URL, no secret.
    pub detail: String,
}

pub(super) type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub(super) fn new(kind: FaultKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    pub(super) fn cancelled() -> Self {
        Self::new(FaultKind::Cancelled, "cancelled by the caller")
    }

    /// A system call on an open connection failed.
    pub(super) fn lost(error: rustix::io::Errno) -> Self {
        Self::new(FaultKind::Closed, words(error))
    }

    pub(super) fn with(self, head: Option<Head>, body: Vec<u8>) -> Fault {
        Fault { kind: self.kind, detail: self.detail, head, body }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for Failure {}

impl From<Failure> for ureq::Error {
    fn from(failure: Failure) -> Self {
        Self::Other(Box::new(failure))
    }
}

/// What an error of a transport of ureq's kind means, which is a failure of ours in its clothes.
pub(super) fn explain(error: ureq::Error) -> Failure {
    let internal = |detail: String| Failure::new(FaultKind::Internal, detail);
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<Failure>() {
            Ok(failure) => *failure,
            Err(other) => internal(other.to_string()),
        },
        other => internal(other.to_string()),
    }
}

/// An `errno` in words.
pub(super) fn words(error: rustix::io::Errno) -> String {
    use rustix::io::Errno;
    match error {
        Errno::CONNREFUSED => "connection refused".into(),
        Errno::CONNRESET => "the connection was reset by the peer".into(),
        Errno::PIPE => "the connection was closed by the peer".into(),
        Errno::NETUNREACH => "network unreachable".into(),
        Errno::HOSTUNREACH => "host unreachable".into(),
        Errno::TIMEDOUT => "the peer does not answer".into(),
        Errno::MFILE | Errno::NFILE => "too many open files".into(),
        other => words_of(&other.into()).to_ascii_lowercase(),
    }
}
