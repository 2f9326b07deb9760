//! Deadlines, timeouts and cancels, in each phase of an exchange.

use std::io::{Read, Write};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use super::server::*;
use crate::transport::{
    Body, ConnectionOptions, ExchangeError, ExchangeLimits, ExchangeResult, TlsSettings, Transport,
    TransportErrorKind,
};
use crate::wait::{Cancel, Deadline};

const SHORT: Duration = Duration::from_millis(30);

/// Tries with a short time, and with longer ones only if the machine was too busy for the server to
/// get far enough.
fn retry_slower(attempt: impl Fn(Duration) -> Result<(), String>) {
    let spans = [SHORT, SHORT * 10, SHORT * 100];
    let outcomes: Vec<_> = spans.iter().map_while(|&span| attempt(span).err()).collect();
    assert!(outcomes.len() < spans.len(), "{outcomes:#?}");
}

/// The error must be a timeout whose text ends with `doing`.
fn timeout_while(doing: &str, exchange: ExchangeResult) -> Result<(), String> {
    let error = error_of(exchange);
    assert_eq!(error.kind, TransportErrorKind::Timeout, "{doing}: {}", error.detail);
    if error.detail.ends_with(doing) { Ok(()) } else { Err(error.detail) }
}

fn within(span: Duration) -> ExchangeLimits<'static> {
    ExchangeLimits { deadline: Deadline::after(Instant::now(), Some(span)), ..limits() }
}

fn fetch(limits: ExchangeLimits<'_>, url: &str, body: Body<'_>) -> ExchangeResult {
    let tls = TlsSettings { verify: false, ..TlsSettings::default() };
    let method = if let Body::None = body { "GET" } else { "POST" };
    let options = ConnectionOptions::new(&tls, limits);
    Transport::new().exchange(&options, (&request(method, url)).into(), body)
}

/// The phases in which a peer can be silent.
#[derive(Debug, Clone, Copy)]
enum SilentPhase {
    Handshake,
    Sending,
    Headers,
    MoreHeaders,
    Body,
}

impl SilentPhase {
    const ALL: [Self; 5] =
        [Self::Handshake, Self::Sending, Self::Headers, Self::MoreHeaders, Self::Body];

    fn doing(self) -> &'static str {
        match self {
            Self::Handshake => "in the TLS handshake",
            Self::Sending => "sending the request",
            Self::Headers | Self::MoreHeaders => "waiting for the response headers",
            Self::Body => "reading the response body",
        }
    }
}

const HALF: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf of it";

fn take_some(peer: &mut Peer) {
    // The test itself detects a client that has given up.
    let _ = peer.stream.read_exact(&mut [0; 100]);
}

fn after_request(peer: &mut Peer, bytes: &[u8]) {
    peer.next_request();
    let _ = peer.stream.write_all(bytes);
}

/// A server that stops in some phase: it does its part of the exchange, signals that it has
/// stopped, and waits until the test is over.
struct StalledServer {
    url: String,
    body: Vec<u8>,
    _release: Sender<()>,
    _server: Option<Server>,
}

impl StalledServer {
    fn new(scheme: &str, script: impl FnOnce(&mut Peer) + Send + 'static, stalled: Cancel) -> Self {
        let (release, blocked) = channel::<()>();
        let server = Server::once(move |mut peer| {
            script(&mut peer);
            stalled.trigger();
            let _ = blocked.recv();
        });
        let url = server.url("/").replace("http:", scheme);
        Self { url, body: Vec::new(), _release: release, _server: Some(server) }
    }

    /// A server that falls silent in this phase, and then triggers `stalled`.
    fn at(phase: SilentPhase, stalled: &Cancel) -> Self {
        let stalled = stalled.clone();
        match phase {
            SilentPhase::Handshake => Self::new("https:", take_some, stalled),
            SilentPhase::Sending => {
                let body = vec![b'x'; 32 * 1024 * 1024];
                Self { body, ..Self::new("http:", take_some, stalled) }
            }
            SilentPhase::Headers => Self::new("http:", |peer| after_request(peer, b""), stalled),
            SilentPhase::MoreHeaders => {
                Self::new("http:", |peer| after_request(peer, b"HTTP/1.1 200 OK\r\nCon"), stalled)
            }
            SilentPhase::Body => Self::new("http:", |peer| after_request(peer, HALF), stalled),
        }
    }

    fn fetch(&self, limits: ExchangeLimits<'_>) -> ExchangeResult {
        let body = if self.body.is_empty() { Body::None } else { Body::Bytes(&self.body) };
        fetch(limits, &self.url, body)
    }
}

fn stall(phase: SilentPhase) -> StalledServer {
    StalledServer::at(phase, &Cancel::new().unwrap())
}

#[test]
fn the_deadline_ends_the_exchange_in_each_phase() {
    let unused = Cancel::new().unwrap();
    for (phase, cancel) in
        SilentPhase::ALL.into_iter().flat_map(|p| [(p, None), (p, Some(&unused))])
    {
        retry_slower(|span| {
            let exchange = stall(phase).fetch(ExchangeLimits { cancel, ..within(span) });
            timeout_while(phase.doing(), exchange)
        });
    }
}

