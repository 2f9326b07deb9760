//! Whether a server is the one that was meant.

use std::fmt;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError};
use rustls::{RootCertStore, SignatureScheme};

use crate::transport::fault::{Failure, FaultKind, Outcome};

use super::roots;

/// Verifies as rustls does, tells self-signed certificates from those of unknown issuers, and takes
/// a self-signed server certificate that was itself given as trusted.
///
/// Such a certificate usually says that it is a CA, and RFC 5280 chains do not end in a server
/// certificate that is one. Whoever gave exactly this certificate trusts it all the same.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) chain: Arc<WebPkiServerVerifier>,
    /// What the caller trusts in place of the system's roots.
    pub(super) given: Vec<CertificateDer<'static>>,
    /// What else may vouch for a server, where the chain knows no more than the system's bundle.
    pub(super) all_roots: Option<AllRoots>,
}

/// Verifies by all of the system's roots, which are not read before that is asked for.
#[derive(Debug)]
pub(super) struct AllRoots {
    provider: Arc<CryptoProvider>,
    chain: OnceCell<Arc<WebPkiServerVerifier>>,
}

impl AllRoots {
    pub(super) fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider, chain: OnceCell::new() }
    }

    /// None where they cannot be read.
    fn chain(&self) -> Option<&Arc<WebPkiServerVerifier>> {
        let read = || chain_verifier(roots::all()?, Arc::clone(&self.provider));
        self.chain.get_or_try_init(read).ok()
    }
}

/// What rustls does by itself with these roots.
pub(super) fn chain_verifier(
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
) -> Outcome<Arc<WebPkiServerVerifier>> {
    WebPkiServerVerifier::builder_with_provider(roots, provider)
        .build()
        .map_err(|error| Failure::new(FaultKind::Tls { certificate: false }, error.to_string()))
}

/// A certificate that nobody but itself vouches for.
#[derive(Debug)]
struct SelfSigned;

impl fmt::Display for SelfSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("self-signed")
    }
}

impl std::error::Error for SelfSigned {}

/// Whether a certificate is refused for being a CA's, which is how most self-signed ones fail.
///
/// The check of the certificate's own properties looks at the validity first, so one that has
/// expired is not refused over this.
pub(super) fn used_as_ca(error: &CertificateError) -> bool {
    because(error, |why: &webpki::Error| *why == webpki::Error::CaUsedAsEndEntity)
}

/// Whether a certificate is refused because nobody but itself vouches for it.
pub(super) fn self_signed(error: &CertificateError) -> bool {
    because(error, |_: &SelfSigned| true)
}

fn because<E: std::error::Error + 'static>(
    error: &CertificateError,
    fits: impl FnOnce(&E) -> bool,
) -> bool {
    let CertificateError::Other(OtherError(inner)) = error else { return false };
    inner.downcast_ref().is_some_and(fits)
}

/// Whether a certificate names itself as its issuer.
fn names_itself(certificate: &CertificateDer<'_>) -> bool {
    webpki::EndEntityCert::try_from(certificate)
        .is_ok_and(|certificate| certificate.issuer() == certificate.subject())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let ask = |chain: &WebPkiServerVerifier| {
            chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let mut verdict = ask(&self.chain);
        if let Err(Error::InvalidCertificate(_)) = verdict {
            let all_roots = self.all_roots.as_ref().and_then(AllRoots::chain);
            verdict = all_roots.map_or(verdict, |chain| ask(chain));
        }
        match verdict {
            Err(Error::InvalidCertificate(error))
                if used_as_ca(&error) && self.given.contains(end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            Err(Error::InvalidCertificate(error))
                if (used_as_ca(&error) || error == CertificateError::UnknownIssuer)
                    && names_itself(end_entity) =>
            {
                let why = CertificateError::Other(OtherError(Arc::new(SelfSigned)));
                Err(Error::InvalidCertificate(why))
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// Takes any certificate, for callers who have switched verification off.
#[derive(Debug)]
pub(super) struct Anyone {
    pub(super) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
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
