//! Two offsets of a text that threads read and write without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

/// Two offsets below 4 GiB. A fact about them holds for both, so they are set and read together.
#[derive(Debug)]
pub(super) struct Pair(AtomicU64);

impl Default for Pair {
    fn default() -> Self {
        Self::new()
    }
}

impl Pair {
    /// A pair that was not set. Both offsets are the largest ones.
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }

    #[inline(always)]
    pub(super) fn both(&self) -> (usize, usize) {
        let pair = self.0.load(Ordering::Relaxed);
        (pair.wrapping_shr(32) as usize, pair as u32 as usize)
    }

    /// The second offset, if `first` is the first one.
    #[inline(always)]
    pub(super) fn get(&self, first: usize) -> Option<usize> {
        let (known, second) = self.both();
        (known == first).then_some(second)
    }

    /// Sets both. They are below 4 GiB less one.
    #[inline(always)]
    pub(super) fn set(&self, first: usize, second: usize) {
        self.0.store((first as u64).wrapping_shl(32) | second as u64, Ordering::Relaxed);
    }
}
