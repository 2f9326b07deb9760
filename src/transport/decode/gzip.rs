//! The `gzip` content coding: one member after the other (RFC 1952 section 2.2).

use std::io::{self, BufRead, BufReader, Read};
use std::mem;

use flate2::bufread::GzDecoder;

use super::layer::{CHUNK, LayerReader, read_start};

/// The first bytes of each member (RFC 1952 section 2.3.1).
const MAGIC: &[u8] = &[0x1f, 0x8b];

/// The rest of the body, after the first bytes that have been checked.
type Rest<'a> = io::Chain<&'static [u8], Box<dyn BufRead + 'a>>;

/// Decodes `gzip`. A body that ends inside a member is an error of the kind `UnexpectedEof`; one
/// that does not begin with a member is an error of another kind. Bytes after a member that do not
/// begin another one are ignored, as most programs do: some servers append line ends, zeros or a
/// comment.
///
/// The decoder checks the first bytes only after it has a complete header. With fewer bytes, it
/// cannot distinguish the two errors. So this code checks them first.
pub(super) struct Gzip<'a> {
    member: GzDecoder<Rest<'a>>,
    /// The body, if no member is being read.
    source: Box<dyn BufRead + 'a>,
    in_member: bool,
    /// The last member is complete.
    seen_member: bool,
    layer: LayerReader<'a>,
}

impl<'a> Gzip<'a> {
    pub(super) fn new(layer: LayerReader<'a>) -> Self {
        let source = Box::new(BufReader::with_capacity(CHUNK, layer.clone()));
        Self {
            member: GzDecoder::new(nothing()),
            source,
            in_member: false,
            seen_member: false,
            layer,
        }
    }

    /// Goes to the next member; `false` at the end of the body.
    fn next_member(&mut self) -> io::Result<bool> {
        let mut first = [0; MAGIC.len()];
        let first = read_start(&mut self.source, &mut first)?;
        if !MAGIC.starts_with(first) {
            if !self.seen_member {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.layer.mark_trailing_bytes();
            return Ok(false);
        }
        let seen = MAGIC.get(..first.len()).unwrap_or_default();
        let source = mem::replace(&mut self.source, Box::new(io::empty()));
        self.member.reset(seen.chain(source));
        self.in_member = !seen.is_empty();
        Ok(self.in_member)
    }

    fn end_member(&mut self) {
        (_, self.source) = self.member.reset(nothing()).into_inner();
        (self.in_member, self.seen_member) = (false, true);
    }
}

impl Read for Gzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.in_member || self.next_member()? {
            let read = self.member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.end_member();
        }
        Ok(0)
    }
}

fn nothing<'a>() -> Rest<'a> {
    let none: Box<dyn BufRead> = Box::new(io::empty());
    Read::chain(&[][..], none)
}
