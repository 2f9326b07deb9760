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

use super::{leaf, roots};

/// Verifies as rustls does, and what it refuses although it is good: see [`leaf`]. Tells
/// self-signed certificates from those of unknown issuers.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) trust: Trust,
    /// What else may vouch for a server, if `trust` is no more than the system's bundle.
    pub(super) all: Option<AllRoots>,
}

/// Who may vouch for a server.
#[derive(Debug)]
pub(super) struct Trust {
    chain: Arc<WebPkiServerVerifier>,
    roots: Arc<RootCertStore>,
    /// Certificates that may be a server's themselves.
    given: Arc<[CertificateDer<'static>]>,
    provider: Arc<CryptoProvider>,
}

impl Trust {
    pub(super) fn new(
        roots: Arc<RootCertStore>,
        given: Arc<[CertificateDer<'static>]>,
        provider: Arc<CryptoProvider>,
    ) -> Outcome<Self> {
        let builder =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
        let chain = builder.build().map_err(|error| {
            Failure::new(FaultKind::Tls { certificate: false }, error.to_string())
        })?;
        Ok(Self { chain, roots, given, provider })
    }

    /// All of the system's roots.
    pub(super) fn system(provider: Arc<CryptoProvider>) -> Outcome<Self> {
        let all = roots::all()?;
        Self::new(Arc::clone(&all.roots), Arc::clone(&all.certificates), provider)
    }

    fn verify(&self, shown: &Shown<'_>) -> Result<ServerCertVerified, Error> {
        let Shown { certificate, intermediates, name, ocsp_response, now } = *shown;
        let verdict =
            self.chain.verify_server_cert(certificate, intermediates, name, ocsp_response, now);
        let checked = match &verdict {
            Err(Error::InvalidCertificate(_)) if self.given.contains(certificate) => {
                leaf::verify_given(certificate, now)
            }
            Err(Error::InvalidCertificate(error)) if used_as_ca(error) => {
                let algorithms = &self.provider.signature_verification_algorithms;
                leaf::verify_chain(certificate, intermediates, &self.roots, now, algorithms)
            }
            _ => return verdict,
        };
        checked?;
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
        Ok(ServerCertVerified::assertion())
    }
}

/// What a server shows, and when and under which name.
struct Shown<'a> {
    certificate: &'a CertificateDer<'a>,
    intermediates: &'a [CertificateDer<'a>],
    name: &'a ServerName<'a>,
    ocsp_response: &'a [u8],
    now: UnixTime,
}

/// Verifies by all of the system's roots, which are not read before that is asked for.
#[derive(Debug)]
pub(super) struct AllRoots {
    provider: Arc<CryptoProvider>,
    trust: OnceCell<Trust>,
}

impl AllRoots {
    pub(super) fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider, trust: OnceCell::new() }
    }

    /// None where they cannot be read.
    fn trust(&self) -> Option<&Trust> {
        self.trust.get_or_try_init(|| Trust::system(Arc::clone(&self.provider))).ok()
    }
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

/// Whether a certificate is refused for being a CA's.
fn used_as_ca(error: &CertificateError) -> bool {
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
        let shown =
            Shown { certificate: end_entity, intermediates, name: server_name, ocsp_response, now };
        let mut verdict = self.trust.verify(&shown);
        if let Err(Error::InvalidCertificate(_)) = verdict {
            let all = self.all.as_ref().and_then(AllRoots::trust);
            verdict = all.map_or(verdict, |all| all.verify(&shown));
        }
        match verdict {
            // A trusted issuer of the same name may be another: then the signature is not its.
            Err(Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            )) if names_itself(end_entity) => {
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
        self.trust.chain.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trust.chain.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.chain.supported_verify_schemes()
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
