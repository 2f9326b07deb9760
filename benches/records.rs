//! The speed of streams: records that are handed out unread, and with one value read of each.
//!
//! `cargo bench --bench records` prints MB/s of the body: for records in memory, and for a gigabyte over TCP from
//! another thread, with the memory of the process after it.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use sac::answer::Response;
use sac::answer::records::{Record, Records};
use sac::client::Client;
use sac::request::{RecordKind, Request};

/// The least time of a measurement.
const TIME: Duration = Duration::from_secs(1);
/// The bytes that the server sends in all.
const SENT: usize = 1 << 30;

fn main() {
    let objects: Vec<String> = (0..20_000).map(object).collect();
    let lines = objects.join("\n") + "\n";
    let array = format!("[{}]", objects.join(","));
    let events: String = objects.iter().map(|object| format!("data: {object}\n\n")).collect();
    println!("{:<28} {:>10} {:>16}", "MB/s", "unread", "a value of each");
    for (name, kind, body) in [
        ("JSON lines", RecordKind::Lines, &lines),
        ("elements of an array", RecordKind::Array, &array),
        ("events", RecordKind::Events, &events),
    ] {
        let unread = speed(kind, body, |_| {});
        let read = speed(kind, body, read_value);
        println!("{name:<28} {unread:>10.0} {read:>16.0}");
    }
    let unread = speed_over_tcp(&lines, |_| {});
    let read = speed_over_tcp(&lines, read_value);
    println!("{:<28} {unread:>10.0} {read:>16.0}", "JSON lines, 1 GiB over TCP");
    println!("resident memory: {}", resident());
}

/// An object as in the lists of an API.
fn object(number: usize) -> String {
    format!(
        "{{\"id\":{number},\"name\":\"Item {number}\",\"tags\":[\"new\",\"kitchen\"],\"price\":{}.95,\
         \"active\":{},\"owner\":{{\"login\":\"user{}\",\"url\":\"https://api.example.com/users/{}\"}}}}",
        number % 1000,
        number.is_multiple_of(3),
        number % 97,
        number % 97
    )
}

fn read_value(record: Record<'_>) {
    let json = Response::from_text(record.data.strip_suffix(b"\0").unwrap()).unwrap();
    assert!(json.values().int64(json.json_text(), "/id").is_some(), "{}", json.json_text());
}

fn speed(kind: RecordKind, body: &str, mut each: impl FnMut(Record<'_>)) -> f64 {
    let (start, mut bytes) = (Instant::now(), 0);
    while start.elapsed() < TIME {
        let mut records = Records::new(kind, 1 << 20);
        let mut rest = body.as_bytes();
        while records.advance(|room| Ok(rest.read(room).unwrap())).unwrap() {
            each(records.record());
        }
        bytes += body.len();
    }
    bytes as f64 / 1e6 / start.elapsed().as_secs_f64()
}

fn speed_over_tcp(lines: &str, mut each: impl FnMut(Record<'_>)) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::scope(|scope| {
        scope.spawn(|| serve(listener.accept().unwrap().0, lines));
        let client = Client::new(&url).unwrap();
        let mut request = Request::new("GET", "/").unwrap();
        request.set_records(Some(RecordKind::Lines));
        let (_, mut stream) = client.open_stream(&request);
        let (start, mut bytes) = (Instant::now(), 0);
        while let Some(record) = stream.next_record() {
            bytes += record.data.len();
            each(record);
        }
        assert_eq!(stream.error(), None);
        bytes as f64 / 1e6 / start.elapsed().as_secs_f64()
    })
}

fn serve(mut stream: TcpStream, lines: &str) {
    let mut head = [0; 4096];
    let _ = stream.read(&mut head).unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").unwrap();
    for _ in 0..SENT / lines.len() {
        stream.write_all(lines.as_bytes()).unwrap();
    }
}

/// The memory of this process, as the kernel writes it.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().to_owned()
}
