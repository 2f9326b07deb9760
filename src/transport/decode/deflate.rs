//! The `deflate` content coding, which has two formats in practice.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress, Status};

use super::layer::{CHUNK, LayerReader};

/// Decodes `deflate`. RFC 9110 section 8.4.1.2 means the zlib format (RFC 1950), but some servers
/// omit its frame (RFC 1951). A body that ends too early is an error of the kind `UnexpectedEof`.
pub(super) struct Deflate<'a> {
    source: LayerReader<'a>,
    /// Created when the first byte shows which of the two formats it is.
    inflater: Option<Decompress>,
    input: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
}

impl<'a> Deflate<'a> {
    pub(super) fn new(source: LayerReader<'a>) -> Self {
        let input = vec![0; CHUNK];
        Self { source, inflater: None, input, start: 0, end: 0, ended: false }
    }

    fn fetch(&mut self) -> io::Result<()> {
        let read = self.source.read(&mut self.input)?;
        (self.start, self.end) = (0, read);
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Decodes the available input, if there is any; returns the length of the output.
    fn step(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let input = self.input.get(self.start..self.end).unwrap_or_default();
        let inflater = self.inflater.get_or_insert_with(|| Decompress::new(has_zlib_header(input)));
        let (consumed, produced) = (inflater.total_in(), inflater.total_out());
        let status = inflater.decompress(input, buffer, FlushDecompress::None)?;
        self.ended = status == Status::StreamEnd;
        self.start = self.start.saturating_add(since(consumed, inflater.total_in()));
        Ok(since(produced, inflater.total_out()))
    }
}

impl Read for Deflate<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.inflater.is_none() {
            self.fetch()?;
        }
        while !self.ended && !buffer.is_empty() {
            // The input that was used may give more output.
            let produced = self.step(buffer)?;
            if produced > 0 {
                return Ok(produced);
            }
            if !self.ended && self.start >= self.end {
                self.fetch()?;
            }
        }
        if self.ended && self.start < self.end {
            self.source.mark_trailing_bytes();
        }
        Ok(0)
    }
}

/// Whether it begins like the zlib format. A raw stream that begins like this would use bits that
/// its format reserves.
fn has_zlib_header(input: &[u8]) -> bool {
    input.first().is_some_and(|first| first & 0x0f == 8)
}

fn since(before: u64, now: u64) -> usize {
    usize::try_from(now.saturating_sub(before)).unwrap_or(usize::MAX)
}
