//! The settings of TLS connections. Two calls share a connection only if these are equal.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::code::{Code, Error};

use super::pem_source::PemSource;
use super::pinned_keys::PinnedKeys;

/// TLS 1.2 (RFC 5246) is the oldest version that is accepted: the default.
pub const SAC_TLS_1_2: i32 = 12;
/// TLS 1.3 (RFC 8446) is the oldest version that is accepted.
pub const SAC_TLS_1_3: i32 = 13;

/// The oldest protocol version that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TlsVersion {
    /// TLS 1.2.
    #[default]
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl TryFrom<i32> for TlsVersion {
    type Error = Error;

    fn try_from(number: i32) -> Result<Self, Error> {
        match number {
            SAC_TLS_1_2 => Ok(Self::Tls12),
            SAC_TLS_1_3 => Ok(Self::Tls13),
            other => Err(Error::new(
                Code::InvalidArgument,
                format!("{other} is not a TLS version; use SAC_TLS_1_2 or SAC_TLS_1_3"),
            )),
        }
    }
}

/// A certificate chain as PEM, and its private key.
pub type ClientPem = (Arc<[u8]>, SecretPem);

/// All settings of a TLS connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TlsSettings {
    /// Whether the server's certificate is verified.
    pub verify: bool,
    /// The oldest protocol version that is accepted.
    pub min_version: TlsVersion,
    /// Trusted PEM certificates, instead of those of the system.
    pub ca_pem: Option<PemSource<Arc<[u8]>>>,
    /// The certificate chain of the client as PEM, and its key.
    pub client_cert: Option<PemSource<ClientPem>>,
    /// The public keys that a server may have, in addition to the verification.
    pub pinned_keys: Option<PinnedKeys>,
}

impl Default for TlsSettings {
    fn default() -> Self {
        Self {
            verify: true,
            min_version: TlsVersion::default(),
            ca_pem: None,
            client_cert: None,
            pinned_keys: None,
        }
    }
}

/// A private key as PEM. It is never printed, and wiped when the last copy of this value is
/// dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretPem(Arc<Zeroizing<Vec<u8>>>);

impl SecretPem {
    /// Takes ownership of the bytes.
    #[must_use]
    pub fn new(pem: Vec<u8>) -> Self {
        Self(Arc::new(Zeroizing::new(pem)))
    }

    /// The bytes, for the code that parses them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Zeroizing<Vec<u8>>> for SecretPem {
    fn from(pem: Zeroizing<Vec<u8>>) -> Self {
        Self(Arc::new(pem))
    }
}

impl std::hash::Hash for SecretPem {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

impl fmt::Debug for SecretPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
