//! TLS by rustls: settings, trust, and the stream over a TCP connection.

mod config;
mod failure;
mod incoming;
mod roots;
mod stream;
mod verify;

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

pub(super) use config::Setup;
pub use config::{check_ca_pem, check_client_pem};
pub(super) use stream::Tls;

/// The oldest TLS version that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    #[default]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

/// How https connections are to be made. Requests share a connection only where this is equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TlsSetup {
    /// Whether the server must prove who it is.
    pub verify: bool,
    /// The oldest version that is spoken.
    pub min_version: TlsVersion,
    /// Certificates in PEM that are trusted instead of the system's.
    pub ca_pem: Option<Arc<[u8]>>,
    /// A certificate chain in PEM, and its private key, to be shown to servers that ask.
    pub client_cert: Option<(Arc<[u8]>, SecretPem)>,
}

impl Default for TlsSetup {
    fn default() -> Self {
        Self { verify: true, min_version: TlsVersion::Tls12, ca_pem: None, client_cert: None }
    }
}

/// A private key in PEM: wiped when the last copy goes, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretPem(Arc<Zeroizing<Vec<u8>>>);

impl SecretPem {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(pem: Vec<u8>) -> Self {
        Self(Arc::new(Zeroizing::new(pem)))
    }

    /// The PEM text.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::hash::Hash for SecretPem {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.as_slice().hash(state);
    }
}

impl fmt::Debug for SecretPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretPem(…)")
    }
}
