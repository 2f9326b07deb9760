//! Reads of values by pointers and by nodes.

use super::*;

const TEXT: &str =
    r#"{"id":7,"ratio":0.5,"ok":true,"name":"Jos\u00e9\u0000!","tags":["a", "b"],"none":null}"#;

#[test]
fn each_value_is_read_as_its_type() {
    let values = ValueCache::new();
    assert_eq!(values.type_of(TEXT, ""), Some(Type::Object));
    assert_eq!(values.type_of(TEXT, "/none"), Some(Type::Null));
    assert_eq!(values.type_of(TEXT, "/nothing"), None);
    assert_eq!(values.int64(TEXT, "/id"), Some(7));
    assert_eq!(values.int64(TEXT, "/ratio"), None);
    assert_eq!(values.double(TEXT, "/ratio"), Some(0.5));
    assert_eq!(values.boolean(TEXT, "/ok"), Some(true));
    assert_eq!(values.boolean(TEXT, "/id"), None);
    assert_eq!(values.string(TEXT, "/name"), Some("José\0!\0".as_bytes()));
    assert_eq!(values.string(TEXT, "/id"), None);
    assert_eq!(values.text(TEXT, "/tags"), Some(b"[\"a\", \"b\"]\0".as_slice()));
    assert_eq!(values.text(TEXT, "/name"), Some(b"\"Jos\\u00e9\\u0000!\"\0".as_slice()));
    assert_eq!((values.length(TEXT, ""), values.length(TEXT, "/tags")), (6, 2));
    assert_eq!((values.length(TEXT, "/id"), values.length(TEXT, "/x")), (0, 0));
}

#[test]
fn a_returned_copy_stays_and_is_not_made_again() {
    let values = ValueCache::new();
    let first = values.string(TEXT, "/name").unwrap();
    for pointer in ["/tags/0", "/tags/1"] {
        values.string(TEXT, pointer).unwrap();
        values.text(TEXT, pointer).unwrap();
    }
    let again = values.string(TEXT, "/name").unwrap();
    assert_eq!(first.as_ptr(), again.as_ptr(), "a second copy was made");
    assert_ne!(first.as_ptr(), values.text(TEXT, "/name").unwrap().as_ptr());
}

#[test]
fn threads_share_one_copy() {
    let text = format!("[{}]", vec!["\"v\\n\""; 500].join(","));
    let values = ValueCache::new();
    let read = || -> Vec<usize> {
        (0..500)
            .map(|n| values.string(&text, &*format!("/{n}")).unwrap().as_ptr() as usize)
            .collect()
    };
    let all = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(read)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "two threads got different copies");
}

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

fn read(bytes: Option<&[u8]>) -> Option<&str> {
    let content = bytes?.strip_suffix(b"\0").expect("a NUL follows it");
    Some(std::str::from_utf8(content).expect("values are UTF-8"))
}

/// Visits all nodes below `node` and compares the values with those of serde_json.
fn agrees(
    values: &ValueCache,
    text: &str,
    node: usize,
    expected: &Value,
) -> Result<(), TestCaseError> {
    prop_assert_ne!(node, 0, "a value is missing");
    let raw = read(values.text(text, node)).expect("a value has a text");
    prop_assert_eq!(&serde_json::from_str::<Value>(raw).unwrap(), expected);
    prop_assert_eq!(read(values.string(text, node)), expected.as_str());
    prop_assert_eq!(values.boolean(text, node), expected.as_bool());
    prop_assert_eq!(values.int64(text, node).is_some(), expected.as_f64().is_some_and(is_int64));
    prop_assert_eq!(values.double(text, node).is_some(), expected.is_number());
    quick_reads_agree(values, text, node)?;
    let mut child = values.first(text, node);
    let mut inner = |name: Option<&str>, expected: &Value| {
        prop_assert_eq!(read(values.name(text, child)), name);
        agrees(values, text, child, expected)?;
        let pointer = name.map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1")));
        let found = pointer.map(|pointer| values.find(text, node, &pointer));
        prop_assert!(found.is_none_or(|found| found == child), "the pointer finds another node");
        quick_search_agrees(values, text, node, name.unwrap_or_default())?;
        child = values.next(text, child);
        Ok(())
    };
    match expected {
        Value::Array(elements) => elements.iter().try_for_each(|value| inner(None, value))?,
        Value::Object(members) => {
            members.iter().try_for_each(|(name, value)| inner(Some(name), value))?;
        }
        _ => {}
    }
    prop_assert_eq!(child, 0, "there are more children than in serde_json");
    let count = match expected {
        Value::Array(elements) => elements.len(),
        Value::Object(members) => members.len(),
        _ => 0,
    };
    prop_assert_eq!(values.length(text, node), count);
    Ok(())
}

