//! The decoded body does not depend on the pieces in which the coded body arrives. Decoding
//! reverses encoding. Damage and an early end are distinguished in the same way every time.

use std::io::{self, Read};

use flate2::Compression;
use flate2::read::GzEncoder;
use sac::transport::decode::{Coding, Decoded};

/// Maximum number of decoded bytes to read, because some inputs decode to very many.
const MAX_DECODED: usize = 256 * 1024;

/// Input: a byte for the coding, a byte for the size of the pieces, then the body.
pub fn check(input: &[u8]) {
    let [coding, size, body @ ..] = input else { return };
    let codings: &[Coding] = match coding & 7 {
        0 => &[Coding::Gzip],
        1 => &[Coding::Deflate],
        2 | 3 => &[Coding::Brotli],
        4 | 5 => &[Coding::Zstd],
        6 => &[Coding::Zstd, Coding::Gzip],
        _ => &[Coding::Gzip, Coding::Brotli],
    };
    let whole = decode(body, codings, usize::MAX, 64 * 1024);
    let pieces = decode(body, codings, usize::from(*size % 64) + 1, usize::from(*size >> 2) + 1);
    // Before damage, decoders differ in how many good bytes they return. So with two codings,
    // either can fail first.
    let damaged = matches!(whole.1, End::Damaged(_));
    let may_differ = codings.len() > 1 && damaged && matches!(pieces.1, End::Damaged(_));
    assert!(may_differ || whole.1 == pieces.1, "{codings:?}: {:?} and {:?}", whole.1, pieces.1);
    let length = whole.0.len().min(pieces.0.len());
    assert!(
        damaged || whole.0.len() == pieces.0.len(),
        "{codings:?}: pieces decode to another length"
    );
    assert!(whole.0[..length] == pieces.0[..length], "{codings:?}: pieces decode to other bytes");
    let mut packed = Vec::new();
    GzEncoder::new(body, Compression::fast()).read_to_end(&mut packed).unwrap();
    let (unpacked, end) = decode(&packed, &[Coding::Gzip], usize::MAX, 64 * 1024);
    assert!(end == End::Whole && unpacked == body, "gzip does not decode to its input: {end:?}");
}

#[derive(Debug, PartialEq)]
enum End {
    Whole,
    /// More than [`MAX_DECODED`] bytes.
    More,
    /// With the error text.
    Damaged(String),
}

fn decode(
    body: &[u8],
    codings: &[Coding],
    piece_size: usize,
    buffer_size: usize,
) -> (Vec<u8>, End) {
    let reader = Pieces { rest: body.to_vec(), size: piece_size };
    let mut body = Decoded::new(reader, codings, None);
    let (mut out, mut buffer) = (Vec::new(), vec![0; buffer_size]);
    loop {
        match body.read(&mut buffer) {
            Ok(0) => return (out, End::Whole),
            Ok(read) => out.extend_from_slice(&buffer[..read]),
            Err(failure) => return (out, End::Damaged(failure.detail)),
        }
        if out.len() >= MAX_DECODED {
            out.truncate(MAX_DECODED);
            return (out, End::More);
        }
    }
}

/// A reader that returns a few bytes at a time.
struct Pieces {
    rest: Vec<u8>,
    size: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.rest.len().min(self.size).min(buffer.len());
        buffer[..read].copy_from_slice(&self.rest[..read]);
        self.rest.drain(..read);
        Ok(read)
    }
}
