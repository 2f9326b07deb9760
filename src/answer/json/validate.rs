//! The strict check: whether bytes are JSON (RFC 8259) in UTF-8.

use super::check::{check_document, check_document_while};

/// The bytes as text, if they are valid UTF-8 and one JSON text (RFC 8259).
///
/// Builds no tree and has no depth limit. Numbers beyond a double, duplicate names and escaped lone
/// surrogates pass, because the grammar allows them. A byte order mark does not pass.
#[must_use]
pub fn valid_text(bytes: &[u8]) -> Option<&str> {
    let text = simdutf8::basic::from_utf8(bytes).ok()?;
    is_json(text).then_some(text)
}

/// Whether this is one JSON text.
#[must_use]
pub fn is_json(text: &str) -> bool {
    check_document(text).is_ok()
}

/// The same as [`is_json`]. Calls `should_continue` after every 64 KiB, and returns `false` if it
/// returns `false`.
#[must_use]
pub fn is_json_while(text: &str, should_continue: &dyn Fn() -> bool) -> bool {
    check_document_while(text, should_continue).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_the_grammar_allows_pass() {
        for text in [
            "0",
            " [1e999, -0, 340282366920938463463374607431768211455] ",
            r#"{"a":1,"a":2,"":"\ud83d"}"#,
            "\"\u{2028}\u{feff}\u{7f}\"",
            "null\r\n",
        ] {
            assert_eq!(valid_text(text.as_bytes()), Some(text));
        }
    }

    #[test]
    fn texts_that_the_grammar_forbids_do_not_pass() {
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
            assert_eq!(valid_text(bytes), None, "{:?} passed", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn nesting_has_no_depth_limit() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(valid_text(deep.as_bytes()), None);
        let closed = deep + &"]".repeat(1_000_000);
        assert!(valid_text(closed.as_bytes()).is_some());
    }
}
