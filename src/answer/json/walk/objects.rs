//! Finds the members of objects.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::super::pair::Pair;
use super::{Known, Quick, Walk, opens};

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
    unknown: AtomicUsize,
}

/// The last object that was searched. Each field is a fact about the text, so threads may overwrite each
/// other's.
#[derive(Debug)]
struct Level {
    /// Where the object begins, and the number of the next member to search.
    next: Pair,
    /// Where the object begins and ends.
    end: Pair,
    /// Its members, and an entry at its end.
    members: [Entry; MAX_MEMBERS],
    /// Names of objects, in their order. In each list, all are different.
    shapes: [OnceLock<Vec<Name>>; 4],
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
    fn member(&self, object: usize, number: usize) -> Option<Option<Member>> {
        self.members.get(number)?.get(object)
    }
}

/// A member of an object, in 64 bits.
#[derive(Debug)]
struct Entry(AtomicU64);

/// A member of an object: where its name and its value begin.
struct Member {
    name: usize,
    value: usize,
}

impl Entry {
    const fn new() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }

    #[inline(always)]
    fn get(&self, object: usize) -> Option<Option<Member>> {
        let bits = self.0.load(Ordering::Relaxed);
        let place = |bits: u64| object.wrapping_add(usize::from(bits as u16));
        let member = Member { name: place(bits.wrapping_shr(16)), value: place(bits) };
        let same = bits.wrapping_shr(32) == object as u64;
        same.then_some((member.name != object).then_some(member))
    }

    /// Sets a member that is near the beginning of the object.
    #[inline(always)]
    fn set(&self, object: usize, member: &Member) {
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
    fn next(&self, start: usize) -> Option<(&Level, usize, Option<Member>)> {
        let (level, number) = match self.outer.next.get(start) {
            Some(number) => (&self.outer, number),
            None => (&self.inner, self.inner.next.get(start)?),
        };
        Some((level, number, level.member(start, number)?))
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
    /// The pointer after the name; `None` if that is its end.
    rest: Option<P>,
}

impl Walk<'_> {
    /// The value that a pointer finds from the value at `place`, if it goes only through objects.
    #[inline(always)]
    pub(in super::super) fn find<P>(self, place: usize, pointer: P) -> Quick<Option<usize>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let mut names = pointer;
        if names.next()? != b'/' {
            return None;
        }
        let Some(found) = self.member(place, names)? else { return Some(None) };
        match found.rest {
            None => Some(Some(found.value)),
            Some(rest) => self.known.find_inside(self.bytes, found.value, rest),
        }
    }

    /// The member of the value at `object` that the first name of `names` finds.
    #[inline(always)]
    fn member<P>(self, object: usize, names: P) -> Quick<Option<Found<P>>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let (level, number, next) = match self.known.recent.next(object) {
            Some(recent) => recent,
            None => match self.first_byte(object)? {
                b'{' => {
                    let level = self.known.enter(self.bytes, object)?;
                    (level, 0, level.member(object, 0)?)
                }
                b'[' => return None,
                _ => return Some(None),
            },
        };
        let found = next.and_then(|member| self.named(&member, names.clone()));
        let (found, number) = match found {
            Some(found) => (found, number),
            None => match self.known.search(self.bytes, object, level, names)? {
                Some(found) => found,
                None => return Some(None),
            },
        };
        level.next.set(object, number.wrapping_add(1));
        Some(Some(found))
    }

    /// This member, if its name is the first one of `names`.
    #[inline(always)]
    fn named<P>(self, member: &Member, names: P) -> Option<Found<P>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let mut name = self.bytes.get(member.name.wrapping_add(1)..member.value)?;
        let mut rest = names;
        loop {
            let (byte, expected) = (rest.next(), *name.split_off_first()?);
            if byte != Some(expected) {
                let rest = match byte {
                    None => None,
                    Some(b'/') => Some(rest),
                    Some(_) => return None,
                };
                return (expected == b'"').then_some(Found { value: member.value, rest });
            }
        }
    }
}

