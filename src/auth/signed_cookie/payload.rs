//! The JSON payload of a signed cookie: reads its members, and writes it as Python's `json.dumps`
//! would.
//!
//! It builds no tree, so that members keep their order and numbers their digits. The tokenizer
//! relies on the strict check that comes first.

use std::fmt::Write as _;

use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use crate::code::{Code, Error};
use crate::log::SecretWriter;

/// The member that names the key.
const KEY_ID: &str = "key_id";

/// One member of the outermost object, as it is spelled.
struct Member<'a> {
    name: &'a str,
    value: &'a str,
}

impl Member<'_> {
    fn is_key_id(&self) -> bool {
        decoded(self.name).is_some_and(|name| *name == KEY_ID)
    }
}

/// The object in ASCII with this `key_id`, which replaces an existing one or becomes the last
/// member.
///
/// # Errors
/// [`Code::InvalidJson`] if the text is not a JSON object.
pub(super) fn with_key_id(payload: &str, key_id: &str) -> Result<Zeroizing<String>, Error> {
    let mut members = members(payload).map_err(|reason| {
        Error::new(Code::InvalidJson, format!("the payload of a signed cookie {reason}"))
    })?;
    let quoted = serde_json::Value::from(key_id).to_string();
    set_key_id(&mut members, &quoted);
    let mut out = SecretWriter::with_capacity(payload.len().saturating_add(64));
    let mut separator = "{";
    for Member { name, value } in members {
        out.push_str(separator);
        write_ascii(&mut out, name);
        out.push_str(": ");
        write_ascii(&mut out, value);
        separator = ", ";
    }
    out.push('}');
    Ok(out.finish())
}

fn set_key_id<'a>(members: &mut Vec<Member<'a>>, value: &'a str) {
    let index = members.iter().position(Member::is_key_id).unwrap_or(members.len());
    members.retain(|member| !member.is_key_id());
    members.insert(index, Member { name: "\"key_id\"", value });
}

/// The `key_id` of an object; `None` if the text is not a JSON object with exactly one, which is a
/// string.
///
/// If there were two, servers could use either, and the owner of one key could act as the owner of
/// another.
pub(super) fn key_id_of(payload: &str) -> Option<Zeroizing<String>> {
    let members = members(payload).ok()?;
    let mut ids = members.iter().filter(|member| member.is_key_id());
    let id = ids.next()?;
    if ids.next().is_some() { None } else { decoded(id.value) }
}

fn decoded(string: &str) -> Option<Zeroizing<String>> {
    serde_json::from_str(string).ok().map(Zeroizing::new)
}

/// The members of the outermost object, or why the text is invalid.
fn members(text: &str) -> Result<Vec<Member<'_>>, String> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| format!("is not JSON: {error}"))?;
    let mut tokens = Tokens(text);
    if tokens.next() != Some("{") {
        return Err("is not a JSON object".to_owned());
    }
    let mut members = Vec::new();
    while let Some(token) = tokens.next() {
        if !token.starts_with('"') {
            continue; // A comma, or the closing brace.
        }
        let _colon = tokens.next();
        if let Some(value) = tokens.value() {
            members.push(Member { name: token, value });
        }
    }
    Ok(members)
}

/// The tokens of a well-formed JSON text: strings with their quotes, structural characters, numbers
/// and literals.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start_matches(is_json_space);
        let length = match text.chars().next()? {
            '"' => string_length(text),
            mark if is_structural(mark) => 1,
            _ => text.find(|c| is_structural(c) || is_json_space(c)).unwrap_or(text.len()),
        };
        let (token, rest) = text.split_at_checked(length)?;
        self.0 = rest;
        Some(token)
    }
}

impl<'a> Tokens<'a> {
    /// The text of the next value.
    fn value(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start_matches(is_json_space);
        let mut depth = 0_usize;
        loop {
            match self.next()? {
                "{" | "[" => depth = depth.saturating_add(1),
                "}" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return text.get(..text.len().checked_sub(self.0.len())?);
            }
        }
    }
}

fn is_json_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

fn is_structural(character: char) -> bool {
    matches!(character, '{' | '}' | '[' | ']' | ':' | ',')
}

/// The length of the string at the beginning of the text, with its quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end.saturating_add(2))
}

/// Writes a well-formed JSON text in ASCII, with one space after each comma and colon.
fn write_ascii(out: &mut SecretWriter, json: &str) {
    for token in Tokens(json) {
        match token {
            "," => out.push_str(", "),
            ":" => out.push_str(": "),
            string if string.starts_with('"') => write_string(out, string),
            other => out.push_str(other),
        }
    }
}

