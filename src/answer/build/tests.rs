//! The table "what `json` holds", row by row.

use super::*;
use http::HeaderValue;

const NONE: Redactor = Redactor::none();

struct Arrived<'a> {
    status: u16,
    reason: Option<&'a str>,
    content_type: &'a str,
    body: &'a [u8],
    asked: bool,
    failure: Option<Error>,
}

impl Default for Arrived<'_> {
    fn default() -> Self {
        let content_type = "application/json";
        Self { status: 200, reason: None, content_type, body: b"", asked: true, failure: None }
    }
}

fn response(arrived: Arrived<'_>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(arrived.content_type).unwrap());
    build_response(ResponseInput {
        method: &Method::GET,
        url: &Uri::from_static("https://api.example/items?token=abc"),
        asks_for_json: arrived.asked,
        redactor: &|| NONE,
        http_response: Some(HttpResponse {
            status: arrived.status,
            rate_limited: arrived.status == 429,
            reason: arrived.reason.unwrap_or_default().to_owned().into(),
            headers: headers.into(),
            body: arrived.body.to_vec(),
        }),
        failure: arrived.failure,
        check_interrupt: &|| None,
    })
}

/// Code, JSON, state and error, after checking what holds for every response.
fn seen(arrived: Arrived<'_>) -> (Code, String, JsonState, Option<String>) {
    let response = response(arrived);
    let error = response.error().map(|error| error.to_str().unwrap().to_owned());
    let json = response.json_text().to_owned();
    assert!(json::is_json(&json), "not well-formed: {json}");
    assert_eq!(error.is_none(), response.code() == Code::Ok);
    if let Some(error) = &error {
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let said = value["error"].as_str().expect("a string");
        let same = error == said || error.starts_with(&format!("{said}: "));
        assert!(same, "error and json say different things: {error}, {json}");
    }
    (response.code(), json, response.json_state(), error)
}

fn on(status: u16, body: &str) -> (Code, String, JsonState, Option<String>) {
    seen(Arrived { status, body: body.as_bytes(), ..Arrived::default() })
}

fn fine(json: &str, state: JsonState) -> (Code, String, JsonState, Option<String>) {
    (Code::Ok, json.to_owned(), state, None)
}

#[test]
fn valid_json_is_handed_over_byte_for_byte() {
    for body in ["{\"a\": 1.10}", " [1e999,\t\"\\ud800\"]\n", "7", "\"x\"", "{\"a\":1,\"a\":2}"] {
        assert_eq!(on(200, body), fine(body, JsonState::Exact));
        assert_eq!(on(302, body), fine(body, JsonState::Exact));
    }
}

#[test]
fn an_empty_body_and_a_null_become_an_empty_object() {
    assert_eq!(on(204, ""), fine("{}", JsonState::None));
    assert_eq!(on(200, " null\n"), fine("{}", JsonState::Exact));
    assert_eq!(on(301, ""), fine("{}", JsonState::None));
}

#[test]
fn damaged_json_is_repaired_and_said_to_be() {
    let (code, json, state, _) = on(200, "{'a': 1,}");
    assert_eq!((code, state), (Code::Ok, JsonState::Repaired));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value, serde_json::json!({"a": 1}));
}

#[test]
fn a_page_in_place_of_json_is_an_error_that_says_so_without_secrets() {
    let arrived =
        Arrived { content_type: "text/html", body: b"<html>hello</html>", ..Arrived::default() };
    let (code, _, state, error) = seen(arrived);
    assert_eq!((code, state), (Code::NotJson, JsonState::None));
    let error = error.unwrap();
    assert!(error.contains("text/html") && error.contains("18 B"), "{error}");
    assert!(error.contains("api.example") && !error.contains("abc"), "{error}");
}

#[test]
fn a_redirect_that_is_not_followed_need_not_be_json() {
    assert_eq!(on(302, "<a href=x>moved</a>"), fine("{}", JsonState::None));
}

#[test]
fn who_does_not_ask_for_json_gets_what_there_is() {
    let binary =
        |body| Arrived { body, asked: false, content_type: "image/png", ..Arrived::default() };
    assert_eq!(seen(binary(b"\x89PNG\r\n")), fine("{}", JsonState::None));
    assert_eq!(seen(binary(b"{'not': 'repaired'}")), fine("{}", JsonState::None));
    assert_eq!(seen(binary(b"[1]")), fine("[1]", JsonState::Exact));
    assert_eq!(response(binary(b"\x89PNG\r\n")).body(), b"\x89PNG\r\n");
}

#[test]
fn an_error_object_is_passed_on_with_its_own_words() {
    let body = "{\"error\":\"no such user\",\"id\":7}";
    let said = Some("no such user".to_owned());
    assert_eq!(on(404, body), (Code::Status, body.to_owned(), JsonState::Exact, said.clone()));
    assert_eq!(on(429, body), (Code::RateLimited, body.to_owned(), JsonState::Exact, said));
}

