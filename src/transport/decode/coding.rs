//! The content codings (RFC 9110 section 8.4.1): which there are, and which an answer has.

use http::{HeaderValue, header};

use crate::headers::Headers;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};

/// What requests say that they take, in the order of preference. Not `deflate`, which is undone all
/// the same where a server comes with it: there are two formats under that name.
pub const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("gzip, br, zstd");

/// Each coding multiplies what a few bytes can cost, and no server has a use for more.
const MAX_CODINGS: usize = 2;
/// Content codings that are not undone here: those that IANA lists, and some that it does not.
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

/// A content coding that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950, or RFC 1951 alone, as some servers have it.
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

/// The codings of an answer in the order in which they were applied. Names that are no codings,
/// such as that of a charset, are passed over. None where one cannot be undone: then the body
/// stays as it is.
///
/// # Errors
/// Where there are more than two.
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
            "its body has {} content codings, one on top of the other; at most {MAX_CODINGS} are undone",
            codings.len()
        );
        return Err(TransportError::new(TransportErrorKind::Protocol, detail));
    }
    Ok(codings)
}
