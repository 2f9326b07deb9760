//! The message authentication code (MAC) of a signed cookie, and the derivation of its key.

use sha1::Sha1;
use sha2::{Digest as Hash, Sha256, Sha512};
use zeroize::Zeroizing;

use crate::auth::encoding::Encoding;
use crate::auth::hash::Digest;
use crate::auth::mac::{hmac, is_same_mac};
use crate::code::Error;

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
    pub(super) fn mac(&self, payload: &str, timestamp: &str) -> Result<Zeroizing<String>, Error> {
        let parts = [payload.as_bytes(), b".", timestamp.as_bytes()];
        hmac(self.digest, &self.derived_key, &parts, Encoding::Base64Url)
    }

    /// Whether the MAC is right. The comparison takes constant time.
    pub(super) fn verify(&self, payload: &str, timestamp: &str, mac: &str) -> bool {
        self.mac(payload, timestamp).is_ok_and(|expected| is_same_mac(&expected, mac.as_bytes()))
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
    fn a_mac_of_another_length_or_alphabet_is_refused() {
        let signer = Signer::new(Digest::Sha1, "key");
        let mac = signer.mac("{}", "AQ").unwrap().to_string();
        assert!(signer.verify("{}", "AQ", &mac));
        for wrong in ["", &mac[1..], &format!("{mac}="), &format!("{mac}AA"), &format!(" {mac}")] {
            assert!(!signer.verify("{}", "AQ", wrong), "{wrong:?} is accepted");
        }
    }
}
