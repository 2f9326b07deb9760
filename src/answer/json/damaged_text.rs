//! Finds where a damaged JSON text ends, of which the rest may still arrive.
//!
//! Comments and strings in single quotes are read as the repair reads them. A missing quote or bracket is found where no
//! valid text continues: at an opening bracket that has no place, at a wrong bracket, at the end of a line. The search
//! looks ahead by a limited number of bytes, so its time is proportional to the length.

use super::damaged_string::{OpenString, Role, StringEnd};
use super::lookahead::{Ahead, is_name_at, next_byte};
use super::separator::{RECORD_SEPARATOR, Separator};

/// A search for the end of a text. Each search continues where the last one stopped.
#[derive(Debug, Clone)]
pub(super) struct DamagedText {
    separator: Separator,
    /// The bytes before this offset were read.
    at: usize,
    /// The open containers, the innermost last.
    containers: Containers,
    before: Token,
    /// Whether the first container is an object.
    begins_with_object: bool,
    /// The place of the last comma.
    comma: usize,
    within: Option<Within>,
    is_cut: bool,
    is_empty: bool,
}

/// The last token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// Nothing but whitespace and comments.
    Start,
    Open,
    Comma,
    Colon,
    /// A value or a name.
    Value,
}

/// A token that has begun.
#[derive(Debug, Clone)]
enum Within {
    String(OpenString),
    Word,
    LineComment,
    BlockComment,
}

/// Whether a search goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Next,
    /// The text ends here.
    End(usize),
    /// More bytes must arrive.
    More,
}

impl DamagedText {
    pub(super) fn new(separator: Separator) -> Self {
        Self {
            separator,
            at: 0,
            containers: Containers::default(),
            before: Token::Start,
            begins_with_object: false,
            comma: 0,
            within: None,
            is_cut: false,
            is_empty: false,
        }
    }

    /// The length of the text; `None` if more of it must arrive. `text`: the bytes so far, from the first one on.
    /// `complete`: no more will arrive.
    pub(super) fn end(&mut self, text: &[u8], complete: bool) -> Option<usize> {
        loop {
            let step = match &mut self.within {
                Some(_) => self.continue_token(text, complete),
                None => self.next_token(text, complete),
            };
            match step {
                Step::Next => {}
                Step::End(end) => {
                    self.is_empty = self.before == Token::Start;
                    return Some(end);
                }
                Step::More => return None,
            }
        }
    }

    /// Whether the last byte arrived before the end of the text.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether the text has only comments.
    pub(super) fn is_empty(&self) -> bool {
        self.is_empty
    }

    fn next_token(&mut self, text: &[u8], complete: bool) -> Step {
        if self.containers.is_empty() && self.before == Token::Value {
            return Step::End(self.at);
        }
        let Some(byte) = text.get(self.at).copied() else {
            return self.end_of_bytes(text, complete);
        };
        match byte {
            b'\n' if self.separator == Separator::Line => return self.line_end(text, complete),
            RECORD_SEPARATOR if self.separator == Separator::Line => return Step::End(self.at),
            byte if byte.is_ascii_whitespace() => {}
            b'#' => self.within = Some(Within::LineComment),
            b'/' => return self.slash(text, complete),
            b'"' | b'\'' => {
                let role = match (self.containers.innermost_is_object(), self.before) {
                    (true, Token::Colon) => Role::Value,
                    (true, _) => Role::Name,
                    (false, _) => Role::Element,
                };
                self.within = Some(Within::String(OpenString::new(byte, self.at, role)));
            }
            b'{' | b'[' => return self.open(byte == b'{'),
            b'}' | b']' => return self.close(byte == b'}', text, complete),
            b',' if self.containers.is_empty() => return Step::End(self.at),
            b',' => {
                if self.before != Token::Comma {
                    self.comma = self.at;
                }
                self.before = Token::Comma;
            }
            b':' => self.before = Token::Colon,
            _ => self.within = Some(Within::Word),
        }
        self.advance(1)
    }

    fn end_of_bytes(&mut self, text: &[u8], complete: bool) -> Step {
        if !complete {
            return Step::More;
        }
        self.is_cut = !self.containers.is_empty();
        Step::End(text.len())
    }

    fn advance(&mut self, count: usize) -> Step {
        self.at = self.at.saturating_add(count);
        Step::Next
    }

    fn continue_token(&mut self, text: &[u8], complete: bool) -> Step {
        let rest = text.get(self.at..).unwrap_or_default();
        let (length, is_value) = match &mut self.within {
            Some(Within::String(string)) => {
                let line = self.separator == Separator::Line;
                match string.end(text, &mut self.at, line, complete) {
                    StringEnd::More => return Step::More,
                    StringEnd::At(end) => self.at = end,
                }
                (0, true)
            }
            Some(Within::Word) => match word_end(rest, complete) {
                Ok(end) => (end, true),
                Err(safe) => {
                    self.at = self.at.saturating_add(safe);
                    return Step::More;
                }
            },
            Some(Within::BlockComment) => match memchr::memmem::find(rest, b"*/") {
                Some(end) => (end.saturating_add(2), false),
                None if complete => (rest.len(), false),
                None => {
                    // A star at the end may be the first byte of the end.
                    self.at = self.at.saturating_add(rest.len().saturating_sub(1));
                    return Step::More;
                }
            },
            Some(Within::LineComment) | None => match memchr::memchr(b'\n', rest) {
                Some(end) => (end, false),
                None => {
                    self.at = text.len();
                    return self.end_of_bytes(text, complete);
                }
            },
        };
        self.within = None;
        if is_value {
            self.before = Token::Value;
        }
        self.advance(length)
    }

