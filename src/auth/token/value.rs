//! One token, and how long it may be used.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderValue;

use crate::auth::bearer;
use crate::code::Error;
use crate::log::Secret;

/// The longest time before its end at which a token counts as expiring.
const MAX_LEAD: Duration = Duration::from_secs(120);
/// The same for a short life: this part of it.
const LEAD_DIVISOR: u32 = 10;

/// A bearer token. Its memory is wiped with the last call that uses it.
#[derive(Debug)]
pub struct Token {
    authorization: HeaderValue,
    secret: Arc<Secret>,
    expiring_from: Option<Instant>,
    expires: Option<Instant>,
}

impl Token {
    /// A token that was requested at `issued`. `lifetime`: how long it may be used, if that is known.
    ///
    /// # Errors
    /// Same as [`bearer::authorization`].
    pub fn new(value: &str, lifetime: Option<Duration>, issued: Instant) -> Result<Self, Error> {
        let expires = lifetime.and_then(|lifetime| issued.checked_add(lifetime));
        let expiring_from = lifetime.zip(expires).and_then(|(lifetime, expires)| {
            let part = lifetime.checked_div(LEAD_DIVISOR).unwrap_or_default();
            expires.checked_sub(part.min(MAX_LEAD))
        });
        Ok(Self {
            authorization: bearer::authorization(value)?,
            secret: Arc::new(Secret::from(value)),
            expiring_from,
            expires,
        })
    }

    /// The value of `Authorization`.
    #[must_use]
    pub fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }

    /// The token itself, for the redactor.
    #[must_use]
    pub fn secret(&self) -> &Arc<Secret> {
        &self.secret
    }

    /// Whether both have the same value.
    #[must_use]
    pub fn has_value_of(&self, other: &Self) -> bool {
        self.secret.expose() == other.secret.expose()
    }

    /// Whether it is time to fetch the next one.
    #[must_use]
    pub fn is_expiring(&self, now: Instant) -> bool {
        self.expiring_from.is_some_and(|from| from <= now)
    }

    /// Whether its life has ended.
    #[must_use]
    pub fn has_expired(&self, now: Instant) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_expiring_two_minutes_before_its_end_or_in_the_last_tenth_of_a_short_life() {
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        for (life, expiring) in [(3600, 3480.0), (1200, 1080.0), (600, 540.0), (10, 9.0)] {
            let token = Token::new("abcd", Some(Duration::from_secs(life)), start).unwrap();
            assert!(!token.is_expiring(at(expiring - 0.001)), "life of {life} s");
            assert!(token.is_expiring(at(expiring)), "life of {life} s");
            assert!(!token.has_expired(at(life as f64 - 0.001)), "life of {life} s");
            assert!(token.has_expired(at(life as f64)), "life of {life} s");
        }
    }

    #[test]
    fn a_token_of_unknown_life_does_not_expire() {
        let start = Instant::now();
        for lifetime in [None, Some(Duration::MAX)] {
            let token = Token::new("abcd", lifetime, start).unwrap();
            let later = start + Duration::from_secs(1 << 30);
            assert!(!token.is_expiring(later) && !token.has_expired(later), "{lifetime:?}");
        }
    }

    #[test]
    fn no_output_contains_a_token() {
        let token = Token::new("correct-horse", None, Instant::now()).unwrap();
        assert!(!format!("{token:?}").contains("correct"), "{token:?}");
        assert!(token.authorization().is_sensitive());
    }
}
