//! Finding values in a JSON text: by JSON pointers (RFC 6901), and from one to the next.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::index::Index;
use super::pointer;
use super::scalar::string_equals;
use super::scan::{
    self, Child, Children, ContainerEnds, NoIndex, Node, StringSpan, Type, name_before,
    type_from_first_byte, value_end, whitespace_end,
};
use super::skip;

/// How often a text is gone over before an index is made of it.
const OFTEN: usize = 4;

/// Elements with a lower number are found one by one.
const NEAR: usize = 4;

/// A JSON text that values are read from, without the text: every method has to be given the same
/// valid text. A place in it is where a value begins.
///
/// The first values are found by going over the text, which is fast. Before that becomes more than
/// going over it a few times, it gets an index, in one pass and without recursion, of less than half of
/// the text's memory. A large object that is then asked for a member gets a sorted list of its names:
/// 8 bytes for each.
#[derive(Debug, Default)]
pub(super) struct Document {
    index: OnceLock<Option<Index>>,
    /// Bytes gone over without an index.
    scanned_bytes: AtomicUsize,
}

/// Where containers end, by the index if there is one.
#[derive(Debug, Clone, Copy)]
struct KnownEnds<'d>(Option<&'d Index>);

impl ContainerEnds for KnownEnds<'_> {
    #[inline]
    fn end(&self, bytes: &[u8], start: usize) -> usize {
        match &self.0 {
            Some(index) => index.end(bytes, start),
            None => skip::container_end(bytes, start),
        }
    }
}

impl Document {
    /// A document that nothing was read from yet.
    pub(super) const fn new() -> Self {
        Self { index: OnceLock::new(), scanned_bytes: AtomicUsize::new(0) }
    }

    /// The place of the whole.
    pub(super) fn root(text: &str) -> Option<usize> {
        let start = whitespace_end(text.as_bytes(), 0);
        (start < text.len()).then_some(start)
    }

    /// Whether a value may begin at a place, going by what stands there and before it.
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

    /// The place that a JSON pointer leads to from another, `""` being that place itself. `None` where
    /// nothing is there, or where this is no pointer.
    ///
    /// Where an object has several members of that name, it is the last one's value, as most
    /// parsers have it (RFC 8259 section 4 leaves it open).
    pub(super) fn find(&self, text: &str, from: usize, pointer: &str) -> Option<usize> {
        let mut place = from;
        for token in pointer::tokens(pointer)? {
            place = match text.as_bytes().get(place)? {
                b'[' => self.element(text, place, pointer::array_index(&token)?)?,
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

    /// The element or member behind the one at a place.
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

    /// The name of the member whose value is at a place; `None` where that is no member of an object.
    pub(super) fn name(text: &str, place: usize) -> Option<StringSpan> {
        name_before(text.as_bytes(), place)
    }

    /// How many elements or members a value has; 0 where it is neither an array nor an object.
    /// Members of equal name are all counted.
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

    /// The element of an array with this number, counted from 0.
    fn element(&self, text: &str, array: usize, number: usize) -> Option<usize> {
        let known = self.index(text);
        let bytes = text.as_bytes();
        let first = array.saturating_add(1);
        let (at, nearest) = match known.0 {
            Some(index) => index.checkpoint_before(array, number),
            None if number < NEAR => (first, 0),
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

    /// The value of the last member of an object that has this name.
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
        KnownEnds(self.index.get().and_then(Option::as_ref))
    }

    /// The index, made now if it is time.
    fn index(&self, text: &str) -> KnownEnds<'_> {
        if self.scanned_bytes.load(Ordering::Relaxed).wrapping_div(OFTEN) > text.len() {
            self.index.get_or_init(|| Index::new(text));
        }
        self.known()
    }

    /// Notes that the text was gone over.
    fn count_scanned(&self, known: &KnownEnds<'_>, from: usize, to: usize) {
        if known.0.is_none() {
            self.scanned_bytes.fetch_add(to.saturating_sub(from), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests;
