//! Signed cookies in the format of itsdangerous' `TimestampSigner`: `<json>.<timestamp>.<mac>`.
//!
//! This code does not use the library's signer, so that the two check each other.

use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::{Digest, Sha1};

/// The reason why a cookie is not trusted.
#[derive(Debug, PartialEq, Eq)]
pub enum CookieError {
    /// It is not a signed JSON value.
    Form,
    /// The MAC does not match the value.
    Signature,
    /// It was signed in the future.
    Future,
    /// It is too old.
    Expired,
}

/// The value of the first cookie of this name, unquoted.
pub fn find<'a>(fields: impl IntoIterator<Item = &'a HeaderValue>, name: &str) -> Option<String> {
    fields.into_iter().find_map(|field| {
        let text = std::str::from_utf8(field.as_bytes()).ok()?;
        let pairs = text.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(candidate, _)| *candidate == name).map(|(_, value)| unquote(value))
    })
}

/// Decodes the quoted form: the quotes, `\"`, `\\`, and `\073` (octal, as Python writes characters
/// that are not allowed in a cookie). A value without quotes stays unchanged.
fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut plain = Vec::with_capacity(inner.len());
    let mut rest = inner.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let (unquoted, after) = match (byte, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) => {
                ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), after)
            }
            (b'\\', [escaped, after @ ..]) => (*escaped, after),
            _ => (byte, after),
        };
        plain.push(unquoted);
        rest = after;
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// The payload of a cookie that this key signed at most `max_age` seconds before `now` (seconds
/// since 1970).
pub fn verify(cookie: &str, key: &str, max_age: u64, now: u64) -> Result<Value, CookieError> {
    let (signed, mac) = cookie.rsplit_once('.').ok_or(CookieError::Form)?;
    let (payload, timestamp) = signed.rsplit_once('.').ok_or(CookieError::Form)?;
    check_mac(signed, mac, key)?;
    let age = now.checked_sub(seconds(timestamp)?).ok_or(CookieError::Future)?;
    if age > max_age {
        return Err(CookieError::Expired);
    }
    serde_json::from_str(payload).ok().filter(Value::is_object).ok_or(CookieError::Form)
}

fn check_mac(signed: &str, mac: &str, key: &str) -> Result<(), CookieError> {
    // itsdangerous' key derivation "django-concat" with its default salt.
    let derived =
        Sha1::new().chain_update("itsdangerous.Signersigner").chain_update(key).finalize();
    let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| CookieError::Form)?;
    Hmac::<Sha1>::new_from_slice(&derived)
        .map_err(|_| CookieError::Signature)?
        .chain_update(signed)
        .verify_slice(&mac)
        .map_err(|_| CookieError::Signature)
}

/// Big-endian seconds since 1970, without leading zero bytes.
fn seconds(timestamp: &str) -> Result<u64, CookieError> {
    let bytes = URL_SAFE_NO_PAD.decode(timestamp).map_err(|_| CookieError::Form)?;
    if bytes.is_empty() || bytes.len() > 8 {
        return Err(CookieError::Form);
    }
    Ok(bytes.iter().fold(0, |seconds, byte| seconds << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ka5ud5455&y&a&e£u£334ee4rka5y&a&e£u£334ud5455&y&£";
    const SIGNED_AT: u64 = 1_586_390_400;
    const COOKIE: &str = concat!(
        r#"{"uuid": "19d66a3e-cf98-4d68-8b9a-1df2a40b067f", "key_id": "service1>service2"}"#,
        ".Xo5lgA.i3C_q5NExD1dUc42-jyrv-vcFsc"
    );

    #[test]
    fn a_cookie_signed_by_itsdangerous_verifies() {
        let payload = verify(COOKIE, KEY, 50, SIGNED_AT + 50).unwrap();
        assert_eq!(payload["key_id"], "service1>service2");
    }

    #[test]
    fn old_cookies_and_cookies_of_the_future_are_refused() {
        assert_eq!(verify(COOKIE, KEY, 50, SIGNED_AT + 51), Err(CookieError::Expired));
        assert_eq!(verify(COOKIE, KEY, 50, SIGNED_AT - 1), Err(CookieError::Future));
    }

    #[test]
    fn a_changed_payload_and_another_key_are_refused() {
        let changed = COOKIE.replace("19d6", "29d6");
        assert_eq!(verify(&changed, KEY, 50, SIGNED_AT), Err(CookieError::Signature));
        assert_eq!(verify(COOKIE, "another", 50, SIGNED_AT), Err(CookieError::Signature));
    }

    #[test]
    fn a_value_that_is_not_signed_json_is_refused() {
        for cookie in ["", "a", "a.b", "{}.Xo5lgA.!!!"] {
            assert_eq!(verify(cookie, KEY, 50, SIGNED_AT), Err(CookieError::Form), "{cookie:?}");
        }
    }

    #[test]
    fn a_quoted_value_is_unquoted_and_a_raw_value_stays() {
        let field = HeaderValue::from_static(r#"a=1; session="{\"a\": \"\\\\u003b\073\"}"; b=2"#);
        assert_eq!(find([&field], "session").unwrap(), r#"{"a": "\\u003b;"}"#);
        assert_eq!(find([&field], "b").unwrap(), "2");
        assert_eq!(find([&field], "c"), None);
    }

    #[test]
    fn the_first_of_several_cookies_is_used() {
        let fields = [HeaderValue::from_static("s=1; s=2"), HeaderValue::from_static("s=3")];
        assert_eq!(find(&fields, "s").unwrap(), "1");
    }
}
