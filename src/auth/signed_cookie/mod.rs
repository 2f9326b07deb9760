//! Cookies that a key vouches for, in the format of itsdangerous' `TimestampSigner` as Python's
//! cookie-manager signs and verifies it: `<json>.<base64url timestamp>.<base64url mac>`.
//!
//! The JSON object carries a member `key_id`, by which the reader finds the key. The format
//! authenticates; it does not encrypt, so the payload is readable by whoever sees the cookie.

mod mac;
mod payload;
mod timestamp;
mod verify;

use std::fmt;
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::auth::cookie::{check_name, quote};
use crate::code::{Code, Error};
use crate::log::{Secret, SecretWriter, Secrets};

pub use mac::{Digest, SAC_DIGEST_SHA1, SAC_DIGEST_SHA256, SAC_DIGEST_SHA512};
pub use verify::verify;

use mac::Signer;

/// A signed cookie that is ready to be signed again and again: for each attempt of each request,
/// since readers accept one for some seconds only.
#[derive(Clone)]
pub struct SignedCookie {
    name: String,
    payload: Secret,
    key: Secret,
    signer: Signer,
}

impl SignedCookie {
    /// Prepares a cookie of this name. The payload is a JSON object; what becomes of it is told at
    /// [`sign`].
    ///
    /// # Errors
    /// [`Code::InvalidCookie`] for a name that is no token, and those of [`sign`].
    pub fn new(
        name: &str,
        payload_json: &str,
        key_id: &str,
        key: &str,
        digest: Digest,
    ) -> Result<Self, Error> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            payload: payload::with_key_id(payload_json, key_id)?.into(),
            key: key.into(),
            signer: Signer::new(digest, non_empty(key)?),
        })
    }

    /// The cookie's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The signed value as of now, as [`sign`] returns it.
    ///
    /// # Errors
    /// [`Code::Internal`], which a correct library never answers.
    pub fn sign_at(&self, now: SystemTime) -> Result<Zeroizing<String>, Error> {
        signed(self.payload.expose(), &self.signer, now)
    }

    /// The signed value as of now in the form in which it is sent, a quoted string.
    ///
    /// # Errors
    /// As [`Self::sign_at`].
    pub fn quoted_value_at(&self, now: SystemTime) -> Result<Zeroizing<String>, Error> {
        self.sign_at(now).map(|value| quote(&value))
    }

    /// Hashes what it says and by which key: what stays the same however often it is signed.
    pub fn hash_identity(&self, state: &mut impl std::hash::Hasher) {
        use std::hash::Hash;
        (self.payload.expose(), self.key.expose()).hash(state);
    }

    /// Adds what must not be seen: the key, and the payload, without which a mac is worth nothing.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        secrets.add(self.key.expose());
        secrets.add(self.payload.expose());
    }
}

impl fmt::Debug for SignedCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedCookie").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Signs a payload once, as of now: `<json>.<base64url timestamp>.<base64url mac>`.
///
/// The payload comes out as Python's `json.dumps` writes it, in ASCII with `", "` and `": "`.
/// Members keep their order and numbers their digits; `key_id` takes the place of one that is
/// there, or else the last. A `;` is written `\u003b`, because a cookie ends at a semicolon.
///
/// # Errors
/// [`Code::InvalidJson`] where the payload is not a JSON object; [`Code::InvalidArgument`] for an
/// empty key, with which anybody could sign.
pub fn sign(
    payload_json: &str,
    key_id: &str,
    key: &str,
    digest: Digest,
    now: SystemTime,
) -> Result<Zeroizing<String>, Error> {
    let payload = payload::with_key_id(payload_json, key_id)?;
    signed(&payload, &Signer::new(digest, non_empty(key)?), now)
}

fn signed(payload: &str, signer: &Signer, now: SystemTime) -> Result<Zeroizing<String>, Error> {
    let timestamp = timestamp::encode(now);
    let mac = signer.mac(payload, &timestamp)?;
    let length = [payload.len(), timestamp.len(), mac.len(), 2].iter().sum();
    let mut value = SecretWriter::with_capacity(length);
    for part in [payload, ".", &timestamp, ".", &mac] {
        value.push_str(part);
    }
    Ok(value.finish())
}

fn non_empty(key: &str) -> Result<&str, Error> {
    if key.is_empty() {
        return Err(Error::new(Code::InvalidArgument, "the signing key of a cookie is empty"));
    }
    Ok(key)
}

#[cfg(test)]
mod tests;
