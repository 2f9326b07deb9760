//! Finds the members of objects.

use std::ops::Range;
use std::sync::OnceLock;

use super::super::pair::Pair;
use super::super::tokens::{MAX_LENGTH, SetBits};
use super::{Known, Quick, Walk, closes, opens};

/// In objects with more members, a full search is better, because it can make an index.
const MAX_MEMBERS: usize = 64;

/// What the last reads have found. Programs usually read the members of an object in their order, and then
/// go to the next object.
#[derive(Debug)]
pub(super) struct Recent {
    outer: Level,
    /// For objects in the object of `outer`.
    inner: Level,
}

/// The last object that was searched. Each field is a fact about the text, so threads may overwrite each
/// other's.
#[derive(Debug)]
struct Level {
    /// Where the object begins, and where to search its next member.
    next: Pair,
    /// Where the object begins and ends.
    end: Pair,
    /// Names of objects, in their order. In each list, all are different.
    shapes: [OnceLock<Vec<Name>>; 4],
}

impl Level {
    const fn new() -> Self {
        let shapes = [const { OnceLock::new() }; 4];
        Self { next: Pair::new(), end: Pair::new(), shapes }
    }
}

impl Recent {
    pub(super) const fn new() -> Self {
        Self { outer: Level::new(), inner: Level::new() }
    }

    /// The end of the object at `start`.
    #[inline(always)]
    pub(super) fn end(&self, start: usize) -> Option<usize> {
        self.outer.end.get(start).or_else(|| self.inner.end.get(start))
    }

    /// The level of the object at `start`, and where to search its next member.
    #[inline(always)]
    fn next(&self, start: usize) -> Option<(&Level, usize)> {
        match self.outer.next.get(start) {
            Some(next) => Some((&self.outer, next)),
            None => Some((&self.inner, self.inner.next.get(start)?)),
        }
    }

    /// The level for another object.
    fn level_of(&self, start: usize) -> &Level {
        let (outer, end) = self.outer.end.both();
        if outer < start && start < end { &self.inner } else { &self.outer }
    }
}

/// A member that a name of a pointer has found.
struct Found<P> {
    value: usize,
    first_byte: u8,
    /// The pointer after the name; `None` if that is its end.
    rest: Option<P>,
}

impl<'t> Walk<'t> {
    /// The value that a pointer finds from the value at `place`, if it goes only through objects.
    #[inline(always)]
    pub(in super::super) fn find<P>(self, place: usize, pointer: P) -> Quick<Option<usize>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let (mut place, mut rest) = (place, pointer);
        if rest.next()? != b'/' {
            return None;
        }
        loop {
            let Some(found) = self.member(place, rest)? else { return Some(None) };
            let Some(after) = found.rest else { return Some(Some(found.value)) };
            (place, rest) = (found.value, after);
        }
    }

    /// The member of the value at `object` that the first name of `names` finds.
    #[inline(always)]
    fn member<P>(self, object: usize, names: P) -> Quick<Option<Found<P>>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let (level, next) = match self.known.recent.next(object) {
            Some(recent) => recent,
            None => match self.first_byte(object)? {
                b'{' => (self.known.enter(self.bytes, object)?, object.wrapping_add(1)),
                b'[' => return None,
                _ => return Some(None),
            },
        };
        let start = self.known.tokens.starts.next(next)?;
        let found = match self.member_at(start, names.clone()) {
            Some(found) => found,
            None => match self.known.search(self.bytes, object, start, names)? {
                Some(found) => found,
                None => return Some(None),
            },
        };
        // A container is not skipped: then the next search begins with it again.
        let scalar = usize::from(!opens(found.first_byte));
        level.next.set(object, found.value.wrapping_add(scalar));
        Some(Some(found))
    }

    /// The member at `start`, if a name begins there, and this is the first name of `names`.
    #[inline(always)]
    fn member_at<P>(self, start: usize, names: P) -> Option<Found<P>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let value = self.known.tokens.starts.next(start.wrapping_add(1))?;
        let first_byte = *self.bytes.get(value)?;
        let (quote, mut name) = self.bytes.get(start..value)?.split_first()?;
        if *quote != b'"' {
            return None;
        }
        let mut rest = names;
        loop {
            let (byte, expected) = (rest.next(), *name.split_off_first()?);
            if byte != Some(expected) {
                let rest = match byte {
                    None => None,
                    Some(b'/') => Some(rest),
                    Some(_) => return None,
                };
                return (expected == b'"').then_some(Found { value, first_byte, rest });
            }
        }
    }

    /// The members of an object from this offset on.
    #[inline(always)]
    fn members(self, from: usize) -> Quick<Members<'t>> {
        Some(Members { walk: self, tokens: self.known.tokens.starts.from(from)?, end: 0 })
    }

    /// The end of the object whose members begin at `start`, if it has exactly these names.
    #[inline(always)]
    fn has_shape(self, start: usize, names: &[Name]) -> Option<usize> {
        let mut members = self.members(start)?;
        for name in names {
            let member = members.next()??;
            if !name.is_name_of(self.bytes, &member)? {
                return None;
            }
        }
        members.next()?.is_none().then_some(members.end)
    }
}

