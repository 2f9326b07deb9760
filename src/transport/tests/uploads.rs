//! Requests of many sizes, especially those that exactly fill a buffer.

use super::server::*;
use crate::transport::pool::MAX_BODY_OUTPUT;
use crate::transport::{Body, Transport};

/// Sends a POST with a head of exactly this length, and a body; both must arrive unchanged.
fn arrives(head: usize, body: usize) {
    let sent: Vec<u8> = (0..=u8::MAX).cycle().take(body).collect();
    let expected = sent.clone();
    let server = Server::once(move |mut peer| {
        let request = peer.request();
        assert_eq!(request.head.len(), head, "the head does not have the intended length");
        assert!(request.body == expected, "head {head}, body {body}: the body arrived changed");
        peer.send(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    let mut request = request("POST", &server.url("/"));
    let others = format!(
        "POST / HTTP/1.1\r\nx-long: \r\nhost: {}\r\ncontent-length: {body}\r\n\r\n",
        server.address
    );
    let long = "a".repeat(head - others.len());
    request.headers_mut().insert("x-long", long.parse().unwrap());
    received(send_within(&Transport::new(), limits(), request, Body::Bytes(&sent)));
}

#[test]
fn a_head_that_exactly_fills_a_buffer_leaves_room_for_its_body() {
    for full in [2 * 1024, 8 * 1024, MAX_BODY_OUTPUT, 2 * MAX_BODY_OUTPUT] {
        for head in full - 2..=full + 1 {
            for body in [0, 1, 10_000] {
                arrives(head, body);
            }
        }
    }
}

#[test]
fn a_body_that_exactly_fills_a_buffer_arrives_complete() {
    for full in [2 * 1024, 8 * 1024, MAX_BODY_OUTPUT, 2 * MAX_BODY_OUTPUT] {
        for body in full - 1..=full + 1 {
            arrives(200, body - 200);
            arrives(200, body);
        }
    }
}
