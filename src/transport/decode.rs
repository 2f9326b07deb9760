//! Undoing content codings while a body arrives (RFC 9110 section 8.4): gzip, deflate,
//! brotli, zstd.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use brotli_decompressor::Decompressor;
use http::{HeaderValue, header};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::headers::Headers;

use super::gzip::Gzip;
use super::inflate::Inflate;

/// What requests say that they take, in the order of preference. Not `deflate`, which is undone all
/// the same where a server comes with it: there are two formats under that name.
pub const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("gzip, br, zstd");

/// RFC 9659: a decoder on the web need not have more memory than this for zstd, and no encoder may
/// ask for more.
const ZSTD_WINDOW: u64 = 8 * 1024 * 1024;
/// What is read from the network in one go.
const CHUNK: usize = 16 * 1024;
/// Codings beyond this many are nobody's who means well.
const MOST: usize = 4;

/// A content coding that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950, or RFC 1951 alone, as some servers have it.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Coding {
    fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "brotli",
            Self::Zstd => "zstd",
        }
    }
}

/// The codings of an answer in the order in which they were applied. None where there is none, or
/// one that cannot be undone: then the body stays as it is.
pub(super) fn codings(headers: &Headers) -> Vec<Coding> {
    let names = || {
        let fields = headers.get_all(header::CONTENT_ENCODING).into_iter();
        fields.flat_map(|field| field.to_str().unwrap_or("?").split(',')).map(str::trim)
    };
    let named = names().filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
    let codings: Option<Vec<_>> = named.map(Coding::parse).collect();
    codings.filter(|codings| codings.len() <= MOST).unwrap_or_default()
}

/// A body with its codings undone.
pub struct Decoded<'a, R> {
    decoder: Box<dyn Read + 'a>,
    raw: Raw<R>,
    outermost: Coding,
}

/// How a body failed that has a coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// There should be more of it; the name of the coding.
    EndsEarly(&'static str),
    /// It is no such coding; its name.
    Corrupt(&'static str),
}

impl<'a, R: Read + 'a> Decoded<'a, R> {
    /// Undoes these codings, of which there is at least one. A body without a byte is empty,
    /// whatever coding it announces: servers do that.
    ///
    /// # Errors
    /// The reader's own.
    // Not within its callers: the decoders come by way of the stack, and a body without a coding, which
    // most are, would touch a dozen pages of it for the first time, and for nothing.
    #[inline(never)]
    pub fn new(reader: R, codings: &[Coding]) -> io::Result<Self> {
        let mut raw = Raw::new(reader);
        let outermost = codings.last().copied().unwrap_or(Coding::Gzip);
        let mut first = vec![0; CHUNK];
        let read = raw.read(&mut first)?;
        first.truncate(read);
        if read == 0 {
            return Ok(Self { decoder: Box::new(io::empty()), raw, outermost });
        }
        let mut decoder: Box<dyn Read + 'a> = Box::new(Cursor::new(first).chain(raw.clone()));
        for coding in codings.iter().rev() {
            decoder = match coding {
                Coding::Gzip => Box::new(Gzip::new(decoder)),
                Coding::Deflate => Box::new(Inflate::new(decoder)),
                Coding::Brotli => Box::new(Decompressor::new(decoder, CHUNK)),
                Coding::Zstd => Box::new(Zstd::new(decoder)),
            };
        }
        Ok(Self { decoder, raw, outermost })
    }

    /// Reads the next bytes; 0 is the end, and then the connection has nothing left of the body.
    ///
    /// # Errors
    /// The reader's own, and for damage those that [`damage`](Self::damage) tells apart.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            let mut rest = [0; 1024];
            while self.raw.read(&mut rest)? > 0 {}
        }
        Ok(read)
    }

    /// What an error means that is not the network's own.
    #[must_use]
    pub fn damage(&self, error: &io::Error) -> Damage {
        let name = self.outermost.name();
        // Those of gzip and deflate tell by themselves; the others fail over what is missing.
        let tells = matches!(self.outermost, Coding::Gzip | Coding::Deflate);
        let early = error.kind() == io::ErrorKind::UnexpectedEof || !tells && self.raw.ended.get();
        if early { Damage::EndsEarly(name) } else { Damage::Corrupt(name) }
    }
}

/// The bytes as they arrive. Shared, so that what a decoder leaves can be read to the end.
struct Raw<R> {
    reader: Rc<RefCell<R>>,
    ended: Rc<Cell<bool>>,
}

