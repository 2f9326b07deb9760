//! Repairing what is not quite JSON.
//!
//! The text is read once from front to back, without recursion, and the repaired text is written
//! as it goes. Where something is wrong, a bounded look ahead decides between the readings. What
//! comes out is checked strictly, so that nothing ill-formed can leave.
//!
//! # Map
//!
//! ```text
//!            bytes                                             valid text, or nothing
//!              │ decode                                               ▲ strict check
//!              ▼                                                      │
//!            text ── root ── sound ── walk ─────────────────────── output, text
//!                     │ wrappers        │ names, values, brackets
//!                     │                 │   decide what a sign means
//!                     │                 ▼
//!                     └─────────── look-ahead: ahead, quotes, balance, mend
//!                                       │
//!                                       ▼
//!                                  source, budget: the bytes, and what reading them may cost
//! ```
//!
//! *State*: `walk` (the place in the text, what was seen so far), `output` (the open containers),
//! `report` (what was repaired), `budget`.
//!
//! | what is wrong | who decides | cases |
//! | --- | --- | --- |
//! | something stands around the document: a guard, a script, a fence, events | `wrappers` | guards, fences, notices |
//! | several documents, or junk behind the first | `root` | documents |
//! | the beginning is sound: nothing to decide, it is copied | `sound` | cut, late damage |
//! | a comma, a colon, a name or a value is missing or too many | `names`, `values` | commas, names, values |
//! | a bracket is missing, too many, or of the wrong kind | `brackets`, by `balance` and `mend` | brackets, surplus |
//! | a quote does not end its string, or opens one in the middle | `quotes`, by `ahead` | quotes |
//! | a string has raw control characters, odd escapes, other quotes | `strings` | strings, escapes |
//! | a number or a word of another language | `numbers`, `words` | numbers, keywords |
//! | comments, odd spaces | `space` | comments, spaces |
//!
//! The cases are those of `cases.rs` and of `tests/json_cases.json`, where each has a name.

#![forbid(unsafe_code)]

mod balance;
mod bounded_buffer;
mod brackets;
mod budget;
mod keywords;
mod lookahead;
mod names;
mod numbers;
mod output;
mod parser;
mod quotes;
mod recovery;
mod report;
mod root;
mod source;
mod strings;
mod valid_prefix;
mod values;
mod whitespace;
mod wrappers;

use std::borrow::Cow;

use self::budget::Budget;
use super::check;
use super::decode::{Decoded, Encoded, decode};
use super::{Kinds, Unrepaired};

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

/// What a body and all that is made of it may take: four times its length, or 4 MiB for a small one.
#[must_use]
pub fn most_memory(body: usize) -> usize {
    const SMALL: usize = 1024 * 1024;
    body.max(SMALL).saturating_mul(4)
}

/// Makes JSON of bytes that are not quite, as [`try_repair`] does. `None` where that is not possible.
#[must_use]
pub fn repair(bytes: &[u8], hints: &Hints<'_>) -> Option<Repaired> {
    try_repair(bytes, hints, &|| true).ok()
}

/// Makes JSON of bytes that are not quite. Bytes that are valid JSON come back unchanged.
///
/// Takes time and memory in proportion to the length. Nesting deeper than 512 becomes `null`.
/// `may_go_on` is asked for about every 64 KiB that are read, each time that they are.
///
/// # Errors
/// [`Unrepaired`].
pub fn try_repair(
    bytes: &[u8],
    hints: &Hints<'_>,
    may_go_on: &dyn Fn() -> bool,
) -> Result<Repaired, Unrepaired> {
    let decoded = decode(Encoded { bytes, charset: hints.charset, may_go_on })?;
    let Err(sound) = check::document_while(&decoded.text, may_go_on) else {
        let Decoded { text, kinds, first } = decoded;
        // Of a number that stands alone, more digits may have been cut off.
        if hints.cut && text.trim_ascii_end().ends_with(|last: char| last.is_ascii_digit()) {
            return Err(Unrepaired::NotJson);
        }
        let text = owned(text).ok_or(Unrepaired::NoMemory)?;
        return Ok(Repaired { text, kinds, first_offset: first });
    };
    let taken = match &decoded.text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(text) => text.capacity(),
    };
    // The rest is for what is small and does not grow with the body.
    const SMALL: usize = 16 * 1024;
    let held = bytes.len().saturating_add(taken).saturating_add(SMALL);
    let held = held.saturating_add(balance::max_memory(decoded.text.len()));
    let most = most_memory(bytes.len()).saturating_sub(held);
    let budget = Budget::new(decoded.text.len(), may_go_on);
    let fixed = root::repair_text(&decoded.text, sound, hints.cut, &budget, most)?;
    let text = fixed.text.finish().ok_or(Unrepaired::NoMemory)?;
    let valid = |text: &String| check::document_while(text, may_go_on).is_ok();
    let text = String::from_utf8(text).ok().filter(valid);
    Ok(Repaired {
        text: text.ok_or(Unrepaired::NotJson)?,
        kinds: decoded.kinds.union(fixed.report.kinds),
        first_offset: decoded.first.min(fixed.report.first_offset),
    })
}

/// The text with room for a NUL; `None` where there is no memory for it.
fn owned(text: Cow<'_, str>) -> Option<String> {
    let mut owned = match text {
        Cow::Owned(text) => text,
        Cow::Borrowed(text) => {
            let mut owned = String::new();
            owned.try_reserve_exact(text.len().saturating_add(1)).ok()?;
            owned.push_str(text);
            owned
        }
    };
    owned.try_reserve_exact(1).ok()?;
    Some(owned)
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
