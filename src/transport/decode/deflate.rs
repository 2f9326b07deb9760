//! The `deflate` content coding, of which servers have two minds.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress, Status};

use super::layer::{CHUNK, LayerReader};

/// Undoes `deflate`: RFC 9110 section 8.4.1.2 means the zlib format (RFC 1950) by it, but there are
/// servers that leave its frame out (RFC 1951). A body that ends before its format does is an error
/// of the kind `UnexpectedEof`.
pub(super) struct Deflate<'a> {
    source: LayerReader<'a>,
    /// Made when the first byte tells which of the two it is.
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

    /// Undoes what is at hand, if that is anything; returns how much came of it.
    fn step(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let input = self.input.get(self.start..self.end).unwrap_or_default();
        let inflater = self.inflater.get_or_insert_with(|| Decompress::new(has_zlib_header(input)));
        let (taken, given) = (inflater.total_in(), inflater.total_out());
        let status = inflater.decompress(input, buffer, FlushDecompress::None)?;
        self.ended = status == Status::StreamEnd;
        self.start = self.start.saturating_add(since(taken, inflater.total_in()));
        Ok(since(given, inflater.total_out()))
    }
}

impl Read for Deflate<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.inflater.is_none() {
            self.fetch()?;
        }
        while !self.ended && !buffer.is_empty() {
            // There may be more to come of what has been taken.
            let given = self.step(buffer)?;
            if given > 0 {
                return Ok(given);
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

/// Whether it begins as the zlib format does. A bare stream that begins so would have to use bits
/// that its format leaves unused.
fn has_zlib_header(input: &[u8]) -> bool {
    input.first().is_some_and(|first| first & 0x0f == 8)
}

fn since(before: u64, now: u64) -> usize {
    usize::try_from(now.saturating_sub(before)).unwrap_or(usize::MAX)
}
