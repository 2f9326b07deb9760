//! Reads values from a JSON text and keeps the copies that it returns.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Type;
use super::copy_cache::CopyCache;
use super::document::Document;
use super::scalar::{double_value, int64_value, uint64_value};
use super::scan::string;
use super::walk::{Known, Quick, Walk};

/// The values of one valid JSON text, read by JSON pointers (RFC 6901) or by nodes.
///
/// The first read of a value as bytes makes a copy. The copy stays valid as long as the cache, and later
/// reads return the same copy. Several threads may use the cache at the same time.
///
/// The cache does not own the text. The caller passes the same valid JSON text to each method. A method
/// returns `None` if the value is missing or has another type.
#[derive(Debug)]
pub struct ValueCache {
    document: Document,
    /// Made by the first node.
    nodes: OnceLock<Nodes>,
    /// For quick reads. Made by the first step of a walk: a program that looks up a few values does not
    /// need it.
    walk: OnceLock<Option<Box<(Nodes, Known)>>>,
    strings: CopyCache,
    texts: CopyCache,
}

/// A reference to a value.
#[derive(Debug, Clone, Copy)]
pub enum ValueRef<'p> {
    /// The value that this pointer finds.
    Pointer(&'p str),
    /// The value at this node.
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
    /// An empty cache.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            document: Document::new(),
            nodes: OnceLock::new(),
            walk: OnceLock::new(),
            strings: CopyCache::new(),
            texts: CopyCache::new(),
        }
    }

    /// The node that a pointer finds, starting from the node `from`; 0 if there is none. If `from` is 0,
    /// the pointer starts from the outermost value.
    pub fn find(&self, text: &str, from: usize, pointer: &str) -> usize {
        let from = if from == 0 { Document::root(text) } else { self.place(text, from) };
        self.node(from.and_then(|from| self.document.find(text, from, pointer)))
    }

    /// The node of the first element or member of a container; 0 if there is none.
    pub fn first(&self, text: &str, container: usize) -> usize {
        let Some(place) = self.place(text, container) else { return 0 };
        self.walk.get_or_init(|| Some(Box::new((*self.nodes.get()?, Known::find(text)?))));
        self.node(self.document.first(text, place))
    }

    /// The node of the element or member after this one; 0 if this is the last one.
    pub fn next(&self, text: &str, node: usize) -> usize {
        let place = self.place(text, node);
        self.node(place.and_then(|place| self.document.next(text, place)))
    }

    /// The name of a member, and a NUL that is not part of it.
    pub fn name(&self, text: &str, member: usize) -> Option<&[u8]> {
        let name = Document::name(text, self.place(text, member)?)?;
        self.strings.string(text, name)
    }

    /// The type of the value.
    pub fn type_of<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<Type> {
        Document::type_at(text, self.at(text, place)?)
    }

    /// The content of the string, and a NUL that is not part of it. The content may also contain NULs.
    pub fn string<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<&[u8]> {
        let start = self.at(text, place)?;
        match Document::type_at(text, start)? {
            Type::String => self.strings.string(text, string(text.as_bytes(), start)),
            _ => None,
        }
    }

    /// The JSON text of the value, and a NUL that is not part of it.
    pub fn text<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<&[u8]> {
        let value = self.document.value(text, self.at(text, place)?)?;
        self.texts.text(text, value.start, value.end)
    }

    /// The number as an exact integer. `1e3` is 1000 and `5.0` is 5, because JSON does not distinguish
    /// integers from other numbers (RFC 8259 section 6). `None` for `1.5`, and if an `i64` cannot hold it.
    pub fn int64<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<i64> {
        int64_value(self.scalar(text, place, Type::Number)?)
    }

    /// The same as [`Self::int64`] for a `u64`.
    pub fn uint64<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<u64> {
        uint64_value(self.scalar(text, place, Type::Number)?)
    }

    /// The double nearest to the number; `None` if the number is beyond the largest double.
    pub fn double<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<f64> {
        double_value(self.scalar(text, place, Type::Number)?)
    }

    /// The boolean.
    pub fn boolean<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> Option<bool> {
        Some(self.scalar(text, place, Type::Bool)? == "true")
    }

    /// The number of elements or members of the value; 0 if it is neither an array nor an object, or is
    /// missing.
    pub fn length<'p>(&self, text: &str, place: impl Into<ValueRef<'p>>) -> usize {
        self.at(text, place).map_or(0, |place| self.document.count(text, place))
    }

    /// The text of the value, if it has this type.
    fn scalar<'t, 'p>(
        &self,
        text: &'t str,
        place: impl Into<ValueRef<'p>>,
        value_type: Type,
    ) -> Option<&'t str> {
        let start = self.at(text, place)?;
        if Document::type_at(text, start)? != value_type {
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
        self.nodes.get()?.place_in(text, node)
    }
}

