//! The records of a body of any size need constant memory.
//!
//! A separate process is measured. It reads 32 MiB of records of each kind, or 1 GiB with `SAC_LONG_TESTS=1`.
//! `cargo test --test streams record_memory -- --nocapture` prints the results.

use std::io::{BufWriter, Write};
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;
use sac::client::Client;
use sac::settings::Change;

use crate::memory::{child_arguments, increase_of, status};
use crate::server::*;

/// The code that a process runs first takes some memory too.
const ALLOWED_KIB: u64 = 3 * 1024;

/// A kind of records, with its bytes before, between and after them.
struct Kind {
    name: &'static str,
    media_type: &'static str,
    before: &'static str,
    begin: &'static str,
    end: &'static str,
    after: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "events",
        media_type: "text/event-stream",
        before: ": log\n\n",
        begin: "id: 1\ndata: ",
        end: "\n\n",
        after: "",
    },
    Kind {
        name: "lines",
        media_type: "application/x-ndjson",
        before: "",
        begin: "",
        end: "\n",
        after: "",
    },
    Kind {
        name: "array",
        media_type: "application/json",
        before: "[",
        begin: "",
        end: ",\n",
        after: "0]",
    },
];

/// One record. Each is as long as some blocks of the decoders' input.
fn record() -> String {
    format!("{{\"text\":\"{}\",\"list\":[1,2,3]}}", "a line of a log ".repeat(40))
}

/// The number of records. All of them have the size of the test.
fn count() -> u64 {
    let size = if std::env::var_os("SAC_LONG_TESTS").is_some() { 1 << 30 } else { 32 << 20 };
    size / record().len() as u64 + 1
}

fn write_records(kind: &Kind, mut to: impl Write) -> std::io::Result<()> {
    let record = [kind.begin, &record(), kind.end].concat();
    to.write_all(kind.before.as_bytes())?;
    (0..count()).try_for_each(|_| to.write_all(record.as_bytes()))?;
    to.write_all(kind.after.as_bytes())?;
    to.flush()
}

/// Measures a child process that reads the records.
fn measure(kind: &'static Kind, gzip: bool) {
    let server = Server::start(move |listener| {
        let mut peer = Peer::accept(&listener);
        peer.request();
        let coding = if gzip { "Content-Encoding: gzip\r\n" } else { "" };
        let (media_type, close) = (kind.media_type, "Connection: close");
        peer.send(
            format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n{coding}{close}\r\n\r\n")
                .as_bytes(),
        );
        let stream = BufWriter::with_capacity(1 << 16, &peer.stream);
        if gzip {
            let mut encoder = GzEncoder::new(stream, Compression::fast());
            write_records(kind, &mut encoder).unwrap();
            encoder.finish().unwrap().flush().unwrap();
        } else {
            write_records(kind, stream).unwrap();
        }
    });
    let arguments = format!("{} {} {}", kind.name, server.address, count());
    let start = Instant::now();
    let increase = increase_of("record_memory::child", &arguments);
    println!(
        "{} records ({}{}) needed {increase} KiB of additional memory, in {:.1} s",
        count(),
        kind.name,
        if gzip { ", gzip" } else { "" },
        start.elapsed().as_secs_f64()
    );
    assert!(
        increase <= ALLOWED_KIB,
        "{}: {increase} KiB, but only {ALLOWED_KIB} KiB are allowed",
        kind.name
    );
}

#[test]
fn events_need_constant_memory() {
    measure(&KINDS[0], false);
}

#[test]
fn json_lines_need_constant_memory() {
    measure(&KINDS[1], false);
}

#[test]
fn compressed_json_lines_need_constant_memory() {
    measure(&KINDS[1], true);
}

#[test]
fn the_elements_of_an_array_need_constant_memory() {
    measure(&KINDS[2], false);
}

/// The measured process. Without its environment variable, this test does nothing.
#[test]
fn child() {
    let Some(arguments) = child_arguments() else { return };
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let [kind, address, count] = arguments[..] else { panic!("{arguments:?}") };
    let client = Client::new(&format!("http://{address}")).unwrap();
    client.change(&Change::TimeoutMs(0)).unwrap();
    let expected = [record().as_bytes(), b"\0"].concat();
    let before = status("VmRSS");
    let (_, mut stream) = client.open_stream(&request("GET"));
    let mut read = 0;
    while let Some(record) = stream.next_record() {
        if record.data == b"0\0" {
            continue;
        }
        assert!(record.data == expected, "record {read} of {kind} differs");
        read += 1;
    }
    assert!(stream.error().is_none(), "{kind}: {:?}", stream.error());
    assert_eq!(read.to_string(), count, "{kind}");
    println!("additional KiB: {}", status("VmHWM").saturating_sub(before));
}
