//! Reads values from token to token. Each read knows only the usual forms of a text; another read must
//! handle the others.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::scan::StringSpan;
use super::tokens::{Bits, MAX_LENGTH, NameForm, SetBits, Tokens};

/// The result of a quick read: `None` if it does not know this form of text.
pub(super) type Quick<T> = Option<T>;

/// In objects with more members, a full search is better, because it can make an index.
const MAX_MEMBERS: usize = 64;

/// A valid JSON text with its tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'t> {
    pub(super) tokens: &'t Tokens,
    pub(super) recent: &'t Recent,
    pub(super) bytes: &'t [u8],
}

/// What the last reads have found. Programs usually read the members of an object in their order, and then
/// go to the next object. Each field is a fact about the text, so threads may overwrite each other's.
#[derive(Debug)]
pub(super) struct Recent {
    /// Where an object begins and ends.
    end: Pair,
    /// Where an object begins whose names are all different, and where to search its next member.
    member: Pair,
    /// Names of objects, in their order. In each list, all are different.
    shapes: [OnceLock<Vec<ShapeName>>; 4],
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
    pub(super) const fn new() -> Self {
        Self { end: Pair::new(), member: Pair::new(), shapes: [const { OnceLock::new() }; 4] }
    }

    /// The next member of an object is searched after the one with this value.
    #[inline(always)]
    fn set_next_member(&self, object: usize, value: usize, first_byte: u8) {
        // A container is not skipped: then the search begins with it again.
        let scalar = usize::from(!opens(first_byte));
        self.member.set(object, value.wrapping_add(scalar));
    }
}

impl<'t> Walk<'t> {
    /// The first element or member of the value at `place`.
    #[inline(always)]
    pub(super) fn first(self, place: usize) -> Quick<Option<usize>> {
        match self.first_byte(place)? {
            b'{' | b'[' => self.child_from(place.wrapping_add(1)),
            _ => Some(None),
        }
    }

    /// The element or member after the one at `place`.
    #[inline(always)]
    pub(super) fn next(self, place: usize) -> Quick<Option<usize>> {
        let end = match self.first_byte(place)? {
            b'{' | b'[' => self.container_end(place)?,
            _ => place.wrapping_add(1),
        };
        self.child_from(end)
    }

    /// The first byte of the value at `place`.
    #[inline(always)]
    pub(super) fn first_byte(self, place: usize) -> Quick<u8> {
        self.bytes.get(place).copied()
    }

    /// The first child that begins at `at` or after it. The container may end before.
    #[inline(always)]
    fn child_from(self, at: usize) -> Quick<Option<usize>> {
        let Some(token) = self.tokens.values.next(at) else { return Some(None) };
        Some((!closes(*self.bytes.get(token)?)).then_some(token))
    }

    /// The end of the container at `start`, if that is near.
    #[inline(always)]
    fn container_end(self, start: usize) -> Quick<usize> {
        match self.recent.end.get(start) {
            Some(end) => Some(end),
            None => search_end(self.bytes, &self.tokens.values, start),
        }
    }

    /// The member that a pointer with one token finds, if the object was searched before and the member is
    /// where programs usually search next.
    #[inline(always)]
    pub(super) fn next_member<P>(self, object: usize, pointer: P) -> Quick<Option<usize>>
    where
        P: Iterator<Item = u8> + Clone,
    {
        let at = self.recent.member.get(object)?;
        let name = Name::of_pointer(pointer)?;
        let value = self.tokens.values.next(at)?;
        let around: &[u8; 11] = self.bytes.get(..=value)?.last_chunk()?;
        let [_, compact @ .., _, byte] = around;
        let ending = match self.tokens.names {
            NameForm::Compact => compact,
            NameForm::Spaced => around.first_chunk()?,
            NameForm::Other => return None,
        };
        if closes(*byte) || !name.is_short() || !name.ends(u64::from_le_bytes(*ending)) {
            return None;
        }
        self.recent.set_next_member(object, value, *byte);
        Some(Some(value))
    }

    /// The value of the last member with this name, of the object at `object`.
    #[inline(always)]
    pub(super) fn member<N>(self, object: usize, name: &Name<N>) -> Quick<Option<usize>>
    where
        N: Iterator<Item = u8> + Clone,
    {
        match self.tokens.names {
            _ if self.first_byte(object)? != b'{' => None,
            NameForm::Compact => self.member_after_gap::<1, N>(object, name),
            NameForm::Spaced => self.member_after_gap::<2, N>(object, name),
            NameForm::Other => None,
        }
    }

