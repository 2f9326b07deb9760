//! The `Basic` scheme (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::code::{Code, Error};
use crate::log::{SecretWriter, header_value};

/// The value of `Authorization` for a user name and a password, in UTF-8 (RFC 7617 section 2.1).
/// Both may be empty. The value is marked sensitive, and its memory is wiped when its last clone is
/// dropped.
///
/// # Errors
/// [`Code::InvalidArgument`] if the user name contains a colon, which would end the name, or if
/// either contains a control character (RFC 7617 section 2).
pub fn authorization(user: &str, password: &str) -> Result<HeaderValue, Error> {
    let refuse = |reason| Err(Error::new(Code::InvalidArgument, reason));
    if user.contains(':') {
        return refuse("the user name of Basic credentials contains a colon");
    }
    if user.chars().chain(password.chars()).any(char::is_control) {
        return refuse("the Basic credentials contain a control character");
    }
    let mut pair =
        SecretWriter::with_capacity(user.len().saturating_add(password.len()).saturating_add(1));
    pair.push_str(user);
    pair.push(':');
    pair.push_str(password);
    let encoded = Zeroizing::new(STANDARD.encode(pair.finish().as_bytes()));
    let mut value = SecretWriter::with_capacity(encoded.len().saturating_add(6));
    value.push_str("Basic ");
    value.push_str(&encoded);
    header_value(value.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_7617_are_encoded_as_printed() {
        let value = authorization("Aladdin", "open sesame").unwrap();
        assert_eq!(value, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(authorization("test", "123£").unwrap(), "Basic dGVzdDoxMjPCow==");
    }

    #[test]
    fn a_password_may_contain_colons_and_either_may_be_empty() {
        assert_eq!(authorization("a", "b:c").unwrap(), "Basic YTpiOmM=");
        assert_eq!(authorization("", "").unwrap(), "Basic Og==");
    }

    #[test]
    fn invalid_credentials_are_refused_and_not_repeated_in_the_error() {
        for (user, password) in
            [("us:er", "secret"), ("us\ner", "secret"), ("user", "sec\u{7f}ret")]
        {
            let error = authorization(user, password).unwrap_err();
            assert_eq!(error.code, Code::InvalidArgument, "{user:?}");
            assert!(!error.message.contains("ret"), "{error}");
        }
    }

    #[test]
    fn the_value_is_marked_sensitive() {
        assert!(authorization("user", "password").unwrap().is_sensitive());
    }
}
