//! Responses of many shapes, valid and broken.

#![allow(clippy::result_large_err)]

use super::server::*;
use crate::transport::{Body, ExchangeError, ReceivedResponse, Transport, TransportErrorKind};

/// The outcome of a GET that receives this response.
fn fetch(response: &str) -> Result<ReceivedResponse, ExchangeError> {
    fetch_with("GET", response.as_bytes())
}

fn fetch_with(method: &str, response: &[u8]) -> Result<ReceivedResponse, ExchangeError> {
    let response = response.to_vec();
    let server = Server::once(move |mut peer| {
        peer.request();
        peer.send(&response);
    });
    send(&Transport::new(), request(method, &server.url("/"))).outcome
}

/// The outcome of a body with this content coding.
fn fetch_coded(coding: &str, body: &[u8], max: u64) -> Result<ReceivedResponse, ExchangeError> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let response = [head.as_bytes(), body].concat();
    let server = Server::once(move |mut peer| {
        peer.request();
        peer.send(&response);
    });
    let mut limits = limits();
    limits.max_body_bytes = max;
    send_within(&Transport::new(), limits, get(&server.url("/")), Body::None).outcome
}

/// The data as a gzip member (RFC 1952) of stored blocks (RFC 1951 section 3.2.4).
fn gzip(data: &[u8]) -> Vec<u8> {
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = data.chunks(60_000).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        member.push(u8::from(blocks.peek().is_none()));
        member.extend(length.to_le_bytes());
        member.extend((!length).to_le_bytes());
        member.extend(block);
    }
    member.extend(crc32(data).to_le_bytes());
    member.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    member
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc: u32, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

#[test]
fn the_reason_phrase_is_kept_as_sent() {
    let reason = |line: &str| {
        let response = format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n");
        fetch_with("GET", response.as_bytes()).unwrap().head.reason
    };
    for (line, expected) in [
        ("404 Not Here, Sorry", "Not Here, Sorry"),
        ("200 OK", "OK"),
        ("200 ok", "ok"),
        ("201 Fine  today", "Fine  today"),
        ("599 Beyond", "Beyond"),
        ("200 ", ""),
        ("500", ""),
    ] {
        assert_eq!(reason(line), expected, "{line}");
    }
    let latin = b"HTTP/1.1 400 Pas trouv\xe9\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(fetch_with("GET", latin).unwrap().head.reason, "Pas trouvé");
}

#[test]
fn interim_responses_are_skipped() {
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 100 Continue\r\nServer: x\r\nDate: y\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
    ] {
        let response = format!("{interim}HTTP/1.1 404 Gone Away\r\nContent-Length: 2\r\n\r\nno");
        let received = fetch(&response).unwrap_or_else(|error| panic!("{interim}: {error:?}"));
        assert_eq!(received.head.status, 404, "after {interim}");
        assert_eq!(received.head.reason, "Gone Away", "after {interim}");
        assert_eq!(text(&received), "no");
    }
}

#[test]
fn an_unrequested_switch_of_protocols_is_a_protocol_error() {
    let error = fetch("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n").unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Protocol);
}

#[test]
fn chunks_are_joined_and_trailers_dropped() {
    let received = fetch(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
         5;ext=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-Sum: 9\r\nX-Other: 8\r\n\r\n",
    );
    assert_eq!(text(&received.unwrap()), "hello world");
}

#[test]
fn a_connection_is_kept_after_chunks_and_trailers() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: 1\r\n\r\n";
    let server = Server::responding(&[chunked, chunked]);
    let transport = Transport::new();
    assert_eq!(text(&received(send(&transport, get(&server.url("/"))))), "ok");
    let again = send(&transport, get(&server.url("/")));
    assert!(again.record.reused_connection);
    assert_eq!(text(&received(again)), "ok");
}

#[test]
fn malformed_chunks_are_a_protocol_error() {
    let error =
        fetch("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n").unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Protocol);
    assert_eq!(error.head.unwrap().status, 200);
}

#[test]
fn a_truncated_last_chunk_is_not_the_end() {
    for end in ["0\r\n", "0\r\n\r", "0\r\nX: 1\r\n", "0\r\nX: 1"] {
        let body = format!("4\r\nwhat\r\n{end}");
        let error = fetch(&format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"))
            .expect_err(end);
        assert_eq!(error.kind, TransportErrorKind::Closed, "{end:?}: {}", error.detail);
        assert_eq!(error.body, b"what", "{end:?}");
    }
}

#[test]
fn a_body_without_a_length_ends_with_the_connection() {
    let received = fetch("HTTP/1.0 200 OK\r\n\r\nall of it").unwrap();
    assert_eq!(text(&received), "all of it");
}

#[test]
fn a_truncated_body_reports_how_many_bytes_arrived() {
    let error =
        fetch("HTTP/1.1 200 OK\r\nContent-Length: 120\r\n\r\nseventeen letters").unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Closed);
    assert_eq!(error.detail, "the server closed the connection after 17 of 120 body bytes");
    assert_eq!(error.body, b"seventeen letters");
    assert_eq!(error.head.unwrap().status, 200);
    let error =
        fetch("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf").unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Closed);
    assert_eq!(error.body, b"half");
}

