//! The system's trusted roots, read once per process and not before the first https connection.
//!
//! Most systems keep them twice: in one file, the bundle, and in a folder of single files, which
//! takes several times as long to read. So the folder is not looked at before the bundle has
//! failed to vouch for a server.

use std::path::PathBuf;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use rustls::RootCertStore;
use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};

use crate::transport::fault::{Failure, FaultKind, Outcome};
use crate::transport::fork::PerProcess;

type Roots = OnceCell<Arc<RootCertStore>>;

/// One each per process, because a thread that was reading them at a `fork` never ends in the child.
static BUNDLE: PerProcess<Roots> = PerProcess::new();
static ALL: PerProcess<Roots> = PerProcess::new();

/// The roots of the bundle alone; none where there is no bundle, or no use in it.
pub(super) fn bundle() -> Option<Arc<RootCertStore>> {
    let file = bundle_file()?;
    let read = || usable(load_certs_from_paths(Some(&file), None));
    once(&BUNDLE, read).ok()
}

/// All of the system's roots, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. A failure is
/// not kept: the next connection looks again.
pub(super) fn all() -> Outcome<Arc<RootCertStore>> {
    once(&ALL, || usable(load_native_certs()))
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

fn once(
    slot: &PerProcess<Roots>,
    read: impl FnOnce() -> Outcome<Arc<RootCertStore>>,
) -> Outcome<Arc<RootCertStore>> {
    let roots = slot.get(|parents| match parents.and_then(OnceCell::get) {
        Some(read) => OnceCell::with_value(Arc::clone(read)),
        None => OnceCell::new(),
    });
    roots.get_or_try_init(read).map(Arc::clone)
}

fn usable(found: CertificateResult) -> Outcome<Arc<RootCertStore>> {
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable > 0 {
        return Ok(Arc::new(roots));
    }
    let why = match found.errors.first() {
        Some(error) => format!("the system's trusted certificates cannot be read: {error}"),
        None => "the system has no trusted certificates".into(),
    };
    Err(Failure::new(FaultKind::Tls { certificate: false }, why))
}
