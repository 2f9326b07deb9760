//! The message authentication code (MAC) of a signed cookie, and the derivation of its key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as Hash, Sha256, Sha512};
use zeroize::Zeroizing;

use crate::code::{Code, Error};

/// Digest of a signed cookie: SHA-1. Use it only for cookie-manager, which verifies it.
pub const SAC_DIGEST_SHA1: i32 = 1;
/// Digest of a signed cookie: SHA-256.
pub const SAC_DIGEST_SHA256: i32 = 2;
/// Digest of a signed cookie: SHA-512.
pub const SAC_DIGEST_SHA512: i32 = 3;

/// The digest of a signed cookie's MAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
#[allow(missing_docs)] // Each is documented at its constant.
pub enum Digest {
    Sha1 = SAC_DIGEST_SHA1,
    Sha256 = SAC_DIGEST_SHA256,
    Sha512 = SAC_DIGEST_SHA512,
}

impl TryFrom<i32> for Digest {
    type Error = Error;

    fn try_from(number: i32) -> Result<Self, Error> {
        match number {
            SAC_DIGEST_SHA1 => Ok(Self::Sha1),
            SAC_DIGEST_SHA256 => Ok(Self::Sha256),
            SAC_DIGEST_SHA512 => Ok(Self::Sha512),
            _ => Err(Error::new(
                Code::InvalidArgument,
                format!("{number} is not a digest; use SAC_DIGEST_SHA1, _SHA256 or _SHA512"),
            )),
        }
    }
}

/// A digest and the key that is derived for it.
#[derive(Clone)]
pub(super) struct Signer {
    digest: Digest,
    derived_key: Zeroizing<Vec<u8>>,
}

impl Signer {
    /// Derives the key as itsdangerous does by default ("django-concat"): the digest of its
    /// salt, the word `signer` and the key.
    pub(super) fn new(digest: Digest, key: &str) -> Self {
        let derived_key = match digest {
            Digest::Sha1 => derive_key::<Sha1>(key),
            Digest::Sha256 => derive_key::<Sha256>(key),
            Digest::Sha512 => derive_key::<Sha512>(key),
        };
        Self { digest, derived_key }
    }

    /// The MAC in base64url.
    pub(super) fn mac(&self, payload: &str, timestamp: &str) -> Result<String, Error> {
        match self.digest {
            Digest::Sha1 => self.encoded_mac::<Sha1>(payload, timestamp),
            Digest::Sha256 => self.encoded_mac::<Sha256>(payload, timestamp),
            Digest::Sha512 => self.encoded_mac::<Sha512>(payload, timestamp),
        }
    }

    /// Whether the MAC is right. The comparison takes constant time.
    pub(super) fn verify(&self, payload: &str, timestamp: &str, mac: &str) -> bool {
        match self.digest {
            Digest::Sha1 => self.matches::<Sha1>(payload, timestamp, mac),
            Digest::Sha256 => self.matches::<Sha256>(payload, timestamp, mac),
            Digest::Sha512 => self.matches::<Sha512>(payload, timestamp, mac),
        }
    }

    fn encoded_mac<D: EagerHash>(&self, payload: &str, timestamp: &str) -> Result<String, Error> {
        let mac = self.hmac::<D>(payload, timestamp)?;
        Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn matches<D: EagerHash>(&self, payload: &str, timestamp: &str, mac: &str) -> bool {
        let Ok(received) = URL_SAFE_NO_PAD.decode(mac) else { return false };
        self.hmac::<D>(payload, timestamp).is_ok_and(|mac| mac.verify_slice(&received).is_ok())
    }

    fn hmac<D: EagerHash>(&self, payload: &str, timestamp: &str) -> Result<Hmac<D>, Error> {
        let mut mac = Hmac::<D>::new_from_slice(&self.derived_key)
            .map_err(|_| Error::new(Code::Internal, "HMAC refused a key"))?;
        for part in [payload, ".", timestamp] {
            mac.update(part.as_bytes());
        }
        Ok(mac)
    }
}

fn derive_key<D: Hash>(key: &str) -> Zeroizing<Vec<u8>> {
    let mut digest = D::new();
    for part in ["itsdangerous.Signer", "signer", key] {
        digest.update(part.as_bytes());
    }
    Zeroizing::new(digest.finalize().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_have_the_numbers_that_c_sees() {
        for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha512] {
            assert_eq!(Digest::try_from(digest as i32).unwrap(), digest);
        }
        for number in [0, 4, -1, 256, i32::MAX] {
            assert_eq!(Digest::try_from(number).unwrap_err().code, Code::InvalidArgument);
        }
    }

    #[test]
    fn a_mac_of_another_length_or_alphabet_is_refused() {
        let signer = Signer::new(Digest::Sha1, "key");
        let mac = signer.mac("{}", "AQ").unwrap();
        assert!(signer.verify("{}", "AQ", &mac));
        for wrong in ["", &mac[1..], &format!("{mac}="), &format!("{mac}AA"), &format!(" {mac}")] {
            assert!(!signer.verify("{}", "AQ", wrong), "{wrong:?} is accepted");
        }
    }
}
