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
