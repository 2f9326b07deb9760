//! The index of a text: where large containers end, and where some of their children begin.
//!
//! A reader finds a value by scanning the text before it. The index keeps these scans short: it has an
//! entry for each large container, and a checkpoint about every 256 bytes in it. Small containers have
//! no entry, so the index always takes less than half as much memory as the text. Without an index,
//! reading finds the same values, but slower.

use std::sync::OnceLock;

use fearless_simd::{Level, Simd, dispatch};

use super::block;
use super::masks::{BLOCK, Block, Mask, Strings, next_block};
use super::scalar::{content_hash, string_hash};
use super::scan::{Children, ContainerEnds, string_end, whitespace_end};

/// Bytes between two checkpoints.
const CHECKPOINT_INTERVAL: usize = 256;
/// The cost of jumping over a container with an entry, in scanned bytes.
const JUMP_COST: usize = 16;
/// Below this depth, only one in `LEVELS_PER_ENTRY` levels can have an entry, so that the list of open
/// containers stays small.
const DEEP: usize = 512;
const LEVELS_PER_ENTRY: usize = 64;
/// In objects with more members than this, or of more bytes, members are found by hash.
const MAX_SCANNED_MEMBERS: usize = 64;
const MAX_SCANNED_BYTES: usize = 4096;

/// A large container.
#[derive(Debug)]
pub(super) struct ContainerEntry {
    start: u32,
    end: u32,
    pub(super) count: u32,
    /// Its range in [`Index::checkpoints`].
    first_checkpoint: u32,
    end_checkpoint: u32,
    /// The names of an object. Made by the first look-up in a large object.
    names: OnceLock<Option<NameTable>>,
}

/// Where a child of a container begins, and its index in the container.
#[derive(Debug, Clone, Copy)]
struct Checkpoint {
    at: u32,
    number: u32,
}

/// The hashes of an object's names and their offsets, sorted by hash, then by offset.
type NameTable = Vec<(u32, u32)>;

/// The index of a text.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Sorted by `start`.
    entries: Vec<ContainerEntry>,
    checkpoints: Vec<Checkpoint>,
}

impl Index {
    /// The index of a valid JSON text; `None` if memory is short, or if the text has 4 GiB or more.
    pub(super) fn new(text: &str) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        let builder = Builder {
            bytes: text.as_bytes(),
            index: Self::default(),
            open: Vec::new(),
            pending: Vec::new(),
        };
        dispatch!(Level::new(), simd => builder.build(simd))
    }

    /// The entry of the container at `start`, if it has one.
    pub(super) fn entry(&self, start: usize) -> Option<&ContainerEntry> {
        let found = self.entries.binary_search_by_key(&start, |entry| entry.start as usize);
        self.entries.get(found.ok()?)
    }

    /// Where to start the search for the child with this index: an offset at or before it, and the
    /// index of the child that begins there.
    pub(super) fn checkpoint_before(&self, array: usize, number: usize) -> (usize, usize) {
        let checkpoints = self.entry(array).and_then(|entry| {
            self.checkpoints.get(entry.first_checkpoint as usize..entry.end_checkpoint as usize)
        });
        let checkpoints = checkpoints.unwrap_or_default();
        let after = checkpoints.partition_point(|checkpoint| checkpoint.number as usize <= number);
        let checkpoint = after.checked_sub(1).and_then(|last| checkpoints.get(last));
        checkpoint.map_or((array.saturating_add(1), 0), |checkpoint| {
            (checkpoint.at as usize, checkpoint.number as usize)
        })
    }

    /// The offsets of the names in an object that may be equal to `name`, the last one first; `None`
    /// if the object has no name table.
    pub(super) fn find_name<'i>(
        &'i self,
        text: &str,
        object: usize,
        name: &str,
    ) -> Option<impl Iterator<Item = usize> + use<'i>> {
        let entry = self.entry(object)?;
        let (count, length) =
            (entry.count as usize, entry.end.saturating_sub(entry.start) as usize);
        if count <= MAX_SCANNED_MEMBERS && length <= MAX_SCANNED_BYTES {
            return None;
        }
        let names = entry.names.get_or_init(|| self.build_name_table(text, object, count));
        let (names, wanted) = (names.as_ref()?, content_hash(name));
        let from = names.partition_point(|(hash, _)| *hash < wanted);
        let to = names.partition_point(|(hash, _)| *hash <= wanted);
        let same = names.get(from..to).unwrap_or_default();
        Some(same.iter().rev().map(|(_, at)| *at as usize))
    }

    fn build_name_table(&self, text: &str, object: usize, count: usize) -> Option<NameTable> {
        let mut names = NameTable::new();
        names.try_reserve_exact(count).ok()?;
        let members = Children::of(text.as_bytes(), object, self).take(count);
        names.extend(members.map(|member| {
            let at = to_u32(member.name.start);
            (text.get(member.name).map_or(0, string_hash), at)
        }));
        names.sort_unstable();
        Some(names)
    }

    /// The memory that the index takes, in bytes, without the name tables.
    #[cfg(test)]
    pub(super) fn memory_size(&self) -> usize {
        self.entries.capacity() * size_of::<ContainerEntry>()
            + self.checkpoints.capacity() * size_of::<Checkpoint>()
    }
}

