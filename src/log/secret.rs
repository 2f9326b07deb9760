//! Text that must not be seen: wiped from memory when it is forgotten, and never printed.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::code::{Code, Error};

/// What stands wherever a secret would have stood.
pub const REDACTED: &str = "[redacted]";

/// A secret text. Its memory is wiped on drop; there is no `Display`, and `Debug` shows nothing.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. Whoever asks answers for where it goes.
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
/// A plain `String` that grows leaves its old memory behind as it was; this one wipes it.
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

    /// What was written.
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

/// Turns a secret text into a header field value that owns that very memory.
///
/// Clones of the value, those inside a header map included, share it; it is wiped when the last
/// of them goes. The value is marked sensitive, so its `Debug` shows nothing either.
///
/// # Errors
/// [`Code::InvalidHeader`] where the text holds a control character (RFC 9110 section 5.5).
pub fn header_value(text: Zeroizing<String>) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).map_err(|_| {
        Error::new(Code::InvalidHeader, "a header field value holds a control character")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Words that mark a name as that of a secret wherever they stand in it.
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

/// Words that mark a name as that of a secret where they stand alone in it, between other characters
/// than letters and digits or as a word of a name in camel case: as part of a word they would catch
/// harmless ones.
const SECRET_WORDS: &[&str] = &[
    "cookie", "pass", "pwd", "pw", "sig", "mac", "jwt", "otp", "totp", "pin", "dpop", "sid",
    "creds", "cred", "ticket", "saml",
];

/// Names that are those of secrets as a whole: codes that stand for a token (RFC 6749 section 4.1.2,
/// RFC 7636 section 4.1, RFC 8628 section 3.2).
const SECRET_NAMES: &[&str] =
    &["code", "code_verifier", "device_code", "user_code", "verification_code", "security_code"];

/// Whether a header field or a query parameter of this name holds a secret, in any case of letters:
/// `Authorization`, `Proxy-Authorization`, `Cookie`, `Set-Cookie`, and whatever speaks of a token, a
/// key, a secret, a password, a signature, a session or credentials.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let listed = |list: &[&str], name: &str| list.iter().any(|one| name.eq_ignore_ascii_case(one));
    listed(SECRET_NAMES, name)
        || SECRET_SUBSTRINGS.iter().any(|word| contains_ignore_case(name, word))
        || name.split(|character: char| !character.is_ascii_alphanumeric()).any(|part| {
            listed(SECRET_WORDS, part) || camel_words(part).any(|word| listed(SECRET_WORDS, word))
        })
}

/// The words of a name in camel case: each begins with a capital that follows a small letter.
fn camel_words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let small = |pair: &[u8]| matches!(pair, [b'a'..=b'z' | b'0'..=b'9', b'A'..=b'Z']);
        let end = rest.as_bytes().windows(2).position(small);
        let (word, behind) =
            rest.split_at_checked(end.map_or(rest.len(), |at| at.saturating_add(1)))?;
        rest = behind;
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
    fn a_writer_keeps_what_was_written_while_it_grows() {
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
            assert!(is_secret_name(name), "{name} is not taken for a secret");
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
            assert!(!is_secret_name(name), "{name} is taken for a secret");
        }
    }

    #[cfg(target_os = "linux")]
    mod memory {
        use super::*;
        use std::fs::File;
        use std::os::unix::fs::FileExt;

        /// The process's own bytes at an address; `None` where nothing is mapped any more.
        fn look(address: usize, length: usize) -> Option<Vec<u8>> {
            let mut bytes = vec![0; length];
            let memory = File::open("/proc/self/mem").unwrap();
            memory.read_exact_at(&mut bytes, address as u64).ok().map(|()| bytes)
        }

        /// A long text of its own for each test, spelt nowhere else in memory for long.
        fn rare(seed: char) -> String {
            std::iter::repeat_n(seed, 64).chain("\u{1F511}".chars()).collect()
        }

        fn assert_wiped(address: usize, length: usize, seed: char) {
            let Some(bytes) = look(address, length) else { return };
            let left = bytes.iter().filter(|byte| **byte == seed as u8).count();
            assert!(left < length / 2, "{left} of {length} secret bytes are still in memory");
        }

        #[test]
        fn a_dropped_secret_is_gone_from_memory() {
            let secret = Secret::from(rare('Q').as_str());
            let (address, length) = (secret.expose().as_ptr() as usize, 64);
            assert_eq!(look(address, length).unwrap(), [b'Q'; 64], "looked at the wrong place");
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
        fn a_growing_writer_leaves_nothing_behind() {
            let mut writer = SecretWriter::with_capacity(64);
            writer.push_str(&"J".repeat(64));
            let address = writer.0.as_ptr() as usize;
            writer.push_str(&"j".repeat(640));
            assert_ne!(writer.0.as_ptr() as usize, address, "did not move, nothing is shown");
            assert_wiped(address, 64, 'J');
        }
    }
}
