//! The signing key, and the signature.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::code::{Code, Error};
use crate::log::SecretWriter;

use super::timestamp::Timestamp;

/// The signature in hexadecimal. Its key is for one day, one region and one service.
pub(super) fn signature(
    secret_access_key: &str,
    timestamp: &Timestamp,
    region: &str,
    service: &str,
    string_to_sign: &str,
) -> Result<Zeroizing<String>, Error> {
    let mut first = SecretWriter::with_capacity(secret_access_key.len().saturating_add(4));
    first.push_str("AWS4");
    first.push_str(secret_access_key);
    let mut key = hmac(first.finish().as_bytes(), timestamp.date())?;
    for part in [region, service, "aws4_request", string_to_sign] {
        key = hmac(&*key, part)?;
    }
    Ok(Zeroizing::new(hex(&*key)))
}

fn hmac(key: &[u8], text: &str) -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|_| Error::new(Code::Internal, "HMAC refused a key"))?;
    mac.update(text.as_bytes());
    Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
}

/// Bytes in hexadecimal, in small letters.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
