//! The content codings (RFC 9110 section 8.4.1): the supported ones, and those of a response.

use http::{HeaderValue, header};

use crate::headers::Headers;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};

/// The codings that requests accept, in the order of preference. `deflate` is not listed because
/// there are two formats under that name. It is decoded if a server uses it.
pub const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("gzip, br, zstd");

/// The codings that requests accept if the caller reads the body while it arrives. The decoder of zstd returns
/// content only when it is behind its window or the frame has ended, so records would be late.
pub const ACCEPT_ENCODING_WHILE_ARRIVING: HeaderValue = HeaderValue::from_static("gzip, br");

/// Each coding multiplies the cost of a few bytes, and no server needs more.
const MAX_CODINGS: usize = 2;
/// Content codings that are not decoded: those that IANA lists, and some others.
const UNSUPPORTED: [&str; 13] = [
    "aes128gcm",
    "bzip2",
    "compress",
    "dcb",
    "dcz",
    "exi",
    "lz4",
    "lzma",
    "pack200-gzip",
    "snappy",
    "x-bzip2",
    "x-compress",
    "xz",
];

/// A content coding that can be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950, or only RFC 1951, as some servers send it.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Coding {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "brotli",
            Self::Zstd => "zstd",
        }
    }
}

/// The codings of a response, in the order in which they were applied. Names that are not codings,
/// such as that of a charset, are ignored. Empty if one of them cannot be decoded: then the body
/// stays as it is.
///
/// # Errors
/// If there are more than two.
pub(in crate::transport) fn codings(headers: &Headers) -> TransportResult<Vec<Coding>> {
    let fields = headers.get_all(header::CONTENT_ENCODING).into_iter();
    let names = fields.flat_map(|field| field.to_str().unwrap_or_default().split(','));
    let mut codings = Vec::new();
    for name in names {
        let name = name.trim().to_ascii_lowercase();
        if UNSUPPORTED.contains(&name.as_str()) {
            return Ok(Vec::new());
        }
        codings.extend(Coding::parse(&name));
    }
    if codings.len() > MAX_CODINGS {
        let detail = format!(
            "its body has {} content codings, one on top of the other; at most {MAX_CODINGS} are decoded",
            codings.len()
        );
        return Err(TransportError::new(TransportErrorKind::Protocol, detail));
    }
    Ok(codings)
}
