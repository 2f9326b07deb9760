//! The code, JSON, state and error of a response, for each kind of status and body.

use super::*;
use http::HeaderValue;

const NO_SECRETS: Redactor = Redactor::none();

struct Input<'a> {
    status: u16,
    reason: Option<&'a str>,
    content_type: &'a str,
    body: &'a [u8],
    asks_for_json: bool,
    failure: Option<Error>,
}

impl Default for Input<'_> {
    fn default() -> Self {
        let content_type = "application/json";
        Self {
            status: 200,
            reason: None,
            content_type,
            body: b"",
            asks_for_json: true,
            failure: None,
        }
    }
}

fn response(input: Input<'_>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(input.content_type).unwrap());
    build_response(ResponseInput {
        method: &Method::GET,
        url: &Uri::from_static("https://api.example/items?token=abc"),
        asks_for_json: input.asks_for_json,
        redactor: &|| NO_SECRETS,
        http_response: Some(HttpResponse {
            status: input.status,
            rate_limited: input.status == 429,
            reason: input.reason.unwrap_or_default().to_owned().into(),
            headers: headers.into(),
            body: input.body.to_vec(),
        }),
        failure: input.failure,
        check_interrupt: &|| None,
    })
}

/// Code, JSON, state and error, after checking the rules for every response.
fn parts(input: Input<'_>) -> (Code, String, JsonState, Option<String>) {
    let response = response(input);
    let error = response.error().map(|error| error.to_str().unwrap().to_owned());
    let json = response.json_text().to_owned();
    assert!(json::is_json(&json), "not well-formed: {json}");
    assert_eq!(error.is_none(), response.code() == Code::Ok);
    if let Some(error) = &error {
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let message = value["error"].as_str().expect("a string");
        let same = error == message || error.starts_with(&format!("{message}: "));
        assert!(same, "error and json differ: {error}, {json}");
    }
    (response.code(), json, response.json_state(), error)
}

fn for_status(status: u16, body: &str) -> (Code, String, JsonState, Option<String>) {
    parts(Input { status, body: body.as_bytes(), ..Input::default() })
}

fn ok(json: &str, state: JsonState) -> (Code, String, JsonState, Option<String>) {
    (Code::Ok, json.to_owned(), state, None)
}

#[test]
fn valid_json_is_returned_byte_for_byte() {
    for body in ["{\"a\": 1.10}", " [1e999,\t\"\\ud800\"]\n", "7", "\"x\"", "{\"a\":1,\"a\":2}"] {
        assert_eq!(for_status(200, body), ok(body, JsonState::Exact));
        assert_eq!(for_status(302, body), ok(body, JsonState::Exact));
    }
}

#[test]
fn an_empty_body_and_a_null_become_an_empty_object() {
    assert_eq!(for_status(204, ""), ok("{}", JsonState::None));
    assert_eq!(for_status(200, " null\n"), ok("{}", JsonState::Exact));
    assert_eq!(for_status(301, ""), ok("{}", JsonState::None));
}

#[test]
fn damaged_json_is_repaired_and_marked_as_repaired() {
    let (code, json, state, _) = for_status(200, "{'a': 1,}");
    assert_eq!((code, state), (Code::Ok, JsonState::Repaired));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value, serde_json::json!({"a": 1}));
}

#[test]
fn a_page_instead_of_json_is_an_error_without_secrets() {
    let input =
        Input { content_type: "text/html", body: b"<html>hello</html>", ..Input::default() };
    let (code, _, state, error) = parts(input);
    assert_eq!((code, state), (Code::NotJson, JsonState::None));
    let error = error.unwrap();
    assert!(error.contains("but the body contains no JSON (18 bytes, text/html)"), "{error}");
    assert!(error.contains("api.example") && !error.contains("abc"), "{error}");
}

#[test]
fn a_redirect_that_is_not_followed_need_not_be_json() {
    assert_eq!(for_status(302, "<a href=x>moved</a>"), ok("{}", JsonState::None));
}