    /// The same for a text with `GAP` bytes between each name and its value.
    #[inline(always)]
    fn member_after_gap<const GAP: usize, N>(
        self,
        object: usize,
        name: &Name<N>,
    ) -> Quick<Option<usize>>
    where
        N: Iterator<Item = u8> + Clone,
    {
        let found = match self.recent.member.get(object) {
            Some(next) => self.first_of_members::<GAP, N>(object, next, name)?,
            None => self.last_of_members::<GAP, N>(object, name)?,
        };
        if let Some(value) = found
            && self.recent.member.get(object).is_some()
        {
            self.recent.set_next_member(object, value, *self.bytes.get(value)?);
        }
        Some(found)
    }

    /// The first member with this name, of an object whose names are all different. Searches from `next` to
    /// the end of the object, and then from its beginning.
    #[inline(never)]
    fn first_of_members<const GAP: usize, N>(
        self,
        object: usize,
        next: usize,
        name: &Name<N>,
    ) -> Quick<Option<usize>>
    where
        N: Iterator<Item = u8> + Clone,
    {
        for from in [next, object.wrapping_add(1)] {
            let mut members = self.members::<GAP>(from)?;
            while let Some(member) = members.next()? {
                if name.is_name_of(&member) {
                    return Some(Some(member.value));
                }
            }
        }
        Some(None)
    }

    /// The last member with this name. If all names of the object are different, later searches in it stop
    /// at the first one.
    #[inline(never)]
    fn last_of_members<const GAP: usize, N>(
        self,
        object: usize,
        name: &Name<N>,
    ) -> Quick<Option<usize>>
    where
        N: Iterator<Item = u8> + Clone,
    {
        let first_shape = self.recent.shapes.first().and_then(OnceLock::get);
        let mut shape = first_shape.map(Vec::as_slice).unwrap_or_default().iter();
        let (mut found, mut count, mut known) = (None, 0_usize, true);
        let mut members = self.members::<GAP>(object.wrapping_add(1))?;
        while let Some(member) = members.next()? {
            if name.is_name_of(&member) {
                found = Some(member.value);
            }
            known = known && shape.next().is_some_and(|name| name.is_name_of(self.bytes, &member));
            count = count.wrapping_add(1);
            if count > MAX_MEMBERS || member.value.wrapping_sub(object) > MAX_LENGTH {
                return None;
            }
        }
        self.recent.end.set(object, members.end);
        if known || self.has_different_names::<GAP>(object) == Some(true) {
            self.recent.member.set(object, object.wrapping_add(1));
        }
        Some(found)
    }

    /// Whether the names of an object are all different. `None` if that is not known.
    #[inline(never)]
    fn has_different_names<const GAP: usize>(self, object: usize) -> Option<bool> {
        for shape in &self.recent.shapes {
            let Some(names) = shape.get() else {
                let names = self.different_names::<GAP>(object)?;
                // If another thread was faster, the next search tries again.
                return Some(shape.set(names).is_ok());
            };
            let (mut names, mut known) = (names.iter(), true);
            let mut members = self.members::<GAP>(object.wrapping_add(1))?;
            while known && let Some(member) = members.next()? {
                known = names.next().is_some_and(|name| name.is_name_of(self.bytes, &member));
            }
            if known {
                return Some(true);
            }
        }
        None
    }

    /// The names of an object; `None` if two are equal, or if memory is short.
    fn different_names<const GAP: usize>(self, object: usize) -> Option<Vec<ShapeName>> {
        let mut names: Vec<ShapeName> = Vec::new();
        let mut members = self.members::<GAP>(object.wrapping_add(1))?;
        while let Some(member) = members.next()? {
            if names.iter().any(|name| name.is_name_of(self.bytes, &member)) {
                return None;
            }
            let end = member.raw.len();
            let start = self.tokens.quotes.previous(end.checked_sub(1)?)?;
            names.try_reserve(1).ok()?;
            names.push(ShapeName {
                range: start..end,
                ending: Ending::of(member.ending, start..end),
            });
        }
        Some(names)
    }

