//! Finds where a string of a damaged text ends. Its end quote may be missing, and it may contain quotes and line ends
//! that are not escaped.

use super::lookahead::{Ahead, is_name_at, next_byte, next_quote};
use super::separator::RECORD_SEPARATOR;

/// A string that has begun.
#[derive(Debug, Clone)]
pub(super) struct OpenString {
    quote: u8,
    /// The place after its first quote.
    content: usize,
    role: Role,
    /// The line ends before this place are content.
    passed: usize,
}

/// What a string is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The name of a member.
    Name,
    /// The value of a member.
    Value,
    /// An element of an array, or a text of its own.
    Element,
}

/// The end of a string.
pub(super) enum StringEnd {
    /// The place after it.
    At(usize),
    /// More bytes must arrive.
    More,
}

impl OpenString {
    /// A string that begins with a quote at this place.
    pub(super) fn new(quote: u8, at: usize, role: Role) -> Self {
        Self { quote, content: at.saturating_add(1), role, passed: 0 }
    }

    /// The end of the string. `at`: the bytes before it were read. `lines`: a record separator ends the text.
    pub(super) fn end(
        &mut self,
        text: &[u8],
        at: &mut usize,
        lines: bool,
        complete: bool,
    ) -> StringEnd {
        while let Some(offset) = self.next_special(text.get(*at..).unwrap_or_default(), lines) {
            *at = at.saturating_add(offset);
            let skipped = match text.get(*at) {
                Some(b'\\') if at.saturating_add(1) >= text.len() && !complete => {
                    return StringEnd::More;
                }
                Some(b'\\') => 2,
                Some(b'\n') if *at < self.passed => 1,
                Some(b'\n') => match self.line_end_is_content(text, *at, complete) {
                    None => return StringEnd::More,
                    Some(false) => return self.without_end(text, *at),
                    Some(true) => 1,
                },
                Some(byte) if *byte == self.quote => match self.quote_ends(text, *at, complete) {
                    None => return StringEnd::More,
                    Some(Quote::End) => return StringEnd::At(at.saturating_add(1)),
                    Some(Quote::OfNextString) => return self.without_end(text, *at),
                    Some(Quote::Content) => 1,
                },
                _ => return self.without_end(text, *at),
            };
            *at = at.saturating_add(skipped).min(text.len());
        }
        *at = text.len();
        if complete { StringEnd::At(text.len()) } else { StringEnd::More }
    }

    fn next_special(&self, text: &[u8], lines: bool) -> Option<usize> {
        text.iter().position(|byte| {
            *byte == self.quote
                || matches!(byte, b'\\' | b'\n')
                || (lines && *byte == RECORD_SEPARATOR)
        })
    }

    /// The end of a string whose quote is missing before this place: the brackets and commas before it are not content.
    fn without_end(&self, text: &[u8], at: usize) -> StringEnd {
        let content = text.get(self.content..at).unwrap_or_default();
        StringEnd::At(at.saturating_sub(structure_at_end(content).len()))
    }

    /// Whether a line end in the string is part of it: the next line begins with text, or the next quote is where a
    /// string ends. `None` if more must arrive.
    fn line_end_is_content(&mut self, text: &[u8], at: usize, complete: bool) -> Option<bool> {
        match next_byte(text, at, complete) {
            Ahead::More => return None,
            Ahead::Byte { byte, .. } if is_prose(byte) => return Some(true),
            Ahead::Byte { .. } | Ahead::Nothing => {}
        }
        let Ok(quote) = next_quote(text, at, self.quote, complete) else { return None };
        let Some(quote) = quote else { return Some(false) };
        let after = quote.saturating_add(1);
        let is_content = match next_byte(text, after, complete) {
            Ahead::More => return None,
            Ahead::Byte { byte, at } => self.may_follow(byte) || has_line_end(text, after, at),
            Ahead::Nothing => true,
        };
        if is_content {
            self.passed = quote;
        }
        Some(is_content)
    }

    /// What a quote in the string is. `None` if more must arrive.
    fn quote_ends(&self, text: &[u8], at: usize, complete: bool) -> Option<Quote> {
        let after = at.saturating_add(1);
        let next = match next_byte(text, after, complete) {
            Ahead::More => return None,
            Ahead::Byte { byte, .. } if self.may_follow(byte) || b"/#\x1e".contains(&byte) => {
                return Some(Quote::End);
            }
            Ahead::Nothing => return Some(Quote::End),
            Ahead::Byte { at: next, .. } => next,
        };
        if has_line_end(text, after, next) {
            return Some(Quote::End);
        }
        let structure = structure_at_end(text.get(self.content..at).unwrap_or_default());
        let Some(comma) = structure.iter().rposition(|byte| *byte == b',') else {
            return Some(Quote::Content);
        };
        let opens = structure.get(comma..).unwrap_or_default();
        if opens.contains(&b'{') || opens.contains(&b'[') {
            return Some(Quote::OfNextString);
        }
        let is_name = is_name_at(text, at, complete)?;
        Some(if is_name { Quote::OfNextString } else { Quote::Content })
    }

    /// Whether this byte may follow the end of the string.
    fn may_follow(&self, byte: u8) -> bool {
        // A value that a colon follows has not ended: it contains JSON that is not escaped.
        b",}]".contains(&byte) || (byte == b':' && self.role != Role::Value)
    }
}

/// What a quote in a string is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    End,
    /// The first quote of the next string. That of this one is missing.
    OfNextString,
    Content,
}

/// The brackets, commas, colons and blanks at the end of a text.
fn structure_at_end(text: &[u8]) -> &[u8] {
    let is_structure = |byte: &&u8| byte.is_ascii_whitespace() || b"{}[],:".contains(byte);
    let length = text.iter().rev().take(MAX_STRUCTURE).take_while(is_structure).count();
    text.get(text.len().saturating_sub(length)..).unwrap_or_default()
}

/// The most bytes of structure at the end of a string, so that the time for them is limited.
const MAX_STRUCTURE: usize = 64;

fn has_line_end(text: &[u8], from: usize, to: usize) -> bool {
    text.get(from..to).is_some_and(|blanks| blanks.contains(&b'\n'))
}

/// Whether a line of JSON cannot begin with this byte.
fn is_prose(byte: u8) -> bool {
    !byte.is_ascii_digit() && !b"{}[]\"',:-tfn/#\x1e".contains(&byte)
}
