//! The `error` member that every JSON of a failed call has, put in without touching the rest.

use std::ops::Range;

use super::json::{Document, Node, Type, string_value};

/// Where a server's own words are looked for, in this order; the first that is a string with
/// more than spaces in it.
const PLACES: [&str; 9] = [
    "/error",
    "/error/message",
    "/message",
    "/detail",
    "/title",
    "/error_description",
    "/reason",
    "/errors/0/message",
    "/errors/0",
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
    let Some(read) = Read::new(text) else {
        return Guaranteed { json: Some(object(otherwise, None)), message: otherwise.to_owned() };
    };
    let message = clean(read.words().as_deref().unwrap_or(otherwise));
    let json = match read.root.kind() {
        Type::Object if read.only_error().as_deref() == Some(message.as_str()) => None,
        Type::Object => Some(read.with_error(&message, Former::SaysTheSame)),
        Type::Null => Some(object(&message, None)),
        _ => Some(object(&message, Some(text))),
    };
    Guaranteed { json, message }
}

/// An object with an error, and beside it what could be saved of an answer.
pub fn beside(saved: Option<&str>, message: &str) -> String {
    match saved.and_then(Read::new) {
        Some(read) if read.root.kind() == Type::Object => {
            read.with_error(message, Former::SaysMore)
        }
        _ => object(message, saved),
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

/// What a string says that stood under `error` before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Former {
    /// The new `error` comes from it.
    SaysTheSame,
    /// It would be lost.
    SaysMore,
}

/// A text with its index.
struct Read<'t> {
    text: &'t str,
    document: Document,
    root: Node,
}

impl<'t> Read<'t> {
    fn new(text: &'t str) -> Option<Self> {
        let document = Document::parse(text)?;
        let root = document.root(text)?;
        Some(Self { text, document, root })
    }

    /// The server's own words. A bare string is its own.
    fn words(&self) -> Option<String> {
        match self.root.kind() {
            Type::Object => {
                PLACES.iter().find_map(|place| self.said(&self.document.find(self.text, place)?))
            }
            Type::String => self.said(&self.root),
            _ => None,
        }
    }

    fn said(&self, node: &Node) -> Option<String> {
        string_value(self.text, node).filter(|said| !said.trim().is_empty()).map(String::from)
    }

    /// What `error` says, where there is one such member alone and it is a string.
    fn only_error(&self) -> Option<String> {
        let mut errors =
            self.document.members(self.text, &self.root).filter(|(name, _)| self.is_error(name));
        let (_, value) = errors.next()?;
        if errors.next().is_some() { None } else { self.said(&value) }
    }

    /// The object with `error` saying this. What stood under that name goes on as `error_detail`,
    /// where it says more; all other members stay as they are spelled.
    fn with_error(&self, message: &str, former: Former) -> String {
        let room = self.text.len().saturating_add(message.len()).saturating_add(16);
        let mut json = String::with_capacity(room);
        json.push_str("{\"error\": ");
        json.push_str(&quoted(message));
        for (name, value) in self.document.members(self.text, &self.root) {
            let name = match (self.is_error(&name), value.kind()) {
                (false, _) => self.text.get(name).unwrap_or("\"\""),
                (true, Type::String) if former == Former::SaysTheSame => continue,
                (true, _) => "\"error_detail\"",
            };
            for part in [", ", name, ": ", value.text(self.text)] {
                json.push_str(part);
            }
        }
        json.push('}');
        json
    }

    /// Whether a name, as it is spelled with its quotes, says `error`.
    fn is_error(&self, name: &Range<usize>) -> bool {
        let spelled = self.text.get(name.clone()).unwrap_or_default();
        spelled == "\"error\""
            || (spelled.contains('\\')
                && serde_json::from_str::<String>(spelled).is_ok_and(|name| name == "error"))
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guaranteed(text: &str) -> (String, String) {
        let made = guarantee(text, "Bad Request", str::to_owned);
        (made.json.unwrap_or_else(|| text.to_owned()), made.message)
    }

    #[test]
    fn an_error_that_speaks_for_itself_is_left_byte_for_byte() {
        let text = "{ \"error\" : \"no\",\"n\":1.10}";
        assert!(guarantee(text, "x", str::to_owned).json.is_none());
    }

    #[test]
    fn the_first_words_of_the_list_become_the_error() {
        for (text, words) in [
            (r#"{"error": {"message": "a"}, "message": "b"}"#, "a"),
            (r#"{"message": "b", "detail": "c"}"#, "b"),
            (r#"{"message": "", "detail": "c"}"#, "c"),
            (r#"{"title": "d", "status": 400}"#, "d"),
            (r#"{"error_description": "e"}"#, "e"),
            (r#"{"reason": "f"}"#, "f"),
            (r#"{"errors": [{"message": "g"}]}"#, "g"),
            (r#"{"errors": ["h", "i"]}"#, "h"),
            (r#"{"error": "", "message": 7}"#, "Bad Request"),
            (r#"{}"#, "Bad Request"),
        ] {
            let (json, message) = guaranteed(text);
            assert_eq!(message, words, "{text}");
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(value["error"], words, "{text} became {json}");
        }
    }

    #[test]
    fn blank_words_are_none() {
        let (json, message) = guaranteed(r#"{"error": " ", "message": "\n", "detail": "late"}"#);
        assert_eq!(message, "late");
        assert_eq!(json, r#"{"error": "late", "message": "\n", "detail": "late"}"#);
    }

    #[test]
    fn an_error_that_is_no_string_is_kept_as_error_detail() {
        let (json, _) = guaranteed(r#"{"error": {"code": 7, "message": "m"}, "big": 1e999}"#);
        assert_eq!(
            json,
            r#"{"error": "m", "error_detail": {"code": 7, "message": "m"}, "big": 1e999}"#
        );
    }

    #[test]
    fn whoever_reads_the_first_or_the_last_of_two_errors_reads_the_same() {
        let (json, message) = guaranteed(r#"{"error": "", "\u0065rror": "said"}"#);
        assert_eq!((json.as_str(), message.as_str()), (r#"{"error": "said"}"#, "said"));
    }

    #[test]
    fn json_that_is_no_object_becomes_the_data() {
        assert_eq!(guaranteed("[1, 2]\n").0, r#"{"error": "Bad Request", "data": [1, 2]}"#);
        assert_eq!(
            guaranteed("\"no such user\"").0,
            r#"{"error": "no such user", "data": "no such user"}"#
        );
        assert_eq!(guaranteed("null").0, r#"{"error": "Bad Request"}"#);
    }

    #[test]
    fn what_was_saved_stands_beside_the_error() {
        assert_eq!(beside(Some("[1]"), "cut"), r#"{"error": "cut", "data": [1]}"#);
        assert_eq!(
            beside(Some(r#"{"error": "theirs", "a": 1}"#), "cut"),
            r#"{"error": "cut", "error_detail": "theirs", "a": 1}"#
        );
        assert_eq!(beside(None, "cut \"x\""), r#"{"error": "cut \"x\""}"#);
    }
}
