//! Connections and TLS sessions that are good enough for one request, and not for the next.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rcgen::{CertificateParams, KeyPair, SanType};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion, version};
use sac::client::Client;
use sac::code::Code;
use sac::settings::{Change, SAC_TLS_1_3, SecretPem};
use zeroize::Zeroizing;

use crate::case::{expect, outcome};
use crate::scenario::Scenario;
use crate::support::{client, get, request};

const GROUP: &str = "reuse";

/// What is said of the connection of the first request: it is kept, or closed, so that the TLS
/// session alone could be used again.
#[derive(Clone, Copy)]
enum After {
    Kept,
    Closed,
}

/// How the server is reached that must not be trusted later.
#[derive(Clone, Copy)]
enum Way {
    /// It is an https proxy, and the requests are for `http://`.
    Proxy,
    /// It is the server itself.
    Server,
}

/// What makes the second request one that must not be sent there.
type Stricter = fn(&Client) -> Client;

pub fn scenarios() -> Vec<Scenario> {
    const STRICTER: &[(&str, Stricter)] = &[
        ("the client verifies", Client::clone),
        ("a clone with its own setting verifies", |client| {
            let clone = client.clone();
            clone.change(&Change::Verify(true)).unwrap();
            clone
        }),
        ("a clone trusts somebody else", |client| {
            let clone = client.clone();
            clone.set_ca_pem(identity().0.as_bytes()).unwrap();
            clone
        }),
    ];
    let mut all = Vec::new();
    for (way, who) in [(Way::Proxy, "proxy"), (Way::Server, "server")] {
        for (after, what) in [(After::Kept, "connection"), (After::Closed, "TLS session")] {
            for &(name, stricter) in STRICTER {
                let name = format!("a {what} to a {who} that nobody verified, then {name}");
                all.push(Scenario::new(GROUP, name, move || unverified(way, after, stricter)));
            }
        }
        let name = format!("a {who} that speaks TLS 1.2, then 1.3 is the oldest");
        all.push(Scenario::new(GROUP, name, move || old_tls(way)));
    }
    all.push(Scenario::new(GROUP, "a connection under another client certificate", || {
        let (pem, key) = identity();
        apart(Way::Server, move |client| {
            let key = SecretPem::new(key.clone().into_bytes());
            client.set_client_certificate_pem(pem.as_bytes(), key).unwrap();
        })
    }));
    all.push(Scenario::new(GROUP, "a connection to a proxy under another name", || {
        apart(Way::Proxy, |_| {})
    }));
    all
}

/// The first request says itself that it verifies nothing, the second does not.
fn unverified(way: Way, after: After, stricter: Stricter) -> String {
    let host = TlsHost::start(&[&version::TLS13, &version::TLS12], after);
    let client = host.client(way, "ada:secret@");
    let mut careless = request("GET", "/careless");
    careless.change(Change::Verify(false)).unwrap();
    expect(&client.send(&careless), Code::Ok);
    let stricter = stricter(&client);
    stricter.add_bearer("a-token-for-the-true-server").unwrap();
    let response = get(&stricter, "/careful");
    expect(&response, Code::Tls);
    assert_eq!(response.attempts(), 0, "the request was sent");
    // Whoever verifies nothing may still have the connection.
    expect(&client.send(&careless), Code::Ok);
    drop((client, stricter));
    let heads: String = host.finish().into_iter().map(|(_, head)| head).collect();
    assert!(!heads.contains("/careful") && !heads.contains("a-token"), "{heads}");
    outcome(&response)
}

fn old_tls(way: Way) -> String {
    let host = TlsHost::start(&[&version::TLS12], After::Kept);
    let client = host.client(way, "");
    client.set_ca_pem(host.ca.as_bytes()).unwrap();
    expect(&get(&client, "/old"), Code::Ok);
    client.change(&Change::MinTls(SAC_TLS_1_3)).unwrap();
    let response = get(&client, "/new");
    expect(&response, Code::Tls);
    drop(client);
    assert_eq!(host.finish().len(), 1, "the request was sent");
    outcome(&response)
}

