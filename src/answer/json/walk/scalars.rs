//! Numbers and booleans of a walk.

use super::{Quick, Walk};

impl Walk<'_> {
    /// The integer at `place`, if it has up to 18 digits and is not written as a decimal.
    #[inline(always)]
    pub(in super::super) fn int64(self, place: usize) -> Quick<i64> {
        let (negative, rest) = sign(self.bytes.get(place..)?);
        let (value, digits, rest) = digits(rest, 0);
        let plain =
            digits != 0 && digits <= 18 && !matches!(rest.first(), Some(b'.' | b'e' | b'E'));
        plain.then_some(if negative { value.wrapping_neg() } else { value })
    }

    /// The number at `place`, if its digits and its power of ten are exact doubles. Then the quotient is
    /// the nearest double.
    #[inline(always)]
    pub(in super::super) fn double(self, place: usize) -> Quick<f64> {
        let (negative, rest) = sign(self.bytes.get(place..)?);
        let (value, whole, rest) = digits(rest, 0);
        let (value, fraction, rest) = match rest {
            [b'.', rest @ ..] => digits(rest, value),
            _ => (value, 0, rest),
        };
        let exact = whole != 0 && whole.wrapping_add(fraction) <= 15;
        if !exact || matches!(rest.first(), Some(b'e' | b'E')) {
            return None;
        }
        let value = value as f64 / POWERS.get(fraction)?;
        Some(if negative { -value } else { value })
    }

    /// The boolean at `place`.
    #[inline(always)]
    pub(in super::super) fn boolean(self, place: usize) -> Quick<bool> {
        match self.first_byte(place)? {
            b't' => Some(true),
            b'f' => Some(false),
            _ => None,
        }
    }
}

/// Powers of ten.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

#[inline(always)]
fn sign(number: &[u8]) -> (bool, &[u8]) {
    match number {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    }
}

/// Appends the digits at the beginning of `rest` to a number. Returns it, the number of digits, and the
/// rest after them. The value is wrong if there are too many digits.
#[inline(always)]
fn digits(rest: &[u8], value: i64) -> (i64, usize, &[u8]) {
    let (mut value, mut after) = (value, rest);
    while let [byte @ b'0'..=b'9', rest @ ..] = after {
        value = value.wrapping_mul(10).wrapping_add(i64::from(byte.wrapping_sub(b'0')));
        after = rest;
    }
    (value, rest.len().wrapping_sub(after.len()), after)
}