/// Compares the results of quick reads, if there are any, with those of full reads.
fn quick_reads_agree(values: &ValueCache, text: &str, node: usize) -> Result<(), TestCaseError> {
    fn same<T: PartialEq + std::fmt::Debug>(
        quick: Option<T>,
        full: T,
    ) -> Result<(), TestCaseError> {
        prop_assert!(quick.as_ref().is_none_or(|quick| *quick == full), "{quick:?}, not {full:?}");
        Ok(())
    }
    same(values.quick_first(text, node), values.first(text, node))?;
    same(values.quick_next(text, node), values.next(text, node))?;
    same(values.quick_type(text, node).map(Some), values.type_of(text, node))?;
    same(values.quick_name(text, node).map(Some), values.name(text, node))?;
    same(values.quick_string(text, node).map(Some), values.string(text, node))?;
    same(values.quick_boolean(text, node).map(Some), values.boolean(text, node))?;
    same(values.quick_int64(text, node).map(Some), values.int64(text, node))?;
    let double = |number: f64| Some(number.to_bits());
    same(values.quick_double(text, node).map(double), values.double(text, node).map(f64::to_bits))
}

/// Compares the results of quick searches for a name, if there are any, with that of a full search.
fn quick_search_agrees(
    values: &ValueCache,
    text: &str,
    node: usize,
    name: &str,
) -> Result<(), TestCaseError> {
    let pointer = format!("/{name}");
    let found = values.find(text, node, &pointer);
    let quick = values.quick_find(text, node, pointer.bytes());
    prop_assert!(
        quick.is_none_or(|quick| quick == found),
        "{pointer} finds node {quick:?} instead of {found} in {text}"
    );
    Ok(())
}

/// Whether the number has no fraction and fits into an `i64`.
fn is_int64(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9e18
}

/// Names, of which many are equal or similar, and some are longer than a word.
fn name() -> impl Strategy<Value = String> {
    "(|i|id|a|[ab]|[a-d]{6,7}|created_at|updated_at|[xy]eated_at|[ab][x]{20}[ab]|é|n/a|n~|\\\\n)"
}

/// Names of a pointer, of which some need escapes in it, or are an index.
fn names() -> impl Strategy<Value = String> {
    let token = prop_oneof![4 => name(), 1 => "0|1|n~0|n~1a|~|~2|\"|i\":1,\"id|n"];
    prop::collection::vec(token, 1..4).prop_map(|names| names.join("/"))
}

/// Values of an object's members, of which some are objects with the same names.
fn member_value() -> impl Strategy<Value = String> {
    let leaf = "[0-9]|\\[\\]|\\[1,\\{\"id\":2\\}\\]|\"[{}:\\[a-z]{0,70}\"";
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop::collection::vec((name(), inner), 0..4).prop_map(|members| {
            let each: Vec<_> =
                members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            format!("{{{}}}", each.join(","))
        })
    })
}

/// JSON with members sorted by name, as serde_json keeps them.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[\"\\\\\u{0}-\u{1f}a]{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 80, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map("[a-c~/\"\\\\é\n]{0,4}", inner, 0..8)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(6901), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nodes_have_the_same_values_as_in_serde_json(document in json(), pretty in any::<bool>()) {
        let text = if pretty { format!(" {document:#}\n") } else { document.to_string() };
        let values = ValueCache::new();
        // Parses the text again, because serde_json does not read each float as it wrote it.
        let document = serde_json::from_str(&text).unwrap();
        agrees(&values, &text, values.find(&text, 0, ""), &document)?;
    }

    #[test]
    fn the_last_member_with_a_name_is_found_in_any_order(
        objects in prop::collection::vec(
            prop::collection::vec((name(), member_value()), 0..20), 1..5,
        ),
        searches in prop::collection::vec((any::<prop::sample::Index>(), names()), 1..60),
        gap in prop::sample::select(vec!["", " ", "\n", "  "]),
        before in prop::sample::select(vec!["", " "]),
    ) {
        let member = |(name, value): &(String, String)| format!("\"{name}\"{before}:{gap}{value}");
        let object = |members: &Vec<_>| {
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
        };
        let text = format!("[{}]", objects.iter().map(object).collect::<Vec<_>>().join(", "));
        let values = ValueCache::new();
        let root = values.find(&text, 0, "");
        for (object, name) in searches {
            let object = values.find(&text, root, &format!("/{}", object.index(objects.len())));
            quick_search_agrees(&values, &text, object, &name)?;
        }
    }

    #[test]
    fn an_invalid_node_has_no_value(document in json(), any in any::<usize>(), near in -64_isize..64) {
        let text = document.to_string();
        let (values, other) = (ValueCache::new(), ValueCache::new());
        let root = values.find(&text, 0, "");
        let foreign = other.find(&text, 0, "");
        for node in [any, root.wrapping_add_signed(near), foreign, foreign.wrapping_add_signed(near)] {
            if node != 0 && node != root {
                prop_assert_eq!(values.type_of(&text, node), None);
                prop_assert_eq!(values.text(&text, node), None);
                prop_assert_eq!(values.name(&text, node), None);
                prop_assert_eq!(values.first(&text, node), 0);
                prop_assert_eq!(values.next(&text, node), 0);
                prop_assert_eq!(values.find(&text, node, ""), 0);
                prop_assert_eq!(values.length(&text, node), 0);
                quick_reads_agree(&values, &text, node)?;
                quick_search_agrees(&values, &text, node, "a")?;
            }
        }
    }
}

