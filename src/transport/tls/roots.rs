//! The system's trusted roots, read once per process and not before the first https connection.
//!
//! Most systems keep them twice: in one file, the bundle, and in a folder of single files, which
//! takes several times as long to read. So the folder is not looked at before the bundle has
//! failed to vouch for a server. What is passed over in the bundle is found then, too.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use once_cell::sync::OnceCell;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls_native_certs::load_native_certs;

use crate::transport::fault::{Failure, FaultKind, Outcome};
use crate::transport::fork::PerProcess;

type Roots = OnceCell<Arc<RootCertStore>>;

/// One each per process, because a thread that was reading them at a `fork` never ends in the child.
static BUNDLE: PerProcess<Roots> = PerProcess::new();
static ALL: PerProcess<Roots> = PerProcess::new();

/// The roots of the bundle alone; none where there is no bundle, or no use in it.
pub(super) fn bundle() -> Option<Arc<RootCertStore>> {
    let file = bundle_file()?;
    let read = || to_store(certificates(&file)).ok_or(());
    once(&BUNDLE, read).ok()
}

/// All of the system's roots, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. A failure is
/// not kept: the next connection looks again.
pub(super) fn all() -> Outcome<Arc<RootCertStore>> {
    once(&ALL, || {
        let found = load_native_certs();
        to_store(found.certs).ok_or_else(|| {
            let why = match found.errors.first() {
                Some(error) => format!("the system's trusted certificates cannot be read: {error}"),
                None => "the system has no trusted certificates".into(),
            };
            Failure::new(FaultKind::Tls { certificate: false }, why)
        })
    })
}

/// Where rustls-native-certs will find it, too.
fn bundle_file() -> Option<PathBuf> {
    let named = std::env::var_os("SSL_CERT_FILE");
    if named.is_some() || std::env::var_os("SSL_CERT_DIR").is_some() {
        return named.map(PathBuf::from);
    }
    // Elsewhere the system's own store comes first, and a file may hold something else.
    cfg!(target_os = "linux").then(openssl_probe::probe)?.cert_file
}

/// The certificates of a PEM file. The decoder in rustls takes the same time for every byte, as is
/// right for keys; these are public, and two hundred thousand bytes of them.
fn certificates(file: &Path) -> Vec<CertificateDer<'static>> {
    let text = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    blocks
        .filter_map(|block| {
            let (body, _) = block.split_once("-----END CERTIFICATE-----")?;
            let body: String = body.split_ascii_whitespace().collect();
            BASE64_STANDARD.decode(body).ok().map(CertificateDer::from)
        })
        .collect()
}

/// None where nothing is usable.
fn to_store(certificates: Vec<CertificateDer<'static>>) -> Option<Arc<RootCertStore>> {
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(certificates);
    (usable > 0).then(|| Arc::new(roots))
}

fn once<E>(
    slot: &PerProcess<Roots>,
    read: impl FnOnce() -> Result<Arc<RootCertStore>, E>,
) -> Result<Arc<RootCertStore>, E> {
    let roots = slot.get(|parents| match parents.and_then(OnceCell::get) {
        Some(read) => OnceCell::with_value(Arc::clone(read)),
        None => OnceCell::new(),
    });
    roots.get_or_try_init(read).map(Arc::clone)
}
