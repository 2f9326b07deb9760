//! The `Bearer` scheme (RFC 6750).

use http::HeaderValue;

use crate::code::{Code, Error};
use crate::log::{SecretWriter, header_value};

/// The value of `Authorization` for this token. Marked sensitive; its memory is wiped when its
/// last clone goes.
///
/// RFC 6750 section 2.1 knows letters, digits and `-._~+/=` only. Tokens in use hold other visible
/// characters, so these pass, beyond ASCII as UTF-8.
///
/// # Errors
/// [`Code::InvalidHeader`] where the token is empty or holds white space or a control character:
/// the field would then mean something else.
pub fn authorization(token: &str) -> Result<HeaderValue, Error> {
    let refuse = |what| Err(Error::new(Code::InvalidHeader, what));
    if token.is_empty() {
        return refuse("a bearer token cannot be empty");
    }
    if token.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return refuse("a bearer token cannot hold white space or a control character");
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
    fn a_token_may_hold_utf_8() {
        assert_eq!(authorization("jetón|1").unwrap().as_bytes(), "Bearer jetón|1".as_bytes());
    }

    #[test]
    fn a_token_that_would_change_the_field_is_refused_without_being_repeated() {
        for token in ["", " ", "secret ", "\tsecret", "sec ret", "secret\r\nX: 1", "sec\u{a0}ret"] {
            let error = authorization(token).unwrap_err();
            assert_eq!(error.code, Code::InvalidHeader, "{token:?}");
            assert!(!error.message.contains("ret"), "{error}");
        }
    }
}
