//! What the last reads of a text have found.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::super::pair::Pair;
use super::member::{Member, Name};

/// In objects with more members, a full search is better, because it can make an index.
const MAX_MEMBERS: usize = 64;

/// What the last reads have found. Programs usually read the members of an object in their order, and then
/// go to the next object.
#[derive(Debug)]
pub(super) struct Recent {
    outer: Level,
    /// For objects in the object of `outer`.
    inner: Level,
    /// The last object that needs full searches.
    pub(super) unknown: AtomicUsize,
}

/// The last object that was searched. Each field is a fact about the text, so threads may overwrite each
/// other's.
#[derive(Debug)]
pub(super) struct Level {
    /// Where the object begins, and the number of the next member to search.
    pub(super) next: Pair,
    /// Where the object begins and ends.
    pub(super) end: Pair,
    /// Its members, and an entry at its end.
    pub(super) members: [Entry; MAX_MEMBERS],
    /// Names of objects, in their order. In each list, all are different.
    pub(super) shapes: [OnceLock<Vec<Name>>; 4],
}

impl Level {
    const fn new() -> Self {
        Self {
            next: Pair::new(),
            end: Pair::new(),
            members: [const { Entry::new() }; MAX_MEMBERS],
            shapes: [const { OnceLock::new() }; 4],
        }
    }

    /// The member of an object with this number. The inner `None` is the end of the object. The outer one
    /// is another object, which a thread has searched meanwhile.
    #[inline(always)]
    pub(super) fn member(&self, object: usize, number: usize) -> Option<Option<Member>> {
        self.members.get(number)?.get(object)
    }
}

/// A member of an object, in 64 bits.
#[derive(Debug)]
pub(super) struct Entry(AtomicU64);

impl Entry {
    const fn new() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }

    #[inline(always)]
    pub(super) fn get(&self, object: usize) -> Option<Option<Member>> {
        let bits = self.0.load(Ordering::Relaxed);
        let place = |bits: u64| object.wrapping_add(usize::from(bits as u16));
        let member = Member { name: place(bits.wrapping_shr(16)), value: place(bits) };
        let same = bits.wrapping_shr(32) == object as u64;
        same.then_some((member.name != object).then_some(member))
    }

    /// Sets a member that is near the beginning of the object.
    #[inline(always)]
    pub(super) fn set(&self, object: usize, member: &Member) {
        let offset = |place: usize| u64::from(place.wrapping_sub(object) as u16);
        let offsets = offset(member.name).wrapping_shl(16) | offset(member.value);
        self.0.store((object as u64).wrapping_shl(32) | offsets, Ordering::Relaxed);
    }
}

impl Recent {
    pub(super) const fn new() -> Self {
        Self { outer: Level::new(), inner: Level::new(), unknown: AtomicUsize::new(usize::MAX) }
    }

    /// The end of the object at `start`.
    #[inline(always)]
    pub(super) fn end(&self, start: usize) -> Option<usize> {
        self.outer.end.get(start).or_else(|| self.inner.end.get(start))
    }

    /// The level of the object at `start`, and its next member with its number.
    #[inline(always)]
    pub(super) fn next(&self, start: usize) -> Option<(&Level, usize, Option<Member>)> {
        let (level, number) = match self.outer.next.get(start) {
            Some(number) => (&self.outer, number),
            None => (&self.inner, self.inner.next.get(start)?),
        };
        Some((level, number, level.member(start, number)?))
    }

    /// The level for another object.
    pub(super) fn level_of(&self, start: usize) -> &Level {
        let (outer, end) = self.outer.end.both();
        if outer < start && start < end { &self.inner } else { &self.outer }
    }
}
