//! A JSON body that is written by JSON pointers is valid JSON, and the same as a model of it.

use sac::answer::json::{ValueCache, is_json};
use sac::code::Code;
use sac::request::{Body, JsonValue};
use serde_json::{Map, Value};

use super::Lines;

/// Maximum depth of a pointer and of a text. serde_json reads at most 127 levels.
const MAX_LEVELS: usize = 60;

/// Input: a JSON text to start from, or an empty line. Then for each value a line with its kind (one
/// character) and the pointer, and a line with the value.
pub fn check(input: &[u8]) {
    let Ok(input) = std::str::from_utf8(input) else { return };
    let mut lines = Lines::new(input);
    let (mut body, mut model) = (Body::None, None);
    let start = lines.next();
    if let (Ok(json), Some(value)) = (Body::json(start), parsed(start)) {
        (body, model) = (json, Some(value));
    }
    let mut last = None;
    while let Some(line) = Iterator::next(&mut lines) {
        let content = lines.next().replace("\\n", "\n");
        let Some((value, expected)) = value_of(line, &content) else { continue };
        let pointer = line.get(1..).unwrap_or_default();
        let Some(tokens) = tokens(pointer) else {
            let code = body.set_json_value(pointer, &value).map_err(|error| error.code);
            assert_eq!(code, Err(Code::InvalidArgument), "{pointer:?} is not a JSON pointer");
            continue;
        };
        if tokens.len() > MAX_LEVELS {
            continue;
        }
        let changed = set(model.clone(), &tokens, expected.clone());
        let result = body.set_json_value(pointer, &value).map_err(|error| error.code);
        let should = if changed.is_some() { Ok(()) } else { Err(Code::InvalidArgument) };
        assert_eq!(result, should, "{value:?} at {pointer:?} in {model:?}");
        if let Some(changed) = changed {
            model = Some(changed);
            last = Some((pointer.to_owned(), tokens, expected));
        }
    }
    let Some(model) = model else {
        assert_eq!(body.bytes(), Ok(None), "there is a body without any value");
        return;
    };
    let text = std::str::from_utf8(body.bytes().unwrap().expect("there is a body")).unwrap();
    assert!(is_json(text), "this is not JSON: {text}");
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), model, "the body {text}");
    if let Some((pointer, tokens, expected)) = last
        && !tokens.iter().any(|token| token == "-")
    {
        let values = ValueCache::new();
        let found = values.text(text, &pointer[..]).expect("the same pointer finds the value");
        let found = serde_json::from_slice::<Value>(found.strip_suffix(b"\0").unwrap()).unwrap();
        assert_eq!(found, expected, "the value at {pointer:?} in {text}");
    }
}

/// The value of a JSON text; `None` if serde_json cannot read it, or if it is too deep.
fn parsed(text: &str) -> Option<Value> {
    let deep = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() > MAX_LEVELS;
    if deep { None } else { serde_json::from_str(text).ok() }
}

/// The value to set, and what it is in the model.
fn value_of<'t>(line: &str, content: &'t str) -> Option<(JsonValue<'t>, Value)> {
    let value = match line.chars().next()? {
        's' => return Some((JsonValue::String(content), Value::from(content))),
        'i' => JsonValue::Int64(content.parse().ok()?),
        'u' => JsonValue::Uint64(content.parse().ok()?),
        'd' => JsonValue::Double(content.parse().ok().filter(|number: &f64| number.is_finite())?),
        'b' => JsonValue::Bool(content == "true"),
        'n' => JsonValue::Null,
        't' => JsonValue::Text(content),
        _ => return None,
    };
    // serde_json reads a number from its digits with a small error.
    let expected = match value {
        JsonValue::Int64(number) => parsed(&number.to_string()),
        JsonValue::Uint64(number) => parsed(&number.to_string()),
        JsonValue::Double(number) => parsed(&serde_json::to_string(&number).unwrap()),
        JsonValue::Bool(value) => Some(Value::from(value)),
        JsonValue::Text(text) => parsed(text),
        _ => Some(Value::Null),
    };
    Some((value, expected?))
}

/// The tokens of a pointer (RFC 6901 section 3).
fn tokens(pointer: &str) -> Option<Vec<String>> {
    let valid = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    let unescaped = |token: &str| token.replace("~1", "/").replace("~0", "~");
    match pointer.strip_prefix('/') {
        Some(path) if valid => Some(path.split('/').map(unescaped).collect()),
        None if pointer.is_empty() => Some(Vec::new()),
        _ => None,
    }
}

/// The model after a value is set; `None` if the tokens do not fit.
fn set(model: Option<Value>, tokens: &[String], value: Value) -> Option<Value> {
    let Some((token, after)) = tokens.split_first() else { return Some(value) };
    match model {
        None if token == "-" || token == "0" => Some(vec![set(None, after, value)?].into()),
        None => Some(Map::from_iter([(token.clone(), set(None, after, value)?)]).into()),
        Some(Value::Object(mut members)) => {
            let changed = set(members.remove(token), after, value)?;
            members.insert(token.clone(), changed);
            Some(members.into())
        }
        Some(Value::Array(mut elements)) => {
            let index = match token.as_str() {
                "-" => elements.len(),
                _ => token.parse().ok().filter(|index: &usize| index.to_string() == *token)?,
            };
            if index == elements.len() {
                elements.push(set(None, after, value)?);
            } else {
                let element = elements.get_mut(index)?;
                *element = set(Some(element.take()), after, value)?;
            }
            Some(elements.into())
        }
        Some(_) => None,
    }
}
