//! Streams with a content coding: what the server has flushed arrives at once.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use sac::client::stream::Stream;
use sac::code::Code;
use sac::settings::Change;

use crate::streams::{CHUNKED, LAST, next, open, rest};
use crate::support::*;

const EVENTS: [&str; 3] = [
    "id: 1\ndata: {\"word\": \"one\"}\n\n",
    "id: 2\ndata: {\"word\": \"two\"}\n\n",
    "id: 3\ndata: {\"word\": \"three\"}\n\n",
];
const WORDS: [&str; 3] = ["{\"word\": \"one\"}", "{\"word\": \"two\"}", "{\"word\": \"three\"}"];

/// The reference encoder made these of the events, with a flush after each.
const BROTLI: [&[u8]; 3] = [
    &[
        0x0b, 0x0e, 0x80, 0x69, 0x64, 0x3a, 0x20, 0x31, 0x0a, 0x64, 0x61, 0x74, 0x61, 0x3a, 0x20,
        0x7b, 0x22, 0x77, 0x6f, 0x72, 0x64, 0x22, 0x3a, 0x20, 0x22, 0x6f, 0x6e, 0x65, 0x22, 0x7d,
        0x0a, 0x0a,
    ],
    &[
        0xe0, 0x00, 0x80, 0xde, 0x48, 0xa9, 0x3a, 0xbc, 0x6b, 0x10, 0x99, 0x34, 0x3a, 0xad, 0x43,
        0xf6, 0x76, 0xa7, 0x34, 0x50, 0x27, 0x58, 0x9e, 0xa0, 0xcf, 0x00,
    ],
    &[
        0xf0, 0x00, 0x80, 0x5f, 0x7a, 0xa6, 0x0c, 0x4d, 0x4e, 0x0a, 0xb0, 0x84, 0x28, 0x71, 0x80,
        0xe0, 0x56, 0x03,
    ],
];

/// The same of zstd.
const ZSTD: [&[u8]; 3] = [
    &[
        0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0xe8, 0x00, 0x00, 0x69, 0x64, 0x3a, 0x20, 0x31, 0x0a,
        0x64, 0x61, 0x74, 0x61, 0x3a, 0x20, 0x7b, 0x22, 0x77, 0x6f, 0x72, 0x64, 0x22, 0x3a, 0x20,
        0x22, 0x6f, 0x6e, 0x65, 0x22, 0x7d, 0x0a, 0x0a,
    ],
    &[
        0x94, 0x00, 0x00, 0x60, 0x69, 0x64, 0x3a, 0x20, 0x32, 0x74, 0x77, 0x6f, 0x22, 0x7d, 0x0a,
        0x0a, 0x01, 0x00, 0x60, 0x56, 0x5a,
    ],
    &[
        0x9c, 0x00, 0x00, 0x68, 0x69, 0x64, 0x3a, 0x20, 0x33, 0x68, 0x72, 0x65, 0x65, 0x22, 0x7d,
        0x0a, 0x0a, 0x01, 0x00, 0x1e, 0xd0, 0x02,
    ],
];

/// The events of a coding, and the end of the coding.
struct Coded {
    name: &'static str,
    events: Vec<Vec<u8>>,
    end: Vec<u8>,
}

/// An encoder over the bytes that it has written.
trait Encoder: Write {
    fn written(&mut self) -> &mut Vec<u8>;
    fn end(self) -> Vec<u8>;
}

macro_rules! encoder {
    ($($name:ident),*) => {$(
        impl Encoder for $name<Vec<u8>> {
            fn written(&mut self) -> &mut Vec<u8> {
                self.get_mut()
            }

            fn end(self) -> Vec<u8> {
                self.finish().unwrap()
            }
        }
    )*};
}

encoder!(GzEncoder, ZlibEncoder, DeflateEncoder);

/// Encodes the events, with a flush after each.
fn flushed(name: &'static str, mut encoder: impl Encoder) -> Coded {
    let events = EVENTS.map(|event| {
        encoder.write_all(event.as_bytes()).unwrap();
        encoder.flush().unwrap();
        std::mem::take(encoder.written())
    });
    Coded { name, events: events.to_vec(), end: encoder.end() }
}

