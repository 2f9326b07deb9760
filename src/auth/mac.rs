//! Message authentication codes by HMAC (RFC 2104), as text.

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::encoding::Encoding;
use super::hash::Digest;
use crate::code::{Code, Error};

/// The HMAC of the parts, one after another.
///
/// # Errors
/// [`Code::InvalidArgument`] if the key is empty, because anybody could compute the same MAC.
pub fn hmac(
    digest: Digest,
    key: &[u8],
    parts: &[&[u8]],
    encoding: Encoding,
) -> Result<Zeroizing<String>, Error> {
    if key.is_empty() {
        return Err(Error::new(Code::InvalidArgument, "the key of an HMAC is empty"));
    }
    match digest {
        Digest::Sha1 => keyed_hash::<Sha1>(key, parts, encoding),
        Digest::Sha256 => keyed_hash::<Sha256>(key, parts, encoding),
        Digest::Sha512 => keyed_hash::<Sha512>(key, parts, encoding),
    }
}

fn keyed_hash<D: EagerHash>(
    key: &[u8],
    parts: &[&[u8]],
    encoding: Encoding,
) -> Result<Zeroizing<String>, Error> {
    let mut mac = Hmac::<D>::new_from_slice(key)
        .map_err(|_| Error::new(Code::Internal, "HMAC refused a key"))?;
    for part in parts {
        mac.update(part);
    }
    Ok(encoding.encode(&mac.finalize().into_bytes()))
}

/// Whether the received MAC is the expected one. The time depends only on the lengths.
pub(super) fn is_same_mac(expected: &str, received: &[u8]) -> bool {
    expected.as_bytes().ct_eq(received).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 section 4.3, and RFC 2202 section 3, test case 2.
    #[test]
    fn the_examples_of_the_rfcs_have_their_mac() {
        let mac = |digest| {
            let parts: [&[u8]; 3] = [b"what do ya want ", b"", b"for nothing?"];
            hmac(digest, b"Jefe", &parts, Encoding::Hex).unwrap()
        };
        assert_eq!(*mac(Digest::Sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(
            *mac(Digest::Sha256),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            *mac(Digest::Sha512),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
             9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        );
    }

    /// RFC 4231 section 4.7: a key that is longer than a block.
    #[test]
    fn a_key_longer_than_a_block_is_hashed_first() {
        let text: &[u8] = b"Test Using Larger Than Block-Size Key - Hash Key First";
        let mac = hmac(Digest::Sha256, &[0xaa; 131], &[text], Encoding::Hex).unwrap();
        assert_eq!(*mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn an_empty_key_is_refused() {
        let error = hmac(Digest::Sha256, b"", &[b"data"], Encoding::Hex).unwrap_err();
        assert_eq!(error.code, Code::InvalidArgument, "{error}");
    }

    #[test]
    fn only_an_equal_mac_is_the_same() {
        assert!(is_same_mac("abc", b"abc"));
        for other in ["", "ab", "abcd", "abd", "ABC", "abc "] {
            assert!(!is_same_mac("abc", other.as_bytes()), "{other:?}");
        }
    }
}