#[test]
fn a_truncated_head_and_no_response_have_different_errors() {
    let error = fetch("HTTP/1.1 200 OK\r\nContent-").unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Closed);
    assert_eq!(error.detail, "the server closed the connection within the response's headers");
    assert!(error.head.is_none());
    let error = fetch("").unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Closed);
    assert_eq!(error.detail, "the server closed the connection without a response");
}

#[test]
fn a_response_that_is_not_http_is_a_protocol_error() {
    for response in [
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/1.1 abc Nope\r\n\r\n",
        "<html>\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
    ] {
        let error = fetch(response).unwrap_err();
        assert_eq!(error.kind, TransportErrorKind::Protocol, "{response:?} gave {}", error.detail);
        assert!(!error.detail.contains('\n'), "{response:?} gave {}", error.detail);
    }
}

#[test]
fn endless_header_fields_are_a_protocol_error() {
    let fields = |count| -> String { (0..count).map(|n| format!("X-{n}: 1\r\n")).collect() };
    let received = fetch(&format!("HTTP/1.1 200 OK\r\n{}\r\n", fields(1000))).unwrap();
    assert_eq!(received.head.headers.len(), 1000);
    let error = fetch(&format!("HTTP/1.1 200 OK\r\n{}\r\n", fields(1001))).unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Protocol, "{}", error.detail);
    let long = "a".repeat(300 * 1024);
    let error = fetch(&format!("HTTP/1.1 200 OK\r\nX: {long}\r\n\r\n")).unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Protocol, "{}", error.detail);
}

#[test]
fn large_header_fields_pass_in_both_directions() {
    let long = "a".repeat(100 * 1024);
    let response = format!("HTTP/1.1 200 OK\r\nX: {long}\r\nContent-Length: 2\r\n\r\nok");
    let server = Server::once(move |mut peer| {
        let seen = peer.request();
        assert!(seen.head.len() > 100 * 1024);
        assert_eq!(seen.body, b"body");
        peer.send(response.as_bytes());
    });
    let mut request = request("POST", &server.url("/"));
    request.headers_mut().insert("x-long", long.parse().unwrap());
    let exchange = send_within(&Transport::new(), limits(), request, Body::Bytes(b"body"));
    let received = received(exchange);
    assert_eq!(received.head.headers["x"].len(), long.len());
    assert_eq!(text(&received), "ok");
}

#[test]
fn responses_without_a_body_are_not_decoded_and_keep_the_connection() {
    for (method, line) in [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Same")] {
        let bodiless =
            format!("HTTP/1.1 {line}\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n");
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        let server = Server::responding(&[&bodiless, ok]);
        let transport = Transport::new();
        let first = received(send(&transport, request(method, &server.url("/"))));
        assert_eq!(text(&first), "", "{method} {line}");
        let second = send(&transport, get(&server.url("/")));
        assert!(second.record.reused_connection, "{method} {line} lost the connection");
        assert_eq!(text(&received(second)), "ok");
    }
}

#[test]
fn gzip_is_undone() {
    let data = "compressed data ".repeat(10_000);
    let received = fetch_coded("gzip", &gzip(data.as_bytes()), u64::MAX).unwrap();
    assert_eq!(text(&received), data);
    assert!(received.body.capacity() > received.body.len(), "no room for a NUL");
}

#[test]
fn a_connection_is_kept_after_a_coded_body() {
    let server = Server::once(|mut peer| {
        for _ in 0..2 {
            peer.request();
            let body = gzip(b"packed");
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            peer.send(&[head.as_bytes(), &body].concat());
        }
    });
    let transport = Transport::new();
    assert_eq!(text(&received(send(&transport, get(&server.url("/"))))), "packed");
    let again = send(&transport, get(&server.url("/")));
    assert!(again.record.reused_connection);
    assert_eq!(text(&received(again)), "packed");
}

#[test]
fn corrupt_gzip_is_a_protocol_error() {
    let mut damaged = gzip(b"compressed data");
    damaged[20] ^= 0xff;
    let error = fetch_coded("gzip", &damaged, u64::MAX).unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Protocol);
    assert_eq!(error.detail, "the gzip body is corrupt");
    let error = fetch_coded("gzip", b"this is not compressed", u64::MAX).unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Protocol);
}

