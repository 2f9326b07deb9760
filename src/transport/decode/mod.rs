//! Undoing content codings while a body arrives (RFC 9110 section 8.4): gzip, deflate,
//! brotli, zstd.
//!
//! Each coding is a `layer` on top of a source. The layers bound what a decoder may do: its time,
//! its output, and what is behind its end.

mod brotli;
mod gzip;
mod inflate;
mod layer;
#[cfg(test)]
mod tests;
mod zstd;

use std::io::Read;

use http::{HeaderValue, header};

use crate::headers::Headers;

use super::call;
use super::fault::{Failure, FaultKind, Outcome};
use layer::Source;

/// What requests say that they take, in the order of preference. Not `deflate`, which is undone all
/// the same where a server comes with it: there are two formats under that name.
pub const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("gzip, br, zstd");

/// What a decoder reads from below in one go.
const CHUNK: usize = 16 * 1024;
/// Each coding multiplies what a few bytes can cost, and no server has a use for more.
const MOST: usize = 2;
/// Content codings that are not undone here: those that IANA lists, and some that it does not.
const FOREIGN: [&str; 13] = [
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

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "brotli",
            Self::Zstd => "zstd",
        }
    }

    fn decoder<'a>(self, source: Source<'a>) -> Box<dyn Read + 'a> {
        match self {
            Self::Gzip => Box::new(gzip::Gzip::new(source)),
            Self::Deflate => Box::new(inflate::Inflate::new(source)),
            Self::Brotli => Box::new(brotli::Brotli::new(source)),
            Self::Zstd => Box::new(zstd::Zstd::new(source)),
        }
    }
}

/// The codings of an answer in the order in which they were applied. Names that are no codings,
/// such as that of a charset, are passed over. None where one cannot be undone: then the body
/// stays as it is.
///
/// # Errors
/// Where there are more than two.
pub(super) fn codings(headers: &Headers) -> Outcome<Vec<Coding>> {
    let fields = headers.get_all(header::CONTENT_ENCODING).into_iter();
    let names = fields.flat_map(|field| field.to_str().unwrap_or_default().split(','));
    let mut codings = Vec::new();
    for name in names {
        let name = name.trim().to_ascii_lowercase();
        if FOREIGN.contains(&name.as_str()) {
            return Ok(Vec::new());
        }
        codings.extend(Coding::parse(&name));
    }
    if codings.len() > MOST {
        let detail = format!(
            "its body has {} content codings, one on top of the other; at most {MOST} are undone",
            codings.len()
        );
        return Err(Failure::new(FaultKind::Protocol, detail));
    }
    Ok(codings)
}

/// A body with its codings undone.
pub struct Decoded<'a> {
    top: Source<'a>,
}

impl<'a> Decoded<'a> {
    /// Undoes these codings. A body without a byte is empty, whatever coding it announces: servers
    /// do that. `most` is how many bytes the caller takes, where a limit was set.
    // Not within its callers: the decoders come by way of the stack, and a body without a coding, which
    // most are, would touch a dozen pages of it for the first time, and for nothing.
    #[inline(never)]
    pub fn new(body: impl Read + 'a, codings: &[Coding], most: Option<u64>) -> Self {
        let mut top = Source::new(body, most);
        for (before, coding) in codings.iter().enumerate().rev() {
            top = top.undo(*coding, before > 0);
        }
        Self { top }
    }

    /// Reads the next bytes; 0 is the end, and then the connection has nothing left of the body.
    ///
    /// # Errors
    /// The reader's own, damage, too much output, and what ends the call meanwhile.
    pub fn read(&mut self, buffer: &mut [u8]) -> Outcome<usize> {
        let read = self.top.read(buffer).map_err(|error| self.top.failure(&error))?;
        if read == 0 && self.top.has_surplus() {
            call::note(|call| call.record.surplus = true);
        }
        Ok(read)
    }
}