/// Quick reads by nodes: `None` if the method without `quick` must read the value. It also finds out
/// whether there is such a value.
impl ValueCache {
    /// The same as [`Self::find`] for a node and the bytes of a pointer, which may be invalid UTF-8.
    #[inline(always)]
    pub fn quick_find<P>(&self, text: &str, from: usize, pointer: P) -> Option<usize>
    where
        P: Iterator<Item = u8> + Clone,
    {
        self.quick_node(text, from, |walk, place| walk.find(place, pointer))
    }

    /// The same as [`Self::first`].
    #[inline]
    pub fn quick_first(&self, text: &str, container: usize) -> Option<usize> {
        self.quick_node(text, container, Walk::first)
    }

    /// The same as [`Self::next`].
    #[inline]
    pub fn quick_next(&self, text: &str, node: usize) -> Option<usize> {
        self.quick_node(text, node, Walk::next)
    }

    /// The same as [`Self::name`].
    #[inline]
    pub fn quick_name(&self, text: &str, member: usize) -> Option<&[u8]> {
        self.strings.quick_string(text, self.quick(text, member, Walk::name)?)
    }

    /// The same as [`Self::string`].
    #[inline]
    pub fn quick_string(&self, text: &str, node: usize) -> Option<&[u8]> {
        self.strings.quick_string(text, self.quick(text, node, Walk::string)?)
    }

    /// The same as [`Self::type_of`].
    #[inline]
    pub fn quick_type(&self, text: &str, node: usize) -> Option<Type> {
        self.quick(text, node, Walk::first_byte).map(super::scan::type_from_first_byte)
    }

    /// The same as [`Self::int64`].
    #[inline]
    pub fn quick_int64(&self, text: &str, node: usize) -> Option<i64> {
        self.quick(text, node, Walk::int64)
    }

    /// The same as [`Self::double`].
    #[inline]
    pub fn quick_double(&self, text: &str, node: usize) -> Option<f64> {
        self.quick(text, node, Walk::double)
    }

    /// The same as [`Self::boolean`].
    #[inline]
    pub fn quick_boolean(&self, text: &str, node: usize) -> Option<bool> {
        self.quick(text, node, Walk::boolean)
    }

    #[inline(always)]
    fn quick<'c, T>(
        &'c self,
        text: &'c str,
        node: usize,
        read: impl FnOnce(Walk<'c>, usize) -> Quick<T>,
    ) -> Quick<T> {
        let (_, walk, place) = self.walk_at(text, node)?;
        read(walk, place)
    }

    #[inline(always)]
    fn quick_node<'c>(
        &'c self,
        text: &'c str,
        node: usize,
        read: impl FnOnce(Walk<'c>, usize) -> Quick<Option<usize>>,
    ) -> Quick<usize> {
        let (nodes, walk, place) = self.walk_at(text, node)?;
        Some(read(walk, place)?.map_or(0, |place| nodes.node(place)))
    }

    /// The walk from the place of a node; `None` if no walk has begun.
    #[inline(always)]
    fn walk_at<'c>(&'c self, text: &'c str, node: usize) -> Option<(Nodes, Walk<'c>, usize)> {
        let (nodes, known) = self.walk.get()?.as_deref()?;
        let walk = Walk { known, bytes: text.as_bytes() };
        Some((*nodes, walk, nodes.place_in(text, node)?))
    }
}

/// The node numbers of a text. A number is the place of the value plus one, times an odd factor that no
/// other text has. That is why a node of another text, or an invented one, does not match a place: for a
/// text of one megabyte, the probability of a match is 1 in 2⁴⁴.
#[derive(Debug, Clone, Copy)]
struct Nodes {
    factor: usize,
    /// The product of `factor` and `inverse` is 1.
    inverse: usize,
}

impl Nodes {
    fn new() -> Self {
        // Starts at 1, because 0 would give the factor 1. Then each small number would be a node.
        static TEXTS: AtomicU64 = AtomicU64::new(1);
        // The numbers of SplitMix64 look random, and none repeats.
        let mut bits = TEXTS.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let factor = ((bits ^ (bits >> 31)) | 1) as usize;
        // Each step doubles the number of correct bits (Newton's method). The first three are correct.
        let inverse = (0..5).fold(factor, |inverse, _| {
            inverse.wrapping_mul(2_usize.wrapping_sub(factor.wrapping_mul(inverse)))
        });
        Self { factor, inverse }
    }

    fn node(self, place: usize) -> usize {
        place.wrapping_add(1).wrapping_mul(self.factor)
    }

    /// The place in the text. `None` if this is not a node.
    #[inline(always)]
    fn place_in(self, text: &str, node: usize) -> Option<usize> {
        let place = node.wrapping_mul(self.inverse).checked_sub(1)?;
        // A `usize` of 32 bits has few values, so an invalid node may match a place by chance.
        let plausible = place < text.len() && (usize::BITS >= 64 || Document::begins(text, place));
        plausible.then_some(place)
    }
}

#[cfg(test)]
mod tests;
