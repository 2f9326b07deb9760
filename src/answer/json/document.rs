//! Finding values in a JSON text by JSON pointers (RFC 6901).

use std::ops::Range;

use super::index::{self, Entry, Index, SORTED_ABOVE};
use super::pointer;
use super::strict::is_json;
use super::value::{content_hash, string_content, string_hash};

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

/// One value of a [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    kind: Type,
    place: u32,
    entry: Entry,
}

/// An index over a JSON text, which it does not own: every method has to be given the text that
/// the document was parsed from. It is built in one pass, without recursion, whatever the depth,
/// and takes about as much memory as the text.
#[derive(Debug)]
pub struct Document {
    index: Index,
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
        self.entry.start as usize..self.entry.end as usize
    }

    /// How many elements or members it has; 0 where it is neither an array nor an object. Members
    /// of equal name are all counted.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entry.count as usize
    }

    /// A number that no other node of the document has.
    #[must_use]
    pub fn place(&self) -> usize {
        self.place as usize
    }

    /// Its JSON text.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.span()).unwrap_or_default()
    }
}

impl Document {
    /// Indexes a JSON text. `None` where it is not valid (RFC 8259), or 4 GiB or longer.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !is_json(text) {
            return None;
        }
        Some(Self { index: index::build(text)? })
    }

    /// The whole document.
    #[must_use]
    pub fn root(&self, text: &str) -> Option<Node> {
        self.node(text, 0)
    }

    /// How many values and member names there are: every [`Node::place`] is below this.
    #[must_use]
    pub fn places(&self) -> usize {
        self.index.entries.len()
    }

    /// The value that a JSON pointer leads to, `""` being the whole document. `None` where there
    /// is none, or where this is no pointer.
    ///
    /// Where an object has several members of that name, it is the last one's value, as most
    /// parsers have it (RFC 8259 section 4 leaves it open).
    #[must_use]
    pub fn find(&self, text: &str, pointer: &str) -> Option<Node> {
        let mut node = self.root(text)?;
        for token in pointer::tokens(pointer)? {
            node = match node.kind {
                Type::Array => self.element(text, &node, pointer::array_index(&token)?)?,
                Type::Object => self.member(text, &node, &token)?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// The element of an array at this index, counted from 0.
    #[must_use]
    pub fn element(&self, text: &str, array: &Node, index: usize) -> Option<Node> {
        if array.kind != Type::Array {
            return None;
        }
        self.node(text, *self.children(array).get(index)?)
    }

    /// The value of the last member of an object that has this name.
    #[must_use]
    pub fn member(&self, text: &str, object: &Node, name: &str) -> Option<Node> {
        if object.kind != Type::Object {
            return None;
        }
        let names = self.children(object);
        let found = if object.entry.count > SORTED_ABOVE {
            let wanted = content_hash(name);
            let hash = |place: &u32| self.name(text, *place).map_or(0, string_hash);
            let from = names.partition_point(|place| hash(place) < wanted);
            let run = names.get(from..)?.iter().take_while(|place| hash(place) == wanted);
            run.filter(|place| self.is_named(text, **place, name)).last()
        } else {
            names.iter().rev().find(|place| self.is_named(text, **place, name))
        };
        self.node(text, found?.checked_add(1)?)
    }

    /// The elements of an array, in order; none where it is no array.
    #[must_use]
    pub fn elements<'d>(&'d self, text: &'d str, array: &Node) -> Elements<'d> {
        let children = if array.kind == Type::Array { self.children(array) } else { &[] };
        Elements { document: self, text, children: children.iter() }
    }

    /// The members of an object in the order of the text: where the name stands, with its quotes,
    /// and the value. None where it is no object.
    #[must_use]
    pub fn members<'d>(&'d self, text: &'d str, object: &Node) -> Members<'d> {
        let left = if object.kind == Type::Object { object.entry.count } else { 0 };
        Members { document: self, text, place: object.place.saturating_add(1), left }
    }

    fn children(&self, node: &Node) -> &[u32] {
        let first = node.entry.first as usize;
        self.index.children.get(first..first.saturating_add(node.count())).unwrap_or_default()
    }

    fn entry(&self, place: u32) -> Option<&Entry> {
        self.index.entries.get(place as usize)
    }

    fn node(&self, text: &str, place: u32) -> Option<Node> {
        let entry = *self.entry(place)?;
        let kind = match text.as_bytes().get(entry.start as usize)? {
            b'{' => Type::Object,
            b'[' => Type::Array,
            b'"' => Type::String,
            b't' | b'f' => Type::Bool,
            b'n' => Type::Null,
            _ => Type::Number,
        };
        Some(Node { kind, place, entry })
    }

    /// A member name as it is spelled in the text, with its quotes.
    fn name<'t>(&self, text: &'t str, place: u32) -> Option<&'t str> {
        let entry = self.entry(place)?;
        text.get(entry.start as usize..entry.end as usize)
    }

    fn is_named(&self, text: &str, place: u32, name: &str) -> bool {
        self.name(text, place).and_then(string_content).is_some_and(|content| content == name)
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'d> {
    document: &'d Document,
    text: &'d str,
    children: std::slice::Iter<'d, u32>,
}

impl Iterator for Elements<'_> {
    type Item = Node;

    fn next(&mut self) -> Option<Node> {
        self.document.node(self.text, *self.children.next()?)
    }
}

