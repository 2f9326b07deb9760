//! Garbage instead of TLS, and TLS that breaks off.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rcgen::{CertificateParams, KeyPair, SanType};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;

use crate::case::{expect, outcome};
use crate::scenario::Scenario;
use crate::support::{RefusingPort, client, get};

const GROUP: &str = "TLS";

pub fn scenarios() -> Vec<Scenario> {
    let garbage = GARBAGE.iter().map(|&(name, bytes)| {
        Scenario::new(GROUP, name, move || instead_of_tls(bytes, Code::Tls, true))
    });
    let halves = HALVES.iter().map(|&(name, bytes)| {
        Scenario::new(GROUP, format!("{name}, and silence"), move || {
            instead_of_tls(bytes, Code::Timeout, false)
        })
    });
    let closed = HALVES.iter().map(|&(name, bytes)| {
        Scenario::new(GROUP, format!("{name}, and a close"), move || {
            instead_of_tls(bytes, Code::Tls, true)
        })
    });
    garbage.chain(halves).chain(closed).chain(broken_off()).collect()
}

const GARBAGE: &[(&str, &[u8])] = &[
    ("plain HTTP on the port of TLS", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    ("an alert at once", b"\x15\x03\x03\x00\x02\x02\x28"),
    ("a warning and a close", b"\x15\x03\x03\x00\x02\x01\x00"),
    ("a record of an unknown type", b"\x63\x03\x03\x00\x04abcd"),
    ("a record of application data", b"\x17\x03\x03\x00\x04abcd"),
    ("a record above the maximum length", b"\x16\x03\x03\xff\xff"),
    ("an empty handshake record", b"\x16\x03\x03\x00\x00"),
    ("a hello of another version", b"\x16\x02\x00\x00\x04\x02\x00\x00\x00"),
    ("an invalid hello", b"\x16\x03\x03\x00\x08\x02\x00\x00\x04abcd"),
    ("a message of 16 MiB", b"\x16\x03\x03\x00\x04\x02\xff\xff\xff"),
    ("zeros", &[0; 4096]),
    ("an SSH banner", b"SSH-2.0-OpenSSH_9.2\r\n"),
];

const HALVES: &[(&str, &[u8])] = &[
    ("nothing", b""),
    ("half a record header", b"\x16\x03"),
    ("half a record", b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03"),
];

/// A peer that reads the client's hello, sends these bytes, and closes or waits.
fn instead_of_tls(bytes: &'static [u8], code: Code, closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut peer, _) = listener.accept().unwrap();
        let _ = peer.read(&mut [0; 4096]);
        let _ = peer.write_all(bytes);
        while !closes && peer.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
    });
    let changes = [Change::TimeoutMs(if closes { 10_000 } else { 150 })];
    let response = get(&client(&format!("https://{address}"), &changes), "/");
    server.join().unwrap();
    expect(&response, code);
    assert_eq!(response.attempts(), 0, "no request was sent");
    outcome(&response)
}

fn broken_off() -> Vec<Scenario> {
    let ends = |name: &str, response: &'static str, close_notify: bool, code: Code| {
        Scenario::new(GROUP, name, move || {
            let secure = Secure::start(response.into(), close_notify);
            let response = get(&secure.client(), "/");
            expect(&response, code);
            outcome(&response)
        })
    };
    let length = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":";
    let endless = "HTTP/1.1 200 OK\r\n\r\n{\"a\":1}";
    vec![
        ends("a close without close_notify is not the end of a body", endless, false, Code::Closed),
        ends("close_notify is the end of a body", endless, true, Code::Ok),
        ends("close_notify within the body", length, true, Code::Closed),
        ends("close_notify within the head", "HTTP/1.1 200 OK\r\n", true, Code::Closed),
        ends("close_notify without a response", "", true, Code::Closed),
        ends("a length next to chunks", BOTH, true, Code::Protocol),
        Scenario::new(GROUP, "a certificate of an untrusted issuer", || {
            let secure = Secure::responding(Vec::new());
            let other = client(&format!("https://{}", secure.address), &[]);
            other.set_ca_pem(Secure::responding(Vec::new()).ca().as_bytes()).unwrap();
            let response = get(&other, "/");
            expect(&response, Code::Tls);
            outcome(&response)
        }),
        Scenario::new(GROUP, "a port that refuses connections", || {
            let port = RefusingPort::new();
            let response = get(&client(&port.url().replace("http:", "https:"), &[]), "/");
            expect(&response, Code::Connect);
            outcome(&response)
        }),
    ]
}

const BOTH: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}";

/// A server over TLS for one connection and one request.
pub struct Secure {
    address: SocketAddr,
    ca: String,
    received: Arc<Mutex<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Secure {
    pub fn responding(response: Vec<u8>) -> Self {
        Self::start(response, true)
    }

    fn start(response: Vec<u8>, close_notify: bool) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.subject_alt_names.push(SanType::IpAddress("127.0.0.1".parse().unwrap()));
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let ca = certificate.pem();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::<Mutex<String>>::default();
        let record = Arc::clone(&received);
        let thread = std::thread::spawn(move || {
            let (tcp, _) = listener.accept().unwrap();
            let session = ServerConnection::new(Arc::new(config)).unwrap();
            serve(StreamOwned::new(session, tcp), &response, close_notify, &record);
        });
        Self { address, ca, received, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    pub fn ca(&self) -> &str {
        &self.ca
    }

    pub fn client(&self) -> Client {
        let client = client(&self.url(), &[Change::TimeoutMs(10_000)]);
        client.set_ca_pem(self.ca.as_bytes()).unwrap();
        client
    }

    /// The head of the request, once the connection has ended.
    pub fn received(mut self) -> String {
        self.end();
        self.received.lock().unwrap().clone()
    }

    fn end(&mut self) {
        // The server may still wait for a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.end();
    }
}

type Session = StreamOwned<ServerConnection, TcpStream>;

/// Reads a head and sends the response. The client may give up earlier.
fn serve(mut session: Session, response: &[u8], close_notify: bool, received: &Mutex<String>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match session.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    *received.lock().unwrap() = String::from_utf8(head).unwrap();
    let _ = session.write_all(response);
    if close_notify {
        session.conn.send_close_notify();
    }
    let _ = session.flush();
}
