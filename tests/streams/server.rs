//! Servers that follow the script of a test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustix::net::sockopt::set_socket_linger;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use sac::answer::Response;
use sac::client::Client;
use sac::request::Request;
use sac::settings::Change;

pub use crate::support::{Folder, listed, pattern, skipped};

/// A server on its own port. Its end passes its panic on.
pub struct Server {
    pub address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Runs `script` with the listener.
    pub fn start(script: impl FnOnce(TcpListener) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        Self { address, thread: Some(std::thread::spawn(move || script(listener))) }
    }

    /// Sends each response on a new connection, after one request.
    pub fn responding<const N: usize>(
        responses: [Vec<u8>; N],
    ) -> (Self, std::sync::mpsc::Receiver<ReceivedRequest>) {
        let (sender, received) = std::sync::mpsc::channel();
        let server = Self::start(move |listener| {
            for response in responses {
                let mut peer = Peer::accept(&listener);
                sender.send(peer.request()).unwrap();
                peer.send(&response);
            }
        });
        (server, received)
    }

    pub fn client(&self) -> Client {
        let client = Client::new(&format!("http://{}", self.address)).unwrap();
        client.change(&Change::TimeoutMs(20_000)).unwrap();
        client.change(&Change::BackoffMs { base: 1, max: 1 }).unwrap();
        client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let thread = self.thread.take();
        if !std::thread::panicking()
            && let Some(Err(panic)) = thread.map(JoinHandle::join)
        {
            std::panic::resume_unwind(panic);
        }
    }
}

/// A request as the server received it.
pub struct ReceivedRequest {
    pub head: String,
    pub body: Vec<u8>,
    /// Whether the body has its full Content-Length.
    pub whole: bool,
}

impl ReceivedRequest {
    pub fn field(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// The server's side of a connection.
pub struct Peer {
    pub stream: TcpStream,
    pub unread: Vec<u8>,
}

impl Peer {
    pub fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().unwrap();
        Self { stream, unread: Vec::new() }
    }

    pub fn request(&mut self) -> ReceivedRequest {
        let head = self.head();
        let mut received = ReceivedRequest { head, body: Vec::new(), whole: true };
        let length: usize =
            received.field("content-length").map_or(0, |text| text.parse().unwrap());
        while received.whole && self.unread.len() < length {
            received.whole = self.more();
        }
        let rest = self.unread.split_off(length.min(self.unread.len()));
        received.body = std::mem::replace(&mut self.unread, rest);
        received
    }

    pub fn head(&mut self) -> String {
        loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                return String::from_utf8(self.unread.drain(..at + 4).collect()).unwrap();
            }
            assert!(self.more(), "the client closed the connection before the end of its request");
        }
    }

    fn more(&mut self) -> bool {
        let mut buffer = [0; 64 * 1024];
        let read = self.stream.read(&mut buffer).unwrap_or(0);
        self.unread.extend_from_slice(&buffer[..read]);
        read > 0
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Sends to a client that may have closed the connection.
    pub fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads until `amount` bytes are unread.
    pub fn read_at_least(&mut self, amount: usize) {
        while self.unread.len() < amount {
            assert!(self.more(), "the client closed the connection before the end of its request");
        }
    }

    /// Reads until the client closes the connection.
    pub fn read_to_end(mut self) {
        while self.more() {
            self.unread.clear();
        }
    }

    /// Ends the connection by a reset (RFC 9293 section 3.10.4).
    pub fn reset(self) {
        set_socket_linger(&self.stream, Some(Duration::ZERO)).unwrap();
    }
}

/// A response that closes its connection.
pub fn http_response(status: &str, fields: &[&str], body: &[u8]) -> Vec<u8> {
    truncated_response(status, fields, body, body.len())
}

/// The same, but the body ends after `after` bytes.
pub fn truncated_response(status: &str, fields: &[&str], body: &[u8], after: usize) -> Vec<u8> {
    let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{fields}\r\n"
    );
    [head.as_bytes(), &body[..after]].concat()
}

/// The error text; empty if there is none.
pub fn error_of(response: &Response) -> String {
    response.error().map(|error| error.to_string_lossy().into_owned()).unwrap_or_default()
}

pub fn request(method: &str) -> Request {
    Request::new(method, "/").unwrap()
}

/// A request with one retry.
pub fn retried(method: &str) -> Request {
    let mut request = request(method);
    request.change(Change::RetryAttempts(1)).unwrap();
    request
}

/// A certificate for a server of this name, and the server's configuration with it.
pub fn tls_for(name: &str) -> (String, Arc<ServerConfig>) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (certificate.pem(), Arc::new(config))
}
