//! What a forked child does with what its parent left. A process of its own, because the count of
//! forks is one for the whole process.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use sac::transport::{Body, Bounds, Exchange, TlsSetup, Transport, Wire, fork};
use sac::wait::Deadline;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn send(transport: &Transport, url: &str) -> Exchange {
    let bounds = Bounds {
        attempt: Deadline::NEVER,
        connect_timeout: None,
        read_timeout: None,
        cancel: None,
        max_body_bytes: 1024,
    };
    let tls = TlsSetup::default();
    let wire = Wire { tls: &tls, bounds, fresh_connection: false };
    let request = http::Request::builder().uri(url).body(()).unwrap();
    transport.exchange(&wire, request, Body::None)
}

/// Reads a request and answers it; `false` where the client has closed the connection.
fn serve(stream: &mut TcpStream) -> bool {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return false,
        }
    }
    stream.write_all(OK).unwrap();
    true
}

#[test]
fn a_child_starts_with_an_empty_pool_and_closes_what_it_inherited() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut parents, _) = listener.accept().unwrap();
        assert!(serve(&mut parents) && serve(&mut parents));
        let (mut childs, _) = listener.accept().unwrap();
        // The child has dropped the connection that it inherited, and says nothing on it.
        assert!(!serve(&mut parents), "a request went over the parent's connection");
        assert!(serve(&mut childs) && serve(&mut childs));
        assert!(!serve(&mut childs), "nothing was to come after the child's requests");
    });
    let transport = Transport::new();
    assert!(send(&transport, &url).record.opened_connection);
    assert!(send(&transport, &url).record.reused_connection);

    fork::forked();
    let first = send(&transport, &url);
    assert!(first.record.opened_connection, "the parent's connection was used");
    assert!(first.outcome.is_ok());
    assert!(send(&transport, &url).record.reused_connection);

    // A client that the child frees without having used it.
    fork::forked();
    drop(transport);
    server.join().unwrap();
    assert_eq!(fork::generation(), 2);
}
