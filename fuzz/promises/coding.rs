//! What a coded body holds does not depend on the pieces in which it arrives, what has been coded
//! is undone, and damage is told from an early end in the same way every time.

use std::io::{self, Read};

use flate2::Compression;
use flate2::read::GzEncoder;
use sac::transport::decode::{Coding, Decoded};

/// What is looked at of what comes out: some inputs hold very much.
const MOST: usize = 256 * 1024;

/// A byte for the coding, a byte for the size of the pieces, then the body.
pub fn kept(input: &[u8]) {
    let [coding, size, body @ ..] = input else { return };
    let codings: &[Coding] = match coding & 7 {
        0 => &[Coding::Gzip],
        1 => &[Coding::Deflate],
        2 | 3 => &[Coding::Brotli],
        4 | 5 => &[Coding::Zstd],
        6 => &[Coding::Zstd, Coding::Gzip],
        _ => &[Coding::Gzip, Coding::Brotli],
    };
    let whole = undone(body, codings, usize::MAX, 64 * 1024);
    let pieces = undone(body, codings, usize::from(*size % 64) + 1, usize::from(*size >> 2) + 1);
    // Where a body is damaged, decoders differ in how much of what is sound before it they hand out,
    // so that of two codings now one and now the other fails first.
    let damaged = matches!(whole.1, End::Damaged(_));
    let either = codings.len() > 1 && damaged && matches!(pieces.1, End::Damaged(_));
    assert!(either || whole.1 == pieces.1, "{codings:?}: {:?} and {:?}", whole.1, pieces.1);
    let length = whole.0.len().min(pieces.0.len());
    assert!(damaged || whole.0.len() == pieces.0.len(), "{codings:?}: pieces hold less or more");
    assert!(whole.0[..length] == pieces.0[..length], "{codings:?}: other bytes come out of pieces");
    let mut packed = Vec::new();
    GzEncoder::new(body, Compression::fast()).read_to_end(&mut packed).unwrap();
    let (unpacked, end) = undone(&packed, &[Coding::Gzip], usize::MAX, 64 * 1024);
    assert!(end == End::Whole && unpacked == body, "gzip does not come back: {end:?}");
}

#[derive(Debug, PartialEq)]
enum End {
    Whole,
    /// There is more than is looked at.
    More,
    /// In these words.
    Damaged(String),
}

fn undone(body: &[u8], codings: &[Coding], arriving: usize, asked: usize) -> (Vec<u8>, End) {
    let reader = Pieces { rest: body.to_vec(), size: arriving };
    let mut body = Decoded::new(reader, codings, None);
    let (mut out, mut buffer) = (Vec::new(), vec![0; asked]);
    loop {
        match body.read(&mut buffer) {
            Ok(0) => return (out, End::Whole),
            Ok(read) => out.extend_from_slice(&buffer[..read]),
            Err(failure) => return (out, End::Damaged(failure.detail)),
        }
        if out.len() >= MOST {
            out.truncate(MOST);
            return (out, End::More);
        }
    }
}

/// Bytes that arrive a few at a time.
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
