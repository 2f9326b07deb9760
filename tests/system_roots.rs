//! The system roots of `SSL_CERT_FILE` and `SSL_CERT_DIR`. The client is a separate process, because
//! a process reads them once.

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

// `tests/third_party` uses the rest of it.
#[allow(dead_code)]
#[path = "third_party/certificates.rs"]
mod certificates;
use certificates::{Authority, self_signed};

/// The environment variable with the URL for the client.
const URL: &str = "SAC_TEST_URL";
const VISITS: u32 = 2;

#[test]
#[ignore = "the client, which the other tests start with a separate environment"]
fn visit() {
    let url = std::env::var(URL).unwrap();
    for _ in 0..VISITS {
        let limits = ExchangeLimits {
            deadline: Deadline::NEVER,
            connect_timeout: None,
            read_timeout: None,
            cancel: None,
            max_body_bytes: 1024,
        };
        let tls = TlsSettings::default();
        let options =
            ConnectionOptions { fresh_connection: true, ..ConnectionOptions::new(&tls, limits) };
        let request = http::Request::builder().uri(&url).body(()).unwrap();
        let exchange = Transport::new().exchange(&options, (&request).into(), Body::None);
        exchange.outcome.map(drop).unwrap();
    }
}

/// A server with a certificate of this authority.
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
            // A client that does not trust the certificate closes the connection before its request.
            if stream.read(&mut [0; 1024]).is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        }
    });
    url
}

/// A bundle and a folder of roots; `drop` deletes them.
struct Roots(PathBuf);

impl Roots {
    fn new(test: &str, bundle: Option<&Authority>, folder: Option<&Authority>) -> Self {
        let path = std::env::temp_dir().join(format!("sac-{test}-{}", std::process::id()));
        std::fs::create_dir_all(path.join("folder")).unwrap();
        for (file, authority) in [("bundle.pem", bundle), ("folder/one.pem", folder)] {
            if let Some(authority) = authority {
                std::fs::write(path.join(file), &authority.pem).unwrap();
            }
        }
        Self(path)
    }

    /// A bundle and a folder with this one certificate.
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
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.success(), trusted, "{text}");
    assert!(trusted || text.contains("certificate"), "failed for another reason: {text}");
}

#[test]
fn a_root_of_the_bundle_is_trusted() {
    let authority = Authority::new();
    let roots = Roots::new("bundle", Some(&authority), Some(&Authority::new()));
    let url = serve(&authority);
    assert_trusted(&visit_with(&url, Some(&roots.path("bundle.pem")), None), true);
    let folder = roots.path("folder");
    assert_trusted(&visit_with(&url, Some(&roots.path("bundle.pem")), Some(&folder)), true);
}

#[test]
fn a_root_of_only_the_folder_is_trusted() {
    let authority = Authority::new();
    let roots = Roots::new("folder", Some(&Authority::new()), Some(&authority));
    let url = serve(&authority);
    let folder = roots.path("folder");
    assert_trusted(&visit_with(&url, Some(&roots.path("bundle.pem")), Some(&folder)), true);
    assert_trusted(&visit_with(&url, None, Some(&folder)), true);
    assert_trusted(&visit_with(&url, Some(&roots.path("missing.pem")), Some(&folder)), true);
}

#[test]
fn a_server_without_a_root_is_not_trusted() {
    let roots = Roots::new("neither", Some(&Authority::new()), Some(&Authority::new()));
    let url = serve(&Authority::new());
    let folder = roots.path("folder");
    assert_trusted(&visit_with(&url, Some(&roots.path("bundle.pem")), Some(&folder)), false);
    assert_trusted(&visit_with(&url, Some(&roots.path("bundle.pem")), None), false);
    assert_trusted(&visit_with(&url, None, Some(&folder)), false);
}

#[test]
fn a_server_certificate_among_the_roots_is_trusted() {
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
        // Another certificate of the same name is not trusted.
        let other = serve_as(&self_signed(names(), true));
        assert_trusted(&visit_with(&other, Some(&bundle), None), false);
    }
}
