//! Content codings that are truncated, corrupt, nested, unknown, or bombs.

use std::io::Read;

use flate2::Compression;
use flate2::read::GzEncoder;
use sac::code::Code;
use sac::settings::Change;

use crate::case::{Case, expect_error, expect_ok, head};
use crate::scenario::Scenario;
use crate::support::Action;

const GROUP: &str = "coding";
const BODY: &str = "{\"a\":1}";
/// The limit for the decoded body of a bomb.
const MAX: u64 = 4 * 1024 * 1024;

/// `{"id": 7}`, encoded with the reference encoder.
const BROTLI: &[u8] = b"\x0b\x04\x80{\"id\": 7}\x03";
/// 64 MiB of `0`, encoded with the reference encoder.
const BROTLI_BOMB: &[u8] = &[
    0xcb, 0xff, 0xff, 0x3f, 0xf8, 0x25, 0x60, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x8f, 0xff, 0xff,
    0x7f, 0xf0, 0x4b, 0x00, 0xc4, 0x61, 0x11, 0x80, 0xee, 0xfd, 0x1f, 0xff, 0xff, 0xff, 0xe0, 0x97,
    0x00, 0x88, 0xc3, 0x02, 0x00, 0xdd, 0xfb, 0x3f, 0xfe, 0xff, 0xff, 0xc1, 0x2f, 0x01, 0x10, 0x87,
    0x05, 0x00, 0xba, 0xf7, 0x7f, 0xfc, 0xff, 0xff, 0x83, 0x5f, 0x02, 0x20, 0x0e, 0x0b, 0x00, 0x74,
    0xef, 0xff, 0xf8, 0xff, 0xff, 0x07, 0xbf, 0x04, 0x40, 0x1c, 0x16, 0x00, 0xe8, 0xde, 0xff, 0xf1,
    0xff, 0xff, 0x0f, 0x7e, 0x09, 0x80, 0x38, 0x2c, 0x00, 0xd0, 0xbd, 0xff, 0xe3, 0xff, 0xff, 0x1f,
    0xfc, 0x12, 0x00, 0x71, 0x58, 0x00, 0xa0, 0x7b, 0xff, 0x37,
];

fn gzip(data: impl Read) -> Vec<u8> {
    let mut packed = Vec::new();
    GzEncoder::new(data, Compression::best()).read_to_end(&mut packed).unwrap();
    packed
}

/// A frame with a window of 1 MiB and RLE blocks (RFC 8878 section 3.1.1.2).
fn zstd_bomb(blocks: usize) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50];
    for number in 1..=blocks {
        let block = ((128 * 1024) << 3) | (1 << 1) | u32::from(number == blocks);
        frame.extend_from_slice(&block.to_le_bytes()[..3]);
        frame.push(b'0');
    }
    frame
}

/// A frame with one raw block.
fn zstd(text: &[u8]) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    let block = (u32::from(length) << 3) | 1;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, length];
    frame.extend_from_slice(&block.to_le_bytes()[..3]);
    frame.extend_from_slice(text);
    frame
}

fn coded(coding: &str, body: &[u8]) -> Action {
    let lines = [format!("Content-Encoding: {coding}"), format!("Content-Length: {}", body.len())];
    Action::Reply([head(&[&lines[0], &lines[1]]).as_bytes(), body].concat())
}

fn corrupt(coding: &str, body: &[u8]) -> Case {
    expect_error(coded(coding, body), Code::Protocol).with_message("corrupt")
}

fn bomb(coding: &str, body: &[u8]) -> Case {
    expect_error(coded(coding, body), Code::TooLarge).set(Change::MaxBodyBytes(MAX))
}

pub fn scenarios() -> Vec<Scenario> {
    let mut all = gzips();
    all.extend(others());
    all.extend(bombs());
    all
}

fn gzips() -> Vec<Scenario> {
    let whole = gzip(BODY.as_bytes());
    let end = whole.len();
    let changed = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        bytes
    };
    let truncated = (1..end).map(|length| {
        expect_error(coded("gzip", &whole[..length]), Code::Closed)
            .with_message("ends early")
            .then_reused()
            .into_scenario(GROUP, format!("gzip truncated after {length} bytes"))
    });
    let mut all: Vec<_> = truncated.step_by(4).collect();
    all.extend([2, 9, 10].map(|length| {
        expect_ok(coded("gzip", &[&whole[..], &b"else after"[..length]].concat()), BODY)
            .into_scenario(GROUP, format!("gzip with {length} bytes more after it"))
    }));
    all.extend([
        corrupt("gzip", &changed(0)).into_scenario(GROUP, "gzip with a wrong start"),
        corrupt("gzip", &changed(2)).into_scenario(GROUP, "gzip with an unknown method"),
        corrupt("gzip", &changed(end - 8)).into_scenario(GROUP, "gzip with a wrong checksum"),
        corrupt("gzip", &changed(end - 4)).into_scenario(GROUP, "gzip with a wrong length"),
        corrupt("gzip", &[&whole[..10], &[0xff; 20]].concat())
            .into_scenario(GROUP, "gzip with an invalid block type"),
        expect_ok(coded("gzip", &[&whole[..], b"e"].concat()), BODY)
            .into_scenario(GROUP, "gzip with one byte more after it"),
        expect_ok(coded("gzip", &[&whole[..], &[0; 60_000]].concat()), BODY)
            .into_scenario(GROUP, "gzip with 60,000 zeros after it"),
        expect_ok(coded("gzip", &[&whole[..], &[0; 200_000]].concat()), BODY)
            .then_not_reused()
            .into_scenario(GROUP, "gzip with 200,000 zeros after it"),
        corrupt("gzip", &[&whole[..], &whole[..2], b"something else"].concat())
            .into_scenario(GROUP, "gzip with an invalid second member"),
        corrupt("gzip", BODY.as_bytes()).into_scenario(GROUP, "JSON that claims to be gzip"),
        expect_ok(coded("gzip", &[&whole[..], &gzip(&b""[..])].concat()), BODY)
            .into_scenario(GROUP, "gzip in two members"),
        expect_error(coded("gzip", &[&whole[..], &whole[..9]].concat()), Code::Closed)
            .with_message("ends early")
            .then_reused()
            .into_scenario(GROUP, "gzip with its second member truncated"),
        expect_ok(coded("gzip", b""), "{}").into_scenario(GROUP, "empty gzip"),
    ]);
    all
}

