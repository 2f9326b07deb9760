//! The use of one nonce of a server: any number of requests, counted.

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use zeroize::Zeroizing;

use crate::code::{Code, Error};
use crate::log::Secret;

use super::challenge::Challenge;
use super::user::User;

/// The bytes of a text that are not escaped in a parameter with a charset (RFC 8187 section 3.2.1).
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// A challenge with the key that answers it. Threads share it.
pub struct Session {
    challenge: Challenge,
    /// The client's nonce. It stays the same, because a session key contains it.
    cnonce: String,
    /// The hash of user name, realm and password, or the session key made from it. A session key
    /// stays the same if the nonce changes later (RFC 7616 section 3.4.2).
    key: Secret,
    /// The number of requests so far.
    requests: AtomicU32,
    /// The process that may use it: two would send the same number.
    process: u64,
}

impl Session {
    pub(super) fn new(user: &User, challenge: Challenge, cnonce: String, process: u64) -> Self {
        let algorithm = challenge.algorithm;
        let (name, password) = (user.name.as_bytes(), user.password.expose().as_bytes());
        let mut key = algorithm.hash(&[name, &challenge.realm, password]);
        if challenge.session {
            key = algorithm.hash(&[key.as_bytes(), &challenge.nonce, cnonce.as_bytes()]);
        }
        Self { cnonce, key: Secret::from(key), requests: AtomicU32::new(0), challenge, process }
    }

    /// The same session with the nonce that the server wants next.
    pub(super) fn with_nonce(&self, nonce: Vec<u8>) -> Self {
        Self {
            challenge: Challenge { nonce, stale: false, ..self.challenge.clone() },
            cnonce: self.cnonce.clone(),
            key: self.key.clone(),
            requests: AtomicU32::new(0),
            process: self.process,
        }
    }

    /// Whether this process may use it.
    pub(super) fn belongs_to(&self, process: u64) -> bool {
        self.process == process
    }

    /// Whether the server sent this challenge only because the nonce of the request was too old.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.challenge.stale
    }

    /// Whether both use the same nonce.
    #[must_use]
    pub fn has_nonce_of(&self, other: &Self) -> bool {
        self.challenge.nonce == other.challenge.nonce
    }

    /// The value of `Authorization` for the next request, and its secret part.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`] if the challenge contains a byte that no field may contain.
    pub(super) fn authorization(
        &self,
        user: &User,
        method: &str,
        target: &str,
    ) -> Result<(HeaderValue, Zeroizing<String>), Error> {
        let Challenge { realm, nonce, opaque, algorithm, .. } = &self.challenge;
        // Starts again at 1 after all numbers: the server then asks for a new nonce.
        let number = self.requests.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let count = format!("{number:08x}");
        let request = algorithm.hash(&[method.as_bytes(), target.as_bytes()]);
        let (key, request) = (self.key.expose().as_bytes(), request.as_bytes());
        let response = match self.challenge.qop {
            false => algorithm.hash(&[key, nonce, request]),
            true => {
                let cnonce = self.cnonce.as_bytes();
                algorithm.hash(&[key, nonce, count.as_bytes(), cnonce, b"auth", request])
            }
        };
        let mut value = Value::new(self.name_parameter(user));
        value.quoted("realm", realm);
        value.quoted("nonce", nonce);
        value.quoted("uri", target.as_bytes());
        value.quoted("response", response.as_bytes());
        if self.challenge.names_algorithm {
            let session = if self.challenge.session { "-sess" } else { "" };
            value.plain("algorithm", &[algorithm.name(), session].concat());
        }
        if let Some(opaque) = opaque {
            value.quoted("opaque", opaque);
        }
        if self.challenge.qop {
            value.plain("qop", "auth");
            value.plain("nc", &count);
            value.quoted("cnonce", self.cnonce.as_bytes());
        }
        if self.challenge.userhash {
            value.plain("userhash", "true");
        }
        Ok((value.finish()?, response))
    }

    /// The parameter with the user name (RFC 7616 section 3.4).
    fn name_parameter(&self, user: &User) -> String {
        let Challenge { realm, algorithm, utf8, userhash, .. } = &self.challenge;
        let name = user.name.as_str();
        if *userhash {
            let hash = algorithm.hash(&[name.as_bytes(), realm]);
            return format!("username=\"{}\"", *hash);
        }
        if *utf8 && !name.is_ascii() {
            return format!("username*=UTF-8''{}", percent_encode(name.as_bytes(), ATTRIBUTE));
        }
        format!("username=\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// Builds the field value. Its memory is wiped.
struct Value(Zeroizing<Vec<u8>>);

impl Value {
    fn new(first: String) -> Self {
        // Enough for most values, so that no copy of a response stays in freed memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
        bytes.extend_from_slice(b"Digest ");
        bytes.extend_from_slice(first.as_bytes());
        Self(bytes)
    }

    fn plain(&mut self, name: &str, value: &str) {
        for part in [", ", name, "=", value] {
            self.0.extend_from_slice(part.as_bytes());
        }
    }

    fn quoted(&mut self, name: &str, value: &[u8]) {
        for part in [b", ", name.as_bytes(), b"=\"", value, b"\""] {
            self.0.extend_from_slice(part);
        }
    }

    fn finish(self) -> Result<HeaderValue, Error> {
        let mut value =
            HeaderValue::from_maybe_shared(Bytes::from_owner(self.0)).map_err(|_| {
                let message = "the server's Digest challenge contains a control character";
                Error::new(Code::InvalidHeader, message)
            })?;
        value.set_sensitive(true);
        Ok(value)
    }
}