// These get their arguments one by one, so that they are in registers.
impl Known {
    /// The value that these names of a pointer find from the value at `place`.
    #[inline(never)]
    fn find_inside<P>(&self, bytes: &[u8], place: usize, names: P) -> Quick<Option<usize>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let (mut place, mut names) = (place, names);
        loop {
            let walk = Walk { known: self, bytes };
            let Some(found) = walk.member(place, names)? else { return Some(None) };
            let Some(rest) = found.rest else { return Some(Some(found.value)) };
            (place, names) = (found.value, rest);
        }
    }

    /// The member that the first name of `names` finds, and its number.
    #[inline(never)]
    fn search<P>(
        &self,
        bytes: &[u8],
        object: usize,
        level: &Level,
        names: P,
    ) -> Quick<Option<(Found<P>, usize)>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let mut number = 0_usize;
        while let Some(member) = level.member(object, number)? {
            if let Some(found) = (Walk { known: self, bytes }).named(&member, names.clone()) {
                return Some(Some((found, number)));
            }
            number = number.wrapping_add(1);
        }
        // A name with a `/` or a `~` has another form in a pointer.
        let mut name = names.take_while(|byte| *byte != b'/');
        (!name.any(|byte| byte == b'~')).then_some(None)
    }

    /// The level of an object that is not yet known. `None` if some of its names may be equal, or have
    /// another form in a pointer, or if it is large.
    #[inline(never)]
    fn enter(&self, bytes: &[u8], object: usize) -> Quick<&Level> {
        let unknown = &self.recent.unknown;
        if unknown.load(Ordering::Relaxed) == object {
            return None;
        }
        let level = self.test_names(bytes, object);
        if level.is_none() {
            unknown.store(object, Ordering::Relaxed);
        }
        level
    }

    #[inline(always)]
    fn test_names(&self, bytes: &[u8], object: usize) -> Quick<&Level> {
        let level = self.recent.level_of(object);
        let usual = level.shapes.first()?.get().map_or(&[][..], Vec::as_slice);
        let (end, is_usual) = self.find_members(bytes, object, level, usual)?;
        level.end.set(object, end);
        let mut shapes = level.shapes.iter().skip(usize::from(!usual.is_empty()));
        let mut known = is_usual;
        while !known {
            let shape = shapes.next();
            known = match shape.and_then(OnceLock::get) {
                Some(names) => has_shape(bytes, object, level, names)?,
                None => {
                    let names = self.different_names(bytes, object, level)?;
                    // If another thread sets it first, a later object sets another one.
                    let _ = shape.map(|shape| shape.set(names));
                    true
                }
            };
        }
        level.next.set(object, 0);
        Some(level)
    }

    /// Sets the members of an object. Returns its end, and whether it has exactly these names.
    #[inline(always)]
    fn find_members(
        &self,
        bytes: &[u8],
        object: usize,
        level: &Level,
        names: &[Name],
    ) -> Quick<(usize, bool)> {
        let (mut names, mut same) = (names.iter(), !names.is_empty());
        let mut tokens = self.tokens.starts.from(object.wrapping_add(1))?;
        for entry in &level.members {
            let name = tokens.next()?;
            if *bytes.get(name)? != b'"' {
                entry.set(object, &Member { name: object, value: object });
                // Entries have 16 bits for each offset.
                u16::try_from(name.wrapping_sub(object)).ok()?;
                return Some((name.wrapping_add(1), same && names.next().is_none()));
            }
            let member = Member { name, value: tokens.next()? };
            entry.set(object, &member);
            if opens(*bytes.get(member.value)?) {
                tokens = self.tokens.starts.from(self.search_end(bytes, member.value)?)?;
            }
            if same {
                same = names.next().is_some_and(|name| name.is_name_of(bytes, &member));
            }
        }
        None
    }

    /// The names of an object. `None` if two names are equal, or if one has another form in a pointer.
    #[inline(never)]
    fn different_names(&self, bytes: &[u8], object: usize, level: &Level) -> Option<Vec<Name>> {
        let (mut names, mut contents) = (Vec::new(), Vec::new());
        while let Some(member) = level.member(object, names.len())? {
            let end = self.tokens.ends.next(member.name.wrapping_add(1))?;
            let content = bytes.get(member.name..end)?;
            let special = memchr::memchr3(b'/', b'~', b'\\', content).is_some();
            if special || contents.contains(&content) {
                return None;
            }
            names.try_reserve(1).ok()?;
            contents.try_reserve(1).ok()?;
            names.push(Name::of(bytes, &member)?);
            contents.push(content);
        }
        Some(names)
    }
}

/// Whether an object has exactly these names. `None` if a thread has searched another object meanwhile.
#[inline(always)]
fn has_shape(bytes: &[u8], object: usize, level: &Level, names: &[Name]) -> Option<bool> {
    let mut entries = level.members.iter();
    for name in names {
        match entries.next()?.get(object)? {
            Some(member) if name.is_name_of(bytes, &member) => {}
            _ => return Some(false),
        }
    }
    Some(entries.next()?.get(object)?.is_none())
}

/// A name of an object, with its quotes and the bytes before the value.
#[derive(Debug)]
struct Name {
    start: usize,
    length: usize,
    /// Its first and last eight bytes. If it is shorter, other bytes of the text are after or before them.
    first: u64,
    last: u64,
    /// Number of bits of `last` that are before the name.
    before: u32,
}

impl Name {
    fn of(text: &[u8], member: &Member) -> Option<Self> {
        let length = member.value.wrapping_sub(member.name);
        let before = size_of::<u64>().saturating_sub(length).wrapping_shl(3) as u32;
        let (first, last) = (first_bytes(text, member.name)?, last_bytes(text, member.value)?);
        Some(Self { start: member.name, length, first, last, before })
    }

    /// Whether this is the name of a member.
    #[inline(always)]
    fn is_name_of(&self, text: &[u8], member: &Member) -> bool {
        let last = last_bytes(text, member.value).unwrap_or_default();
        let same_end = (last ^ self.last).wrapping_shr(self.before) == 0;
        if !same_end || member.value.wrapping_sub(member.name) != self.length {
            return false;
        }
        match self.length {
            0..=8 => true,
            9..=16 => first_bytes(text, member.name) == Some(self.first),
            length => {
                let end = self.start.wrapping_add(length);
                text.get(member.name..member.value) == text.get(self.start..end)
            }
        }
    }
}

/// The eight bytes from `start` on.
#[inline(always)]
fn first_bytes(text: &[u8], start: usize) -> Option<u64> {
    let text = text.get(start..)?;
    let few = || few_bytes(text.iter().rev());
    Some(text.first_chunk().map_or_else(few, |first| u64::from_le_bytes(*first)))
}

/// The eight bytes before `end`.
#[inline(always)]
fn last_bytes(text: &[u8], end: usize) -> Option<u64> {
    let text = text.get(..end)?;
    let few = || few_bytes(text.iter());
    Some(text.last_chunk().map_or_else(few, |last| u64::from_le_bytes(*last)))
}

/// The same if the text has fewer bytes there.
#[cold]
#[inline(never)]
fn few_bytes<'b>(bytes: impl Iterator<Item = &'b u8>) -> u64 {
    bytes.fold(0, |all, byte| all.wrapping_shr(8) | u64::from(*byte).wrapping_shl(56))
}
