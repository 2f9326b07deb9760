//! Repairing what is not quite JSON.
//!
//! The text is read once from front to back, without recursion, and the repaired text is written
//! as it goes. Where something is wrong, a bounded look ahead decides between the readings. What
//! comes out is checked strictly, so that nothing ill-formed can leave.

#![forbid(unsafe_code)]

mod ahead;
mod balance;
mod brackets;
mod budget;
mod mend;
mod names;
mod numbers;
mod output;
mod quotes;
mod root;
mod sound;
mod source;
mod space;
mod strings;
mod text;
mod values;
mod walk;
mod words;
mod wrappers;

use std::borrow::Cow;

use self::budget::Budget;
use super::check;
use super::decode::{Decoded, Encoded, decode};
use super::strict::is_json;
use super::{Kind, Kinds, Unrepaired};

/// What is known of a body besides its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints<'a> {
    /// The `charset` parameter of the `Content-Type`, if there is one.
    pub charset: Option<&'a str>,
    /// Whether the body was cut short: then a number at its end may be a part of one.
    pub cut: bool,
}

/// A text that is strictly valid JSON, and what it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Valid by RFC 8259.
    pub text: String,
    /// What was repaired; empty where the bytes were valid as they were.
    pub kinds: Kinds,
    /// Where the first repair was needed: an offset in the bytes given. Their number, where none was.
    pub first_offset: usize,
}

/// Makes JSON of bytes that are not quite. Bytes that are valid JSON come back unchanged.
///
/// `None` where there is nothing to save: no document at all (white space, a word, a sentence, a
/// form, CSV, YAML), a document of another sort (HTML, XML), or one whose beginning is lost.
///
/// Takes time and memory in proportion to the length. Nesting deeper than 512 becomes `null`.
#[must_use]
pub fn repair(bytes: &[u8], hints: &Hints<'_>) -> Option<Repaired> {
    repair_while(bytes, hints, &|| true).ok()
}

/// The same, where the work can be ended: `may_go_on` is asked after every 65,536 steps, one step
/// being about a byte that is read.
///
/// # Errors
/// Why the bytes were not repaired.
pub fn repair_while(
    bytes: &[u8],
    hints: &Hints<'_>,
    may_go_on: &dyn Fn() -> bool,
) -> Result<Repaired, Unrepaired> {
    let decoded = decode(Encoded { bytes, charset: hints.charset, may_go_on })?;
    let Err(sound) = check::document(&decoded.text) else {
        let Decoded { text, kinds, first } = decoded;
        // Of a number that stands alone, more digits may have been cut off.
        if hints.cut && text.trim_ascii_end().ends_with(|last: char| last.is_ascii_digit()) {
            return Err(Unrepaired::NoJson);
        }
        return Ok(Repaired { text: owned(text)?, kinds, first_offset: first });
    };
    let budget = Budget::new(decoded.text.len(), may_go_on);
    let fixed = root::fix(&decoded.text, sound, hints.cut, &budget)?;
    if !may_go_on() {
        return Err(Unrepaired::Stopped);
    }
    let text = String::from_utf8(fixed.text).ok().filter(|text| is_json(text));
    Ok(Repaired {
        text: owned(Cow::Owned(text.ok_or(Unrepaired::NoJson)?))?,
        kinds: decoded.kinds.union(fixed.report.kinds),
        first_offset: decoded.first.min(fixed.report.first),
    })
}

/// The text as one of its own, with room for the NUL that callers in C want behind it.
fn owned(text: Cow<'_, str>) -> Result<String, Unrepaired> {
    let (mut own, copied) = match text {
        Cow::Owned(text) => (text, ""),
        Cow::Borrowed(text) => (String::new(), text),
    };
    let room = copied.len().saturating_add(1);
    own.try_reserve_exact(room).map_err(|_| Unrepaired::NoMemory)?;
    own.push_str(copied);
    Ok(own)
}

/// What was repaired, and where the first of it was.
#[derive(Debug, Clone, Copy)]
struct Report {
    kinds: Kinds,
    first: usize,
}

impl Report {
    const fn new() -> Self {
        Self { kinds: Kinds::new(), first: usize::MAX }
    }

    fn add(&mut self, kind: Kind, at: usize) {
        self.kinds.insert(kind);
        self.first = self.first.min(at);
    }

    fn add_all(&mut self, kinds: Kinds, at: usize) {
        if !kinds.is_empty() {
            self.kinds = self.kinds.union(kinds);
            self.first = self.first.min(at);
        }
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