    /// A comment, or a word that begins with a slash.
    fn slash(&mut self, text: &[u8], complete: bool) -> Step {
        let next = text.get(self.at.saturating_add(1));
        let (within, length) = match next {
            Some(b'/') => (Within::LineComment, 2),
            Some(b'*') => (Within::BlockComment, 2),
            None if !complete => return Step::More,
            _ => (Within::Word, 1),
        };
        self.within = Some(within);
        self.advance(length)
    }

    /// The end of a line in a sequence of lines. It ends a text that the next line cannot continue.
    fn line_end(&mut self, text: &[u8], complete: bool) -> Step {
        if self.before != Token::Value {
            return self.advance(1);
        }
        match next_byte(text, self.at, complete) {
            Ahead::More => Step::More,
            Ahead::Byte { byte, .. } if b",:}]/#".contains(&byte) => self.advance(1),
            Ahead::Byte { .. } | Ahead::Nothing => Step::End(self.at),
        }
    }

    /// An opening bracket.
    fn open(&mut self, is_object: bool) -> Step {
        if self.containers.is_empty() {
            self.begins_with_object = is_object;
        } else if self.containers.innermost_is_object()
            && self.before != Token::Colon
            && is_object == self.begins_with_object
            && !self.containers.close_through(false)
        {
            // An object has no place for it, and no array around it has one. So the text has ended before.
            return Step::End(if self.before == Token::Comma { self.comma } else { self.at });
        }
        self.containers.open(is_object);
        self.before = Token::Open;
        self.advance(1)
    }

    /// A closing bracket.
    fn close(&mut self, is_object: bool, text: &[u8], complete: bool) -> Step {
        let after = self.at.saturating_add(1);
        if self.containers.is_empty() {
            return Step::End(self.at);
        }
        match self.containers.levels_to(is_object) {
            Some(0) => self.containers.close(),
            Some(levels) if levels.saturating_add(1) < self.containers.len() => {
                self.containers.close_levels(levels.saturating_add(1));
            }
            // It would close the outermost container. If another member follows, it is only a wrong bracket.
            Some(levels) => match is_member_after_comma(text, after, complete) {
                None => return Step::More,
                Some(true) if self.begins_with_object => self.containers.close(),
                Some(_) => self.containers.close_levels(levels.saturating_add(1)),
            },
            // In an array, it is that array's, unless something follows.
            None if !is_object && self.separator == Separator::Comma => {
                match next_byte(text, after, complete) {
                    Ahead::More => return Step::More,
                    Ahead::Byte { byte: b',' | b'}' | b':', .. } => self.containers.close(),
                    Ahead::Byte { .. } | Ahead::Nothing => return Step::End(self.at),
                }
            }
            None => self.containers.close(),
        }
        self.before = Token::Value;
        self.advance(1)
    }
}

/// Whether a comma and a member of an object follow. `None` if more must arrive.
fn is_member_after_comma(text: &[u8], at: usize, complete: bool) -> Option<bool> {
    let comma = match next_byte(text, at, complete) {
        Ahead::More => return None,
        Ahead::Byte { byte: b',', at } => at,
        Ahead::Byte { .. } | Ahead::Nothing => return Some(false),
    };
    match next_byte(text, comma.saturating_add(1), complete) {
        Ahead::More => None,
        Ahead::Byte { byte: b'"', at } => is_name_at(text, at, complete),
        Ahead::Byte { .. } | Ahead::Nothing => Some(false),
    }
}

/// The end of a word. Otherwise, how many of its bytes need not be looked at again.
fn word_end(text: &[u8], complete: bool) -> Result<usize, usize> {
    let ends = |window: &[u8]| match window {
        [b'/', b'/' | b'*', ..] => true,
        [byte, ..] => byte.is_ascii_whitespace() || b",:\"{}[]\x1e".contains(byte),
        [] => false,
    };
    let mut at = 0_usize;
    while let Some(window) = text.get(at..).filter(|window| !window.is_empty()) {
        match window {
            [b'/'] if !complete => return Err(at),
            _ if ends(window) => return Ok(at),
            _ => at = at.saturating_add(1),
        }
    }
    if complete { Ok(at) } else { Err(at) }
}

/// The kinds of the open containers. Beyond a limit, they are only counted.
#[derive(Debug, Clone, Default)]
struct Containers {
    /// Whether they are objects, the innermost last.
    objects: Vec<bool>,
    beyond: usize,
}

/// The levels of which the kind is known. The repair replaces levels deeper than 512.
const KNOWN: usize = 1024;

impl Containers {
    fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    fn len(&self) -> usize {
        self.objects.len().saturating_add(self.beyond)
    }

    fn innermost_is_object(&self) -> bool {
        self.beyond == 0 && self.objects.last() == Some(&true)
    }

    fn open(&mut self, is_object: bool) {
        if self.objects.len() < KNOWN {
            self.objects.push(is_object);
        } else {
            self.beyond = self.beyond.saturating_add(1);
        }
    }

    fn close(&mut self) {
        if self.beyond > 0 {
            self.beyond = self.beyond.saturating_sub(1);
        } else {
            self.objects.pop();
        }
    }

    fn close_levels(&mut self, levels: usize) {
        let left = self.objects.len().saturating_sub(levels);
        self.objects.truncate(left);
    }

    /// The number of open containers in the innermost one of this kind. `None` if there is none.
    fn levels_to(&self, is_object: bool) -> Option<usize> {
        if self.beyond > 0 {
            return Some(0);
        }
        self.objects.iter().rev().position(|object| *object == is_object)
    }

    /// Closes the containers in the innermost one of this kind. `false` if there is none.
    fn close_through(&mut self, is_object: bool) -> bool {
        let Some(levels) = self.levels_to(is_object) else { return false };
        self.close_levels(levels);
        true
    }
}
