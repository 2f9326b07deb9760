//! Decodes content codings while a body arrives (RFC 9110 section 8.4): gzip, deflate, brotli,
//! zstd.
//!
//! Each coding is a `layer` on top of its input. The layers limit the time of a decoder, its
//! output, and the bytes after its end.

mod brotli;
mod coding;
mod deflate;
mod gzip;
mod layer;
#[cfg(test)]
mod tests;
mod zstd;

use std::io::Read;

use super::context;
use super::error::TransportResult;
use layer::LayerReader;

pub(super) use coding::codings;
pub use coding::{ACCEPT_ENCODING, ACCEPT_ENCODING_WHILE_ARRIVING, Coding};

/// A decoded body.
pub struct Decoded<'a> {
    top: LayerReader<'a>,
}

impl<'a> Decoded<'a> {
    /// Decodes these codings. A body without a byte is empty, with any coding, because some
    /// servers send that. `limit` is the maximum number of bytes that the caller accepts, if set.
    // Not inlined: the decoders need much stack. A body without a coding, which most are, would touch
    // a dozen pages of it for nothing.
    #[inline(never)]
    pub fn new(body: impl Read + 'a, codings: &[Coding], limit: Option<u64>) -> Self {
        let mut top = LayerReader::new(body, limit);
        for (before, coding) in codings.iter().enumerate().rev() {
            let decoder = decoder(*coding, top.clone());
            top = top.decoded_by(*coding, decoder, before > 0);
        }
        Self { top }
    }

    /// Reads the next bytes; 0 is the end, after which the connection has no more bytes of the
    /// body.
    ///
    /// # Errors
    /// The input's errors, a corrupt coding, too much output, and errors that end the exchange.
    pub fn read(&mut self, buffer: &mut [u8]) -> TransportResult<usize> {
        let read = self.top.read(buffer).map_err(|error| self.top.failure(&error))?;
        if read == 0 && self.top.has_trailing_bytes() {
            context::update_current(|context| context.record.had_trailing_bytes = true);
        }
        Ok(read)
    }
}

/// The decoder of a coding.
fn decoder<'a>(coding: Coding, source: LayerReader<'a>) -> Box<dyn Read + 'a> {
    match coding {
        Coding::Gzip => Box::new(gzip::Gzip::new(source)),
        Coding::Deflate => Box::new(deflate::Deflate::new(source)),
        Coding::Brotli => Box::new(brotli::Brotli::new(source)),
        Coding::Zstd => Box::new(zstd::Zstd::new(source)),
    }
}