#[test]
fn a_body_is_left_unrepaired_if_the_caller_does_not_ask_for_json() {
    let binary =
        |body| Input { body, asks_for_json: false, content_type: "image/png", ..Input::default() };
    assert_eq!(parts(binary(b"\x89PNG\r\n")), ok("{}", JsonState::None));
    assert_eq!(parts(binary(b"{'not': 'repaired'}")), ok("{}", JsonState::None));
    assert_eq!(parts(binary(b"[1]")), ok("[1]", JsonState::Exact));
    assert_eq!(response(binary(b"\x89PNG\r\n")).body(), b"\x89PNG\r\n");
}

#[test]
fn an_error_object_keeps_the_servers_message() {
    let body = "{\"error\":\"no such user\",\"id\":7}";
    let message = Some("no such user".to_owned());
    assert_eq!(
        for_status(404, body),
        (Code::Status, body.to_owned(), JsonState::Exact, message.clone())
    );
    assert_eq!(
        for_status(429, body),
        (Code::RateLimited, body.to_owned(), JsonState::Exact, message)
    );
}

#[test]
fn an_error_without_json_uses_the_reason_phrase() {
    let page = |reason, status| {
        parts(Input {
            status,
            reason,
            body: b"<html>",
            content_type: "text/html",
            ..Input::default()
        })
    };
    assert_eq!(page(Some("Gone Fishing"), 502).1, "{\"error\": \"Gone Fishing\"}");
    assert_eq!(page(Some(" "), 502).1, "{\"error\": \"Bad Gateway\"}");
    assert_eq!(page(None, 599).1, "{\"error\": \"Unknown error\"}");
    assert_eq!(for_status(500, "null").1, "{\"error\": \"Internal Server Error\"}");
    assert_eq!(for_status(500, "").1, "{\"error\": \"Internal Server Error\"}");
}

#[test]
fn an_error_that_is_not_an_object_becomes_the_data() {
    assert_eq!(
        for_status(500, "[1, 2]").1,
        "{\"error\": \"Internal Server Error\", \"data\": [1, 2]}"
    );
}

#[test]
fn a_damaged_error_object_is_repaired_first() {
    let (code, json, state, error) = for_status(400, "{'error': 'bad input',}");
    assert_eq!((code, state), (Code::Status, JsonState::Repaired));
    assert_eq!(error.as_deref(), Some("bad input"), "{json}");
}

#[test]
fn a_nul_in_a_servers_message_does_not_end_it() {
    let (_, _, _, error) = for_status(400, "{\"error\": \"a\\u0000b\"}");
    assert_eq!(error.as_deref(), Some("a\u{fffd}b"));
}

#[test]
fn a_servers_message_stays_on_one_line_and_cannot_control_a_terminal() {
    let (_, _, _, error) = for_status(400, "{\"error\": \"a\\r\\nb\\tc\\u2028d\\u001b[31m\"}");
    assert_eq!(error.as_deref(), Some("a  b c d\u{fffd}[31m"));
}

#[test]
fn a_secret_that_the_server_echoes_stays_out_of_the_error() {
    let mut secrets = crate::log::Secrets::default();
    secrets.add("tok-123456");
    let redactor = Redactor::from(secrets);
    let error = |status, reason: &'static str, content_type, body: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        let response = build_response(ResponseInput {
            method: &Method::GET,
            url: &Uri::from_static("http://h/"),
            asks_for_json: true,
            redactor: &|| redactor.clone(),
            http_response: Some(HttpResponse {
                status,
                rate_limited: false,
                reason: reason.into(),
                headers: headers.into(),
                body: body.as_bytes().to_vec(),
            }),
            failure: None,
            check_interrupt: &|| None,
        });
        response.error().unwrap().to_str().unwrap().to_owned()
    };
    let body = "{\"message\": \"token tok-123456 is unknown\"}";
    assert_eq!(error(401, "", "a/b", body), "token [redacted] is unknown");
    assert_eq!(error(401, "No tok-123456", "a/b", ""), "No [redacted]");
    let page = error(200, "", "x/tok-123456", "<p>");
    assert!(!page.contains("tok-123456") && page.contains("[redacted]"), "{page}");
}

