//! The keys from the secrets of a webhook.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::scheme::Scheme;
use crate::code::{Code, Error};

/// Base64 with or without padding, because senders show the secrets in both forms.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key of each secret.
///
/// # Errors
/// [`Code::InvalidArgument`] if there is no secret, or one is empty or malformed. The error does not
/// contain the secret.
pub(super) fn keys(scheme: Scheme, secrets: &[&str]) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
    if secrets.is_empty() {
        return Err(invalid("a webhook cannot be verified without a secret"));
    }
    secrets.iter().map(|secret| key(scheme, secret)).collect()
}

fn key(scheme: Scheme, secret: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let key = Zeroizing::new(if scheme == Scheme::Standard {
        let text = secret.strip_prefix("whsec_").unwrap_or(secret);
        BASE64.decode(text).map_err(|_| invalid("the secret of a webhook is not base64"))?
    } else {
        secret.as_bytes().to_vec()
    });
    if key.is_empty() {
        return Err(invalid("the secret of a webhook is empty"));
    }
    Ok(key)
}

fn invalid(reason: &str) -> Error {
    Error::new(Code::InvalidArgument, reason)
}
