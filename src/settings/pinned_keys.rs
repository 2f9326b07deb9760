//! Pinned public keys of servers, in the form of curl: `sha256//BASE64;sha256//BASE64`.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::code::{Code, Error};

/// The name of the only digest.
const PREFIX: &str = "sha256//";

/// The SHA-256 digests of the public keys that a server may have. A digest covers the
/// `SubjectPublicKeyInfo` of the certificate (RFC 7469 section 2.4).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PinnedKeys(Arc<[[u8; 32]]>);

impl PinnedKeys {
    /// Reads a list.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if an entry is not a SHA-256 digest in base64.
    pub fn parse(pins: &str) -> Result<Self, Error> {
        let pins = pins.split(';').zip(1..).map(|(pin, number)| {
            parse_pin(pin).ok_or_else(|| {
                let message = format!(
                    "pinned key {number} is not {PREFIX} and the base64 of a SHA-256 digest (44 \
                     characters)"
                );
                Error::new(Code::InvalidArgument, message)
            })
        });
        Ok(Self(pins.collect::<Result<_, _>>()?))
    }

    /// Whether a key has one of the digests.
    #[must_use]
    pub fn contains(&self, digest: &[u8; 32]) -> bool {
        self.0.contains(digest)
    }
}

fn parse_pin(pin: &str) -> Option<[u8; 32]> {
    STANDARD.decode(pin.strip_prefix(PREFIX)?).ok()?.try_into().ok()
}

/// A digest as an entry of a list.
#[must_use]
pub fn pin(digest: &[u8; 32]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(digest))
}

impl fmt::Debug for PinnedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(pin)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_contains_each_of_its_digests() {
        let (one, other) = ([1; 32], [0xfe; 32]);
        let pins = PinnedKeys::parse(&format!("{};{}", pin(&one), pin(&other))).unwrap();
        assert!(pins.contains(&one) && pins.contains(&other) && !pins.contains(&[2; 32]));
        assert_eq!(PinnedKeys::parse(&pin(&one)).unwrap().0.len(), 1);
        assert_eq!(
            format!("{pins:?}"),
            "[\"sha256//AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\", \
             \"sha256///v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v4=\"]"
        );
    }

    #[test]
    fn everything_else_is_refused_by_its_number() {
        let good = pin(&[7; 32]);
        for (wrong, number) in [
            (String::new(), 1),
            (format!("{good};"), 2),
            (format!(";{good}"), 1),
            (format!("{good}; {good}"), 2),
            (good.replace("sha256//", ""), 1),
            (good.replace("sha256//", "sha1//"), 1),
            (good.replace("sha256//", "SHA256//"), 1),
            (good.replace('=', ""), 1),
            (format!("{good},{good}"), 1),
            ("sha256//BwcHBw==".to_owned(), 1),
            (format!("{good};/etc/key.pem"), 2),
        ] {
            let error = PinnedKeys::parse(&wrong).unwrap_err();
            assert_eq!(error.code, Code::InvalidArgument, "{wrong}");
            let begin = format!("pinned key {number} is not ");
            assert!(error.message.starts_with(&begin), "{wrong}: {error}");
        }
    }
}
