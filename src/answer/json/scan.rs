//! Finds where values begin and end in a valid JSON text, without an index and without recursion.

use std::ops::Range;

use super::block::{self, skip_whitespace};
use super::skip;

/// The type of a JSON value. The numbers are those of the C interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Type {
    /// `null`
    Null = 1,
    /// `true` or `false`
    Bool = 2,
    /// A number
    Number = 3,
    /// A string
    String = 4,
    /// An array
    Array = 5,
    /// An object
    Object = 6,
}

/// One value of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    pub(super) value_type: Type,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Node {
    /// The type of the value.
    #[must_use]
    pub fn value_type(&self) -> Type {
        self.value_type
    }

    /// The range of the value in the text, in bytes. The range of a string includes its quotes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The JSON text of the value.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.span()).unwrap_or_default()
    }
}

/// Finds the ends of containers.
pub(super) trait ContainerEnds {
    /// The end of the container that begins at `start`.
    fn end(&self, bytes: &[u8], start: usize) -> usize;
}

/// Finds the ends of containers without an index.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoIndex;

impl ContainerEnds for NoIndex {
    fn end(&self, bytes: &[u8], start: usize) -> usize {
        skip::container_end(bytes, start)
    }
}

/// The type of the value that begins with this byte.
#[inline]
pub(super) fn type_from_first_byte(byte: u8) -> Type {
    match byte {
        b'{' => Type::Object,
        b'[' => Type::Array,
        b'"' => Type::String,
        b't' | b'f' => Type::Bool,
        b'n' => Type::Null,
        _ => Type::Number,
    }
}

/// The end of the value that begins at `start`.
#[inline]
pub(super) fn value_end(bytes: &[u8], start: usize, ends: &impl ContainerEnds) -> usize {
    match bytes.get(start..) {
        Some([b'{' | b'[', ..]) => ends.end(bytes, start),
        Some(rest) => bytes.len().wrapping_sub(after_scalar(rest).len()),
        None => bytes.len(),
    }
}

/// The rest of the text after the scalar that it begins with.
#[inline]
fn after_scalar(rest: &[u8]) -> &[u8] {
    match rest {
        [b'"', content @ ..] => after_string(content).0,
        _ => block::skip_until(rest, block::word_end),
    }
}

/// The rest of the text after the string whose content it begins with. Also whether the string has
/// escapes.
#[inline]
fn after_string(content: &[u8]) -> (&[u8], bool) {
    let (mut rest, mut escapes) = (content, false);
    loop {
        rest = match block::skip_until(rest, block::quotes_and_backslashes) {
            [b'\\', _, after @ ..] => after,
            [b'"', after @ ..] => return (after, escapes),
            _ => return (&[], escapes),
        };
        escapes = true;
    }
}

/// The rest of the text after this byte and the whitespace around it. `None` if another byte comes
/// first.
#[inline]
fn after_byte(rest: &[u8], byte: u8) -> Option<&[u8]> {
    match rest {
        [first, after @ ..] if *first == byte => Some(skip_whitespace(after)),
        _ => match skip_whitespace(rest) {
            [first, after @ ..] if *first == byte => Some(skip_whitespace(after)),
            _ => None,
        },
    }
}

/// The value that begins at `start`.
pub(super) fn value(bytes: &[u8], start: usize, ends: &impl ContainerEnds) -> Option<Node> {
    let value_type = type_from_first_byte(*bytes.get(start)?);
    Some(Node { value_type, start, end: value_end(bytes, start, ends) })
}

/// A child of a container: the range of its name, with the quotes, and where its value begins. The name
/// of an array's element is empty.
#[derive(Debug, Clone)]
pub(super) struct Child {
    pub(super) name: Range<usize>,
    pub(super) start: usize,
}

/// The child that begins at `at` or after whitespace there. `None` if the container ends there.
#[inline]
pub(super) fn child(bytes: &[u8], at: usize, object: bool) -> Option<Child> {
    let rest = skip_whitespace(bytes.get(at..)?);
    let at = |rest: &[u8]| bytes.len().wrapping_sub(rest.len());
    match rest {
        [] | [b'}' | b']', ..] => None,
        [b'"', content @ ..] if object => {
            let end = after_string(content).0;
            let value = after_byte(end, b':')?;
            Some(Child { name: at(rest)..at(end), start: at(value) })
        }
        _ => Some(Child { name: at(rest)..at(rest), start: at(rest) }),
    }
}

/// Where the next value begins after the one that ends at `end`, in the same array or object.
#[inline]
pub(super) fn next_value(bytes: &[u8], end: usize) -> Option<usize> {
    let next = after_byte(bytes.get(end..)?, b',')?;
    let value = match next {
        // A string is a name if a colon follows it.
        [b'"', content @ ..] => after_byte(after_string(content).0, b':').unwrap_or(next),
        _ => next,
    };
    Some(bytes.len().wrapping_sub(value.len()))
}

/// The child after the value that ends at `end`.
#[inline]
pub(super) fn next_child(bytes: &[u8], end: usize, object: bool) -> Option<Child> {
    let next = after_byte(bytes.get(end..)?, b',')?;
    child(bytes, bytes.len().wrapping_sub(next.len()), object)
}

/// The children of a container, in the order of the text.
#[derive(Debug)]
pub(super) struct Children<'t, E> {
    bytes: &'t [u8],
    ends: E,
    object: bool,
    /// Where the next child begins, or whitespace before it.
    at: usize,
    /// Where the value of the last child begins.
    last: Option<usize>,
}

