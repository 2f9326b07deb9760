//! The strict check: is it JSON by RFC 8259, in UTF-8?

use super::check::{check_document, check_document_while};

/// The text, where these bytes are valid UTF-8 and one JSON text by the grammar of RFC 8259.
///
/// Builds no tree and has no limit of depth. Numbers beyond a double, duplicate names and escapes
/// of lone surrogates are all within the grammar and pass; a byte order mark is not and does not.
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

/// The same as [`is_json`], asking after every 64 KiB whether the check may go on. `false` where it
/// may not.
#[must_use]
pub fn is_json_while(text: &str, may_go_on: &dyn Fn() -> bool) -> bool {
    check_document_while(text, may_go_on).is_ok()
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
            assert_eq!(valid_text(text.as_bytes()), Some(text));
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
            assert_eq!(valid_text(bytes), None, "{:?} passed", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn depth_has_no_limit() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(valid_text(deep.as_bytes()), None);
        let closed = deep + &"]".repeat(1_000_000);
        assert!(valid_text(closed.as_bytes()).is_some());
    }
}
