//! Bodies of any size go through memory that does not grow with them.
//!
//! Measured in a process of its own. 128 MiB each way by default; `SAC_LONG_TESTS=1` makes it 2 GiB.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::process::Command;

use sac::code::Code;
use sac::request::Output;
use sac::settings::Change;

use crate::server::*;

const CHILD: &str = "SAC_STREAMS_CHILD";
const ALLOWED_KIB: u64 = 16 * 1024;

fn size() -> u64 {
    if std::env::var_os("SAC_LONG_TESTS").is_some() { 2 << 30 } else { 128 << 20 }
}

fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().unwrap()
}

/// Takes as many bytes as are announced, then sends as many back.
fn serve(listener: &std::net::TcpListener) {
    let size = size();
    let mut peer = Peer::accept(listener);
    let (block, mut sink) = (vec![7; 1 << 16], vec![0; 1 << 16]);
    peer.head();
    let mut left = size.saturating_sub(peer.unread.len() as u64);
    while left > 0 {
        let read = peer.stream.read(&mut sink).unwrap();
        assert!(read > 0, "the upload breaks off {left} bytes before its end");
        left = left.saturating_sub(read as u64);
    }
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n");
    peer.send(head.as_bytes());
    for _ in 0..size / block.len() as u64 {
        peer.stream.write_all(&block).unwrap();
    }
}

#[test]
fn bodies_of_any_size_pass_through_constant_memory() {
    let folder = Folder::new();
    let upload = folder.path("upload");
    fs::File::create(&upload).unwrap().set_len(size()).unwrap();
    let server = Server::start(|listener| serve(&listener));
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "memory::child", "--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{} {upload} {}", server.address, folder.path("download")))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{text}\n{}", String::from_utf8_lossy(&out.stderr));
    let grown = text.lines().find_map(|line| line.split("additional KiB: ").nth(1)).unwrap();
    let grown: u64 = grown.trim().parse().unwrap();
    println!("{} MiB each way took {grown} KiB of additional memory", size() >> 20);
    assert!(grown <= ALLOWED_KIB, "{grown} KiB of additional memory, {ALLOWED_KIB} are allowed");
    let download = fs::File::open(folder.path("download")).unwrap();
    assert_eq!(download.metadata().unwrap().len(), size());
    let mut last = [0];
    download.read_exact_at(&mut last, size() - 1).unwrap();
    assert_eq!(last, [7]);
}

/// The process that is measured; nothing where a person runs it.
#[test]
fn child() {
    let Ok(arguments) = std::env::var(CHILD) else { return };
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let [address, upload, download] = arguments[..] else { panic!("{arguments:?}") };
    let client = sac::client::Client::new(&format!("http://{address}")).unwrap();
    client.change(&Change::TimeoutMs(0)).unwrap();
    let mut request = request("PUT");
    request.set_body_file("application/octet-stream", upload).unwrap();
    request.set_output(Output::File(download.into())).unwrap();
    let before = status("VmRSS");
    let response = client.send(&request);
    assert_eq!(response.code(), Code::Ok, "{:?}", response.error());
    println!("additional KiB: {}", status("VmHWM").saturating_sub(before));
}
