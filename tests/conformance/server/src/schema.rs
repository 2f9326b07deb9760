//! The members that a case may have. A member that is not listed is a mistake, which the runners
//! would ignore, because each reads only the members that it knows.

use serde_json::Value;

use crate::settings;

const CASE: &[&str] =
    &["name", "base_url", "base_path", "client", "clone", "request", "replies", "expect"];

/// The members of a client and its clone, in addition to the settings.
const CLIENT: &[&str] = &[
    "reset",
    "headers",
    "remove_headers",
    "cookies",
    "remove_cookies",
    "basic",
    "digest",
    "bearer",
    "tokens",
    "bearer_file",
    "client_credentials",
    "refresh_token",
    "signed_cookie",
    "aws_sigv4",
    "retry_callback",
    "attempt_callback",
    "log_level",
];

const REQUEST: &[&str] = &[
    "call",
    "method",
    "path",
    "query",
    "headers",
    "json",
    "form",
    "body_base64",
    "content_type",
    "idempotency_key",
    "cancelled",
    "stream",
    "records",
    "last_event_id",
];

const REPLY: &[&str] = &["raw", "body_base64", "then"];

const EXPECT: &[&str] = &[
    "code",
    "status",
    "reason",
    "error",
    "error_contains",
    "json",
    "json_state",
    "body_base64",
    "attempts",
    "headers",
    "links",
    "records",
    "paths_of",
    "values",
    "journal_contains",
    "retry_calls",
    "log_contains",
    "log_lacks",
    "requests",
];

const VALUE: &[&str] = &["pointer", "type", "string", "text", "int64", "double", "bool", "length"];

const RECORD: &[&str] = &["type", "id", "data", "json", "json_state", "code"];

const RECEIVED: &[&str] = &["starts_with", "contains", "lacks", "ends_with"];

/// Checks the form of a case.
pub fn check(case: &Value) -> Result<(), String> {
    members(case, CASE, "the case")?;
    let client = [CLIENT, settings::CLIENT].concat();
    let request = [REQUEST, settings::REQUEST].concat();
    for (part, known) in
        [("client", &*client), ("clone", &*client), ("request", &*request), ("expect", EXPECT)]
    {
        if let Some(value) = case.get(part) {
            members(value, known, part)?;
        }
    }
    each(case.get("replies"), REPLY, "replies")?;
    let expect = case.get("expect").ok_or("expect is missing")?;
    each(expect.get("values"), VALUE, "values")?;
    each(expect.get("records"), RECORD, "records")?;
    if is_stream(case) != expect.get("records").is_some() {
        return Err("a stream expects records, and only a stream does".to_owned());
    }
    each(expect.get("requests"), RECEIVED, "requests")
}

fn is_stream(case: &Value) -> bool {
    case.pointer("/request/stream").and_then(Value::as_bool).unwrap_or_default()
}

fn each(list: Option<&Value>, known: &[&str], what: &str) -> Result<(), String> {
    let Some(list) = list else { return Ok(()) };
    let list = list.as_array().ok_or_else(|| format!("{what} is not a list"))?;
    list.iter().try_for_each(|item| members(item, known, what))
}

fn members(value: &Value, known: &[&str], what: &str) -> Result<(), String> {
    let object = value.as_object().ok_or_else(|| format!("{what} is not an object"))?;
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(unknown) => Err(format!("{what} has an unknown member {unknown:?}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unknown_member_is_refused_everywhere() {
        for case in [
            json!({"name": "a", "expect": {}, "oops": 1}),
            json!({"name": "a", "expect": {"oops": 1}}),
            json!({"name": "a", "expect": {}, "client": {"oops": 1}}),
            json!({"name": "a", "expect": {}, "replies": [{"oops": 1}]}),
            json!({"name": "a", "expect": {"requests": [{"oops": 1}]}}),
            json!({"name": "a", "request": {"stream": true}, "expect": {"records": [{"oops": 1}]}}),
        ] {
            let error = check(&case).unwrap_err();
            assert!(error.contains("oops"), "{case} was refused with {error:?}");
        }
    }

    #[test]
    fn a_stream_must_expect_records() {
        for (stream, expect) in [(true, json!({})), (false, json!({"records": []}))] {
            let case = json!({"name": "a", "request": {"stream": stream}, "expect": expect});
            assert!(check(&case).unwrap_err().contains("a stream expects records"), "{case}");
        }
    }
}
