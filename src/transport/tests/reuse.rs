//! Which connections are reused, and which never.

use std::collections::HashSet;
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use super::server::*;
use crate::transport::context::ExchangeContext;
use crate::transport::{
    Body, ConnectionOptions, ReceivedResponse, TlsSettings, Transport, TransportErrorKind, connect,
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Serves two connections: responds to one request of the first with `first`, runs `then` on it and
/// signals that, then responds to one request of the second.
fn two_connections(
    first: &'static [u8],
    then: impl FnOnce(Peer) -> Option<Peer> + Send + 'static,
) -> (Server, std::sync::mpsc::Receiver<()>) {
    let (done, wait) = channel();
    let server = Server::start(move |listener| {
        let mut peer = Peer::accept(&listener);
        peer.request();
        peer.send(first);
        let open = then(peer);
        done.send(()).unwrap();
        let mut peer = Peer::accept(&listener);
        peer.request();
        peer.send(OK);
        drop(open);
    });
    (server, wait)
}

/// The second of two requests must use a new connection, and get its own response.
fn second_is_fresh(server: &Server, wait: &std::sync::mpsc::Receiver<()>, why: &str) {
    let transport = Transport::new();
    assert_eq!(text(&received(send(&transport, get(&server.url("/"))))), "ok");
    wait.recv().unwrap();
    let second = send(&transport, get(&server.url("/")));
    assert!(second.record.opened_connection, "{why}: the connection was reused");
    assert!(!second.record.reused_connection);
    assert_eq!(text(&received(second)), "ok", "{why}");
}

#[test]
fn a_connection_that_the_server_has_closed_is_not_reused() {
    let (server, wait) = two_connections(OK, |peer| {
        drop(peer);
        None
    });
    second_is_fresh(&server, &wait, "closed by the server");
}

#[test]
fn a_connection_with_connection_close_is_not_reused() {
    let (server, wait) = two_connections(
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        Some,
    );
    second_is_fresh(&server, &wait, "Connection: close");
    let (server, wait) = two_connections(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", Some);
    second_is_fresh(&server, &wait, "HTTP/1.0");
}

#[test]
fn bytes_after_a_response_are_never_read_as_the_next_one() {
    let poisoned: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\
        HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    let (server, wait) = two_connections(poisoned, Some);
    second_is_fresh(&server, &wait, "bytes in the same packet");
    let (server, wait) = two_connections(OK, |mut peer| {
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        Some(peer)
    });
    second_is_fresh(&server, &wait, "bytes in a later packet");
}

#[test]
fn a_connection_is_not_reused_after_an_error() {
    let (done, wait) = channel();
    let server = Server::start(move |listener| {
        let mut broken = Peer::accept(&listener);
        broken.request();
        broken.send(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nsome of it");
        wait.recv().unwrap();
        let mut peer = Peer::accept(&listener);
        peer.request();
        peer.send(OK);
        drop(broken);
    });
    let transport = Transport::new();
    let mut limited = limits();
    limited.max_body_bytes = 20;
    error_of(send_within(&transport, limited, get(&server.url("/")), Body::None));
    done.send(()).unwrap();
    let second = send(&transport, get(&server.url("/")));
    assert!(second.record.opened_connection);
    assert_eq!(text(&received(second)), "ok");
}

#[test]
fn a_reused_connection_that_ends_without_a_response_is_reported_as_reused() {
    let server = Server::once(|mut peer| {
        peer.request();
        peer.send(OK);
        peer.request();
    });
    let transport = Transport::new();
    received(send(&transport, get(&server.url("/"))));
    let exchange = send(&transport, get(&server.url("/")));
    assert!(exchange.record.reused_connection);
    assert!(exchange.record.request_bytes > 0);
    assert_eq!(exchange.record.response_bytes, 0);
    let error = error_of(exchange);
    assert_eq!(error.kind, TransportErrorKind::Closed);
    assert_eq!(error.detail, "the server closed the connection without a response");
}

#[test]
fn fresh_connection_opens_a_new_connection() {
    let (server, wait) = two_connections(OK, Some);
    let transport = Transport::new();
    received(send(&transport, get(&server.url("/"))));
    wait.recv().unwrap();
    let tls = TlsSettings::default();
    let options =
        ConnectionOptions { fresh_connection: true, ..ConnectionOptions::new(&tls, limits()) };
    let second = transport.exchange(&options, (&get(&server.url("/"))).into(), Body::None);
    assert!(second.record.opened_connection);
    assert_eq!(text(&received(second)), "ok");
}

/// Sends two requests, the first with one set of options, the second with another.
fn second_after(
    first: &ConnectionOptions<'_>,
    second: &ConnectionOptions<'_>,
    why: &str,
) -> ReceivedResponse {
    let (server, wait) = two_connections(OK, |mut peer| {
        assert!(peer.next_request().is_none(), "another request arrived on the first connection");
        None
    });
    let transport = Transport::new();
    received(transport.exchange(first, (&get(&server.url("/"))).into(), Body::None));
    let outcome = std::thread::scope(|scope| {
        let second =
            scope.spawn(|| transport.exchange(second, (&get(&server.url("/"))).into(), Body::None));
        wait.recv().unwrap();
        second.join().unwrap()
    });
    assert!(outcome.record.opened_connection, "{why}: the connection was reused");
    received(outcome)
}

#[test]
fn a_connection_that_is_too_old_is_closed_and_not_reused() {
    let tls = TlsSettings::default();
    let any = ConnectionOptions::new(&tls, limits());
    let expired = ConnectionOptions { max_age: Some(Duration::ZERO), ..any };
    second_after(&any, &expired, "too old");
    second_after(&expired, &expired, "too old from the beginning");
}

#[test]
fn a_connection_is_not_reused_in_the_last_second_before_the_server_closes_it() {
    for (field, seconds) in [
        ("Keep-Alive: timeout=5", 4),
        ("Keep-Alive: timeout=5, max=100", 4),
        ("keep-alive:max=7 , Timeout = 15", 14),
        ("Keep-Alive: timeout=2", 1),
        ("Keep-Alive: timeout=1", 0),
        ("Keep-Alive: timeout=0", 0),
        ("Keep-Alive: timeout=20, max=0", 0),
        ("Keep-Alive: timeout=5\r\nKeep-Alive: timeout=9", 4),
        ("Keep-Alive: timeout=3600", 60),
        ("Keep-Alive: timeout=99999999999999999999", 60),
        ("Keep-Alive: timeout=soon, max=100", 60),
        ("Keep-Alive: 5", 60),
        ("X-Keep-Alive: timeout=5", 60),
    ] {
        let response = format!("HTTP/1.1 200 OK\r\n{field}\r\nContent-Length: 2\r\n\r\nok");
        let server = Server::once(move |mut peer| {
            peer.request();
            peer.send(response.as_bytes());
            assert!(peer.next_request().is_none(), "another request was sent");
        });
        let (transport, url) = (Transport::new(), server.url("/"));
        received(send(&transport, get(&url)));
        let (state, _) = transport.state.peek().unwrap();
        let (now, authority) = (Instant::now(), get(&url).uri().authority().unwrap().clone());
        let context = ExchangeContext::with_limits(now, &limits());
        let after = |idle| connect::take_idle(&state.pool, &context, &authority, now + idle);
        if let Some(just_before) = Duration::from_secs(seconds).checked_sub(Duration::from_secs(1))
        {
            let open = after(just_before).unwrap_or_else(|| panic!("{field}: not reused"));
            state.pool.put(open);
        }
        assert!(after(Duration::from_secs(seconds)).is_none(), "{field}: reused too late");
        assert!(after(Duration::ZERO).is_none(), "{field}: not closed");
    }
}

#[test]
fn a_request_without_keep_alive_says_so_and_uses_its_own_connection() {
    let tls = TlsSettings::default();
    let any = ConnectionOptions::new(&tls, limits());
    let close = ConnectionOptions { keep_alive: false, ..any };
    second_after(&close, &any, "after a request without keep-alive");
    let (server, wait) = two_connections(OK, Some);
    let transport = Transport::new();
    received(transport.exchange(&any, (&get(&server.url("/"))).into(), Body::None));
    wait.recv().unwrap();
    let second = transport.exchange(&close, (&get(&server.url("/"))).into(), Body::None);
    assert!(second.record.opened_connection, "a pooled connection was used");
    received(second);
}

#[test]
fn connection_close_is_sent_only_without_keep_alive() {
    let tls = TlsSettings::default();
    for keep_alive in [true, false] {
        let (sender, receiver) = channel();
        let server = Server::once(move |mut peer| {
            sender.send(peer.request().head).unwrap();
            peer.send(OK);
        });
        let options = ConnectionOptions { keep_alive, ..ConnectionOptions::new(&tls, limits()) };
        received(Transport::new().exchange(&options, (&get(&server.url("/"))).into(), Body::None));
        let head = receiver.recv().unwrap().to_ascii_lowercase();
        assert_eq!(head.contains("\r\nconnection: close\r\n"), !keep_alive, "{head}");
    }
}

#[test]
fn threads_need_at_most_one_connection_each() {
    const THREADS: usize = 64;
    const ROUNDS: usize = 20;
    let (report, accepted) = channel();
    let server = Server::start(move |listener| {
        let mut peers = Vec::new();
        loop {
            let (stream, _) = listener.accept().unwrap();
            if is_last(&stream) {
                break;
            }
            peers.push(std::thread::spawn(move || {
                let mut peer = Peer::over(stream);
                while let Some(request) = peer.next_request() {
                    let path = request.head.split(' ').nth(1).unwrap().to_owned();
                    let response =
                        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len());
                    peer.send(response.as_bytes());
                }
            }));
        }
        report.send(peers.len()).unwrap();
        for peer in peers {
            peer.join().unwrap();
        }
    });
    let transport = Arc::new(Transport::new());
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (transport, server, barrier) = (&transport, &server, &barrier);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    barrier.wait();
                    let path = format!("/{thread}/{round}");
                    let received = received(send(transport, get(&server.url(&path))));
                    assert_eq!(
                        text(&received),
                        path,
                        "a thread received another thread's response"
                    );
                }
            });
        }
    });
    drop(transport);
    last(&server);
    let connections = accepted.recv().unwrap();
    assert!(connections <= THREADS, "{connections} connections for {THREADS} threads");
}

