//! What the scalars of a document mean: strings, numbers, booleans.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher};

use super::{Node, Type};
use crate::log::prefix;

/// The content of a string node, its escapes resolved; an escaped lone surrogate, which is no
/// character, is U+FFFD. `None` where the node is no string.
#[must_use]
pub fn string_value<'t>(text: &'t str, node: &Node) -> Option<Cow<'t, str>> {
    if node.kind() == Type::String { string_content(node.text(text)) } else { None }
}

/// The value of a number node as an integer, exact or not at all: `1e3` is 1000 and `5.0` is 5, for
/// JSON does not tell integers from other numbers (RFC 8259 section 6), but `1.5` and what is
/// beyond an `i64` have none.
#[must_use]
pub fn int64_value(text: &str, node: &Node) -> Option<i64> {
    if node.kind() == Type::Number { integer(node.text(text)) } else { None }
}

/// The value of a number node as the nearest double. `None` where it is no number, or beyond the
/// largest double.
#[must_use]
pub fn double_value(text: &str, node: &Node) -> Option<f64> {
    if node.kind() != Type::Number {
        return None;
    }
    node.text(text).parse().ok().filter(|value: &f64| value.is_finite())
}

/// The value of a boolean node; `None` where it is none.
#[must_use]
pub fn bool_value(text: &str, node: &Node) -> Option<bool> {
    if node.kind() == Type::Bool { Some(node.text(text) == "true") } else { None }
}

/// The content of a string as it is spelled, quotes included. `None` where there is no memory for it.
pub(super) fn string_content(spelled: &str) -> Option<Cow<'_, str>> {
    let inner = inner(spelled)?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut content = String::new();
    // An escape is longer than what it stands for.
    content.try_reserve_exact(inner.len()).ok()?;
    pieces(inner).for_each(|piece| piece.push_to(&mut content));
    Some(Cow::Owned(content))
}

/// The beginning of the content of a string that is spelled so, up to so many bytes, and whether that
/// is all of it.
#[must_use]
pub fn string_beginning(spelled: &str, most: usize) -> (String, bool) {
    let mut content = String::new();
    for piece in inner(spelled).map(pieces).into_iter().flatten() {
        let room = most.saturating_sub(content.len());
        match piece {
            Piece::Plain(text) if text.len() > room => {
                content.push_str(prefix(text, room));
                return (content, false);
            }
            Piece::Escaped(character) if character.len_utf8() > room => return (content, false),
            piece => piece.push_to(&mut content),
        }
    }
    (content, true)
}

/// Whether a string, as it is spelled with its quotes, has this content. Takes no memory.
#[must_use]
pub fn spells(spelled: &str, content: &str) -> bool {
    let Some(inner) = inner(spelled) else { return false };
    let mut left = content;
    for piece in pieces(inner) {
        let Some(behind) = piece.strip_from(left) else { return false };
        left = behind;
    }
    left.is_empty()
}

fn inner(spelled: &str) -> Option<&str> {
    spelled.strip_prefix('"')?.strip_suffix('"')
}

/// A part of a string's content.
enum Piece<'t> {
    Plain(&'t str),
    Escaped(char),
}

impl Piece<'_> {
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
fn pieces(inner: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = inner;
    std::iter::from_fn(move || {
        if let Some(escape) = rest.strip_prefix('\\') {
            let (character, behind) = unescaped(escape)?;
            rest = behind;
            return Some(Piece::Escaped(character));
        }
        let end = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        let (plain, behind) = rest.split_at_checked(end)?;
        rest = behind;
        (!plain.is_empty()).then_some(Piece::Plain(plain))
    })
}

/// The character that an escape stands for (what follows the backslash), and the text behind it.
fn unescaped(escape: &str) -> Option<(char, &str)> {
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
    for piece in inner(spelled).map(pieces).into_iter().flatten() {
        match piece {
            Piece::Plain(text) => hasher.write(text.as_bytes()),
            Piece::Escaped(character) => {
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

/// The exact integer that a JSON number is.
fn integer(number: &str) -> Option<i64> {
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
    let point = exponent_value(exponent)?
        .checked_add(i64::try_from(whole.len()).ok()?)?
        .checked_sub(i64::try_from(leading).ok()?)?;
    let length = usize::try_from(point).ok()?;
    // No 64-bit integer has more than 19 digits.
    if length > 19 || significant > length {
        return None;
    }
    let zeros = std::iter::repeat_n(b'0', length.checked_sub(significant)?);
    let value =
        digits().skip(leading).take(significant).chain(zeros).fold(0_i128, |value, digit| {
            value.saturating_mul(10).saturating_add(i128::from(digit.saturating_sub(b'0')))
        });
    i64::try_from(if negative { value.saturating_neg() } else { value }).ok()
}

/// An exponent that no `i64` holds is as good as none: the number is no integer, or far too large.
fn exponent_value(exponent: &str) -> Option<i64> {
    exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::*;

    #[track_caller]
    fn of<T>(text: &str, read: impl Fn(&str, &Node) -> Option<T>) -> Option<T> {
        let document = Document::parse(text).expect("the text is valid");
        read(text, &document.root(text).expect("a document has a root"))
    }

    #[test]
    fn escapes_are_resolved() {
        let text = r#""\"\\\/\b\f\n\r\t\u00e9\uD83D\ude80 日\u0000""#;
        let content = of(text, |text, node| string_value(text, node).map(Cow::into_owned));
        assert_eq!(content.as_deref(), Some("\"\\/\u{8}\u{c}\n\r\té🚀 日\0"));
    }

    #[test]
    fn a_lone_surrogate_is_a_replacement_character() {
        for (text, content) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ude80\ud83d!""#, "\u{fffd}\u{fffd}!"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\ud83d\ude80""#, "\u{fffd}🚀"),
        ] {
            let read = of(text, |text, node| string_value(text, node).map(Cow::into_owned));
            assert_eq!(read.as_deref(), Some(content), "{text}");
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
            assert_eq!(of(text, int64_value), Some(value), "{text}");
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
            assert_eq!(of(text, int64_value), None, "{text}");
        }
    }

    #[test]
    fn a_double_is_the_nearest_one() {
        assert_eq!(of("0.1", double_value), Some(0.1));
        assert_eq!(of("-1e3", double_value), Some(-1000.0));
        assert_eq!(of("9007199254740993", double_value), Some(9_007_199_254_740_992.0));
        assert_eq!(of("1e-999", double_value), Some(0.0));
        assert_eq!(of("1e999", double_value), None);
        assert_eq!(of("\"1\"", double_value), None);
    }

    #[test]
    fn a_boolean_is_a_keyword_only() {
        assert_eq!(of("true", bool_value), Some(true));
        assert_eq!(of(" false ", bool_value), Some(false));
        for text in ["0", "1", "null", "\"true\""] {
            assert_eq!(of(text, bool_value), None, "{text}");
        }
    }
}
