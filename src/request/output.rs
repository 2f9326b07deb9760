//! Where the body of an answer goes, and who is told how far it has come.

use std::sync::Arc;

/// Where the body of an answer below 400 goes. The bytes of an error answer are always collected
/// in memory.
#[derive(Clone, Default)]
pub enum Output {
    /// Into the response.
    #[default]
    Memory,
    /// Into a file, which appears whole or not at all.
    File(Arc<str>),
    /// To a function, piece by piece.
    Callback(DataCallback),
}

/// Takes the next piece of a body; false cancels the call.
pub type DataCallback = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// Is told how far the bodies of request and answer have come; false cancels the call.
pub type ProgressCallback = Arc<dyn Fn(Progress) -> bool + Send + Sync>;

/// How far an exchange has come, in bytes of the bodies. What is not known beforehand is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes of the request's body that have been sent.
    pub sent: u64,
    /// Its length.
    pub to_send: u64,
    /// Bytes of the answer's body that have arrived, content coding undone.
    pub received: u64,
    /// Its length.
    pub to_receive: u64,
}

impl Output {
    /// Whether the body goes somewhere else than into the response.
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        !matches!(self, Self::Memory)
    }
}