#[test]
fn node_0_has_no_value() {
    let values = ValueCache::new();
    assert_eq!(values.type_of(TEXT, 0), None);
    let root = values.find(TEXT, 0, "");
    assert_eq!(values.type_of(TEXT, 0), None);
    assert_eq!((values.first(TEXT, 0), values.next(TEXT, 0), values.next(TEXT, root)), (0, 0, 0));
    assert_eq!((values.find(TEXT, root, "/x"), values.find(TEXT, 0, "x")), (0, 0));
    assert_eq!(values.name(TEXT, root), None);
}

#[test]
fn a_pointer_starts_from_a_node() {
    let values = ValueCache::new();
    let tags = values.find(TEXT, 0, "/tags");
    let second = values.find(TEXT, tags, "/1");
    assert_eq!(values.string(TEXT, second), Some(b"b\0".as_slice()));
    assert_eq!(values.find(TEXT, values.first(TEXT, tags), ""), values.first(TEXT, tags));
    assert_eq!(values.next(TEXT, values.first(TEXT, tags)), second);
}

#[test]
fn strings_are_read_in_any_order() {
    let long = "y".repeat(5_000);
    let strings: Vec<String> =
        (0..400)
            .map(|n| {
                if n % 50 == 7 {
                    long.clone()
                } else {
                    format!("é\"{n}\n\0{}", "x".repeat(n % 90))
                }
            })
            .collect();
    let text = serde_json::to_string(&strings).unwrap();
    for step in [1, 7, 399] {
        let values = ValueCache::new();
        let mut all = Vec::new();
        for n in (0..400).map(|n| (n * step + 399) % 400) {
            let found = values.string(&text, &*format!("/{n}")).unwrap();
            assert_eq!(read(Some(found)), Some(&*strings[n]));
            all.push((n, found.as_ptr()));
        }
        for (n, pointer) in all {
            let again = values.string(&text, &*format!("/{n}")).unwrap();
            assert_eq!(again.as_ptr(), pointer, "a second copy was made of {n}");
        }
    }
}

/// A list of objects as an API sends it.
fn rows(count: usize, gap: &str) -> String {
    let row = |n: usize| {
        let (id, name) = (format!("\"id\":{gap}{n}"), format!("\"name\":{gap}\"Item {n}\""));
        let price = format!("\"price\":{gap}-{n}.25");
        let long = format!("\"long_description\":{gap}\"{}\"", "long ".repeat(n % 40));
        let owner =
            format!("\"owner\":{gap}{{\"login\":{gap}\"a\\n{n}\",\"a\":{gap}{{\"b\":{gap}{n}}}}}");
        format!(
            "{{{id},{name},{price},\"tags\":{gap}[1,{{}}],{long},{owner},\"active\":{gap}true}}"
        )
    };
    let rows: Vec<_> = (0..count).map(row).collect();
    format!("{{\"rows\":{gap}[{}]}}", rows.join(","))
}

