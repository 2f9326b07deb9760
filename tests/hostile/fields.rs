//! Header fields that are broken, many, long or endless (RFC 9112 sections 2.2 and 5).

use sac::client::Client;
use sac::code::Code;

use crate::case::{
    assert_usable, cookie_after, expect, expect_error, expect_ok, ok, ok_response, outcome,
};
use crate::scenario::Scenario;
use crate::support::{Action, Server, get};

const GROUP: &str = "fields";
const BODY: &str = "{\"a\":1}";
const LENGTH: &str = "Content-Length: 7";

fn with(line: &str) -> Action {
    Action::Reply(ok(&[line, LENGTH], BODY))
}

pub fn scenarios() -> Vec<Scenario> {
    let broken = BROKEN
        .iter()
        .map(|(name, line)| expect_error(with(line), Code::Protocol).into_scenario(GROUP, *name));
    let passed_over = PASSED_OVER
        .iter()
        .map(|(name, line)| expect_ok(with(line), BODY).into_scenario(GROUP, *name));
    let odd = ODD
        .iter()
        .map(|&(name, line, value)| Scenario::new(GROUP, name, move || reads(with(line), value)));
    broken.chain(passed_over).chain(odd).chain(ends()).chain(floods()).collect()
}

/// Others may take the line for two, or for one that frames the body.
const BROKEN: &[(&str, &str)] = &[
    ("a NUL in a value", "X: a\0b"),
    ("a NUL in a name", "X\0: a"),
    ("a return in a value", "X: a\rb"),
    ("a return doubled at the end", "X: a\r"),
    ("a space before the colon of a length", "Content-Length : 6"),
    ("no colon behind a length", "Content-Length 6"),
    ("a space in the name of a coding", "Transfer Encoding: chunked"),
    ("a control character before chunks", "Transfer-Encoding: \x0bchunked"),
    ("a control character in the name of a coding", "Transfer-\x01Encoding: chunked"),
    ("a fold of a coding where there is no field", " Transfer-Encoding: chunked"),
    ("a length folded behind no field", "X : a\r\n Content-Length: 6"),
];

/// Lines that are no fields.
const PASSED_OVER: &[(&str, &str)] = &[
    ("a warning of PHP", "PHP Warning:  Cannot modify header information in /a.php on line 1"),
    ("an escape in a value", "X: a\x1bb"),
    ("a DEL in a value", "X: a\x7fb"),
    ("no colon", "X"),
    ("no name", ": a"),
    ("a colon alone", ":"),
    ("a space before the colon", "X : a"),
    ("a tab before the colon", "X\t: a"),
    ("a space in a name", "X Y: a"),
    ("a name beyond ASCII", "Xä: a"),
    ("a name in brackets", "X(y): a"),
    ("a fold where there is no field", " X: a"),
];

/// With the value of `X` that is read.
const ODD: &[(&str, &str, &str)] = &[
    ("an empty value", "X:", ""),
    ("a value of spaces", "X: \t ", ""),
    ("no space behind the colon", "X:a", "a"),
    ("a folded line", "X: a\r\n b", "a   b"),
    ("a line folded twice, by tabs", "X: a\r\n\tb\r\n\tc", "a  \tb  \tc"),
    ("a fold with nothing before it", "X:\r\n a", "a"),
    ("a fold with nothing behind it", "X: a\r\n ", "a"),
    ("UTF-8", "X: ä", "ä"),
    ("colons", "X: a:b: c", "a:b: c"),
];

fn reads(action: Action, value: &str) -> String {
    let server = Server::start(move |received| match received.number {
        0 => action.clone(),
        _ => ok_response(received.path()),
    });
    let client = Client::new(&server.url()).unwrap();
    let response = get(&client, "/hostile");
    expect(&response, Code::Ok);
    let read = response.fields().get("x").unwrap().to_str().unwrap();
    assert_eq!(read, value);
    assert_eq!(response.json_text(), BODY);
    assert_usable(&client);
    outcome(&response)
}

