//! A server over TLS for any number of requests, which records requests, connections and client
//! certificates.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SanType};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
};

/// A self-signed certificate for this machine, and its key.
pub fn identity() -> (String, String) {
    let (certificate, key) = certificate();
    (certificate.pem(), key.serialize_pem())
}

fn certificate() -> (rcgen::Certificate, KeyPair) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.subject_alt_names.push(SanType::IpAddress("127.0.0.1".parse().unwrap()));
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap(), key)
}

/// A client CA, and the certificate and key of one client.
pub struct Clients {
    authority: String,
    pub chain: String,
    pub key: String,
}

impl Clients {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap().pem();
        let (issuer, key) = (Issuer::new(params, key), KeyPair::generate().unwrap());
        let client = CertificateParams::new(vec!["client.test".to_owned()]).unwrap();
        let chain = client.signed_by(&key, &issuer).unwrap().pem();
        Self { authority, chain, key: key.serialize_pem() }
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.as_bytes()).unwrap()).unwrap();
        Arc::new(roots)
    }
}

/// A request as the server received it.
pub struct TlsRequest {
    pub connection: usize,
    pub head: String,
    /// Whether the client has sent a certificate.
    pub certificate: bool,
}

/// Makes the response from the head of a request.
type Responder = Arc<dyn Fn(&str) -> Vec<u8> + Send + Sync>;

/// Responds to every request over TLS: a server, or a proxy for `http://`.
pub struct TlsHost {
    pub address: SocketAddr,
    pub ca: String,
    requests: Arc<Mutex<Vec<TlsRequest>>>,
    over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl TlsHost {
    pub fn start(
        versions: &[&'static SupportedProtocolVersion],
        respond: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self::with_client_auth(None, versions, respond)
    }

    /// The same, but it requests a client certificate and also accepts clients without one.
    pub fn with_client_auth(
        clients: Option<&Clients>,
        versions: &[&'static SupportedProtocolVersion],
        respond: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let (certificate, key) = certificate();
        let ca = certificate.pem();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let builder = ServerConfig::builder_with_protocol_versions(versions);
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let verifier = WebPkiClientVerifier::builder(clients.roots());
                builder.with_client_cert_verifier(verifier.allow_unauthenticated().build().unwrap())
            }
        };
        let config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let (config, respond): (_, Responder) = (Arc::new(config), Arc::new(respond));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, over) = (Arc::default(), Arc::<AtomicBool>::default());
        let (received, end) = (Arc::clone(&requests), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            let mut peers = Vec::new();
            loop {
                let (tcp, _) = listener.accept().unwrap();
                if end.load(Ordering::SeqCst) {
                    break;
                }
                let session = ServerConnection::new(Arc::clone(&config)).unwrap();
                let (received, number) = (Arc::clone(&received), peers.len());
                let respond = Arc::clone(&respond);
                let serve =
                    move || serve(StreamOwned::new(session, tcp), number, &respond, &received);
                peers.push(std::thread::spawn(serve));
            }
            peers.into_iter().for_each(|peer| peer.join().unwrap());
        });
        Self { address, ca, requests, over, thread }
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The requests, after all clients have closed their connections.
    pub fn finish(self) -> Vec<TlsRequest> {
        self.over.store(true, Ordering::SeqCst);
        TcpStream::connect(self.address).unwrap();
        self.thread.join().unwrap();
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

/// Responds until the client closes the connection. The client may give up earlier.
fn serve(
    mut session: StreamOwned<ServerConnection, TcpStream>,
    connection: usize,
    respond: &Responder,
    requests: &Mutex<Vec<TlsRequest>>,
) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while let Ok(1) = session.read(&mut byte) {
        head.push(byte[0]);
        if head.ends_with(b"\r\n\r\n") {
            let whole = String::from_utf8(std::mem::take(&mut head)).unwrap();
            let response = respond(&whole);
            let certificate = session.conn.peer_certificates().is_some();
            requests.lock().unwrap().push(TlsRequest { connection, head: whole, certificate });
            if session.write_all(&response).is_err() {
                return;
            }
        }
    }
}
