//! Content codings of streamed bodies are decoded, and the body limit counts the decoded bytes.

use std::io::Read;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
use sac::code::Code;
use sac::log::Level;
use sac::request::Output;
use sac::settings::Change;

use crate::server::*;

const SIZE: usize = 1_000_000;
const BYTE: u8 = 7;

fn packed(mut encoder: impl Read) -> Vec<u8> {
    let mut packed = Vec::new();
    encoder.read_to_end(&mut packed).unwrap();
    packed
}

/// Meta-blocks that are not compressed (RFC 7932 section 9.2).
fn brotli(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    for (index, piece) in content.chunks(1 << 16).enumerate() {
        let length = u32::try_from(piece.len() - 1).unwrap();
        // The first header has one more bit in front, for the window size.
        let header = ((length << 3) | (1 << 19)) << u32::from(index == 0);
        packed.extend_from_slice(&header.to_le_bytes()[..3]);
        packed.extend_from_slice(piece);
    }
    packed.push(3);
    packed
}

/// A frame of RLE blocks, each with one repeated byte (RFC 8878 section 3.1.1.2).
fn zstd(content: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0x38];
    let blocks = content.chunks(1 << 17).collect::<Vec<_>>();
    for (index, block) in blocks.iter().enumerate() {
        let last = u32::from(index + 1 == blocks.len());
        let header = (u32::try_from(block.len()).unwrap() << 3) | (1 << 1) | last;
        packed.extend_from_slice(&header.to_le_bytes()[..3]);
        packed.push(BYTE);
    }
    packed
}

fn codings() -> [(&'static str, Vec<u8>); 5] {
    let content = vec![BYTE; SIZE];
    let fast = Compression::fast();
    [
        ("gzip", packed(GzEncoder::new(&content[..], fast))),
        ("deflate", packed(ZlibEncoder::new(&content[..], fast))),
        // Some servers send raw deflate data under this name.
        ("deflate", packed(DeflateEncoder::new(&content[..], fast))),
        ("br", brotli(&content)),
        ("zstd", zstd(&content)),
    ]
}

#[test]
fn each_coding_is_decoded_to_each_destination_and_the_limit_counts_decoded_bytes() {
    for (coding, packed) in codings() {
        let field = format!("Content-Encoding: {coding}");
        for destination in ["memory", "file", "callback"] {
            for (max, expected) in [(SIZE, Code::Ok), (SIZE - 1, Code::TooLarge)] {
                let (server, _received) =
                    Server::responding([http_response("200 OK", &[&field], &packed)]);
                let (folder, received) = (Folder::new(), Arc::new(Mutex::new(Vec::new())));
                let mut request = request("GET");
                request.set_header("Accept", "application/octet-stream").unwrap();
                request.change(Change::MaxBodyBytes(max as u64)).unwrap();
                match destination {
                    "file" => request.set_output(Output::File(folder.path("target").into())),
                    "callback" => request.set_output(Output::Callback(Arc::new({
                        let received = Arc::clone(&received);
                        move |bytes: &[u8]| {
                            received.lock().unwrap().extend_from_slice(bytes);
                            true
                        }
                    }))),
                    _ => Ok(()),
                }
                .unwrap();
                let response = server.client().send(&request);
                let what =
                    format!("{coding} to {destination}, at most {max}: {:?}", response.error());
                assert_eq!(response.code(), expected, "{what}");
                let content = match destination {
                    "file" if expected == Code::Ok => std::fs::read(folder.path("target")).unwrap(),
                    "file" => Vec::new(),
                    "callback" => std::mem::take(&mut *received.lock().unwrap()),
                    _ => response.body().to_vec(),
                };
                assert!(content.iter().all(|byte| *byte == BYTE), "{what}: another content");
                assert!(content.len() <= max, "{what}: {} bytes", content.len());
                assert_eq!(content.len() == SIZE, expected == Code::Ok, "{what}");
                let files = usize::from(destination == "file" && expected == Code::Ok);
                assert_eq!(folder.listed().len(), files, "{what}: {:?}", folder.listed());
            }
        }
    }
}

#[test]
fn bytes_after_a_coded_body_are_ignored_and_logged() {
    for (coding, packed) in codings() {
        for (rest, warnings) in [(&b""[..], 0), (b"\r\n", 1), (b"<!-- cache: hit -->", 1)] {
            let field = format!("Content-Encoding: {coding}");
            let body = [&packed[..], rest].concat();
            let (server, _received) =
                Server::responding([http_response("200 OK", &[&field], &body)]);
            let client = server.client();
            let lines = Arc::new(Mutex::new(Vec::new()));
            let log = Arc::clone(&lines);
            let record =
                move |level, line: &str| log.lock().unwrap().push((level, line.to_owned()));
            client.set_logger(Some(Arc::new(record)), Level::Warn);
            let mut request = request("GET");
            request.set_header("Accept", "application/octet-stream").unwrap();
            let response = client.send(&request);
            assert_eq!(response.code(), Code::Ok, "{coding}: {:?}", response.error());
            assert!(response.body() == vec![BYTE; SIZE], "{coding}: another content");
            let lines = std::mem::take(&mut *lines.lock().unwrap());
            let ignored = lines.iter().filter(|(_, line)| line.contains("bytes after the end"));
            assert_eq!(ignored.count(), warnings, "{coding}: {lines:?}");
        }
    }
}

#[test]
fn a_plain_body_for_a_callback_may_exceed_the_limit_of_a_coded_one() {
    const LENGTH: usize = 257 << 20;
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(&listener);
        peer.request();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n");
        peer.send(head.as_bytes());
        for _ in 0..257 {
            peer.send(&[BYTE; 1 << 20]);
        }
    });
    let received = Arc::new(Mutex::new(0));
    let mut request = request("GET");
    let count = Arc::clone(&received);
    request
        .set_output(Output::Callback(Arc::new(move |bytes: &[u8]| {
            *count.lock().unwrap() += bytes.len();
            true
        })))
        .unwrap();
    let response = server.client().send(&request);
    assert_eq!(response.code(), Code::Ok, "{:?}", response.error());
    assert_eq!(*received.lock().unwrap(), LENGTH);
}
