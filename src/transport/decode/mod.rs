//! Undoing content codings while a body arrives (RFC 9110 section 8.4): gzip, deflate,
//! brotli, zstd.
//!
//! Each coding is a `layer` on top of a source. The layers bound what a decoder may do: its time,
//! its output, and what is behind its end.

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
pub use coding::{ACCEPT_ENCODING, Coding};

/// A body with its codings undone.
pub struct Decoded<'a> {
    top: LayerReader<'a>,
}

impl<'a> Decoded<'a> {
    /// Undoes these codings. A body without a byte is empty, whatever coding it announces: servers
    /// do that. `most` is how many bytes the caller takes, where a limit was set.
    // Not within its callers: the decoders come by way of the stack, and a body without a coding, which
    // most are, would touch a dozen pages of it for the first time, and for nothing.
    #[inline(never)]
    pub fn new(body: impl Read + 'a, codings: &[Coding], most: Option<u64>) -> Self {
        let mut top = LayerReader::new(body, most);
        for (before, coding) in codings.iter().enumerate().rev() {
            let decoder = decoder(*coding, top.clone());
            top = top.decoded_by(*coding, decoder, before > 0);
        }
        Self { top }
    }

    /// Reads the next bytes; 0 is the end, and then the connection has nothing left of the body.
    ///
    /// # Errors
    /// The reader's own, damage, too much output, and what ends the call meanwhile.
    pub fn read(&mut self, buffer: &mut [u8]) -> TransportResult<usize> {
        let read = self.top.read(buffer).map_err(|error| self.top.failure(&error))?;
        if read == 0 && self.top.has_surplus() {
            context::update_current(|context| context.record.had_trailing_bytes = true);
        }
        Ok(read)
    }
}

/// What undoes a coding of this source.
fn decoder<'a>(coding: Coding, source: LayerReader<'a>) -> Box<dyn Read + 'a> {
    match coding {
        Coding::Gzip => Box::new(gzip::Gzip::new(source)),
        Coding::Deflate => Box::new(deflate::Deflate::new(source)),
        Coding::Brotli => Box::new(brotli::Brotli::new(source)),
        Coding::Zstd => Box::new(zstd::Zstd::new(source)),
    }
}
