//! Going over a text that is known to be valid JSON, without an index and without recursion: where a
//! value ends, and what an array or an object holds.

use std::ops::Range;

use super::block::{self, space};

/// The type of a JSON value. The numbers are those that the C interface knows them by.
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
    pub(super) kind: Type,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Node {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Type {
        self.kind
    }

    /// Where it stands in the text, in bytes; of a string, with its quotes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Its JSON text.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.span()).unwrap_or_default()
    }
}

/// Where containers end, for whoever has noted it.
pub(super) trait Ends {
    /// Where the container ends that begins at `start`.
    fn end(&self, start: usize) -> Option<usize>;
}

/// Nothing is noted.
pub(super) struct NoEnds;

impl Ends for NoEnds {
    fn end(&self, _: usize) -> Option<usize> {
        None
    }
}

/// The type of the value that begins with this byte.
pub(super) fn kind_of(byte: u8) -> Type {
    match byte {
        b'{' => Type::Object,
        b'[' => Type::Array,
        b'"' => Type::String,
        b't' | b'f' => Type::Bool,
        b'n' => Type::Null,
        _ => Type::Number,
    }
}

/// The value that begins here, white space aside.
pub(super) fn value(bytes: &[u8], at: usize, ends: &impl Ends) -> Option<Node> {
    let start = skip_space(bytes, at);
    let kind = kind_of(*bytes.get(start)?);
    let end = match kind {
        Type::Object | Type::Array => container_end(bytes, start, ends),
        Type::String => string_end(bytes, start),
        _ => word_end(bytes, start),
    };
    Some(Node { kind, start, end })
}

/// The values in a container, in the order of the text.
#[derive(Debug, Clone)]
pub(super) struct Children<'t, 'e, E> {
    bytes: &'t [u8],
    ends: &'e E,
    object: bool,
    /// Where the next one begins, white space aside.
    at: usize,
}

impl<'t, 'e, E: Ends> Children<'t, 'e, E> {
    /// Of this array or object; of another value none.
    pub(super) fn of(bytes: &'t [u8], node: &Node, ends: &'e E) -> Self {
        let holds = matches!(node.kind, Type::Array | Type::Object);
        let at = if holds { node.start.saturating_add(1) } else { bytes.len() };
        Self::from(bytes, node.kind == Type::Object, at, ends)
    }

    /// Of an object or an array from the child that begins here.
    pub(super) fn from(bytes: &'t [u8], object: bool, at: usize, ends: &'e E) -> Self {
        Self { bytes, ends, object, at }
    }
}

impl<E: Ends> Iterator for Children<'_, '_, E> {
    /// A member's name, with its quotes, and its value; of an array's element, the name is empty.
    type Item = (Range<usize>, Node);

    fn next(&mut self) -> Option<Self::Item> {
        let mut at = skip_space(self.bytes, self.at);
        if matches!(self.bytes.get(at)?, b'}' | b']') {
            return None;
        }
        let mut name = at..at;
        if self.object {
            name.end = string_end(self.bytes, at);
            at = skip_space(self.bytes, name.end).saturating_add(1);
        }
        let node = value(self.bytes, at, self.ends)?;
        let behind = skip_space(self.bytes, node.end);
        let more = self.bytes.get(behind) == Some(&b',');
        self.at = if more { behind.saturating_add(1) } else { behind };
        Some((name, node))
    }
}

/// The value that a valid JSON text is.
#[must_use]
pub fn root(text: &str) -> Option<Node> {
    value(text.as_bytes(), 0, &NoEnds)
}

/// The members of an object in the order of the text: where the name stands, with its quotes, and the
/// value; the elements of an array, without a name; of any other value nothing.
pub fn children<'t>(
    text: &'t str,
    node: &Node,
) -> impl Iterator<Item = (Range<usize>, Node)> + use<'t> {
    Children::of(text.as_bytes(), node, &NoEnds)
}

/// Where the string that begins here ends: behind its closing quote.
pub(super) fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut rest = bytes.get(start.saturating_add(1)..).unwrap_or_default();
    loop {
        rest = match block::run(rest, block::quote) {
            [b'\\', _, behind @ ..] => behind,
            [b'"', behind @ ..] => return bytes.len().saturating_sub(behind.len()),
            _ => return bytes.len(),
        };
    }
}

/// Where the number or keyword that begins here ends.
fn word_end(bytes: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
    let rest = bytes.get(start..).unwrap_or_default();
    rest.iter().position(ends).map_or(bytes.len(), |length| start.saturating_add(length))
}

/// Where the container that begins here ends: brackets in a valid text need only be counted.
fn container_end(bytes: &[u8], start: usize, ends: &impl Ends) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    loop {
        let rest = block::run(bytes.get(at..).unwrap_or_default(), block::structure);
        at = bytes.len().saturating_sub(rest.len());
        match rest.first() {
            Some(b'"') => at = string_end(bytes, at),
            Some(b'{' | b'[') => match ends.end(at) {
                Some(end) => at = end,
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

pub(super) fn skip_space(bytes: &[u8], at: usize) -> usize {
    bytes.len().saturating_sub(space(bytes.get(at..).unwrap_or_default()).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_found_by_skipping() {
        let text = r#" { "a" : [1, {"]": "}\""}, []] ,"b":{}, "\"":null } "#;
        let root = value(text.as_bytes(), 0, &NoEnds).unwrap();
        assert_eq!(root.text(text), text.trim());
        let children: Vec<_> = Children::of(text.as_bytes(), &root, &NoEnds)
            .map(|(name, node)| (&text[name], node.text(text)))
            .collect();
        let expected =
            [("\"a\"", r#"[1, {"]": "}\""}, []]"#), ("\"b\"", "{}"), (r#""\"""#, "null")];
        assert_eq!(children, expected);
        let inner = value(text.as_bytes(), 9, &NoEnds).unwrap();
        let elements: Vec<_> = Children::of(text.as_bytes(), &inner, &NoEnds)
            .map(|(name, node)| (name.is_empty(), node.text(text)))
            .collect();
        assert_eq!(elements, [(true, "1"), (true, r#"{"]": "}\""}"#), (true, "[]")]);
    }

    #[test]
    fn a_value_that_holds_none_has_no_children() {
        for text in ["[]", "{ }", "1", "\"[1]\"", "null", ""] {
            let children = value(text.as_bytes(), 0, &NoEnds)
                .map(|node| Children::of(text.as_bytes(), &node, &NoEnds).count());
            assert_eq!(children.unwrap_or_default(), 0, "{text}");
        }
    }
}
