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

/// Reads a head that asks, behind which nothing may stand yet.
fn asked(peer: &mut Peer) {
    let head = peer.head();
    assert!(head.to_ascii_lowercase().contains("\r\nexpect: 100-continue\r\n"), "{head}");
    assert_eq!(peer.unread, b"", "the body came unasked");
}

fn the_body(peer: &mut Peer) {
    peer.read_at_least(8);
    assert_eq!(std::mem::take(&mut peer.unread), b"the body");
}

#[test]
fn a_body_is_sent_once_the_server_wants_it_and_the_connection_stays() {
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(&listener);
        for words in [&[CONTINUE][..], &[b"HTTP/1.1 103 Hints\r\n\r\n", CONTINUE]] {
            asked(&mut peer);
            words.iter().for_each(|words| peer.send(words));
            the_body(&mut peer);
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
fn a_body_is_sent_to_a_server_that_says_nothing_for_a_second() {
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(&listener);
        peer.head();
        the_body(&mut peer);
        peer.send(OK);
    });
    let response = server.client().send(&expecting());
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(Duration::from_micros(response.elapsed_us()) >= Duration::from_secs(1));
}

#[test]
fn a_final_answer_in_its_place_ends_the_request_and_the_connection() {
    let server = Server::start(|listener| {
        for status in ["401 Who", "200 OK"] {
            let mut peer = Peer::accept(&listener);
            asked(&mut peer);
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
            move |moved: Progress| {
                sent.store(moved.sent, Ordering::Relaxed);
                true
            }
        })));
        let response = client.send(&request);
        assert_eq!((response.status(), sent.load(Ordering::Relaxed)), (status, 0));
    }
}

#[test]
fn a_server_that_does_not_know_the_question_gets_the_body_without_it() {
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(&listener);
        asked(&mut peer);
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
fn a_request_without_a_body_does_not_ask() {
    let (server, received) = Server::responding([http_response("200 OK", &[], b"{}")]);
    let client = server.client();
    client.add_header("expect", "100-Continue").unwrap();
    assert_eq!(client.send(&request("POST")).code(), Code::Ok);
    assert_eq!(received.recv().unwrap().field("expect"), None);
}

#[test]
fn a_proxy_is_asked_as_a_server_is() {
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(&listener);
        asked(&mut peer);
        peer.send(CONTINUE);
        the_body(&mut peer);
        peer.send(OK);
    });
    let client = Client::new("http://server.test").unwrap();
    client.change(&Change::Proxy(Some(format!("http://{}", server.address).into()))).unwrap();
    let response = client.send(&expecting());
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
}

#[test]
fn timeout_and_cancel_end_the_wait_for_the_servers_word() {
    for cancels in [false, true] {
        let (told, asked_for) = std::sync::mpsc::channel();
        let server = Server::start(move |listener| {
            let mut peer = Peer::accept(&listener);
            asked(&mut peer);
            told.send(()).unwrap();
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
                asked_for.recv().unwrap();
                if cancels {
                    cancel.trigger();
                }
            });
            client.send(&request)
        });
        let wanted = if cancels { Code::Cancelled } else { Code::Timeout };
        assert_eq!(response.code(), wanted, "{}", error_of(&response));
    }
}