#[test]
fn a_truncated_gzip_body_is_reported() {
    let whole = gzip(b"compressed data");
    for kept in [1, 9, 15, whole.len() - 1] {
        let error = fetch_coded("gzip", &whole[..kept], u64::MAX).unwrap_err();
        assert_eq!(error.kind, TransportErrorKind::Closed, "with {kept} bytes: {}", error.detail);
        assert_eq!(error.detail, "the gzip body ends early");
    }
}

#[test]
fn a_coded_body_without_a_byte_is_empty() {
    assert_eq!(text(&fetch_coded("gzip", b"", u64::MAX).unwrap()), "");
    let chunked =
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(text(&fetch(chunked).unwrap()), "");
}

#[test]
fn the_body_limit_counts_decoded_bytes() {
    let packed = gzip(&[b'x'; 100_000]);
    assert_eq!(fetch_coded("gzip", &packed, 100_000).unwrap().body.len(), 100_000);
    let error = fetch_coded("gzip", &packed, 99_999).unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::TooLarge);
    assert_eq!(error.detail, "the response body is larger than the 99999 bytes allowed");
    assert_eq!(error.body.len(), 99_999);
    assert_eq!(error.head.unwrap().status, 200);
}

#[test]
fn a_body_with_a_content_length_over_the_limit_is_not_read() {
    let (go_on, waiting) = std::sync::mpsc::channel::<()>();
    let server = Server::once(move |mut peer| {
        peer.request();
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        let _ = waiting.recv();
    });
    let mut limits = limits();
    limits.max_body_bytes = 999;
    let exchange = send_within(&Transport::new(), limits, get(&server.url("/")), Body::None);
    assert_eq!(error_of(exchange).kind, TransportErrorKind::TooLarge);
    drop(go_on);
}

#[test]
fn a_body_without_a_content_length_may_be_exactly_as_long_as_allowed() {
    let fetch_up_to = |max| {
        let server = Server::responding(&["HTTP/1.0 200 OK\r\n\r\n12345678"]);
        let mut limits = limits();
        limits.max_body_bytes = max;
        send_within(&Transport::new(), limits, get(&server.url("/")), Body::None)
    };
    assert_eq!(text(&received(fetch_up_to(8))), "12345678");
    assert_eq!(error_of(fetch_up_to(7)).kind, TransportErrorKind::TooLarge);
}

#[test]
fn a_response_sent_before_the_request_body_was_read_arrives() {
    let server = Server::start(|listener| {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 100]).unwrap();
        stream
            .write_all(
                b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno",
            )
            .unwrap();
    });
    let large = vec![b'x'; 16 * 1024 * 1024];
    let request = request("POST", &server.url("/"));
    let exchange = send_within(&Transport::new(), limits(), request, Body::Bytes(&large));
    let received = received(exchange);
    assert_eq!(received.head.status, 413);
    assert_eq!(text(&received), "no");
}

#[test]
fn a_large_body_arrives_whole_with_and_without_a_length() {
    let data: String = "0123456789abcdef".repeat(200_000);
    let with = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{data}", data.len());
    assert!(text(&fetch(&with).unwrap()) == data);
    let without = format!("HTTP/1.0 200 OK\r\n\r\n{data}");
    assert!(text(&fetch(&without).unwrap()) == data);
    let chunks: String = data
        .as_bytes()
        .chunks(1000)
        .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), std::str::from_utf8(chunk).unwrap()))
        .collect();
    let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
    assert!(text(&fetch(&chunked).unwrap()) == data);
}

#[test]
fn a_content_length_alone_allocates_little_memory() {
    let error = {
        let server =
            Server::responding(&["HTTP/1.1 200 OK\r\nContent-Length: 900000000000\r\n\r\nx"]);
        let mut limits = limits();
        limits.max_body_bytes = u64::MAX;
        error_of(send_within(&Transport::new(), limits, get(&server.url("/")), Body::None))
    };
    assert_eq!(error.kind, TransportErrorKind::Closed);
    assert!(error.body.capacity() < 64 * 1024, "{} bytes were kept", error.body.capacity());
}

#[test]
fn debug_prints_nothing_that_may_be_secret() {
    let received =
        fetch("HTTP/1.1 200 OK\r\nSet-Cookie: id=s3cret\r\nContent-Length: 6\r\n\r\ns3cret")
            .unwrap();
    assert!(!format!("{received:?}").contains("s3cret"), "{received:?}");
    let error =
        fetch("HTTP/1.1 200 OK\r\nSet-Cookie: id=s3cret\r\nContent-Length: 9\r\n\r\ns3cret")
            .unwrap_err();
    assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
}
