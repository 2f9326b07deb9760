//! The hash functions of message authentication codes.

use crate::code::{Code, Error};

/// Digest: SHA-1. Use it only if the other side accepts no better one, as cookie-manager does.
pub const SAC_DIGEST_SHA1: i32 = 1;
/// Digest: SHA-256.
pub const SAC_DIGEST_SHA256: i32 = 2;
/// Digest: SHA-512.
pub const SAC_DIGEST_SHA512: i32 = 3;

/// The hash function of a MAC.
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
}
