//! From settings to what rustls works with, made once per settings so that sessions resume.

use std::fmt;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};

use crate::code::{Code, Error};
use crate::transport::fault::{Failure, FaultKind, Outcome};

use super::provider::provider;
use super::verify::{AllRoots, Anyone, Verifier, chain_verifier};
use super::{SecretPem, TlsSetup, TlsVersion, roots};

/// TLS settings and, from the first connection on, what rustls makes of them.
pub(in crate::transport) struct Setup {
    settings: TlsSetup,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Setup {
    pub(in crate::transport) fn new(settings: TlsSetup) -> Self {
        Self { settings, config: OnceCell::new() }
    }

    pub(in crate::transport) fn settings(&self) -> &TlsSetup {
        &self.settings
    }

    /// The configuration, with the memory of sessions that later handshakes resume.
    pub(super) fn config(&self) -> Outcome<Arc<ClientConfig>> {
        self.config.get_or_try_init(|| build(&self.settings)).map(Arc::clone)
    }
}

/// There is one for equal settings, so another one is for others.
impl PartialEq for Setup {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

/// Checks that these are certificates in PEM, at least one, that can be trusted.
///
/// # Errors
/// [`Code::Certificate`], saying what is wrong with them.
pub fn check_ca_pem(pem: &[u8]) -> Result<(), Error> {
    trusted(pem).map(drop).map_err(unusable)
}

/// Checks that this is a certificate chain in PEM with the private key that belongs to it.
///
/// # Errors
/// [`Code::Certificate`], saying what is wrong with them. Never shows any of the key.
pub fn check_client_pem(certificate: &[u8], key: &SecretPem) -> Result<(), Error> {
    let (chain, key) = identity(certificate, key).map_err(unusable)?;
    rustls::sign::CertifiedKey::from_der(chain, key, &provider()).map(drop).map_err(|error| {
        unusable(format!("the certificate and the private key do not fit together: {error}"))
    })
}

fn unusable(why: String) -> Error {
    Error::new(Code::Certificate, why)
}

fn build(settings: &TlsSetup) -> Outcome<Arc<ClientConfig>> {
    let provider = Arc::new(provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions(settings.min_version))
        .map_err(|error| bad(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier(settings, provider)?);
    let mut config = match &settings.client_cert {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let (chain, key) = identity(chain, key).map_err(bad)?;
            builder.with_client_auth_cert(chain, key).map_err(|error| bad(error.to_string()))?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn bad(why: String) -> Failure {
    Failure::new(FaultKind::Tls { certificate: false }, why)
}

fn versions(oldest: TlsVersion) -> &'static [&'static SupportedProtocolVersion] {
    static FROM_12: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];
    static FROM_13: &[&SupportedProtocolVersion] = &[&version::TLS13];
    match oldest {
        TlsVersion::Tls12 => FROM_12,
        TlsVersion::Tls13 => FROM_13,
    }
}

fn verifier(
    settings: &TlsSetup,
    provider: Arc<CryptoProvider>,
) -> Outcome<Arc<dyn ServerCertVerifier>> {
    if !settings.verify {
        return Ok(Arc::new(Anyone { provider }));
    }
    let (roots, given, all_roots) = match &settings.ca_pem {
        None => match roots::bundle() {
            Some(bundle) => (bundle, Vec::new(), Some(AllRoots::new(Arc::clone(&provider)))),
            None => (roots::all()?, Vec::new(), None),
        },
        Some(pem) => {
            let (roots, given) = trusted(pem).map_err(bad)?;
            (Arc::new(roots), given, None)
        }
    };
    Ok(Arc::new(Verifier { chain: chain_verifier(roots, provider)?, given, all_roots }))
}

/// The certificates of a PEM text, all of which must be usable.
fn trusted(pem: &[u8]) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), String> {
    let given = certificates(pem)?;
    let mut roots = RootCertStore::empty();
    for (index, certificate) in given.iter().enumerate() {
        roots.add(certificate.clone()).map_err(|error| {
            format!("certificate {} cannot be trusted: {error}", index.saturating_add(1))
        })?;
    }
    Ok((roots, given))
}

fn identity(
    chain: &[u8],
    key: &SecretPem,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let chain = certificates(chain)?;
    // The parser's own error may quote what it read.
    let parsed = PrivateKeyDer::from_pem_slice(key.expose()).map_err(|_| {
        if is_encrypted(key.expose()) {
            "the private key is encrypted; give it decrypted, as `openssl pkey` writes it"
        } else {
            "there is no usable private key in the PEM text"
        }
    })?;
    Ok((chain, parsed))
}

/// Whether a PEM text holds a key behind a passphrase: by its label (RFC 7468 section 11), or by
/// the older header within it (RFC 1421 section 4.6.1.1).
fn is_encrypted(pem: &[u8]) -> bool {
    let holds = |wanted: &[u8]| pem.windows(wanted.len()).any(|found| found == wanted);
    holds(b"-----BEGIN ENCRYPTED PRIVATE KEY-----") || holds(b"Proc-Type: 4,ENCRYPTED")
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err("there is no certificate in the PEM text".into()),
        Ok(found) => Ok(found),
        Err(_) => Err("the PEM text is damaged".into()),
    }
}
