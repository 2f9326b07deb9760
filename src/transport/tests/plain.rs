//! Requests and answers without TLS.

use super::server::*;
use crate::transport::{Body, FaultKind, Transport};

#[test]
fn an_answer_arrives_whole_and_leaves_room_for_a_nul() {
    let server = Server::answering(&["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"]);
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
fn a_second_request_goes_over_the_same_connection() {
    let one = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none";
    let two = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo";
    let server = Server::answering(&[one, two]);
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
            bounds(),
            request(method, &url),
            Body::Bytes(b"payload"),
        );
        assert_eq!(received(exchange).head.status, 204, "{method}");
    }
}

#[test]
fn a_refused_connection_is_told_from_other_failures() {
    let refusing = refusing_port();
    let address = refusing.address;
    let fault = fault(send(&Transport::new(), get(&format!("http://{address}/"))));
    assert_eq!(fault.kind, FaultKind::Connect);
    assert_eq!(fault.detail, format!("connection refused ({address})"));
}
