//! Cookies signed with a key, in the format of itsdangerous' `TimestampSigner` as Python's
//! cookie-manager signs and verifies it: `<json>.<base64url timestamp>.<base64url mac>`.
//!
//! The JSON object has a member `key_id`, by which the server finds the key. The format
//! authenticates and does not encrypt, so everybody who sees the cookie can read the payload.

mod mac;
mod payload;
mod timestamp;
mod verify;

use std::fmt;
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::auth::cookie::{check_name, quote};
use crate::auth::hash::Digest;
use crate::code::{Code, Error};
use crate::log::{Secret, SecretWriter, Secrets};

pub use verify::verify;

use mac::Signer;

/// A cookie that can be signed many times: for each attempt of each request, because servers accept
/// a signed cookie only for some seconds.
#[derive(Clone)]
pub struct SignedCookie {
    name: String,
    payload: Secret,
    key: Secret,
    signer: Signer,
}

impl SignedCookie {
    /// Prepares a cookie of this name. The payload is a JSON object; [`sign`] says how it is
    /// written.
    ///
    /// # Errors
    /// [`Code::InvalidCookie`] if the name is not a token, and the errors of [`sign`].
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

    /// The value signed at the time `now`, as [`sign`] returns it.
    ///
    /// # Errors
    /// [`Code::Internal`], which a correct library never returns.
    pub fn sign_at(&self, now: SystemTime) -> Result<Zeroizing<String>, Error> {
        signed(self.payload.expose(), &self.signer, now)
    }

    /// The value signed at the time `now`, as the quoted string that is sent.
    ///
    /// # Errors
    /// Same as [`Self::sign_at`].
    pub fn quoted_value_at(&self, now: SystemTime) -> Result<Zeroizing<String>, Error> {
        self.sign_at(now).map(|value| quote(&value))
    }

    /// Hashes the payload and the key, which stay the same when the cookie is signed again.
    pub fn hash_identity(&self, state: &mut impl std::hash::Hasher) {
        use std::hash::Hash;
        (self.payload.expose(), self.key.expose()).hash(state);
    }

    /// Adds the key and the payload, which must not appear in texts. Without the payload, a MAC is
    /// useless.
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

/// Signs a payload at the time `now`: `<json>.<base64url timestamp>.<base64url mac>`.
///
/// The payload is written as Python's `json.dumps` writes it, in ASCII with `", "` and `": "`.
/// Members keep their order, and numbers their digits. `key_id` replaces an existing one, or
/// becomes the last member. A `;` is written as `\u003b`, because a cookie ends at a semicolon.
///
/// # Errors
/// [`Code::InvalidJson`] if the payload is not a JSON object; [`Code::InvalidArgument`] if the key
/// is empty, because anybody could sign with it.
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
