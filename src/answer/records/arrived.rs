//! The bytes of a body that have arrived and that no record has used yet.

use std::ops::Range;

use crate::code::{Code, Error};

/// The least room for the next read.
const MIN_ROOM: usize = 16 * 1024;
const INITIAL_SIZE: usize = 64 * 1024;

/// Bytes that have arrived.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    /// Room for bytes, with one more byte than `room` offers, for a NUL.
    bytes: Vec<u8>,
    /// The unread bytes.
    start: usize,
    end: usize,
    /// The place of a NUL after a record, and the byte that belongs there.
    replaced: Option<(usize, u8)>,
}

impl Arrived {
    /// The bytes that no record has used yet.
    pub(super) fn unread(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Marks bytes as used. They stay in place until the next call of [`room`](Self::room).
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// The range of the first `length` unread bytes.
    pub(super) fn range(&self, length: usize) -> Range<usize> {
        self.start..self.start.saturating_add(length).min(self.end)
    }

    /// Room for more bytes, at least 16 KiB.
    ///
    /// # Errors
    /// [`Code::TooLarge`] if there is no memory.
    pub(super) fn room(&mut self) -> Result<&mut [u8], Error> {
        if self.bytes.len().saturating_sub(self.end) <= MIN_ROOM {
            self.make_room()?;
        }
        let end = self.bytes.len().saturating_sub(1);
        Ok(self.bytes.get_mut(self.end..end).unwrap_or_default())
    }

    /// Moves the unread bytes to the front. If they take more than half of the memory, it is doubled.
    fn make_room(&mut self) -> Result<(), Error> {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end.saturating_sub(self.start));
        if self.end > self.bytes.len() / 2 || self.bytes.is_empty() {
            let size = self.bytes.len().saturating_mul(2).max(INITIAL_SIZE);
            let more = size.saturating_sub(self.bytes.len());
            let reserved = self.bytes.try_reserve_exact(more);
            reserved.map_err(|_| {
                Error::new(Code::TooLarge, "there is not enough memory for a record")
            })?;
            self.bytes.resize(size, 0);
        }
        Ok(())
    }

    /// Counts bytes that were read into the room.
    pub(super) fn fill(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(self.bytes.len().saturating_sub(1));
    }

    /// Puts a NUL at a place, until [`restore`](Self::restore).
    pub(super) fn terminate(&mut self, place: usize) {
        if let Some(after) = self.bytes.get_mut(place) {
            self.replaced = Some((place, std::mem::replace(after, 0)));
        }
    }

    /// The bytes of a range, with the NUL after them.
    pub(super) fn with_nul(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range.start..=range.end).unwrap_or(b"\0")
    }

    /// Puts back the byte that a NUL has replaced.
    pub(super) fn restore(&mut self) {
        if let Some((place, byte)) = self.replaced.take()
            && let Some(replaced) = self.bytes.get_mut(place)
        {
            *replaced = byte;
        }
    }

    /// The memory that the bytes take.
    #[cfg(test)]
    pub(super) fn memory_size(&self) -> usize {
        self.bytes.capacity()
    }
}
