//! Reads values from token to token. Each read knows only the usual forms of a text; another read must
//! handle the others.

mod member;
mod objects;
mod recent;
mod scalars;

use std::ops::Range;

use super::tokens::Tokens;

use self::recent::Recent;

/// The result of a quick read: `None` if it does not know this form of text.
pub(super) type Quick<T> = Option<T>;

/// What is known of a text.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) tokens: Tokens,
    recent: Recent,
}

impl Known {
    /// The tokens of a valid text; `None` if memory is short, or if the text has 4 GiB or more.
    pub(super) fn find(text: &str) -> Option<Self> {
        Some(Self { tokens: Tokens::find(text)?, recent: Recent::new() })
    }
}

/// A valid JSON text with its tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'t> {
    pub(super) known: &'t Known,
    pub(super) bytes: &'t [u8],
}

impl Walk<'_> {
    /// The first element or member of the value at `place`.
    #[inline(always)]
    pub(super) fn first(self, place: usize) -> Quick<Option<usize>> {
        match self.first_byte(place)? {
            b'{' => self.child_from(place.wrapping_add(1), true),
            b'[' => self.child_from(place.wrapping_add(1), false),
            _ => Some(None),
        }
    }

    /// The element or member after the one at `place`.
    #[inline(always)]
    pub(super) fn next(self, place: usize) -> Quick<Option<usize>> {
        self.child_from(self.end(place)?, self.is_member(place)?)
    }

    /// The first byte of the value at `place`.
    #[inline(always)]
    pub(super) fn first_byte(self, place: usize) -> Quick<u8> {
        self.bytes.get(place).copied()
    }

    /// The child whose name or value begins at `at` or after it. The container may end before.
    #[inline(always)]
    fn child_from(self, at: usize, in_object: bool) -> Quick<Option<usize>> {
        let Some(token) = self.known.tokens.starts.next(at) else { return Some(None) };
        if closes(*self.bytes.get(token)?) {
            return Some(None);
        }
        let after_name = || self.known.tokens.starts.next(token.wrapping_add(1));
        Some(if in_object { after_name() } else { Some(token) })
    }

    /// Whether the value at `place` has a name.
    #[inline(always)]
    fn is_member(self, place: usize) -> Quick<bool> {
        let before = self.bytes.get(..place)?;
        Some(match before {
            [.., b':'] => true,
            [.., b',' | b'['] => false,
            _ => before.trim_ascii_end().ends_with(b":"),
        })
    }

    /// The end of a container, or an offset in a scalar after its first byte. `None` if it is far.
    #[inline(always)]
    fn end(self, place: usize) -> Quick<usize> {
        match self.first_byte(place)? {
            b'{' | b'[' => self.container_end(place),
            _ => Some(place.wrapping_add(1)),
        }
    }

    #[inline(always)]
    fn container_end(self, start: usize) -> Quick<usize> {
        match self.known.recent.end(start) {
            Some(end) => Some(end),
            None => self.known.search_end(self.bytes, start),
        }
    }

    /// The string at `place`, with its quotes.
    #[inline(always)]
    pub(super) fn string(self, place: usize) -> Quick<Range<usize>> {
        if self.first_byte(place)? != b'"' {
            return None;
        }
        Some(place..self.known.tokens.ends.next(place.wrapping_add(1))?.wrapping_add(1))
    }

    /// The name of the member whose value is at `place`, with its quotes.
    #[inline(always)]
    pub(super) fn name(self, place: usize) -> Quick<Range<usize>> {
        if !self.is_member(place)? {
            return None;
        }
        self.string(self.known.tokens.starts.previous(place)?)
    }
}

// These get their arguments one by one, so that they are in registers.
impl Known {
    /// The end of the container at `start`, if it is near.
    #[inline(never)]
    fn search_end(&self, bytes: &[u8], start: usize) -> Quick<usize> {
        let mut depth = 1_usize;
        let mut tokens = self.tokens.starts.from(start.wrapping_add(1))?;
        loop {
            let token = tokens.next()?;
            let byte = *bytes.get(token)?;
            if closes(byte) {
                depth = depth.wrapping_sub(1);
                if depth == 0 {
                    return Some(token.wrapping_add(1));
                }
            } else if opens(byte) {
                depth = depth.wrapping_add(1);
            }
        }
    }
}

#[inline(always)]
fn opens(byte: u8) -> bool {
    byte | 0x20 == b'{'
}

#[inline(always)]
fn closes(byte: u8) -> bool {
    byte | 0x20 == b'}'
}
