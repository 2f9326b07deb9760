//! Building the index of a document: one pass over a text that is known to be valid JSON.

use super::value::string_hash;

/// One value or member name: 20 bytes, whatever it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where it begins and ends in the text.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The entry behind it and all that it holds.
    pub(super) next: u32,
    /// Of a container: where its children begin in [`Index::children`], and how many they are.
    pub(super) first: u32,
    pub(super) count: u32,
}

/// The entries of a text in the order they stand there, a member's name right before its value.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) entries: Vec<Entry>,
    /// For each container one run: an array's elements, or an object's names (where there are
    /// more than [`SORTED_ABOVE`] of them, in the order of their hash).
    pub(super) children: Vec<u32>,
}

/// Objects with more members than this are looked up by hash.
pub(super) const SORTED_ABOVE: u32 = 16;

/// A container that is not closed yet.
struct Open {
    entry: u32,
    /// Where its children begin among the pending ones.
    pending: u32,
}

struct Builder<'a> {
    text: &'a str,
    index: Index,
    open: Vec<Open>,
    /// The children so far of all open containers.
    pending: Vec<u32>,
    /// Whether a string that comes next in an object is a name.
    name_next: bool,
}

/// Builds the index of a valid JSON text. `None` for 4 GiB and more.
pub(super) fn build(text: &str) -> Option<Index> {
    u32::try_from(text.len()).ok()?;
    let (index, open, pending) = (Index::default(), Vec::new(), Vec::new());
    let mut builder = Builder { text, index, open, pending, name_next: false };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => at.saturating_add(1),
            b',' => {
                builder.name_next = true;
                at.saturating_add(1)
            }
            b':' => {
                builder.name_next = false;
                at.saturating_add(1)
            }
            b'{' | b'[' => builder.begin(at, *byte == b'{')?,
            b'}' | b']' => builder.end(at)?,
            b'"' => builder.leaf(at, string_end(bytes, at))?,
            _ => builder.leaf(at, word_end(bytes, at))?,
        };
    }
    builder.index.entries.shrink_to_fit();
    Some(builder.index)
}

impl Builder<'_> {
    fn begin(&mut self, at: usize, object: bool) -> Option<usize> {
        let end = at.saturating_add(1);
        let entry = self.push(at, end)?;
        self.open.push(Open { entry, pending: u32::try_from(self.pending.len()).ok()? });
        self.name_next = object;
        Some(end)
    }

    fn end(&mut self, at: usize) -> Option<usize> {
        let open = self.open.pop()?;
        let end = at.saturating_add(1);
        let next = u32::try_from(self.index.entries.len()).ok()?;
        let first = u32::try_from(self.index.children.len()).ok()?;
        let object = self.is_object(&open);
        let mut children = self.pending.split_off(open.pending as usize);
        let count = u32::try_from(children.len()).ok()?;
        if object && count > SORTED_ABOVE {
            // By place within one hash, so that the last of two equal names can be told.
            children.sort_by_cached_key(|name| (self.hash_of(*name), *name));
        }
        self.index.children.append(&mut children);
        let entry = self.index.entries.get_mut(usize::try_from(open.entry).ok()?)?;
        *entry = Entry { start: entry.start, end: u32::try_from(end).ok()?, next, first, count };
        Some(end)
    }

    fn leaf(&mut self, at: usize, end: usize) -> Option<usize> {
        self.push(at, end)?;
        Some(end)
    }

    fn push(&mut self, start: usize, end: usize) -> Option<u32> {
        let place = u32::try_from(self.index.entries.len()).ok()?;
        let (start, end) = (u32::try_from(start).ok()?, u32::try_from(end).ok()?);
        let next = place.checked_add(1)?;
        self.index.entries.push(Entry { start, end, next, first: 0, count: 0 });
        if self.open.last().is_some_and(|open| self.name_next || !self.is_object(open)) {
            self.pending.push(place);
        }
        Some(place)
    }

    fn is_object(&self, open: &Open) -> bool {
        let entry = self.index.entries.get(open.entry as usize);
        let start = entry.and_then(|entry| self.text.as_bytes().get(entry.start as usize));
        start == Some(&b'{')
    }

    fn hash_of(&self, name: u32) -> u64 {
        usize::try_from(name)
            .ok()
            .and_then(|name| self.index.entries.get(name))
            .and_then(|entry| self.text.get(entry.start as usize..entry.end as usize))
            .map_or(0, string_hash)
    }
}

/// Where the string that begins here ends: behind its closing quote.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start.saturating_add(1);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(found) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
            return bytes.len();
        };
        at = at.saturating_add(found).saturating_add(1);
        if rest.get(found) == Some(&b'"') {
            return at;
        }
        at = at.saturating_add(1);
    }
}

/// Where the number or keyword that begins here ends.
fn word_end(bytes: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
    let rest = bytes.get(start..).unwrap_or_default();
    rest.iter().position(ends).map_or(bytes.len(), |length| start.saturating_add(length))
}
