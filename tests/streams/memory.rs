//! Bodies of any size go through memory that does not grow with them.
//!
//! Measured in a process of its own. 64 MiB each way by default; `SAC_LONG_TESTS=1` makes it 2 GiB
//! (`cargo test --test streams memory -- --nocapture` shows the figures).

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::{ServerConnection, StreamOwned};
use sac::code::Code;
use sac::request::{Output, PartHead};
use sac::settings::Change;

use crate::server::*;

const CHILD: &str = "SAC_STREAMS_CHILD";
const ALLOWED_KIB: u64 = 16 * 1024;
/// What all bodies are made of.
const BYTE: u8 = 7;

fn size() -> u64 {
    if std::env::var_os("SAC_LONG_TESTS").is_some() { 2 << 30 } else { 64 << 20 }
}

/// In KiB.
fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().unwrap()
}

/// Takes as many bytes as are announced, then sends a body back, with gzip where that is wanted.
fn serve(mut stream: impl Read + Write, gzip: bool) {
    let (block, mut sink) = (vec![BYTE; 1 << 16], vec![0; 1 << 16]);
    let mut head = Vec::new();
    let end = loop {
        let read = stream.read(&mut sink).unwrap();
        assert!(read > 0, "the request breaks off");
        head.extend_from_slice(&sink[..read]);
        if let Some(at) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let text = String::from_utf8_lossy(&head[..end]).to_ascii_lowercase();
    let length = text.split_once("content-length: ").unwrap().1.lines().next().unwrap();
    let mut left = length.parse::<u64>().unwrap() - (head.len() - end) as u64;
    assert!(left >= size() - (1 << 20), "{text}");
    while left > 0 {
        let read = stream.read(&mut sink).unwrap();
        assert!(read > 0, "the upload breaks off {left} bytes before its end");
        left -= read as u64;
    }
    let blocks = size() / block.len() as u64;
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
    if gzip {
        stream.write_all(format!("{head}Content-Encoding: gzip\r\n\r\n").as_bytes()).unwrap();
        let mut encoder = GzEncoder::new(stream, Compression::fast());
        (0..blocks).for_each(|_| encoder.write_all(&block).unwrap());
        encoder.finish().unwrap().flush().unwrap();
    } else {
        let head = format!("{head}Content-Length: {}\r\n\r\n", size());
        stream.write_all(head.as_bytes()).unwrap();
        (0..blocks).for_each(|_| stream.write_all(&block).unwrap());
        stream.flush().unwrap();
    }
}

/// Has a child send a file in one way and take the answer in another, and measures it.
fn measure(way: &str, folder: &Folder, server: &Server) {
    let upload = folder.path("upload");
    fs::File::create(&upload).unwrap().set_len(size()).unwrap();
    let arguments = format!("{way} {} {upload} {}", server.address, folder.path("download"));
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "memory::child", "--nocapture", "--test-threads=1"])
        .env(CHILD, arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{way}: {text}\n{}", String::from_utf8_lossy(&out.stderr));
    let grown = text.lines().find_map(|line| line.split("additional KiB: ").nth(1)).unwrap();
    let grown: u64 = grown.trim().parse().unwrap();
    println!("{way}: {} MiB each way took {grown} KiB of additional memory", size() >> 20);
    assert!(grown <= ALLOWED_KIB, "{way}: {grown} KiB, {ALLOWED_KIB} are allowed");
}

/// All of it lies in the file.
fn is_whole(path: &str) {
    let download = fs::File::open(path).unwrap();
    assert_eq!(download.metadata().unwrap().len(), size());
    let mut last = [0];
    download.read_exact_at(&mut last, size() - 1).unwrap();
    assert_eq!(last, [BYTE]);
}

#[test]
fn files_of_any_size_pass_through_constant_memory() {
    let folder = Folder::new();
    let server = Server::start(|listener| serve(listener.accept().unwrap().0, false));
    measure("file", &folder, &server);
    is_whole(&folder.path("download"));
}

#[test]
fn a_file_of_any_size_as_a_part_and_a_coded_answer_pass_through_constant_memory() {
    let folder = Folder::new();
    let server = Server::start(|listener| serve(listener.accept().unwrap().0, true));
    measure("form", &folder, &server);
}

#[test]
fn files_of_any_size_pass_through_constant_memory_under_tls() {
    let folder = Folder::new();
    let (pem, config) = tls_for("localhost");
    folder.file("download.pem", pem.as_bytes());
    let server = Server::start(|listener| {
        let session = ServerConnection::new(config).unwrap();
        let mut stream = StreamOwned::new(session, listener.accept().unwrap().0);
        serve(&mut stream, false);
        stream.conn.send_close_notify();
        stream.flush().unwrap();
    });
    measure("tls", &folder, &server);
    is_whole(&folder.path("download"));
}

/// The process that is measured; nothing where a person runs it.
#[test]
fn child() {
    let Ok(arguments) = std::env::var(CHILD) else { return };
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let [way, address, upload, download] = arguments[..] else { panic!("{arguments:?}") };
    let port = address.split_once(':').unwrap().1;
    let scheme = if way == "tls" { "https" } else { "http" };
    let client = sac::client::Client::new(&format!("{scheme}://localhost:{port}")).unwrap();
    client.change(&Change::TimeoutMs(0)).unwrap();
    if way == "tls" {
        client.set_ca_file(&format!("{download}.pem")).unwrap();
    }
    let mut request = request("PUT");
    let taken = Arc::new(AtomicU64::new(0));
    if way == "form" {
        let head = PartHead { name: "a", file_name: None, content_type: None };
        request.add_part(&head, b"small").unwrap();
        request.add_part_file("b", upload, None).unwrap();
        let taken = Arc::clone(&taken);
        let take = move |bytes: &[u8]| {
            taken.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            bytes.iter().all(|byte| *byte == BYTE)
        };
        request.set_output(Output::Callback(Arc::new(take))).unwrap();
    } else {
        request.set_body_file("application/octet-stream", upload).unwrap();
        request.set_output(Output::File(download.into())).unwrap();
    }
    let before = status("VmRSS");
    let response = client.send(&request);
    assert_eq!(response.code(), Code::Ok, "{:?}", response.error());
    if way == "form" {
        assert_eq!(taken.load(Ordering::Relaxed), size());
    }
    println!("additional KiB: {}", status("VmHWM").saturating_sub(before));
}