/// The connection that tells a server to stop: it says so in its first bytes.
fn last(server: &Server) {
    use std::io::Write;
    TcpStream::connect(server.address).unwrap().write_all(b"stop").unwrap();
}

fn is_last(stream: &TcpStream) -> bool {
    let mut start = [0; 4];
    stream.peek(&mut start).unwrap() == 4 && &start == b"stop"
}

#[test]
fn idle_connections_can_be_closed_and_a_later_request_opens_a_new_one() {
    let (server, closed) = two_connections(OK, |mut peer| {
        assert!(peer.next_request().is_none(), "a request came on the closed connection");
        None
    });
    let transport = Transport::new();
    transport.close_idle();
    received(send(&transport, get(&server.url("/"))));
    transport.close_idle();
    closed.recv().unwrap();
    let second = send(&transport, get(&server.url("/")));
    assert!(second.record.opened_connection && !second.record.reused_connection);
    received(second);
}

#[test]
fn hosts_do_not_share_connections() {
    let (one, other) = (
        Server::responding(&["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"]),
        Server::responding(&["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother"]),
    );
    let transport = Transport::new();
    let texts: HashSet<_> = [&one, &other]
        .map(|server| text(&received(send(&transport, get(&server.url("/"))))).to_owned())
        .into();
    assert_eq!(texts.len(), 2);
}
