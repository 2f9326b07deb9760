//! The repair of damaged JSON.
//!
//! The parser reads the text once from start to end, without recursion, and writes the repaired
//! text as it goes. If something is wrong, a bounded look-ahead decides between the possible
//! repairs. The strict check reads the result, so that no invalid JSON leaves this module.
//!
//! # Map
//!
//! ```text
//!            bytes                                             valid text, or nothing
//!              │ decode                                               ▲ strict check
//!              ▼                                                      │
//!            text ── root ── valid_prefix ── parser ─────────────── output, bounded_buffer
//!                     │ wrappers        │ names, values, brackets
//!                     │                 │   decide what a byte means
//!                     │                 ▼
//!                     └─────────── look-ahead: lookahead, quotes, balance, recovery
//!                                       │
//!                                       ▼
//!                          source, passes, budget: the bytes, and the allowed cost of reading them
//! ```
//!
//! *State*: `parser` (the position in the text, what was read so far), `output` (the open
//! containers), `report` (the repairs), `budget`.
//!
//! | damage | decided in | cases |
//! | --- | --- | --- |
//! | something surrounds the document: a guard, a script, a fence, events | `wrappers` | guards, fences, notices |
//! | several documents, or text after the first | `root` | documents |
//! | the beginning is valid and is copied | `valid_prefix` | truncated, late damage |
//! | a comma, a colon, a name or a value is missing or extra | `names`, `values` | commas, names, values |
//! | a bracket is missing, extra, or of the wrong kind | `brackets`, by `balance` and `recovery` | brackets, surplus |
//! | a quote does not end its string, or opens one in the middle | `quotes`, by `lookahead` | quotes |
//! | a string has raw control characters, unknown escapes, other quotes | `strings` | strings, escapes |
//! | a number or a keyword of another language | `numbers`, `keywords` | numbers, keywords |
//! | comments, unusual whitespace | `whitespace` | comments, spaces |
//!
//! The cases are in `cases.rs` and in `tests/json_cases.json`. Each has a name.

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
mod passes;
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
use std::cell::Cell;

use self::budget::Budget;
use super::check;
use super::decode::{Decoded, Encoded, decode};
use super::pieces;
use super::{RepairError, RepairKinds};

/// Information about a body besides its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints<'a> {
    /// The `charset` parameter of the `Content-Type`, if there is one.
    pub charset: Option<&'a str>,
    /// Whether the end of the body is missing. Then a number at the end may be incomplete.
    pub truncated: bool,
}

/// A text that is strictly valid JSON, and its repairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Valid by RFC 8259.
    pub text: String,
    /// The kinds of repair; empty if the bytes were valid.
    pub kinds: RepairKinds,
    /// Offset of the first repair in the given bytes; their length if there was none.
    pub first_offset: usize,
}

/// Memory limit in bytes for a body and everything made from it: four times its length, at least 4
/// MiB.
#[must_use]
pub fn most_memory(body: usize) -> usize {
    const SMALL: usize = 1024 * 1024;
    body.max(SMALL).saturating_mul(4)
}

/// Repairs damaged JSON as [`try_repair`] does. `None` if that is not possible.
#[must_use]
pub fn repair(bytes: &[u8], hints: &Hints<'_>) -> Option<Repaired> {
    try_repair(bytes, hints, &|| true).ok()
}

/// Repairs damaged JSON. Returns bytes that are valid JSON unchanged.
///
/// Time and memory grow in proportion to the length. Nesting deeper than 512 becomes `null`.
/// Calls `should_continue` about every 64 KiB that it reads, also if it reads them again. After the
/// first `false`, it returns [`RepairError::Stopped`].
///
/// # Errors
/// [`RepairError`].
pub fn try_repair(
    bytes: &[u8],
    hints: &Hints<'_>,
    should_continue: &dyn Fn() -> bool,
) -> Result<Repaired, RepairError> {
    let stopped = Cell::new(false);
    let may_continue = || {
        stopped.set(stopped.get() || !should_continue());
        !stopped.get()
    };
    let result = repair_while(bytes, hints, &may_continue);
    if stopped.get() { Err(RepairError::Stopped) } else { result }
}

fn repair_while(
    bytes: &[u8],
    hints: &Hints<'_>,
    should_continue: &dyn Fn() -> bool,
) -> Result<Repaired, RepairError> {
    let decoded = decode(Encoded { bytes, charset: hints.charset, should_continue })?;
    let Err(valid_prefix) = check::check_document_while(&decoded.text, should_continue) else {
        let Decoded { text, kinds, first_offset: first } = decoded;
        // A number that is the whole document may have lost digits.
        if hints.truncated && ends_with_digit(&text, should_continue)? {
            return Err(RepairError::NotJson);
        }
        let text = into_string(text, should_continue)?;
        return Ok(Repaired { text, kinds, first_offset: first });
    };
    let decoded_memory = match &decoded.text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(text) => text.capacity(),
    };
    // Reserved for small parts, which do not grow with the body.
    const SMALL: usize = 16 * 1024;
    let used = bytes.len().saturating_add(decoded_memory).saturating_add(SMALL);
    let used = used.saturating_add(balance::max_memory(decoded.text.len()));
    let max_length = most_memory(bytes.len()).saturating_sub(used);
    let budget = Budget::new(decoded.text.len(), should_continue);
    let repaired =
        root::repair_text(&decoded.text, valid_prefix, hints.truncated, &budget, max_length)?;
    let text = repaired.text.finish().ok_or(RepairError::OutOfMemory)?;
    let valid = |text: &String| check::check_document_while(text, should_continue).is_ok();
    let text = String::from_utf8(text).ok().filter(valid);
    Ok(Repaired {
        text: text.ok_or(RepairError::NotJson)?,
        kinds: decoded.kinds.union(repaired.report.kinds),
        first_offset: decoded.first_offset.min(repaired.report.first_offset),
    })
}

/// Whether the last character that is not whitespace is a digit.
fn ends_with_digit(text: &str, should_continue: &dyn Fn() -> bool) -> Result<bool, RepairError> {
    let is_text = |byte: &u8| !byte.is_ascii_whitespace();
    let last = pieces::rposition(text.as_bytes(), should_continue, |piece| {
        piece.iter().rposition(is_text)
    })?;
    Ok(last.and_then(|last| text.as_bytes().get(last)).is_some_and(u8::is_ascii_digit))
}

/// The text with room for a NUL.
fn into_string(
    text: Cow<'_, str>,
    should_continue: &dyn Fn() -> bool,
) -> Result<String, RepairError> {
    let (mut owned, borrowed) = match text {
        Cow::Owned(text) => (text, ""),
        Cow::Borrowed(text) => (String::new(), text),
    };
    let room = borrowed.len().saturating_add(1);
    owned.try_reserve_exact(room).map_err(|_| RepairError::OutOfMemory)?;
    pieces::push_str(&mut owned, borrowed, should_continue)?;
    Ok(owned)
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
