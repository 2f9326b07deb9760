//! The cases of the file.

use crate::schema;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::HashMap;

/// What happens to a connection after a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It stays open for the next request.
    Keep,
    /// It is closed.
    Close,
    /// It stays open, and the server sends nothing more.
    Hang,
}

/// One reply.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What happens to the connection afterwards.
    pub then: Then,
}

/// All cases.
pub struct Cases {
    /// The text for the runners.
    pub text: String,
    /// The replies of each case, by its name.
    pub replies: HashMap<String, Vec<Reply>>,
}

impl Cases {
    /// Reads and checks a list of cases. `url` and `other` are the two URLs of this server.
    pub fn read(text: &str, url: &str, other: &str) -> Result<Self, String> {
        let cases: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let list = cases.as_array().ok_or("the cases are not a list")?;
        let (mut filled, mut replies) = (Vec::new(), HashMap::new());
        for case in list {
            let name = name_of(case)?;
            let fail = |error: String| format!("{name}: {error}");
            schema::check(case).map_err(fail)?;
            let case = with_urls(case, &format!("{url}/{name}"), &format!("{other}/{name}"))?;
            let own = replies_of(&case).map_err(fail)?;
            if replies.insert(name.to_owned(), own).is_some() {
                return Err(format!("two cases have the name {name}"));
            }
            filled.push(case);
        }
        Ok(Self { text: Value::Array(filled).to_string(), replies })
    }
}

/// A name is part of a path, and a word in the runners' output.
fn name_of(case: &Value) -> Result<&str, String> {
    let name = case.get("name").and_then(Value::as_str).ok_or("a case has no name")?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !name.is_empty() && name.bytes().all(plain) {
        Ok(name)
    } else {
        Err(format!("{name:?} is not a name of a case; use lower-case letters, digits and hyphens"))
    }
}

/// The placeholders are only in strings, so that a replacement in the text keeps it well-formed.
fn with_urls(case: &Value, url: &str, other: &str) -> Result<Value, String> {
    let text = case.to_string().replace("{{url}}", url).replace("{{other}}", other);
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

fn replies_of(case: &Value) -> Result<Vec<Reply>, String> {
    let list = case.get("replies").and_then(Value::as_array);
    list.into_iter().flatten().map(reply_of).collect()
}

fn reply_of(reply: &Value) -> Result<Reply, String> {
    let text = |name| reply.get(name).and_then(Value::as_str).unwrap_or_default();
    let body = STANDARD.decode(text("body_base64")).map_err(|error| error.to_string())?;
    let then = match text("then") {
        "" | "keep" => Then::Keep,
        "close" => Then::Close,
        "hang" => Then::Hang,
        other => return Err(format!("then cannot be {other:?}")),
    };
    Ok(Reply { bytes: with_length(text("raw"), body), then })
}

/// `{{length}}` is the number of bytes after the head.
fn with_length(raw: &str, mut more: Vec<u8>) -> Vec<u8> {
    let (head, body) = match raw.split_once("\r\n\r\n") {
        Some((head, body)) => (format!("{head}\r\n\r\n"), body),
        None => (raw.to_owned(), ""),
    };
    let length = body.len().saturating_add(more.len());
    let mut bytes = head.replace("{{length}}", &length.to_string()).into_bytes();
    bytes.extend_from_slice(body.as_bytes());
    bytes.append(&mut more);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_counts_the_bytes_after_the_head() {
        let bytes =
            with_length("HTTP/1.1 200 OK\r\nContent-Length: {{length}}\r\n\r\né", vec![0, 1]);
        assert_eq!(bytes, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\né\0\u{1}".as_bytes());
    }

    #[test]
    fn the_inserted_urls_contain_the_name_of_the_case() {
        let text = r#"[{"name": "a", "replies": [{"raw": "{{other}}/x"}],
                        "expect": {"error": "{{url}}"}}]"#;
        let cases = Cases::read(text, "http://h:1", "http://h:2").unwrap();
        assert_eq!(cases.replies["a"][0].bytes, b"http://h:2/a/x");
        assert!(cases.text.contains("http://h:1/a"), "{}", cases.text);
    }

    #[test]
    fn two_cases_with_the_same_name_are_refused() {
        let text = r#"[{"name": "a", "expect": {}}, {"name": "a", "expect": {}}]"#;
        assert!(Cases::read(text, "", "").is_err());
    }
}