/// Writes a string with the escapes that Python uses, for any escapes in the source.
fn write_string(out: &mut SecretWriter, string: &str) {
    out.push('"');
    let mut rest = string.get(1..string.len().saturating_sub(1)).unwrap_or_default().chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            write_character(out, character);
            continue;
        }
        match rest.next() {
            Some('u') => {
                let (digits, after) = rest.as_str().split_at_checked(4).unwrap_or_default();
                rest = after.chars();
                write_unit(out, u16::from_str_radix(digits, 16).unwrap_or_default());
            }
            Some('b') => out.push_str("\\b"),
            Some('f') => out.push_str("\\f"),
            Some('n') => out.push_str("\\n"),
            Some('r') => out.push_str("\\r"),
            Some('t') => out.push_str("\\t"),
            Some(itself) => write_character(out, itself),
            None => {}
        }
    }
    out.push('"');
}

/// Writes a character given by its code unit. A surrogate, even a lone one, stays an escape.
fn write_unit(out: &mut SecretWriter, unit: u16) {
    match char::from_u32(u32::from(unit)) {
        Some(character) => write_character(out, character),
        None => write_escape(out, unit),
    }
}

fn write_character(out: &mut SecretWriter, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // For many servers, a cookie ends at a semicolon even inside quotes.
        ' '..='~' if character != ';' => out.push(character),
        _ => character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write_escape(out, *unit)),
    }
}

fn write_escape(out: &mut SecretWriter, unit: u16) {
    // Writing into memory cannot fail.
    let _ = write!(out, "\\u{unit:04x}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(json: &str) -> String {
        let mut out = SecretWriter::default();
        write_ascii(&mut out, json);
        out.finish().to_string()
    }

    fn with_id(json: &str) -> String {
        with_key_id(json, "id").unwrap().to_string()
    }

    #[test]
    fn json_is_written_as_python_writes_it() {
        for (json, expected) in [
            (r#"{"a":1,"b":[true,null,{}]}"#, r#"{"a": 1, "b": [true, null, {}]}"#),
            ("\n[ 1 ,\t\"a b\" ]\r", r#"[1, "a b"]"#),
            (r#""é€😀""#, r#""\u00e9\u20ac\ud83d\ude00""#),
            (r#""\u00E9\/\u0041\u003B;""#, r#""\u00e9/A\u003b\u003b""#),
            (r#""\"\\\b\f\n\r\t\u0000\u001F""#, r#""\"\\\b\f\n\r\t\u0000\u001f""#),
            (r#""\u0022\u005c\u000a""#, r#""\"\\\n""#),
            ("\"\u{7f}\"", r#""\u007f""#),
            (r#""\uD83D\ude00 \udfff""#, r#""\ud83d\ude00 \udfff""#),
            (r#"",:{}[]""#, r#"",:{}[]""#),
            (r#""\\""#, r#""\\""#),
        ] {
            assert_eq!(ascii(json), expected, "of {json}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let numbers = "[1.10, 12345678901234567890123, 1e999, -0, 1E+2, 0.1]";
        assert_eq!(ascii(numbers), numbers);
    }

    #[test]
    fn a_key_id_is_added_at_the_end_or_replaced_in_its_place() {
        for (json, expected) in [
            ("{}", r#"{"key_id": "id"}"#),
            (r#"{"b":1,"a":2}"#, r#"{"b": 1, "a": 2, "key_id": "id"}"#),
            (r#"{"key_id":[1,{"x":2}],"a":2}"#, r#"{"key_id": "id", "a": 2}"#),
            (r#"{"a":1,"key\u005fid":2}"#, r#"{"a": 1, "key_id": "id"}"#),
            (r#"{"key_id":1,"a":1,"key_id":2}"#, r#"{"key_id": "id", "a": 1}"#),
            (r#"{"a":{"key_id":1}}"#, r#"{"a": {"key_id": 1}, "key_id": "id"}"#),
            (r#"{"a":"key_id"}"#, r#"{"a": "key_id", "key_id": "id"}"#),
        ] {
            assert_eq!(with_id(json), expected, "of {json}");
        }
        assert_eq!(*with_key_id("{}", "é\";").unwrap(), r#"{"key_id": "\u00e9\"\u003b"}"#);
    }

    #[test]
    fn only_an_object_is_a_payload() {
        for json in ["", " ", "[]", "1", "\"{}\"", "null", "{", "{}x", "{} {}", "{'a':1}", "{a:1}"]
        {
            let error = with_key_id(json, "id").unwrap_err();
            assert_eq!(error.code, Code::InvalidJson, "of {json:?}: {error}");
        }
    }

    #[test]
    fn a_deeply_nested_payload_does_not_exhaust_the_stack() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(with_key_id(&deep, "id").unwrap().ends_with(r#"], "key_id": "id"}"#));
    }

    #[test]
    fn a_key_id_is_read_only_if_there_is_exactly_one() {
        assert_eq!(key_id_of(r#"{"a":{"key_id":"x"},"key\u005fid":"y"}"#).unwrap().as_str(), "y");
        for json in ["{}", r#"{"key_id":1}"#, r#"{"key_id":"a","key_id":"a"}"#, "[\"key_id\"]", "{"]
        {
            assert!(key_id_of(json).is_none(), "of {json}");
        }
    }
}
