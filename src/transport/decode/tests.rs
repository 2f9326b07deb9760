use std::io::Cursor;
use std::time::Instant;

use http::{HeaderValue, header};

use super::*;
use crate::transport::ExchangeLimits;
use crate::transport::error::TransportErrorKind::{Closed, Protocol, TooLarge};
use crate::transport::error::{TransportError, TransportErrorKind};
use crate::wait::{Cancel, Deadline};

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
    0x8b, 0x0b, 0x80, 0x62, 0x72, 0x6f, 0x74, 0x6c, 0x69, 0x20, 0x61, 0x6e, 0x64, 0x20, 0x7a, 0x73,
    0x74, 0x64, 0x2c, 0x20, 0x75, 0x6e, 0x64, 0x6f, 0x6e, 0x65, 0x0a, 0x03,
];

fn zstd(text: &[u8]) -> Vec<u8> {
    // One frame with a single segment and one raw block (RFC 8878 section 3.1.1).
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, u8::try_from(text.len()).unwrap()];
    let block = (u32::try_from(text.len()).unwrap() << 3) | 1;
    frame.extend_from_slice(&block.to_le_bytes()[..3]);
    frame.extend_from_slice(text);
    frame
}

/// The content of a body, or the kind of error that ends it and the coding that has failed.
fn decoded(packed: &[u8], codings: &[Coding]) -> Result<Vec<u8>, (TransportErrorKind, String)> {
    all_of(Decoded::new(Cursor::new(packed.to_vec()), codings, None))
        .map_err(|failure| (failure.kind, failure.detail))
}

fn all_of(mut body: Decoded) -> TransportResult<Vec<u8>> {
    let (mut whole, mut buffer) = (Vec::new(), [0; 7]);
    loop {
        match body.read(&mut buffer)? {
            0 => return Ok(whole),
            read => whole.extend_from_slice(&buffer[..read]),
        }
    }
}

fn ends_early(coding: &str) -> Result<Vec<u8>, (TransportErrorKind, String)> {
    Err((Closed, format!("the {coding} body ends early")))
}

fn corrupt(coding: &str) -> Result<Vec<u8>, (TransportErrorKind, String)> {
    Err((Protocol, format!("the {coding} body is corrupt")))
}

#[test]
fn one_and_several_codings_are_decoded() {
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
fn a_truncated_body_and_a_corrupt_body_have_different_errors() {
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
            let cut = decoded(&whole[..end], &[coding]);
            assert_eq!(cut, ends_early(coding.name()), "after {end} bytes");
        }
        let mut changed = whole.clone();
        changed[0] ^= 0x55;
        let damaged = decoded(&changed, &[coding]);
        assert!(damaged.is_ok() || damaged == corrupt(coding.name()), "{damaged:?}");
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
        let expected = if between { Ok(b"one, ".to_vec()) } else { ends_early("gzip") };
        assert_eq!(cut, expected, "after {end} bytes");
    }
}

/// Each coding once.
fn packed(text: &[u8]) -> [(Coding, Vec<u8>); 4] {
    [
        (Coding::Gzip, gzip(text)),
        (Coding::Deflate, deflate(text)),
        (Coding::Brotli, BROTLI.to_vec()),
        (Coding::Zstd, zstd(text)),
    ]
}

const TEXT: &[u8] = b"brotli and zstd, undone\n";

/// Decodes in an exchange with this cancel; returns also whether bytes were ignored.
fn within_an_exchange<T>(cancel: Option<&Cancel>, work: impl FnOnce() -> T) -> (T, bool) {
    let (attempt, max_body_bytes) = (Deadline::NEVER, 0);
    let (connect_timeout, read_timeout) = (None, None);
    let limits =
        ExchangeLimits { deadline: attempt, connect_timeout, read_timeout, cancel, max_body_bytes };
    let entered = context::enter(context::ExchangeContext::with_limits(Instant::now(), &limits));
    let outcome = work();
    let ignored = context::take_record().had_trailing_bytes;
    drop(entered);
    (outcome, ignored)
}

#[test]
fn bytes_after_a_coding_are_ignored_and_recorded() {
    for (coding, whole) in packed(TEXT) {
        for rest in [&b"\r\n"[..], b"\n", b"\0", &[0; 700], b"<!-- cdn -->", &[9; 40_000]] {
            let (text, ignored) =
                within_an_exchange(None, || decoded(&[&whole[..], rest].concat(), &[coding]));
            assert_eq!(text.as_deref(), Ok(TEXT), "{coding:?} {rest:?}");
            assert!(ignored, "{coding:?} {rest:?}");
        }
        let (text, ignored) = within_an_exchange(None, || decoded(&whole, &[coding]));
        assert_eq!((text.as_deref(), ignored), (Ok(TEXT), false), "{coding:?}");
    }
}

