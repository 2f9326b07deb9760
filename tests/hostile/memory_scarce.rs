//! Answers that take memory otherwise than by the length of their bodies, by the windows of their codings
//! and by their heads: where less and less is left, each call ends with a code, and the process lives.

use std::io::Read;
use std::sync::Arc;

use flate2::Compression;
use flate2::read::GzEncoder;
use sac::code::Code;
use sac::request::Output;
use sac::settings::Change;

use crate::case::{assert_usable, expect_error, head, ok_response, outcome};
use crate::resources::memory_left;
use crate::scenario::Scenario;
use crate::support::{
    Action, LARGE_HEADS, Server, client, client_with_jar_and_log, error_of, get, read_all_of,
    request,
};

const GROUP: &str = "memory";

pub fn scenarios() -> Vec<Scenario> {
    let codings = CODINGS.iter().map(|&(name, codings, body, codes)| {
        let name = format!("{name}, where little is left");
        Scenario::new(GROUP, name, move || undone(codings, &body(), codes))
    });
    let answers = LARGE_HEADS.iter().map(|&(name, action)| {
        Scenario::new(GROUP, format!("{name}, where little is left"), move || asked(action()))
    });
    let large = expect_error(coded("br", &large_window()), Code::Protocol)
        .with_message("the brotli body is corrupt")
        .into_scenario(GROUP, "a brotli window of a gigabyte, which has no name in HTTP");
    codings.chain(answers).chain([large]).collect()
}

/// A name, the codings, what makes the body, and the codes that may come: the first of them with enough
/// memory, the last with hardly any.
type Coded = (&'static str, &'static str, fn() -> Vec<u8>, &'static [Code]);

const CODINGS: &[Coded] = &[
    ("gzip", "gzip", || gzip(zeros(16 << 20)), &[Code::Ok]),
    ("gzip in gzip", "gzip, gzip", || gzip(&gzip(zeros(16 << 20))[..]), &[Code::Ok]),
    ("a zstd window of 8 MiB", "zstd", zstd_window, &[Code::Ok, Code::TooLarge]),
    ("a zstd frame behind another", "zstd", zstd_frames, &[Code::Ok, Code::TooLarge]),
    ("98,047 sequences in a zstd block", "zstd", zstd_sequences, &[Code::Protocol, Code::TooLarge]),
    ("a brotli window of 16 MiB", "br, gzip", brotli_window, &[Code::Ok, Code::TooLarge]),
];

fn gzip(body: impl Read) -> Vec<u8> {
    let mut coded = Vec::new();
    GzEncoder::new(body, Compression::fast()).read_to_end(&mut coded).unwrap();
    coded
}

fn zeros(length: u64) -> impl Read {
    std::io::repeat(0).take(length)
}

/// A frame with a window of so many times 1 KiB, as a power of two (RFC 8878 section 3.1.1.1.2).
fn zstd_frame(exponent: u8, blocks: &[u8]) -> Vec<u8> {
    [&[0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3], blocks, &[1, 0, 0]].concat()
}

/// A block of 128 KiB that is one byte again and again.
const AGAIN: [u8; 4] = [0x02, 0, 0x10, 0];

fn zstd_window() -> Vec<u8> {
    zstd_frame(13, &AGAIN.repeat(160))
}

/// The second one has a large window, and as good as nothing in it.
fn zstd_frames() -> Vec<u8> {
    [zstd_frame(0, &[]), zstd_frame(13, &AGAIN.repeat(100))].concat()
}

/// A compressed block without literals, whose number of sequences is the largest there is.
fn zstd_sequences() -> Vec<u8> {
    let content = [0, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 1];
    let header = ((content.len() as u32) << 3 | 2 << 1).to_le_bytes();
    zstd_frame(13, &[&header[..3], &content].concat())
}

/// WBITS 24, and data that is not compressed (RFC 7932 section 9).
fn brotli_window() -> Vec<u8> {
    let length: u32 = 12 << 20;
    let block = |bits: u32| 0b10 << (bits + 1) | (length - 1) << (bits + 3) | 1 << (bits + 27);
    let first = (block(4) | 0xf).to_le_bytes();
    let then = block(0).to_le_bytes();
    let data = || zeros(length.into());
    gzip(first.chain(data()).chain(&then[..]).chain(data()).chain(&[3][..]))
}

/// A window of 2^30 bytes in the format for large ones, and two bytes.
fn large_window() -> Vec<u8> {
    let block: u32 = 30 | 1 << 9 | 1 << 25;
    [&[0x11][..], &block.to_le_bytes(), b"{}", &[3]].concat()
}

fn coded(codings: &str, body: &[u8]) -> Action {
    let lines = [format!("Content-Encoding: {codings}"), format!("Content-Length: {}", body.len())];
    Action::Reply([head(&[&lines[0], &lines[1]]).as_bytes(), body].concat())
}

fn serving(action: Action) -> Server {
    Server::start(move |received| match received.path() {
        "/hostile" => action.clone(),
        path => ok_response(path),
    })
}

/// The body goes to a callback piece by piece, so that all that is taken is the decoders'.
fn undone(codings: &str, body: &[u8], codes: &[Code]) -> String {
    let server = serving(coded(codings, body));
    let client = client(&server.url(), &[Change::TimeoutMs(60_000)]);
    let mut request = request("GET", "/hostile");
    request.set_output(Output::Callback(Arc::new(|_: &[u8]| true))).unwrap();
    let mut received = Vec::new();
    // An allocator may keep what it once had.
    for mib in [2, 4, 8, 16, 48] {
        // The server needs memory for a connection.
        assert_usable(&client);
        let limit = memory_left(mib << 20);
        let response = client.send(&request);
        drop(limit);
        let code = response.code();
        assert!(codes.contains(&code), "{mib} MiB: {}", outcome(&response));
        let about_memory = error_of(&response).contains("there is no memory");
        assert_eq!(about_memory, code == Code::TooLarge, "{}", outcome(&response));
        received.push(code);
    }
    assert_eq!((received.last(), received.first()), (codes.first(), codes.last()), "{received:?}");
    assert_usable(&client);
    format!("{received:?}")
}

fn asked(action: Action) -> String {
    let server = serving(action);
    let client = client_with_jar_and_log(&server.url());
    client.add_bearer("a-token-that-is-longer-than-a-window-of-the-search").unwrap();
    let mut received = Vec::new();
    for mib in [2, 3, 4, 8] {
        assert_usable(&client);
        let limit = memory_left(mib << 20);
        let response = get(&client, "/hostile");
        read_all_of(&response);
        drop(limit);
        let known = [Code::Ok, Code::Status, Code::Redirect];
        assert!(known.contains(&response.code()), "{mib} MiB: {}", outcome(&response));
        received.push(response.code());
    }
    assert_usable(&client);
    format!("{received:?}")
}
