//! Finds where a JSON text ends, in bytes of which the rest may still arrive.
//!
//! The text need not be valid. Its end is where its brackets are closed. In a text that is damaged, they may never be
//! closed. So the first sign of damage changes to a search that looks for what is missing.

use super::damaged_text::DamagedText;
use super::line_scalar::LineScalar;
use super::separator::Separator;
use super::structure::{Found, Structure};

/// A search for the end of a text. Each search continues where the last one stopped.
#[derive(Debug, Clone)]
pub struct ArrivingText {
    search: Search,
    separator: Separator,
    /// Whether the bytes ended before the text.
    is_cut: bool,
    /// Whether the text has only comments.
    is_empty: bool,
}

#[derive(Debug, Clone)]
enum Search {
    /// In a text without a sign of damage.
    Structure(Structure),
    /// In a line that begins with no bracket.
    LineScalar(LineScalar),
    Damaged(DamagedText),
}

impl ArrivingText {
    /// A search in a text that begins with this byte, which is not whitespace.
    #[must_use]
    pub fn new(first: u8, separator: Separator) -> Self {
        let search = match (first, separator) {
            (b'{' | b'[', _) => Search::Structure(Structure::new(first, separator)),
            (_, Separator::Line) => Search::LineScalar(LineScalar::default()),
            (b'/' | b'#' | b'\'', Separator::Comma) => Search::Damaged(DamagedText::new(separator)),
            (_, Separator::Comma) => Search::Structure(Structure::new(first, separator)),
        };
        Self { search, separator, is_cut: false, is_empty: false }
    }

    /// The length of the text; `None` if more of it must arrive. `text`: the bytes so far, from the first one on.
    /// `complete`: no more will arrive.
    pub fn end(&mut self, text: &[u8], complete: bool) -> Option<usize> {
        let found = match &mut self.search {
            Search::Structure(search) => search.find(text, complete),
            Search::LineScalar(search) => search.find(text, complete),
            Search::Damaged(_) => Found::Damage,
        };
        match found {
            Found::End(end) => return Some(end),
            Found::Nothing if complete => {
                self.is_cut = matches!(&self.search, Search::Structure(search) if search.is_open());
                return Some(text.len());
            }
            Found::Nothing => return None,
            Found::Damage => {}
        }
        if !matches!(self.search, Search::Damaged(_)) {
            self.search = Search::Damaged(DamagedText::new(self.separator));
        }
        let Search::Damaged(search) = &mut self.search else { return None };
        let end = search.end(text, complete)?;
        (self.is_cut, self.is_empty) = (search.is_cut(), search.is_empty());
        Some(end)
    }

    /// Whether the last byte arrived before the end of the text.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether the text has only comments, so that it has no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths that a search returns if the text arrives in pieces of this size.
    fn end_by_pieces(text: &[u8], separator: Separator, size: usize) -> Option<usize> {
        let mut search = ArrivingText::new(text[0], separator);
        let mut arrived = 0;
        while arrived < text.len() {
            arrived = text.len().min(arrived + size);
            if let Some(end) = search.end(&text[..arrived], false) {
                return Some(end);
            }
        }
        search.end(text, true)
    }

    #[track_caller]
    fn check(text: &str, separator: Separator, expected: &str) {
        for size in [1, 2, 3, 7, 63, 64, 65, 1000] {
            let end = end_by_pieces(text.as_bytes(), separator, size).unwrap();
            assert_eq!(&text[..end], expected, "{text:?} in pieces of {size}");
        }
    }

    #[test]
    fn a_container_ends_at_its_bracket_wherever_the_pieces_are_cut() {
        for wide in [0, 1, 40, 55, 56, 57, 58, 63, 64, 200] {
            let text = format!(r#"{{"a]}}\\":["{}\"}}",{{}}]}}"#, "x".repeat(wide));
            for after in ["", "\n", " ", "{\"b\":1}\n", "\u{1e}{}", "garbage", "]"] {
                check(&format!("{text}{after}"), Separator::Line, &text);
                check(&format!("{text}{after}"), Separator::Comma, &text);
            }
        }
    }

    #[test]
    fn a_text_of_several_lines_is_one_text() {
        for text in [
            "{\n  \"a\": [\n    1,\n    {}\n  ],\r\n\"b\":\n1\n}",
            "[1\n,2\n\n,3]",
            "[\n]",
            "{\"a\"\n:1}",
        ] {
            check(&format!("{text}\n{{}}"), Separator::Line, text);
        }
    }

    #[test]
    fn the_end_of_a_line_ends_a_damaged_text() {
        for damaged in ["{\"a\":1", "{\"a\":\"b", "[1,[2]", "{\"a\":{}\r", "{\"a", "[1 2"] {
            for after in ["\n{\"b\":[1]}\n", "\n\n[2]", "\n\"x\"", "\u{1e}{}"] {
                check(&format!("{damaged}{after}"), Separator::Line, damaged);
            }
        }
        check("{\"a\":1", Separator::Line, "{\"a\":1");
        check("{\"a\":1\n", Separator::Line, "{\"a\":1");
    }

    #[test]
    fn what_is_no_container_ends_with_its_line_or_with_its_value() {
        check("12 34\n5", Separator::Line, "12");
        check("12 apples\n5", Separator::Line, "12 apples");
        check("\"a\nb\"\n", Separator::Line, "\"a\nb\"");
        check("\"a\n\"b\"\n", Separator::Line, "\"a");
        check("data {}\u{1e}", Separator::Line, "data {}");
        check("12 34,5]", Separator::Comma, "12");
        check("12", Separator::Comma, "12");
        check("true]", Separator::Comma, "true");
        check("null,", Separator::Comma, "null");
        for wide in [0, 60, 61, 62, 63, 64, 130] {
            let text = format!("\"{}\\\",]\"", "x".repeat(wide));
            check(&format!("{text},1"), Separator::Comma, &text);
            check(&text, Separator::Comma, &text);
        }
    }

    #[test]
    fn a_text_that_continues_has_no_end_yet() {
        for text in ["{", "[1,", "{\"a\":1\n", "[\n", "\"abc"] {
            let mut search = ArrivingText::new(text.as_bytes()[0], Separator::Line);
            assert_eq!(search.end(text.as_bytes(), false), None, "{text:?}");
        }
    }
}