    /// The members of an object from this offset on.
    #[inline(always)]
    fn members<const GAP: usize>(self, from: usize) -> Quick<Members<'t, GAP>> {
        Some(Members { walk: self, tokens: self.tokens.values.from(from)?, end: 0 })
    }

    /// The string at `place`; `None` also if it may have escapes.
    #[inline(always)]
    pub(super) fn string(self, place: usize) -> Quick<StringSpan> {
        if self.first_byte(place)? != b'"' {
            return None;
        }
        let end = self.tokens.quotes.next(place.wrapping_add(1))?.wrapping_add(1);
        self.plain_string(place, end)
    }

    /// The name of the member whose value is at `place`; `None` also if the name may have escapes.
    #[inline(always)]
    pub(super) fn name(self, place: usize) -> Quick<StringSpan> {
        self.first_byte(place)?;
        let after = match self.tokens.names {
            NameForm::Compact => place,
            NameForm::Spaced => place.wrapping_sub(1),
            NameForm::Other => return None,
        };
        let end = after.wrapping_sub(1);
        if *self.bytes.get(end)? != b':' {
            return None;
        }
        let start = self.tokens.quotes.previous(end.wrapping_sub(1))?;
        self.plain_string(start, end)
    }

    #[inline(always)]
    fn plain_string(self, start: usize, end: usize) -> Quick<StringSpan> {
        let escapes =
            self.tokens.has_escapes && memchr::memchr(b'\\', self.bytes.get(start..end)?).is_some();
        (!escapes).then_some(StringSpan { start, end, escapes })
    }

    /// The integer at `place`, if it has up to 18 digits and is not written as a decimal.
    #[inline(always)]
    pub(super) fn int64(self, place: usize) -> Quick<i64> {
        let rest = self.bytes.get(place..)?;
        let (negative, rest) = sign(rest);
        let (value, digits, rest) = digits(rest, 0);
        let plain =
            digits != 0 && digits <= 18 && !matches!(rest.first(), Some(b'.' | b'e' | b'E'));
        plain.then_some(if negative { value.wrapping_neg() } else { value })
    }

    /// The number at `place`, if its digits and its power of ten are exact doubles. Then the quotient is
    /// the nearest double.
    #[inline(always)]
    pub(super) fn double(self, place: usize) -> Quick<f64> {
        let (negative, rest) = sign(self.bytes.get(place..)?);
        let (value, whole, rest) = digits(rest, 0);
        let (value, fraction, rest) = match rest {
            [b'.', rest @ ..] => digits(rest, value),
            _ => (value, 0, rest),
        };
        let exact = whole != 0 && whole.wrapping_add(fraction) <= 15;
        if !exact || matches!(rest.first(), Some(b'e' | b'E')) {
            return None;
        }
        let value = value as f64 / POWERS.get(fraction)?;
        Some(if negative { -value } else { value })
    }

    /// The boolean at `place`.
    #[inline(always)]
    pub(super) fn boolean(self, place: usize) -> Quick<bool> {
        match self.first_byte(place)? {
            b't' => Some(true),
            b'f' => Some(false),
            _ => None,
        }
    }
}

/// Powers of ten.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

#[inline(always)]
fn sign(number: &[u8]) -> (bool, &[u8]) {
    match number {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    }
}

/// Appends the digits at the beginning of `rest` to a number. Returns it, the number of digits, and the
/// rest after them. The value is wrong if there are too many digits.
#[inline(always)]
fn digits(rest: &[u8], value: i64) -> (i64, usize, &[u8]) {
    let (mut value, mut after) = (value, rest);
    while let [byte @ b'0'..=b'9', rest @ ..] = after {
        value = value.wrapping_mul(10).wrapping_add(i64::from(byte.wrapping_sub(b'0')));
        after = rest;
    }
    (value, rest.len().wrapping_sub(after.len()), after)
}

#[inline(always)]
fn opens(byte: u8) -> bool {
    byte | 0x20 == b'{'
}

#[inline(always)]
fn closes(byte: u8) -> bool {
    byte | 0x20 == b'}'
}

/// The end of the container at `start`, if that is near.
#[inline(never)]
fn search_end(bytes: &[u8], values: &Bits, start: usize) -> Quick<usize> {
    let mut depth = 1_usize;
    let mut tokens = values.from(start.wrapping_add(1))?;
    loop {
        let token = tokens.next()?;
        let byte = *bytes.get(token)?;
        if closes(byte) {
            depth = depth.wrapping_sub(1);
            if depth == 0 {
                return Some(token.wrapping_add(1));
            }
        } else if opens(byte) {
            depth = depth.wrapping_add(1);
        }
    }
}

/// The members of an object, with `GAP` bytes between each name and its value.
struct Members<'t, const GAP: usize> {
    walk: Walk<'t>,
    tokens: SetBits<'t>,
    /// Where the object ends, after the last member.
    end: usize,
}

/// A member of an object.
struct Member<'t> {
    /// Where its value begins.
    value: usize,
    /// The text up to its name, with the closing quote.
    raw: &'t [u8],
    /// The last eight bytes of `raw`.
    ending: u64,
}

