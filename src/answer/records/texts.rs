//! JSON texts one after another, and the elements of an array.

use crate::code::{Code, Error};

use crate::answer::json::{ArrivingText, RECORD_SEPARATOR, Separator};

use super::arrived::Arrived;
use super::record::Step;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The state of a sequence of texts.
#[derive(Debug)]
pub(super) struct Texts {
    state: State,
    /// The search for the end of the current text.
    search: Option<ArrivingText>,
    /// Whether the body ended within the last text.
    is_cut: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte, which decides between an array and texts.
    Start,
    /// In the outermost array.
    Array,
    /// Among texts.
    Lines,
}

impl State {
    /// What separates two texts.
    fn separator(self) -> Separator {
        match self {
            Self::Array => Separator::Comma,
            Self::Start | Self::Lines => Separator::Line,
        }
    }
}

impl Texts {
    /// Texts one after another.
    pub(super) fn lines() -> Self {
        Self { state: State::Lines, search: None, is_cut: false }
    }

    /// The elements of an array. If the body does not begin with an array, the texts in it.
    pub(super) fn array() -> Self {
        Self { state: State::Start, search: None, is_cut: false }
    }

    /// The next text, without the whitespace around it. `complete`: no more bytes will arrive.
    ///
    /// # Errors
    /// [`Code::NotJson`] if the body ends within the array, or within its last text.
    pub(super) fn next(&mut self, arrived: &mut Arrived, complete: bool) -> Result<Step, Error> {
        loop {
            if self.search.is_none() && !self.begin(arrived, complete) {
                return self.without_text(complete);
            }
            let unread = arrived.unread();
            let Some(length) = self.search.as_mut().and_then(|search| search.end(unread, complete))
            else {
                return Ok(Step::More);
            };
            let search = self.search.take();
            self.is_cut = search.as_ref().is_some_and(ArrivingText::is_cut);
            if search.is_some_and(|search| search.is_empty()) && length > 0 {
                arrived.consume(length);
                continue;
            }
            // What is no JSON, such as a bracket too many, is a text of its own.
            let length = length.max(1);
            let text = unread.get(..length).unwrap_or_default().trim_ascii_end();
            let range = arrived.range(text.len());
            arrived.consume(length);
            return Ok(Step::Record(range));
        }
    }

    /// At the end of the bytes, there is no other text.
    fn without_text(&self, complete: bool) -> Result<Step, Error> {
        let message = match self.state {
            State::Array if complete => "the body ended before the end of its array",
            _ if self.is_cut => "the body ended before the end of its last text",
            _ => return Ok(Step::More),
        };
        Err(Error::new(Code::NotJson, message))
    }

    /// Skips what separates texts, and begins the search for the end of the next one. Returns whether there is one.
    fn begin(&mut self, arrived: &mut Arrived, complete: bool) -> bool {
        loop {
            let unread = arrived.unread();
            let skipped = unread.iter().take_while(|byte| Self::separates(**byte)).count();
            let rest = unread.get(skipped..).unwrap_or_default();
            if rest.len() < BOM.len() && BOM.starts_with(rest) && !complete {
                arrived.consume(skipped);
                return false;
            }
            if rest.starts_with(BOM) {
                arrived.consume(skipped.saturating_add(BOM.len()));
                continue;
            }
            let Some(first) = rest.first().copied() else {
                arrived.consume(skipped);
                return false;
            };
            let (next, used) = match (self.state, first) {
                (State::Start, b'[') => (State::Array, 1),
                (State::Start, _) => (State::Lines, 0),
                (State::Array, b']') => (State::Start, 1),
                (state, _) => {
                    arrived.consume(skipped);
                    self.search = Some(ArrivingText::new(first, state.separator()));
                    return true;
                }
            };
            self.state = next;
            arrived.consume(skipped.saturating_add(used));
        }
    }

    /// Whether a byte before a text is not part of it.
    fn separates(byte: u8) -> bool {
        byte.is_ascii_whitespace() || byte == RECORD_SEPARATOR || byte == b','
    }
}
