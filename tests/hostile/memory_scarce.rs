//! Responses that need memory for their coding windows or heads, and a large JSON body. With less and
//! less memory, each call ends with a code, and the process continues.

use std::io::Read;
use std::sync::Arc;

use flate2::Compression;
use flate2::read::GzEncoder;
use sac::code::Code;
use sac::request::{JsonValue, Output};
use sac::settings::Change;

use crate::case::{assert_usable, expect_error, head, ok_response, outcome};
use crate::resources::limit_memory;
use crate::scenario::Scenario;
use crate::support::{
    Action, LARGE_HEADS, Server, client, client_with_jar_and_log, error_of, get, read_all_of,
    request,
};

const GROUP: &str = "memory";

pub fn scenarios() -> Vec<Scenario> {
    let codings = CODINGS.iter().map(|&(name, codings, body, codes)| {
        let name = format!("{name} with little memory left");
        Scenario::new(GROUP, name, move || decoded(codings, &body(), codes))
    });
    let responses = LARGE_HEADS.iter().map(|&(name, action)| {
        Scenario::new(GROUP, format!("{name} with little memory left"), move || fetched(action()))
    });
    let large = expect_error(coded("br", &large_window()), Code::Protocol)
        .with_message("the brotli body is corrupt")
        .into_scenario(GROUP, "a large brotli window of 1 GiB, which HTTP does not allow");
    let written = Scenario::new(GROUP, "a JSON body is written with little memory left", written);
    codings.chain(responses).chain([large, written]).collect()
}

/// A name, the codings, a function that makes the body, and the possible codes: the first with enough
/// memory, the last with very little.
type Coded = (&'static str, &'static str, fn() -> Vec<u8>, &'static [Code]);

const CODINGS: &[Coded] = &[
    ("gzip", "gzip", || gzip(zeros(16 << 20)), &[Code::Ok]),
    ("gzip in gzip", "gzip, gzip", || gzip(&gzip(zeros(16 << 20))[..]), &[Code::Ok]),
    ("a zstd window of 8 MiB", "zstd", zstd_window, &[Code::Ok, Code::TooLarge]),
    ("a zstd frame after another", "zstd", zstd_frames, &[Code::Ok, Code::TooLarge]),
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

/// A frame with a window of 1 KiB times 2^`exponent` (RFC 8878 section 3.1.1.1.2).
fn zstd_frame(exponent: u8, blocks: &[u8]) -> Vec<u8> {
    [&[0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3], blocks, &[1, 0, 0]].concat()
}

/// An RLE block of 128 KiB.
const RLE_BLOCK: [u8; 4] = [0x02, 0, 0x10, 0];

fn zstd_window() -> Vec<u8> {
    zstd_frame(13, &RLE_BLOCK.repeat(160))
}

/// The second frame has a large window.
fn zstd_frames() -> Vec<u8> {
    [zstd_frame(0, &[]), zstd_frame(13, &RLE_BLOCK.repeat(100))].concat()
}

/// A compressed block without literals and with the largest number of sequences.
fn zstd_sequences() -> Vec<u8> {
    let content = [0, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 1];
    let header = ((content.len() as u32) << 3 | 2 << 1).to_le_bytes();
    zstd_frame(13, &[&header[..3], &content].concat())
}

/// WBITS 24, and uncompressed data (RFC 7932 section 9).
fn brotli_window() -> Vec<u8> {
    let length: u32 = 12 << 20;
    let block = |bits: u32| 0b10 << (bits + 1) | (length - 1) << (bits + 3) | 1 << (bits + 27);
    let first = (block(4) | 0xf).to_le_bytes();
    let then = block(0).to_le_bytes();
    let data = || zeros(length.into());
    gzip(first.chain(data()).chain(&then[..]).chain(data()).chain(&[3][..]))
}

/// A window of 2^30 bytes in the large-window format, and two bytes.
fn large_window() -> Vec<u8> {
    let block: u32 = 30 | 1 << 9 | 1 << 25;
    [&[0x11][..], &block.to_le_bytes(), b"{}", &[3]].concat()
}

fn coded(codings: &str, body: &[u8]) -> Action {
    let lines = [format!("Content-Encoding: {codings}"), format!("Content-Length: {}", body.len())];
    Action::Reply([head(&[&lines[0], &lines[1]]).as_bytes(), body].concat())
}

fn serving(action: Action) -> Server {
    Server::start(move |codes_received| match codes_received.path() {
        "/hostile" => action.clone(),
        path => ok_response(path),
    })
}

/// The body goes to a callback, so that only the decoders need memory.
fn decoded(codings: &str, body: &[u8], codes: &[Code]) -> String {
    let server = serving(coded(codings, body));
    let client = client(&server.url(), &[Change::TimeoutMs(60_000)]);
    let mut request = request("GET", "/hostile");
    request.set_output(Output::Callback(Arc::new(|_: &[u8]| true))).unwrap();
    let mut codes_received = Vec::new();
    // The allocator may keep freed memory, so the limit grows.
    for mib in [2, 4, 8, 16, 48] {
        // The server needs memory for a connection.
        assert_usable(&client);
        let limit = limit_memory(mib << 20);
        let response = client.send(&request);
        drop(limit);
        let code = response.code();
        assert!(codes.contains(&code), "{mib} MiB: {}", outcome(&response));
        let about_memory = error_of(&response).contains("there is no memory");
        assert_eq!(about_memory, code == Code::TooLarge, "{}", outcome(&response));
        codes_received.push(code);
    }
    assert_eq!(
        (codes_received.last(), codes_received.first()),
        (codes.first(), codes.last()),
        "{codes_received:?}"
    );
    assert_usable(&client);
    format!("{codes_received:?}")
}

fn fetched(action: Action) -> String {
    let server = serving(action);
    let client = client_with_jar_and_log(&server.url());
    client.add_bearer("a-token-that-is-longer-than-a-window-of-the-search").unwrap();
    let mut codes_received = Vec::new();
    for mib in [2, 3, 4, 8] {
        assert_usable(&client);
        let limit = limit_memory(mib << 20);
        let response = get(&client, "/hostile");
        read_all_of(&response);
        drop(limit);
        let known = [Code::Ok, Code::Status, Code::Redirect];
        assert!(known.contains(&response.code()), "{mib} MiB: {}", outcome(&response));
        codes_received.push(response.code());
    }
    assert_usable(&client);
    format!("{codes_received:?}")
}

/// The value takes 4 MiB, and the body that is made from it takes as much again.
fn written() -> String {
    let content = "a".repeat(4 << 20);
    let mut results = Vec::new();
    for mib in [2, 4, 6, 8, 32] {
        let mut request = request("POST", "/hostile");
        let limit = limit_memory(mib << 20);
        let set = request.set_json_value("/texts/-", &JsonValue::String(&content));
        let rendered = set.and_then(|()| request.body().bytes().map(drop));
        drop(limit);
        results.push(rendered.map_err(|error| error.code));
    }
    assert_eq!(results.first(), Some(&Err(Code::TooLarge)), "{results:?}");
    assert_eq!(results.last(), Some(&Ok(())), "{results:?}");
    format!("{results:?}")
}
