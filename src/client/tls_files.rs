//! Certificates from files, checked by the transport whenever the files are read.

use std::sync::Arc;

use crate::code::{Code, Error};
use crate::log::Secret;
use crate::settings::{ClientPem, PemContents, PemSource, SecretPem};
use crate::transport;

/// The trusted certificates of a file.
pub(super) fn authorities(path: &str) -> Result<PemSource<Arc<[u8]>>, Error> {
    let parse = |contents: PemContents| {
        let pem = contents.first().map(|pem| pem.as_slice()).unwrap_or_default();
        transport::check_ca_pem(pem)?;
        Ok(pem.into())
    };
    PemSource::open(vec![("CA", path.into())], Box::new(parse))
}

/// A certificate chain and its key from files, which may be the same one. The key may be encrypted
/// with the password.
pub(super) fn client_certificate(
    certificate: &str,
    key: &str,
    password: Option<Secret>,
) -> Result<PemSource<ClientPem>, Error> {
    let parse = move |contents: PemContents| {
        let mut contents = contents.into_iter();
        let (Some(chain), Some(key)) = (contents.next(), contents.next()) else {
            return Err(Error::new(Code::Internal, "a certificate without its key"));
        };
        let key = transport::check_client_pem(&chain, &SecretPem::from(key), password.as_ref())?;
        Ok((chain.as_slice().into(), key))
    };
    let paths = vec![("certificate", certificate.into()), ("key", key.into())];
    PemSource::open(paths, Box::new(parse))
}
