//! Adds the `error` member that the JSON of every failed call has, and leaves the rest unchanged.

use std::ops::Range;

use crate::log::LOOKAHEAD;

use super::json::{Node, Type, children, root, string_equals, string_prefix};
use super::server_message::{ServerMessage, server_message};

/// Maximum length of an error message in bytes, in the line and in the JSON.
pub const MAX_ERROR_BYTES: usize = 4096;
/// Bytes read of a server's message: more than [`MAX_ERROR_BYTES`], to recognise a secret that
/// crosses that limit.
const SCANNED_BYTES: usize = MAX_ERROR_BYTES + LOOKAHEAD;

/// A response's JSON with an `error` member.
pub struct WithError {
    /// The new text; `None` if the given text needs no change.
    pub json: Option<String>,
    /// The error message in one line: the `error` member, and the server's description if there is
    /// one.
    pub message: String,
}

/// Guarantees that a valid JSON text is an object with a non-empty string `error`.
///
/// `fallback` is the message if the text contains none. `clean` removes secrets and control
/// characters. `limit` is the maximum length of the new text in bytes; if it would be longer, or if
/// there is no memory for it, it contains the error alone.
pub fn ensure_error_member(
    text: &str,
    fallback: &str,
    clean: impl Fn(&str) -> String,
    limit: usize,
) -> WithError {
    let found = server_message(text, SCANNED_BYTES);
    let ServerMessage { message, error } =
        found.unwrap_or(ServerMessage { message: fallback.to_owned(), error: None });
    let message = clean(&message);
    let error = error.map_or_else(|| message.clone(), |error| clean(&error));
    let kind = root(text).map(|root| (root, root.value_type()));
    let json = match kind {
        Some((root, Type::Object)) => {
            let object = Object { text, root };
            match object.only_error() {
                Some((value, true)) if value == error => None,
                Some((_, whole)) => Some(object.with_error(&error, !whole, limit)),
                None => Some(object.with_error(&error, false, limit)),
            }
        }
        None | Some((_, Type::Null)) => Some(error_object(&error, None, limit)),
        Some(_) => Some(error_object(&error, Some(text), limit)),
    };
    WithError { json, message }
}

/// An object with an error, and next to it the repaired data of a response, which is valid JSON.
pub fn error_with_data(data: Option<&str>, message: &str, limit: usize) -> String {
    match data.and_then(|text| Some(Object { text, root: root(text)? })) {
        Some(object) if object.root.value_type() == Type::Object => {
            object.with_error(message, true, limit)
        }
        _ => error_object(message, data, limit),
    }
}

/// `{"error": message}`, with the data if there is any and room for it.
pub fn error_object(message: &str, data: Option<&str>, limit: usize) -> String {
    let message = json_string(message);
    let written = data.and_then(|data| {
        let parts = ["{\"error\": ", &message, ", \"data\": ", data.trim_ascii(), "}"];
        write_bounded(limit, |write| parts.into_iter().for_each(write))
    });
    written.unwrap_or_else(|| error_only(&message))
}

fn error_only(quoted: &str) -> String {
    // Leaves room for a NUL.
    let mut json = String::with_capacity(quoted.len().saturating_add(16));
    ["{\"error\": ", quoted, "}"].into_iter().for_each(|part| json.push_str(part));
    json
}

/// Calls `write` twice: to count the bytes, and to write them into a text that has room for a NUL
/// and nothing more. `None` if there is no memory for it, or if it would be longer than `limit`.
fn write_bounded(limit: usize, write: impl Fn(&mut dyn FnMut(&str))) -> Option<String> {
    let mut length = 1_usize;
    write(&mut |part| length = length.saturating_add(part.len()));
    let mut text = String::new();
    text.try_reserve_exact(Some(length).filter(|length| *length <= limit)?).ok()?;
    write(&mut |part| text.push_str(part));
    Some(text)
}

/// A text that is a JSON object.
struct Object<'t> {
    text: &'t str,
    root: Node,
}