#[test]
fn an_error_without_json_says_the_reason_phrase() {
    let page = |reason, status| {
        seen(Arrived {
            status,
            reason,
            body: b"<html>",
            content_type: "text/html",
            ..Arrived::default()
        })
    };
    assert_eq!(page(Some("Gone Fishing"), 502).1, "{\"error\": \"Gone Fishing\"}");
    assert_eq!(page(Some(" "), 502).1, "{\"error\": \"Bad Gateway\"}");
    assert_eq!(page(None, 599).1, "{\"error\": \"Unknown error\"}");
    assert_eq!(on(500, "null").1, "{\"error\": \"Internal Server Error\"}");
    assert_eq!(on(500, "").1, "{\"error\": \"Internal Server Error\"}");
}

#[test]
fn an_error_that_is_no_object_becomes_the_data() {
    assert_eq!(on(500, "[1, 2]").1, "{\"error\": \"Internal Server Error\", \"data\": [1, 2]}");
}

#[test]
fn a_damaged_error_object_is_repaired_first() {
    let (code, json, state, error) = on(400, "{'error': 'bad input',}");
    assert_eq!((code, state), (Code::Status, JsonState::Repaired));
    assert_eq!(error.as_deref(), Some("bad input"), "{json}");
}

#[test]
fn a_nul_in_a_servers_words_does_not_end_them() {
    let (_, _, _, error) = on(400, "{\"error\": \"a\\u0000b\"}");
    assert_eq!(error.as_deref(), Some("a\u{fffd}b"));
}

#[test]
fn a_servers_words_stay_on_one_line_and_cannot_steer_a_terminal() {
    let (_, _, _, error) = on(400, "{\"error\": \"a\\r\\nb\\tc\\u2028d\\u001b[31m\"}");
    assert_eq!(error.as_deref(), Some("a  b c d\u{fffd}[31m"));
}

#[test]
fn a_secret_that_the_server_echoes_stays_out_of_the_error() {
    let mut secrets = crate::log::Secrets::default();
    secrets.add("tok-123456");
    let redactor = secrets.into_redactor();
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
fn a_redirect_that_is_refused_saves_nothing_and_repairs_nothing() {
    let failure = Some(Error::new(Code::Redirect, "GET http://h/ failed: more than 10 redirects"));
    let (code, _, state, _) =
        seen(Arrived { status: 302, body: b"{\"m\":1}", failure, ..Arrived::default() });
    assert_eq!((code, state), (Code::Redirect, JsonState::None));
}

#[test]
fn what_arrived_before_the_connection_was_lost_stands_beside_the_error() {
    let failure = Some(Error::new(Code::Closed, "GET http://h/ failed: cut"));
    let (code, json, state, _) =
        seen(Arrived { body: b"{\"items\": [1, 2, 3", failure, ..Arrived::default() });
    assert_eq!((code, state), (Code::Closed, JsonState::Repaired));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["items"], serde_json::json!([1, 2, null]), "a cut number is a guess: {json}");
}

#[test]
fn without_an_answer_the_error_is_all_there_is() {
    let response = without_http_response(Code::Connect, "GET http://h/ failed \"so\"");
    assert_eq!(response.json_text(), "{\"error\": \"GET http://h/ failed \\\"so\\\"\"}");
    assert_eq!((response.status(), response.body()), (0, &b""[..]));
}

#[test]
fn the_work_on_a_large_body_ends_when_the_call_does() {
    let damaged = format!("[{}", "{\"a\":[1,2,,\"b\"},".repeat(1 << 15));
    let whole = format!("[{}0]", "[1,2],".repeat(1 << 16));
    for body in [damaged, whole] {
        for (code, status) in [(Code::Timeout, 200), (Code::Cancelled, 200), (Code::Timeout, 500)] {
            let asked = Cell::new(0);
            let ended = || {
                asked.set(asked.get() + 1);
                (asked.get() > 2).then(|| Error::new(code, "time ran out"))
            };
            let answer = HttpResponse {
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
                redactor: &|| NONE,
                http_response: Some(answer),
                failure: None,
                check_interrupt: &ended,
            });
            assert_eq!((response.code(), response.status()), (code, status));
            assert_eq!(response.body(), body.as_bytes());
            assert_eq!(response.json_state(), JsonState::None);
            let error = response.error().unwrap().to_str().unwrap();
            let says = format!("https://api.example/items answered {status}, but time ran out");
            assert!(error.ends_with(&says), "{error}");
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
    assert_eq!(json, "{\"error\": \"the text holds no JSON, but 6 B\"}");
}
