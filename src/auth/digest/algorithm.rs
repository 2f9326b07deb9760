//! The hash functions of Digest authentication (RFC 7616 section 6.1).

use md5::Md5;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512_256};
use zeroize::Zeroizing;

/// The hash functions, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Algorithm {
    /// Broken as a signature, but all that many devices know.
    Md5,
    Sha256,
    Sha512_256,
}

impl Algorithm {
    /// The algorithm with this name, and whether it is the variant with a session key.
    pub(super) fn parse(name: &[u8]) -> Option<(Self, bool)> {
        let suffix = name.len().checked_sub(5).and_then(|at| name.split_at_checked(at));
        let (name, session) = match suffix {
            Some((name, suffix)) if suffix.eq_ignore_ascii_case(b"-sess") => (name, true),
            _ => (name, false),
        };
        let all = [Self::Md5, Self::Sha256, Self::Sha512_256];
        let found = all
            .into_iter()
            .find(|algorithm| algorithm.name().as_bytes().eq_ignore_ascii_case(name));
        found.map(|algorithm| (algorithm, session))
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Sha512_256 => "SHA-512-256",
        }
    }

    /// The hash of the parts with colons between them, as the RFC writes it: in hexadecimal.
    pub(super) fn hash(self, parts: &[&[u8]]) -> Zeroizing<String> {
        match self {
            Self::Md5 => hash::<Md5>(parts),
            Self::Sha256 => hash::<Sha256>(parts),
            Self::Sha512_256 => hash::<Sha512_256>(parts),
        }
    }
}

fn hash<D: Digest>(parts: &[&[u8]]) -> Zeroizing<String> {
    let mut digest = D::new();
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            digest.update(b":");
        }
        digest.update(part);
    }
    hexadecimal(&digest.finalize())
}

/// Bytes as lowercase hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().saturating_mul(2)));
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_are_known_by_their_names_in_any_case() {
        for (name, expected) in [
            ("MD5", Some((Algorithm::Md5, false))),
            ("md5-SESS", Some((Algorithm::Md5, true))),
            ("sha-256", Some((Algorithm::Sha256, false))),
            ("SHA-256-sess", Some((Algorithm::Sha256, true))),
            ("SHA-512-256", Some((Algorithm::Sha512_256, false))),
            ("SHA-512-256-sess", Some((Algorithm::Sha512_256, true))),
            ("SHA-512", None),
            ("-sess", None),
            ("", None),
            ("ü-sess", None),
        ] {
            assert_eq!(Algorithm::parse(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn parts_are_joined_with_colons() {
        // RFC 1321 section A.5, FIPS 180-2.
        assert_eq!(*Algorithm::Md5.hash(&[b"abc"]), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(*Algorithm::Md5.hash(&[b"a", b"", b"c"]), *Algorithm::Md5.hash(&[b"a::c"]));
        assert_eq!(
            *Algorithm::Sha256.hash(&[b"abc"]),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
