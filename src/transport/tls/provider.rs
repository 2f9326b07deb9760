//! The cryptography, and what of it is preferred.

use rustls::SupportedCipherSuite;
use rustls::crypto::ring::cipher_suite::{
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256,
};
use rustls::crypto::{CryptoProvider, ring};

/// All suites that ring has, for most servers take the client's order. AES-128 stands before
/// AES-256, as browsers have it: nobody breaks either, and a key schedule and transcript of
/// SHA-256, for which most processors have instructions, cost a handshake far less on both ends
/// than those of SHA-384. What RFC 8446 section 9.1 demands of everybody is the former.
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

/// ring, with the suites in our order. Of the groups X25519 comes first, as ring has it, and the
/// only key share is of it: servers take it, and P-256 costs them and us more.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider { cipher_suites: SUITES.to_vec(), ..ring::default_provider() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_suite_is_offered_more_or_less_than_ring_has() {
        let names = |suites: &[SupportedCipherSuite]| -> BTreeSet<String> {
            suites.iter().map(|suite| format!("{:?}", suite.suite())).collect()
        };
        assert_eq!(names(SUITES), names(ring::DEFAULT_CIPHER_SUITES));
    }
}
