//! The system's trusted roots, read once per process and not before the first https connection.

use std::sync::Arc;

use once_cell::sync::OnceCell;
use rustls::RootCertStore;

use crate::transport::fault::{Failure, FaultKind, Outcome};
use crate::transport::fork::PerProcess;

type Roots = OnceCell<Arc<RootCertStore>>;

/// One per process, because a thread that was reading them at a `fork` never ends in the child.
static SYSTEM: PerProcess<Roots> = PerProcess::new();

/// The system's roots, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. A failure is not
/// kept: the next connection looks again.
pub(super) fn system() -> Outcome<Arc<RootCertStore>> {
    let roots = SYSTEM.get(|parents| match parents.and_then(OnceCell::get) {
        Some(read) => OnceCell::with_value(Arc::clone(read)),
        None => OnceCell::new(),
    });
    roots.get_or_try_init(read).map(Arc::clone)
}

fn read() -> Outcome<Arc<RootCertStore>> {
    let found = rustls_native_certs::load_native_certs();
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
