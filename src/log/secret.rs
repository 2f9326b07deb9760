//! Secret text: wiped from memory on drop, and never printed.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::code::{Code, Error};

/// The replacement for a secret.
pub const REDACTED: &str = "[redacted]";

/// A secret text. Its memory is wiped on drop. It has no `Display`, and its `Debug` shows nothing.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. The caller is responsible for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<Zeroizing<String>> for Secret {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Builds a secret text piece by piece.
///
/// A plain `String` leaves a copy in its old memory when it grows; this type wipes it.
/// [`fmt::Write`] makes it a target of `write!`.
#[derive(Default)]
pub struct SecretWriter(Zeroizing<String>);

impl SecretWriter {
    /// An empty text with room for this many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Zeroizing::new(String::with_capacity(bytes)))
    }

    /// Appends a text.
    pub fn push_str(&mut self, text: &str) {
        let needed = self.0.len().saturating_add(text.len());
        if needed > self.0.capacity() {
            let mut larger = String::with_capacity(needed.saturating_mul(2));
            larger.push_str(&self.0);
            self.0 = Zeroizing::new(larger);
        }
        self.0.push_str(text);
    }

    /// Appends a character.
    pub fn push(&mut self, character: char) {
        self.push_str(character.encode_utf8(&mut [0; 4]));
    }

    /// The text.
    #[must_use]
    pub fn finish(self) -> Zeroizing<String> {
        self.0
    }
}

impl fmt::Write for SecretWriter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

