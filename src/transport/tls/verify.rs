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
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

/// Verifies as rustls does, has one more look where that fails, and tells self-signed certificates
/// from those of unknown issuers.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) chain: Arc<WebPkiServerVerifier>,
    pub(super) more: More,
}

/// Who may be trusted besides.
pub(super) enum More {
    /// A self-signed server certificate that was itself given as trusted.
    ///
    /// Such a certificate usually says that it is a CA, and RFC 5280 chains do not end in a server
    /// certificate that is one. Whoever gave exactly this certificate trusts it all the same.
    Given(Vec<CertificateDer<'static>>),
    /// Whoever the system trusts beyond what its one file of roots says.
    System { all: OnceCell<Arc<WebPkiServerVerifier>>, load: Box<Load> },
}

/// Reads all of the system's roots, if they can be read.
type Load = dyn Fn() -> Option<Arc<WebPkiServerVerifier>> + Send + Sync;

impl fmt::Debug for More {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given(_) => "Given",
            Self::System { .. } => "System",
        })
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

/// Whether a certificate is refused for being a CA's, which is how most self-signed ones fail.
///
/// The check of the certificate's own properties looks at the validity first, so one that has
/// expired is not refused over this.
pub(super) fn used_as_ca(error: &CertificateError) -> bool {
    because(error, |why: &webpki::Error| *why == webpki::Error::CaUsedAsEndEntity)
}

/// Whether nobody who is trusted has issued the certificate, as far as can be told.
fn unknown(error: &CertificateError) -> bool {
    matches!(error, CertificateError::UnknownIssuer | CertificateError::BadSignature)
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
        let by = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let verdict = match (by(&self.chain), &self.more) {
            (Err(Error::InvalidCertificate(error)), More::Given(given))
                if used_as_ca(&error) && given.contains(end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                return Ok(ServerCertVerified::assertion());
            }
            (Err(Error::InvalidCertificate(error)), More::System { all, load })
                if unknown(&error) =>
            {
                let all = all.get_or_try_init(|| load().ok_or(error));
                all.map_or_else(|error| Err(Error::InvalidCertificate(error)), |all| by(all))
            }
            (verdict, _) => verdict,
        };
        match verdict {
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

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use rustls::RootCertStore;

    use super::*;

    /// A CA, and the certificate of a server that it has issued.
    fn issued() -> (Arc<WebPkiServerVerifier>, CertificateDer<'static>) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let ca = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(ca.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        (verifier.unwrap(), server.der().clone())
    }

    fn accepts(verifier: &Verifier, certificate: &CertificateDer<'_>, name: &str) -> bool {
        let name = ServerName::try_from(name).unwrap();
        verifier.verify_server_cert(certificate, &[], &name, &[], UnixTime::now()).is_ok()
    }

    #[test]
    fn all_of_the_systems_roots_are_read_where_its_file_does_not_know_an_issuer() {
        let ((in_file, known), (in_folder, other)) = (issued(), issued());
        let read = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = Arc::clone(&read);
        let load = move || {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Some(Arc::clone(&in_folder))
        };
        let more = More::System { all: OnceCell::new(), load: Box::new(load) };
        let verifier = Verifier { chain: in_file, more };
        let times_read = || read.load(std::sync::atomic::Ordering::Relaxed);
        assert!(accepts(&verifier, &known, "localhost"));
        assert!(!accepts(&verifier, &known, "elsewhere"));
        assert_eq!(times_read(), 0, "the file says enough");
        assert!(accepts(&verifier, &other, "localhost"));
        assert!(!accepts(&verifier, &other, "elsewhere"));
        assert!(!accepts(&verifier, &issued().1, "localhost"));
        assert_eq!(times_read(), 1);
    }
}
