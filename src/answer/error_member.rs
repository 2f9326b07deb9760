//! The `error` member that every JSON of a failed call has, put in without touching the rest.

use super::json::{Document, Node, Type, string_value};

/// Where a server's own words are looked for, in this order; the first that is a non-empty string.
const PLACES: [&str; 9] = [
    "/error", "/error/message", "/message", "/detail", "/title", "/error_description", "/reason",
    "/errors/0/message", "/errors/0",
];

/// An answer's JSON with an `error` guaranteed.
pub struct Guaranteed {
    /// The text, where it is not the one that was given.
    pub json: Option<String>,
    /// What `error` says.
    pub message: String,
}

/// Guarantees that a JSON text is an object with a non-empty string `error`. `otherwise` is what it
/// says where the text holds no words; `clean` takes out what must not be seen.
pub fn guarantee(text: &str, otherwise: &str, clean: impl Fn(&str) -> String) -> Guaranteed {
    let Some(document) = Document::parse(text) else {
        return Guaranteed { json: Some(object(otherwise, None)), message: otherwise.to_owned() };
    };
    let words = words(&document, text);
    let message = clean(words.as_deref().unwrap_or(otherwise));
    let root = document.root();
    let json = match root.kind() {
        Type::Object => {
            let says_so_itself = only_error(&document, text, &root).as_deref() == Some(message.as_str());
            (!says_so_itself).then(|| with_error(&document, text, &root, &message))
        }
        Type::Null => Some(object(&message, None)),
        _ => Some(object(&message, Some(text))),
    };
    Guaranteed { json, message }
}

/// An object with an error, and beside it what could be saved of an answer.
pub fn beside(saved: Option<&str>, message: &str) -> String {
    let Some(text) = saved else { return object(message, None) };
    match Document::parse(text) {
        Some(document) if document.root().kind() == Type::Object => {
            with_error(&document, text, &document.root(), message)
        }
        _ => object(message, Some(text)),
    }
}

/// `{"error": message}`, and the data where there is any.
pub fn object(message: &str, data: Option<&str>) -> String {
    let mut json = String::from("{\"error\": ");
    json.push_str(&quoted(message));
    if let Some(data) = data {
        json.push_str(", \"data\": ");
        json.push_str(data.trim_ascii());
    }
    json.push('}');
    json
}

fn words(document: &Document, text: &str) -> Option<String> {
    let said = |node: Node| string_value(text, &node).filter(|said| !said.is_empty()).map(std::borrow::Cow::into_owned);
    match document.root().kind() {
        Type::Object => PLACES.iter().find_map(|place| document.find(text, place).and_then(said)),
        Type::String => said(document.root()),
        _ => None,
    }
}

/// The value of the object's `error`, where it has one such member alone and it is a string.
fn only_error(document: &Document, text: &str, root: &Node) -> Option<String> {
    let mut errors = document.members(root).filter(|(key, _)| is_error(text, key));
    let (_, value) = errors.next()?;
    if errors.next().is_some() {
        return None;
    }
    string_value(text, &value).map(std::borrow::Cow::into_owned)
}

/// The object with `error` saying this. What stood under that name before and is no string goes
/// on as `error_detail`; all other members stay as they are spelled.
fn with_error(document: &Document, text: &str, root: &Node, message: &str) -> String {
    let mut json = String::with_capacity(text.len().saturating_add(message.len()).saturating_add(16));
    json.push_str("{\"error\": ");
    json.push_str(&quoted(message));
    for (key, value) in document.members(root) {
        let spelled = text.get(value.span()).unwrap_or("null");
        let name = match (is_error(text, &key), value.kind()) {
            (false, _) => text.get(key).unwrap_or("\"\""),
            (true, Type::String | Type::Null) => continue,
            (true, _) => "\"error_detail\"",
        };
        json.push_str(", ");
        json.push_str(name);
        json.push_str(": ");
        json.push_str(spelled);
    }
    json.push('}');
    json
}

/// Whether a key, as it is spelled with its quotes, says `error`.
fn is_error(text: &str, key: &std::ops::Range<usize>) -> bool {
    let spelled = text.get(key.clone()).unwrap_or_default();
    spelled == "\"error\"" || (spelled.contains('\\') && serde_json::from_str::<String>(spelled).is_ok_and(|key| key == "error"))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
