//! A JSON pointer (RFC 6901) finds the same value as in serde_json.

use sac::answer::json::{Type, ValueCache, is_json};
use serde_json::Value;

/// Maximum number of values to check in one document.
const MAX_VALUES: usize = 64;

/// Input: a pointer on the first line, then a JSON text.
pub fn check(input: &[u8]) {
    let Ok(input) = std::str::from_utf8(input) else { return };
    let Some((pointer, text)) = input.split_once('\n') else { return };
    if !is_json(text) {
        return;
    }
    let values = ValueCache::new();
    let found = values.text(text, pointer).map(as_text);
    if let Some(found) = found {
        assert!(is_json(found), "the text of a value is not JSON: {found}");
    }
    // Skips texts that serde_json cannot parse (too deep, lone surrogates, numbers too large).
    let Ok(document) = serde_json::from_str::<Value>(text) else { return };
    if is_valid(pointer) {
        assert_equal(&values, text, pointer, document.pointer(pointer));
    } else {
        assert!(found.is_none(), "{pointer:?} is not a pointer, but finds {found:?}");
    }
    let mut remaining = MAX_VALUES;
    walk(&document, &mut String::new(), &mut remaining, &mut |pointer, value| {
        assert_equal(&values, text, pointer, Some(value));
        assert_equal_by_node(&values, text, pointer);
    });
}

/// Whether the pointer follows RFC 6901 section 3, which serde_json does not check.
fn is_valid(pointer: &str) -> bool {
    let escapes = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    escapes && (pointer.is_empty() || pointer.starts_with('/'))
}

fn as_text(bytes: &[u8]) -> &str {
    let bytes = bytes.strip_suffix(b"\0").expect("a NUL follows it");
    std::str::from_utf8(bytes).expect("values are UTF-8")
}

fn assert_equal(values: &ValueCache, text: &str, pointer: &str, expected: Option<&Value>) {
    let type_of = |value: &Value| match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Number(_) => Type::Number,
        Value::String(_) => Type::String,
        Value::Array(_) => Type::Array,
        Value::Object(_) => Type::Object,
    };
    assert_eq!(values.type_of(text, pointer), expected.map(type_of), "the type at {pointer:?}");
    let Some(expected) = expected else { return };
    let raw = values.text(text, pointer).map(as_text).expect("a value has a text");
    let read: Value = serde_json::from_str(raw).expect("its text is JSON");
    assert_eq!(&read, expected, "the text at {pointer:?}");
    let string = values.string(text, pointer).map(as_text);
    assert_eq!(string, expected.as_str(), "the string at {pointer:?}");
    assert_eq!(values.boolean(text, pointer), expected.as_bool(), "the boolean at {pointer:?}");
    let double = values.double(text, pointer);
    assert_eq!(
        double,
        raw.parse().ok().filter(|_| expected.is_number()),
        "the double at {pointer:?}"
    );
    let integer = values.int64(text, pointer);
    if let Some(expected) = expected.as_i64() {
        assert_eq!(integer, Some(expected), "the integer at {pointer:?}");
    }
    if let (Some(integer), Some(double)) = (integer, double) {
        assert_eq!(integer as f64, double, "integer and double at {pointer:?}");
    }
    match expected {
        Value::Array(elements) => assert_eq!(values.length(text, pointer), elements.len()),
        // The length counts all members with equal names. serde_json keeps one of them.
        Value::Object(members) => assert!(values.length(text, pointer) >= members.len()),
        _ => assert_eq!(values.length(text, pointer), 0),
    }
}

/// Checks that a node and the pointer to it have the same value.
fn assert_equal_by_node(values: &ValueCache, text: &str, pointer: &str) {
    let node = values.find(text, 0, pointer);
    assert_ne!(node, 0, "there is no node at {pointer:?}");
    assert_eq!(values.text(text, node), values.text(text, pointer), "the node at {pointer:?}");
    assert_eq!(values.length(text, node), values.length(text, pointer));
    let mut child = values.first(text, node);
    for _ in 0..values.length(text, node) {
        assert_ne!(child, 0, "a child of {pointer:?} is missing");
        if let Some(name) = values.name(text, child).map(as_text) {
            let token = name.replace('~', "~0").replace('/', "~1");
            // If several names are equal, the last member is found.
            assert!(values.find(text, node, &format!("/{token}")) != 0, "{name:?} in {pointer:?}");
        }
        child = values.next(text, child);
    }
    assert_eq!(child, 0, "{pointer:?} has more children than its length");
}

/// Visits each value with the pointer to it.
fn walk(
    value: &Value,
    pointer: &mut String,
    remaining: &mut usize,
    visit: &mut impl FnMut(&str, &Value),
) {
    if *remaining == 0 {
        return;
    }
    *remaining -= 1;
    visit(pointer, value);
    let length = pointer.len();
    let mut step = |token: &str, value: &Value| {
        pointer.push('/');
        pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
        walk(value, pointer, remaining, visit);
        pointer.truncate(length);
    };
    match value {
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(i, value)| step(&i.to_string(), value));
        }
        Value::Object(members) => members.iter().for_each(|(name, value)| step(name, value)),
        _ => {}
    }
}
