//! Bodies of any size need constant memory.
//!
//! A separate process is measured. It transfers 64 MiB in each direction, or 2 GiB with `SAC_LONG_TESTS=1`.
//! `cargo test --test streams memory -- --nocapture` prints the results.

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
/// The only byte of all bodies.
const BYTE: u8 = 7;

fn size() -> u64 {
    if std::env::var_os("SAC_LONG_TESTS").is_some() { 2 << 30 } else { 64 << 20 }
}

/// In KiB.
pub fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().unwrap()
}

/// Reads a body with its Content-Length, then sends a body back, optionally with gzip.
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
    let mut remaining = length.parse::<u64>().unwrap() - (head.len() - end) as u64;
    assert!(remaining >= size() - (1 << 20), "{text}");
    while remaining > 0 {
        let read = stream.read(&mut sink).unwrap();
        assert!(read > 0, "the upload breaks off {remaining} bytes before its end");
        remaining -= read as u64;
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

/// Measures a child process that sends a file and receives the response.
fn measure(mode: &str, folder: &Folder, server: &Server) {
    let upload = folder.path("upload");
    fs::File::create(&upload).unwrap().set_len(size()).unwrap();
    let arguments = format!("{mode} {} {upload} {}", server.address, folder.path("download"));
    let increase = increase_of("memory::child", &arguments);
    println!(
        "{mode}: {} MiB in each direction needed {increase} KiB of additional memory",
        size() >> 20
    );
    assert!(
        increase <= ALLOWED_KIB,
        "{mode}: {increase} KiB, but only {ALLOWED_KIB} KiB are allowed"
    );
}

/// Runs a test of this program in a separate process, and returns the KiB that it prints.
pub fn increase_of(child: &str, arguments: &str) -> u64 {
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--nocapture", "--test-threads=1"])
        .env(CHILD, arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{arguments}: {text}\n{}", String::from_utf8_lossy(&out.stderr));
    let increase = text.lines().find_map(|line| line.split("additional KiB: ").nth(1)).unwrap();
    increase.trim().parse().unwrap()
}

/// The arguments of a process that [`increase_of`] has started.
pub fn child_arguments() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// The file is complete.
fn assert_complete(path: &str) {
    let download = fs::File::open(path).unwrap();
    assert_eq!(download.metadata().unwrap().len(), size());
    let mut last = [0];
    download.read_exact_at(&mut last, size() - 1).unwrap();
    assert_eq!(last, [BYTE]);
}

#[test]
fn files_of_any_size_need_constant_memory() {
    let folder = Folder::new();
    let server = Server::start(|listener| serve(listener.accept().unwrap().0, false));
    measure("file", &folder, &server);
    assert_complete(&folder.path("download"));
}

#[test]
fn a_file_as_a_form_part_and_a_coded_response_need_constant_memory() {
    let folder = Folder::new();
    let server = Server::start(|listener| serve(listener.accept().unwrap().0, true));
    measure("form", &folder, &server);
}

#[test]
fn files_of_any_size_need_constant_memory_with_tls() {
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
    assert_complete(&folder.path("download"));
}

/// The measured process. Without its environment variable, this test does nothing.
#[test]
fn child() {
    let Some(arguments) = child_arguments() else { return };
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let [mode, address, upload, download] = arguments[..] else { panic!("{arguments:?}") };
    let port = address.split_once(':').unwrap().1;
    let scheme = if mode == "tls" { "https" } else { "http" };
    let client = sac::client::Client::new(&format!("{scheme}://localhost:{port}")).unwrap();
    client.change(&Change::TimeoutMs(0)).unwrap();
    if mode == "tls" {
        client.set_ca_file(&format!("{download}.pem")).unwrap();
    }
    let mut request = request("PUT");
    let received = Arc::new(AtomicU64::new(0));
    if mode == "form" {
        let head = PartHead { name: "a", file_name: None, content_type: None };
        request.add_part(&head, b"small").unwrap();
        request.add_part_file("b", upload, None).unwrap();
        let received = Arc::clone(&received);
        let receive = move |bytes: &[u8]| {
            received.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            bytes.iter().all(|byte| *byte == BYTE)
        };
        request.set_output(Output::Callback(Arc::new(receive))).unwrap();
    } else {
        request.set_body_file("application/octet-stream", upload).unwrap();
        request.set_output(Output::File(download.into())).unwrap();
    }
    let before = status("VmRSS");
    let response = client.send(&request);
    assert_eq!(response.code(), Code::Ok, "{:?}", response.error());
    if mode == "form" {
        assert_eq!(received.load(Ordering::Relaxed), size());
    }
    println!("additional KiB: {}", status("VmHWM").saturating_sub(before));
}
