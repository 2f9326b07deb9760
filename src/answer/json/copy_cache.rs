//! Copies of parts of a text. They stay valid as long as the cache.

use std::ops::Range;
use std::sync::OnceLock;

use fearless_simd::{Level, Simd, dispatch};

use super::masks::{BLOCK, Block, Strings, next_block, top};
use super::scalar::{content_length, push_content};
use super::scan::{StringSpan, string};

/// Bytes of the text that share one list of copies.
const BYTES_PER_SLOT: usize = 4096;

/// NUL-terminated copies of parts of a text. The first request for a part makes its copy, and later
/// requests return the same one.
#[derive(Debug)]
pub(super) struct CopyCache {
    /// The copies that begin in each `BYTES_PER_SLOT` bytes of the text. Empty before the first copy.
    slots: OnceLock<Vec<Slot>>,
}

/// The first copy of a linked list, or the one after another copy.
type Slot = OnceLock<Box<Copy>>;

/// A copy of the strings or values that begin in `from..to`.
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

    /// The content of a string, and a NUL. Also copies the strings that follow nearby, because callers
    /// usually request them next. `None` if memory is short.
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

    /// The same for a string with this range, if the first copy of its slot contains it. Makes no copy.
    #[inline(always)]
    pub(super) fn quick_string(&self, text: &str, string: Range<usize>) -> Option<&[u8]> {
        let slot = self.slots.get()?.get(string.start.wrapping_div(BYTES_PER_SLOT))?;
        let copy = slot.get()?;
        if string.start >= copy.to {
            return None;
        }
        let begin = string.start.checked_sub(copy.from)?.wrapping_add(1);
        let content = copy.bytes.get(begin..string.end.wrapping_sub(copy.from))?;
        match *content.last()? {
            0 => Some(content),
            MUCH_SHORTER => content.get(..=content_length(text.get(string)?)?),
            shorter => content.get(..content.len().wrapping_sub(usize::from(shorter))),
        }
    }

    /// The text of `start..end`, and a NUL. `None` if memory is short.
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

    /// The copy with the part that begins at `start`. If there is none, `make` makes it. `make` takes the
    /// offset before which the copied parts must begin. It returns the `to` of the copy, and its bytes.
    fn copy(
        &self,
        text: &str,
        start: usize,
        make: impl FnOnce(usize) -> Option<(usize, Vec<u8>)>,
    ) -> Option<&Copy> {
        let slot_index = start.wrapping_div(BYTES_PER_SLOT);
        let mut slot = self.slots(text).get(slot_index)?;
        let mut to = slot_index.wrapping_add(1).wrapping_mul(BYTES_PER_SLOT);
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
            // If another thread was faster, its copy comes before this one.
            made = slot.set(made?).err();
        }
    }

    fn slots(&self, text: &str) -> &[Slot] {
        self.slots.get_or_init(|| {
            let count = text.len().div_ceil(BYTES_PER_SLOT);
            let mut slots = Vec::new();
            if slots.try_reserve_exact(count).is_ok() {
                slots.resize_with(count, Slot::new);
            }
            slots
        })
    }
}

/// Copies the text from `start` on, with a NUL instead of each closing quote, and the strings without
/// their escapes. Returns an offset and the copy: all strings that begin before the offset are complete
/// in the copy. The offset is `to`, or the beginning of a later string if that is very long.
fn strings(text: &str, start: usize, to: usize) -> Option<(usize, Vec<u8>)> {
    let to = to.min(text.len());
    let rest = text.as_bytes().get(start..)?;
    let mut copied = Vec::new();
    copied.try_reserve_exact(to.wrapping_sub(start).wrapping_add(BLOCK)).ok()?;
    let end = dispatch!(Level::new(), simd => copy_terminated(simd, rest, to.wrapping_sub(start), &mut copied))?;
    let to = start.wrapping_add(end.to);
    if end.escapes {
        resolve(text, start, to, &mut copied)?;
    }
    Some((to, copied))
}

/// The end of a copy.
struct CopyEnd {
    /// Strings that begin before this offset are complete.
    to: usize,
    /// Whether the copy contains escapes.
    escapes: bool,
}

/// Copies a text that begins with a string, up to the end of the last string that begins before `to`,
/// with a NUL instead of each closing quote.
#[inline(always)]
fn copy_terminated<S: Simd>(
    simd: S,
    text: &[u8],
    to: usize,
    copied: &mut Vec<u8>,
) -> Option<CopyEnd> {
    simd.vectorize(
        #[inline(always)]
        || {
            let mut strings = Strings::default();
            let (mut rest, mut at, mut last, mut escapes) = (text, 0_usize, 0, false);
            while let Some((bytes, after)) = next_block(rest) {
                let quoted = strings.next(Block::new(simd, &bytes));
                escapes |= quoted.escaped != 0;
                copied.try_reserve(BLOCK).ok()?;
                copied.extend_from_slice(&bytes);
                let block = copied.last_chunk_mut::<BLOCK>()?;
                let mut closing = quoted.quotes & !quoted.inside;
                while closing != 0 {
                    if let Some(byte) = block.get_mut(closing.trailing_zeros() as usize) {
                        *byte = 0;
                    }
                    closing &= closing.wrapping_sub(1);
                }
                if let Some(opening) = (quoted.quotes & quoted.inside).checked_ilog2() {
                    last = at.wrapping_add(opening as usize);
                }
                (rest, at) = (after, at.wrapping_add(BLOCK));
                let ended = top(quoted.inside) == 0 || last >= to;
                if at >= to && ended {
                    return Some(CopyEnd { to, escapes });
                }
                if at >= to.wrapping_add(BYTES_PER_SLOT) && last != 0 {
                    return Some(CopyEnd { to: last, escapes });
                }
            }
            Some(CopyEnd { to, escapes })
        },
    )
}

/// A copy has the number of bytes by which the content of a string is shorter than in the text, instead of
/// its closing quote. From this number on, it is this one. So the NUL is there if there are no escapes.
const MUCH_SHORTER: u8 = u8::MAX;

/// Resolves the escapes of the strings that begin in `start..to`. `copied` is a copy of the text from
/// `start` on, where the first string begins.
#[inline(never)]
fn resolve(text: &str, start: usize, to: usize, copied: &mut [u8]) -> Option<()> {
    let (bytes, mut after, mut content) = (text.as_bytes(), start, Vec::new());
    while let Some(plain) = memchr::memchr(b'\\', bytes.get(after..)?) {
        // This is the first escape of its string, so the last quote before it is the opening one.
        let before = bytes.get(after..after.wrapping_add(plain))?;
        let quote = after.wrapping_add(memchr::memrchr(b'"', before)?);
        if quote >= to {
            break;
        }
        let end = string(bytes, quote).end;
        content.clear();
        content.try_reserve(end.wrapping_sub(quote)).ok()?;
        push_content(text.get(quote..end)?, &mut content);
        content.push(0);
        let place =
            copied.get_mut(quote.wrapping_sub(start).wrapping_add(1)..end.wrapping_sub(start))?;
        let shorter = place.len().wrapping_sub(content.len());
        *place.last_mut()? = shorter.try_into().unwrap_or(MUCH_SHORTER);
        place.iter_mut().zip(&content).for_each(|(to, from)| *to = *from);
        after = end;
    }
    Some(())
}
