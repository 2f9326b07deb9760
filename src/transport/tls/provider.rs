//! The cryptography, and the preferred algorithms.

use rustls::SupportedCipherSuite;
use rustls::crypto::ring::cipher_suite::{
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256,
};
use rustls::crypto::{CryptoProvider, ring};

/// All cipher suites of ring, because most servers follow the client's order. AES-128 comes before
/// AES-256, as in browsers: neither can be broken. Most processors have instructions for SHA-256,
/// so its key schedule and transcript cost both ends far less than those of SHA-384. RFC 8446
/// section 9.1 requires the AES-128 suite.
static SUITES: &[SupportedCipherSuite] = &[
    TLS13_AES_128_GCM_SHA256,
    TLS13_AES_256_GCM_SHA384,
    TLS13_CHACHA20_POLY1305_SHA256,
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// ring, with the suites in this order. X25519 is the first group, as in ring, and the only one
/// with a key share: servers accept it, and P-256 costs both ends more.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider { cipher_suites: SUITES.to_vec(), ..ring::default_provider() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn exactly_the_suites_of_ring_are_offered() {
        let names = |suites: &[SupportedCipherSuite]| -> BTreeSet<String> {
            suites.iter().map(|suite| format!("{:?}", suite.suite())).collect()
        };
        assert_eq!(names(SUITES), names(ring::DEFAULT_CIPHER_SUITES));
    }
}
