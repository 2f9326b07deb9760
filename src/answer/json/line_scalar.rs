//! Finds where a text ends that is no container, in a sequence of texts: a string, a number or a name, which other texts
//! may follow on the same line. Any other line is one text.

use memchr::memchr2;

use super::separator::RECORD_SEPARATOR;
use super::structure::Found;
use super::validate::is_json;

/// So far does a search look ahead, so that its time is limited.
const MAX_LOOKAHEAD: usize = 256;

/// A search for the end of a text. Each search continues where the last one stopped.
#[derive(Debug, Clone, Default)]
pub(super) struct LineScalar {
    /// Whether the whole line is the text.
    is_line: bool,
    /// The bytes before this offset do not end what is searched: a string, a word or the line.
    scanned: usize,
    /// The end of the scalar, if it was found.
    scalar: Option<usize>,
}

/// Whether a line is a sequence of texts. `None` if more of it must arrive.
type Verdict = Option<bool>;

impl LineScalar {
    /// The end of the text, which begins with a byte that is no bracket and no whitespace. [`Found::Damage`] for a string
    /// with a line end.
    pub(super) fn find(&mut self, text: &[u8], complete: bool) -> Found {
        if !self.is_line {
            let scalar = match self.scalar {
                None => self.scalar_end(text, complete),
                found => found.map_or(Found::Nothing, Found::End),
            };
            let verdict = match scalar {
                Found::End(end) => {
                    self.scalar = Some(end);
                    texts_follow(text, end, complete)
                }
                Found::Nothing if !complete && !self.is_line => return Found::Nothing,
                Found::Nothing => Some(false),
                Found::Damage => return Found::Damage,
            };
            match (verdict, self.scalar) {
                (None, _) => return Found::Nothing,
                (Some(true), Some(end)) => return Found::End(end),
                _ => (self.is_line, self.scanned) = (true, 0),
            }
        }
        let rest = text.get(self.scanned..).unwrap_or_default();
        match memchr2(b'\n', RECORD_SEPARATOR, rest) {
            Some(end) => Found::End(self.scanned.saturating_add(end)),
            None if complete => Found::End(text.len()),
            None => {
                self.scanned = text.len();
                Found::Nothing
            }
        }
    }

    /// The end of the scalar at the beginning. [`Found::Nothing`] if more of it must arrive, or if it is none; then
    /// `is_line` is set.
    fn scalar_end(&mut self, text: &[u8], complete: bool) -> Found {
        if text.first() == Some(&b'"') {
            self.scanned = self.scanned.max(1);
            return self.string_end(text);
        }
        let rest = text.get(self.scanned..).unwrap_or_default();
        let Some(end) = word_end(rest, complete) else {
            self.scanned = text.len();
            return Found::Nothing;
        };
        let end = self.scanned.saturating_add(end);
        if is_scalar(text.get(..end).unwrap_or_default()) {
            return Found::End(end);
        }
        self.is_line = true;
        Found::Nothing
    }

    fn string_end(&mut self, text: &[u8]) -> Found {
        loop {
            let rest = text.get(self.scanned..).unwrap_or_default();
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\n' | &RECORD_SEPARATOR);
            let Some(at) = rest.iter().position(special) else {
                self.scanned = text.len();
                return Found::Nothing;
            };
            let at = self.scanned.saturating_add(at);
            match text.get(at) {
                Some(b'"') => return Found::End(at.saturating_add(1)),
                Some(b'\n') => return Found::Damage,
                Some(&RECORD_SEPARATOR) => {
                    self.is_line = true;
                    return Found::Nothing;
                }
                // A backslash, and the byte that it escapes.
                _ if at.saturating_add(1) < text.len() => self.scanned = at.saturating_add(2),
                _ => {
                    self.scanned = at;
                    return Found::Nothing;
                }
            }
        }
    }
}

/// Whether a scalar that ends here is a text of its own: the line ends, perhaps after a comma, or another text begins.
fn texts_follow(text: &[u8], end: usize, complete: bool) -> Verdict {
    let (blanks, after) = trim_blanks(text.get(end..)?);
    let Some(next) = after.first() else { return complete.then_some(true) };
    match next {
        _ if blanks == MAX_LOOKAHEAD => Some(true),
        b'\n' | b'{' | b'[' | b'"' | &RECORD_SEPARATOR => Some(true),
        b',' => match trim_blanks(after.get(1..)?).1.first() {
            Some(next) => Some(matches!(next, b'\n' | &RECORD_SEPARATOR)),
            None => complete.then_some(true),
        },
        _ => {
            let after = after.get(..MAX_LOOKAHEAD).unwrap_or(after);
            let end = word_end(after, complete || after.len() == MAX_LOOKAHEAD)?;
            Some(is_scalar(after.get(..end).unwrap_or_default()))
        }
    }
}

/// The number of the first blanks, and what follows them.
fn trim_blanks(text: &[u8]) -> (usize, &[u8]) {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
    let blanks = text.iter().take(MAX_LOOKAHEAD).take_while(is_blank).count();
    (blanks, text.get(blanks..).unwrap_or_default())
}

/// The end of a number or a name. `None` if more of it must arrive.
fn word_end(text: &[u8], complete: bool) -> Option<usize> {
    let ends = |byte: &u8| {
        byte.is_ascii_whitespace() || b",:\"{}[]".contains(byte) || *byte == RECORD_SEPARATOR
    };
    text.iter().position(ends).or_else(|| complete.then_some(text.len()))
}

fn is_scalar(word: &[u8]) -> bool {
    std::str::from_utf8(word).is_ok_and(is_json)
}