#[test]
fn bytes_after_an_inner_coding_are_ignored_and_recorded() {
    for (outer, pack) in [(Coding::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Coding::Deflate, deflate)]
    {
        for (inner, whole) in packed(TEXT) {
            for (rest, expected) in [(&b""[..], false), (b"\r\n", true)] {
                let both = pack(&[&whole[..], rest].concat());
                let (text, ignored) = within_an_exchange(None, || decoded(&both, &[inner, outer]));
                assert_eq!(text.as_deref(), Ok(TEXT), "{inner:?} in {outer:?}");
                assert_eq!(ignored, expected, "{inner:?} in {outer:?}");
            }
        }
    }
}

#[test]
fn further_members_and_frames_are_decoded_or_corrupt_but_never_ignored() {
    for (coding, whole) in [(Coding::Gzip, gzip(TEXT)), (Coding::Zstd, zstd(TEXT))] {
        let twice = [&whole[..], &whole].concat();
        assert_eq!(decoded(&twice, &[coding]), Ok([TEXT, TEXT].concat()));
        for cut in 1..whole.len() {
            let cut = decoded(&twice[..twice.len() - cut], &[coding]);
            assert_eq!(cut, ends_early(coding.name()));
        }
        let mut damaged = twice.clone();
        // The method of the member, or a reserved bit of the frame.
        let at = if coding == Coding::Gzip { 2 } else { 4 };
        damaged[whole.len() + at] ^= 0x48;
        assert_eq!(decoded(&damaged, &[coding]), corrupt(coding.name()));
    }
}

/// Delivers some bytes, then fails like a connection that has timed out.
struct TimingOutReader(Cursor<Vec<u8>>);

impl Read for TimingOutReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(std::io::Error::other(TransportError::new(
                TransportErrorKind::Timeout,
                "time is up",
            ))),
            read => Ok(read),
        }
    }
}

#[test]
fn an_error_of_the_connection_passes_each_decoder_unchanged() {
    let nested = packed(TEXT).map(|(coding, whole)| (vec![coding, Coding::Gzip], gzip(&whole)));
    let single = packed(TEXT).map(|(coding, whole)| (vec![coding], whole));
    for (codings, whole) in single.into_iter().chain(nested) {
        for end in 0..whole.len() - 1 {
            let body = TimingOutReader(Cursor::new(whole[..end].to_vec()));
            let failure = all_of(Decoded::new(body, &codings, None)).unwrap_err();
            assert_eq!(failure.kind, TransportErrorKind::Timeout, "{codings:?} after {end} bytes");
            assert_eq!(failure.detail, "time is up", "{codings:?} after {end} bytes");
        }
    }
}

/// Delivers some bytes, then repeats others until the exchange is cancelled, and for a while after.
struct EndlessReader<'a> {
    next: Cursor<Vec<u8>>,
    again: &'static [u8],
    readings: usize,
    cancel: &'a Cancel,
}

impl Read for EndlessReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.readings += 1;
        if self.readings == 10 {
            self.cancel.trigger();
        }
        assert!(self.readings < 200, "the decoder ignores the cancel");
        if self.next.position() == self.next.get_ref().len() as u64 {
            self.next = Cursor::new(self.again.repeat(1000));
        }
        self.next.read(buffer)
    }
}

