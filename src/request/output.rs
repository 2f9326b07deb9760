//! The callbacks for the bodies of a call, and the destination of a response body.

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
    /// The caller, who reads the body after the call has returned its head.
    Stream,
}

/// Receives the next piece of a body. `false` cancels the call.
pub type DataCallback = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// Receives the progress of a call. `false` cancels the call.
pub type ProgressCallback = Arc<dyn Fn(Progress) -> bool + Send + Sync>;

/// Writes the next bytes of a request body into the buffer. Returns how many; 0 is the end, `None` gives
/// up.
pub type BodyCallback = Arc<dyn Fn(&mut [u8]) -> Option<usize> + Send + Sync>;

/// Makes a body callback begin again. `false` if that is not possible.
pub type RewindCallback = Arc<dyn Fn() -> bool + Send + Sync>;

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

    /// Whether the caller gets the body while it arrives.
    #[must_use]
    pub fn arrives_in_pieces(&self) -> bool {
        matches!(self, Self::Callback(_) | Self::Stream)
    }
}

/// How a body is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// Server-sent events, as the HTML standard of the WHATWG describes them.
    Events,
    /// JSON texts one after another: JSON lines, or a JSON text sequence (RFC 7464).
    Lines,
    /// The elements of the outermost array.
    Array,
}

impl RecordKind {
    /// The kind for a media type. Every other type is an array or JSON texts, as its first byte says.
    #[must_use]
    pub fn of_media_type(content_type: &[u8]) -> Self {
        let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
        let essence = essence.trim_ascii().to_ascii_lowercase();
        match essence.as_slice() {
            b"text/event-stream" => Self::Events,
            b"application/x-ndjson"
            | b"application/ndjson"
            | b"application/jsonl"
            | b"application/x-jsonlines"
            | b"application/jsonlines"
            | b"application/json-seq" => Self::Lines,
            type_ if type_.ends_with(b"+json-seq") => Self::Lines,
            _ => Self::Array,
        }
    }
}
