//! Words without quotes: keywords of JSON and of other languages, numbers, and names.

use super::numbers::{Number, parse_number};
use super::source::Source;

/// Maximum length of a keyword or number that follows another value without a comma.
const MAX_WORD: usize = 64;

/// Keywords, and their values in JSON. Those of JSON come first.
const KEYWORDS: &[(&str, &str)] = &[
    ("true", "true"),
    ("false", "false"),
    ("null", "null"),
    ("True", "true"),
    ("False", "false"),
    ("None", "null"),
    ("undefined", "null"),
    ("NaN", "null"),
    ("Infinity", "null"),
    ("-Infinity", "null"),
    ("+Infinity", "null"),
    ("TRUE", "true"),
    ("FALSE", "false"),
    ("NULL", "null"),
    ("nil", "null"),
    ("nan", "null"),
    ("inf", "null"),
    ("-inf", "null"),
];

/// Whether a name without quotes may contain this byte.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-' | b'.' | b'@' | 0x80..)
}

/// The JSON value of a keyword.
pub(super) fn keyword(word: &[u8]) -> Option<&'static str> {
    KEYWORDS.iter().find(|(name, _)| name.as_bytes() == word).map(|(_, value)| *value)
}

/// The JSON value of the first keyword that begins with `word`.
pub(super) fn keyword_by_prefix(word: &[u8]) -> Option<&'static str> {
    let begins = |(name, _): &&(&str, &str)| !word.is_empty() && name.as_bytes().starts_with(word);
    KEYWORDS.iter().find(begins).map(|(_, value)| *value)
}

/// Whether this is a keyword of JSON.
pub(super) fn is_json_keyword(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null")
}

/// The end of the complete keyword at `at`.
pub(super) fn keyword_at(source: &Source<'_>, at: usize) -> Option<usize> {
    let word = |byte: u8| is_name_byte(byte) || byte == b'+';
    // No keyword is longer.
    let rest = source.slice(at, at.saturating_add(12).min(source.len()));
    let length = rest.iter().position(|byte| !word(*byte)).unwrap_or(rest.len());
    keyword(rest.get(..length)?).map(|_| at.saturating_add(length))
}

/// The end of the complete keyword or number at `at`.
pub(super) fn scalar_end(source: &Source<'_>, at: usize) -> Option<usize> {
    let end = source
        .find_before(at, at.saturating_add(MAX_WORD), |byte| !(is_name_byte(byte) || byte == b'+'));
    is_scalar(source.slice(at, end), source).then_some(end)
}

/// The JSON value of a keyword that can be a whole document. Only keywords of JSON and Python can;
/// others are also words of plain text.
pub(super) fn document_keyword(word: &[u8]) -> Option<&'static str> {
    let known = is_json_keyword(word) || matches!(word, b"True" | b"False" | b"None");
    if known { keyword(word) } else { None }
}

/// Whether a word is a value that needs no quotes.
pub(super) fn is_scalar(word: &[u8], source: &Source<'_>) -> bool {
    keyword(word).is_some()
        || matches!(parse_number(word, source), Number::Exact | Number::Converted(_))
}
