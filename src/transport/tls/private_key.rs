//! Private keys of clients in PEM, and the decryption of encrypted ones.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use memchr::memmem;
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

use crate::log::Secret;

use super::SecretPem;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// The label of an encrypted key (RFC 7468 section 11).
const BEGIN: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
const END: &[u8] = b"-----END ENCRYPTED PRIVATE KEY-----";
/// The header of the encryption before PKCS #8 (RFC 1421 section 4.6.1.1).
const OLD_ENCRYPTION: &[u8] = b"Proc-Type: 4,ENCRYPTED";

const CONVERT: &str = "`openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW` converts it";

/// The first key of a PEM text.
///
/// # Errors
/// Why there is none. The parser's own error may quote what it has read.
pub(super) fn parse(key: &SecretPem) -> Result<PrivateKeyDer<'static>, &'static str> {
    let pem = key.expose();
    let pem = pem.strip_prefix(BYTE_ORDER_MARK).unwrap_or(pem);
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| "there is no usable private key in the PEM text")
}

/// The key as it is stored: decrypted if it is encrypted.
///
/// # Errors
/// Why it cannot be decrypted. The text contains no part of the key or of the password.
pub(super) fn decrypted(key: &SecretPem, password: Option<&Secret>) -> Result<SecretPem, String> {
    if parse(key).is_ok() {
        return Ok(key.clone());
    }
    let pem = key.expose();
    if memmem::find(pem, OLD_ENCRYPTION).is_some() {
        return Err(format!("the private key is encrypted in an old format; {CONVERT}"));
    }
    let Some(encrypted) = encrypted_block(pem) else { return Ok(key.clone()) };
    let Some(password) = password else {
        return Err("the private key is encrypted; set its password before the certificate, or \
                    give the key decrypted, as `openssl pkey` writes it"
            .into());
    };
    let base64: Vec<u8> =
        encrypted.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let der = BASE64_STANDARD.decode(base64).map_err(|_| "the encrypted private key is damaged")?;
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(der.as_slice()).map_err(|_| {
        format!("the private key is encrypted in a way that is not supported; {CONVERT}")
    })?;
    let wrong = "the private key cannot be decrypted: its password is wrong, or it is damaged";
    let key = match encrypted.decrypt(password.expose()) {
        Ok(key) => key,
        Err(error) if is_unsupported(&error) => {
            return Err(format!(
                "the private key is encrypted in a way that is not supported; {CONVERT}"
            ));
        }
        Err(_) => return Err(wrong.into()),
    };
    // A wrong password rarely leaves correct padding.
    PrivateKeyInfoRef::try_from(key.as_bytes()).map_err(|_| wrong)?;
    let pem: Zeroizing<String> = key.to_pem("PRIVATE KEY", LineEnding::LF).map_err(|_| wrong)?;
    Ok(SecretPem::new(pem.as_bytes().to_vec()))
}

/// Whether the encryption has a part that the decoder does not know.
fn is_unsupported(error: &pkcs8::Error) -> bool {
    use pkcs8::pkcs5::Error as E;
    matches!(
        error,
        pkcs8::Error::EncryptedPrivateKey(
            E::NoPbes1CryptSupport
                | E::UnsupportedAlgorithm { .. }
                | E::AlgorithmParametersInvalid { .. }
        )
    )
}

/// The base64 of the first encrypted key.
fn encrypted_block(pem: &[u8]) -> Option<&[u8]> {
    let start = memmem::find(pem, BEGIN)?.checked_add(BEGIN.len())?;
    let rest = pem.get(start..)?;
    rest.get(..memmem::find(rest, END)?)
}
