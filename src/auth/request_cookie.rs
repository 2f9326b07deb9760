//! The cookies of a client, and the `Cookie` field that they make (RFC 6265 section 4.2).

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderValue;
use zeroize::Zeroizing;

use super::cookie::join;
use super::{Digest, SignedCookie};
use crate::code::{Code, Error};
use crate::log::{Secret, Secrets, header_value};

/// A cookie that goes with every request. Cheap to copy; its value is wiped with the last copy.
#[derive(Clone)]
pub enum Cookie {
    /// One whose value stays the same.
    Plain {
        /// Its name.
        name: Arc<str>,
        /// Its value.
        value: Arc<Secret>,
    },
    /// One that is signed for each attempt.
    Signed(Arc<SignedCookie>),
}

impl Cookie {
    /// A cookie whose name and value have been checked.
    #[must_use]
    pub fn plain(name: &str, value: &str) -> Self {
        Self::Plain { name: name.into(), value: Arc::new(Secret::from(value)) }
    }

    /// A cookie that is signed for each attempt.
    ///
    /// # Errors
    /// As [`SignedCookie::new`].
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

    /// Adds what must never be seen.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        match self {
            Self::Plain { value, .. } => secrets.add_cookie(value.expose()),
            Self::Signed(cookie) => cookie.add_secrets(secrets),
        }
    }

    /// Whether its value is made anew for each attempt.
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
    /// By what it stands for, which stays the same however often it is signed.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
        match self {
            Self::Plain { value, .. } => value.expose().hash(state),
            Self::Signed(cookie) => cookie.hash_identity(state),
        }
    }
}

/// The `Cookie` field value of these cookies, signed now; `own`, what the caller has put there,
/// stands before them. `None` where there is nothing to add.
///
/// # Errors
/// [`Code::InvalidCookie`] where a cookie cannot be signed or sent.
pub fn cookie_header(
    own: Option<&HeaderValue>,
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
    let line = match own.and_then(|own| std::str::from_utf8(own.as_bytes()).ok()) {
        Some(own) => Zeroizing::new([own, "; ", &joined].concat()),
        None => joined,
    };
    let unsendable = |_| Error::new(Code::InvalidCookie, "a cookie holds a control character");
    header_value(line).map(Some).map_err(unsendable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn signed() -> Cookie {
        Cookie::signed("session", "{\"id\": 7}", "a>b", "a-long-enough-key", Digest::Sha1).unwrap()
    }

    #[test]
    fn cookies_stand_in_their_order_behind_the_callers_own() {
        let cookies = [Cookie::plain("a", "1"), Cookie::plain("b", "2")];
        let own = HeaderValue::from_static("x=0");
        let line = cookie_header(Some(&own), &cookies, UNIX_EPOCH).unwrap().unwrap();
        assert_eq!(line, "x=0; a=1; b=2");
        assert!(cookie_header(Some(&own), &[], UNIX_EPOCH).unwrap().is_none());
    }

    #[test]
    fn a_signed_cookie_is_signed_afresh_each_time() {
        let later = UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        let cookies = [signed()];
        let line = |now| cookie_header(None, &cookies, now).unwrap().unwrap();
        assert_ne!(line(later), line(later + Duration::from_secs(1)));
        assert!(line(later).as_bytes().starts_with(b"session=\"{"), "not a quoted string");
    }
}
