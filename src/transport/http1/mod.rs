//! The syntax of HTTP/1.1 responses (RFC 9112). Knows no sockets.

mod chunked;
mod head;

pub(super) use chunked::ChunkedDecoder;
pub(super) use head::{FinalHead, Framing, HeadParser, ParseStatus};
