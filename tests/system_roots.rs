//! Whom the system's roots vouch for, as `SSL_CERT_FILE` and `SSL_CERT_DIR` name them. The client
//! is a process of its own, because they are read once per process.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use rcgen::CertificateParams;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sac::transport::{Body, ConnectionOptions, ExchangeLimits, TlsSettings, Transport};
use sac::wait::Deadline;

// What the other user of it needs besides.
#[allow(dead_code)]
#[path = "third_party/certificates.rs"]
mod certificates;
use certificates::{Authority, self_signed};

/// Tells the client where to go.
const URL: &str = "SAC_TEST_URL";
const VISITS: u32 = 2;

#[test]
#[ignore = "the client that the other tests start with an environment of its own"]
fn visit() {
    let url = std::env::var(URL).unwrap();
    for _ in 0..VISITS {
        let bounds = ExchangeLimits {
            deadline: Deadline::NEVER,
            connect_timeout: None,
            read_timeout: None,
            cancel: None,
            max_body_bytes: 1024,
        };
        let tls = TlsSettings::default();
        let wire =
            ConnectionOptions { fresh_connection: true, ..ConnectionOptions::new(&tls, bounds) };
        let request = http::Request::builder().uri(&url).body(()).unwrap();
        let exchange = Transport::new().exchange(&wire, request, Body::None);
        exchange.outcome.map(drop).unwrap();
    }
}

/// A server with a certificate of this authority, which answers whoever accepts it.
fn serve(authority: &Authority) -> String {
    serve_as(&authority.sign(&["localhost"]))
}

fn serve_as((certificate, key): &(String, String)) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(session, stream.unwrap());
            // A client that does not trust the certificate goes before it has said anything.
            if stream.read(&mut [0; 1024]).is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        }
    });
    url
}

/// A bundle and a folder of roots, removed in the end.
struct Roots(PathBuf);

impl Roots {
    fn new(test: &str, bundle: Option<&Authority>, folder: Option<&Authority>) -> Self {
        let place = std::env::temp_dir().join(format!("sac-{test}-{}", std::process::id()));
        std::fs::create_dir_all(place.join("folder")).unwrap();
        for (file, authority) in [("bundle.pem", bundle), ("folder/one.pem", folder)] {
            if let Some(authority) = authority {
                std::fs::write(place.join(file), &authority.pem).unwrap();
            }
        }
        Self(place)
    }

    /// With a certificate as the bundle, and the only one in the folder.
    fn of(test: &str, certificate: &str) -> Self {
        let roots = Self::new(test, None, None);
        for file in ["bundle.pem", "folder/one.pem"] {
            std::fs::write(roots.path(file), certificate).unwrap();
        }
        roots
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Roots {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn visit_with(url: &str, file: Option<&Path>, folder: Option<&Path>) -> Output {
    let mut client = Command::new(std::env::current_exe().unwrap());
    client.args(["--exact", "visit", "--ignored"]).env(URL, url);
    for (variable, value) in [("SSL_CERT_FILE", file), ("SSL_CERT_DIR", folder)] {
        match value {
            Some(value) => client.env(variable, value),
            None => client.env_remove(variable),
        };
    }
    client.output().unwrap()
}

fn assert_trusted(output: &Output, trusted: bool) {
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.success(), trusted, "{said}");
    assert!(trusted || said.contains("certificate"), "refused for another reason: {said}");
}

#[test]
fn the_bundle_vouches_for_a_server() {
    let authority = Authority::new();
    let roots = Roots::new("bundle", Some(&authority), Some(&Authority::new()));
    let url = serve(&authority);
    assert_trusted(&visit_with(&url, Some(&roots.path("bundle.pem")), None), true);
    let folder = roots.path("folder");
    assert_trusted(&visit_with(&url, Some(&roots.path("bundle.pem")), Some(&folder)), true);
}

#[test]
fn a_root_that_only_the_folder_has_vouches_for_a_server() {
    let authority = Authority::new();
    let roots = Roots::new("folder", Some(&Authority::new()), Some(&authority));
    let url = serve(&authority);
    let folder = roots.path("folder");
    assert_trusted(&visit_with(&url, Some(&roots.path("bundle.pem")), Some(&folder)), true);
    assert_trusted(&visit_with(&url, None, Some(&folder)), true);
    assert_trusted(&visit_with(&url, Some(&roots.path("missing.pem")), Some(&folder)), true);
}

#[test]
fn a_server_for_which_neither_vouches_is_refused() {
    let roots = Roots::new("neither", Some(&Authority::new()), Some(&Authority::new()));
    let url = serve(&Authority::new());
    let folder = roots.path("folder");
    assert_trusted(&visit_with(&url, Some(&roots.path("bundle.pem")), Some(&folder)), false);
    assert_trusted(&visit_with(&url, Some(&roots.path("bundle.pem")), None), false);
    assert_trusted(&visit_with(&url, None, Some(&folder)), false);
}

#[test]
fn a_certificate_that_is_itself_named_is_trusted() {
    let names = || CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let authority = Authority::new();
    for (test, identity) in [
        ("self-signed", self_signed(names(), false)),
        ("self-signed-ca", self_signed(names(), true)),
        ("signed", authority.sign(&["localhost"])),
    ] {
        let roots = Roots::of(test, &identity.0);
        let url = serve_as(&identity);
        let (bundle, folder) = (roots.path("bundle.pem"), roots.path("folder"));
        assert_trusted(&visit_with(&url, Some(&bundle), None), true);
        assert_trusted(&visit_with(&url, None, Some(&folder)), true);
        // Not another of the same name.
        let other = serve_as(&self_signed(names(), true));
        assert_trusted(&visit_with(&other, Some(&bundle), None), false);
    }
}
