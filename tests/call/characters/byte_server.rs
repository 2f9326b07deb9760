//! A server that keeps the bytes of a request.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A server that keeps the bytes of the last request.
#[derive(Clone, Default)]
pub struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Bytes {
    /// Starts the server, which runs until the test program ends, and returns its address.
    pub fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let last = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let last = last.clone();
                std::thread::spawn(move || last.serve(stream));
            }
        });
        address
    }

    fn serve(&self, mut stream: TcpStream) {
        let (mut received, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            received.extend_from_slice(&buffer[..read]);
            if !is_whole(&received) {
                continue;
            }
            *self.0.lock().unwrap() = std::mem::take(&mut received);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        }
    }

    pub fn take(&self) -> ReceivedRequest {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        let end = end_of_head(&bytes).expect("no request has arrived");
        ReceivedRequest { head: bytes[..end].to_vec(), body: bytes[end..].to_vec() }
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = end_of_head(bytes) else { return false };
    let received = ReceivedRequest { head: bytes[..end].to_vec(), body: Vec::new() };
    let length = received
        .field("content-length")
        .map_or(0, |value| std::str::from_utf8(&value).unwrap().parse::<usize>().unwrap());
    bytes.len() >= end + length
}

pub struct ReceivedRequest {
    pub head: Vec<u8>,
    pub body: Vec<u8>,
}

impl ReceivedRequest {
    /// The lines of the head. Each ends with CR LF and contains no other CR, LF or NUL.
    pub fn lines(&self) -> Vec<&[u8]> {
        let lines: Vec<_> =
            self.head.strip_suffix(b"\r\n\r\n").unwrap().split(|&byte| byte == b'\n').collect();
        let (last, others) = lines.split_last().unwrap();
        let stripped =
            others.iter().map(|line| line.strip_suffix(b"\r").expect("a line feed without CR"));
        let lines: Vec<&[u8]> = stripped.chain([*last]).collect();
        assert!(lines.iter().all(|line| !line.contains(&b'\r') && !line.contains(&0)));
        lines
    }

    pub fn target(&self) -> Vec<u8> {
        let line = self.lines()[0].to_vec();
        let words: Vec<_> = line.split(|&byte| byte == b' ').collect();
        assert!(words.len() == 3 && words[2] == b"HTTP/1.1", "{}", line.escape_ascii());
        words[1].to_vec()
    }

    /// The value of a field, which may occur once at most.
    pub fn field(&self, name: &str) -> Option<Vec<u8>> {
        let head = self.head.split(|&byte| byte == b'\n').skip(1);
        let mut values = head.filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            line[..colon]
                .eq_ignore_ascii_case(name.as_bytes())
                .then(|| line[colon + 2..line.len() - 1].to_vec())
        });
        let value = values.next();
        assert!(values.next().is_none(), "{name} occurs twice");
        value
    }

    pub fn has(&self, name: &str, value: impl AsRef<[u8]>) -> bool {
        self.field(name).as_deref() == Some(value.as_ref())
    }
}
