//! Request bodies that a callback writes while they are sent.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use sac::code::Code;
use sac::request::{Request, RewindCallback};
use sac::settings::Change;

use crate::support::*;

/// A body that its callback writes in pieces of this size.
struct Pieces {
    content: Arc<Vec<u8>>,
    size: usize,
    written: Arc<AtomicUsize>,
}

impl Pieces {
    fn new(length: usize, size: usize) -> Self {
        Self { content: Arc::new(pattern(length)), size, written: Arc::default() }
    }

    fn set(&self, request: &mut Request, length: Option<u64>) {
        let (content, size, written) =
            (Arc::clone(&self.content), self.size, Arc::clone(&self.written));
        let callback = move |buffer: &mut [u8]| {
            let from = written.load(Ordering::Relaxed);
            let count = size.min(buffer.len()).min(content.len() - from);
            buffer[..count].copy_from_slice(&content[from..from + count]);
            written.fetch_add(count, Ordering::Relaxed);
            Some(count)
        };
        request.set_body_callback("application/octet-stream", length, Arc::new(callback)).unwrap();
    }

    fn rewind(&self) -> RewindCallback {
        let written = Arc::clone(&self.written);
        Arc::new(move || {
            written.store(0, Ordering::Relaxed);
            true
        })
    }
}

#[test]
fn a_body_is_sent_with_its_length_or_in_chunks() {
    for (length, size) in
        [(0, 10), (1, 1), (700, 1), (1_000, 17), (400_000, 400_000), (300_000, 4096)]
    {
        for known in [true, false] {
            let server = Server::always(respond(200, &[], "{}"));
            let client = client(&server.url(), &[]);
            let pieces = Pieces::new(length, size);
            let mut request = request("POST", "/");
            pieces.set(&mut request, known.then_some(length as u64));
            assert_eq!(client.send(&request).code(), Code::Ok);
            assert_eq!(get(&client, "/").code(), Code::Ok);
            let record = server.finish();
            let sent = &record.requests[0];
            assert!(sent.body == *pieces.content, "{length} bytes in pieces of {size}");
            assert_eq!(sent.field("content-length").is_some(), known);
            assert_eq!(sent.field("transfer-encoding"), (!known).then_some("chunked"));
            assert_eq!(record.connections, 1, "the connection is kept");
        }
    }
}

#[test]
fn a_callback_that_gives_up_ends_the_call() {
    for length in [None, Some(10)] {
        let server = Server::always(respond(200, &[], "{}"));
        let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
        let mut request = request("PUT", "/");
        request.set_body_callback("text/plain", length, Arc::new(|_| None)).unwrap();
        assert_eq!(client.send(&request).code(), Code::Cancelled);
        assert!(server.finish().requests.is_empty(), "the server received a complete request");
    }
}

#[test]
fn a_body_that_ends_before_its_length_is_never_complete() {
    let server = Server::always(respond(200, &[], "{}"));
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let mut request = request("PUT", "/");
    Pieces::new(9, 5).set(&mut request, Some(10));
    let response = client.send(&request);
    assert_eq!(response.code(), Code::InvalidArgument);
    let error = error_of(&response);
    assert!(error.contains("the body callback ended 1 bytes before its length"), "{error}");
    assert!(server.finish().requests.is_empty(), "the server received a complete request");
}

#[test]
fn a_body_is_repeated_only_from_its_beginning() {
    for again in [respond(503, &[], "{}"), respond(307, &[("Location", "/there")], "")] {
        for can_rewind in [true, false] {
            let server = Server::script([again.clone(), respond(200, &[], "{}")]);
            let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
            let pieces = Pieces::new(5_000, 999);
            let mut request = request("PUT", "/");
            pieces.set(&mut request, None);
            request.set_rewind(can_rewind.then(|| pieces.rewind()));
            let response = client.send(&request);
            let requests = server.finish().requests;
            assert!(requests.iter().all(|sent| sent.body == *pieces.content));
            let (status, count) = if can_rewind { (200, 2) } else { (response.status(), 1) };
            assert_eq!(
                (response.status(), requests.len()),
                (status, count),
                "{}",
                error_of(&response)
            );
            assert_eq!(response.code() == Code::Ok, can_rewind, "{}", error_of(&response));
        }
    }
}

