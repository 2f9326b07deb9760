//! Converts settings to a rustls configuration, once for equal settings, so that sessions resume.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use once_cell::sync::OnceCell;
use rustls::crypto::CryptoProvider;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, SupportedProtocolVersion, version};

use crate::code::{Code, Error};
use crate::log::Secret;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};

use super::pem::certificates;
use super::private_key;
use super::provider::provider;
use super::roots::{self, TrustAnchors};
use super::verify::Verifier;
use super::{SecretPem, TlsSettings, TlsVersion};
use crate::settings::{ClientPem, PemReload};

/// TLS settings and, after the first connection, their rustls configuration.
pub(in crate::transport) struct TlsContext {
    settings: TlsSettings,
    current: ArcSwap<Version>,
}

/// The configuration for one content of the files that the settings name.
#[derive(Default)]
struct Version {
    /// The number of the trusted certificates, and that of the client certificate.
    numbers: (u64, u64),
    config: OnceCell<Arc<ClientConfig>>,
}

impl TlsContext {
    pub(in crate::transport) fn new(settings: TlsSettings) -> Self {
        Self { settings, current: ArcSwap::default() }
    }

    pub(in crate::transport) fn settings(&self) -> &TlsSettings {
        &self.settings
    }

    /// The configuration for a handshake that begins now, with the sessions that later handshakes
    /// resume. If a file has changed, this is a new one without sessions.
    pub(super) fn config(
        &self,
        reloads: &mut Vec<PemReload>,
    ) -> TransportResult<Arc<ClientConfig>> {
        let TlsSettings { ca_pem, client_cert, .. } = &self.settings;
        let ca_pem = ca_pem.as_ref().map(|source| source.current(reloads));
        let client_cert = client_cert.as_ref().map(|source| source.current(reloads));
        let number = |source: Option<u64>| source.unwrap_or_default();
        let numbers =
            (number(ca_pem.as_ref().map(|ca| ca.1)), number(client_cert.as_ref().map(|own| own.1)));
        let version = self.version(numbers);
        let (ca_pem, client_cert) = (ca_pem.map(|ca| ca.0), client_cert.map(|own| own.0));
        let build = || build(&self.settings, ca_pem.as_deref(), client_cert.as_ref());
        version.config.get_or_try_init(build).map(Arc::clone)
    }

    /// The version with these numbers. Handshakes at the same time share it.
    fn version(&self, numbers: (u64, u64)) -> Arc<Version> {
        let current = self.current.load_full();
        if current.numbers == numbers {
            return current;
        }
        let next = Arc::new(Version { numbers, ..Version::default() });
        let is_newer = numbers.0 >= current.numbers.0 && numbers.1 >= current.numbers.1;
        if !is_newer {
            // A handshake that began before the last change.
            return next;
        }
        let previous = self.current.compare_and_swap(&current, Arc::clone(&next));
        if previous.numbers == numbers { arc_swap::Guard::into_inner(previous) } else { next }
    }
}

/// Equal settings share one context, so two contexts have different settings.
impl PartialEq for TlsContext {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl fmt::Debug for TlsContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

/// Checks that a PEM text contains at least one certificate, and that all can be trusted.
///
/// # Errors
/// [`Code::Certificate`], with the reason.
pub fn check_ca_pem(pem: &[u8]) -> Result<(), Error> {
    TrustAnchors::from_pem(pem).map(drop).map_err(unusable)
}

/// Checks that a PEM text contains a certificate chain, and that the private key belongs to it.
/// Returns the key, decrypted if it was encrypted.
///
/// # Errors
/// [`Code::Certificate`], with the reason. The text never contains a part of the key or of the
/// password.
pub fn check_client_pem(
    certificate: &[u8],
    key: &SecretPem,
    password: Option<&Secret>,
) -> Result<SecretPem, Error> {
    let key = private_key::decrypted(key, password).map_err(unusable)?;
    client_identity(certificate, &key, &provider()).map_err(unusable)?;
    Ok(key)
}

fn unusable(why: String) -> Error {
    Error::new(Code::Certificate, why)
}

fn build(
    settings: &TlsSettings,
    ca_pem: Option<&[u8]>,
    client_cert: Option<&ClientPem>,
) -> TransportResult<Arc<ClientConfig>> {
    let provider = Arc::new(provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions(settings.min_version))
        .map_err(|error| config_error(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier(
            settings,
            ca_pem,
            Arc::clone(&provider),
        )?));
    let mut config = match client_cert {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let identity = client_identity(chain, key, &provider).map_err(config_error)?;
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity)))
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn config_error(why: String) -> TransportError {
    TransportError::new(TransportErrorKind::Tls { certificate: false }, why)
}

fn versions(min_version: TlsVersion) -> &'static [&'static SupportedProtocolVersion] {
    static FROM_12: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];
    static FROM_13: &[&SupportedProtocolVersion] = &[&version::TLS13];
    match min_version {
        TlsVersion::Tls12 => FROM_12,
        TlsVersion::Tls13 => FROM_13,
    }
}

fn verifier(
    settings: &TlsSettings,
    ca_pem: Option<&[u8]>,
    provider: Arc<CryptoProvider>,
) -> TransportResult<Verifier> {
    let (trust, fall_back_to_all) = match ca_pem {
        _ if !settings.verify => (None, false),
        Some(pem) => (Some(Arc::new(TrustAnchors::from_pem(pem).map_err(config_error)?)), false),
        None => match roots::bundle() {
            Some(bundle) => (Some(bundle), true),
            None => (Some(roots::all()?), false),
        },
    };
    let pinned_keys = settings.pinned_keys.clone();
    Ok(Verifier { provider, trust, fall_back_to_all, pinned_keys })
}

/// The chain and the key of a client. rustls's own check refuses X.509 v1 certificates, which
/// servers accept.
fn client_identity(
    chain: &[u8],
    key: &SecretPem,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, String> {
    let chain = certificates(chain)?;
    let key = private_key::parse(key)?;
    let key = provider.key_provider.load_private_key(key).map_err(|_| {
        "the private key is damaged or of a type that is not supported: RSA of 2048 to 4096 bits, \
         ECDSA with P-256 or P-384, and Ed25519 are"
    })?;
    let own = chain.first().map(webpki::anchor_from_trusted_cert);
    let Some(Ok(own)) = own else {
        return Err("the certificate is not correctly encoded".into());
    };
    let public = webpki::spki_for_anchor(&own);
    if key.public_key().is_some_and(|of_key| of_key != public) {
        return Err("the certificate and the private key do not match".into());
    }
    Ok(CertifiedKey::new(chain, key))
}
