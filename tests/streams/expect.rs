//! `Expect: 100-continue` (RFC 9110 section 10.1.1).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sac::client::Client;
use sac::code::Code;
use sac::request::{Progress, Request};
use sac::settings::Change;
use sac::wait::Cancel;

use crate::server::*;

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

fn expecting() -> Request {
    let mut request = request("POST");
    request.set_header("Expect", "100-continue").unwrap();
    request.set_body("text/plain", b"the body").unwrap();
    request
}

/// Reads a head with the expectation; the body may not follow yet.
fn read_expectation(peer: &mut Peer) {
    let head = peer.head();
    assert!(head.to_ascii_lowercase().contains("\r\nexpect: 100-continue\r\n"), "{head}");
    assert_eq!(peer.unread, b"", "the body came too early");
}

fn read_body(peer: &mut Peer) {
    peer.read_at_least(8);
    assert_eq!(std::mem::take(&mut peer.unread), b"the body");
}

#[test]
fn a_body_is_sent_after_100_continue_and_the_connection_is_reused() {
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(&listener);
        for interim in [&[CONTINUE][..], &[b"HTTP/1.1 103 Hints\r\n\r\n", CONTINUE]] {
            read_expectation(&mut peer);
            interim.iter().for_each(|response| peer.send(response));
            read_body(&mut peer);
            peer.send(OK);
        }
    });
    let client = server.client();
    for _ in 0..2 {
        let response = client.send(&expecting());
        assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    }
}

#[test]
fn a_body_is_sent_after_a_second_without_a_response() {
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(&listener);
        peer.head();
        read_body(&mut peer);
        peer.send(OK);
    });
    let response = server.client().send(&expecting());
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(Duration::from_micros(response.elapsed_us()) >= Duration::from_secs(1));
}

#[test]
fn a_final_response_instead_of_100_ends_the_request_and_the_connection() {
    let server = Server::start(|listener| {
        for status in ["401 Who", "200 OK"] {
            let mut peer = Peer::accept(&listener);
            read_expectation(&mut peer);
            peer.send(format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}").as_bytes());
            let mut rest = Vec::new();
            std::io::Read::read_to_end(&mut peer.stream, &mut rest).unwrap();
            assert_eq!(rest, b"", "the body was sent");
        }
    });
    let client = server.client();
    for status in [401, 200] {
        let sent = Arc::new(AtomicU64::new(0));
        let mut request = expecting();
        request.set_progress(Some(Arc::new({
            let sent = Arc::clone(&sent);
            move |progress: Progress| {
                sent.store(progress.sent, Ordering::Relaxed);
                true
            }
        })));
        let response = client.send(&request);
        assert_eq!((response.status(), sent.load(Ordering::Relaxed)), (status, 0));
    }
}

#[test]
fn a_417_is_followed_by_a_request_without_the_expectation() {
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(&listener);
        read_expectation(&mut peer);
        peer.send(b"HTTP/1.1 417 What\r\nContent-Length: 0\r\n\r\n");
        let mut peer = Peer::accept(&listener);
        let received = peer.request();
        assert_eq!((received.field("expect"), &received.body[..]), (None, &b"the body"[..]));
        peer.send(b"HTTP/1.1 417 Never\r\nContent-Length: 0\r\n\r\n");
    });
    let response = server.client().send(&expecting());
    assert_eq!((response.status(), response.attempts()), (417, 1), "{}", error_of(&response));
}

#[test]
fn a_request_without_a_body_has_no_expectation() {
    let (server, received) = Server::responding([http_response("200 OK", &[], b"{}")]);
    let client = server.client();
    client.add_header("expect", "100-Continue").unwrap();
    assert_eq!(client.send(&request("POST")).code(), Code::Ok);
    assert_eq!(received.recv().unwrap().field("expect"), None);
}

#[test]
fn an_expectation_works_through_a_proxy() {
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(&listener);
        read_expectation(&mut peer);
        peer.send(CONTINUE);
        read_body(&mut peer);
        peer.send(OK);
    });
    let client = Client::new("http://server.test").unwrap();
    client.change(&Change::Proxy(Some(format!("http://{}", server.address).into()))).unwrap();
    let response = client.send(&expecting());
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
}

#[test]
fn timeout_and_cancel_end_the_wait_for_100_continue() {
    for cancels in [false, true] {
        let (sender, expectation_read) = std::sync::mpsc::channel();
        let server = Server::start(move |listener| {
            let mut peer = Peer::accept(&listener);
            read_expectation(&mut peer);
            sender.send(()).unwrap();
            let mut rest = Vec::new();
            let _ = std::io::Read::read_to_end(&mut peer.stream, &mut rest);
            assert_eq!(rest, b"", "the body was sent");
        });
        let (client, mut request) = (server.client(), expecting());
        let cancel = Cancel::new().unwrap();
        if cancels {
            request.set_cancel(Some(cancel.clone()));
        } else {
            client.change(&Change::TimeoutMs(200)).unwrap();
        }
        let response = std::thread::scope(|scope| {
            let cancel = &cancel;
            scope.spawn(move || {
                expectation_read.recv().unwrap();
                if cancels {
                    cancel.trigger();
                }
            });
            client.send(&request)
        });
        let expected = if cancels { Code::Cancelled } else { Code::Timeout };
        assert_eq!(response.code(), expected, "{}", error_of(&response));
    }
}
