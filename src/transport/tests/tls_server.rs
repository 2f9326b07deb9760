//! TLS servers with certificates that the tests create.

use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::server::Peer;

/// A certificate and its key.
pub(super) struct Identity {
    pub(super) certificate: rcgen::Certificate,
    pub(super) key: KeyPair,
}

impl Identity {
    pub(super) fn pem(&self) -> Arc<[u8]> {
        Arc::from(self.certificate.pem().into_bytes())
    }
}

/// Parameters for the address of all test servers, and for one name.
pub(super) fn for_loopback() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.subject_alt_names.push(SanType::IpAddress("127.0.0.1".parse().unwrap()));
    params
}

/// A CA that signs server certificates.
pub(super) struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pub(super) pem: Arc<[u8]>,
}

impl Ca {
    pub(super) fn new() -> Self {
        Self::named("the test CA")
    }

    pub(super) fn named(name: &str) -> Self {
        Self::of(CertificateParams::new(Vec::new()).unwrap(), name)
    }

    pub(super) fn of(mut params: CertificateParams, name: &str) -> Self {
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = Arc::from(params.self_signed(&key).unwrap().pem().into_bytes());
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub(super) fn sign(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { certificate, key }
    }
}

/// A self-signed certificate; with `ca`, one that is marked as a CA's.
pub(super) fn self_signed(mut params: CertificateParams, ca: bool) -> Identity {
    if ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Identity { certificate, key }
}

pub(super) fn config(identity: &Identity) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.der().clone()], key)
        .unwrap();
    Arc::new(config)
}

pub(super) type TlsPeer = Peer<StreamOwned<ServerConnection, TcpStream>>;

/// TLS over an accepted connection.
pub(super) fn secure(peer: Peer, config: &Arc<ServerConfig>) -> TlsPeer {
    let session = ServerConnection::new(Arc::clone(config)).unwrap();
    Peer::over(StreamOwned::new(session, peer.stream))
}

/// Like [`config`], for a server that supports only TLS 1.2.
pub(super) fn old_config(identity: &Identity) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.der().clone()], key)
        .unwrap();
    Arc::new(config)
}
