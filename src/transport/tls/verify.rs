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

/// What a server shows, and what it is held against.
pub(super) struct Shown<'a> {
    end_entity: &'a CertificateDer<'a>,
    intermediates: &'a [CertificateDer<'a>],
    server_name: &'a ServerName<'a>,
    ocsp_response: &'a [u8],
    now: UnixTime,
}

impl Shown<'_> {
    fn verify(&self, verifier: &WebPkiServerVerifier) -> Result<ServerCertVerified, Error> {
        verifier.verify_server_cert(
            self.end_entity,
            self.intermediates,
            self.server_name,
            self.ocsp_response,
            self.now,
        )
    }
}

/// Another way to trust a certificate that rustls has refused.
pub(super) trait Appeal: fmt::Debug + Send + Sync {
    /// The last word on it.
    fn decide(
        &self,
        refused: CertificateError,
        shown: &Shown<'_>,
    ) -> Result<ServerCertVerified, Error>;
}

/// Verifies as rustls does, and lets what it refuses be looked at again.
#[derive(Debug)]
pub(super) struct WithAppeal<A> {
    pub(super) chain: Arc<WebPkiServerVerifier>,
    pub(super) appeal: A,
}

/// Takes a self-signed server certificate that was itself given as trusted.
///
/// Such a certificate usually says that it is a CA, and RFC 5280 chains do not end in a server
/// certificate that is one. Whoever gave exactly this certificate trusts it all the same.
#[derive(Debug)]
pub(super) struct GivenCertificates(pub(super) Vec<CertificateDer<'static>>);

impl Appeal for GivenCertificates {
    fn decide(
        &self,
        refused: CertificateError,
        shown: &Shown<'_>,
    ) -> Result<ServerCertVerified, Error> {
        if used_as_ca(&refused) && self.0.contains(shown.end_entity) {
            verify_server_name(&ParsedCertificate::try_from(shown.end_entity)?, shown.server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        Err(refused.into())
    }
}

/// Verifies by all of the system's roots what its bundle alone has refused.
#[derive(Debug)]
pub(super) struct AllRoots {
    pub(super) provider: Arc<CryptoProvider>,
    pub(super) chain: OnceCell<Arc<WebPkiServerVerifier>>,
}

impl AllRoots {
    fn chain(&self) -> Outcome<&Arc<WebPkiServerVerifier>> {
        self.chain.get_or_try_init(|| chain_verifier(roots::all()?, Arc::clone(&self.provider)))
    }
}

impl Appeal for AllRoots {
    fn decide(
        &self,
        refused: CertificateError,
        shown: &Shown<'_>,
    ) -> Result<ServerCertVerified, Error> {
        match self.chain() {
            Ok(chain) => shown.verify(chain),
            Err(_) => Err(refused.into()),
        }
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

/// Whether a certificate is refused for being a CA's, which is how most self-signed ones fail.
///
/// The check of the certificate's own properties looks at the validity first, so one that has
/// expired is not refused over this.
pub(super) fn used_as_ca(error: &CertificateError) -> bool {
    let CertificateError::Other(OtherError(inner)) = error else { return false };
    matches!(inner.downcast_ref::<webpki::Error>(), Some(webpki::Error::CaUsedAsEndEntity))
}

impl<A: Appeal> ServerCertVerifier for WithAppeal<A> {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Shown { end_entity, intermediates, server_name, ocsp_response, now };
        match shown.verify(&self.chain) {
            Err(Error::InvalidCertificate(refused)) => self.appeal.decide(refused, &shown),
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
