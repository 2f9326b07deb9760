//! Finding values in a JSON text by JSON pointers (RFC 6901).

use std::ops::Range;

use super::index::Index;
use super::pointer;
use super::scan::{self, Children, Node, Type};
use super::strict::is_json;
use super::value::spells;

/// A JSON text that values are read from, with an index but without the text: every method has to
/// be given the text that the document was parsed from. The index is built in one pass, without
/// recursion, whatever the depth, and takes less than half as much memory as the text. A large
/// object that is asked for a member gets a sorted list of its names: 8 bytes for each.
#[derive(Debug)]
pub struct Document {
    index: Index,
}

impl Document {
    /// Indexes a JSON text. `None` where it is not valid (RFC 8259).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_json(text).then(|| Self { index: Index::new(text) })
    }

    /// The whole document.
    #[must_use]
    pub fn root(&self, text: &str) -> Option<Node> {
        scan::value(text.as_bytes(), 0, &self.index)
    }

    /// How many elements or members a value has; 0 where it is neither an array nor an object.
    /// Members of equal name are all counted.
    #[must_use]
    pub fn count(&self, text: &str, node: &Node) -> usize {
        match self.index.entry(node.start) {
            Some(entry) => entry.count as usize,
            None => self.children(text, node).count(),
        }
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
        let (at, number) = self.index.near(array, index);
        let mut elements = Children::from(text.as_bytes(), false, at, &self.index);
        elements.nth(index.checked_sub(number)?).map(|(_, node)| node)
    }

    /// The value of the last member of an object that has this name.
    #[must_use]
    pub fn member(&self, text: &str, object: &Node, name: &str) -> Option<Node> {
        if object.kind != Type::Object {
            return None;
        }
        let is_named =
            |place: &Range<usize>| text.get(place.clone()).is_some_and(|n| spells(n, name));
        if let Some(places) = self.index.named(text, object, name) {
            let mut members = places
                .filter_map(|at| Children::from(text.as_bytes(), true, at, &self.index).next());
            return members.find(|(place, _)| is_named(place)).map(|(_, value)| value);
        }
        let members = self.children(text, object).filter(|(place, _)| is_named(place));
        members.last().map(|(_, value)| value)
    }

    /// The elements of an array, in order; none where it is no array.
    pub fn elements<'d>(&'d self, text: &'d str, array: &Node) -> impl Iterator<Item = Node> + 'd {
        let elements = (array.kind == Type::Array).then(|| self.children(text, array));
        elements.into_iter().flatten().map(|(_, element)| element)
    }

    /// The members of an object in the order of the text: where the name stands, with its quotes,
    /// and the value. None where it is no object.
    pub fn members<'d>(
        &'d self,
        text: &'d str,
        object: &Node,
    ) -> impl Iterator<Item = (Range<usize>, Node)> + 'd {
        let members = (object.kind == Type::Object).then(|| self.children(text, object));
        members.into_iter().flatten()
    }

    fn children<'d>(&'d self, text: &'d str, node: &Node) -> Children<'d, 'd, Index> {
        Children::of(text.as_bytes(), node, &self.index)
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
        assert_eq!((root.kind(), document.count(&text, &root)), (Type::Object, 40));
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
    }

    #[test]
    fn any_depth_is_read_without_recursion() {
        let depth = 200_000;
        let text = "[{\"a\":".repeat(depth) + "7" + &"}]".repeat(depth);
        let document = Document::parse(&text).unwrap();
        let node = document.find(&text, &"/0/a".repeat(200)).unwrap();
        assert_eq!(node.kind(), Type::Array);
        assert_eq!(node.text(&text).len(), text.len() - 200 * 8);
        let shallow = "[{\"a\":".repeat(300) + "7" + &"}]".repeat(300);
        let document = Document::parse(&shallow).unwrap();
        let node = document.find(&shallow, &"/0/a".repeat(300)).unwrap();
        assert_eq!(node.text(&shallow), "7", "deeper than the index goes");
    }

    #[test]
    fn large_containers_are_read_as_small_ones_are() {
        let row = |n: usize| {
            let wide = format!("\"{}\"", "x,]}\\\"".repeat(n % 70));
            format!("{{\"id\": {n}, \"wide\": [{wide}, {{}}, [[], {n}]], \"\\u0061\": {n}}}")
        };
        let rows: Vec<_> = (0..2_000).map(row).collect();
        let text = format!("{{\"before\": 1, \"rows\" :\n[{}]\n, \"after\": 2}}", rows.join(",\n"));
        let document = Document::parse(&text).unwrap();
        let at = |pointer: &str| document.find(&text, pointer).map(|node| node.text(&text));
        for n in [0, 1, 5, 77, 1_000, 1_999] {
            assert_eq!(at(&format!("/rows/{n}")), Some(&*rows[n]));
            assert_eq!(at(&format!("/rows/{n}/wide/2/1")), Some(&*n.to_string()));
            assert_eq!(at(&format!("/rows/{n}/a")), Some(&*n.to_string()));
        }
        assert_eq!(at("/rows/2000"), None);
        assert_eq!(at("/after"), Some("2"));
        let rows = document.find(&text, "/rows").unwrap();
        assert_eq!(document.count(&text, &rows), 2_000);
        assert_eq!(document.elements(&text, &rows).count(), 2_000);
    }

    #[test]
    fn an_invalid_text_has_no_document() {
        for text in ["", "[1", "{\"a\":1,}", "[]]"] {
            assert!(Document::parse(text).is_none(), "{text:?}");
        }
    }
}
