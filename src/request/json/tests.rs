use std::collections::VecDeque;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

use super::write::MAX_LEVELS;
use super::*;
use crate::code::Code;

use JsonValue::{Bool, Double, Int64, Null, String as Str, Text, Uint64};

fn rendered(body: &JsonBody) -> &str {
    body.text().unwrap()
}

/// The text of a body with these values.
#[track_caller]
fn text_of(start: &str, values: &[(&str, JsonValue<'_>)]) -> String {
    let mut body = match start {
        "" => JsonBody::default(),
        _ => JsonBody::from_text(start).unwrap(),
    };
    for (pointer, value) in values {
        body.set(pointer, value).unwrap_or_else(|error| panic!("{pointer:?}: {error}"));
    }
    rendered(&body).to_owned()
}

#[test]
fn missing_arrays_and_objects_are_created() {
    for (pointer, expected) in [
        ("", "1"),
        ("/", r#"{"":1}"#),
        ("/a", r#"{"a":1}"#),
        ("/-", "[1]"),
        ("/0", "[1]"),
        ("/00", r#"{"00":1}"#),
        ("/1", r#"{"1":1}"#),
        ("/a/b/c", r#"{"a":{"b":{"c":1}}}"#),
        ("/a/-/b", r#"{"a":[{"b":1}]}"#),
        ("/a/0/-/0", r#"{"a":[[[1]]]}"#),
        ("/a/2", r#"{"a":{"2":1}}"#),
    ] {
        assert_eq!(text_of("", &[(pointer, Int64(1))]), expected, "{pointer:?}");
    }
}

#[test]
fn a_dash_and_the_index_after_the_last_element_append() {
    let values = [("/-", Int64(1)), ("/1", Int64(2)), ("/-", Int64(3)), ("/3/-", Int64(4))];
    assert_eq!(text_of("", &values), "[1,2,3,[4]]");
    assert_eq!(text_of(" [ ] ", &[("/0", Null), ("/-", Bool(true))]), "[null,true]");
    let items =
        [("/items/-/name", Str("a")), ("/items/0/n", Int64(1)), ("/items/-/name", Str("b"))];
    assert_eq!(text_of("", &items), r#"{"items":[{"name":"a","n":1},{"name":"b"}]}"#);
}

#[test]
fn every_kind_of_value_has_its_text() {
    for (value, expected) in [
        (
            Str("a\"\\\n\r\t\u{1}/é🚀\u{2028}\u{7f}"),
            "\"a\\\"\\\\\\n\\r\\t\\u0001/é🚀\u{2028}\u{7f}\"",
        ),
        (Str(""), r#""""#),
        (Int64(i64::MIN), "-9223372036854775808"),
        (Uint64(u64::MAX), "18446744073709551615"),
        (Double(0.1), "0.1"),
        (Double(-0.0), "-0.0"),
        (Double(5e-324), "5e-324"),
        (Double(f64::MAX), "1.7976931348623157e+308"),
        (Bool(true), "true"),
        (Bool(false), "false"),
        (Null, "null"),
        (Text(" [1.10, {} ]\n"), "[1.10, {} ]"),
    ] {
        assert_eq!(text_of("", &[("", value)]), expected);
    }
}

#[test]
fn a_value_is_replaced_and_members_keep_their_order() {
    let values =
        [("/b", Int64(1)), ("/a", Int64(2)), ("/c", Int64(3)), ("/a", Text("[]")), ("/b", Null)];
    assert_eq!(text_of("", &values), r#"{"b":null,"a":[],"c":3}"#);
    assert_eq!(text_of("", &[("/a", Null), ("", Text("[{}]")), ("/0/b", Null)]), r#"[{"b":null}]"#);
}

#[test]
fn escapes_in_pointers_and_names_are_resolved() {
    assert_eq!(text_of("", &[("/a~1b/~0~01", Int64(1))]), r#"{"a/b":{"~~1":1}}"#);
    assert_eq!(text_of(r#"{"\u0061\/b":1}"#, &[("/a~1b", Int64(2))]), r#"{"a/b":2}"#);
    assert_eq!(text_of("", &[("/a\"\n", Int64(1)), ("/a\"\n", Int64(2))]), r#"{"a\"\n":2}"#);
}

#[test]
fn a_text_is_sent_unchanged_until_a_value_is_set() {
    let start = " {\"n\": 1.10, \"list\": [1e2, 340282366920938463463374607431768211455]} ";
    let mut body = JsonBody::from_text(start).unwrap();
    assert_eq!(rendered(&body), start);
    body.set("/n/x", &Null).unwrap_err();
    assert_eq!(rendered(&body), start);
    body.set("/list/-", &Int64(7)).unwrap();
    assert_eq!(
        rendered(&body),
        r#"{"n":1.10,"list":[1e2,340282366920938463463374607431768211455,7]}"#
    );
}

#[test]
fn the_last_of_several_members_with_one_name_stays() {
    let start = r#"{"a":1,"b":2,"\u0061":[3]}"#;
    assert_eq!(text_of(start, &[("/a/-", Int64(4))]), r#"{"a":[3,4],"b":2}"#);
}

#[test]
fn a_name_that_no_pointer_can_contain_stays() {
    let start = r#"{"\ud83d":1,"\uD83D\uDE80":2}"#;
    assert_eq!(text_of(start, &[("/🚀", Int64(3))]), r#"{"\ud83d":1,"🚀":3}"#);
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let start = r#"{"list":[1,2],"object":{},"text":"abc","none":null}"#;
    for (pointer, value, code) in [
        ("list", Null, Code::InvalidArgument),
        ("/~2", Null, Code::InvalidArgument),
        ("/list/3", Null, Code::InvalidArgument),
        ("/list/3/a", Null, Code::InvalidArgument),
        ("/list/01", Null, Code::InvalidArgument),
        ("/list/a", Null, Code::InvalidArgument),
        ("/list/", Null, Code::InvalidArgument),
        ("/list/99999999999999999999999", Null, Code::InvalidArgument),
        ("/list/0/0", Null, Code::InvalidArgument),
        ("/text/0", Null, Code::InvalidArgument),
        ("/none/a", Null, Code::InvalidArgument),
        ("/a", Double(f64::NAN), Code::InvalidArgument),
        ("/a", Double(f64::INFINITY), Code::InvalidArgument),
        ("/a", Double(f64::NEG_INFINITY), Code::InvalidArgument),
        ("/a", Text(""), Code::InvalidJson),
        ("/a", Text("[1,]"), Code::InvalidJson),
        ("/a", Text("1 2"), Code::InvalidJson),
        ("/a", Text("{\"a\":1}}"), Code::InvalidJson),
    ] {
        let mut body = JsonBody::from_text(start).unwrap();
        let error = body.set(pointer, &value).unwrap_err();
        assert_eq!(error.code, code, "{pointer:?}: {error}");
        assert_eq!(rendered(&body), start);
        let mut empty = JsonBody::default();
        if empty.set(pointer, &value).is_err() {
            assert_eq!(rendered(&empty), "", "{pointer:?}");
        }
    }
}

#[test]
fn an_error_in_a_text_leaves_the_text_unchanged() {
    let text = r#"{ "a": 1, "b": [ 2 ], "a": 3 }"#;
    let mut body = JsonBody::default();
    body.set("/x/text", &Text(text)).unwrap();
    for pointer in ["/x/text/a/0", "/x/text/b/2", "/x/text/b/0/0", "/x/text/b/-/~2"] {
        body.set(pointer, &Null).unwrap_err();
        assert_eq!(rendered(&body), format!(r#"{{"x":{{"text":{text}}}}}"#), "{pointer}");
    }
    body.set("/x/text/b/-", &Null).unwrap();
    assert_eq!(rendered(&body), r#"{"x":{"text":{"a":3,"b":[2,null]}}}"#);
}

#[test]
fn an_error_names_the_pointer_and_the_value_in_its_way() {
    for (pointer, expected) in [
        ("/list/3", "\"/list/3\" does not fit the body: an array with 2 elements has no \"3\""),
        ("/text/a", "\"/text/a\" does not fit the body: a string has no \"a\""),
        (
            "list",
            "\"list\" is not a JSON pointer that can be written: it violates RFC 6901 section 3",
        ),
    ] {
        let mut body = JsonBody::from_text(r#"{"list":[1,2],"text":"abc"}"#).unwrap();
        let message = body.set(pointer, &Null).unwrap_err().message;
        assert!(message.ends_with(expected), "{message}");
    }
}

/// If the time for a value grew with the number of values, this would take minutes.
#[test]
fn a_hundred_thousand_values_are_set_one_by_one() {
    let (mut list, mut object) = (JsonBody::default(), JsonBody::default());
    for number in 0..100_000 {
        list.set("/items/-/n", &Int64(number)).unwrap();
        object.set(&format!("/members/{number}a"), &Int64(number)).unwrap();
        object.set(&format!("/members/{}a", number / 2), &Null).unwrap();
    }
    assert!(rendered(&list).ends_with("{\"n\":99999}]}"));
    assert!(rendered(&object).ends_with("\"99999a\":99999}}"));
}

#[test]
fn deep_values_need_little_stack() {
    let small_stack = std::thread::Builder::new().stack_size(256 << 10);
    let test = || {
        let deepest = "/a".repeat(MAX_LEVELS);
        let mut body = JsonBody::default();
        body.set(&deepest, &Null).unwrap();
        let error = body.set(&format!("{deepest}/a"), &Null).unwrap_err();
        assert!(error.message.ends_with("it has more than 128 levels"), "{error}");
        assert_eq!(rendered(&body).len(), "{\"a\":}".len() * MAX_LEVELS + "null".len());

        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let mut body = JsonBody::from_text(&deep).unwrap();
        body.set(&"/0".repeat(MAX_LEVELS - 1), &Text(&deep)).unwrap();
        assert_eq!(rendered(&body).len(), deep.len() + 2 * (MAX_LEVELS - 1));
        drop(body.clone());
    };
    small_stack.spawn(test).unwrap().join().unwrap();
}

#[test]
fn all_threads_get_the_same_text() {
    let mut body = JsonBody::default();
    body.set("/a", &Int64(1)).unwrap();
    let places: Vec<_> = std::thread::scope(|scope| {
        let render = || rendered(&body).as_ptr().addr();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(render)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
    body.set("/a", &Int64(2)).unwrap();
    assert_eq!(rendered(&body), r#"{"a":2}"#);
}

/// Any JSON value whose numbers have few digits, because serde_json reads others with a small error.
fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        any::<String>().prop_map(Value::from),
    ];
    let name = prop_oneof!["[-01~/a]{0,2}", any::<String>()];
    scalar.prop_recursive(4, 64, 6, move |value| {
        prop_oneof![
            vec(value.clone(), 0..6).prop_map(Value::from),
            btree_map(name.clone(), value, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// The values to set for a document, with their pointers. Members are in random order.
fn steps(document: &Value, pointer: &str, random: &mut fastrand::Rng) -> VecDeque<(String, Value)> {
    match document {
        Value::Array(elements) if !elements.is_empty() => {
            let steps = |(i, element)| steps(element, &format!("{pointer}/{i}"), random);
            elements.iter().enumerate().flat_map(steps).collect()
        }
        Value::Object(members) if !members.is_empty() => {
            let mut all = VecDeque::new();
            if members.contains_key("-") || members.contains_key("0") {
                // Without this, such a name creates an array.
                all.push_back((pointer.to_owned(), Value::Object(Default::default())));
            }
            let token = |name: &str| name.replace('~', "~0").replace('/', "~1");
            let mut parts: Vec<_> = members
                .iter()
                .map(|(name, value)| steps(value, &format!("{pointer}/{}", token(name)), random))
                .collect();
            while !parts.is_empty() {
                let chosen = random.usize(..parts.len());
                match parts[chosen].pop_front() {
                    Some(step) => all.push_back(step),
                    None => drop(parts.swap_remove(chosen)),
                }
            }
            all
        }
        scalar_or_empty => VecDeque::from([(pointer.to_owned(), scalar_or_empty.clone())]),
    }
}

fn set_value(body: &mut JsonBody, pointer: &str, value: &Value) {
    let text = value.to_string();
    let value = match value {
        Value::Null => Null,
        Value::Bool(value) => Bool(*value),
        Value::String(content) => Str(content),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Int64(number),
            (_, Some(number)) => Uint64(number),
            _ => Double(number.as_f64().unwrap()),
        },
        Value::Array(_) | Value::Object(_) => Text(&text),
    };
    body.set(pointer, &value).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(6901), failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_document_that_is_written_in_any_order_reads_the_same(document in any_json(), seed: u64) {
        let mut body = JsonBody::default();
        for (pointer, value) in steps(&document, "", &mut fastrand::Rng::with_seed(seed)) {
            set_value(&mut body, &pointer, &value);
        }
        let text = rendered(&body);
        prop_assert_eq!(&serde_json::from_str::<Value>(text).unwrap(), &document, "{}", text);
    }
}