impl Object<'_> {
    /// The beginning of the `error` member, and whether that is all of it. `None` if it is not a
    /// string or if there are several.
    fn only_error(&self) -> Option<(String, bool)> {
        let mut errors = children(self.text, &self.root).filter(|(name, _)| self.is_error(name));
        let (_, value) = errors.next()?;
        if errors.next().is_some() || value.value_type() != Type::String {
            return None;
        }
        Some(string_prefix(value.text(self.text), SCANNED_BYTES))
    }

    /// The object with this `error`. An `error` that it already has is renamed to `error_detail` if
    /// it is not a string or if `keep` is set; otherwise it is left out. All other members stay
    /// unchanged.
    fn with_error(&self, message: &str, keep: bool, limit: usize) -> String {
        let message = json_string(message);
        let written = write_bounded(limit, |write| {
            write("{\"error\": ");
            write(&message);
            for (name, value) in children(self.text, &self.root) {
                let (renamed, from) = match (self.is_error(&name), value.value_type()) {
                    (false, _) => ("", name.start),
                    (true, Type::String) if !keep => continue,
                    (true, _) => ("\"error_detail\"", name.end),
                };
                let rest = self.text.get(from..value.span().end).unwrap_or_default();
                [", ", renamed, rest].into_iter().for_each(&mut *write);
            }
            write("}");
        });
        written.unwrap_or_else(|| error_only(&message))
    }

    /// Whether a name, with its quotes and escapes, is `error`.
    fn is_error(&self, name: &Range<usize>) -> bool {
        self.text.get(name.clone()).is_some_and(|spelled| string_equals(spelled, "error"))
    }
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_error(text: &str) -> (String, String) {
        let result = ensure_error_member(text, "Bad Request", str::to_owned, usize::MAX);
        (result.json.unwrap_or_else(|| text.to_owned()), result.message)
    }

    #[test]
    fn an_error_that_is_a_string_leaves_the_text_unchanged() {
        let text = "{ \"error\" : \"no\",\"n\":1.10}";
        assert!(ensure_error_member(text, "x", str::to_owned, usize::MAX).json.is_none());
    }

    #[test]
    fn the_first_message_by_rank_becomes_the_error() {
        for (text, expected) in [
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
            let (json, message) = with_error(text);
            assert_eq!(message, expected, "{text}");
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(value["error"], expected, "{text} became {json}");
        }
    }

    #[test]
    fn blank_messages_are_skipped() {
        let (json, message) = with_error(r#"{"error": " ", "message": "\n", "detail": "late"}"#);
        assert_eq!(message, "late");
        assert_eq!(json, r#"{"error": "late", "message": "\n", "detail": "late"}"#);
    }

    #[test]
    fn an_error_that_is_not_a_string_becomes_error_detail() {
        let (json, _) = with_error(r#"{"error": {"code": 7, "message": "m"}, "big": 1e999}"#);
        assert_eq!(
            json,
            r#"{"error": "m", "error_detail": {"code": 7, "message": "m"}, "big": 1e999}"#
        );
    }

    #[test]
    fn two_errors_become_one_so_that_all_readers_see_the_same() {
        let (json, message) = with_error(r#"{"error": "", "\u0065rror": "said"}"#);
        assert_eq!((json.as_str(), message.as_str()), (r#"{"error": "said"}"#, "said"));
    }

    #[test]
    fn json_that_is_not_an_object_becomes_the_data() {
        assert_eq!(with_error("[1, 2]\n").0, r#"{"error": "Bad Request", "data": [1, 2]}"#);
        assert_eq!(
            with_error("\"no such user\"").0,
            r#"{"error": "no such user", "data": "no such user"}"#
        );
        assert_eq!(with_error("null").0, r#"{"error": "Bad Request"}"#);
    }

    #[test]
    fn repaired_data_stands_next_to_the_error() {
        assert_eq!(error_with_data(Some("[1]"), "cut", 99), r#"{"error": "cut", "data": [1]}"#);
        assert_eq!(
            error_with_data(Some(r#"{"error": "theirs", "a": 1}"#), "cut", 99),
            r#"{"error": "cut", "error_detail": "theirs", "a": 1}"#
        );
        assert_eq!(error_with_data(None, "cut \"x\"", 99), r#"{"error": "cut \"x\""}"#);
    }

    #[test]
    fn without_room_the_json_contains_the_error_alone() {
        for text in ["[1, 2, 3]", r#"{"message": "no", "a": [1, 2, 3]}"#] {
            let length =
                ensure_error_member(text, "no", str::to_owned, usize::MAX).json.unwrap().len();
            for (limit, alone) in [(length + 1, false), (length, true), (0, true)] {
                let result = ensure_error_member(text, "no", str::to_owned, limit);
                assert_eq!(
                    result.json.unwrap() == r#"{"error": "no"}"#,
                    alone,
                    "{text} in {limit}"
                );
            }
        }
        assert_eq!(error_with_data(Some("[1]"), "cut", 3), r#"{"error": "cut"}"#);
        assert_eq!(error_with_data(Some(r#"{"a": 1}"#), "cut", 3), r#"{"error": "cut"}"#);
    }

    #[test]
    fn an_error_code_stays_unchanged_next_to_its_description() {
        let text = r#"{"error":"invalid_grant","error_description":"expired"}"#;
        let result = ensure_error_member(text, "Bad Request", str::to_owned, usize::MAX);
        assert!(result.json.is_none(), "`error` must stay exactly invalid_grant");
        assert_eq!(result.message, "invalid_grant: expired");
    }

    #[test]
    fn a_long_error_is_shortened_and_its_full_text_kept_as_error_detail() {
        let long = "é".repeat(4_000);
        let text = format!(r#"{{"error": "{long}"}}"#);
        let redactor = crate::log::Redactor::default();
        let clean =
            |text: &str| redactor.redact_line(text, MAX_ERROR_BYTES, crate::log::plain_line);
        let result = ensure_error_member(&text, "Bad Request", clean, usize::MAX);
        assert!(result.message.len() <= MAX_ERROR_BYTES && result.message.ends_with("é…"));
        let json = result.json.unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["error"], result.message.as_str());
        assert_eq!(value["error_detail"], long.as_str());
    }
}
