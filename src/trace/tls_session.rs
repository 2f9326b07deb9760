//! What both sides of a TLS connection have agreed on.

use std::ffi::{CStr, CString};
use std::fmt;
use std::sync::OnceLock;

/// A TLS session after its handshake.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct TlsSession {
    /// The name of the version: `TLS 1.2` or `TLS 1.3`.
    pub version: &'static str,
    /// The name of the cipher suite in the IANA registry; empty if the registry has none.
    pub cipher_suite: String,
    /// The protocol that the server has chosen by ALPN (RFC 7301); empty if it has chosen none.
    pub protocol: String,
    /// The name or address for which the certificate of the server must be valid.
    pub server_name: String,
    /// Whether the session continues an earlier one, so that the server has shown no certificate.
    pub resumed: bool,
    /// The certificates of the server in DER, from its own on; of an earlier session if `resumed`.
    pub certificates: Vec<Vec<u8>>,
    /// The session as JSON, after the first call of [`json`](Self::json).
    pub text: OnceLock<CString>,
}

impl TlsSession {
    /// The session as a JSON object, on one line. It is made at the first call, for all responses of the
    /// connection.
    #[must_use]
    pub fn json(&self) -> &CStr {
        self.text.get_or_init(|| CString::new(self.to_json()).unwrap_or_default())
    }
}

/// Leaves out the certificates, because they are long.
impl fmt::Debug for TlsSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSession")
            .field("version", &self.version)
            .field("cipher_suite", &self.cipher_suite)
            .field("server_name", &self.server_name)
            .finish_non_exhaustive()
    }
}
