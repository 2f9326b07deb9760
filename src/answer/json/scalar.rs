//! What the scalars of a document mean: strings, numbers, booleans.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hasher};

use crate::log::prefix;

/// The number with this text as an integer, exact or not at all.
pub(super) fn int64_value(number: &str) -> Option<i64> {
    match plain_integer(number) {
        Some(value) => Some(value),
        None => i64::try_from(parse_integer(number)?).ok(),
    }
}

/// The same of integers that are not negative.
pub(super) fn uint64_value(number: &str) -> Option<u64> {
    match plain_integer(number) {
        Some(value) => u64::try_from(value).ok(),
        None => u64::try_from(parse_integer(number)?).ok(),
    }
}

/// The number with this text as the nearest double. `None` where it is beyond the largest one.
pub(super) fn double_value(number: &str) -> Option<f64> {
    number.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Adds the content of a string that is spelled so, its escapes undone; an escaped lone surrogate,
/// which is no character, is U+FFFD. It is never longer than it is spelled.
pub(super) fn push_content(spelled: &str, bytes: &mut Vec<u8>) {
    let Some(inner) = strip_quotes(spelled) else { return };
    for piece in string_chunks(inner) {
        match piece {
            StringChunk::Plain(text) => bytes.extend_from_slice(text.as_bytes()),
            StringChunk::Escaped(character) => {
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}

/// How long the content of a string is that is spelled so, in bytes.
pub(super) fn content_length(spelled: &str) -> Option<usize> {
    Some(
        string_chunks(strip_quotes(spelled)?)
            .fold(0, |length, piece| length.saturating_add(piece.length())),
    )
}

/// The beginning of the content of a string that is spelled so, up to so many bytes, and whether that
/// is all of it.
#[must_use]
pub fn string_prefix(spelled: &str, most: usize) -> (String, bool) {
    let mut content = String::new();
    for piece in strip_quotes(spelled).map(string_chunks).into_iter().flatten() {
        let room = most.saturating_sub(content.len());
        match piece {
            StringChunk::Plain(text) if text.len() > room => {
                content.push_str(prefix(text, room));
                return (content, false);
            }
            StringChunk::Escaped(character) if character.len_utf8() > room => {
                return (content, false);
            }
            piece => piece.push_to(&mut content),
        }
    }
    (content, true)
}

/// Whether a string, as it is spelled with its quotes, has this content. Takes no memory.
#[must_use]
pub fn string_equals(spelled: &str, content: &str) -> bool {
    let Some(inner) = strip_quotes(spelled) else { return false };
    let escapes = |text: &str| memchr::memchr(b'\\', text.as_bytes()).is_some();
    // What an escape stands for is shorter.
    match inner.len().cmp(&content.len()) {
        Ordering::Less => return false,
        Ordering::Equal => return inner == content && !escapes(inner),
        Ordering::Greater if !escapes(inner) => return false,
        Ordering::Greater => {}
    }
    let mut left = content;
    for piece in string_chunks(inner) {
        let Some(behind) = piece.strip_from(left) else { return false };
        left = behind;
    }
    left.is_empty()
}

fn strip_quotes(spelled: &str) -> Option<&str> {
    spelled.strip_prefix('"')?.strip_suffix('"')
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

/// The content of a string, given as it is spelled between its quotes, piece by piece. Ends where an
/// escape is none.
fn string_chunks(inner: &str) -> impl Iterator<Item = StringChunk<'_>> {
    let mut rest = inner;
    std::iter::from_fn(move || {
        if let Some(escape) = rest.strip_prefix('\\') {
            let (character, behind) = unescape(escape)?;
            rest = behind;
            return Some(StringChunk::Escaped(character));
        }
        let end = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        let (plain, behind) = rest.split_at_checked(end)?;
        rest = behind;
        (!plain.is_empty()).then_some(StringChunk::Plain(plain))
    })
}

/// The character that an escape stands for (what follows the backslash), and the text behind it.
fn unescape(escape: &str) -> Option<(char, &str)> {
    let mut behind = escape.chars();
    let character = match behind.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return code_point(behind.as_str()),
        itself => itself,
    };
    Some((character, behind.as_str()))
}

/// The character of a `\u` escape, or of two that are a surrogate pair.
fn code_point(digits: &str) -> Option<(char, &str)> {
    let (unit, rest) = code_unit(digits)?;
    if let Some(character) = char::from_u32(unit.into()) {
        return Some((character, rest));
    }
    let low = rest.strip_prefix("\\u").and_then(code_unit);
    let pair = low.and_then(|(low, behind)| {
        let decoded = char::decode_utf16([unit, low]).next()?.ok()?;
        Some((decoded, behind))
    });
    Some(pair.unwrap_or((char::REPLACEMENT_CHARACTER, rest)))
}

fn code_unit(digits: &str) -> Option<(u16, &str)> {
    let (digits, rest) = digits.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

/// The hash of a string by its content, given as it is spelled. Takes no memory.
pub(super) fn string_hash(spelled: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    for piece in strip_quotes(spelled).map(string_chunks).into_iter().flatten() {
        match piece {
            StringChunk::Plain(text) => hasher.write(text.as_bytes()),
            StringChunk::Escaped(character) => {
                hasher.write(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    low_half(hasher.finish())
}

/// The same of a string's content.
pub(super) fn content_hash(content: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    hasher.write(content.as_bytes());
    low_half(hasher.finish())
}

fn low_half(hash: u64) -> u32 {
    u32::try_from(hash & u64::from(u32::MAX)).unwrap_or(0)
}

/// The integer that is spelled with a sign and up to 18 digits, and nothing else.
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

/// The exact integer that a JSON number is, if it has no more than 20 digits.
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
    // The number is 0.digits · 10^point, significant in all but the zeros around.
    let significant = total.checked_sub(leading)?.checked_sub(trailing)?;
    let point = parse_exponent(exponent)?
        .checked_add(i64::try_from(whole.len()).ok()?)?
        .checked_sub(i64::try_from(leading).ok()?)?;
    let length = usize::try_from(point).ok()?;
    // No 64-bit integer has more.
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

/// An exponent that no `i64` holds is as good as none: the number is no integer, or far too large.
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
        Some(String::from_utf8(content.to_vec()).expect("a string is UTF-8"))
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
    fn a_lone_surrogate_is_a_replacement_character() {
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
    fn an_integer_is_exact_or_not_at_all() {
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
    fn an_unsigned_integer_is_exact_or_not_at_all() {
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
    fn a_boolean_is_a_keyword_only() {
        assert_eq!(boolean("true"), Some(true));
        assert_eq!(boolean(" false "), Some(false));
        for text in ["0", "1", "null", "\"true\""] {
            assert_eq!(boolean(text), None, "{text}");
        }
    }
}