impl<'t, E: ContainerEnds> Children<'t, E> {
    /// The children of the array or object that begins at `start`. Another value has none.
    pub(super) fn of(bytes: &'t [u8], start: usize, ends: E) -> Self {
        match bytes.get(start) {
            Some(b'{') => Self::from(bytes, true, start.saturating_add(1), ends),
            Some(b'[') => Self::from(bytes, false, start.saturating_add(1), ends),
            _ => Self::from(bytes, false, bytes.len(), ends),
        }
    }

    /// The children of an object or array from the child at `at` on.
    pub(super) fn from(bytes: &'t [u8], object: bool, at: usize, ends: E) -> Self {
        Self { bytes, ends, object, at, last: None }
    }

    /// The offset up to which the container was scanned.
    pub(super) fn at(&self) -> usize {
        self.last.unwrap_or(self.at)
    }
}

impl<E: ContainerEnds> Iterator for Children<'_, E> {
    type Item = Child;

    #[inline]
    fn next(&mut self) -> Option<Child> {
        let next = match self.last {
            None => child(self.bytes, self.at, self.object),
            Some(last) => {
                self.at = value_end(self.bytes, last, &self.ends);
                next_child(self.bytes, self.at, self.object)
            }
        };
        self.last = next.as_ref().map(|child| child.start);
        next
    }
}

/// The outermost value of a valid JSON text.
#[must_use]
pub fn root(text: &str) -> Option<Node> {
    let start = whitespace_end(text.as_bytes(), 0);
    let value_type = type_from_first_byte(*text.as_bytes().get(start)?);
    Some(Node { value_type, start, end: text.trim_ascii_end().len() })
}

/// The members of an object or the elements of an array, in the order of the text. A child is the range
/// of its name, with the quotes, and its value. The range of an element is empty. Other values have no
/// children.
pub fn children<'t>(
    text: &'t str,
    node: &Node,
) -> impl Iterator<Item = (Range<usize>, Node)> + use<'t> {
    let bytes = text.as_bytes();
    let mut next = Children::of(bytes, node.start, NoIndex).next();
    let object = node.value_type == Type::Object;
    std::iter::from_fn(move || {
        let Child { name, start } = next.take()?;
        let node = value(bytes, start, &NoIndex)?;
        next = next_child(bytes, node.end, object);
        Some((name, node))
    })
}

/// The end of the string that begins at `start`, after its closing quote.
#[inline]
pub(super) fn string_end(bytes: &[u8], start: usize) -> usize {
    string(bytes, start).end
}

/// The position of a string, with its quotes, and whether it has escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StringSpan {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escapes: bool,
}

/// The string that begins at `start`.
#[inline]
pub(super) fn string(bytes: &[u8], start: usize) -> StringSpan {
    let (after, escapes) = after_string(bytes.get(start.wrapping_add(1)..).unwrap_or_default());
    StringSpan { start, end: bytes.len().wrapping_sub(after.len()), escapes }
}

#[inline]
pub(super) fn whitespace_end(bytes: &[u8], at: usize) -> usize {
    bytes.len().saturating_sub(skip_whitespace(bytes.get(at..).unwrap_or_default()).len())
}

/// The name of the member whose value begins at `value`; `None` if it is not a member of an object.
pub(super) fn name_before(bytes: &[u8], value: usize) -> Option<StringSpan> {
    let before = match bytes.get(..value)? {
        [before @ .., b':'] => before,
        before => before.trim_ascii_end().strip_suffix(b":")?,
    };
    let before = match before {
        [.., b'"'] => before,
        _ => before.trim_ascii_end(),
    };
    let end = before.len();
    let mut inner = before.strip_suffix(b"\"")?;
    let mut escapes = false;
    while let [before @ .., byte] = inner {
        // A quote is escaped if the number of backslashes before it is odd.
        if *byte == b'"' && (before.last() != Some(&b'\\') || !is_escaped(before)) {
            return Some(StringSpan { start: before.len(), end, escapes });
        }
        escapes |= *byte == b'\\';
        inner = before;
    }
    None
}

/// Whether the byte after `before` is escaped.
#[cold]
fn is_escaped(before: &[u8]) -> bool {
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
    !backslashes.is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_found_by_skipping() {
        let text = r#" { "a" : [1, {"]": "}\""}, []] ,"b":{}, "\"":null } "#;
        let root = root(text).unwrap();
        assert_eq!(root.text(text), text.trim());
        let found: Vec<_> =
            children(text, &root).map(|(name, node)| (&text[name], node.text(text))).collect();
        let expected =
            [("\"a\"", r#"[1, {"]": "}\""}, []]"#), ("\"b\"", "{}"), (r#""\"""#, "null")];
        assert_eq!(found, expected);
        let inner = value(text.as_bytes(), 9, &NoIndex).unwrap();
        let elements: Vec<_> =
            children(text, &inner).map(|(name, node)| (name.is_empty(), node.text(text))).collect();
        assert_eq!(elements, [(true, "1"), (true, r#"{"]": "}\""}"#), (true, "[]")]);
    }

    #[test]
    fn scalars_and_empty_containers_have_no_children() {
        for text in ["[]", "{ }", "1", "\"[1]\"", "null", ""] {
            let found = root(text).map(|node| children(text, &node).count());
            assert_eq!(found.unwrap_or_default(), 0, "{text}");
        }
    }

    #[test]
    fn a_name_is_found_before_its_value() {
        for (text, name) in [
            (r#"{"a":1}"#, Some("\"a\"")),
            (r#"{"a\\\"b\\" : 1}"#, Some(r#""a\\\"b\\""#)),
            (r#"{"":1}"#, Some("\"\"")),
            (r#"["a",1]"#, None),
            (r#"[1]"#, None),
            ("1", None),
        ] {
            let value = text.find('1').unwrap();
            let found = name_before(text.as_bytes(), value).map(|name| &text[name.start..name.end]);
            assert_eq!(found, name, "{text}");
        }
    }
}