#[test]
fn a_usual_walk_needs_only_quick_reads() {
    for gap in ["", " ", "\n  "] {
        let text = rows(500, gap);
        let values = ValueCache::new();
        let mut row = values.first(&text, values.find(&text, 0, "/rows"));
        for n in 0..500 {
            let find = |name: &str| {
                let found = values.quick_find(&text, row, name.bytes());
                found.unwrap_or_else(|| panic!("{name} needs a full search"))
            };
            assert_eq!(values.quick_int64(&text, find("/id")), Some(n));
            let name = find("/name");
            // These make copies, if there are none yet.
            assert!(values.name(&text, name).is_some() && values.string(&text, name).is_some());
            assert_eq!(values.quick_string(&text, name), Some(format!("Item {n}\0").as_bytes()));
            assert_eq!(values.quick_name(&text, name), Some(b"name\0".as_slice()));
            let price = -(n as f64) - 0.25;
            assert_eq!(values.quick_double(&text, find("/price")), Some(price));
            assert_eq!(values.quick_type(&text, find("/tags")), Some(Type::Array));
            assert_eq!(values.quick_type(&text, find("/long_description")), Some(Type::String));
            let login = find("/owner/login");
            assert!(values.string(&text, login).is_some());
            let expected = format!("a\n{n}\0");
            assert_eq!(values.quick_string(&text, login), Some(expected.as_bytes()));
            assert_eq!(values.quick_int64(&text, find("/owner/a/b")), Some(n));
            assert_eq!(values.quick_boolean(&text, find("/active")), Some(true));
            for missing in ["/owner/x", "/owner/a/b/c", "/x/y", "/x/~2", "/id/x", "/owner/", "/"] {
                assert_eq!(values.quick_find(&text, row, missing.bytes()), Some(0), "{missing}");
            }
            assert_eq!(values.quick_find(&text, row, "/missing".bytes()), Some(0));
            row = values.quick_next(&text, row).expect("the next row needs a full search");
        }
        assert_eq!(row, 0);
    }
}

#[test]
fn threads_that_walk_different_objects_find_their_own_members() {
    let text = rows(200, "");
    let values = ValueCache::new();
    let first = values.first(&text, values.find(&text, 0, "/rows"));
    let walk = |names: &[&str]| {
        let mut row = first;
        for n in 0..200 {
            for name in names {
                // `None` if another thread has searched another object in the middle of this search.
                let quick = values.quick_find(&text, row, name.bytes());
                let found = values.find(&text, row, name);
                assert_eq!(quick.unwrap_or(found), found, "{name} of row {n}");
            }
            row = values.quick_next(&text, row).unwrap_or_else(|| values.next(&text, row));
        }
    };
    std::thread::scope(|scope| {
        for names in [["/id", "/name"], ["/active", "/id"], ["/price", "/missing"]] {
            scope.spawn(move || walk(&names));
        }
    });
}

#[test]
fn other_objects_between_do_not_end_quick_searches() {
    let many: Vec<_> = (0..70).map(|n| format!("\"n{n}\":{n}")).collect();
    let text = format!("[{{\"a\":{{\"b\":1}},\"c\":2}},{{{}}},{{\"d\":3}}]", many.join(","));
    let values = ValueCache::new();
    let small = values.first(&text, values.find(&text, 0, ""));
    let large = values.next(&text, small);
    let last = values.next(&text, large);
    for _ in 0..3 {
        for (object, pointer, quick) in [
            (small, "/a/b", true),
            (large, "/n1", false),
            (small, "/c", true),
            (last, "/d", true),
            (small, "/a/b", true),
            (values.find(&text, small, "/a"), "/b", true),
        ] {
            let found = values.quick_find(&text, object, pointer.bytes());
            assert_eq!(found.is_some(), quick, "{pointer}");
            let expected = values.find(&text, object, pointer);
            assert!(found.is_none_or(|found| found == expected), "{pointer}");
        }
    }
}

#[test]
fn large_objects_have_no_quick_search() {
    let members = |count: usize| {
        let members: Vec<_> = (0..count).map(|n| format!("\"n{n}\":{{}}")).collect();
        format!("{{{}}}", members.join(","))
    };
    for (text, quick) in [
        (members(60), true),
        (members(70), false),
        (format!("{{\"a\":\"{}\",\"n1\":1}}", "x".repeat(7_000)), true),
        (format!("{{\"a\":\"{}\",\"n1\":1}}", "x".repeat(9_000)), false),
        (format!("{{{}\"n1\":1}}", format!("\"a\":\"{}\",", "x".repeat(7_000)).repeat(10)), false),
    ] {
        let values = ValueCache::new();
        let root = values.find(&text, 0, "");
        assert_eq!(values.quick_find(&text, root, "/n1".bytes()), None, "there was no walk");
        values.first(&text, root);
        let found = values.quick_find(&text, root, "/n1".bytes());
        assert_eq!(found.is_some(), quick, "{} bytes", text.len());
        assert!(found.is_none_or(|found| found == values.find(&text, root, "/n1")));
    }
}
