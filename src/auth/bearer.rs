//! The `Bearer` scheme (RFC 6750).

use http::HeaderValue;

use crate::code::{Code, Error};
use crate::log::{SecretWriter, header_value};

/// The value of `Authorization` for a token. It is marked sensitive, and its memory is wiped when
/// its last clone is dropped.
///
/// RFC 6750 section 2.1 allows only letters, digits and `-._~+/=`. Real tokens contain other
/// visible characters, so the library accepts those too, in UTF-8.
///
/// # Errors
/// [`Code::InvalidHeader`] if the token is empty or contains whitespace or a control character,
/// because the field would then have another meaning.
pub fn authorization(token: &str) -> Result<HeaderValue, Error> {
    let refuse = |reason| Err(Error::new(Code::InvalidHeader, reason));
    if token.is_empty() {
        return refuse("the bearer token is empty");
    }
    if token.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return refuse("the bearer token contains whitespace or a control character");
    }
    let mut value = SecretWriter::with_capacity(token.len().saturating_add(7));
    value.push_str("Bearer ");
    value.push_str(token);
    header_value(value.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_follows_the_scheme() {
        let value = authorization("mF_9.B5f-4.1JqM").unwrap();
        assert_eq!(value, "Bearer mF_9.B5f-4.1JqM");
        assert!(value.is_sensitive());
    }

    #[test]
    fn a_token_may_contain_utf_8() {
        assert_eq!(authorization("jetón|1").unwrap().as_bytes(), "Bearer jetón|1".as_bytes());
    }

    #[test]
    fn an_invalid_token_is_refused_and_not_repeated_in_the_error() {
        for token in ["", " ", "secret ", "\tsecret", "sec ret", "secret\r\nX: 1", "sec\u{a0}ret"] {
            let error = authorization(token).unwrap_err();
            assert_eq!(error.code, Code::InvalidHeader, "{token:?}");
            assert!(!error.message.contains("ret"), "{error}");
        }
    }
}
