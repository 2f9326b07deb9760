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
    /// The caller, who reads the body after the call has returned its head. `raw`: the body of any
    /// status, as the server has sent it.
    Stream {
        /// With the content coding, and also with a status of 300 and above.
        raw: bool,
    },
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

    /// Whether the caller reads the body of any status, as the server has sent it.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        matches!(self, Self::Stream { raw: true })
    }

    /// Whether the caller gets the body while it arrives.
    #[must_use]
    pub fn arrives_in_pieces(&self) -> bool {
        matches!(self, Self::Callback(_) | Self::Stream { .. })
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
        let media_type = essence(content_type);
        if media_type == b"text/event-stream" {
            return Self::Events;
        }
        let subtype = media_type
            .strip_prefix(b"application/")
            .or_else(|| media_type.strip_prefix(b"text/"))
            .unwrap_or_default();
        match subtype.strip_prefix(b"x-").unwrap_or(subtype) {
            b"ndjson" | b"ldjson" | b"jsonl" | b"jsonlines" | b"json-lines" | b"json-stream"
            | b"stream+json" | b"json-seq" => Self::Lines,
            other if LINES_SUFFIXES.iter().any(|suffix| other.ends_with(suffix)) => Self::Lines,
            _ => Self::Array,
        }
    }

    /// Whether a response of this media type may be read as records of this kind. Events need their own type, as
    /// the HTML standard says (section 9.2.2). Small servers do not set it, or send plain text.
    #[must_use]
    pub fn accepts(self, content_type: &[u8]) -> bool {
        self != Self::Events
            || matches!(
                essence(content_type).as_slice(),
                b"" | b"text/plain" | b"text/event-stream"
            )
    }
}

/// The structured syntax suffixes of JSON texts one after another; the first one is that of RFC 8091.
const LINES_SUFFIXES: [&[u8]; 3] = [b"+json-seq", b"+ndjson", b"+jsonl"];

/// A media type in lower case, without its parameters.
fn essence(content_type: &[u8]) -> Vec<u8> {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().to_ascii_lowercase()
}
