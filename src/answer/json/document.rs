//! Finds values in a JSON text: by JSON pointers (RFC 6901), and from one value to the next.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::json_pointer;

use super::index::Index;
use super::pair::Pair;
use super::scalar::string_equals;
use super::scan::{
    self, Child, Children, ContainerEnds, NoIndex, Node, StringSpan, Type, name_before,
    type_from_first_byte, value_end, whitespace_end,
};
use super::skip;

/// Number of scans of a text before it gets an index.
const MAX_SCANS: usize = 4;

/// Containers from this length in bytes on are not scanned twice in a row.
const LARGE: usize = 4096;

/// Elements with a lower index are found one by one.
const NEAR_ELEMENTS: usize = 4;

/// Reads values from a JSON text, but does not contain the text: the caller passes the same valid
/// text to every method. A `place` is the byte offset at which a value begins.
///
/// It finds the first values by scanning the text, which is fast. After a few scans, it makes an index
/// in one pass, without recursion. The index takes less than half as much memory as the text. A look-up
/// in a large object of the index also makes a sorted list of the object's names: 8 bytes for each.
#[derive(Debug, Default)]
pub(super) struct Document {
    index: OnceLock<Option<Index>>,
    /// Number of bytes scanned without an index.
    scanned_bytes: AtomicUsize,
    /// Where the last large container that was scanned begins and ends.
    last: Pair,
}

/// The ends of containers, from the index if there is one.
#[derive(Debug, Clone, Copy)]
struct KnownEnds<'d>(Option<&'d Index>, &'d Pair);

impl ContainerEnds for KnownEnds<'_> {
    #[inline]
    fn end(&self, bytes: &[u8], start: usize) -> usize {
        match &self.0 {
            Some(index) => index.end(bytes, start),
            None => self.1.get(start).filter(|end| *end > start).unwrap_or_else(|| {
                let end = skip::container_end(bytes, start);
                if end.wrapping_sub(start) >= LARGE && end < u32::MAX as usize {
                    self.1.set(start, end);
                }
                end
            }),
        }
    }
}

impl Document {
    /// A document without an index.
    pub(super) const fn new() -> Self {
        Self { index: OnceLock::new(), scanned_bytes: AtomicUsize::new(0), last: Pair::new() }
    }

    /// The place of the outermost value.
    pub(super) fn root(text: &str) -> Option<usize> {
        let start = whitespace_end(text.as_bytes(), 0);
        (start < text.len()).then_some(start)
    }

    /// Whether a value can begin at a place, judged by the byte there and the byte before it.
    pub(super) fn begins(text: &str, place: usize) -> bool {
        let Some((before, [first, ..])) = text.as_bytes().split_at_checked(place) else {
            return false;
        };
        let value = matches!(first, b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n');
        let before = before.trim_ascii_end().last();
        value && matches!(before, None | Some(b':' | b',' | b'['))
    }

    /// The type of the value at a place.
    pub(super) fn type_at(text: &str, place: usize) -> Option<Type> {
        text.as_bytes().get(place).map(|byte| type_from_first_byte(*byte))
    }

    /// The value at a place.
    pub(super) fn value(&self, text: &str, place: usize) -> Option<Node> {
        scan::value(text.as_bytes(), place, &self.known())
    }

    /// The place of the value that a JSON pointer finds, starting from another place; `""` finds that
    /// place itself. `None` if there is no such value, or if this is not a JSON pointer.
    ///
    /// If an object has several members with the same name, the last one is found, as in most
    /// parsers (RFC 8259 section 4 allows any choice).
    pub(super) fn find(&self, text: &str, from: usize, pointer: &str) -> Option<usize> {
        let mut place = from;
        for token in json_pointer::tokens(pointer)? {
            place = match text.as_bytes().get(place)? {
                b'[' => self.element(text, place, json_pointer::array_index(&token)?)?,
                b'{' => self.member(text, place, &token)?,
                _ => return None,
            };
        }
        Some(place)
    }

    /// The first element or member of the value at a place.
    pub(super) fn first(&self, text: &str, place: usize) -> Option<usize> {
        Some(Children::of(text.as_bytes(), place, self.known()).next()?.start)
    }

    /// The element or member after the one at a place.
    pub(super) fn next(&self, text: &str, place: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let end = match bytes.get(place)? {
            b'{' | b'[' => {
                let known = self.index(text);
                let end = known.end(bytes, place);
                self.count_scanned(&known, place, end);
                end
            }
            _ => value_end(bytes, place, &NoIndex),
        };
        scan::next_value(bytes, end)
    }

    /// The name of the member whose value is at a place; `None` if it is not a member of an object.
    pub(super) fn name(text: &str, place: usize) -> Option<StringSpan> {
        name_before(text.as_bytes(), place)
    }

    /// The number of elements or members of a value; 0 if it is neither an array nor an object. Members
    /// with equal names all count.
    pub(super) fn count(&self, text: &str, place: usize) -> usize {
        let known = self.index(text);
        match known.0.and_then(|index| index.entry(place)) {
            Some(entry) => entry.count as usize,
            None => {
                let mut children = Children::of(text.as_bytes(), place, known);
                let count = children.by_ref().count();
                self.count_scanned(&known, place, children.at());
                count
            }
        }
    }

    /// The element of an array with this index, counted from 0.
    fn element(&self, text: &str, array: usize, number: usize) -> Option<usize> {
        let known = self.index(text);
        let bytes = text.as_bytes();
        let first = array.saturating_add(1);
        let (at, nearest) = match known.0 {
            Some(index) => index.checkpoint_before(array, number),
            None if number < NEAR_ELEMENTS => (first, 0),
            None => {
                let at = skip::after_comma(bytes, first, number);
                self.count_scanned(&known, first, at.unwrap_or(text.len()));
                (at?, number)
            }
        };
        let mut elements = Children::from(bytes, false, at, known);
        let found = elements.nth(number.checked_sub(nearest)?).map(|element| element.start);
        self.count_scanned(&known, at, elements.at());
        found
    }

    /// The value of the last member of an object with this name.
    fn member(&self, text: &str, object: usize, name: &str) -> Option<usize> {
        let known = self.index(text);
        let is_named =
            |member: &Child| text.get(member.name.clone()).is_some_and(|n| string_equals(n, name));
        if let Some(places) = known.0.and_then(|index| index.find_name(text, object, name)) {
            let mut members = places.filter_map(|at| scan::child(text.as_bytes(), at, true));
            return members.find(is_named).map(|member| member.start);
        }
        let mut members = Children::of(text.as_bytes(), object, known);
        let last = members.by_ref().filter(is_named).last();
        self.count_scanned(&known, object, members.at());
        last.map(|member| member.start)
    }

    fn known(&self) -> KnownEnds<'_> {
        KnownEnds(self.index.get().and_then(Option::as_ref), &self.last)
    }

    /// The index. Makes it if the text was scanned often enough.
    fn index(&self, text: &str) -> KnownEnds<'_> {
        if self.scanned_bytes.load(Ordering::Relaxed).wrapping_div(MAX_SCANS) > text.len() {
            self.index.get_or_init(|| Index::new(text));
        }
        self.known()
    }

    /// Counts scanned bytes while there is no index.
    fn count_scanned(&self, known: &KnownEnds<'_>, from: usize, to: usize) {
        if known.0.is_none() {
            self.scanned_bytes.fetch_add(to.saturating_sub(from), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests;