/// Two clients of a family that differ in whom they are to the other side have their own
/// connections.
fn apart(way: Way, differ: impl Fn(&Client)) -> String {
    let host = TlsHost::start(&[&version::TLS13], After::Kept);
    let one = host.client(way, "ada:secret@");
    one.set_ca_pem(host.ca.as_bytes()).unwrap();
    let other = one.clone();
    if let Way::Proxy = way {
        host.behind(&other, "bob:secret@");
    }
    differ(&other);
    for _ in 0..2 {
        expect(&get(&one, "/one"), Code::Ok);
        expect(&get(&other, "/other"), Code::Ok);
    }
    let response = get(&one, "/one");
    drop((one, other));
    for (connection, head) in host.finish() {
        let expected = usize::from(head.contains("/other"));
        assert_eq!(connection, expected, "on a connection of somebody else: {head}");
    }
    outcome(&response)
}

/// A certificate for this machine that signs itself, and its key.
fn identity() -> (String, String) {
    let (certificate, key) = certificate();
    (certificate.pem(), key.serialize_pem())
}

fn certificate() -> (rcgen::Certificate, KeyPair) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.subject_alt_names.push(SanType::IpAddress("127.0.0.1".parse().unwrap()));
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap(), key)
}

/// The head of each request, and the number of its connection.
type Heads = Arc<Mutex<Vec<(usize, String)>>>;

/// Answers every request over TLS: a server, or a proxy for `http://`.
struct TlsHost {
    address: SocketAddr,
    ca: String,
    heads: Heads,
    over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl TlsHost {
    fn start(versions: &[&'static SupportedProtocolVersion], after: After) -> Self {
        let (certificate, key) = certificate();
        let ca = certificate.pem();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_protocol_versions(versions)
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heads, over) = (Heads::default(), Arc::<AtomicBool>::default());
        let (seen, end) = (Arc::clone(&heads), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            let mut peers = Vec::new();
            loop {
                let (tcp, _) = listener.accept().unwrap();
                if end.load(Ordering::SeqCst) {
                    break;
                }
                let session = ServerConnection::new(Arc::clone(&config)).unwrap();
                let (seen, number) = (Arc::clone(&seen), peers.len());
                let serve = move || serve(StreamOwned::new(session, tcp), number, after, &seen);
                peers.push(std::thread::spawn(serve));
            }
            peers.into_iter().for_each(|peer| peer.join().unwrap());
        });
        Self { address, ca, heads, over, thread }
    }

    /// A client whose requests come here.
    fn client(&self, way: Way, user: &str) -> Client {
        match way {
            Way::Server => client(&format!("https://{}", self.address), &[]),
            Way::Proxy => {
                let client = client("http://server.test", &[]);
                self.behind(&client, user);
                client
            }
        }
    }

    fn behind(&self, client: &Client, user: &str) {
        let proxy = Zeroizing::new(format!("https://{user}{}", self.address));
        client.change(&Change::Proxy(Some(proxy))).unwrap();
    }

    /// What has come, once all clients are gone.
    fn finish(self) -> Vec<(usize, String)> {
        self.over.store(true, Ordering::SeqCst);
        TcpStream::connect(self.address).unwrap();
        self.thread.join().unwrap();
        std::mem::take(&mut *self.heads.lock().unwrap())
    }
}

/// Answers until the client goes. One that does not come so far is no surprise.
fn serve(
    mut session: StreamOwned<ServerConnection, TcpStream>,
    number: usize,
    after: After,
    heads: &Mutex<Vec<(usize, String)>>,
) {
    let answer: &[u8] = match after {
        After::Kept => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        After::Closed => b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
    };
    let (mut head, mut byte) = (Vec::new(), [0]);
    while let Ok(1) = session.read(&mut byte) {
        head.push(byte[0]);
        if head.ends_with(b"\r\n\r\n") {
            let whole = String::from_utf8(std::mem::take(&mut head)).unwrap();
            heads.lock().unwrap().push((number, whole));
            if session.write_all(answer).is_err() {
                return;
            }
        }
    }
}
