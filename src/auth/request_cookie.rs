//! The cookies that a caller sets, and their `Cookie` field (RFC 6265 section 4.2).

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderValue;
use zeroize::Zeroizing;

use super::cookie::join;
use super::{Digest, SignedCookie};
use crate::code::{Code, Error};
use crate::log::{Secret, Secrets, header_value};

/// A cookie sent with every request. Cheap to clone; its value is wiped when its last clone is
/// dropped.
#[derive(Clone)]
pub enum Cookie {
    /// A cookie with a constant value.
    Plain {
        /// Its name.
        name: Arc<str>,
        /// Its value.
        value: Arc<Secret>,
    },
    /// A cookie that is signed for each attempt.
    Signed(Arc<SignedCookie>),
}

impl Cookie {
    /// A cookie with a constant value. The caller has checked the name and the value.
    #[must_use]
    pub fn plain(name: &str, value: &str) -> Self {
        Self::Plain { name: name.into(), value: Arc::new(Secret::from(value)) }
    }

    /// A cookie that is signed for each attempt.
    ///
    /// # Errors
    /// Same as [`SignedCookie::new`].
    pub fn signed(
        name: &str,
        payload: &str,
        key_id: &str,
        key: &str,
        digest: Digest,
    ) -> Result<Self, Error> {
        Ok(Self::Signed(Arc::new(SignedCookie::new(name, payload, key_id, key, digest)?)))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Plain { name, .. } => name,
            Self::Signed(cookie) => cookie.name(),
        }
    }

    /// Adds the values that must not appear in texts.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        match self {
            Self::Plain { value, .. } => secrets.add_cookie(value.expose()),
            Self::Signed(cookie) => cookie.add_secrets(secrets),
        }
    }

    /// Whether each attempt gets a new value.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        matches!(self, Self::Signed(_))
    }

    fn value_at(&self, now: SystemTime) -> Result<Zeroizing<String>, Error> {
        match self {
            Self::Plain { value, .. } => Ok(Zeroizing::new(value.expose().to_owned())),
            Self::Signed(cookie) => cookie.quoted_value_at(now),
        }
    }
}

impl Hash for Cookie {
    /// Hashes the parts that stay the same when the cookie is signed again.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
        match self {
            Self::Plain { value, .. } => value.expose().hash(state),
            Self::Signed(cookie) => cookie.hash_identity(state),
        }
    }
}

/// The `Cookie` field value of these cookies, signed at the time `now`. It begins with `existing`,
/// the value that the field already has. `None` if there are no cookies.
///
/// # Errors
/// [`Code::InvalidCookie`] if a cookie cannot be signed or sent.
pub fn cookie_header(
    existing: Option<&HeaderValue>,
    cookies: &[Cookie],
    now: SystemTime,
) -> Result<Option<HeaderValue>, Error> {
    if cookies.is_empty() {
        return Ok(None);
    }
    let values =
        cookies.iter().map(|cookie| cookie.value_at(now)).collect::<Result<Vec<_>, _>>()?;
    let pairs = cookies.iter().zip(&values).map(|(cookie, value)| (cookie.name(), value.as_str()));
    let joined = join(pairs);
    let value = match existing.and_then(|value| std::str::from_utf8(value.as_bytes()).ok()) {
        Some(existing) => Zeroizing::new([existing, "; ", &joined].concat()),
        None => joined,
    };
    let unsendable = |_| Error::new(Code::InvalidCookie, "a cookie contains a control character");
    header_value(value).map(Some).map_err(unsendable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn signed() -> Cookie {
        Cookie::signed("session", "{\"id\": 7}", "a>b", "a-long-enough-key", Digest::Sha1).unwrap()
    }

    #[test]
    fn cookies_follow_the_existing_value_in_their_order() {
        let cookies = [Cookie::plain("a", "1"), Cookie::plain("b", "2")];
        let existing = HeaderValue::from_static("x=0");
        let value = cookie_header(Some(&existing), &cookies, UNIX_EPOCH).unwrap().unwrap();
        assert_eq!(value, "x=0; a=1; b=2");
        assert!(cookie_header(Some(&existing), &[], UNIX_EPOCH).unwrap().is_none());
    }

    #[test]
    fn a_signed_cookie_is_signed_again_each_time() {
        let later = UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        let cookies = [signed()];
        let value = |now| cookie_header(None, &cookies, now).unwrap().unwrap();
        assert_ne!(value(later), value(later + Duration::from_secs(1)));
        assert!(value(later).as_bytes().starts_with(b"session=\"{"), "not a quoted string");
    }
}
