//! Server certificates that webpki refuses before it checks their chain: those that are marked as a
//! CA's, and those that are themselves trusted.
//!
//! OpenSSL accepts both, and `openssl req -x509` makes the former. webpki still checks the rest of
//! them here: validity, extended key usage, and the rules of the chain.

use memchr::memmem::Finder;
use rustls::Error;
use rustls::RootCertStore;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm,
    TrustAnchor, UnixTime, alg_id,
};
use rustls::server::ParsedCertificate;

/// Verifies the chain of a certificate, whether or not it is marked as a CA's.
///
/// webpki receives a copy without the mark. The signature is verified over the original.
pub(super) fn verify_chain(
    certificate: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
    now: UnixTime,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<(), Error> {
    let altered = with_ca_false(certificate);
    let algorithms: Vec<OriginalSignature<'_>> = algorithms
        .all
        .iter()
        .map(|inner| OriginalSignature {
            inner: *inner,
            altered: tbs_certificate(&altered),
            original: tbs_certificate(certificate),
        })
        .collect();
    verify(&altered, intermediates, roots, now, algorithms.iter().map(|one| one as _).collect())
}

/// Verifies a certificate that is itself trusted, byte for byte: no issuer is needed.
pub(super) fn verify_trusted_end_entity(
    certificate: &CertificateDer<'_>,
    now: UnixTime,
) -> Result<(), Error> {
    let altered = with_ca_false(certificate);
    let parsed = CertificateDer::from(altered.as_slice());
    let subject = match webpki::EndEntityCert::try_from(&parsed) {
        Ok(parsed) => parsed.issuer().to_vec(),
        // The checks below report what is wrong with it.
        Err(_) => Vec::new(),
    };
    let anchor = TrustAnchor {
        subject: subject.into(),
        subject_public_key_info: INVALID_PUBLIC_KEY.into(),
        name_constraints: None,
    };
    let roots = RootCertStore { roots: vec![anchor] };
    let signatures = SIGNATURE_ALGORITHMS
        .map(|signature| TrustedSignature { signature, certificate: tbs_certificate(&altered) });
    verify(&altered, &[], &roots, now, signatures.iter().map(|one| one as _).collect())
}

fn verify(
    altered: &[u8],
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
    now: UnixTime,
    algorithms: Vec<&dyn SignatureVerificationAlgorithm>,
) -> Result<(), Error> {
    let altered = CertificateDer::from(altered);
    let parsed = ParsedCertificate::try_from(&altered)?;
    verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, now, &algorithms)
}

/// Recognises authorities by their certificates. Created once for many certificates.
pub(super) struct CaDetector(Finder<'static>);

impl CaDetector {
    pub(super) fn new() -> Self {
        Self(Finder::new(OID_SUFFIX))
    }

    /// Whether a certificate may sign others: it is marked as a CA's, or is X.509 v1, which has no
    /// such mark.
    pub(super) fn is_ca(&self, certificate: &CertificateDer<'_>) -> bool {
        let refused = || webpki::EndEntityCert::try_from(certificate).err();
        self.ca_flag_offset(certificate).is_some()
            || refused() == Some(webpki::Error::UnsupportedCertVersion)
    }

    /// The position of the mark: a true `cA` in the basic constraints (RFC 5280 section 4.2.1.9).
    /// Extensions come after names and key, so the search begins there, which halves its time for
    /// most roots.
    fn ca_flag_offset(&self, certificate: &[u8]) -> Option<usize> {
        let third = certificate.len().div_euclid(3);
        self.ca_flag_offset_from(certificate, third)
            .or_else(|| self.ca_flag_offset_from(certificate, 0))
    }

    fn ca_flag_offset_from(&self, certificate: &[u8], from: usize) -> Option<usize> {
        self.0.find_iter(certificate.get(from..)?).find_map(|at| {
            let (before, value) = certificate.split_at_checked(from.saturating_add(at))?;
            let value = value.strip_prefix(OID_SUFFIX).filter(|_| before.ends_with(OID_PREFIX))?;
            let value = value.strip_prefix(CRITICAL).unwrap_or(value);
            // An OCTET STRING with a SEQUENCE that begins with a true BOOLEAN.
            let [0x04, _, 0x30, _, 0x01, 0x01, 0xff, ..] = value else { return None };
            Some(certificate.len().saturating_sub(value.len()).saturating_add(6))
        })
    }
}

/// The OBJECT IDENTIFIER of the extension, in two parts. Many names in a certificate begin with the
/// first part, and a search for it would stop at each.
const OID_PREFIX: &[u8] = &[0x06, 0x03, 0x55];
const OID_SUFFIX: &[u8] = &[0x1d, 0x13];
/// The bytes that may follow the identifier.
const CRITICAL: &[u8] = &[0x01, 0x01, 0xff];

/// The certificate with `cA` set to false. If other bytes look like that extension and come first,
/// they change instead. Then webpki still sees a CA, and refuses it.
fn with_ca_false(certificate: &[u8]) -> Vec<u8> {
    let mut copy = certificate.to_vec();
    if let Some(mark) =
        CaDetector::new().ca_flag_offset(certificate).and_then(|at| copy.get_mut(at))
    {
        *mark = 0;
    }
    copy
}

/// A certificate from its signed part on, which comes first in it (RFC 5280 section 4.1).
fn tbs_certificate(certificate: &[u8]) -> &[u8] {
    // After the tag and the length. The first byte of the length may say how many more bytes it
    // has.
    let length = certificate.get(1).copied().unwrap_or_default();
    let more = if length < 0x80 { 0 } else { usize::from(length & 0x7f) };
    certificate.get(more.saturating_add(2)..).unwrap_or_default()
}

/// Verifies the signature of the original certificate, although webpki checks the changed copy.
#[derive(Debug)]
struct OriginalSignature<'a> {
    inner: &'static dyn SignatureVerificationAlgorithm,
    altered: &'a [u8],
    original: &'a [u8],
}

impl SignatureVerificationAlgorithm for OriginalSignature<'_> {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        // DER contains its own length: nothing else begins like the signed part.
        let message = if self.altered.starts_with(message) {
            self.original.get(..message.len()).ok_or(InvalidSignature)?
        } else {
            message
        };
        self.inner.verify_signature(public_key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.signature_alg_id()
    }
}

/// The signature algorithm of one certificate; accepts no other, and ignores the signature.
#[derive(Debug)]
struct TrustedSignature<'a> {
    signature: AlgorithmIdentifier,
    certificate: &'a [u8],
}

impl SignatureVerificationAlgorithm for TrustedSignature<'_> {
    fn verify_signature(&self, _: &[u8], message: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        if self.certificate.starts_with(message) { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ED25519
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

/// A public key of Ed25519 (RFC 8410) that is not a valid one.
const INVALID_PUBLIC_KEY: &[u8] =
    &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x02, 0x00, 0x00];

/// All algorithms that authorities use today.
const SIGNATURE_ALGORITHMS: [AlgorithmIdentifier; 11] = [
    alg_id::ECDSA_SHA256,
    alg_id::ECDSA_SHA384,
    alg_id::ECDSA_SHA512,
    alg_id::RSA_PKCS1_SHA256,
    alg_id::RSA_PKCS1_SHA384,
    alg_id::RSA_PKCS1_SHA512,
    alg_id::RSA_PSS_SHA256,
    alg_id::RSA_PSS_SHA384,
    alg_id::RSA_PSS_SHA512,
    alg_id::ED25519,
    alg_id::ED448,
];