fn ends() -> Vec<Scenario> {
    let latin_1 =
        [b"HTTP/1.1 200 OK\r\nX: caf\xe9\r\nContent-Length: 7\r\n\r\n", BODY.as_bytes()].concat();
    let feeds = format!("HTTP/1.1 200 OK\nContent-Length: 7\n\n{BODY}");
    let returns = format!("HTTP/1.1 200 OK\rContent-Length: 7\r\r{BODY}");
    let mixed = format!("HTTP/1.1 200 OK\r\nContent-Length: 7\n\r\n{BODY}");
    vec![
        Scenario::new(GROUP, "Latin-1", move || reads(Action::Reply(latin_1.clone()), "café")),
        expect_ok(Action::Reply(feeds.into_bytes()), BODY)
            .into_scenario(GROUP, "lines that end in line feeds"),
        expect_ok(Action::Reply(mixed.into_bytes()), BODY)
            .into_scenario(GROUP, "lines that end in either"),
        expect_error(Action::CloseAfter(returns.into_bytes()), Code::Protocol)
            .into_scenario(GROUP, "lines that end in returns"),
        expect_error(
            Action::CloseAfter(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n".to_vec()),
            Code::Closed,
        )
        .into_scenario(GROUP, "a head without its end"),
        expect_error(Action::CloseAfter(b"HTTP/1.1 200 OK\r\nContent-Len".to_vec()), Code::Closed)
            .into_scenario(GROUP, "a head that breaks off"),
    ]
}

fn lines(count: usize) -> String {
    (0..count).map(|number| format!("X-{number}: y\r\n")).collect()
}

fn floods() -> Vec<Scenario> {
    let start = || b"HTTP/1.1 200 OK\r\n".to_vec();
    let endless =
        |again: &[u8]| expect_error(Action::Endless(start(), again.to_vec()), Code::Protocol);
    let many = |count| with(lines(count).trim_end());
    let long = |length| with(&format!("X: {}", "y".repeat(length)));
    let cookies = |count| {
        let lines: String = (0..count).map(|n| format!("Set-Cookie: c{n}=v\r\n")).collect();
        with(lines.trim_end())
    };
    let length_last = ok(&[lines(500).trim_end(), LENGTH, "Connection: close"], BODY);
    let hidden = ok(&[lines(500).trim_end(), LENGTH, "Transfer-Encoding: chunked"], BODY);
    vec![
        expect_ok(many(129), BODY).into_scenario(GROUP, "129 fields"),
        expect_ok(many(999), BODY).into_scenario(GROUP, "1000 fields"),
        expect_error(many(1000), Code::Protocol).into_scenario(GROUP, "1001 fields"),
        expect_ok(Action::Reply(length_last), BODY)
            .then_closed()
            .into_scenario(GROUP, "what matters behind 500"),
        expect_error(Action::Reply(hidden), Code::Protocol)
            .into_scenario(GROUP, "two framings behind 500 fields"),
        expect_ok(with(&[lines(500).trim_end(), "\r\nX : a"].concat()), BODY)
            .into_scenario(GROUP, "a broken field behind 500"),
        expect_ok(cookies(900), BODY).into_scenario(GROUP, "900 cookies"),
        Scenario::new(GROUP, "900 cookies into a jar", move || {
            let cookie = cookie_after(&cookies(900)).map_or(0, |cookie| cookie.len());
            assert!(cookie < 16 * 1024, "{cookie} bytes of cookies are sent back");
            format!("{cookie} bytes of cookies are sent back")
        }),
        expect_ok(long(200 * 1024), BODY).into_scenario(GROUP, "a value of 200 KiB"),
        expect_error(long(300 * 1024), Code::Protocol).into_scenario(GROUP, "a value of 300 KiB"),
        expect_ok(with(&format!("{}: y", "X".repeat(70_000))), BODY)
            .into_scenario(GROUP, "a name of 70,000 bytes"),
        endless(b"X: y\r\n").with_message("larger than").into_scenario(GROUP, "fields without end"),
        endless(b"X").into_scenario(GROUP, "one name without end"),
        endless(b" folded\r\n").into_scenario(GROUP, "folds without end"),
        endless(&b"\0".repeat(100)).into_scenario(GROUP, "NULs without end"),
        expect_error(
            Action::Endless(b"HTTP/1.1 200 O".to_vec(), b"K".repeat(1000)),
            Code::Protocol,
        )
        .into_scenario(GROUP, "a reason phrase without end"),
        expect_error(
            Action::Endless(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), b"y".repeat(1000)),
            Code::Protocol,
        )
        .with_message("larger than")
        .into_scenario(GROUP, "one value without end"),
    ]
}
