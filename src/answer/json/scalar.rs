//! The values of scalars: the content of strings, and numbers as integers and doubles.
//!
//! A `raw` string is JSON text: with its quotes and its escapes.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hasher};

use crate::log::prefix;

/// The exact value of a JSON number; `None` if it is not an integer or does not fit into an `i64`.
pub(super) fn int64_value(number: &str) -> Option<i64> {
    match plain_integer(number) {
        Some(value) => Some(value),
        None => i64::try_from(parse_integer(number)?).ok(),
    }
}

/// The same as [`int64_value`] for a `u64`.
pub(super) fn uint64_value(number: &str) -> Option<u64> {
    match plain_integer(number) {
        Some(value) => u64::try_from(value).ok(),
        None => u64::try_from(parse_integer(number)?).ok(),
    }
}

/// The double nearest to a JSON number; `None` if the number is beyond the largest double.
pub(super) fn double_value(number: &str) -> Option<f64> {
    number.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Appends the content of a raw string, without escapes. An escaped lone surrogate is not a character
/// and becomes U+FFFD. The content is never longer than the raw string.
pub(super) fn push_content(raw: &str, bytes: &mut Vec<u8>) {
    let Some(inner) = strip_quotes(raw) else { return };
    for chunk in string_chunks(inner) {
        match chunk {
            StringChunk::Plain(text) => bytes.extend_from_slice(text.as_bytes()),
            StringChunk::Escaped(character) => {
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}

/// The length of the content of a raw string, in bytes.
pub(super) fn content_length(raw: &str) -> Option<usize> {
    Some(
        string_chunks(strip_quotes(raw)?)
            .fold(0, |length, chunk| length.saturating_add(chunk.length())),
    )
}

/// The first `max` bytes of the content of a raw string, or less if a character would be split, and
/// whether this is the whole content.
#[must_use]
pub fn string_prefix(raw: &str, max: usize) -> (String, bool) {
    let mut content = String::new();
    for chunk in strip_quotes(raw).map(string_chunks).into_iter().flatten() {
        let room = max.saturating_sub(content.len());
        match chunk {
            StringChunk::Plain(text) if text.len() > room => {
                content.push_str(prefix(text, room));
                return (content, false);
            }
            StringChunk::Escaped(character) if character.len_utf8() > room => {
                return (content, false);
            }
            chunk => chunk.push_to(&mut content),
        }
    }
    (content, true)
}

/// Whether a raw string has this content. Allocates no memory.
#[must_use]
pub fn string_equals(raw: &str, content: &str) -> bool {
    let Some(inner) = strip_quotes(raw) else { return false };
    let escapes = |text: &str| memchr::memchr(b'\\', text.as_bytes()).is_some();
    // A character is shorter than its escape.
    match inner.len().cmp(&content.len()) {
        Ordering::Less => return false,
        Ordering::Equal => return inner == content && !escapes(inner),
        Ordering::Greater if !escapes(inner) => return false,
        Ordering::Greater => {}
    }
    let mut remaining = content;
    for chunk in string_chunks(inner) {
        let Some(after) = chunk.strip_from(remaining) else { return false };
        remaining = after;
    }
    remaining.is_empty()
}

fn strip_quotes(raw: &str) -> Option<&str> {
    raw.strip_prefix('"')?.strip_suffix('"')
}

/// A part of a string's content.
enum StringChunk<'t> {
    Plain(&'t str),
    Escaped(char),
}

impl StringChunk<'_> {
    fn length(&self) -> usize {
        match self {
            Self::Plain(text) => text.len(),
            Self::Escaped(character) => character.len_utf8(),
        }
    }

    fn push_to(&self, content: &mut String) {
        match self {
            Self::Plain(text) => content.push_str(text),
            Self::Escaped(character) => content.push(*character),
        }
    }

    fn strip_from<'c>(&self, content: &'c str) -> Option<&'c str> {
        match self {
            Self::Plain(text) => content.strip_prefix(text),
            Self::Escaped(character) => content.strip_prefix(*character),
        }
    }
}

/// The content of a raw string without its quotes, chunk by chunk. Ends at an invalid escape.
fn string_chunks(inner: &str) -> impl Iterator<Item = StringChunk<'_>> {
    let mut rest = inner;
    std::iter::from_fn(move || {
        if let Some(escape) = rest.strip_prefix('\\') {
            let (character, after) = unescape(escape)?;
            rest = after;
            return Some(StringChunk::Escaped(character));
        }
        let end = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        let (plain, after) = rest.split_at_checked(end)?;
        rest = after;
        (!plain.is_empty()).then_some(StringChunk::Plain(plain))
    })
}