impl<'t, const GAP: usize> Members<'t, GAP> {
    #[inline(always)]
    fn next(&mut self) -> Quick<Option<Member<'t>>> {
        let value = self.tokens.next()?;
        let (byte, before) = self.walk.bytes.get(..=value)?.split_last()?;
        if closes(*byte) {
            self.end = value.wrapping_add(1);
            return Some(None);
        }
        if opens(*byte) {
            let end = search_end(self.walk.bytes, &self.walk.tokens.values, value)?;
            self.tokens = self.walk.tokens.values.from(end)?;
        }
        let raw = before.get(..before.len().wrapping_sub(GAP))?;
        let ending = match raw.last_chunk() {
            Some(last) => u64::from_le_bytes(*last),
            None => few_last_bytes(raw),
        };
        Some(Some(Member { value, raw, ending }))
    }
}

/// The last eight bytes, after zeros.
#[cold]
#[inline(never)]
fn few_last_bytes(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |last, byte| push_last(last, *byte))
}

/// The last bytes after one more.
#[inline(always)]
fn push_last(last: u64, byte: u8) -> u64 {
    last.wrapping_shr(8) | u64::from(byte).wrapping_shl(56)
}

/// The end of a name.
#[derive(Debug, Clone, Copy)]
struct Ending {
    /// The last eight bytes of the name with its quotes, after others if it is shorter.
    bytes: u64,
    /// Number of bits of the others.
    unused: u32,
}

impl Ending {
    /// The end of a raw name with this range.
    fn of(bytes: u64, raw: Range<usize>) -> Self {
        Self { bytes, unused: unused_bits(raw.len().saturating_sub(2)) }
    }

    #[inline(always)]
    fn is_same(self, ending: u64) -> bool {
        (ending ^ self.bytes).wrapping_shr(self.unused) == 0
    }
}

/// Number of bits that a name of this length leaves of the last eight bytes.
#[inline(always)]
fn unused_bits(length: usize) -> u32 {
    SHORT.saturating_sub(length).wrapping_shl(3) as u32
}

/// A name up to this length, with its quotes, is among the last eight bytes.
const SHORT: usize = 6;

/// A name of an object.
#[derive(Debug)]
struct ShapeName {
    /// Where it is in the text, with its quotes.
    range: Range<usize>,
    ending: Ending,
}

impl ShapeName {
    #[inline(always)]
    fn is_name_of(&self, text: &[u8], member: &Member<'_>) -> bool {
        let long = || text.get(self.range.clone()).is_some_and(|raw| member.raw.ends_with(raw));
        self.ending.is_same(member.ending) && (self.range.len() <= SHORT.wrapping_add(2) || long())
    }
}

/// A name to search for, without escapes. `N`: its bytes.
#[derive(Debug, Clone)]
pub(super) struct Name<N> {
    name: N,
    length: usize,
    ending: Ending,
}

impl<N: Iterator<Item = u8> + Clone> Name<N> {
    /// The name that a JSON pointer with one token finds. `None` for another pointer, or if the name
    /// needs escapes in a text or a pointer.
    #[inline(always)]
    pub(super) fn of_pointer(pointer: N) -> Quick<Self> {
        let mut name = pointer;
        if name.next() != Some(b'/') {
            return None;
        }
        let (mut ending, mut length) = (push_last(0, b'"'), 0_usize);
        for byte in name.clone() {
            if matches!(byte, b'/' | b'~' | b'"' | b'\\') {
                return None;
            }
            ending = push_last(ending, byte);
            length = length.wrapping_add(1);
        }
        let ending = Ending { bytes: push_last(ending, b'"'), unused: unused_bits(length) };
        Some(Self { name, length, ending })
    }

    #[inline(always)]
    fn is_name_of(&self, member: &Member<'_>) -> bool {
        self.ends(member.ending) && (self.is_short() || self.is_at_end_of(member.raw))
    }

    #[inline(never)]
    fn is_at_end_of(&self, raw: &[u8]) -> bool {
        let quotes = self.length.saturating_add(2);
        let raw = raw.len().checked_sub(quotes).and_then(|start| raw.get(start..));
        match raw {
            Some([b'"', name @ .., b'"']) => name.iter().copied().eq(self.name.clone()),
            _ => false,
        }
    }
}

impl<N> Name<N> {
    /// Whether a raw name can be this one, by its last bytes.
    #[inline(always)]
    fn ends(&self, ending: u64) -> bool {
        self.ending.is_same(ending)
    }

    /// Whether the last bytes are the whole name.
    #[inline(always)]
    fn is_short(&self) -> bool {
        self.length <= SHORT
    }
}
