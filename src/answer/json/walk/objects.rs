//! Finds the members of objects.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::tokens::SetBits;
use super::{MAX_LENGTH, Quick, Walk, closes, opens};

/// In objects with more members, a full search is better, because it can make an index.
const MAX_MEMBERS: usize = 64;

/// What the last reads have found. Programs usually read the members of an object in their order, and then
/// go to the next object. Each field is a fact about the text, so threads may overwrite each other's.
#[derive(Debug)]
pub(in super::super) struct Recent {
    /// Where an object begins and ends.
    end: Pair,
    /// Where an object begins whose names are all different, and where to search its next member: for the
    /// first name of a pointer, and for the others.
    members: [Pair; 2],
    /// Names of objects, in their order. In each list, all are different.
    shapes: [OnceLock<Vec<Name>>; 4],
}

/// Two offsets below 4 GiB.
#[derive(Debug)]
struct Pair(AtomicU64);

impl Pair {
    const fn new() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }

    /// The second offset, if `first` is the first one.
    #[inline(always)]
    fn get(&self, first: usize) -> Option<usize> {
        let pair = self.0.load(Ordering::Relaxed);
        let second = usize::try_from(pair & u64::from(u32::MAX)).ok()?;
        // The second offset of a pair that was set is after the first one.
        (pair.wrapping_shr(32) == first as u64 && second > first).then_some(second)
    }

    #[inline(always)]
    fn set(&self, first: usize, second: usize) {
        if let (Ok(first), Ok(second)) = (u32::try_from(first), u32::try_from(second)) {
            let pair = u64::from(first).wrapping_shl(32) | u64::from(second);
            self.0.store(pair, Ordering::Relaxed);
        }
    }
}

impl Recent {
    pub(in super::super) const fn new() -> Self {
        Self {
            end: Pair::new(),
            members: [const { Pair::new() }; 2],
            shapes: [const { OnceLock::new() }; 4],
        }
    }

    /// The end of the object at `start`.
    #[inline(always)]
    pub(super) fn end(&self, start: usize) -> Option<usize> {
        self.end.get(start)
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
        let [outer, inner] = &self.recent.members;
        let (mut place, mut rest) = (place, pointer);
        if rest.next()? != b'/' || !self.tokens.plain_names {
            return None;
        }
        let mut recent = outer;
        loop {
            let Some(found) = self.member(place, rest, recent)? else { return Some(None) };
            let Some(after) = found.rest else { return Some(Some(found.value)) };
            (place, rest, recent) = (found.value, after, inner);
        }
    }

    /// The member of the value at `object` that the first name of `names` finds.
    #[inline(always)]
    fn member<P>(self, object: usize, names: P, recent: &Pair) -> Quick<Option<Found<P>>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let next = match recent.get(object) {
            Some(next) => next,
            None => match self.first_byte(object)? {
                b'{' => self.enter(object)?,
                b'[' => return None,
                _ => return Some(None),
            },
        };
        let start = self.tokens.starts.next(next)?;
        let found = match self.member_at(start, names.clone()) {
            Some(found) => found,
            None => match self.search(object, start, names)? {
                Some(found) => found,
                None => return Some(None),
            },
        };
        // A container is not skipped: then the next search begins with it again.
        let scalar = usize::from(!opens(found.first_byte));
        recent.set(object, found.value.wrapping_add(scalar));
        Some(Some(found))
    }

    /// The member at `start`, if a name begins there, and this is the first name of `names`.
    #[inline(always)]
    fn member_at<P>(self, start: usize, names: P) -> Option<Found<P>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let value = self.tokens.starts.next(start.wrapping_add(1))?;
        let first_byte = *self.bytes.get(value)?;
        let (quote, mut name) = self.bytes.get(start..value)?.split_first()?;
        if *quote != b'"' {
            return None;
        }
        let mut rest = names;
        let more = loop {
            match rest.next() {
                None => break false,
                Some(b'/') => break true,
                Some(byte) if *name.split_off_first()? != byte => return None,
                Some(_) => {}
            }
        };
        let rest = more.then_some(rest);
        (*name.first()? == b'"').then_some(Found { value, first_byte, rest })
    }

    /// The same for any member of an object. Searches from the token `next` on, and then from the beginning.
    #[inline(never)]
    fn search<P>(self, object: usize, next: usize, names: P) -> Quick<Option<Found<P>>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let next = match self.first_byte(next)? {
            b'{' | b'[' => self.container_end(next)?,
            _ => next,
        };
        for from in [next, object.wrapping_add(1)] {
            let mut members = self.members(from)?;
            while let Some(member) = members.next()? {
                if let Some(found) = self.member_at(member.start, names.clone()) {
                    return Some(Some(found));
                }
            }
        }
        // An escaped name may be in the object, without the escapes.
        let mut name = names.take_while(|byte| *byte != b'/');
        (!name.any(|byte| byte == b'~')).then_some(None)
    }

    /// Where to search the first member of an object. `None` if some names may be equal, or if the object
    /// is large.
    #[inline(never)]
    fn enter(self, object: usize) -> Quick<usize> {
        let start = object.wrapping_add(1);
        let mut shapes = self.recent.shapes.iter();
        let known = loop {
            let Some(shape) = shapes.next() else { break None };
            let Some(names) = shape.get() else { break Some(shape) };
            if let Some(end) = self.has_shape(start, names) {
                self.recent.end.set(object, end);
                return Some(start);
            }
        };
        let (names, end) = self.different_names(start)?;
        self.recent.end.set(object, end);
        if let Some(shape) = known {
            // If another thread was faster, a later object sets it.
            let _ = shape.set(names);
        }
        Some(start)
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

    /// The names of the object whose members begin at `start`, and its end. `None` if two names are equal.
    #[inline(never)]
    fn different_names(self, start: usize) -> Option<(Vec<Name>, usize)> {
        let (mut names, mut contents) = (Vec::new(), Vec::new());
        let mut members = self.members(start)?;
        while let Some(member) = members.next()? {
            let end = self.tokens.ends.next(member.start.wrapping_add(1))?;
            let content = self.bytes.get(member.start..end)?;
            let far = member.value.wrapping_sub(start) > MAX_LENGTH;
            if far || names.len() >= MAX_MEMBERS || contents.contains(&content) {
                return None;
            }
            names.try_reserve(1).ok()?;
            contents.try_reserve(1).ok()?;
            names.push(Name::of(self.bytes, &member)?);
            contents.push(content);
        }
        Some((names, members.end))
    }

    /// The members of an object from this offset on.
    #[inline(always)]
    fn members(self, from: usize) -> Quick<Members<'t>> {
        Some(Members { walk: self, tokens: self.tokens.starts.from(from)?, end: 0 })
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
            self.tokens = self.walk.tokens.starts.from(self.walk.search_end(value)?)?;
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
