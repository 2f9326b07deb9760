//! The `br` content coding (RFC 7932).

use std::io::{self, Read};

use brotli_decompressor::Decompressor;

use super::layer::{CHUNK, Source};

/// Undoes `br`.
pub(super) struct Brotli<'a> {
    decoder: Decompressor<Source<'a>>,
    source: Source<'a>,
}

impl<'a> Brotli<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { decoder: Decompressor::new(source.clone(), CHUNK), source }
    }
}

impl Read for Brotli<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer)?;
        // Read again at its end, the decoder fails over what it has and does not want.
        if read == 0 && self.decoder.read(buffer).is_err() {
            self.source.note_surplus();
        }
        Ok(read)
    }
}
