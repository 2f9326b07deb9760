//! The system's trusted roots, read once per process, before the first https connection.
//!
//! Most systems store them twice: in one file, the bundle, and in a folder of single files, which
//! takes several times as long to read. So the folder is read only if the bundle does not contain
//! the issuer of a server. This also finds roots that were skipped in the bundle.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::iter;
use std::path::PathBuf;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use rustls::pki_types::CertificateDer;
use rustls::{Error, RootCertStore};
use rustls_native_certs::load_certs_from_paths;

use crate::settings::environment;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};
use crate::transport::fork::PerProcess;

use super::certificate_error;
use super::end_entity::CaDetector;
use super::pem::{self, Block};

/// The number of bytes read from the bundle at once.
const READ_SIZE: usize = 16 * 1024;

/// The certificates that are trusted.
#[derive(Debug)]
pub(super) struct TrustAnchors {
    /// Certificates of authorities.
    pub(super) roots: RootCertStore,
    /// Certificates that are trusted only as a server's own.
    pub(super) end_entities: Vec<CertificateDer<'static>>,
}

type OncePerProcess = PerProcess<OnceCell<Arc<TrustAnchors>>>;

/// One for each process. A thread that reads them during a `fork` does not continue in the child.
static BUNDLE: OncePerProcess = PerProcess::new();
static ALL: OncePerProcess = PerProcess::new();

impl TrustAnchors {
    /// The certificates of a PEM text, all of which must be usable.
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let certificates = pem::certificates(pem)?;
        let (mut roots, authorities) = (RootCertStore::empty(), CaDetector::new());
        for (certificate, number) in certificates.iter().zip(1..) {
            add(&mut roots, certificate.clone(), &authorities).map_err(
                |error: Error| match error {
                    Error::InvalidCertificate(error) => {
                        format!(
                            "certificate {number} of the PEM text {}",
                            certificate_error::describe(&error, "")
                        )
                    }
                    _ => format!("certificate {number} of the PEM text cannot be trusted"),
                },
            )?;
        }
        Ok(Self { roots, end_entities: certificates })
    }
}

/// Adds a trusted certificate. One that is not an authority's may only be a server's own: the owner
/// of a server's key must not sign for others.
fn add(
    roots: &mut RootCertStore,
    certificate: CertificateDer<'_>,
    authorities: &CaDetector,
) -> Result<(), Error> {
    let may_sign = authorities.is_ca(&certificate);
    roots.add(certificate)?;
    if !may_sign {
        roots.roots.pop();
    }
    Ok(())
}

/// The roots of the bundle; none if there is no bundle, or nothing usable in it.
pub(super) fn bundle() -> Option<Arc<TrustAnchors>> {
    let file = trust_store_paths().file?;
    let open = || Ok(BufReader::with_capacity(READ_SIZE, File::open(&file)?));
    get_or_load(&BUNDLE, || {
        let roots = open().and_then(read).ok().filter(|roots| !roots.is_empty());
        roots.map(|roots| Arc::new(TrustAnchors { roots, end_entities: Vec::new() })).ok_or(())
    })
    .ok()
}

/// All roots of the system, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. An error is not
/// kept: the next connection tries again.
pub(super) fn all() -> TransportResult<Arc<TrustAnchors>> {
    get_or_load(&ALL, || {
        let (certificates, errors) = trust_store_paths().load();
        let (mut roots, authorities) = (RootCertStore::empty(), CaDetector::new());
        for certificate in &certificates {
            // The other certificates may be enough.
            let _ = add(&mut roots, certificate.clone(), &authorities);
        }
        if certificates.is_empty() {
            let why = match errors.first() {
                Some(error) => format!("the system's trusted certificates cannot be read: {error}"),
                None => "the system has no trusted certificates".into(),
            };
            return Err(TransportError::new(TransportErrorKind::Tls { certificate: false }, why));
        }
        Ok(Arc::new(TrustAnchors { roots, end_entities: certificates }))
    })
}

/// The places of the roots.
struct TrustStorePaths {
    /// The bundle.
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

/// The places that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, or those of the system.
fn trust_store_paths() -> TrustStorePaths {
    let file = environment::variable("SSL_CERT_FILE").map(PathBuf::from);
    let folders = environment::variable("SSL_CERT_DIR");
    if file.is_some() || folders.is_some() {
        let folders = folders.iter().flat_map(std::env::split_paths);
        let folders = folders.filter(|folder| !folder.as_os_str().is_empty()).collect();
        return TrustStorePaths { file, folders };
    }
    // `probe` reads the two variables itself. If they are set and ignored, the folders are enough,
    // because the bundle is in one of them.
    let file = if openssl_probe::has_ssl_cert_env_vars() {
        None
    } else {
        openssl_probe::probe().cert_file
    };
    TrustStorePaths {
        file,
        folders: openssl_probe::candidate_cert_dirs().map(PathBuf::from).collect(),
    }
}

impl TrustStorePaths {
    /// All certificates, each once, and the errors.
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

/// The roots in a PEM text. Skips damaged blocks and certificates that cannot be trusted.
fn read(text: impl BufRead) -> io::Result<RootCertStore> {
    let (mut roots, authorities) = (RootCertStore::empty(), CaDetector::new());
    pem::read(text, |block| {
        if let Block::Certificate(der) = block {
            // Skipped if it fails, as described above.
            let _ = add(&mut roots, CertificateDer::from(der), &authorities);
        }
    })?;
    Ok(roots)
}

fn get_or_load<E>(
    slot: &OncePerProcess,
    read: impl FnOnce() -> Result<Arc<TrustAnchors>, E>,
) -> Result<Arc<TrustAnchors>, E> {
    let roots = slot.get(|parents| match parents.and_then(OnceCell::get) {
        Some(read) => OnceCell::with_value(Arc::clone(read)),
        None => OnceCell::new(),
    });
    roots.get_or_try_init(read).map(Arc::clone)
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

    use super::*;

    fn root(name: &str) -> String {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    }

    fn found(pem: &str) -> usize {
        read(pem.as_bytes()).unwrap().len()
    }

    #[test]
    fn every_root_of_a_bundle_is_found_whatever_is_around_it() {
        let (one, other) = (root("one"), root("other"));
        assert_eq!(found(&[one.as_str(), &other].concat()), 2);
        assert_eq!(found(&format!("\u{feff}{one}# Größe: 2 -----\n\n  {other}")), 2);
        assert_eq!(found(&one.replace('\n', "\r\n")), 1, "with CR LF line ends");
        assert_eq!(found(other.trim_end()), 1, "without a final line end");
        assert_eq!(found(""), 0);
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let server = server.self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
        assert_eq!(
            found(&[one.as_str(), &server].concat()),
            1,
            "a server's certificate is not a root"
        );
    }

    #[test]
    fn a_damaged_block_does_not_hide_the_other_roots() {
        let (one, other) = (root("one"), root("other"));
        let truncated = one.split_at(one.len() / 2).0;
        assert_eq!(found(&format!("{truncated}\n{other}")), 1, "after one without an end");
        let wrong = one.replace("\nMII", "\nM*I");
        assert_eq!(found(&[wrong.as_str(), &other].concat()), 1, "after one that is not base64");
        let empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
        assert_eq!(found(&[empty, &other, "-----END CERTIFICATE-----\n"].concat()), 1);
    }
}
