//! The destination of a response body, and the progress of a transfer.

use std::sync::Arc;

/// The destination of the body of a response with a status below 400. The body of any other
/// response always stays in memory.
#[derive(Clone, Default)]
pub enum Output {
    /// The response.
    #[default]
    Memory,
    /// A file, which appears only when it is complete.
    File(Arc<str>),
    /// A function, which receives the body in pieces.
    Callback(DataCallback),
}

/// Receives the next piece of a body. `false` cancels the call.
pub type DataCallback = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// Receives the progress of a call. `false` cancels the call.
pub type ProgressCallback = Arc<dyn Fn(Progress) -> bool + Send + Sync>;

/// The progress of request and response body, in bytes. A length that is not known is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes of the request body sent so far.
    pub sent: u64,
    /// Length of the request body.
    pub to_send: u64,
    /// Decoded bytes of the response body received so far.
    pub received: u64,
    /// Length of the response body.
    pub to_receive: u64,
}

impl Output {
    /// Whether the destination is not the response.
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        !matches!(self, Self::Memory)
    }
}
