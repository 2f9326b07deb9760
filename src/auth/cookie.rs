//! Cookies as a client sends them (RFC 6265): allowed names and values, and the quoted-string form.

use zeroize::Zeroizing;

use crate::code::{Code, Error};
use crate::log::SecretWriter;

/// Checks a cookie name: a token (RFC 6265 section 4.1.1, RFC 9110 section 5.6.2).
///
/// # Errors
/// [`Code::InvalidCookie`] if it is not a token.
pub fn check_name(name: &str) -> Result<(), Error> {
    if !name.is_empty() && name.bytes().all(is_token_byte) {
        return Ok(());
    }
    Err(Error::new(
        Code::InvalidCookie,
        "a cookie name must consist of letters, digits and !#$%&'*+-.^_`|~",
    ))
}

/// Checks a cookie value. The library sends it unchanged.
///
/// It must not contain what would affect more than the value: control characters, a semicolon (it
/// ends the value, quoted or not), whitespace at either end (servers strip it), or an opening `"`
/// without a well-formed quoted string (servers may read the next cookies as part of it).
///
/// RFC 6265 section 4.1.1 also forbids servers to set spaces, commas, backslashes, other quotes and
/// non-ASCII characters. They are allowed here, because many servers read them. Other servers need
/// such a value percent-encoded, or as a quoted string.
///
/// # Errors
/// [`Code::InvalidCookie`]; the message does not contain the value.
pub fn check_value(value: &str) -> Result<(), Error> {
    let refuse = |reason| Err(Error::new(Code::InvalidCookie, reason));
    if value.contains(|character: char| character == ';' || character.is_control()) {
        return refuse("the cookie value contains a semicolon or a control character");
    }
    if value.starts_with(' ') || value.ends_with(' ') {
        return refuse("the cookie value begins or ends with a space");
    }
    if value.starts_with('"') && unquote(value).is_none() {
        return refuse("the cookie value begins with a quote, but is not a complete quoted string");
    }
    Ok(())
}

/// Builds the value of a `Cookie` field from names and values, in this order (RFC 6265 section
/// 4.2.1).
#[must_use]
pub fn join<'c>(cookies: impl IntoIterator<Item = (&'c str, &'c str)>) -> Zeroizing<String> {
    let mut joined = SecretWriter::with_capacity(256);
    let mut separator = "";
    for (name, value) in cookies {
        for part in [separator, name, "=", value] {
            joined.push_str(part);
        }
        separator = "; ";
    }
    joined.finish()
}

/// The value as a quoted string: `"` around it, and a backslash before each `"` and `\` in it.
/// Werkzeug and Python's `SimpleCookie` undo this when they read a cookie.
#[must_use]
pub fn quote(value: &str) -> Zeroizing<String> {
    let escapes = value.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    let mut quoted =
        SecretWriter::with_capacity(value.len().saturating_add(escapes).saturating_add(2));
    quoted.push('"');
    for piece in value.split_inclusive(['"', '\\']) {
        match piece.strip_suffix(['"', '\\']) {
            Some(plain) => {
                quoted.push_str(plain);
                quoted.push('\\');
                quoted.push_str(piece.get(plain.len()..).unwrap_or_default());
            }
            None => quoted.push_str(piece),
        }
    }
    quoted.push('"');
    quoted.finish()
}

/// The value of a quoted string; `None` if it is not well-formed.
///
/// Reads a backslash before a character, and also a backslash before three octal digits, which
/// Python's `SimpleCookie` and Werkzeug write for bytes such as the comma (`\054`).
#[must_use]
pub fn unquote(quoted: &str) -> Option<Zeroizing<String>> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"').filter(|_| quoted.len() > 1)?;
    // The buffer never grows, so it leaves no unwiped copy in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(inner.len()));
    let mut rest = inner.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, used) = match *first {
            b'"' => return None,
            b'\\' => octal(after).map(|byte| (byte, 4)).or(Some((*after.first()?, 2)))?,
            plain => (plain, 1),
        };
        bytes.push(byte);
        rest = rest.get(used..)?;
    }
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

/// The byte of three octal digits at the beginning.
fn octal(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits.get(..3)?).ok()?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    u8::from_str_radix(digits, 8).ok()
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    #[test]
    fn a_name_is_a_token() {
        for name in ["a", "session_id", "__Host-x", "!#$%&'*+-.^_`|~09AZ"] {
            assert!(check_name(name).is_ok(), "{name:?} is refused");
        }
        for name in ["", "a b", "a=b", "a;b", "a\"", "a,b", "a/b", "é", "a\n", "a\0", "{a}", "a@b"]
        {
            assert_eq!(check_name(name).unwrap_err().code, Code::InvalidCookie, "{name:?}");
        }
    }

    #[test]
    fn a_value_that_would_break_the_cookie_field_is_refused() {
        for value in
            ["", "abc", "a=b", "\"quoted\"", "\"a\\\"b\\054\"", "a b, c", "{\"a\":1}", "é😀"]
        {
            assert!(check_value(value).is_ok(), "{value:?} is refused");
        }
        for value in ["a;b", "\"a;b\"", "a\nb", "a\r\nSet: x", "a\0", "\u{7f}", "\u{85}", "a\tb"] {
            assert_eq!(check_value(value).unwrap_err().code, Code::InvalidCookie, "{value:?}");
        }
        for value in [" a", "a ", "\"", "\"a", "\"a\"b", "\"a\"b\"", "\"a\\\""] {
            assert_eq!(check_value(value).unwrap_err().code, Code::InvalidCookie, "{value:?}");
        }
    }

    #[test]
    fn cookies_are_joined_in_order() {
        assert_eq!(*join([("a", "1"), ("b", ""), ("a", "2")]), "a=1; b=; a=2");
        assert_eq!(*join([]), "");
    }

    #[test]
    fn quotes_and_backslashes_are_escaped() {
        assert_eq!(*quote(r#"{"a": "\\n"}"#), r#""{\"a\": \"\\\\n\"}""#);
        assert_eq!(*quote(""), r#""""#);
        assert_eq!(*quote("é"), r#""é""#);
    }

    #[test]
    fn octal_escapes_are_read_as_python_writes_them() {
        assert_eq!(*unquote(r#""a\054 b\303\251""#).unwrap(), "a, bé");
        assert_eq!(*unquote(r#""\\054""#).unwrap(), r"\054");
        assert_eq!(*unquote(r#""\05""#).unwrap(), "05");
    }

    #[test]
    fn malformed_quoted_strings_are_refused() {
        for text in ["", "\"", "a", "\"a", "a\"", "\"a\"b\"", "\"a\\\"", "\"\\\"", "\"\\377\""] {
            assert!(unquote(text).is_none(), "{text:?} is read as a quoted string");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(6265), ..Default::default() })]

        #[test]
        fn a_quoted_value_is_read_back_unchanged(value in ".*") {
            prop_assert_eq!(&*unquote(&quote(&value)).unwrap(), &value);
        }
    }
}
