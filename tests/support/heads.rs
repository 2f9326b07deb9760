//! Responses whose heads, or whose error texts, take as much memory as possible.

use std::sync::Arc;

use sac::answer::Response;
use sac::client::Client;
use sac::log::Level;

use super::action::{Action, respond};
use super::{client, journal_of};

/// A little less than the limit of a head.
const HEAD: usize = 250 * 1000;

/// A name, and a function that makes the response.
type Row = (&'static str, fn() -> Action);

pub const LARGE_HEADS: &[Row] = &[
    ("990 fields", || {
        headed("200 OK", (0..990).map(|n| format!("X-{n}: {}\r\n", "v".repeat(240))).collect())
    }),
    ("a field of 250 kB", || headed("200 OK", format!("X: {}\r\n", "é".repeat(HEAD / 2)))),
    ("a folded field", || headed("200 OK", format!("X: a\r\n{}", " \r\n".repeat(HEAD / 3)))),
    ("lines that are not fields", || headed("200 OK", "x\r\n".repeat(HEAD / 3))),
    ("a reason phrase of 250 kB", || {
        let reason = [b"HTTP/1.1 500 ".to_vec(), vec![0xe9; HEAD]].concat();
        Action::Reply([&reason[..], b"\r\nContent-Length: 0\r\n\r\n"].concat())
    }),
    ("a Location of 250 kB", || {
        headed("302 Found", format!("Location: /{}\r\n", "é".repeat(HEAD / 2)))
    }),
    ("60 cookies of 4 kB", || {
        let cookies = (0..60).map(|n| format!("Set-Cookie: c{n}={}\r\n", "v".repeat(4000)));
        headed("200 OK", cookies.collect())
    }),
    ("20,000 links", || headed("200 OK", format!("Link: {}\r\n", "<#>;rel=a,".repeat(HEAD / 10)))),
    ("an error in every encoding", || {
        respond(400, &[], &format!("{{\"error\":\"{}\"}}", "%61&#98;\\\\x61 YWJjZA".repeat(10_000)))
    }),
];

fn headed(status: &str, fields: String) -> Action {
    Action::Reply(
        format!("HTTP/1.1 {status}\r\n{fields}Content-Length: 2\r\n\r\n{{}}").into_bytes(),
    )
}

/// Calls every accessor of the response.
pub fn read_all_of(response: &Response) {
    let fields = response.fields();
    let _ = (fields.reason(), fields.count(), fields.at(0), fields.get("x-never"));
    let _ = (response.link("a"), response.link("next"));
    journal_of(response);
}

/// A client with the features that take memory for each response: a cookie jar, and a log.
pub fn client_with_jar_and_log(url: &str) -> Client {
    let client = client(url, &[]);
    client.set_cookie_jar(true).unwrap();
    client.set_logger(Some(Arc::new(|_: Level, _: &str| {})), Level::Trace);
    client
}
