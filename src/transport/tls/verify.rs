//! Verifies that the server is the expected one.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use sha2::{Digest, Sha256};

use crate::settings::{PinnedKeys, pin};

use super::certificate_error::{NotPinned, SelfSigned};
use super::roots::TrustAnchors;
use super::{end_entity, roots};

/// Verifies like rustls, but also accepts valid certificates that rustls refuses: see
/// [`end_entity`]. Distinguishes self-signed certificates from those of unknown issuers.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) provider: Arc<CryptoProvider>,
    /// The trust anchors. `None` accepts any certificate, for callers who have switched
    /// verification off.
    pub(super) trust: Option<Arc<TrustAnchors>>,
    /// Whether to trust the system's roots, too. They are read only when they are needed.
    pub(super) fall_back_to_all: bool,
    /// The keys that the server may have, in addition.
    pub(super) pinned_keys: Option<PinnedKeys>,
}

impl Verifier {
    fn verify(
        &self,
        trust: &TrustAnchors,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let parsed = ParsedCertificate::try_from(certificate)?;
        let chain = verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &trust.roots,
            intermediates,
            now,
            algorithms.all,
        );
        match chain {
            Err(Error::InvalidCertificate(_)) if trust.end_entities.contains(certificate) => {
                end_entity::verify_trusted_end_entity(certificate, now)
            }
            Err(Error::InvalidCertificate(error)) if is_ca_used_as_end_entity(&error) => {
                end_entity::verify_chain(certificate, intermediates, &trust.roots, now, algorithms)
            }
            chain => chain,
        }?;
        verify_server_name(&parsed, name)
    }

    /// Verifies the certificate, except for the pinned keys.
    fn verify_trust(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let Some(trust) = &self.trust else { return Ok(()) };
        let mut verdict = self.verify(trust, certificate, intermediates, name, now);
        if let (Err(Error::InvalidCertificate(_)), true) = (&verdict, self.fall_back_to_all)
            && let Ok(all) = roots::all()
        {
            verdict = self.verify(&all, certificate, intermediates, name, now);
        }
        match verdict {
            // A trusted issuer may have the same name but another key. Then the signature does not
            // match.
            Err(Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            )) if is_self_issued(certificate) => {
                let why = CertificateError::Other(OtherError(Arc::new(SelfSigned)));
                Err(Error::InvalidCertificate(why))
            }
            verdict => verdict,
        }
    }
}

/// Checks the key of the server's own certificate, as curl does. The keys of its issuers do not
/// count.
fn verify_pins(pins: &PinnedKeys, certificate: &CertificateDer<'_>) -> Result<(), Error> {
    let parsed = webpki::anchor_from_trusted_cert(certificate)
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
    let digest: [u8; 32] = Sha256::digest(webpki::spki_for_anchor(&parsed)).into();
    if pins.contains(&digest) {
        return Ok(());
    }
    let why = CertificateError::Other(OtherError(Arc::new(NotPinned(pin(&digest)))));
    Err(Error::InvalidCertificate(why))
}

/// Whether a certificate is refused because it is a CA's.
fn is_ca_used_as_end_entity(error: &CertificateError) -> bool {
    let CertificateError::Other(OtherError(inner)) = error else { return false };
    inner.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity)
}

/// Whether a certificate names itself as its issuer.
fn is_self_issued(certificate: &CertificateDer<'_>) -> bool {
    webpki::EndEntityCert::try_from(certificate)
        .is_ok_and(|certificate| certificate.issuer() == certificate.subject())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verify_trust(certificate, intermediates, name, now)?;
        if let Some(pins) = &self.pinned_keys {
            verify_pins(pins, certificate)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