impl ContainerEnds for &Index {
    fn end(&self, bytes: &[u8], start: usize) -> usize {
        match self.entry(start) {
            Some(entry) => entry.end as usize,
            None => small_end(bytes, start, self),
        }
    }
}

/// The end of a container without an entry. The containers in it may have entries.
fn small_end(bytes: &[u8], start: usize, index: &Index) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    loop {
        let rest =
            block::skip_until(bytes.get(at..).unwrap_or_default(), block::quotes_and_brackets);
        at = bytes.len().saturating_sub(rest.len());
        match rest.first() {
            Some(b'"') => at = string_end(bytes, at),
            Some(b'{' | b'[') => match index.entry(at) {
                Some(entry) => at = entry.end as usize,
                None => {
                    depth = depth.saturating_add(1);
                    at = at.saturating_add(1);
                }
            },
            Some(_) => {
                depth = depth.saturating_sub(1);
                at = at.saturating_add(1);
            }
            None => return bytes.len(),
        }
        if depth == 0 {
            return at;
        }
    }
}

/// A container that is not closed yet.
struct OpenContainer {
    start: usize,
    /// Number of children that have ended.
    count: usize,
    /// Its bytes are counted up to this offset.
    counted: usize,
    /// The cost of scanning it from its last checkpoint on, in bytes.
    work: usize,
    /// Where its checkpoints begin in [`Builder::pending`].
    pending: usize,
    /// Number of open containers in it that get no entry.
    deeper: usize,
}

struct Builder<'t> {
    bytes: &'t [u8],
    index: Index,
    open: Vec<OpenContainer>,
    /// The checkpoints of all open containers.
    pending: Vec<Checkpoint>,
}

impl Builder<'_> {
    /// `None` if memory is short.
    #[inline(always)]
    fn build<S: Simd>(mut self, simd: S) -> Option<Index> {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut strings = Strings::default();
                let (mut rest, mut at) = (self.bytes, 0_usize);
                while let Some((bytes, after)) = next_block(rest) {
                    let block = Block::new(simd, &bytes);
                    let outside = strings.next(block).outside();
                    let (open, close) = (block.open() & outside, block.close() & outside);
                    self.block(at, open, close, block.are(b',') & outside)?;
                    rest = after;
                    at = at.saturating_add(BLOCK);
                }
                Some(())
            },
        )?;
        self.index.entries.sort_unstable_by_key(|entry| entry.start);
        Some(self.index)
    }

    /// Processes the brackets and commas of the block at `at`.
    #[inline(always)]
    fn block(&mut self, at: usize, open: Mask, close: Mask, commas: Mask) -> Option<()> {
        let (mut brackets, mut commas) = (open | close, commas);
        while brackets != 0 {
            let bit = brackets & brackets.wrapping_neg();
            let before = commas & bit.wrapping_sub(1);
            self.children(at, before)?;
            brackets ^= bit;
            commas ^= before;
            let place = at.saturating_add(bit.trailing_zeros() as usize);
            match self.open.len() < DEEP {
                true if open & bit != 0 => self.begin(place)?,
                true => self.end(place)?,
                false => self.deep(place, open & bit != 0)?,
            }
        }
        self.children(at, commas)
    }

    /// Processes a bracket that is nested deeper than `DEEP`.
    #[cold]
    #[inline(never)]
    fn deep(&mut self, at: usize, opens: bool) -> Option<()> {
        match self.open.last_mut() {
            Some(open) if opens && open.deeper.wrapping_add(1) < LEVELS_PER_ENTRY => {
                open.deeper = open.deeper.wrapping_add(1);
                Some(())
            }
            Some(open) if !opens && open.deeper > 0 => {
                open.deeper = open.deeper.wrapping_sub(1);
                Some(())
            }
            _ if opens => self.begin(at),
            _ => self.end(at),
        }
    }

    fn begin(&mut self, at: usize) -> Option<()> {
        if let Some(parent) = self.open.last_mut() {
            parent.count_to(at);
        }
        let pending = self.pending.len();
        let open = OpenContainer { start: at, count: 0, counted: at, work: 0, pending, deeper: 0 };
        try_push(&mut self.open, open)
    }

    /// Counts these commas of a block as children of the innermost open container.
    #[inline(always)]
    fn children(&mut self, block: usize, commas: Mask) -> Option<()> {
        let Some(last) = commas.checked_ilog2() else { return Some(()) };
        let Some(open) = self.open.last_mut().filter(|open| open.deeper == 0) else {
            return Some(());
        };
        let at = block.saturating_add(last as usize).saturating_add(1);
        open.count_to(at);
        open.count = open.count.saturating_add(commas.count_ones() as usize);
        if open.work >= CHECKPOINT_INTERVAL {
            open.work = 0;
            try_push(&mut self.pending, Checkpoint { at: to_u32(at), number: to_u32(open.count) })?;
        }
        Some(())
    }

    fn end(&mut self, at: usize) -> Option<()> {
        let Some(mut open) = self.open.pop() else { return Some(()) };
        let end = at.saturating_add(1);
        open.count_to(end);
        let has_checkpoints = self.pending.len() > open.pending;
        let indexed = has_checkpoints || open.work >= CHECKPOINT_INTERVAL;
        if indexed {
            let empty = whitespace_end(self.bytes, open.start.saturating_add(1)) == at;
            let first_checkpoint = to_u32(self.index.checkpoints.len());
            for checkpoint in self.pending.drain(open.pending..) {
                try_push(&mut self.index.checkpoints, checkpoint)?;
            }
            let entry = ContainerEntry {
                start: to_u32(open.start),
                end: to_u32(end),
                count: to_u32(open.count.saturating_add(usize::from(!empty))),
                first_checkpoint,
                end_checkpoint: to_u32(self.index.checkpoints.len()),
                names: OnceLock::new(),
            };
            try_push(&mut self.index.entries, entry)?;
        }
        if let Some(parent) = self.open.last_mut() {
            parent.counted = end;
            parent.work = parent.work.saturating_add(if indexed { JUMP_COST } else { open.work });
        }
        Some(())
    }
}

