//! Well-formed bodies and header fields that are meant to do harm.

use sac::code::Code;
use sac::settings::Change;

use crate::case::{
    assert_usable, cookie_after, expect, expect_error, expect_ok, ok, ok_response, outcome,
};
use crate::scenario::Scenario;
use crate::support::{Action, Server, client, get, journal_of, respond};

const GROUP: &str = "content";

pub fn scenarios() -> Vec<Scenario> {
    let errors = ERRORS.iter().map(|&(name, body)| {
        let case = expect_error(respond(400, &[], body), Code::Status).then_reused();
        case.into_scenario(GROUP, format!("an error with {name}"))
    });
    let bodies = BODIES.iter().map(|&(name, body, code)| {
        let case = expect_error(respond(200, &[], body), code).then_reused();
        case.into_scenario(GROUP, name)
    });
    errors.chain(bodies).chain(large()).chain(fields()).collect()
}

/// Each error must become one harmless line.
const ERRORS: &[(&str, &str)] = &[
    ("line ends", r#"{"error": "a\r\nINFO all is well\n"}"#),
    ("NULs", r#"{"error": "a\u0000b"}"#),
    ("an escape sequence", r#"{"error": "\u001b[2J\u001b]0;x\u0007"}"#),
    ("C1 controls", r#"{"error": "\u009b2J\u0085"}"#),
    ("line separators", "{\"error\": \"a\u{2028}b\u{2029}c\"}"),
    ("direction marks", "{\"error\": \"a\u{202e}b\u{2066}c\u{200f}d\u{61c}e\u{feff}\"}"),
    ("escaped direction marks", r#"{"error": "a\u202eb\u2066c\u200fd\u061ce\ufeff"}"#),
    ("lone surrogates", r#"{"error": "\ud800 and \udfff"}"#),
    ("only line ends", r#"{"error": "", "message": "\n"}"#),
    ("an error without a text", r#"{"error": {"error": {"error": [1]}}}"#),
    ("two errors", r#"{"error": "one", "error": "two"}"#),
    ("a member with a similar name", r#"{"error_detail": 1, "error": [1]}"#),
];

const BODIES: &[(&str, &str, Code)] = &[
    ("a page of HTML", "<html><script>{\"a\": 1}</script></html>", Code::NotJson),
    ("only NULs", "\0\0\0\0", Code::NotJson),
    ("a number above all limits", "1e99999999999999999999", Code::Ok),
    ("members of the same name", "{\"a\":1,\"a\":2}", Code::Ok),
    ("a name with a NUL", "{\"\\u0000\":1}", Code::Ok),
];

fn large() -> Vec<Scenario> {
    let long = |length: usize| "x".repeat(length);
    let deep = |depth: usize| "[".repeat(depth);
    let reason = format!("HTTP/1.1 500 {}\r\nContent-Length: 0\r\n\r\n", long(200 * 1024));
    let turned = "HTTP/1.1 500 a\u{202e}b\u{2067}c\r\nContent-Length: 0\r\n\r\n";
    let broken = |body: String, code: Code| {
        expect_error(respond(200, &[], &body), code)
            .then_reused()
            .set(Change::MaxBodyBytes(8 << 20))
    };
    vec![
        expect_error(
            respond(400, &[], &format!("{{\"error\": \"{}\"}}", long(2 << 20))),
            Code::Status,
        )
        .then_reused()
        .into_scenario(GROUP, "an error of 2 MiB"),
        expect_error(Action::Reply(reason.into_bytes()), Code::Status)
            .then_reused()
            .into_scenario(GROUP, "a reason phrase of 200 KiB"),
        expect_error(Action::Reply(turned.into()), Code::Status)
            .then_reused()
            .with_message("a\u{fffd}b\u{fffd}c")
            .into_scenario(GROUP, "a reason phrase with direction marks"),
        broken(format!("{}{}", deep(1 << 20), "]".repeat(1 << 20)), Code::Ok)
            .into_scenario(GROUP, "a million brackets"),
        broken(deep(1 << 20), Code::Ok)
            .into_scenario(GROUP, "a million brackets that do not close"),
        broken("{\"a\":".repeat(200_000), Code::Ok)
            .into_scenario(GROUP, "200,000 objects that do not close"),
        broken(format!("[{}", "'\"".repeat(500_000)), Code::Ok)
            .into_scenario(GROUP, "a million quotes"),
        broken("\\".repeat(1 << 20), Code::NotJson).into_scenario(GROUP, "a million backslashes"),
        expect_error(
            respond(500, &[], &format!("{}1{}", deep(1 << 18), "]".repeat(1 << 18))),
            Code::Status,
        )
        .then_reused()
        .into_scenario(GROUP, "an error of 262,144 brackets"),
    ]
}

fn fields() -> Vec<Scenario> {
    let check = |name: &str, field: String, read: fn(&sac::answer::Response)| {
        Scenario::new(GROUP, name, move || {
            let action = Action::Reply(ok(&[&field, "Content-Length: 2"], "{}"));
            let server = Server::start(move |received| match received.number {
                0 => action.clone(),
                _ => ok_response(received.path()),
            });
            let client = client(&server.url(), &[]);
            let response = get(&client, "/hostile");
            expect(&response, Code::Ok);
            read(&response);
            journal_of(&response);
            assert_usable(&client);
            outcome(&response)
        })
    };
    let link = |response: &sac::answer::Response| {
        let _ = response.link("next");
        let _ = response.link("");
    };
    let commas = ",".repeat(100_000);
    let angles = "<".repeat(100_000);
    let quotes = format!("</a>; rel=\"{}", "\\\"".repeat(50_000));
    let many = "</a>;rel=x,".repeat(10_000);
    let parameters = format!("</a>{}", ";a=b".repeat(20_000));
    let cookie = format!("Set-Cookie: a={}; Path=/", "b".repeat(200_000));
    vec![
        check("a Link of commas", format!("Link: {commas}"), link),
        check("a Link of angles", format!("Link: {angles}"), link),
        check("a Link of quotes", format!("Link: {quotes}"), link),
        check("10,000 links", format!("Link: {many}"), link),
        check("a Link of 20,000 parameters", format!("Link: {parameters}"), link),
        expect_ok(Action::Reply(ok(&[&cookie, "Content-Length: 2"], "{}")), "{}")
            .into_scenario(GROUP, "a cookie of 200 kB"),
        Scenario::new(GROUP, "a cookie of 200 kB into a jar", move || {
            let action = Action::Reply(ok(&[&cookie, "Content-Length: 2"], "{}"));
            assert_eq!(cookie_after(&action), None, "RFC 6265bis: 4096");
            "it is not stored".into()
        }),
    ]
}
