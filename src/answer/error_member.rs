//! The `error` member that every JSON of a failed call has, put in without touching the rest.

use std::ops::Range;

use crate::log::LOOKAHEAD;

use super::json::{Node, Type, children, root, spells, string_beginning};
use super::server_message::{ServerMessage, server_message};

/// An error's words have at most so many bytes, in the line and in the JSON.
pub const MAX_ERROR_BYTES: usize = 4096;
/// So many bytes of a server's words are looked at, so that a secret is known which is cut off.
const SCANNED_BYTES: usize = MAX_ERROR_BYTES + LOOKAHEAD;

/// An answer's JSON with an `error` guaranteed.
pub struct WithError {
    /// The text, where it is not the one that was given.
    pub json: Option<String>,
    /// What went wrong, in a line: what `error` says, and a server's description of it, if any.
    pub message: String,
}

/// Guarantees that a valid JSON text is an object with a non-empty string `error`. `otherwise` is what
/// it says where the text holds no words; `clean` takes out what must not be seen. `most` is how
/// long the new text may be; where it would be longer, or where there is no memory for it, it has
/// the error alone.
pub fn ensure_error_member(
    text: &str,
    otherwise: &str,
    clean: impl Fn(&str) -> String,
    most: usize,
) -> WithError {
    let found = server_message(text, SCANNED_BYTES);
    let ServerMessage { message: line, error } =
        found.unwrap_or(ServerMessage { message: otherwise.to_owned(), error: None });
    let message = clean(&line);
    let error = error.map_or_else(|| message.clone(), |error| clean(&error));
    let kind = root(text).map(|root| (root, root.kind()));
    let json = match kind {
        Some((root, Type::Object)) => {
            let object = Object { text, root };
            match object.only_error() {
                Some((said, true)) if said == error => None,
                Some((_, whole)) => Some(object.with_error(&error, !whole, most)),
                None => Some(object.with_error(&error, false, most)),
            }
        }
        None | Some((_, Type::Null)) => Some(error_object(&error, None, most)),
        Some(_) => Some(error_object(&error, Some(text), most)),
    };
    WithError { json, message }
}

/// An object with an error, and next to it what could be saved of an answer, which is valid JSON.
pub fn error_with_data(saved: Option<&str>, message: &str, most: usize) -> String {
    match saved.and_then(|text| Some(Object { text, root: root(text)? })) {
        Some(object) if object.root.kind() == Type::Object => {
            object.with_error(message, true, most)
        }
        _ => error_object(message, saved, most),
    }
}

/// `{"error": message}`, and the data where there is any and room for it.
pub fn error_object(message: &str, data: Option<&str>, most: usize) -> String {
    let message = json_string(message);
    let written = data.and_then(|data| {
        let parts = ["{\"error\": ", &message, ", \"data\": ", data.trim_ascii(), "}"];
        write_bounded(most, |write| parts.into_iter().for_each(write))
    });
    written.unwrap_or_else(|| error_only(&message))
}

fn error_only(quoted: &str) -> String {
    // With room for a NUL.
    let mut json = String::with_capacity(quoted.len().saturating_add(16));
    ["{\"error\": ", quoted, "}"].into_iter().for_each(|part| json.push_str(part));
    json
}

/// What is written in two rounds, of which the first counts: a text with room for a NUL, and not for
/// more. `None` where there is no memory for it, or it would be longer than `most`.
fn write_bounded(most: usize, write: impl Fn(&mut dyn FnMut(&str))) -> Option<String> {
    let mut length = 1_usize;
    write(&mut |part| length = length.saturating_add(part.len()));
    let mut text = String::new();
    text.try_reserve_exact(Some(length).filter(|length| *length <= most)?).ok()?;
    write(&mut |part| text.push_str(part));
    Some(text)
}

/// A text that is an object.
struct Object<'t> {
    text: &'t str,
    root: Node,
}

