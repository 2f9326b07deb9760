//! The system's trusted roots, read once per process and not before the first https connection.
//!
//! Most systems keep them twice: in one file, the bundle, and in a folder of single files, which
//! takes several times as long to read. So the folder is not looked at before the bundle has
//! failed to vouch for a server. What is passed over in the bundle is found then, too.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::iter;
use std::path::PathBuf;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls_native_certs::load_certs_from_paths;

use crate::settings::environment;
use crate::transport::fault::{Failure, FaultKind, Outcome};
use crate::transport::fork::PerProcess;

use super::pem::{self, Block};

/// How much of the bundle is read at once.
const PIECE: usize = 16 * 1024;

/// Roots, and the certificates that they are of.
#[derive(Debug)]
pub(super) struct All {
    pub(super) roots: Arc<RootCertStore>,
    pub(super) certificates: Arc<[CertificateDer<'static>]>,
}

type Once<T> = PerProcess<OnceCell<Arc<T>>>;

/// One each per process, because a thread that was reading them at a `fork` never ends in the child.
static BUNDLE: Once<RootCertStore> = PerProcess::new();
static ALL: Once<All> = PerProcess::new();

/// The roots of the bundle alone; none where there is no bundle, or no use in it.
pub(super) fn bundle() -> Option<Arc<RootCertStore>> {
    let file = places().file?;
    let open = || Ok(BufReader::with_capacity(PIECE, File::open(&file)?));
    once(&BUNDLE, || open().and_then(read).ok().and_then(usable).ok_or(())).ok()
}

/// All of the system's roots, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. A failure is
/// not kept: the next connection looks again.
pub(super) fn all() -> Outcome<Arc<All>> {
    once(&ALL, || {
        let (certificates, errors) = places().load();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.iter().cloned());
        let all = |roots| Arc::new(All { roots, certificates: certificates.into() });
        usable(roots).map(all).ok_or_else(|| {
            let why = match errors.first() {
                Some(error) => format!("the system's trusted certificates cannot be read: {error}"),
                None => "the system has no trusted certificates".into(),
            };
            Failure::new(FaultKind::Tls { certificate: false }, why)
        })
    })
}

/// Where roots lie.
struct Places {
    /// The bundle.
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

/// The places that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, or else those of the system.
fn places() -> Places {
    let file = environment::variable("SSL_CERT_FILE").map(PathBuf::from);
    let folders = environment::variable("SSL_CERT_DIR");
    if file.is_some() || folders.is_some() {
        let folders = folders.iter().flat_map(std::env::split_paths);
        let folders = folders.filter(|folder| !folder.as_os_str().is_empty()).collect();
        return Places { file, folders };
    }
    // `probe` reads the two variables itself. If they are set and ignored, the folders are
    // enough: the bundle lies in one of them.
    let file = if openssl_probe::has_ssl_cert_env_vars() {
        None
    } else {
        openssl_probe::probe().cert_file
    };
    Places { file, folders: openssl_probe::candidate_cert_dirs().map(PathBuf::from).collect() }
}

impl Places {
    /// All certificates, each once, and what could not be read.
    fn load(&self) -> (Vec<CertificateDer<'static>>, Vec<rustls_native_certs::Error>) {
        let file = load_certs_from_paths(self.file.as_deref(), None);
        let folders = self.folders.iter().map(|folder| load_certs_from_paths(None, Some(folder)));
        let (mut certificates, mut errors) = (Vec::new(), Vec::new());
        for found in iter::once(file).chain(folders) {
            certificates.extend(found.certs);
            errors.extend(found.errors);
        }
        certificates.sort_unstable_by(|one, other| one.as_ref().cmp(other.as_ref()));
        certificates.dedup();
        (certificates, errors)
    }
}

/// The roots in a PEM text. What is damaged, or no certificate that can be trusted, is passed over.
fn read(text: impl BufRead) -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    pem::read(text, |block| {
        if let Block::Certificate(der) = block {
            // Passed over where it fails, as said above.
            let _ = roots.add(CertificateDer::from(der));
        }
    })?;
    Ok(roots)
}

/// None where nothing is usable.
fn usable(roots: RootCertStore) -> Option<Arc<RootCertStore>> {
    (!roots.is_empty()).then(|| Arc::new(roots))
}

fn once<T, E>(slot: &Once<T>, read: impl FnOnce() -> Result<Arc<T>, E>) -> Result<Arc<T>, E> {
    let roots = slot.get(|parents| match parents.and_then(OnceCell::get) {
        Some(read) => OnceCell::with_value(Arc::clone(read)),
        None => OnceCell::new(),
    });
    roots.get_or_try_init(read).map(Arc::clone)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn root(name: &str) -> String {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    }

    fn found(pem: &str) -> usize {
        read(pem.as_bytes()).unwrap().len()
    }

    #[test]
    fn every_root_of_a_bundle_is_found_whatever_stands_around_it() {
        let (one, other) = (root("one"), root("other"));
        assert_eq!(found(&[one.as_str(), &other].concat()), 2);
        assert_eq!(found(&format!("\u{feff}{one}# Größe: 2 -----\n\n  {other}")), 2);
        assert_eq!(found(&one.replace('\n', "\r\n")), 1, "with line ends as on Windows");
        assert_eq!(found(other.trim_end()), 1, "without an end of the last line");
        assert_eq!(found(""), 0);
    }

    #[test]
    fn what_is_damaged_in_a_bundle_costs_no_other_root() {
        let (one, other) = (root("one"), root("other"));
        let cut = one.split_at(one.len() / 2).0;
        assert_eq!(found(&format!("{cut}\n{other}")), 1, "behind one without an end");
        let wrong = one.replace("\nMII", "\nM*I");
        assert_eq!(found(&[wrong.as_str(), &other].concat()), 1, "behind one that is no base64");
        let empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
        assert_eq!(found(&[empty, &other, "-----END CERTIFICATE-----\n"].concat()), 1);
    }
}