impl<R> Raw<R> {
    fn new(reader: R) -> Self {
        Self { reader: Rc::new(RefCell::new(reader)), ended: Rc::default() }
    }
}

impl<R> Clone for Raw<R> {
    fn clone(&self) -> Self {
        Self { reader: Rc::clone(&self.reader), ended: Rc::clone(&self.ended) }
    }
}

impl<R: Read> Read for Raw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.borrow_mut().read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            self.ended.set(true);
        }
        Ok(read)
    }
}

/// Zstandard frames one behind the other (RFC 8878 section 3).
struct Zstd<'a> {
    reader: BufReader<Box<dyn Read + 'a>>,
    frame: FrameDecoder,
    within: bool,
}

impl<'a> Zstd<'a> {
    fn new(reader: Box<dyn Read + 'a>) -> Self {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(ZSTD_WINDOW);
        Self { reader: BufReader::new(reader), frame, within: false }
    }

    /// Goes to the next frame; false at the end of the body.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.reader.fill_buf()?.is_empty() {
            match self.frame.init(&mut self.reader) {
                Ok(()) => {
                    self.within = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => self.skip(length.into())?,
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        let skipped = io::copy(&mut (&mut self.reader).take(length), &mut io::sink())?;
        if skipped < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Decodes until there is something to hand out, or the frame is over.
    fn advance(&mut self) -> io::Result<()> {
        while self.frame.can_collect() == 0 && !self.frame.is_finished() {
            self.frame
                .decode_blocks(&mut self.reader, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn sum_fits(&self) -> bool {
        match (self.frame.get_checksum_from_data(), self.frame.get_calculated_checksum()) {
            (Some(given), Some(calculated)) => given == calculated,
            _ => true,
        }
    }
}

impl Read for Zstd<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.within || self.next_frame()? {
            self.advance()?;
            let read = self.frame.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if !self.sum_fits() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.within = false;
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        let level = flate2::Compression::default();
        flate2::read::GzEncoder::new(text, level).read_to_end(&mut packed).unwrap();
        packed
    }

    fn deflate(text: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        let level = flate2::Compression::default();
        flate2::read::ZlibEncoder::new(text, level).read_to_end(&mut packed).unwrap();
        packed
    }

    fn bare_deflate(text: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        let level = flate2::Compression::default();
        flate2::read::DeflateEncoder::new(text, level).read_to_end(&mut packed).unwrap();
        packed
    }

    /// The reference encoder made these of "brotli and zstd, undone\n".
    const BROTLI: &[u8] = &[
        0x8b, 0x0b, 0x80, 0x62, 0x72, 0x6f, 0x74, 0x6c, 0x69, 0x20, 0x61, 0x6e, 0x64, 0x20, 0x7a,
        0x73, 0x74, 0x64, 0x2c, 0x20, 0x75, 0x6e, 0x64, 0x6f, 0x6e, 0x65, 0x0a, 0x03,
    ];

    fn zstd(text: &[u8]) -> Vec<u8> {
        // One frame with a single segment and one raw block (RFC 8878 section 3.1.1).
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, u8::try_from(text.len()).unwrap()];
        let block = (u32::try_from(text.len()).unwrap() << 3) | 1;
        frame.extend_from_slice(&block.to_le_bytes()[..3]);
        frame.extend_from_slice(text);
        frame
    }

    fn decoded(packed: &[u8], codings: &[Coding]) -> Result<Vec<u8>, Damage> {
        let mut body = Decoded::new(Cursor::new(packed.to_vec()), codings).unwrap();
        let (mut whole, mut buffer) = (Vec::new(), [0; 7]);
        loop {
            match body.read(&mut buffer) {
                Ok(0) => return Ok(whole),
                Ok(read) => whole.extend_from_slice(&buffer[..read]),
                Err(error) => return Err(body.damage(&error)),
            }
        }
    }

    #[test]
    fn each_coding_is_undone_and_so_are_several() {
        let text = b"brotli and zstd, undone\n";
        assert_eq!(decoded(&gzip(text), &[Coding::Gzip]).unwrap(), text);
        assert_eq!(decoded(&deflate(text), &[Coding::Deflate]).unwrap(), text);
        assert_eq!(decoded(&bare_deflate(text), &[Coding::Deflate]).unwrap(), text);
        assert_eq!(decoded(BROTLI, &[Coding::Brotli]).unwrap(), text);
        assert_eq!(decoded(&zstd(text), &[Coding::Zstd]).unwrap(), text);
        assert_eq!(decoded(&gzip(&zstd(text)), &[Coding::Zstd, Coding::Gzip]).unwrap(), text);
    }

    #[test]
    fn zstd_frames_follow_each_other_and_some_are_skipped() {
        let mut packed = zstd(b"one, ");
        packed.extend_from_slice(&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]);
        packed.extend_from_slice(&zstd(b"two"));
        assert_eq!(decoded(&packed, &[Coding::Zstd]).unwrap(), b"one, two");
    }

    #[test]
    fn what_ends_early_is_told_from_what_is_corrupt() {
        let text = b"brotli and zstd, undone\n";
        let packed = [
            (Coding::Gzip, gzip(text)),
            (Coding::Deflate, deflate(text)),
            (Coding::Deflate, bare_deflate(text)),
            (Coding::Brotli, BROTLI.to_vec()),
            (Coding::Zstd, zstd(text)),
        ];
        for (coding, whole) in packed {
            for end in 1..whole.len() - 1 {
                let damage = decoded(&whole[..end], &[coding]).unwrap_err();
                assert_eq!(damage, Damage::EndsEarly(coding.name()), "after {end} bytes");
            }
            let mut corrupt = whole.clone();
            corrupt[0] ^= 0x55;
            let damage = decoded(&corrupt, &[coding]);
            if let Err(damage) = damage {
                assert_eq!(damage, Damage::Corrupt(coding.name()));
            }
        }
    }

    #[test]
    fn gzip_members_follow_each_other() {
        let (one, none) = (gzip(b"one, "), gzip(b""));
        let packed = [&one[..], &none, &gzip(b"two")].concat();
        assert_eq!(decoded(&packed, &[Coding::Gzip]).unwrap(), b"one, two");
        for end in one.len()..packed.len() {
            let between = end == one.len() || end == one.len() + none.len();
            let cut = decoded(&packed[..end], &[Coding::Gzip]);
            let expected =
                if between { Ok(b"one, ".to_vec()) } else { Err(Damage::EndsEarly("gzip")) };
            assert_eq!(cut, expected, "after {end} bytes");
        }
    }

    #[test]
    fn what_is_no_member_behind_a_member_is_corrupt_however_short() {
        let text = b"brotli and zstd, undone\n";
        let behind = b"else: no gzip";
        for length in [1, 2, 9, 10, behind.len()] {
            for behind in [&behind[..length], &[0; 13][..length]] {
                for members in [vec![gzip(text)], vec![gzip(text), gzip(text)]] {
                    let packed = [&members.concat(), behind].concat();
                    let damage = decoded(&packed, &[Coding::Gzip]);
                    assert_eq!(damage, Err(Damage::Corrupt("gzip")), "{behind:?}");
                }
            }
        }
        // The second byte tells as well as the first.
        let packed = [&gzip(text)[..], &[0x1f, 0x8c]].concat();
        assert_eq!(decoded(&packed, &[Coding::Gzip]), Err(Damage::Corrupt("gzip")));
    }

    #[test]
    fn a_body_that_was_never_packed_is_corrupt_however_short() {
        for length in 1..12 {
            let damage = decoded(&b"never packed"[..length], &[Coding::Gzip]);
            assert_eq!(damage, Err(Damage::Corrupt("gzip")), "{length} bytes");
        }
    }

    #[test]
    fn a_window_beyond_the_rfcs_is_refused() {
        // Window descriptor 0xa0: 2^(10 + 20) bytes.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00];
        assert_eq!(decoded(&frame, &[Coding::Zstd]), Err(Damage::Corrupt("zstd")));
    }

    #[test]
    fn a_body_without_a_byte_is_empty() {
        assert_eq!(decoded(b"", &[Coding::Gzip]).unwrap(), b"");
    }

    #[test]
    fn a_coding_that_nobody_knows_leaves_the_body_as_it_is() {
        let of = |text: &'static str| {
            let mut headers = http::HeaderMap::new();
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(text));
            codings(&headers.into())
        };
        assert_eq!(of("gzip, BR"), [Coding::Gzip, Coding::Brotli]);
        assert_eq!(of("identity"), []);
        assert_eq!(of("gzip, compress"), []);
        assert_eq!(of("gzip, gzip, gzip, gzip, gzip"), []);
    }
}