/// Turns a secret text into a header field value that owns the same memory.
///
/// Clones of the value share the memory, also inside a header map. It is wiped with the last clone.
/// The value is marked sensitive, so its `Debug` shows nothing either.
///
/// # Errors
/// [`Code::InvalidHeader`] if the text contains a control character (RFC 9110 section 5.5).
pub fn header_value(text: Zeroizing<String>) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).map_err(|_| {
        Error::new(Code::InvalidHeader, "a header field value contains a control character")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// A name that contains one of these texts is a secret's.
const SECRET_SUBSTRINGS: &[&str] = &[
    "token",
    "key",
    "secret",
    "auth",
    "password",
    "passwd",
    "passcode",
    "passphrase",
    "signature",
    "session",
    "credential",
    "bearer",
    "hmac",
    "assertion",
    "csrf",
    "xsrf",
];

/// A name that contains one of these words is a secret's: between characters other than letters and
/// digits, or as a word in camel case. As a part of a word they would match harmless names.
const SECRET_WORDS: &[&str] = &[
    "cookie", "pass", "pwd", "pw", "sig", "mac", "jwt", "otp", "totp", "pin", "dpop", "sid",
    "creds", "cred", "ticket", "saml",
];

/// Complete names of secrets: codes that work like a token (RFC 6749 section 4.1.2, RFC 7636
/// section 4.1, RFC 8628 section 3.2).
const SECRET_NAMES: &[&str] =
    &["code", "code_verifier", "device_code", "user_code", "verification_code", "security_code"];

/// Whether a header field or a query parameter with this name contains a secret, in any case:
/// `Authorization`, `Proxy-Authorization`, `Cookie`, `Set-Cookie`, and names for a token, a key, a
/// secret, a password, a signature, a session or credentials.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let listed = |list: &[&str], name: &str| list.iter().any(|one| name.eq_ignore_ascii_case(one));
    listed(SECRET_NAMES, name)
        || SECRET_SUBSTRINGS.iter().any(|word| contains_ignore_case(name, word))
        || name.split(|character: char| !character.is_ascii_alphanumeric()).any(|part| {
            listed(SECRET_WORDS, part) || camel_words(part).any(|word| listed(SECRET_WORDS, word))
        })
}

/// The words of a name in camel case. Each begins with a capital letter after a small letter or a
/// digit.
fn camel_words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let small = |pair: &[u8]| matches!(pair, [b'a'..=b'z' | b'0'..=b'9', b'A'..=b'Z']);
        let end = rest.as_bytes().windows(2).position(small);
        let (word, after) =
            rest.split_at_checked(end.map_or(rest.len(), |at| at.saturating_add(1)))?;
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

fn contains_ignore_case(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn a_secret_shows_nothing_in_debug_output() {
        let secret = Secret::from("correct horse battery staple");
        assert_eq!(format!("{secret:?}"), "[redacted]");
        assert_eq!(format!("{:?}", Some(&secret)), "Some([redacted])");
        assert_eq!(secret.expose(), "correct horse battery staple");
    }

    #[test]
    fn a_header_value_and_its_clones_share_the_secret_memory() {
        let text = Zeroizing::new(String::from("Bearer correct-horse-battery"));
        let place = text.as_ptr();
        let value = header_value(text).unwrap();
        assert_eq!(value.as_bytes().as_ptr(), place, "the text was copied, the copy is not wiped");
        assert_eq!(value.clone().as_bytes().as_ptr(), place, "a clone copied the text");
        assert!(value.is_sensitive());
        assert!(!format!("{value:?}").contains("correct"), "{value:?}");
    }

    #[test]
    fn a_header_value_may_hold_utf_8_but_no_line_break() {
        let value = header_value(Zeroizing::new("Bearer pässwörd".to_owned())).unwrap();
        assert_eq!(value.as_bytes(), "Bearer pässwörd".as_bytes());
        let refused = header_value(Zeroizing::new("a\r\nX-Injected: 1".to_owned())).unwrap_err();
        assert_eq!(refused.code, Code::InvalidHeader);
        assert!(!refused.message.contains("Injected"), "{refused}");
    }

    #[test]
    fn a_writer_keeps_its_text_while_it_grows() {
        let mut writer = SecretWriter::default();
        for number in 0..100 {
            write!(writer, "{number};").unwrap();
            writer.push('é');
        }
        let expected = (0..100).map(|number| format!("{number};é")).collect::<String>();
        assert_eq!(*writer.finish(), expected);
    }

    #[test]
    fn names_of_secrets_are_recognised_in_any_case() {
        for name in [
            "Authorization",
            "proxy-authorization",
            "COOKIE",
            "Set-Cookie",
            "X-Auth-Token",
            "api_key",
            "apikey",
            "ClientSecret",
            "password",
            "X-Amz-Signature",
            "PHPSESSIONID",
            "X-Amz-Credential",
            "access_token",
            "sig",
            "jwt",
            "X-Jwt",
            "X-Otp",
            "user_pw",
            "DPoP",
            "Passphrase",
            "X-Pass",
            "X-Bearer",
            "X-Hmac",
            "X-Csrf",
            "X-Ticket",
            "X-Saml-Assertion",
            "X-Api-Creds",
            "pass",
            "userPass",
            "user[pass]",
            "passcode",
            "code",
            "Code",
            "code_verifier",
            "device_code",
            "client_assertion",
        ] {
            assert!(is_secret_name(name), "{name} does not count as a secret");
        }
    }

    #[test]
    fn ordinary_names_are_not_taken_for_secrets() {
        for name in [
            "",
            "Accept",
            "Content-Type",
            "page",
            "Cookies",
            "design",
            "Date",
            "ke",
            "postal_code",
            "X-Error-Code",
            "passenger",
            "compass",
            "Bypass",
            "encode",
            "machine",
            "X-Pinned",
        ] {
            assert!(!is_secret_name(name), "{name} counts as a secret");
        }
    }

    #[cfg(target_os = "linux")]
    mod memory {
        use super::*;
        use std::fs::File;
        use std::os::unix::fs::FileExt;

        /// The process's own bytes at an address; `None` if no memory is mapped there.
        fn look(address: usize, length: usize) -> Option<Vec<u8>> {
            let mut bytes = vec![0; length];
            let memory = File::open("/proc/self/mem").unwrap();
            memory.read_exact_at(&mut bytes, address as u64).ok().map(|()| bytes)
        }

        /// A long text that exists only once in memory. Each test uses another `seed`.
        fn rare(seed: char) -> String {
            std::iter::repeat_n(seed, 64).chain("\u{1F511}".chars()).collect()
        }

        fn assert_wiped(address: usize, length: usize, seed: char) {
            let Some(bytes) = look(address, length) else { return };
            let remaining = bytes.iter().filter(|byte| **byte == seed as u8).count();
            assert!(
                remaining < length / 2,
                "{remaining} of {length} secret bytes are still in memory"
            );
        }

        #[test]
        fn a_dropped_secret_is_gone_from_memory() {
            let secret = Secret::from(rare('Q').as_str());
            let (address, length) = (secret.expose().as_ptr() as usize, 64);
            assert_eq!(look(address, length).unwrap(), [b'Q'; 64], "read the wrong address");
            drop(secret);
            assert_wiped(address, length, 'Q');
        }

        #[test]
        fn the_last_clone_of_a_header_value_wipes_it() {
            let value = header_value(Zeroizing::new("Z".repeat(64))).unwrap();
            let (address, length) = (value.as_bytes().as_ptr() as usize, 64);
            let clone = value.clone();
            drop(value);
            assert_eq!(look(address, length).unwrap(), [b'Z'; 64], "wiped while still in use");
            drop(clone);
            assert_wiped(address, length, 'Z');
        }

        #[test]
        fn a_growing_writer_wipes_its_old_memory() {
            let mut writer = SecretWriter::with_capacity(64);
            writer.push_str(&"J".repeat(64));
            let address = writer.0.as_ptr() as usize;
            writer.push_str(&"j".repeat(640));
            assert_ne!(
                writer.0.as_ptr() as usize,
                address,
                "the text did not move, so the test proves nothing"
            );
            assert_wiped(address, 64, 'J');
        }
    }
}
