//! The strict check: is it JSON by RFC 8259, in UTF-8?

use serde::de::IgnoredAny;

/// The text, where these bytes are valid UTF-8 and one JSON text by the grammar of RFC 8259.
///
/// Builds no tree and has no limit of depth. Numbers beyond a double, duplicate names and escapes
/// of lone surrogates are all within the grammar and pass; a byte order mark is not and does not.
#[must_use]
pub fn strict(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    is_json(text).then_some(text)
}

/// Whether this is one JSON text.
#[must_use]
pub fn is_json(text: &str) -> bool {
    check(text).is_ok()
}

/// Checks that this is one JSON text. Where it is not, the error is how many of its first bytes
/// are certainly well-formed as the beginning of one: all, where only the rest is missing.
pub(super) fn check(text: &str) -> Result<(), usize> {
    // From a `&str`, not from bytes: there, skipped strings are not checked for valid UTF-8.
    serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(|error| sound_before(text, &error))
}

/// Checks the one value that this text begins with, whatever follows it. Where it is well-formed,
/// the answer is its end; where it is not, the error is as that of [`check`].
pub(super) fn check_first(text: &str) -> Result<usize, usize> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => Ok(values.byte_offset()),
        Some(Err(error)) => Err(sound_before(text, &error)),
        None => Err(text.len()),
    }
}

/// How many bytes are well-formed before this error.
fn sound_before(text: &str, error: &serde_json::Error) -> usize {
    let sound = if error.is_eof() {
        text.len()
    } else {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_start = match error.line().checked_sub(2) {
            None => 0,
            Some(nth) => {
                newlines.map(|(at, _)| at.saturating_add(1)).nth(nth).unwrap_or(text.len())
            }
        };
        // The column counts the byte that was looked at, too: it may be the defect itself.
        line_start.saturating_add(error.column()).saturating_sub(1).min(text.len())
    };
    // Four digits of an escape are counted even where they are none.
    let start = sound.saturating_sub(6);
    let tail = text.as_bytes().get(start..sound).unwrap_or_default();
    let escape = tail.windows(2).position(|window| window == b"\\u");
    escape.map_or(sound, |at| start.saturating_add(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_grammar_allows_passes() {
        for text in [
            "0",
            " [1e999, -0, 340282366920938463463374607431768211455] ",
            r#"{"a":1,"a":2,"":"\ud83d"}"#,
            "\"\u{2028}\u{feff}\u{7f}\"",
            "null\r\n",
        ] {
            assert_eq!(strict(text.as_bytes()), Some(text));
        }
    }

    #[test]
    fn what_the_grammar_forbids_does_not_pass() {
        for bytes in [
            b"".as_slice(),
            b" ",
            b"{}{}",
            b"[1,]",
            b"\xef\xbb\xbf{}",
            b"\"\xff\"",
            b"\"\xed\xa0\x80\"",
            b"\"a\nb\"",
            b"\"\\x\"",
            b"\"\\uZZZZ\"",
            b"01",
            b"1.",
            b".5",
            b"+1",
            b"NaN",
            b"nul",
            b"{'a':1}",
            b"[1\0]",
            b"{}\0",
            b"\x0c1",
            b"\xc2\xa01",
        ] {
            assert_eq!(strict(bytes), None, "{:?} passed", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn depth_has_no_limit() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(strict(deep.as_bytes()), None);
        let closed = deep + &"]".repeat(1_000_000);
        assert!(strict(closed.as_bytes()).is_some());
    }

    #[test]
    fn the_sound_part_ends_before_the_defect() {
        for (text, defect) in [
            ("{\"a\":1 \"b\":2}", 7),
            ("{\"a\":\"one,\"b\":2}", 11),
            ("[1,\n2,\n\n  x]", 10),
            ("x", 0),
            ("{\"a\":1,}", 7),
            ("[tru]", 4),
            ("[\"a\nb\"]", 3),
            ("[\"a\\u\"xyz\"]", 3),
            ("[\"abc", 6),
        ] {
            let sound = check(text).expect_err("the text has a defect");
            assert!(sound <= defect, "{text:?}: {sound} is behind the defect at {defect}");
            assert!(sound.saturating_add(2) >= defect, "{text:?}: {sound} is far from {defect}");
        }
        assert_eq!(check("[1]"), Ok(()));
        for cut in ["", "[", "[1", "[nul", "{\"a\":\"b", "{\"a\""] {
            assert_eq!(check(cut), Err(cut.len()), "{cut:?}");
        }
    }

    #[test]
    fn the_first_value_is_checked_alone() {
        assert_eq!(check_first("[1,{\"a\":2}] x"), Ok(11));
        assert_eq!(check_first("{}{}"), Ok(2));
        assert_eq!(check_first("[1,}"), Err(3));
        assert_eq!(check_first("[1"), Err(2));
        assert_eq!(check_first(""), Err(0));
    }
}