fn others() -> Vec<Scenario> {
    let whole = gzip(BODY.as_bytes());
    let twice = gzip(&whole[..]);
    let three = gzip(&twice[..]);
    let damaged = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 0xff;
        bytes
    };
    let valid = zstd(BODY.as_bytes());
    // Window descriptor 0xa0: 2^(10 + 20) bytes.
    let giant_window = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00];
    vec![
        expect_ok(coded("br", BROTLI), "{\"id\": 7}").into_scenario(GROUP, "brotli"),
        expect_error(coded("br", &BROTLI[..6]), Code::Closed)
            .then_reused()
            .into_scenario(GROUP, "brotli, truncated"),
        corrupt("br", b"\xff\xff\xff\xff\xff\xff").into_scenario(GROUP, "brotli, corrupt"),
        expect_ok(coded("zstd", &valid), BODY).into_scenario(GROUP, "zstd"),
        expect_error(coded("zstd", &valid[..12]), Code::Closed)
            .then_reused()
            .into_scenario(GROUP, "zstd, truncated"),
        corrupt("zstd", &damaged(&valid, 0)).into_scenario(GROUP, "zstd with a wrong start"),
        expect_error(coded("zstd", &giant_window), Code::Protocol)
            .with_message("window of 1073741824 bytes; RFC 9659")
            .into_scenario(GROUP, "zstd with a window of 1 GiB"),
        expect_ok(coded("zstd", &[&valid[..], b"\r\n"].concat()), BODY)
            .into_scenario(GROUP, "zstd with a line end after it"),
        expect_ok(coded("br", &[BROTLI, b"\r\n"].concat()), "{\"id\": 7}")
            .into_scenario(GROUP, "brotli with a line end after it"),
        expect_ok(coded("gzip, gzip", &twice), BODY).into_scenario(GROUP, "gzip in gzip"),
        expect_ok(coded("GZIP", &whole), BODY).into_scenario(GROUP, "gzip in capitals"),
        expect_ok(coded("identity", BODY.as_bytes()), BODY).into_scenario(GROUP, "identity"),
        expect_ok(coded("compress", BODY.as_bytes()), BODY)
            .into_scenario(GROUP, "an unknown coding of JSON"),
        expect_error(coded("compress", &whole), Code::NotJson)
            .then_reused()
            .into_scenario(GROUP, "an unknown coding of other data"),
        expect_ok(coded("UTF-8, gzip", &whole), BODY).into_scenario(GROUP, "a charset before gzip"),
        expect_ok(coded("gzip, utf-8, none", &whole), BODY)
            .into_scenario(GROUP, "a charset after gzip"),
        expect_error(coded("gzip, gzip, gzip", &three), Code::Protocol)
            .with_message("its body has 3 content codings")
            .into_scenario(GROUP, "three nested codings"),
        expect_error(coded(&"gzip, ".repeat(5000), &whole), Code::Protocol)
            .with_message("at most 2")
            .into_scenario(GROUP, "five thousand codings"),
    ]
}

/// 64 MiB in 64 KiB.
fn zeros() -> Vec<u8> {
    gzip(std::io::repeat(b'0').take(64 << 20))
}

/// Each bomb is made in the process of its scenario, because it takes some time.
fn bombs() -> Vec<Scenario> {
    let bomb_scenario = |name: &str, coding: &'static str, packed: fn() -> Vec<u8>| {
        Scenario::new(GROUP, name, move || bomb(coding, &packed()).run())
    };
    let start = [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255];
    let endless_name = [head(&["Content-Encoding: gzip"]).as_bytes(), &start].concat();
    vec![
        bomb_scenario("a bomb of gzip", "gzip", zeros),
        bomb_scenario("a bomb of gzip in gzip", "gzip, gzip", || gzip(&zeros()[..])),
        bomb_scenario("a bomb of brotli", "br", || BROTLI_BOMB.to_vec()),
        bomb_scenario("a bomb of zstd", "zstd", || zstd_bomb(512)),
        expect_error(Action::Endless(endless_name, b"x".repeat(1000)), Code::Protocol)
            .into_scenario(GROUP, "an endless file name in gzip"),
    ]
}
