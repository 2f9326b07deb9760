//! Copies of what is in a text, handed out for as long as the text lives.

use std::sync::OnceLock;

use fearless_simd::{Level, Simd, dispatch};

use super::block;
use super::masks::{BLOCK, Block, Strings, next_block, top};
use super::scalar::{content_length, push_content};
use super::scan::{StringSpan, string};

/// How many bytes of the text share one list of copies.
const STRETCH: usize = 1024;

/// NUL-terminated copies of parts of a text, made when they are asked for. Each place has one copy at
/// most, and keeps it.
#[derive(Debug)]
pub(super) struct CopyCache {
    /// For each stretch of the text the copies of what begins there; made with the first copy.
    slots: OnceLock<Vec<Slot>>,
}

/// The first of a list of copies, or the one behind another.
type Slot = OnceLock<Box<Copy>>;

/// A copy of all that begins in a part of the text.
#[derive(Debug)]
struct Copy {
    from: usize,
    to: usize,
    bytes: Vec<u8>,
    next: Slot,
}

impl CopyCache {
    pub(super) const fn new() -> Self {
        Self { slots: OnceLock::new() }
    }

    /// The content of a string, with a NUL behind it. The strings that follow nearby are copied along,
    /// as they are mostly asked for next. `None` where there is no memory.
    pub(super) fn string(&self, text: &str, string: StringSpan) -> Option<&[u8]> {
        let StringSpan { start, end, escapes } = string;
        let length = match escapes {
            true => content_length(text.get(start..end)?)?,
            false => end.wrapping_sub(start).wrapping_sub(2),
        };
        let copy = self.copy(text, start, |to| strings(text, start, to))?;
        let begin = start.wrapping_sub(copy.from).wrapping_add(1);
        copy.bytes.get(begin..begin.wrapping_add(length).wrapping_add(1))
    }

    /// The text from here to there, with a NUL behind it. `None` where there is no memory.
    pub(super) fn text(&self, text: &str, start: usize, end: usize) -> Option<&[u8]> {
        let part = text.get(start..end)?;
        let copy = self.copy(text, start, |_| {
            let mut bytes = Vec::new();
            bytes.try_reserve_exact(part.len().checked_add(1)?).ok()?;
            bytes.extend_from_slice(part.as_bytes());
            bytes.push(0);
            Some((start.wrapping_add(1), bytes))
        })?;
        Some(&copy.bytes)
    }

    /// The copy of what begins here, made if there is none yet: of what begins before a place, or
    /// before the one that is given with the bytes.
    fn copy(
        &self,
        text: &str,
        start: usize,
        make: impl FnOnce(usize) -> Option<(usize, Vec<u8>)>,
    ) -> Option<&Copy> {
        let stretch = start.wrapping_div(STRETCH);
        let mut slot = self.stretches(text).get(stretch)?;
        let mut to = stretch.wrapping_add(1).wrapping_mul(STRETCH);
        let (mut make, mut made) = (Some(make), None);
        loop {
            if let Some(copy) = slot.get() {
                if (copy.from..copy.to).contains(&start) {
                    return Some(copy);
                }
                if copy.from > start {
                    to = to.min(copy.from);
                }
                slot = &copy.next;
                continue;
            }
            if let Some(make) = make.take() {
                let (to, bytes) = make(to)?;
                made = Some(Box::new(Copy { from: start, to, bytes, next: Slot::new() }));
            }
            // Where another thread was faster, its copy comes before this one.
            made = slot.set(made?).err();
        }
    }

    fn stretches(&self, text: &str) -> &[Slot] {
        self.slots.get_or_init(|| {
            let count = text.len().div_ceil(STRETCH);
            let mut slots = Vec::new();
            if slots.try_reserve_exact(count).is_ok() {
                slots.resize_with(count, Slot::new);
            }
            slots
        })
    }
}

/// The text from here on, with a NUL in place of each closing quote, and strings without their escapes,
/// which makes them shorter. It goes on so far that each string is whole that begins before a place:
/// the given one, or, if a later string is very long, where that begins; the place is given back.
fn strings(text: &str, start: usize, to: usize) -> Option<(usize, Vec<u8>)> {
    let to = to.min(text.len());
    let rest = text.as_bytes().get(start..)?;
    let mut copied = Vec::new();
    copied.try_reserve_exact(to.wrapping_sub(start).wrapping_add(BLOCK)).ok()?;
    let whole = dispatch!(Level::new(), simd => terminated(simd, rest, to.wrapping_sub(start), &mut copied))?;
    if whole.escapes {
        resolve(text, start, start.wrapping_add(whole.to), &mut copied)?;
    }
    Some((start.wrapping_add(whole.to), copied))
}

/// What was copied.
struct StringEnd {
    /// Strings that begin before this are whole.
    to: usize,
    /// Whether there are escapes in it.
    escapes: bool,
}

/// Copies a text that begins with a string up to the end of the last string that begins before a
/// place, with a NUL in place of each closing quote.
#[inline(always)]
fn terminated<S: Simd>(simd: S, text: &[u8], to: usize, copied: &mut Vec<u8>) -> Option<StringEnd> {
    simd.vectorize(
        #[inline(always)]
        || {
            let mut strings = Strings::default();
            let (mut rest, mut at, mut last, mut escapes) = (text, 0_usize, 0, false);
            while let Some((bytes, behind)) = next_block(rest) {
                let quoted = strings.next(Block::new(simd, &bytes));
                escapes |= quoted.escaped != 0;
                copied.try_reserve(BLOCK).ok()?;
                let mut terminated = bytes;
                let mut closing = quoted.quotes & !quoted.inside;
                while closing != 0 {
                    if let Some(byte) = terminated.get_mut(closing.trailing_zeros() as usize) {
                        *byte = 0;
                    }
                    closing &= closing.wrapping_sub(1);
                }
                copied.extend_from_slice(&terminated);
                if let Some(opening) = (quoted.quotes & quoted.inside).checked_ilog2() {
                    last = at.wrapping_add(opening as usize);
                }
                (rest, at) = (behind, at.wrapping_add(BLOCK));
                let ended = top(quoted.inside) == 0 || last >= to;
                if at >= to && ended {
                    return Some(StringEnd { to, escapes });
                }
                if at >= to.wrapping_add(STRETCH) && last != 0 {
                    return Some(StringEnd { to: last, escapes });
                }
            }
            Some(StringEnd { to, escapes })
        },
    )
}

/// Resolves the escapes of the strings that begin between these places, of which the first begins at
/// the first, in a copy of the text from there on.
#[inline(never)]
fn resolve(text: &str, start: usize, to: usize, copied: &mut [u8]) -> Option<()> {
    let bytes = text.as_bytes();
    let (mut at, mut content) = (start, Vec::new());
    while at < to {
        let StringSpan { end, escapes, .. } = string(bytes, at);
        if escapes {
            content.clear();
            content.try_reserve(end.wrapping_sub(at)).ok()?;
            push_content(text.get(at..end)?, &mut content);
            content.push(0);
            let place = copied.get_mut(at.wrapping_sub(start).wrapping_add(1)..)?;
            place.iter_mut().zip(&content).for_each(|(to, from)| *to = *from);
        }
        let behind = block::skip_until(bytes.get(end..)?, block::equal_to(b'"'));
        at = bytes.len().wrapping_sub(behind.len());
    }
    Some(())
}
