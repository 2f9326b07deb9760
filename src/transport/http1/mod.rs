//! The syntax of HTTP/1.1 (RFC 9112). Knows no sockets.

mod chunked;
mod error;
mod fields;
mod head;
mod malformed_lines;
mod request_head;
mod status_line;

pub(super) use chunked::ChunkedDecoder;
pub(super) use fields::Framing;
pub(super) use head::{FinalHead, HeadParser, ParseStatus};
pub use request_head::host_of;
pub(super) use request_head::{BodyFraming, HeadWriter};
