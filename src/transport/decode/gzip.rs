//! The `gzip` content coding: members one behind the other (RFC 1952 section 2.2).

use std::io::{self, BufRead, BufReader, Read};
use std::mem;

use flate2::bufread::GzDecoder;

use super::layer::{CHUNK, Source, read_start};

/// How each member begins (RFC 1952 section 2.3.1).
const BEGINNING: &[u8] = &[0x1f, 0x8b];

/// What is left of the body, behind the beginning that has been looked at.
type Rest<'a> = io::Chain<&'static [u8], Box<dyn BufRead + 'a>>;

/// Undoes `gzip`. A body that ends within a member is an error of the kind `UnexpectedEof`; one that
/// does not begin with a member is an error of another kind. What follows a member and is no other
/// one is ignored, as by most programs: some servers append line ends, zeros or a comment.
///
/// The decoder looks at a beginning only once it has a whole header, and does not tell the two
/// apart where there are fewer bytes than that. So the beginning is looked at here.
pub(super) struct Gzip<'a> {
    member: GzDecoder<Rest<'a>>,
    /// The body, while no member has it.
    source: Box<dyn BufRead + 'a>,
    within: bool,
    /// A member has been read to its end.
    any: bool,
    layer: Source<'a>,
}

impl<'a> Gzip<'a> {
    pub(super) fn new(layer: Source<'a>) -> Self {
        let source = Box::new(BufReader::with_capacity(CHUNK, layer.clone()));
        Self { member: GzDecoder::new(nothing()), source, within: false, any: false, layer }
    }

    /// Goes to the next member; false at the end of the body.
    fn next_member(&mut self) -> io::Result<bool> {
        let mut first = [0; BEGINNING.len()];
        let first = read_start(&mut self.source, &mut first)?;
        if !BEGINNING.starts_with(first) {
            if !self.any {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.layer.note_surplus();
            return Ok(false);
        }
        let seen = BEGINNING.get(..first.len()).unwrap_or_default();
        let source = mem::replace(&mut self.source, Box::new(io::empty()));
        self.member.reset(seen.chain(source));
        self.within = !seen.is_empty();
        Ok(self.within)
    }

    fn end_member(&mut self) {
        (_, self.source) = self.member.reset(nothing()).into_inner();
        (self.within, self.any) = (false, true);
    }
}

impl Read for Gzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.within || self.next_member()? {
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
