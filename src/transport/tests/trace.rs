//! The events of exchanges.

use std::sync::{Arc, Mutex};

use super::server::*;
use super::tls_server::*;
use crate::trace::Tracer;
use crate::transport::{
    Body, BodyHandlers, ConnectionOptions, ExchangeResult, TlsSettings, Transport,
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// The events that a tracer has received, as JSON.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<serde_json::Value>>>);

impl Log {
    fn tracer(&self) -> Tracer {
        let log = self.clone();
        Tracer::new(move |event| {
            log.0.lock().unwrap().push(serde_json::from_str(&event.to_json()).unwrap());
        })
    }

    fn take(&self) -> Vec<serde_json::Value> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn names(events: &[serde_json::Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

fn send_traced(
    transport: &Transport,
    tls: &TlsSettings,
    request: &http::Request<()>,
    body: Body<'_>,
    tracer: &Tracer,
) -> ExchangeResult {
    let handlers = BodyHandlers { tracer: Some(tracer), ..BodyHandlers::default() };
    let options = ConnectionOptions::new(tls, limits());
    transport.exchange_with(&options, request.into(), body, handlers, &mut None)
}

#[test]
fn a_new_connection_and_a_reused_one_have_their_events() {
    let server = Server::once(|mut peer| {
        for _ in 0..2 {
            peer.request();
            peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            peer.send(OK);
        }
    });
    let (transport, log, tls) = (Transport::new(), Log::default(), TlsSettings::default());
    let request = get(&server.url("/").replace("127.0.0.1", "localhost"));
    received(send_traced(&transport, &tls, &request, Body::None, &log.tracer()));
    let events = log.take();
    let sending = ["connection_ready", "head_sent", "request_sent", "first_byte", "interim"];
    // The system may have an IPv6 address for localhost, where nothing listens.
    let connecting: Vec<_> = names(&events)
        .into_iter()
        .filter(|name| !matches!(*name, "connect_started" | "connect_done"))
        .collect();
    let expected = [&["connection_wanted", "lookup_started", "lookup_done"][..], &sending].concat();
    assert_eq!(connecting, expected, "{events:?}");
    let address = server.address.to_string();
    let of_server = |name: &str| {
        events.iter().find(|event| event["event"] == name && event["address"] == *address)
    };
    assert!(of_server("connect_started").is_some(), "{events:?}");
    assert!(
        of_server("connect_done").is_some_and(|done| done.get("error").is_none()),
        "{events:?}"
    );
    let ready = events.iter().find(|event| event["event"] == "connection_ready").unwrap();
    assert_eq!((&ready["reused"], &ready["remote_address"]), (&false.into(), &(*address).into()));
    assert!(ready.get("idle_us").is_none() && ready["local_address"] != address, "{ready}");

    received(send_traced(&transport, &tls, &request, Body::None, &log.tracer()));
    let events = log.take();
    assert_eq!(names(&events), [&["connection_wanted"][..], &sending].concat(), "{events:?}");
    assert_eq!(events[1]["reused"], true);
    assert!(events[1]["idle_us"].is_u64(), "{}", events[1]);
}

#[test]
fn a_body_that_waits_for_the_server_has_events() {
    let server = Server::start(|listener| {
        use std::io::Write as _;
        let (stream, _) = listener.accept().unwrap();
        let mut reader = std::io::BufReader::new(&stream);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
        }
        (&stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
        let mut body = [0; 7];
        std::io::Read::read_exact(&mut reader, &mut body).unwrap();
        (&stream).write_all(OK).unwrap();
    });
    let log = Log::default();
    let mut request = request("POST", &server.url("/"));
    request.headers_mut().insert("expect", "100-continue".parse().unwrap());
    let tls = TlsSettings::default();
    let body = Body::Bytes(b"payload");
    received(send_traced(&Transport::new(), &tls, &request, body, &log.tracer()));
    let events = log.take();
    let expected = ["head_sent", "continue_awaited", "first_byte", "interim", "request_sent"];
    assert!(names(&events).ends_with(&expected), "{events:?}");
}

#[test]
fn a_refused_connection_has_events_with_the_reason() {
    let (refusing, log) = (refusing_port(), Log::default());
    let request = get(&format!("http://{}/", refusing.address));
    let tls = TlsSettings::default();
    error_of(send_traced(&Transport::new(), &tls, &request, Body::None, &log.tracer()));
    let events = log.take();
    assert_eq!(names(&events), ["connection_wanted", "connect_started", "connect_done"]);
    assert_eq!(events[2]["error"], "connection refused");
}

#[test]
fn a_tls_session_is_in_the_events_and_in_every_response() {
    let ca = Ca::new();
    let identity = ca.sign(for_loopback());
    for (config, version) in [(config(&identity), "TLS 1.3"), (old_config(&identity), "TLS 1.2")] {
        let server = Server::once(move |peer| {
            let mut peer = secure(peer, &config);
            for _ in 0..2 {
                peer.request();
                peer.send(OK);
            }
        });
        let tls =
            TlsSettings { ca_pem: Some(Arc::clone(&ca.pem).into()), ..TlsSettings::default() };
        let (transport, log) = (Transport::new(), Log::default());
        let request = get(&server.url("/").replace("http:", "https:"));
        let first = received(send_traced(&transport, &tls, &request, Body::None, &log.tracer()));
        let second = received(send_traced(&transport, &tls, &request, Body::None, &log.tracer()));
        let events = log.take();
        let (first, second) = (first.head.tls.unwrap(), second.head.tls.unwrap());
        assert!(Arc::ptr_eq(&first, &second), "the responses of one connection share the session");
        assert_eq!((first.version, &*first.server_name), (version, "127.0.0.1"));
        assert!(first.cipher_suite.starts_with("TLS_") && !first.resumed, "{first:?}");
        assert_eq!(first.certificates, [identity.certificate.der().to_vec()]);
        let done = events.iter().find(|event| event["event"] == "tls_done").unwrap();
        assert_eq!(done["tls"]["version"], version);
    }
}

#[test]
fn a_failed_handshake_has_an_event_with_the_reason() {
    let untrusted = config(&Ca::new().sign(for_loopback()));
    let server = Server::once(move |peer| {
        secure(peer, &untrusted).next_request();
    });
    let log = Log::default();
    let tls = TlsSettings { ca_pem: Some(Ca::new().pem.into()), ..TlsSettings::default() };
    let request = get(&server.url("/").replace("http:", "https:"));
    let error = error_of(send_traced(&Transport::new(), &tls, &request, Body::None, &log.tracer()));
    let events = log.take();
    assert!(names(&events).ends_with(&["tls_started", "tls_done"]), "{events:?}");
    assert_eq!(events.last().unwrap()["error"], *error.detail);
}

#[test]
fn an_exchange_within_a_tracer_is_refused_and_the_outer_one_continues() {
    let server = Server::once(|mut peer| {
        peer.request();
        peer.send(OK);
    });
    let (transport, url) = (Arc::new(Transport::new()), server.url("/"));
    let refusals = Arc::new(Mutex::new(Vec::new()));
    let tracer = {
        let (transport, url, refusals) =
            (Arc::clone(&transport), url.clone(), Arc::clone(&refusals));
        Tracer::new(move |event| {
            let inner = error_of(send(&transport, get(&url)));
            assert_eq!(inner.detail, "a trace callback cannot make calls or read streams");
            refusals.lock().unwrap().push(event.to_json());
        })
    };
    let tls = TlsSettings::default();
    received(send_traced(&transport, &tls, &get(&url), Body::None, &tracer));
    assert!(refusals.lock().unwrap().len() >= 6, "{refusals:?}");
}