#[test]
fn a_cancel_ends_a_decoder_that_reads_bytes_and_delivers_none() {
    let member = Box::leak(gzip(b"").into_boxed_slice());
    let nothing: [(Coding, &[u8], &'static [u8]); 6] = [
        (Coding::Gzip, b"", member),
        // Stored blocks of length 0 (RFC 1951 section 3.2.4).
        (Coding::Deflate, b"\x78\x9c", b"\0\0\0\xff\xff"),
        // Metadata of length 0 (RFC 7932 section 9.2).
        (Coding::Brotli, b"\x0c", b"\x06"),
        (Coding::Zstd, b"", b"\x28\xb5\x2f\xfd\x20\0\x01\0\0"),
        (Coding::Zstd, b"", b"\x50\x2a\x4d\x18\x01\0\0\0\0"),
        // Blocks of length 0.
        (Coding::Zstd, b"\x28\xb5\x2f\xfd\x00\x50", b"\0\0\0"),
    ];
    for (coding, first, again) in nothing {
        let fresh: &'static Cancel = Box::leak(Box::new(Cancel::new().unwrap()));
        let next = Cursor::new(first.to_vec());
        let body = EndlessReader { next, again, readings: 0, cancel: fresh };
        let all = || all_of(Decoded::new(body, &[coding], None));
        let (outcome, _) = within_an_exchange(Some(fresh), all);
        assert_eq!(
            outcome.unwrap_err().kind,
            TransportErrorKind::Cancelled,
            "{coding:?} {again:?}"
        );
    }
}

#[test]
fn the_length_of_a_coding_inside_another_is_limited() {
    let nothing = gzip(b"").repeat(50_000);
    let bomb = gzip(&[gzip(TEXT), nothing].concat());
    let within = |limit| all_of(Decoded::new(Cursor::new(bomb.clone()), &[Coding::Gzip; 2], limit));
    assert_eq!(within(Some(1 << 20)).unwrap(), TEXT);
    let failure = within(Some(1 << 19)).unwrap_err();
    assert_eq!(failure.kind, TooLarge, "{}", failure.detail);
}

#[test]
fn without_a_limit_a_body_may_grow_a_thousandfold_or_to_the_default_limit() {
    // 128 KiB in 4 bytes (RFC 8878 section 3.1.1.2).
    let bomb = |blocks: usize| {
        let again = [&[2, 0, 0x10, b'0'][..]; 1].concat().repeat(blocks);
        [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50][..], &again, &[1, 0, 0]].concat()
    };
    let length = |blocks, limit| -> TransportResult<u64> {
        let mut body = Decoded::new(Cursor::new(bomb(blocks)), &[Coding::Zstd], limit);
        let (mut buffer, mut length) = (vec![0; 1 << 16], 0);
        loop {
            match body.read(&mut buffer)? {
                0 => return Ok(length),
                read => length += read as u64,
            }
        }
    };
    let usual = 256 << 20;
    assert_eq!(length(2048, None), Ok(usual));
    assert_eq!(length(2049, None).unwrap_err().kind, TooLarge);
    assert_eq!(length(2049, Some(u64::MAX)), Ok(usual + (128 << 10)));
}

#[test]
fn a_body_that_was_never_compressed_is_corrupt_however_short() {
    for length in 1..12 {
        let damage = decoded(&b"uncompressed"[..length], &[Coding::Gzip]);
        assert_eq!(damage, corrupt("gzip"), "{length} bytes");
    }
}

#[test]
fn a_window_larger_than_rfc_9659_allows_is_refused() {
    // Window descriptor 0xa0: 2^(10 + 20) bytes.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00];
    let (kind, detail) = decoded(&frame, &[Coding::Zstd]).unwrap_err();
    assert_eq!(kind, Protocol);
    assert!(
        detail.contains("window of 1073741824 bytes") && detail.contains("RFC 9659"),
        "{detail}"
    );
}

#[test]
fn a_body_without_a_byte_is_empty() {
    assert_eq!(decoded(b"", &[Coding::Gzip]).unwrap(), b"");
}

fn codings_in(text: &'static str) -> TransportResult<Vec<Coding>> {
    let mut headers = http::HeaderMap::new();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(text));
    codings(&headers.into())
}

#[test]
fn an_unsupported_coding_leaves_the_body_as_it_is() {
    for text in ["compress", "gzip, compress", "snappy, gzip", "x-compress", "aes128gcm,br"] {
        assert_eq!(codings_in(text), Ok(vec![]), "{text}");
    }
}

#[test]
fn names_that_are_not_codings_are_ignored_one_by_one() {
    let (gzip, brotli) = (Coding::Gzip, Coding::Brotli);
    for (text, expected) in [
        ("gzip, BR", vec![gzip, brotli]),
        ("identity", vec![]),
        ("UTF-8, gzip", vec![gzip]),
        ("gzip,utf-8", vec![gzip]),
        ("none, x-gzip ,, br, binary", vec![gzip, brotli]),
        ("UTF-8", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(codings_in(text), Ok(expected), "{text}");
    }
}

#[test]
fn more_than_two_codings_are_refused() {
    assert_eq!(codings_in("gzip, identity, utf-8, br"), Ok(vec![Coding::Gzip, Coding::Brotli]));
    for text in ["gzip, gzip, gzip", "zstd, zstd, gzip, gzip"] {
        let failure = codings_in(text).unwrap_err();
        assert_eq!(failure.kind, Protocol, "{text}");
        assert!(failure.detail.contains("at most 2"), "{}", failure.detail);
    }
}
