//! The connections and DNS lookups of a forked child. A separate program, because the number of
//! forks is global to the process.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::io::{Read, Write};
use std::net::TcpListener;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sac::transport::{
    Body, ConnectionOptions, ExchangeLimits, ExchangeResult, TlsSettings, Transport, fork,
};
use sac::wait::Deadline;

#[path = "call/fake_resolver.rs"]
mod fake_resolver;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn send(transport: &Transport, tls: &TlsSettings, url: &str) -> ExchangeResult {
    send_within(transport, tls, url, Deadline::NEVER)
}

fn send_within(
    transport: &Transport,
    tls: &TlsSettings,
    url: &str,
    attempt: Deadline,
) -> ExchangeResult {
    let limits = ExchangeLimits {
        deadline: attempt,
        connect_timeout: None,
        read_timeout: None,
        cancel: None,
        max_body_bytes: 1024,
    };
    let options = ConnectionOptions::new(tls, limits);
    let request = http::Request::builder().uri(url).body(()).unwrap();
    transport.exchange(&options, (&request).into(), Body::None)
}

/// Reads a request and responds; `false` if the client has closed the connection.
fn serve(stream: &mut (impl Read + Write)) -> bool {
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
fn a_forked_child_does_not_use_the_connections_and_lookups_of_its_parent() {
    a_child_starts_with_an_empty_pool_and_closes_what_it_inherited();
    a_child_closes_inherited_tls_without_close_notify();
    a_child_does_not_count_the_lookups_of_its_parent();
}

fn a_child_does_not_count_the_lookups_of_its_parent() {
    let transport = Transport::new();
    let ask = |name: &str| {
        let deadline = Deadline::after(Instant::now(), Some(Duration::from_millis(5)));
        let url = format!("http://{name}.example/");
        send_within(&transport, &TlsSettings::default(), &url, deadline).outcome.unwrap_err().detail
    };
    let mut name = 0;
    let full = loop {
        name += 1;
        let error = ask(&name.to_string());
        if error.contains("because 32 lookups have not finished") {
            break fake_resolver::count();
        }
    };
    assert_eq!(full, 32, "more lookups than the limit were started");
    fork::after_fork_in_child();
    while fake_resolver::count() == full {
        let error = ask("child");
        assert!(!error.contains("lookups have not finished"), "{error}");
    }
    fake_resolver::fail_all();
}

fn a_child_starts_with_an_empty_pool_and_closes_what_it_inherited() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut of_parent, _) = listener.accept().unwrap();
        assert!(serve(&mut of_parent) && serve(&mut of_parent));
        let (mut of_child, _) = listener.accept().unwrap();
        // The child has closed the inherited connection without sending anything.
        assert!(!serve(&mut of_parent), "a request used the parent's connection");
        assert!(serve(&mut of_child) && serve(&mut of_child));
        assert!(!serve(&mut of_child), "unexpected bytes after the child's requests");
    });
    let (transport, tls) = (Transport::new(), TlsSettings::default());
    let forks = fork::generation();
    assert!(send(&transport, &tls, &url).record.opened_connection);
    assert!(send(&transport, &tls, &url).record.reused_connection);

    fork::after_fork_in_child();
    let first = send(&transport, &tls, &url);
    assert!(first.record.opened_connection, "the parent's connection was used");
    assert!(first.outcome.is_ok());
    assert!(send(&transport, &tls, &url).record.reused_connection);

    // A client that the child frees without using it.
    fork::after_fork_in_child();
    drop(transport);
    server.join().unwrap();
    assert_eq!(fork::generation(), forks + 2);
}

/// Bytes of the child on a socket that it shares with its parent would break the parent's session.
fn a_child_closes_inherited_tls_without_close_notify() {
    let identity = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let session = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(session, stream);
        assert!(serve(&mut stream));
        let end = stream.read(&mut [0]).unwrap_err();
        assert_eq!(end.kind(), std::io::ErrorKind::UnexpectedEof, "the child ended TLS: {end}");
    });
    let tls = TlsSettings {
        ca_pem: Some(std::sync::Arc::<[u8]>::from(identity.cert.pem().into_bytes()).into()),
        ..TlsSettings::default()
    };
    let transport = Transport::new();
    assert!(send(&transport, &tls, &url).outcome.is_ok());
    fork::after_fork_in_child();
    drop(transport);
    server.join().unwrap();
}
