//! Look-ups with an index and without one.

use super::*;

fn indexed(text: &str) -> Document {
    assert!(super::super::is_json(text), "{text}");
    let document = Document::new();
    document.index.get_or_init(|| Index::new(text));
    document
}

/// The places of all children, found from one to the next.
fn children(document: &Document, text: &str, place: usize) -> Vec<usize> {
    let first = document.first(text, place);
    std::iter::successors(first, |place| document.next(text, *place)).collect()
}

fn raw<'t>(document: &Document, text: &'t str, place: usize) -> &'t str {
    document.value(text, place).expect("there is a value").text(text)
}

#[track_caller]
fn found(text: &str, pointer: &str) -> Option<String> {
    // Once by scanning the text, once with an index.
    let read = |document: &Document| {
        let place = document.find(text, Document::root(text)?, pointer)?;
        Some(document.value(text, place)?.text(text).to_owned())
    };
    let found = read(&Document::new());
    assert_eq!(read(&indexed(text)), found, "{pointer} with an index");
    found
}

/// The document of RFC 6901 section 5.
const RFC: &str = r#"{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4,
    "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}"#;

#[test]
fn the_examples_of_rfc_6901_are_found() {
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
fn a_missing_value_is_not_found() {
    for pointer in ["foo", "/nope", "/foo/2", "/foo/-", "/foo/00", "/foo/0/x", "//", "/m~n"] {
        assert_eq!(found(RFC, pointer), None, "{pointer}");
    }
}

#[test]
fn the_last_of_equal_names_is_found_in_small_and_large_objects() {
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
    for document in [Document::new(), indexed(&text)] {
        let root = Document::root(&text).unwrap();
        assert_eq!(Document::type_at(&text, root), Some(Type::Object));
        assert_eq!(document.count(&text, root), 40);
        let seen = children(&document, &text, root).into_iter().map(|value| {
            let inner = children(&document, &text, value).into_iter();
            let kinds: Vec<_> = inner.filter_map(|inner| Document::type_at(&text, inner)).collect();
            assert_eq!(kinds, [Type::Array, Type::Object]);
            let name = Document::name(&text, value).unwrap();
            text[name.start..name.end].trim_matches('"').to_owned()
        });
        assert_eq!(seen.collect::<Vec<_>>(), names);
    }
}

#[test]
fn each_type_is_recognized() {
    let text = r#"[null,true,false,-1.5e3,"s",[],{}]"#;
    let places = children(&Document::new(), text, 0);
    let kinds: Vec<_> = places.iter().filter_map(|place| Document::type_at(text, *place)).collect();
    use Type::{Array, Bool, Null, Number, Object, String};
    assert_eq!(kinds, [Null, Bool, Bool, Number, String, Array, Object]);
}

#[test]
fn deeply_nested_values_are_read_without_recursion() {
    let depth = 200_000;
    let deep = "[{\"a\":".repeat(depth) + "7" + &"}]".repeat(depth);
    let shallow = "[{\"a\":".repeat(300) + "7" + &"}]".repeat(300);
    for new in [|_: &str| Document::new(), indexed] {
        let document = new(&deep);
        let place = document.find(&deep, 0, &"/0/a".repeat(200)).unwrap();
        assert_eq!(Document::type_at(&deep, place), Some(Type::Array));
        assert_eq!(raw(&document, &deep, place).len(), deep.len() - 200 * 8);
        let document = new(&shallow);
        let place = document.find(&shallow, 0, &"/0/a".repeat(300)).unwrap();
        assert_eq!(
            raw(&document, &shallow, place),
            "7",
            "deeper than the index records every level"
        );
    }
}

#[test]
fn large_containers_are_read_like_small_ones() {
    let row = |n: usize| {
        let wide = format!("\"{}\"", "x,]}\\\"".repeat(n % 70));
        format!("{{\"id\": {n}, \"wide\": [{wide}, {{}}, [[], {n}]], \"\\u0061\": {n}}}")
    };
    let rows: Vec<_> = (0..2_000).map(row).collect();
    let text = format!("{{\"before\": 1, \"rows\" :\n[{}]\n, \"after\": 2}}", rows.join(",\n"));
    for document in [Document::new(), indexed(&text)] {
        let at = |pointer: &str| {
            document.find(&text, 0, pointer).map(|place| raw(&document, &text, place))
        };
        for n in [0, 1, 5, 77, 1_000, 1_999] {
            assert_eq!(at(&format!("/rows/{n}")), Some(&*rows[n]));
            assert_eq!(at(&format!("/rows/{n}/wide/2/1")), Some(&*n.to_string()));
            assert_eq!(at(&format!("/rows/{n}/a")), Some(&*n.to_string()));
        }
        assert_eq!(at("/rows/2000"), None);
        assert_eq!(at("/after"), Some("2"));
        let list = document.find(&text, 0, "/rows").unwrap();
        assert_eq!(document.count(&text, list), 2_000);
        let seen = children(&document, &text, list).into_iter();
        assert!(seen.map(|place| raw(&document, &text, place)).eq(&rows));
    }
}

#[test]
fn an_index_is_made_after_several_scans_of_the_text() {
    let text = format!("[{}0]", "[1,2],".repeat(10_000));
    let document = Document::new();
    assert!(document.find(&text, 0, "/9999/1").is_some());
    assert!(document.index.get().is_none(), "an index was made for a single value");
    for number in 0..10_000 {
        assert!(document.find(&text, 0, &format!("/{number}/1")).is_some());
    }
    assert!(document.index.get().is_some(), "no index was made");
    let max = text.len() * (MAX_SCANS + 2);
    assert!(
        document.scanned_bytes.load(Ordering::Relaxed) < max,
        "the text was still scanned after the index was due"
    );
}

#[test]
fn iterating_over_children_makes_an_index() {
    let text = "[1,".repeat(5_000) + "1" + &"]".repeat(5_000);
    let document = Document::new();
    let mut place = Some(0);
    let mut seen = 0;
    while let Some(inner) = place {
        assert_eq!(document.next(&text, inner), None);
        place = document.first(&text, inner).and_then(|first| document.next(&text, first));
        seen += 1;
    }
    assert_eq!(seen, 5_001);
    assert!(document.scanned_bytes.load(Ordering::Relaxed) < text.len() * (MAX_SCANS + 2));
}