#[test]
fn the_read_timeout_ends_the_exchange_in_each_phase() {
    for phase in SilentPhase::ALL {
        retry_slower(|span| {
            let exchange =
                stall(phase).fetch(ExchangeLimits { read_timeout: Some(span), ..limits() });
            timeout_while(&format!(" while {}", phase.doing()), exchange)
        });
    }
}

#[test]
fn a_cancel_ends_the_exchange_in_each_phase() {
    for phase in SilentPhase::ALL {
        let cancel = Cancel::new().unwrap();
        let stall = StalledServer::at(phase, &cancel);
        let error = error_of(stall.fetch(ExchangeLimits { cancel: Some(&cancel), ..limits() }));
        assert_eq!(error.kind, TransportErrorKind::Cancelled, "{phase:?}: {}", error.detail);
    }
}

#[test]
fn the_bytes_before_a_timeout_are_returned() {
    retry_slower(|span| {
        let ExchangeError { head, body, detail, .. } =
            error_of(stall(SilentPhase::Body).fetch(within(span)));
        let head = head.ok_or(detail)?;
        assert_eq!(head.status, 200);
        assert_eq!(body, b"half of it");
        Ok(())
    });
}

#[test]
fn the_connect_timeout_ends_a_connect_to_a_silent_port() {
    let silent = silent_port();
    let address = silent.address;
    let url = format!("http://{address}/");
    let out_of_time = ExchangeLimits { connect_timeout: Some(SHORT), ..limits() };
    for limits in [within(SHORT), out_of_time] {
        let exchange = fetch(limits, &url, Body::None);
        assert_eq!(exchange.record.request_bytes, 0);
        let error = error_of(exchange);
        assert_eq!(error.kind, TransportErrorKind::Timeout);
        let doing = format!("connecting to {address}");
        assert!(error.detail.ends_with(&doing), "{}", error.detail);
    }
    let cancel = Cancel::new().unwrap();
    let copy = cancel.clone();
    let canceller = std::thread::spawn(move || copy.trigger());
    let error =
        error_of(fetch(ExchangeLimits { cancel: Some(&cancel), ..limits() }, &url, Body::None));
    canceller.join().unwrap();
    assert_eq!(error.kind, TransportErrorKind::Cancelled);
}

#[test]
fn the_connect_timeout_covers_the_tls_handshake_and_nothing_later() {
    let connect_within = |span| ExchangeLimits { connect_timeout: Some(span), ..limits() };
    retry_slower(|span| {
        let exchange = stall(SilentPhase::Handshake).fetch(connect_within(span));
        timeout_while("in the TLS handshake", exchange)
    });
    retry_slower(|span| {
        let (_slow, response) = channel::<()>();
        let server = Server::once(move |mut peer| {
            if peer.next_request().is_some() {
                let _ = response.recv_timeout(span * 2);
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
        let exchange = fetch(connect_within(span), &server.url("/"), Body::None);
        exchange.outcome.map(drop).map_err(|error| error.detail)
    });
}

#[test]
fn a_slow_trickle_does_not_extend_the_deadline() {
    let server = Server::once(|mut peer| {
        peer.request();
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        // Ends when the client has closed the connection.
        while peer.stream.write_all(b"x").is_ok() {
            std::thread::yield_now();
        }
    });
    let read_timeout = Some(Duration::from_secs(3600));
    let limits = ExchangeLimits { read_timeout, max_body_bytes: u64::MAX, ..within(SHORT) };
    let error = error_of(fetch(limits, &server.url("/"), Body::None));
    assert_eq!(error.kind, TransportErrorKind::Timeout, "{}", error.detail);
}

#[test]
fn a_passed_deadline_or_a_triggered_cancel_opens_no_connection() {
    let silent = silent_port();
    let address = silent.address;
    let url = format!("http://{address}/");
    let failed_fetch = |limits: ExchangeLimits<'_>| {
        let exchange = fetch(limits, &url, Body::None);
        assert!(!exchange.record.opened_connection);
        error_of(exchange)
    };
    let late = failed_fetch(within(Duration::ZERO));
    assert_eq!(late.kind, TransportErrorKind::Timeout);
    assert_eq!(late.detail, "no time is left for the request");
    let cancel = Cancel::new().unwrap();
    cancel.trigger();
    assert_eq!(
        failed_fetch(ExchangeLimits { cancel: Some(&cancel), ..limits() }).kind,
        TransportErrorKind::Cancelled
    );
}

#[test]
fn a_timeout_is_neither_early_nor_rounded_away() {
    let span = Duration::from_millis(250);
    let stall = stall(SilentPhase::Headers);
    let start = Instant::now();
    assert_eq!(error_of(stall.fetch(within(span))).kind, TransportErrorKind::Timeout);
    assert!(start.elapsed() >= span, "ended after {:?}", start.elapsed());
}
