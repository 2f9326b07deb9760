//! Finds the members of objects.

use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use super::member::{Member, Name};
use super::recent::Level;
use super::{Known, Quick, Walk, opens};

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