impl OpenContainer {
    fn count_to(&mut self, at: usize) {
        self.work = self.work.saturating_add(at.saturating_sub(self.counted));
        self.counted = at;
    }
}

/// Adds an item. A full list grows by a half, because an index should not be larger than necessary.
fn try_push<T>(list: &mut Vec<T>, item: T) -> Option<()> {
    if list.len() == list.capacity() {
        let half = list.len().wrapping_shr(1).max(16);
        list.try_reserve_exact(half).ok()?;
    }
    list.push(item);
    Some(())
}

/// Every offset in a text with an index fits into 32 bits.
fn to_u32(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that need a large index for their length.
    fn dense(length: usize) -> Vec<String> {
        let list = |unit: &str| format!("[{}0]", unit.repeat(length / unit.len()));
        let nested = |open: &str, close: &str, depth: usize| {
            let block = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            format!("[{}0]", format!("{block},").repeat(length / block.len()))
        };
        let wide = format!("{{{}}}", vec!["\"\":0"; length / 5].join(","));
        let large = format!("[{}]", "0,".repeat(CHECKPOINT_INTERVAL / 2));
        vec![
            list("0,"),
            list("[],"),
            list("{},"),
            list("\"\","),
            list("{\"\":0},"),
            list("\"\\\"\","),
            list(&format!("{large}0],").replace("]0]", "0]")),
            nested("[", "]", 100),
            nested("{\"\":", "}", 500),
            nested("[", "]", 2_000),
            nested("[", "]", length / 2),
            wide,
        ]
    }

    #[test]
    fn an_index_takes_less_than_half_as_much_memory_as_its_text() {
        for text in dense(400_000) {
            assert!(super::super::is_json(&text), "{}", &text[..60]);
            let (index, length) = (Index::new(&text).unwrap(), text.len());
            let bytes = index.memory_size();
            assert!(
                bytes < length / 2,
                "the index takes {bytes} B for {length} B of {}",
                &text[..60]
            );
        }
    }

    #[test]
    fn members_of_an_object_with_a_long_string_are_found_by_hash() {
        let text = format!("{{\"data\":\"{}\",\"id\":1}}", "x".repeat(MAX_SCANNED_BYTES));
        let index = Index::new(&text).unwrap();
        let places: Vec<_> = index.find_name(&text, 0, "id").expect("a name table").collect();
        assert_eq!(places, [text.find("\"id\"").unwrap()]);
    }
}
