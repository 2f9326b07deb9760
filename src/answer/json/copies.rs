//! Copies of what is in a text, handed out for as long as the text lives.

use std::sync::OnceLock;

use super::block;
use super::scan::string_end;
use super::value::{content_length, push_content};

/// How many bytes of the text share one list of copies.
const STRETCH: usize = 1024;

/// NUL-terminated copies of parts of a text, made when they are asked for. Each place has one copy at
/// most, and keeps it.
#[derive(Debug)]
pub(super) struct Copies {
    /// For each stretch of the text the copies of what begins there; made with the first copy.
    stretches: OnceLock<Vec<Slot>>,
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

impl Copies {
    pub(super) const fn new() -> Self {
        Self { stretches: OnceLock::new() }
    }

    /// The content of the string that begins here, with a NUL behind it. The strings that follow
    /// nearby are copied along, as they are mostly asked for next. `None` where there is no memory.
    pub(super) fn string(&self, text: &str, start: usize) -> Option<&[u8]> {
        let spelled = text.get(start..string_end(text.as_bytes(), start))?;
        let copy = self.copy(text, start, |to| strings(text, start, to))?;
        let begin = start.wrapping_sub(copy.from).wrapping_add(1);
        let end = begin.wrapping_add(content_length(spelled)?).wrapping_add(1);
        copy.bytes.get(begin..end)
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
        self.stretches.get_or_init(|| {
            let count = text.len().div_ceil(STRETCH);
            let mut slots = Vec::new();
            if slots.try_reserve_exact(count).is_ok() {
                slots.resize_with(count, Slot::new);
            }
            slots
        })
    }
}

/// The strings that begin between these places, the first of them at `start`: each begins as far into
/// the bytes as into the text, and has its content there and a NUL behind it. With them comes the
/// place before which they begin: a later string that is long is left out.
fn strings(text: &str, start: usize, to: usize) -> Option<(usize, Vec<u8>)> {
    let bytes = text.as_bytes();
    let to = to.min(bytes.len());
    let mut copied = Vec::new();
    let mut at = start;
    while at < to {
        let end = string_end(bytes, at);
        if at != start && end.saturating_sub(at) > STRETCH {
            return Some((at, copied));
        }
        let begin = at.wrapping_sub(start).wrapping_add(1);
        let most = end.max(to).wrapping_sub(start);
        copied.try_reserve(most.saturating_sub(copied.len())).ok()?;
        copied.resize(begin, 0);
        push_content(text.get(at..end)?, &mut copied);
        copied.push(0);
        let behind = block::run(bytes.get(end..).unwrap_or_default(), block::only(b'"'));
        at = bytes.len().wrapping_sub(behind.len());
    }
    Some((to, copied))
}
