//! Header fields that are invalid, long, endless or too many (RFC 9112 sections 2.2 and 5).

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

fn with_line(line: &str) -> Action {
    Action::Reply(ok(&[line, LENGTH], BODY))
}

pub fn scenarios() -> Vec<Scenario> {
    let broken = BROKEN.iter().map(|(name, line)| {
        expect_error(with_line(line), Code::Protocol).into_scenario(GROUP, *name)
    });
    let ignored = IGNORED
        .iter()
        .map(|(name, line)| expect_ok(with_line(line), BODY).into_scenario(GROUP, *name));
    let odd = ODD.iter().map(|&(name, line, value)| {
        Scenario::new(GROUP, name, move || check_value(with_line(line), value))
    });
    broken.chain(ignored).chain(odd).chain(ends()).chain(floods()).collect()
}

/// Other programs may read the line as two lines, or as one that frames the body.
const BROKEN: &[(&str, &str)] = &[
    ("a NUL in a value", "X: a\0b"),
    ("a NUL in a name", "X\0: a"),
    ("a CR in a value", "X: a\rb"),
    ("a second CR at the end", "X: a\r"),
    ("a space before the colon of a length", "Content-Length : 6"),
    ("no colon after a length", "Content-Length 6"),
    ("a space in the name of a coding", "Transfer Encoding: chunked"),
    ("a control character before chunks", "Transfer-Encoding: \x0bchunked"),
    ("a control character in the name of a coding", "Transfer-\x01Encoding: chunked"),
    ("a folded coding without a field", " Transfer-Encoding: chunked"),
    ("a folded length without a field", "X : a\r\n Content-Length: 6"),
];

/// Lines that are not fields.
const IGNORED: &[(&str, &str)] = &[
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
    ("a folded line without a field", " X: a"),
];

/// Each with the expected value of `X`.
const ODD: &[(&str, &str, &str)] = &[
    ("an empty value", "X:", ""),
    ("a value of spaces", "X: \t ", ""),
    ("no space after the colon", "X:a", "a"),
    ("a folded line", "X: a\r\n b", "a   b"),
    ("a line folded twice, with tabs", "X: a\r\n\tb\r\n\tc", "a  \tb  \tc"),
    ("a fold with nothing before it", "X:\r\n a", "a"),
    ("a fold with nothing after it", "X: a\r\n ", "a"),
    ("UTF-8", "X: ä", "ä"),
    ("colons", "X: a:b: c", "a:b: c"),
];

fn check_value(action: Action, value: &str) -> String {
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
        Scenario::new(GROUP, "Latin-1", move || {
            check_value(Action::Reply(latin_1.clone()), "café")
        }),
        expect_ok(Action::Reply(feeds.into_bytes()), BODY)
            .into_scenario(GROUP, "lines that end with LF"),
        expect_ok(Action::Reply(mixed.into_bytes()), BODY)
            .into_scenario(GROUP, "lines that end with LF or CR LF"),
        expect_error(Action::CloseAfter(returns.into_bytes()), Code::Protocol)
            .into_scenario(GROUP, "lines that end with CR"),
        expect_error(
            Action::CloseAfter(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n".to_vec()),
            Code::Closed,
        )
        .into_scenario(GROUP, "a head without its end"),
        expect_error(Action::CloseAfter(b"HTTP/1.1 200 OK\r\nContent-Len".to_vec()), Code::Closed)
            .into_scenario(GROUP, "a head that ends within a name"),
    ]
}

fn lines(count: usize) -> String {
    (0..count).map(|number| format!("X-{number}: y\r\n")).collect()
}

fn floods() -> Vec<Scenario> {
    let start = || b"HTTP/1.1 200 OK\r\n".to_vec();
    let endless =
        |again: &[u8]| expect_error(Action::Endless(start(), again.to_vec()), Code::Protocol);
    let many = |count| with_line(lines(count).trim_end());
    let long = |length| with_line(&format!("X: {}", "y".repeat(length)));
    let cookies = |count| {
        let lines: String = (0..count).map(|n| format!("Set-Cookie: c{n}=v\r\n")).collect();
        with_line(lines.trim_end())
    };
    let length_last = ok(&[lines(500).trim_end(), LENGTH, "Connection: close"], BODY);
    let hidden = ok(&[lines(500).trim_end(), LENGTH, "Transfer-Encoding: chunked"], BODY);
    vec![
        expect_ok(many(129), BODY).into_scenario(GROUP, "129 fields"),
        expect_ok(many(999), BODY).into_scenario(GROUP, "1000 fields"),
        expect_error(many(1000), Code::Protocol).into_scenario(GROUP, "1001 fields"),
        expect_ok(Action::Reply(length_last), BODY)
            .then_not_reused()
            .into_scenario(GROUP, "a length after 500 fields"),
        expect_error(Action::Reply(hidden), Code::Protocol)
            .into_scenario(GROUP, "two framings after 500 fields"),
        expect_ok(with_line(&[lines(500).trim_end(), "\r\nX : a"].concat()), BODY)
            .into_scenario(GROUP, "an invalid line after 500 fields"),
        expect_ok(cookies(900), BODY).into_scenario(GROUP, "900 cookies"),
        Scenario::new(GROUP, "900 cookies into a jar", move || {
            let cookie = cookie_after(&cookies(900)).map_or(0, |cookie| cookie.len());
            assert!(cookie < 16 * 1024, "the client sends {cookie} bytes of cookies");
            format!("the client sends {cookie} bytes of cookies")
        }),
        expect_ok(long(200 * 1024), BODY).into_scenario(GROUP, "a value of 200 KiB"),
        expect_error(long(300 * 1024), Code::Protocol).into_scenario(GROUP, "a value of 300 KiB"),
        expect_ok(with_line(&format!("{}: y", "X".repeat(70_000))), BODY)
            .into_scenario(GROUP, "a name of 70,000 bytes"),
        endless(b"X: y\r\n").with_message("larger than").into_scenario(GROUP, "endless fields"),
        endless(b"X").into_scenario(GROUP, "an endless name"),
        endless(b" folded\r\n").into_scenario(GROUP, "endless folded lines"),
        endless(&b"\0".repeat(100)).into_scenario(GROUP, "endless NULs"),
        expect_error(
            Action::Endless(b"HTTP/1.1 200 O".to_vec(), b"K".repeat(1000)),
            Code::Protocol,
        )
        .into_scenario(GROUP, "an endless reason phrase"),
        expect_error(
            Action::Endless(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), b"y".repeat(1000)),
            Code::Protocol,
        )
        .with_message("larger than")
        .into_scenario(GROUP, "an endless value"),
    ]
}
