//! The system's trusted roots, read once per process and not before the first https connection.
//!
//! Systems keep them twice: in one file, and one by one in a folder, which takes several times as
//! long to read. So the file comes first, and the rest is read when a server shows a certificate
//! that the file does not account for.

use std::sync::Arc;

use once_cell::sync::OnceCell;
use rustls::RootCertStore;
use rustls_native_certs::CertificateResult;

use crate::transport::fault::{Failure, FaultKind, Outcome};
use crate::transport::fork::PerProcess;

/// One per process, because a thread that was reading them at a `fork` never ends in the child.
pub(super) type Slot = PerProcess<OnceCell<Arc<RootCertStore>>>;

static BUNDLE: Slot = PerProcess::new();
static ALL: Slot = PerProcess::new();

/// The roots in the system's file, or all where there is none. A failure is not kept: the next
/// connection looks again.
pub(super) fn bundle() -> Outcome<Arc<RootCertStore>> {
    read_once(&BUNDLE, || usable(in_file()).or_else(|_| all()))
}

/// All of the system's roots. Those alone that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, if they do.
pub(super) fn all() -> Outcome<Arc<RootCertStore>> {
    read_once(&ALL, || usable(rustls_native_certs::load_native_certs()))
}

fn in_file() -> CertificateResult {
    // Where they name what is not there, nobody is trusted.
    if ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| std::env::var_os(name).is_some()) {
        return CertificateResult::default();
    }
    let file = openssl_probe::probe().cert_file;
    rustls_native_certs::load_certs_from_paths(file.as_deref(), None)
}

fn read_once(
    slot: &Slot,
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
