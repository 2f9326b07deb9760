//! What a case may hold. A member that is not listed is a slip of the pen, which the runners, each
//! reading only what it knows, would pass over in silence.

use serde_json::Value;

const CASE: &[&str] =
    &["name", "base_url", "base_path", "client", "clone", "request", "replies", "expect"];

/// What a client and its clone may be set to; a request may be set to some of it.
const CLIENT: &[&str] = &[
    "reset",
    "headers",
    "remove_headers",
    "cookies",
    "remove_cookies",
    "basic",
    "bearer",
    "signed_cookie",
    "timeout_ms",
    "connect_timeout_ms",
    "read_timeout_ms",
    "deadline_ms",
    "max_body_bytes",
    "redirects",
    "user_agent",
    "retry_attempts",
    "backoff_ms",
    "retry_statuses",
    "retry_after_max_ms",
    "connection_max_age_ms",
    "rate_limit",
    "verify",
    "ca_pem",
    "ca_file",
    "min_tls",
    "retry_callback",
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
    "timeout_ms",
    "connect_timeout_ms",
    "read_timeout_ms",
    "deadline_ms",
    "keep_alive",
    "retry_attempts",
    "backoff_ms",
    "retry_statuses",
    "verify",
    "max_body_bytes",
    "redirects",
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
    "paths_of",
    "values",
    "journal_contains",
    "retry_calls",
    "log_contains",
    "log_lacks",
    "requests",
];

const VALUE: &[&str] = &["pointer", "type", "string", "text", "int64", "double", "bool", "length"];

const SEEN: &[&str] = &["starts_with", "contains", "lacks", "ends_with"];

/// Checks the form of a case.
pub fn check(case: &Value) -> Result<(), String> {
    members(case, CASE, "the case")?;
    for (part, known) in
        [("client", CLIENT), ("clone", CLIENT), ("request", REQUEST), ("expect", EXPECT)]
    {
        if let Some(value) = case.get(part) {
            members(value, known, part)?;
        }
    }
    each(case.get("replies"), REPLY, "replies")?;
    let expect = case.get("expect").ok_or("expect is missing")?;
    each(expect.get("values"), VALUE, "values")?;
    each(expect.get("requests"), SEEN, "requests")
}

fn each(list: Option<&Value>, known: &[&str], what: &str) -> Result<(), String> {
    let Some(list) = list else { return Ok(()) };
    let list = list.as_array().ok_or_else(|| format!("{what} is no list"))?;
    list.iter().try_for_each(|item| members(item, known, what))
}

fn members(value: &Value, known: &[&str], what: &str) -> Result<(), String> {
    let object = value.as_object().ok_or_else(|| format!("{what} is no object"))?;
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
    fn a_slip_of_the_pen_is_refused_wherever_it_stands() {
        for case in [
            json!({"name": "a", "expect": {}, "oops": 1}),
            json!({"name": "a", "expect": {"oops": 1}}),
            json!({"name": "a", "expect": {}, "client": {"oops": 1}}),
            json!({"name": "a", "expect": {}, "replies": [{"oops": 1}]}),
            json!({"name": "a", "expect": {"requests": [{"oops": 1}]}}),
        ] {
            let complaint = check(&case).unwrap_err();
            assert!(complaint.contains("oops"), "{case} was refused with {complaint:?}");
        }
    }
}