#[test]
fn a_rewind_that_fails_ends_the_call() {
    let server = Server::always(respond(503, &[], "{}"));
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let mut request = request("PUT", "/");
    Pieces::new(10, 10).set(&mut request, None);
    request.set_rewind(Some(Arc::new(|| false)));
    assert_eq!(client.send(&request).code(), Code::InvalidArgument);
    assert_eq!(server.finish().requests.len(), 1);
}

/// Starts a server that reads the head of one request, and passes the connection on with the bytes after the head.
fn answering(answer: impl FnOnce(TcpStream, Vec<u8>) + Send + 'static) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut received = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        let end = loop {
            if let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            let read = stream.read(&mut buffer).unwrap();
            assert_ne!(read, 0, "the connection ended within the head");
            received.extend_from_slice(&buffer[..read]);
        };
        answer(stream, received.split_off(end));
    });
    (url, thread)
}

/// More than all buffers of both systems together.
const LONG: usize = 32 << 20;

#[test]
fn a_response_is_read_while_its_request_is_sent() {
    let (url, echo) = answering(|mut stream, mut last| {
        let mut buffer = vec![0; 64 * 1024];
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        // The chunks of the request are those of the response.
        stream.write_all(&last).unwrap();
        while !last.ends_with(b"0\r\n\r\n") {
            let read = stream.read(&mut buffer).unwrap();
            stream.write_all(&buffer[..read]).unwrap();
            last.extend_from_slice(&buffer[..read]);
            last.drain(..last.len().saturating_sub(5));
        }
    });
    let client = client(&url, &[]);
    let pieces = Pieces::new(LONG, LONG);
    let mut request = request("POST", "/echo");
    pieces.set(&mut request, None);
    let (head, mut stream) = client.open_stream(&request);
    assert_eq!(head.code(), Code::Ok);
    assert!(pieces.written.load(Ordering::Relaxed) < LONG, "the response waited for the request");
    let (mut received, mut buffer) = (Vec::new(), vec![0; 100_000]);
    while let read @ 1.. = stream.read(&mut buffer).unwrap() {
        received.extend_from_slice(&buffer[..read]);
    }
    assert!(received == *pieces.content);
    echo.join().unwrap();
}

#[test]
fn an_endless_body_ends_with_an_early_error() {
    // An early response is noticed within a few pieces. Without that, the body would go on forever.
    const MAX_CALLS: usize = 1_000;
    let answered = Latch::new();
    let (url, server) = answering({
        let answered = answered.clone();
        move |mut stream, _| {
            let error = "{\"error\": \"enough\"}";
            stream.write_all(&respond(413, &[], error).bytes()).unwrap();
            answered.open();
            // It reads on, so that the client can send as much as it wants. The client may reset the connection.
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
    });
    let client = client(&url, &[Change::RetryAttempts(3)]);
    let calls = Arc::new(AtomicUsize::new(0));
    let callback = {
        let calls = Arc::clone(&calls);
        move |buffer: &mut [u8]| {
            let before = calls.fetch_add(1, Ordering::Relaxed);
            // The head is sent with the first piece.
            if before > 0 {
                answered.wait();
            }
            (before < MAX_CALLS).then_some(buffer.len())
        }
    };
    let mut request = request("POST", "/");
    request.set_body_callback("x/y", None, Arc::new(callback)).unwrap();
    let (head, mut stream) = client.open_stream(&request);
    assert_eq!((head.code(), head.status()), (Code::Status, 413), "{}", error_of(&head));
    assert_eq!((error_of(&head), head.attempts()), ("enough", 1));
    assert_eq!(head.body(), b"{\"error\": \"enough\"}", "the head is incomplete");
    let calls_at_head = calls.load(Ordering::Relaxed);
    assert_eq!(stream.read(&mut [0; 9]).unwrap_err().code, Code::Status);
    assert!(stream.next_record().is_none());
    drop(stream);
    server.join().unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), calls_at_head, "the callback was called again");
}
