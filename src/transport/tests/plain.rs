//! Requests and responses without TLS.

use super::server::*;
use crate::transport::{Body, Transport, TransportErrorKind};

#[test]
fn a_response_arrives_complete_with_room_for_a_nul() {
    let server = Server::responding(&["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"]);
    let exchange = send(&Transport::new(), get(&server.url("/x?y=z")));
    assert!(exchange.record.opened_connection);
    assert!(!exchange.record.reused_connection);
    assert!(exchange.record.request_bytes > 0);
    assert_eq!(exchange.record.response_bytes, 43);
    let received = received(exchange);
    assert_eq!(received.head.status, 200);
    assert_eq!(text(&received), "hello");
    assert!(received.body.capacity() > received.body.len(), "no room for a NUL");
}

#[test]
fn a_second_request_uses_the_same_connection() {
    let one = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none";
    let two = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo";
    let server = Server::responding(&[one, two]);
    let transport = Transport::new();
    assert_eq!(text(&received(send(&transport, get(&server.url("/1"))))), "one");
    let second = send(&transport, get(&server.url("/2")));
    assert!(second.record.reused_connection);
    assert!(!second.record.opened_connection);
    assert_eq!(text(&received(second)), "two");
}

#[test]
fn a_body_is_sent_with_every_method() {
    for method in ["GET", "DELETE", "POST", "PROPFIND"] {
        let server = Server::once(move |mut peer| {
            let seen = peer.request();
            assert!(seen.head.starts_with(method), "{}", seen.head);
            assert_eq!(seen.body, b"payload");
            peer.send(b"HTTP/1.1 204 No Content\r\n\r\n");
        });
        let url = server.url("/");
        let exchange = send_within(
            &Transport::new(),
            limits(),
            request(method, &url),
            Body::Bytes(b"payload"),
        );
        assert_eq!(received(exchange).head.status, 204, "{method}");
    }
}

#[test]
fn a_refused_connection_has_its_own_error() {
    let refusing = refusing_port();
    let address = refusing.address;
    let error = error_of(send(&Transport::new(), get(&format!("http://{address}/"))));
    assert_eq!(error.kind, TransportErrorKind::Connect);
    assert_eq!(error.detail, format!("connection refused ({address})"));
}

#[test]
fn a_post_without_a_body_sends_content_length_0() {
    let server = Server::once(|mut peer| {
        let seen = peer.request();
        assert!(seen.head.to_ascii_lowercase().contains("content-length: 0\r\n"), "{}", seen.head);
        peer.send(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    received(send(&Transport::new(), request("POST", &server.url("/"))));
}

#[test]
fn no_header_field_is_added() {
    let server = Server::once(|mut peer| {
        let host = peer.stream.local_addr().unwrap();
        let seen = peer.request();
        assert_eq!(
            seen.head.to_ascii_lowercase(),
            format!("get /a%20b?c=d http/1.1\r\nhost: {host}\r\n\r\n")
        );
        peer.send(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    received(send(&Transport::new(), get(&server.url("/a%20b?c=d"))));
}

#[test]
fn a_redirect_is_not_followed_and_keeps_the_connection() {
    let server = Server::responding(&[
        "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.test/\r\nContent-Length: 4\r\n\r\nmove",
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: ::not a url::\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 303 See Other\r\nContent-Length: 0\r\n\r\n",
    ]);
    let transport = Transport::new();
    let first = received(send(&transport, get(&server.url("/"))));
    assert_eq!((first.head.status, text(&first)), (302, "move"));
    assert_eq!(first.head.headers["location"], "http://elsewhere.test/");
    for status in [307, 303] {
        let next = send(&transport, get(&server.url("/")));
        assert!(next.record.reused_connection, "before {status}");
        assert_eq!(received(next).head.status, status);
    }
}

#[test]
fn head_and_body_of_a_small_request_are_sent_together() {
    let server = Server::start(|listener| {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let mut first = [0; 4096];
        let read = stream.read(&mut first).unwrap();
        assert!(
            first[..read].ends_with(b"\r\n\r\nsmall"),
            "the first packet does not contain the body"
        );
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    });
    let request = request("POST", &server.url("/"));
    received(send_within(&Transport::new(), limits(), request, Body::Bytes(b"small")));
}
