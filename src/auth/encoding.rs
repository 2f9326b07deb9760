//! The texts in which a message authentication code is written.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::code::{Code, Error};

/// Encoding: hexadecimal with lower-case letters (RFC 4648 section 8).
pub const SAC_ENCODING_HEX: i32 = 1;
/// Encoding: base64 with padding (RFC 4648 section 4).
pub const SAC_ENCODING_BASE64: i32 = 2;
/// Encoding: base64url without padding (RFC 4648 section 5), as in a JWT.
pub const SAC_ENCODING_BASE64URL: i32 = 3;

/// How bytes are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
#[allow(missing_docs)] // Each is documented at its constant.
pub enum Encoding {
    Hex = SAC_ENCODING_HEX,
    Base64 = SAC_ENCODING_BASE64,
    Base64Url = SAC_ENCODING_BASE64URL,
}

impl Encoding {
    /// The bytes as text. Its memory is wiped.
    #[must_use]
    pub fn encode(self, bytes: &[u8]) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Hex => hex(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
        })
    }
}

/// The capacity is enough from the start, so that no part stays behind in freed memory.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        let _ = write!(text, "{byte:02x}"); // A string accepts everything.
    }
    text
}

impl TryFrom<i32> for Encoding {
    type Error = Error;

    fn try_from(number: i32) -> Result<Self, Error> {
        match number {
            SAC_ENCODING_HEX => Ok(Self::Hex),
            SAC_ENCODING_BASE64 => Ok(Self::Base64),
            SAC_ENCODING_BASE64URL => Ok(Self::Base64Url),
            _ => Err(Error::new(
                Code::InvalidArgument,
                format!("{number} is not an encoding; use SAC_ENCODING_HEX, _BASE64 or _BASE64URL"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_have_the_numbers_that_c_sees() {
        for encoding in [Encoding::Hex, Encoding::Base64, Encoding::Base64Url] {
            assert_eq!(Encoding::try_from(encoding as i32).unwrap(), encoding);
        }
        for number in [0, 4, -1, 258, i32::MIN] {
            assert_eq!(Encoding::try_from(number).unwrap_err().code, Code::InvalidArgument);
        }
    }

    #[test]
    fn bytes_are_written_in_each_encoding() {
        let bytes = [0x00, 0x0f, 0xfb, 0xff];
        for (encoding, text) in [
            (Encoding::Hex, "000ffbff"),
            (Encoding::Base64, "AA/7/w=="),
            (Encoding::Base64Url, "AA_7_w"),
        ] {
            assert_eq!(*encoding.encode(&bytes), text, "{encoding:?}");
            assert_eq!(*encoding.encode(&[]), "", "{encoding:?}");
        }
    }
}
