//! The buffer of the repaired text. Because the server decides its length, it has a limit and
//! survives a lack of memory.

/// Bytes with a maximum length.
#[derive(Debug)]
pub(super) struct BoundedBuffer {
    bytes: Vec<u8>,
    /// The maximum length.
    max: usize,
    /// Whether bytes were left out for lack of room.
    overflowed: bool,
}

impl Default for BoundedBuffer {
    fn default() -> Self {
        Self { bytes: Vec::new(), max: usize::MAX, overflowed: false }
    }
}

/// From this length on, the buffer reserves its maximum length: unused pages take no memory, but
/// moving to a larger buffer needs the memory twice.
const RESERVE_ALL_ABOVE: usize = 64 * 1024;

impl BoundedBuffer {
    /// An empty buffer with room for `room` bytes that grows to at most `max` bytes.
    pub(super) fn new(room: usize, max: usize) -> Self {
        let mut text = Self { max, ..Self::default() };
        if room < RESERVE_ALL_ABOVE || text.bytes.try_reserve_exact(max).is_err() {
            text.make_room(room.min(max));
        }
        text
    }

    /// The written bytes, with room for a NUL; `None` if bytes were left out.
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

    /// Removes the last byte if it is `byte`.
    pub(super) fn pop_if(&mut self, byte: u8) -> bool {
        self.bytes.pop_if(|last| *last == byte).is_some()
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    #[inline(always)]
    fn make_room(&mut self, more: usize) -> bool {
        let room = self.bytes.capacity().saturating_sub(self.bytes.len());
        (more <= room || self.grow(more)) && !self.overflowed
    }

    /// Grows by a quarter, or to the maximum if the text is long.
    #[cold]
    fn grow(&mut self, more: usize) -> bool {
        let length = self.bytes.len();
        let needed = length.saturating_add(more);
        let quarter = length.wrapping_shr(2).max(64).max(more);
        // If it cannot grow in place, the old and the new buffer exist at the same time.
        let old = if length >= RESERVE_ALL_ABOVE { self.bytes.capacity() } else { 0 };
        let max = self.max.saturating_sub(old);
        let all = max.saturating_sub(length);
        let fits = needed <= max
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
    fn bytes_beyond_the_limit_make_finish_fail() {
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
        assert!(text.finish().is_none(), "a byte is missing, but finish() returns the text");
        let mut text = BoundedBuffer::new(0, usize::MAX);
        text.extend_from_slice(b"[1] ");
        text.truncate(3);
        assert_eq!(text.finish().as_deref(), Some(&b"[1]"[..]));
    }
}
