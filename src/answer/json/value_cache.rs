//! Values that are handed out for as long as a text lives.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Type;
use super::copy_cache::CopyCache;
use super::document::Document;
use super::scalar::{double_value, int64_value, uint64_value};
use super::scan::string;

/// The values of one valid JSON text, read by JSON pointers (RFC 6901) or by nodes.
///
/// What is handed out as bytes is copied once for each place and then kept, so that it may be used
/// as long as this store lives, and reading a value again takes no more memory. May be used from any
/// number of threads at once.
///
/// Every method is given the same text, which the store does not own and which is valid JSON; `None`
/// is answered where nothing is there, or where it is of another type.
#[derive(Debug)]
pub struct ValueCache {
    document: Document,
    nodes: OnceLock<Nodes>,
    strings: CopyCache,
    texts: CopyCache,
}

/// Where a value is.
#[derive(Debug, Clone, Copy)]
pub enum ValueRef<'p> {
    /// Where this pointer leads to.
    Pointer(&'p str),
    /// At this node.
    Node(usize),
}

impl<'p> From<&'p str> for ValueRef<'p> {
    fn from(pointer: &'p str) -> Self {
        Self::Pointer(pointer)
    }
}

impl From<usize> for ValueRef<'_> {
    fn from(node: usize) -> Self {
        Self::Node(node)
    }
}

impl Default for ValueCache {
    fn default() -> Self {
        Self::new()
    }
}

impl ValueCache {
    /// A store that has read nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            document: Document::new(),
            nodes: OnceLock::new(),
            strings: CopyCache::new(),
            texts: CopyCache::new(),
        }
    }

    /// The node that a pointer leads to from another one; 0 where there is none. From 0 it leads from
    /// the whole.
    pub fn find(&self, text: &str, from: usize, pointer: &str) -> usize {
        let from = if from == 0 { Document::root(text) } else { self.place(text, from) };
        self.node(from.and_then(|from| self.document.find(text, from, pointer)))
    }

    /// The node of the first element or member of a container; 0 where there is none.
    pub fn first(&self, text: &str, container: usize) -> usize {
        let place = self.place(text, container);
        self.node(place.and_then(|place| self.document.first(text, place)))
    }

    /// The node of the element or member behind this one; 0 where it is the last.
    pub fn next(&self, text: &str, node: usize) -> usize {
        let place = self.place(text, node);
        self.node(place.and_then(|place| self.document.next(text, place)))
    }

    /// The name of a member, with a NUL behind it that is not part of it.
    pub fn name(&self, text: &str, member: usize) -> Option<&[u8]> {
        let name = Document::name(text, self.place(text, member)?)?;
        self.strings.string(text, name)
    }

    /// The type of the value there.
    pub fn type_of<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<Type> {
        Document::type_at(text, self.at(text, place)?)
    }

    /// The content of the string there, with a NUL behind it that is not part of it. The content
    /// may hold NULs of its own.
    pub fn string<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<&[u8]> {
        let start = self.at(text, place)?;
        match Document::type_at(text, start)? {
            Type::String => self.strings.string(text, string(text.as_bytes(), start)),
            _ => None,
        }
    }

    /// The JSON text of the value there, with a NUL behind it that is not part of it.
    pub fn text<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<&[u8]> {
        let value = self.document.value(text, self.at(text, place)?)?;
        self.texts.text(text, value.start, value.end)
    }

    /// The exact integer there: `1e3` is 1000 and `5.0` is 5, for JSON does not tell integers from
    /// other numbers (RFC 8259 section 6), but `1.5` and what is beyond an `i64` have none.
    pub fn int64<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<i64> {
        int64_value(self.scalar(text, place, Type::Number)?)
    }

    /// The same of what a `u64` holds.
    pub fn uint64<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<u64> {
        uint64_value(self.scalar(text, place, Type::Number)?)
    }

    /// The number there as the nearest double; `None` where it is beyond the largest one.
    pub fn double<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<f64> {
        double_value(self.scalar(text, place, Type::Number)?)
    }

    /// The boolean there.
    pub fn boolean<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<bool> {
        Some(self.scalar(text, place, Type::Bool)? == "true")
    }

    /// How many elements or members the value there has; 0 where it is neither an array nor an
    /// object, or is missing.
    pub fn length<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> usize {
        self.at(text, place).map_or(0, |place| self.document.count(text, place))
    }

    /// The text of the value there, if it is of this type.
    fn scalar<'t, 'p>(
        &self,
        text: &'t str,
        place: impl Into<ValueRef<'p>>,
        kind: Type,
    ) -> Option<&'t str> {
        let start = self.at(text, place)?;
        if Document::type_at(text, start)? != kind {
            return None;
        }
        Some(self.document.value(text, start)?.text(text))
    }

    fn at<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<usize> {
        match place.into() {
            ValueRef::Pointer(pointer) => self.document.find(text, Document::root(text)?, pointer),
            ValueRef::Node(node) => self.place(text, node),
        }
    }

    fn node(&self, place: Option<usize>) -> usize {
        place.map_or(0, |place| self.nodes.get_or_init(Nodes::new).node(place))
    }

    fn place(&self, text: &str, node: usize) -> Option<usize> {
        let place = self.nodes.get()?.place(node)?;
        // Where numbers are short, chance could come near.
        let near = place < text.len() && (usize::BITS >= 64 || Document::begins(text, place));
        near.then_some(place)
    }
}

/// How the nodes of a text are numbered: the place of the value and one, times an odd number that no
/// other text has. So a number that is no node of this text, but of another or of none, leads
/// nowhere near: for it to be taken for one of a text of a megabyte, the odds are one in 2⁴⁴.
#[derive(Debug, Clone, Copy)]
struct Nodes {
    factor: usize,
    /// Times the factor, it is one.
    inverse: usize,
}

impl Nodes {
    fn new() -> Self {
        // From 1 on: 0 would give the factor 1, with which any small number is a node.
        static TEXTS: AtomicU64 = AtomicU64::new(1);
        // The numbers of SplitMix64 look like those of chance, and each comes once.
        let mut bits = TEXTS.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let factor = ((bits ^ (bits >> 31)) | 1) as usize;
        // Each step makes twice as many of the bits right (Newton's method); three are at first.
        let inverse = (0..5).fold(factor, |inverse, _| {
            inverse.wrapping_mul(2_usize.wrapping_sub(factor.wrapping_mul(inverse)))
        });
        Self { factor, inverse }
    }

    fn node(self, place: usize) -> usize {
        place.wrapping_add(1).wrapping_mul(self.factor)
    }

    fn place(self, node: usize) -> Option<usize> {
        node.wrapping_mul(self.inverse).checked_sub(1)
    }
}

#[cfg(test)]
mod tests;
