//! The `zstd` content coding (RFC 8878): one frame after the other.

use std::io::{self, BufReader, Read};

use ruzstd::decoding::errors::{FrameDecoderError, FrameHeaderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::memory;
use crate::transport::error::{TransportError, TransportErrorKind};

use super::coding::Coding;
use super::layer::{LayerReader, no_memory, read_start};

/// RFC 9659: a decoder on the web need not have more memory than this for zstd, and no encoder may
/// need more.
const MAX_WINDOW: u64 = 8 * 1024 * 1024;
/// The maximum size of a block (RFC 8878 section 3.1.1.2).
const BLOCK: u64 = 128 * 1024;
/// The memory of the decoder besides the window: two blocks after it, the literals and the content
/// of a block, its sequences (a block can declare 98,047), and tables.
const BESIDES: u64 = 3 * 1024 * 1024;
/// The first bytes of a frame, and of one that is skipped, without its first four bits (RFC 8878
/// section 3.1).
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const SKIPPABLE_MAGIC: [u8; 4] = [0x50, 0x2a, 0x4d, 0x18];

/// Decodes `zstd`. Bytes after a frame that do not begin another one are ignored, as with gzip.
pub(super) struct Zstd<'a> {
    reader: BufReader<LayerReader<'a>>,
    frame: FrameDecoder,
    in_frame: bool,
    /// The last frame is complete.
    seen_frame: bool,
    /// There is memory for the window up to this number of bytes of the frame.
    room: u64,
}

impl<'a> Zstd<'a> {
    pub(super) fn new(source: LayerReader<'a>) -> Self {
        let (reader, frame) = (BufReader::new(source), FrameDecoder::new());
        Self { reader, frame, in_frame: false, seen_frame: false, room: 0 }
    }

    /// Goes to the next frame; `false` at the end of the body.
    fn next_frame(&mut self) -> io::Result<bool> {
        loop {
            let mut first = [0; MAGIC.len()];
            let first = read_start(&mut self.reader, &mut first)?;
            if first.is_empty() {
                return Ok(false);
            }
            if self.seen_frame && !begins_a_frame(first) {
                self.reader.get_ref().mark_trailing_bytes();
                return Ok(false);
            }
            // A reused decoder would allocate the whole window at once.
            self.frame = FrameDecoder::new();
            self.frame.set_max_window_size(MAX_WINDOW);
            self.room = 0;
            match self.frame.init(first.chain(&mut self.reader)) {
                Ok(()) => {
                    self.in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    self.skip(length.into())?;
                    self.seen_frame = true;
                }
                Err(
                    FrameDecoderError::WindowSizeTooBig { requested: window, .. }
                    | FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig {
                        got: window,
                    }),
                ) => return Err(self.too_large_a_window(window)),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        let skipped = io::copy(&mut (&mut self.reader).take(length), &mut io::sink())?;
        if skipped < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    fn too_large_a_window(&self, window: u64) -> io::Error {
        let detail = format!(
            "the zstd body needs a window of {window} bytes; RFC 9659 allows servers {MAX_WINDOW} bytes"
        );
        self.reader.get_ref().fail(TransportError::new(TransportErrorKind::Protocol, detail))
    }

    /// Decodes until there is output, or the frame ends.
    fn advance(&mut self) -> io::Result<()> {
        while self.frame.can_collect() == 0 && !self.frame.is_finished() {
            self.make_sure_of_memory()?;
            self.frame
                .decode_blocks(&mut self.reader, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// The window grows with the blocks of the frame, from one power of two to the next.
    fn make_sure_of_memory(&mut self) -> io::Result<()> {
        let decoded = (self.frame.blocks_decoded() as u64).saturating_mul(BLOCK);
        if decoded < self.room || self.room >= MAX_WINDOW {
            return Ok(());
        }
        self.room = self.room.saturating_mul(2).max(BLOCK);
        let bytes = usize::try_from(self.room.saturating_add(BESIDES)).unwrap_or(usize::MAX);
        if memory::is_left(bytes) {
            return Ok(());
        }
        Err(self.reader.get_ref().fail(no_memory(Coding::Zstd)))
    }

    fn checksum_matches(&self) -> bool {
        match (self.frame.get_checksum_from_data(), self.frame.get_calculated_checksum()) {
            (Some(given), Some(calculated)) => given == calculated,
            _ => true,
        }
    }
}

impl Read for Zstd<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.in_frame || self.next_frame()? {
            self.advance()?;
            let read = self.frame.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if !self.checksum_matches() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            (self.in_frame, self.seen_frame) = (false, true);
        }
        Ok(0)
    }
}

/// Whether these bytes can begin a frame.
fn begins_a_frame(first: &[u8]) -> bool {
    let skipped = first.iter().zip(SKIPPABLE_MAGIC).enumerate();
    MAGIC.starts_with(first)
        || skipped
            .map(|(at, (byte, wanted))| (at, byte ^ wanted))
            .all(|(at, differs)| differs == 0 || at == 0 && differs < 0x10)
}

#[cfg(test)]
mod tests {
    use super::begins_a_frame;

    #[test]
    fn a_frame_is_recognised_by_the_bytes_that_are_there() {
        for beginning in
            [[0x28, 0xb5, 0x2f, 0xfd], [0x50, 0x2a, 0x4d, 0x18], [0x5f, 0x2a, 0x4d, 0x18]]
        {
            for length in 1..=4 {
                assert!(begins_a_frame(&beginning[..length]), "{length} of {beginning:?}");
                let mut other = beginning;
                other[length - 1] ^= 0x80;
                assert!(!begins_a_frame(&other[..length]), "{:?}", &other[..length]);
            }
        }
    }
}
