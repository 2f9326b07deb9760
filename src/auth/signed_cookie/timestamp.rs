//! The timestamp of a signed cookie: seconds since 1970 as big-endian bytes without leading zeros,
//! in base64url without padding.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Whole seconds since 1970; 0 for any time before.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

pub(super) fn encode(time: SystemTime) -> String {
    let bytes = seconds(time).to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    URL_SAFE_NO_PAD.encode(bytes.get(zeros..).unwrap_or_default())
}

/// The seconds since 1970; `None` if the text is not a timestamp.
pub(super) fn decode(text: &str) -> Option<u64> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let mut padded = [0; 8];
    let start = padded.len().checked_sub(bytes.len())?;
    padded.get_mut(start..)?.copy_from_slice(&bytes);
    Some(u64::from_be_bytes(padded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_timestamp_takes_no_more_bytes_than_it_needs() {
        let at = |seconds| encode(UNIX_EPOCH + Duration::from_secs(seconds));
        for (number, text) in
            [(0, ""), (1, "AQ"), (255, "_w"), (256, "AQA"), (0x5e8e_6580, "Xo5lgA")]
        {
            assert_eq!(at(number), text, "of {number}");
            assert_eq!(decode(text), Some(number), "of {text:?}");
        }
        assert_eq!(encode(UNIX_EPOCH - Duration::from_secs(1)), "");
    }

    #[test]
    fn malformed_timestamps_are_refused() {
        for text in ["A", "AQ==", "+w", "AB", "AQEBAQEBAQEB", "Xo5lgA\n", "é"] {
            assert_eq!(decode(text), None, "{text:?} is read as a timestamp");
        }
    }
}
