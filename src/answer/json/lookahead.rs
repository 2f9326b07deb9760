//! Looks ahead in a text of which the rest may still arrive, by a limited number of bytes.

use memchr::memchr2;

/// How far a search looks ahead, so that its time is limited.
pub(super) const MAX_LOOKAHEAD: usize = 256;

/// What follows whitespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ahead {
    /// A byte, and its place.
    Byte { byte: u8, at: usize },
    /// The end of the text, or only whitespace in reach.
    Nothing,
    /// More bytes must arrive.
    More,
}

/// The first byte from this place on that is no whitespace.
pub(super) fn next_byte(text: &[u8], from: usize, complete: bool) -> Ahead {
    let rest = text.get(from..).unwrap_or_default();
    let near = rest.get(..MAX_LOOKAHEAD).unwrap_or(rest);
    match near.iter().enumerate().find(|(_, byte)| !byte.is_ascii_whitespace()) {
        Some((offset, byte)) => Ahead::Byte { byte: *byte, at: from.saturating_add(offset) },
        None if complete || near.len() == MAX_LOOKAHEAD => Ahead::Nothing,
        None => Ahead::More,
    }
}

/// The next quote that is not escaped: `Ok(None)` if there is none in reach, `Err` if more bytes must arrive.
pub(super) fn next_quote(
    text: &[u8],
    from: usize,
    quote: u8,
    complete: bool,
) -> Result<Option<usize>, ()> {
    let limit = from.saturating_add(MAX_LOOKAHEAD);
    let near = text.get(..limit).unwrap_or(text);
    let mut at = from;
    while let Some(found) = near.get(at..).and_then(|rest| memchr2(quote, b'\\', rest)) {
        let place = at.saturating_add(found);
        if near.get(place) == Some(&quote) {
            return Ok(Some(place));
        }
        at = place.saturating_add(2);
    }
    if complete || near.len() == limit { Ok(None) } else { Err(()) }
}

/// Whether a string begins at this place, and a colon follows it. `None` if more bytes must arrive.
pub(super) fn is_name_at(text: &[u8], at: usize, complete: bool) -> Option<bool> {
    let quote = *text.get(at)?;
    let Ok(end) = next_quote(text, at.saturating_add(1), quote, complete) else { return None };
    let Some(end) = end else { return Some(false) };
    match next_byte(text, end.saturating_add(1), complete) {
        Ahead::More => None,
        Ahead::Byte { byte, .. } => Some(byte == b':'),
        Ahead::Nothing => Some(false),
    }
}
