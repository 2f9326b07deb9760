//! Servers that do exactly what a test needs, and the requests to them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::thread::JoinHandle;
use std::time::Duration;

use http::Request;

use crate::transport::{
    Body, ConnectionOptions, ExchangeError, ExchangeLimits, ExchangeResult, ReceivedResponse,
    TlsSettings, Transport,
};
use crate::wait::Deadline;

/// A server on its own port. The end of the test joins its thread, and passes on its panics.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Runs `script` with the listener.
    pub(super) fn start(script: impl FnOnce(TcpListener) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || script(listener));
        Self { address, thread: Some(thread) }
    }

    /// Serves one connection.
    pub(super) fn once(script: impl FnOnce(Peer) + Send + 'static) -> Self {
        Self::start(move |listener| script(Peer::accept(&listener)))
    }

    /// Responds to each request of one connection with the next of these responses, then closes.
    pub(super) fn responding(responses: &[&str]) -> Self {
        let responses: Vec<Vec<u8>> =
            responses.iter().map(|text| text.as_bytes().to_vec()).collect();
        Self::once(move |mut peer| {
            for response in responses {
                peer.request();
                peer.send(&response);
            }
        })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take()
            && let Err(panic) = thread.join()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // A script that still waits for a client gets one that disconnects at once.
            drop(TcpStream::connect(self.address));
            self.join();
        }
    }
}

/// The server's side of a connection.
pub(super) struct Peer<S = TcpStream> {
    pub(super) stream: S,
    unread: Vec<u8>,
}

impl Peer {
    pub(super) fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(stream)
    }
}

/// A request as the server received it.
pub(super) struct ReceivedRequest {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl<S: Read + Write> Peer<S> {
    pub(super) fn over(stream: S) -> Self {
        Self { stream, unread: Vec::new() }
    }

    /// The next request; panics if the connection ends first.
    pub(super) fn request(&mut self) -> ReceivedRequest {
        self.next_request().expect("the client closed the connection before its request")
    }

    /// The next request, or `None` if the client has closed the connection.
    pub(super) fn next_request(&mut self) -> Option<ReceivedRequest> {
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break at.saturating_add(4);
            }
            if !self.more() {
                return None;
            }
        };
        let head = String::from_utf8(self.unread.drain(..end).collect()).unwrap();
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, value)| value.trim().parse().unwrap());
        while self.unread.len() < length {
            assert!(self.more(), "the request's body was truncated");
        }
        Some(ReceivedRequest { head, body: self.unread.drain(..length).collect() })
    }

    fn more(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        // A reset counts as the end of the connection.
        let read = self.stream.read(&mut buffer).unwrap_or(0);
        self.unread.extend_from_slice(&buffer[..read]);
        read > 0
    }

    pub(super) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
        self.stream.flush().unwrap();
    }
}

pub(super) fn get(url: &str) -> Request<()> {
    request("GET", url)
}

pub(super) fn request(method: &str, url: &str) -> Request<()> {
    Request::builder().method(method).uri(url).body(()).unwrap()
}

/// Only a large body limit: a test that hangs has found a bug, too.
pub(super) fn limits() -> ExchangeLimits<'static> {
    ExchangeLimits {
        deadline: Deadline::NEVER,
        connect_timeout: None,
        read_timeout: None,
        cancel: None,
        max_body_bytes: 256 * 1024 * 1024,
    }
}

pub(super) fn send_within(
    transport: &Transport,
    limits: ExchangeLimits<'_>,
    request: Request<()>,
    body: Body<'_>,
) -> ExchangeResult {
    let tls = TlsSettings::default();
    let options = ConnectionOptions::new(&tls, limits);
    transport.exchange(&options, (&request).into(), body)
}

pub(super) fn send(transport: &Transport, request: Request<()>) -> ExchangeResult {
    send_within(transport, limits(), request, Body::None)
}

/// The response of an exchange that must succeed.
pub(super) fn received(exchange: ExchangeResult) -> ReceivedResponse {
    match exchange.outcome {
        Ok(received) => received,
        Err(error) => panic!("the exchange failed: {:?}: {}", error.kind, error.detail),
    }
}

/// The error of an exchange that must fail.
pub(super) fn error_of(exchange: ExchangeResult) -> ExchangeError {
    match exchange.outcome {
        Ok(received) => panic!("the exchange succeeded: status {}", received.head.status),
        Err(error) => error,
    }
}

pub(super) fn text(received: &ReceivedResponse) -> &str {
    std::str::from_utf8(&received.body).unwrap()
}

/// A port in use, so that no other test gets it. It refuses or ignores clients.
pub(in crate::transport) struct DeadPort {
    pub(in crate::transport) address: SocketAddr,
    socket: OwnedFd,
    filling: Vec<TcpStream>,
}

/// A port on which no one listens.
pub(in crate::transport) fn refusing_port() -> DeadPort {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &"127.0.0.1:0".parse::<SocketAddr>().unwrap()).unwrap();
    let address = SocketAddr::try_from(getsockname(&socket).unwrap()).unwrap();
    DeadPort { address, socket, filling: Vec::new() }
}

/// A port that accepts no more connections, because its queue is full.
pub(in crate::transport) fn silent_port() -> DeadPort {
    let mut port = refusing_port();
    rustix::net::listen(&port.socket, 0).unwrap();
    while let Ok(stream) = TcpStream::connect_timeout(&port.address, Duration::from_millis(200)) {
        port.filling.push(stream);
        assert!(port.filling.len() < 64, "the queue of the port does not become full");
    }
    port
}