/// The character of an escape, and the text after it. `escape` begins after the backslash.
fn unescape(escape: &str) -> Option<(char, &str)> {
    let mut after = escape.chars();
    let character = match after.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return code_point(after.as_str()),
        itself => itself,
    };
    Some((character, after.as_str()))
}

/// The character of a `\u` escape, or of two escapes that are a surrogate pair, and the text after it.
fn code_point(digits: &str) -> Option<(char, &str)> {
    let (unit, rest) = code_unit(digits)?;
    if let Some(character) = char::from_u32(unit.into()) {
        return Some((character, rest));
    }
    let low = rest.strip_prefix("\\u").and_then(code_unit);
    let pair = low.and_then(|(low, after)| {
        let decoded = char::decode_utf16([unit, low]).next()?.ok()?;
        Some((decoded, after))
    });
    Some(pair.unwrap_or((char::REPLACEMENT_CHARACTER, rest)))
}

fn code_unit(digits: &str) -> Option<(u16, &str)> {
    let (digits, rest) = digits.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

/// The hash of the content of a raw string. Allocates no memory.
pub(super) fn string_hash(raw: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    for chunk in strip_quotes(raw).map(string_chunks).into_iter().flatten() {
        match chunk {
            StringChunk::Plain(text) => hasher.write(text.as_bytes()),
            StringChunk::Escaped(character) => {
                hasher.write(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    low_half(hasher.finish())
}

/// The same hash, from the content.
pub(super) fn content_hash(content: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    hasher.write(content.as_bytes());
    low_half(hasher.finish())
}

fn low_half(hash: u64) -> u32 {
    u32::try_from(hash & u64::from(u32::MAX)).unwrap_or(0)
}

/// The integer of a text that is an optional sign and up to 18 digits.
fn plain_integer(number: &str) -> Option<i64> {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.len() > 18 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = digits.bytes().fold(0_i64, |value, digit| {
        value.wrapping_mul(10).wrapping_add(i64::from(digit.wrapping_sub(b'0')))
    });
    Some(if digits.len() < number.len() { value.wrapping_neg() } else { value })
}

/// The exact value of a JSON number, if it is an integer of at max 20 digits.
fn parse_integer(number: &str) -> Option<i128> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (number, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (negative, whole) = match whole.strip_prefix('-') {
        Some(whole) => (true, whole),
        None => (false, whole),
    };
    let digits = || whole.bytes().chain(fraction.bytes());
    let total = whole.len().checked_add(fraction.len())?;
    let leading = digits().take_while(|digit| *digit == b'0').count();
    let trailing = digits().rev().take_while(|digit| *digit == b'0').count();
    if leading == total {
        return Some(0);
    }
    // The number is 0.digits · 10^point. Its significant digits are those between the outer zeros.
    let significant = total.checked_sub(leading)?.checked_sub(trailing)?;
    let point = parse_exponent(exponent)?
        .checked_add(i64::try_from(whole.len()).ok()?)?
        .checked_sub(i64::try_from(leading).ok()?)?;
    let length = usize::try_from(point).ok()?;
    // No 64-bit integer has more than 20 digits.
    if length > 20 || significant > length {
        return None;
    }
    let zeros = std::iter::repeat_n(b'0', length.checked_sub(significant)?);
    let value =
        digits().skip(leading).take(significant).chain(zeros).fold(0_i128, |value, digit| {
            value.saturating_mul(10).saturating_add(i128::from(digit.saturating_sub(b'0')))
        });
    Some(if negative { value.saturating_neg() } else { value })
}

/// `None` if the exponent does not fit into an `i64`: then the number is not an integer, or too large.
fn parse_exponent(exponent: &str) -> Option<i64> {
    exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::ValueCache;
    use super::*;

    fn content(text: &str) -> Option<String> {
        let values = ValueCache::new();
        let (content, _) = values.string(text, "")?.split_at(content_length(text)?);
        Some(String::from_utf8(content.to_vec()).expect("the content of a string is UTF-8"))
    }

    fn int64(text: &str) -> Option<i64> {
        ValueCache::new().int64(text, "")
    }

    fn double(text: &str) -> Option<f64> {
        ValueCache::new().double(text, "")
    }

    fn boolean(text: &str) -> Option<bool> {
        ValueCache::new().boolean(text, "")
    }

    #[test]
    fn escapes_are_resolved() {
        let text = r#""\"\\\/\b\f\n\r\t\u00e9\uD83D\ude80 日\u0000""#;
        assert_eq!(content(text).as_deref(), Some("\"\\/\u{8}\u{c}\n\r\té🚀 日\0"));
    }

    #[test]
    fn a_lone_surrogate_becomes_a_replacement_character() {
        for (text, expected) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ude80\ud83d!""#, "\u{fffd}\u{fffd}!"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\ud83d\ude80""#, "\u{fffd}🚀"),
        ] {
            assert_eq!(content(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_integer_is_exact_or_missing() {
        for (text, value) in [
            ("0", 0),
            ("-0", 0),
            ("0.000", 0),
            ("0e999999999999999999999", 0),
            ("-7", -7),
            ("5.0", 5),
            ("1e3", 1000),
            ("1.5E+1", 15),
            ("120e-1", 12),
            ("0.0012e4", 12),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("-9.223372036854775808e18", i64::MIN),
            ("1000000000000000000000000e-20", 10_000),
        ] {
            assert_eq!(int64(text), Some(value), "{text}");
        }
        for text in [
            "1.5",
            "1e-1",
            "9223372036854775808",
            "-9223372036854775809",
            "1e19",
            "1e999999999999999999999",
            "1e-999999999999999999999",
            "\"5\"",
            "true",
            "null",
            "[1]",
        ] {
            assert_eq!(int64(text), None, "{text}");
        }
    }

    #[test]
    fn an_unsigned_integer_is_exact_or_missing() {
        let uint64 = |text: &str| ValueCache::new().uint64(text, "");
        for (text, value) in [
            ("0", 0),
            ("-0", 0),
            ("9223372036854775808", 1 << 63),
            ("18446744073709551615", u64::MAX),
            ("1.8446744073709551615e19", u64::MAX),
            ("1e19", 10_000_000_000_000_000_000),
        ] {
            assert_eq!(uint64(text), Some(value), "{text}");
        }
        for text in ["-1", "18446744073709551616", "1e20", "99999999999999999999", "0.5", "\"1\""] {
            assert_eq!(uint64(text), None, "{text}");
        }
    }

    #[test]
    fn a_double_is_the_nearest_one() {
        assert_eq!(double("0.1"), Some(0.1));
        assert_eq!(double("-1e3"), Some(-1000.0));
        assert_eq!(double("9007199254740993"), Some(9_007_199_254_740_992.0));
        assert_eq!(double("1e-999"), Some(0.0));
        assert_eq!(double("1e999"), None);
        assert_eq!(double("\"1\""), None);
    }

    #[test]
    fn only_true_and_false_are_booleans() {
        assert_eq!(boolean("true"), Some(true));
        assert_eq!(boolean(" false "), Some(false));
        for text in ["0", "1", "null", "\"true\""] {
            assert_eq!(boolean(text), None, "{text}");
        }
    }
}
