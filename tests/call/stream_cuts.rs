//! Streams over connections that break at every byte, and over connections that deliver single bytes.

use std::collections::HashSet;
use std::io::Write;
use std::sync::Mutex;

use flate2::Compression;
use flate2::write::GzEncoder;
use sac::code::Code;
use sac::settings::Change;

use crate::streams::{LAST, open, rest};
use crate::support::*;

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
const EVENTS: [&str; 3] =
    ["retry: 5\nid: 1\ndata: a\n\n", ":\n\nid: 2\ndata: b\n\n", "id: 3\ndata: c\n\n"];
const LINES: [&str; 3] = ["{\"a\": 1}\n", "[\"b\"]\n", "\"c\"\n\n"];

/// How a body is framed and coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Chunked,
    GzipInChunks,
    Length,
    UntilClosed,
}

use Framing::{Chunked, GzipInChunks, Length, UntilClosed};

/// A response whose body has these pieces.
fn response(framing: Framing, content_type: &str, pieces: &[&str]) -> Vec<u8> {
    let (mut fields, mut body) = (String::new(), Vec::new());
    match framing {
        Chunked => {
            fields += CHUNKED;
            pieces.iter().for_each(|piece| write_chunk(&mut body, piece.as_bytes()));
            body.extend_from_slice(LAST);
        }
        GzipInChunks => {
            fields = format!("{CHUNKED}Content-Encoding: gzip\r\n");
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            for piece in pieces {
                encoder.write_all(piece.as_bytes()).unwrap();
                encoder.flush().unwrap();
                write_chunk(&mut body, &std::mem::take(encoder.get_mut()));
            }
            write_chunk(&mut body, &encoder.finish().unwrap());
            body.extend_from_slice(LAST);
        }
        Length => {
            body = pieces.concat().into_bytes();
            fields = format!("Content-Length: {}\r\n", body.len());
        }
        UntilClosed => body = pieces.concat().into_bytes(),
    }
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n{fields}\r\n");
    [head.into_bytes(), body].concat()
}

fn head_length(response: &[u8]) -> usize {
    response.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4
}

fn write_chunk(body: &mut Vec<u8>, bytes: &[u8]) {
    write!(body, "{:x}\r\n", bytes.len()).unwrap();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n");
}

/// The action that ends a connection after these bytes: a reset, or a regular end.
const ENDS: [fn(Vec<u8>) -> Action; 2] = [Action::Reset, Action::CloseAfter];

/// Each stream has its own path, `/CUT/END`: the byte at which its first response ends, and how it ends. The next
/// responses continue after the last event.
#[test]
fn no_event_is_lost_or_repeated_at_whichever_byte_a_connection_breaks() {
    for framing in [Chunked, GzipInChunks, Length, UntilClosed] {
        let whole = response(framing, "text/event-stream", &EVENTS);
        let (first, begun) = (whole.clone(), Mutex::new(HashSet::new()));
        let body = head_length(&whole);
        let unnamed = body..body + "retry: 5\n".len();
        let server = Server::start(move |received| {
            if begun.lock().unwrap().insert(received.path().to_owned()) {
                let (cut, end) = received.path()[1..].split_once('/').unwrap();
                let (cut, end): (usize, usize) = (cut.parse().unwrap(), end.parse().unwrap());
                return ENDS[end](first[..cut].to_vec());
            }
            match received.field("last-event-id").map_or(0, |id| id.parse().unwrap()) {
                3 => respond(204, &[], ""),
                seen => Action::Reply(response(Chunked, "text/event-stream", &EVENTS[seen..])),
            }
        });
        let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
        for (end, cut) in
            (0..ENDS.len()).flat_map(|end| (0..=whole.len()).map(move |cut| (end, cut)))
        {
            let (_, mut stream) = open(&client, &format!("/{cut}/{end}"));
            let mut expected = ["a", "b", "c"].map(str::to_owned).to_vec();
            // Before the first field, the end of such a body is the regular end of events that cannot be continued.
            if framing == UntilClosed && end == 1 && unnamed.contains(&cut) {
                expected.clear();
            }
            assert_eq!(
                rest(&mut stream),
                (expected, Code::Ok),
                "{framing:?}, {cut} of {} bytes, end {end}: {:?}",
                whole.len(),
                stream.error()
            );
        }
    }
}

#[test]
fn records_before_a_cut_are_whole_and_the_cut_is_an_error() {
    for framing in [Chunked, GzipInChunks, Length] {
        for (content_type, pieces, records) in [
            ("application/x-ndjson", LINES, ["{\"a\": 1}", "[\"b\"]", "\"c\""]),
            (
                "application/json",
                ["[{\"a\": 1}", ", [\"b\"], ", "\"c\"]"],
                ["{\"a\": 1}", "[\"b\"]", "\"c\""],
            ),
        ] {
            let whole = response(framing, content_type, &pieces);
            let first = whole.clone();
            let server = Server::start(move |received| {
                Action::CloseAfter(first[..received.path()[1..].parse().unwrap()].to_vec())
            });
            let client = client(&server.url(), &[]);
            let mut most = 0;
            for cut in 0..whole.len() {
                let (_, mut stream) = open(&client, &format!("/{cut}"));
                let (arrived, code) = rest(&mut stream);
                let what = format!("{framing:?} of {content_type}, {cut} of {} bytes", whole.len());
                assert_eq!(code, Code::Closed, "{what}: {:?}", stream.error());
                assert_eq!(arrived, records[..arrived.len()], "{what}");
                assert!(arrived.len() >= most, "{what}: fewer records than with fewer bytes");
                most = arrived.len();
            }
            assert_eq!(
                most,
                records.len(),
                "{framing:?} of {content_type}: a cut after all records"
            );
        }
    }
}

#[test]
fn bytes_that_drip_end_no_stream_even_if_they_complete_no_record_in_time() {
    // Bytes arrive every 10 ms. All of them, and those of the long event, take longer than the timeouts.
    let changes = [Change::TimeoutMs(600), Change::ReadTimeoutMs(600)];
    let noise: String = (0..120u32).map(|n| char::from(b'a' + (n * n * 7 % 26) as u8)).collect();
    let event = format!("data: {noise}\n\n");
    for framing in [Chunked, GzipInChunks] {
        let whole = response(framing, "text/event-stream", &[&event, "data: c\n\n"]);
        let (head, body) = whole.split_at(head_length(&whole));
        let server = Server::script([Action::Drip(head.to_vec(), body.to_vec())]);
        let client = client(&server.url(), &changes);
        let (_, mut stream) = open(&client, "/");
        let expected = vec![noise.clone(), "c".to_owned()];
        assert_eq!(rest(&mut stream), (expected, Code::Ok), "{framing:?}: {:?}", stream.error());
    }
}
