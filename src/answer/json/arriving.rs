//! Finds where a JSON text ends, in bytes of which the rest may still arrive.
//!
//! The text need not be valid. Its end is where its brackets are closed. In a text that is damaged, they may never be
//! closed. So in a sequence of lines, the end of a line also ends a text that the next line cannot continue.

use fearless_simd::{Level, Simd, dispatch};

use super::masks::{BLOCK, Block, Mask, Quoted, Strings, next_block};
use super::skip::{count, end_of_container};

/// The separator in front of each text of a JSON text sequence (RFC 7464).
pub const RECORD_SEPARATOR: u8 = 0x1e;

/// What separates a text from the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// The end of a line, or a record separator (RFC 7464).
    Line,
    /// A comma, as in an array.
    Comma,
}

/// A search for the end of a text. Each search continues where the last one stopped.
#[derive(Debug, Clone)]
pub struct ArrivingText {
    form: Form,
    separator: Separator,
    strings: Strings,
    /// Number of open containers at `scanned`.
    depth: usize,
    /// The blocks before this offset have no end.
    scanned: usize,
    /// The separators before this offset do not end the text.
    passed: usize,
    /// Whether the bytes ended before the text.
    is_cut: bool,
}

/// How a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With the bracket that closes its first one.
    Container,
    /// With the quote that closes its first one.
    String,
    /// Before whitespace, a comma or a closing bracket.
    Word,
    /// Before a separator.
    Line,
}

/// What a search has found.
enum Found {
    /// The end of the text.
    End(usize),
    /// A separator, which may end the text.
    Separator { at: usize, in_string: bool },
}

impl ArrivingText {
    /// A search in a text that begins with this byte, which is not whitespace.
    #[must_use]
    pub fn new(first: u8, separator: Separator) -> Self {
        let form = match (first, separator) {
            (b'{' | b'[', _) => Form::Container,
            (_, Separator::Line) => Form::Line,
            (b'"', Separator::Comma) => Form::String,
            (_, Separator::Comma) => Form::Word,
        };
        Self {
            form,
            separator,
            strings: Strings::default(),
            depth: 0,
            scanned: 0,
            passed: 0,
            is_cut: false,
        }
    }

    /// The length of the text; `None` if more of it must arrive. `text`: the bytes so far, from the first one on.
    /// `complete`: no more will arrive.
    pub fn end(&mut self, text: &[u8], complete: bool) -> Option<usize> {
        loop {
            match dispatch!(Level::new(), simd => self.search(simd, text)) {
                Some(Found::End(end)) => return Some(end),
                Some(Found::Separator { at, in_string }) => {
                    if in_string || !self.continues(text, at, complete)? {
                        return Some(at);
                    }
                    self.passed = at.saturating_add(1);
                }
                None => {
                    self.is_cut = complete && matches!(self.form, Form::Container | Form::String);
                    return complete.then_some(text.len());
                }
            }
        }
    }

    /// Whether the last byte arrived before the end of the text.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether a container that is open at a separator continues after it. `None` if that is not known yet.
    fn continues(&self, text: &[u8], at: usize, complete: bool) -> Option<bool> {
        let (before, after) = text.split_at_checked(at)?;
        if self.form == Form::Line || after.first() == Some(&RECORD_SEPARATOR) {
            return Some(false);
        }
        if matches!(before.trim_ascii_end().last(), Some(b'{' | b'[' | b',' | b':')) {
            return Some(true);
        }
        match after.trim_ascii_start().first() {
            Some(next) => Some(matches!(next, b',' | b':' | b'}' | b']')),
            None => complete.then_some(false),
        }
    }

    /// The first end or separator. Keeps the state after the last whole block without one.
    #[inline(always)]
    fn search<S: Simd>(&mut self, simd: S, text: &[u8]) -> Option<Found> {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut rest = text.get(self.scanned..)?;
                while let Some((bytes, after)) = next_block(rest) {
                    let block = Block::new(simd, &bytes);
                    let mut strings = self.strings;
                    let quoted = strings.next(block);
                    let present = rest.len().min(BLOCK);
                    if let Some(found) = self.search_block(block, quoted, present) {
                        return Some(found);
                    }
                    if rest.len() < BLOCK {
                        return None;
                    }
                    let outside = quoted.outside();
                    self.depth = self
                        .depth
                        .wrapping_add(count(block.open() & outside))
                        .wrapping_sub(count(block.close() & outside));
                    self.strings = strings;
                    self.scanned = self.scanned.wrapping_add(BLOCK);
                    rest = after;
                }
                None
            },
        )
    }

    /// The same in the block at `scanned`, which has `present` bytes of the text.
    #[inline(always)]
    fn search_block<S: Simd>(
        &self,
        block: Block<S>,
        quoted: Quoted,
        present: usize,
    ) -> Option<Found> {
        let end = self.end_in_block(block, quoted, present);
        let separators = self.separators(block);
        let separator = separators.trailing_zeros() as usize;
        if separator < end.unwrap_or(BLOCK) {
            let in_string = quoted.inside.wrapping_shr(separators.trailing_zeros()) & 1 == 1;
            return Some(Found::Separator { at: self.scanned.wrapping_add(separator), in_string });
        }
        end.map(|end| Found::End(self.scanned.wrapping_add(end)))
    }

    /// The separators of a block that were not passed.
    #[inline(always)]
    fn separators<S: Simd>(&self, block: Block<S>) -> Mask {
        if self.separator == Separator::Comma {
            return 0;
        }
        let passed = self.passed.saturating_sub(self.scanned);
        let new = u32::try_from(passed).ok().and_then(|passed| Mask::MAX.checked_shl(passed));
        (block.are(b'\n') | block.are(RECORD_SEPARATOR)) & new.unwrap_or(0)
    }

    /// The end of the text, if it is in this block.
    #[inline(always)]
    fn end_in_block<S: Simd>(
        &self,
        block: Block<S>,
        quoted: Quoted,
        present: usize,
    ) -> Option<usize> {
        let outside = quoted.outside();
        match self.form {
            Form::Container => {
                end_of_container(block.open() & outside, block.close() & outside, self.depth)
            }
            Form::String => {
                first(quoted.quotes & !quoted.inside).map(|quote| quote.wrapping_add(1))
            }
            Form::Word => first((block.whitespace() | block.close() | block.are(b',')) & outside)
                .filter(|end| *end < present),
            Form::Line => None,
        }
    }
}

/// The position of the first bit.
#[inline(always)]
fn first(mask: Mask) -> Option<usize> {
    (mask != 0).then(|| mask.trailing_zeros() as usize)
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
        check("12 34\n5", Separator::Line, "12 34");
        check("\"a\nb\"\n", Separator::Line, "\"a");
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
