//! The members of objects, and their names.

/// A member of an object: where its name and its value begin.
pub(super) struct Member {
    pub(super) name: usize,
    pub(super) value: usize,
}

/// A name of an object, with its quotes and the bytes before the value.
#[derive(Debug)]
pub(super) struct Name {
    start: usize,
    length: usize,
    /// Its first and last eight bytes. If it is shorter, other bytes of the text are after or before them.
    first: u64,
    last: u64,
    /// Number of bits of `last` that are before the name.
    before: u32,
}

impl Name {
    pub(super) fn of(text: &[u8], member: &Member) -> Option<Self> {
        let length = member.value.wrapping_sub(member.name);
        let before = size_of::<u64>().saturating_sub(length).wrapping_shl(3) as u32;
        let (first, last) = (first_bytes(text, member.name)?, last_bytes(text, member.value)?);
        Some(Self { start: member.name, length, first, last, before })
    }

    /// Whether this is the name of a member.
    #[inline(always)]
    pub(super) fn is_name_of(&self, text: &[u8], member: &Member) -> bool {
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
