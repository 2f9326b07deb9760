//! Content codings are undone as a body streams, and its limit counts what comes out of them.

use std::io::Read;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
use sac::code::Code;
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
        // One more bit in front of the first says how large the window is.
        let header = ((length << 3) | (1 << 19)) << u32::from(index == 0);
        packed.extend_from_slice(&header.to_le_bytes()[..3]);
        packed.extend_from_slice(piece);
    }
    packed.push(3);
    packed
}

/// A frame of blocks that each say how often a byte is repeated (RFC 8878 section 3.1.1.2).
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
        // What some servers take it for.
        ("deflate", packed(DeflateEncoder::new(&content[..], fast))),
        ("br", brotli(&content)),
        ("zstd", zstd(&content)),
    ]
}

#[test]
fn each_coding_is_undone_on_each_way_and_the_limit_counts_what_comes_out() {
    for (coding, packed) in codings() {
        let field = format!("Content-Encoding: {coding}");
        for way in ["memory", "file", "callback"] {
            for (most, expected) in [(SIZE, Code::Ok), (SIZE - 1, Code::TooLarge)] {
                let (server, _seen) = Server::answering([answer("200 OK", &[&field], &packed)]);
                let (folder, taken) = (Folder::new(), Arc::new(Mutex::new(Vec::new())));
                let mut request = request("GET");
                request.set_header("Accept", "application/octet-stream").unwrap();
                request.change(Change::MaxBodyBytes(most as u64)).unwrap();
                match way {
                    "file" => request.set_output(Output::File(folder.path("target").into())),
                    "callback" => request.set_output(Output::Callback(Arc::new({
                        let taken = Arc::clone(&taken);
                        move |bytes: &[u8]| {
                            taken.lock().unwrap().extend_from_slice(bytes);
                            true
                        }
                    }))),
                    _ => Ok(()),
                }
                .unwrap();
                let response = server.client().send(&request);
                let what = format!("{coding} to {way}, at most {most}: {:?}", response.error());
                assert_eq!(response.code(), expected, "{what}");
                let came = match way {
                    "file" if expected == Code::Ok => std::fs::read(folder.path("target")).unwrap(),
                    "file" => Vec::new(),
                    "callback" => std::mem::take(&mut *taken.lock().unwrap()),
                    _ => response.body().to_vec(),
                };
                assert!(came.iter().all(|byte| *byte == BYTE), "{what}: another content");
                assert!(came.len() <= most, "{what}: {} bytes came", came.len());
                assert_eq!(came.len() == SIZE, expected == Code::Ok, "{what}");
                let left = usize::from(way == "file" && expected == Code::Ok);
                assert_eq!(folder.listed().len(), left, "{what}: {:?}", folder.listed());
            }
        }
    }
}