// These get their arguments one by one, so that they are in registers.
impl Known {
    /// The member that the first name of `names` finds. Searches from the token `next` on, and then from
    /// the beginning of the object.
    #[inline(never)]
    fn search<P>(
        &self,
        bytes: &[u8],
        object: usize,
        next: usize,
        names: P,
    ) -> Quick<Option<Found<P>>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let walk = Walk { known: self, bytes };
        let next = match walk.first_byte(next)? {
            b'{' | b'[' => walk.container_end(next)?,
            _ => next,
        };
        for from in [next, object.wrapping_add(1)] {
            let mut members = walk.members(from)?;
            while let Some(member) = members.next()? {
                if let Some(found) = walk.member_at(member.start, names.clone()) {
                    return Some(Some(found));
                }
            }
        }
        // A name with a `/` or a `~` has another form in a pointer.
        let mut name = names.take_while(|byte| *byte != b'/');
        (!name.any(|byte| byte == b'~')).then_some(None)
    }

    /// The level of an object that is not yet known. `None` if some of its names may be equal, or have
    /// another form in a pointer, or if it is large.
    #[inline(never)]
    fn enter(&self, bytes: &[u8], object: usize) -> Quick<&Level> {
        let (walk, start) = (Walk { known: self, bytes }, object.wrapping_add(1));
        let level = self.recent.level_of(object);
        let mut shapes = level.shapes.iter();
        let free = loop {
            let Some(shape) = shapes.next() else { break None };
            let Some(names) = shape.get() else { break Some(shape) };
            if let Some(end) = walk.has_shape(start, names) {
                level.end.set(object, end);
                level.next.set(object, start);
                return Some(level);
            }
        };
        let (names, end) = self.different_names(bytes, start)?;
        if let Some(shape) = free {
            // If another thread was faster, a later object sets it.
            let _ = shape.set(names);
        }
        level.end.set(object, end);
        level.next.set(object, start);
        Some(level)
    }

    /// The names of the object whose members begin at `start`, and its end. `None` if two names are equal,
    /// or if one has another form in a pointer.
    #[inline(never)]
    fn different_names(&self, bytes: &[u8], start: usize) -> Option<(Vec<Name>, usize)> {
        let (mut names, mut contents) = (Vec::new(), Vec::new());
        let mut members = Walk { known: self, bytes }.members(start)?;
        while let Some(member) = members.next()? {
            let end = self.tokens.ends.next(member.start.wrapping_add(1))?;
            let content = bytes.get(member.start..end)?;
            let far = member.value.wrapping_sub(start) > MAX_LENGTH;
            let special = memchr::memchr3(b'/', b'~', b'\\', content).is_some();
            if far || special || names.len() >= MAX_MEMBERS || contents.contains(&content) {
                return None;
            }
            names.try_reserve(1).ok()?;
            contents.try_reserve(1).ok()?;
            names.push(Name::of(bytes, &member)?);
            contents.push(content);
        }
        Some((names, members.end))
    }
}

/// The members of an object.
struct Members<'t> {
    walk: Walk<'t>,
    tokens: SetBits<'t>,
    /// Where the object ends, after the last member.
    end: usize,
}

/// A member of an object: where its name and its value begin.
struct Member {
    start: usize,
    value: usize,
}

impl Members<'_> {
    #[inline(always)]
    fn next(&mut self) -> Quick<Option<Member>> {
        let start = self.tokens.next()?;
        if closes(self.walk.first_byte(start)?) {
            self.end = start.wrapping_add(1);
            return Some(None);
        }
        let value = self.tokens.next()?;
        if opens(self.walk.first_byte(value)?) {
            let end = self.walk.known.search_end(self.walk.bytes, value)?;
            self.tokens = self.walk.known.tokens.starts.from(end)?;
        }
        Some(Some(Member { start, value }))
    }
}

/// A name of an object, with its quotes and the bytes before the value.
#[derive(Debug)]
struct Name {
    range: Range<usize>,
    /// Its last eight bytes, and before them those of the text.
    last: u64,
    /// Number of bits of `last` that are before the name.
    before: u32,
}

impl Name {
    fn of(text: &[u8], member: &Member) -> Option<Self> {
        let length = member.value.wrapping_sub(member.start);
        let before = size_of::<u64>().saturating_sub(length).wrapping_shl(3) as u32;
        let range = member.start..member.value;
        Some(Self { range, last: last_bytes(text, member.value)?, before })
    }

    /// Whether this is the name of a member. `None` if it is not known.
    #[inline(always)]
    fn is_name_of(&self, text: &[u8], member: &Member) -> Option<bool> {
        let length = member.value.wrapping_sub(member.start);
        let different = (last_bytes(text, member.value)? ^ self.last).wrapping_shr(self.before);
        let long = || text.get(member.start..member.value) == text.get(self.range.clone());
        let short = length <= size_of::<u64>();
        Some(length == self.range.len() && different == 0 && (short || long()))
    }
}

/// The eight bytes before `end`; zeros are before the text.
#[inline(always)]
fn last_bytes(text: &[u8], end: usize) -> Option<u64> {
    let text = text.get(..end)?;
    Some(text.last_chunk().map_or_else(|| few_last_bytes(text), |last| u64::from_le_bytes(*last)))
}

#[cold]
#[inline(never)]
fn few_last_bytes(text: &[u8]) -> u64 {
    text.iter().fold(0, |last, byte| last.wrapping_shr(8) | u64::from(*byte).wrapping_shl(56))
}