#[test]
fn the_body_of_a_refused_redirect_is_not_repaired() {
    let failure = Some(Error::new(Code::Redirect, "GET http://h/ failed: more than 10 redirects"));
    let (code, _, state, _) =
        parts(Input { status: 302, body: b"{\"m\":1}", failure, ..Input::default() });
    assert_eq!((code, state), (Code::Redirect, JsonState::None));
}

#[test]
fn data_received_before_the_connection_was_lost_stands_next_to_the_error() {
    let failure = Some(Error::new(Code::Closed, "GET http://h/ failed: cut"));
    let (code, json, state, _) =
        parts(Input { body: b"{\"items\": [1, 2, 3", failure, ..Input::default() });
    assert_eq!((code, state), (Code::Closed, JsonState::Repaired));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        value["items"],
        serde_json::json!([1, 2, null]),
        "a truncated number becomes null: {json}"
    );
}

#[test]
fn without_an_http_response_the_json_contains_the_error_alone() {
    let response = without_http_response(Code::Connect, "GET http://h/ failed \"so\"");
    assert_eq!(response.json_text(), "{\"error\": \"GET http://h/ failed \\\"so\\\"\"}");
    assert_eq!((response.status(), response.body()), (0, &b""[..]));
}

#[test]
fn the_work_on_a_large_body_ends_at_the_deadline_or_when_cancelled() {
    let damaged = format!("[{}", "{\"a\":[1,2,,\"b\"},".repeat(1 << 15));
    let whole = format!("[{}0]", "[1,2],".repeat(1 << 16));
    for body in [damaged, whole] {
        for (code, status) in [(Code::Timeout, 200), (Code::Cancelled, 200), (Code::Timeout, 500)] {
            let checks = Cell::new(0);
            let check_interrupt = || {
                checks.set(checks.get() + 1);
                (checks.get() > 2).then(|| Error::new(code, "time ran out"))
            };
            let http_response = HttpResponse {
                status,
                rate_limited: false,
                reason: "".into(),
                headers: HeaderMap::new().into(),
                body: body.clone().into_bytes(),
            };
            let response = build_response(ResponseInput {
                method: &Method::GET,
                url: &Uri::from_static("https://api.example/items"),
                asks_for_json: true,
                redactor: &|| NO_SECRETS,
                http_response: Some(http_response),
                failure: None,
                check_interrupt: &check_interrupt,
            });
            assert_eq!((response.code(), response.status()), (code, status));
            assert_eq!(response.body(), body.as_bytes());
            assert_eq!(response.json_state(), JsonState::None);
            let error = response.error().unwrap().to_str().unwrap();
            let expected = format!("https://api.example/items answered {status}, but time ran out");
            assert!(error.ends_with(&expected), "{error}");
            assert!(response.json_text().contains("time ran out"), "{}", response.json_text());
        }
    }
}

#[test]
fn a_text_is_given_the_guarantee_of_a_body() {
    let parsed = |text: &[u8]| {
        let response = Response::from_text(text).unwrap();
        assert_eq!((response.status(), response.attempts(), response.body()), (0, 0, text));
        (response.code(), response.json_text().to_owned(), response.json_state())
    };
    assert_eq!(parsed(b" [1] "), (Code::Ok, " [1] ".into(), JsonState::Exact));
    assert_eq!(parsed(b"{'a':1,}"), (Code::Ok, "{\"a\":1}".into(), JsonState::Repaired));
    assert_eq!(parsed(b""), (Code::Ok, "{}".into(), JsonState::None));
    let (code, json, state) = parsed(b"<html>");
    assert_eq!((code, state), (Code::NotJson, JsonState::None));
    assert_eq!(json, "{\"error\": \"the text contains no JSON (6 bytes)\"}");
}
