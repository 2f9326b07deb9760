//! The repaired text, which grows by what a server sent: up to a limit, and only where there is memory.

/// Bytes that are written one behind the other.
#[derive(Debug)]
pub(super) struct BoundedBuffer {
    bytes: Vec<u8>,
    /// How many there may be.
    max: usize,
    /// Something was left out: there was no room for it.
    overflowed: bool,
}

impl Default for BoundedBuffer {
    fn default() -> Self {
        Self { bytes: Vec::new(), max: usize::MAX, overflowed: false }
    }
}

/// A text of this length is given room for all that it may become: what is not written to takes no
/// memory, while a text that moves needs its memory twice.
const RESERVE_ALL_ABOVE: usize = 64 * 1024;

impl BoundedBuffer {
    /// An empty text with room for so many bytes, and for no more than so many.
    pub(super) fn new(room: usize, most: usize) -> Self {
        let mut text = Self { max: most, ..Self::default() };
        if room < RESERVE_ALL_ABOVE || text.bytes.try_reserve_exact(most).is_err() {
            text.make_room(room.min(most));
        }
        text
    }

    /// What was written, with room for a NUL; `None` where something was left out.
    pub(super) fn finish(mut self) -> Option<Vec<u8>> {
        self.make_room(1);
        self.bytes.shrink_to(self.bytes.len().saturating_add(1));
        (!self.overflowed).then_some(self.bytes)
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&u8> {
        self.bytes.get(at)
    }

    #[inline(always)]
    pub(super) fn push(&mut self, byte: u8) {
        if self.make_room(1) {
            self.bytes.push(byte);
        }
    }

    #[inline(always)]
    pub(super) fn extend_from_slice(&mut self, bytes: &[u8]) {
        if self.make_room(bytes.len()) {
            self.bytes.extend_from_slice(bytes);
        }
    }

    pub(super) fn insert(&mut self, at: usize, byte: u8) {
        if self.make_room(1) && at <= self.bytes.len() {
            self.bytes.insert(at, byte);
        }
    }

    pub(super) fn pop(&mut self) {
        self.bytes.pop();
    }

    /// Takes the last byte back, if it is this one.
    pub(super) fn pop_if(&mut self, byte: u8) -> bool {
        self.bytes.pop_if(|last| *last == byte).is_some()
    }

    pub(super) fn trim_end(&mut self) {
        let length = self.bytes.trim_ascii_end().len();
        self.bytes.truncate(length);
    }

    #[inline(always)]
    fn make_room(&mut self, more: usize) -> bool {
        let room = self.bytes.capacity().saturating_sub(self.bytes.len());
        (more <= room || self.grow(more)) && !self.overflowed
    }

    /// By a quarter, or to the end of what there may be if the text is long.
    #[cold]
    fn grow(&mut self, more: usize) -> bool {
        let length = self.bytes.len();
        let needed = length.saturating_add(more);
        let quarter = length.wrapping_shr(2).max(64).max(more);
        // Where it cannot grow in place, there are two of it for a moment.
        let old = if length >= RESERVE_ALL_ABOVE { self.bytes.capacity() } else { 0 };
        let most = self.max.saturating_sub(old);
        let all = most.saturating_sub(length);
        let fits = needed <= most
            && (length >= RESERVE_ALL_ABOVE && self.bytes.try_reserve_exact(all).is_ok()
                || self.bytes.try_reserve_exact(quarter.min(all)).is_ok());
        self.overflowed |= !fits;
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_at_its_limit_and_says_so() {
        let mut text = BoundedBuffer::new(2, 5);
        for byte in *b"abcd" {
            text.push(byte);
        }
        text.insert(0, b'[');
        assert_eq!(text.len(), 5);
        text.extend_from_slice(b"");
        text.pop();
        text.push(b']');
        assert_eq!(text.get(4), Some(&b']'));
        text.push(b' ');
        assert!(text.finish().is_none(), "a byte is missing, and nobody knows");
        let mut text = BoundedBuffer::new(0, usize::MAX);
        text.extend_from_slice(b"[1] ");
        text.trim_end();
        assert_eq!(text.finish().as_deref(), Some(&b"[1]"[..]));
    }
}