fn gzip() -> Coded {
    flushed("gzip", GzEncoder::new(Vec::new(), Compression::default()))
}

fn zstd() -> Coded {
    let events = ZSTD.map(<[u8]>::to_vec).to_vec();
    Coded { name: "zstd", events, end: vec![1, 0, 0] }
}

/// The codings that decode what was flushed.
fn codings() -> Vec<Coded> {
    let level = Compression::default();
    let a_member_for_each = EVENTS.map(|event| {
        let mut encoder = GzEncoder::new(Vec::new(), level);
        encoder.write_all(event.as_bytes()).unwrap();
        encoder.end()
    });
    vec![
        gzip(),
        Coded { name: "gzip", events: a_member_for_each.to_vec(), end: Vec::new() },
        flushed("deflate", ZlibEncoder::new(Vec::new(), level)),
        flushed("deflate", DeflateEncoder::new(Vec::new(), level)),
        Coded { name: "br", events: BROTLI.map(<[u8]>::to_vec).to_vec(), end: vec![3] },
    ]
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// The head of a response with events in this coding.
fn head(coding: &str) -> Vec<u8> {
    format!("{CHUNKED}Content-Type: text/event-stream\r\nContent-Encoding: {coding}\r\n\r\n")
        .into_bytes()
}

#[test]
fn each_flushed_event_arrives_before_more_of_the_coding() {
    for Coded { name, events, end } in codings() {
        for flushed in 1..=events.len() {
            let latch = Latch::new();
            let first = [head(name), chunk(&events[..flushed].concat())].concat();
            let late = [&events[flushed..].concat()[..], &end].concat();
            let late = if late.is_empty() { LAST.to_vec() } else { [&chunk(&late), LAST].concat() };
            let server = Server::script([Action::Delayed(first, latch.clone(), late)]);
            let client = client(&server.url(), &[Change::ReadTimeoutMs(20_000)]);
            let (_, mut stream) = open(&client, "/");
            for word in &WORDS[..flushed] {
                assert_eq!(next(&mut stream).as_deref(), Some(*word), "{name}, {flushed} flushed");
            }
            latch.open();
            let expected = WORDS[flushed..].iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(rest(&mut stream), (expected, Code::Ok), "{name}: {:?}", stream.error());
        }
    }
}

#[test]
fn flushed_bytes_are_read_at_once() {
    for Coded { name, events, .. } in codings() {
        let server = Server::script([Action::Silence([head(name), chunk(&events[0])].concat())]);
        let client = client(&server.url(), &[Change::ReadTimeoutMs(20_000)]);
        let (_, mut stream) = open(&client, "/");
        let mut bytes = Vec::new();
        while bytes.len() < EVENTS[0].len() {
            let mut buffer = [0; 1000];
            let read = stream.read(&mut buffer).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            bytes.extend_from_slice(&buffer[..read]);
        }
        assert_eq!(bytes, EVENTS[0].as_bytes(), "{name}");
    }
}

/// The decoder of zstd returns content only behind its window, which is larger than many events.
#[test]
fn a_stream_does_not_ask_for_zstd_but_decodes_it() {
    let Coded { name, events, end } = zstd();
    let whole = [head(name), chunk(&[events.concat(), end].concat()), LAST.to_vec()].concat();
    let server = Server::always(Action::Reply(whole));
    let client = client(&server.url(), &[]);
    let read_all = |stream: &mut Stream| assert_eq!(rest(stream).0, WORDS, "{:?}", stream.error());
    read_all(&mut open(&client, "/").1);
    let mut own = request("GET", "/");
    own.set_header("Accept-Encoding", "zstd").unwrap();
    read_all(&mut client.open_stream(&own).1);
    get(&client, "/");
    client.add_header("Accept-Encoding", "br, zstd").unwrap();
    read_all(&mut open(&client, "/").1);
    let requests = server.finish().requests;
    let accepted: Vec<_> = requests.iter().map(|sent| sent.field("accept-encoding")).collect();
    assert_eq!(
        accepted,
        [Some("gzip, br"), Some("zstd"), Some("gzip, br, zstd"), Some("br, zstd")]
    );
}