/// The members of an object: where each name stands in the text, and its value.
#[derive(Debug, Clone)]
pub struct Members<'d> {
    document: &'d Document,
    text: &'d str,
    place: u32,
    left: u32,
}

impl Iterator for Members<'_> {
    type Item = (Range<usize>, Node);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let name = self.document.entry(self.place)?;
        let value = self.document.node(self.text, self.place.checked_add(1)?)?;
        self.place = value.entry.next;
        Some((name.start as usize..name.end as usize, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found(text: &str, pointer: &str) -> Option<String> {
        let document = Document::parse(text).expect("the text is valid");
        Some(document.find(text, pointer)?.text(text).to_owned())
    }

    /// The document of RFC 6901 section 5.
    const RFC: &str = r#"{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4,
        "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}"#;

    #[test]
    fn the_examples_of_rfc_6901() {
        assert_eq!(found(RFC, "").as_deref(), Some(RFC));
        for (pointer, value) in [
            ("/foo", r#"["bar", "baz"]"#),
            ("/foo/0", "\"bar\""),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
        ] {
            assert_eq!(found(RFC, pointer).as_deref(), Some(value), "{pointer}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for pointer in ["foo", "/nope", "/foo/2", "/foo/-", "/foo/00", "/foo/0/x", "//", "/m~n"] {
            assert_eq!(found(RFC, pointer), None, "{pointer}");
        }
    }

    #[test]
    fn the_last_of_equal_names_wins_in_small_objects_and_in_large() {
        assert_eq!(found(r#"{"a":1,"b":2,"\u0061":3}"#, "/a").as_deref(), Some("3"));
        let many: Vec<_> = (0..100).map(|n| format!("\"k{}\":{n}", n % 50)).collect();
        let large = format!("{{{}}}", many.join(","));
        for n in 0..50 {
            let value = found(&large, &format!("/k{n}"));
            assert_eq!(value, Some((n + 50).to_string()), "k{n}");
        }
        assert_eq!(found(&large, "/k50"), None);
    }

    #[test]
    fn members_and_elements_come_in_the_order_of_the_text() {
        let names: Vec<_> = (0..40).map(|n| format!("n{}", (n * 7) % 40)).collect();
        let members: Vec<_> = names.iter().map(|name| format!("\"{name}\" : [[], {{}}]")).collect();
        let text = format!(" {{ {} }} ", members.join(" , "));
        let document = Document::parse(&text).unwrap();
        let root = document.root(&text).unwrap();
        assert_eq!((root.kind(), root.count()), (Type::Object, 40));
        let seen: Vec<_> = document
            .members(&text, &root)
            .map(|(name, value)| {
                let kinds: Vec<_> =
                    document.elements(&text, &value).map(|element| element.kind()).collect();
                assert_eq!(kinds, [Type::Array, Type::Object]);
                text[name].trim_matches('"').to_owned()
            })
            .collect();
        assert_eq!(seen, names);
        assert_eq!(document.elements(&text, &root).count(), 0);
    }

    #[test]
    fn every_type_is_told() {
        let text = r#"[null,true,false,-1.5e3,"s",[],{}]"#;
        let document = Document::parse(text).unwrap();
        let kinds: Vec<_> =
            document.elements(text, &document.root(text).unwrap()).map(|n| n.kind()).collect();
        use Type::{Array, Bool, Null, Number, Object, String};
        assert_eq!(kinds, [Null, Bool, Bool, Number, String, Array, Object]);
        assert_eq!(document.places(), 8);
    }

    #[test]
    fn any_depth_is_indexed_without_recursion() {
        let depth = 200_000;
        let text = "[{\"a\":".repeat(depth) + "7" + &"}]".repeat(depth);
        let document = Document::parse(&text).unwrap();
        let node = document.find(&text, &"/0/a".repeat(depth)).unwrap();
        assert_eq!(node.text(&text), "7");
    }

    #[test]
    fn an_invalid_text_has_no_document() {
        for text in ["", "[1", "{\"a\":1,}", "[]]"] {
            assert!(Document::parse(text).is_none(), "{text:?}");
        }
    }
}
