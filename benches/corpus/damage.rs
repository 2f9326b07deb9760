//! Damage done to a document.

use fastrand::Rng;

use super::pick;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// One byte is deleted.
    Delete,
    /// One byte is put in.
    Insert,
    /// One byte is replaced by another.
    Replace,
    /// Forty bytes in a row are lost.
    Lose,
}

impl Damage {
    /// All of them, with the share of leaves that has to survive.
    pub const ALL: &[(Self, &str, f64)] = &[
        (Self::Delete, "one byte deleted", 0.97),
        (Self::Insert, "one byte inserted", 0.95),
        (Self::Replace, "one byte replaced", 0.93),
        (Self::Lose, "40 bytes lost", 0.87),
    ];
}

/// The text with damage at a place of chance; never valid JSON.
pub fn damaged(text: &str, damage: Damage, rng: &mut Rng) -> Vec<u8> {
    loop {
        let mut bytes = text.as_bytes().to_vec();
        let at = rng.usize(..bytes.len().saturating_sub(40));
        match damage {
            Damage::Delete => {
                bytes.remove(at);
            }
            Damage::Insert => bytes.insert(at, byte(rng)),
            Damage::Replace => bytes[at] = byte(rng),
            Damage::Lose => {
                bytes.drain(at..at + 40);
            }
        }
        let valid = std::str::from_utf8(&bytes)
            .is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
        if !valid {
            return bytes;
        }
    }
}

/// Half of the time a byte that means something in JSON.
fn byte(rng: &mut Rng) -> u8 {
    if rng.bool() { pick(rng, b"{}[]\",:\\'\n") } else { rng.u8(b' '..=b'~') }
}