impl Object<'_> {
    /// The beginning of what `error` says, and whether that is all; where there is one such member
    /// alone and it is a string.
    fn only_error(&self) -> Option<(String, bool)> {
        let mut errors = children(self.text, &self.root).filter(|(name, _)| self.is_error(name));
        let (_, value) = errors.next()?;
        if errors.next().is_some() || value.kind() != Type::String {
            return None;
        }
        Some(string_beginning(value.text(self.text), SCANNED_BYTES))
    }

    /// The object with `error` saying this. What stood under that name goes on as `error_detail`,
    /// where it is no string or is to be kept; all other members stay as they are spelled.
    fn with_error(&self, message: &str, keep: bool, most: usize) -> String {
        let message = json_string(message);
        let written = write_bounded(most, |write| {
            write("{\"error\": ");
            write(&message);
            for (name, value) in children(self.text, &self.root) {
                let (renamed, from) = match (self.is_error(&name), value.kind()) {
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

    /// Whether a name, as it is spelled with its quotes, says `error`.
    fn is_error(&self, name: &Range<usize>) -> bool {
        self.text.get(name.clone()).is_some_and(|spelled| spells(spelled, "error"))
    }
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guaranteed(text: &str) -> (String, String) {
        let made = ensure_error_member(text, "Bad Request", str::to_owned, usize::MAX);
        (made.json.unwrap_or_else(|| text.to_owned()), made.message)
    }

    #[test]
    fn an_error_that_speaks_for_itself_is_left_byte_for_byte() {
        let text = "{ \"error\" : \"no\",\"n\":1.10}";
        assert!(ensure_error_member(text, "x", str::to_owned, usize::MAX).json.is_none());
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
        assert_eq!(error_with_data(Some("[1]"), "cut", 99), r#"{"error": "cut", "data": [1]}"#);
        assert_eq!(
            error_with_data(Some(r#"{"error": "theirs", "a": 1}"#), "cut", 99),
            r#"{"error": "cut", "error_detail": "theirs", "a": 1}"#
        );
        assert_eq!(error_with_data(None, "cut \"x\"", 99), r#"{"error": "cut \"x\""}"#);
    }

    #[test]
    fn where_there_is_no_room_the_error_stands_alone() {
        for text in ["[1, 2, 3]", r#"{"message": "no", "a": [1, 2, 3]}"#] {
            let length =
                ensure_error_member(text, "no", str::to_owned, usize::MAX).json.unwrap().len();
            for (most, alone) in [(length + 1, false), (length, true), (0, true)] {
                let made = ensure_error_member(text, "no", str::to_owned, most);
                assert_eq!(made.json.unwrap() == r#"{"error": "no"}"#, alone, "{text} in {most}");
            }
        }
        assert_eq!(error_with_data(Some("[1]"), "cut", 3), r#"{"error": "cut"}"#);
        assert_eq!(error_with_data(Some(r#"{"a": 1}"#), "cut", 3), r#"{"error": "cut"}"#);
    }

    #[test]
    fn a_kind_of_error_stays_as_it_is_next_to_its_description() {
        let text = r#"{"error":"invalid_grant","error_description":"expired"}"#;
        let made = ensure_error_member(text, "Bad Request", str::to_owned, usize::MAX);
        assert!(made.json.is_none(), "who looks for invalid_grant finds it");
        assert_eq!(made.message, "invalid_grant: expired");
    }

    #[test]
    fn an_error_that_is_too_long_is_shortened_and_kept() {
        let long = "é".repeat(4_000);
        let text = format!(r#"{{"error": "{long}"}}"#);
        let redactor = crate::log::Redactor::default();
        let clean =
            |text: &str| redactor.redact_line(text, MAX_ERROR_BYTES, crate::log::plain_line);
        let made = ensure_error_member(&text, "Bad Request", clean, usize::MAX);
        assert!(made.message.len() <= MAX_ERROR_BYTES && made.message.ends_with("é…"));
        let json = made.json.unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["error"], made.message.as_str());
        assert_eq!(value["error_detail"], long.as_str());
    }
}
