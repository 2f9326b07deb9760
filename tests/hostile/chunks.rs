//! Invalid chunked codings (RFC 9112 sections 6.1 and 7.1).

use sac::code::Code;
use sac::settings::Change;

use crate::case::{expect_error, expect_ok, ok};
use crate::scenario::Scenario;
use crate::support::Action;

const GROUP: &str = "chunks";
const CODING: &str = "Transfer-Encoding: chunked";
const WHOLE: &str = "7\r\n{\"a\":1}\r\n0\r\n\r\n";
const BODY: &str = "{\"a\":1}";

fn chunked(body: &str) -> Vec<u8> {
    ok(&[CODING], body)
}

pub fn scenarios() -> Vec<Scenario> {
    let broken = BROKEN.iter().map(|(name, body)| {
        expect_error(Action::Reply(chunked(body)), Code::Protocol).into_scenario(GROUP, *name)
    });
    let truncated = TRUNCATED.iter().map(|(name, body)| {
        expect_error(Action::CloseAfter(chunked(body)), Code::Closed).into_scenario(GROUP, *name)
    });
    let odd = ODD.iter().map(|(name, body)| {
        expect_ok(Action::Reply(chunked(body)), BODY).into_scenario(GROUP, *name)
    });
    let coded = CODINGS.iter().map(|(name, lines)| {
        expect_error(Action::Reply(ok(lines, WHOLE)), Code::Protocol).into_scenario(GROUP, *name)
    });
    broken.chain(truncated).chain(odd).chain(coded).chain(others()).collect()
}

const BROKEN: &[(&str, &str)] = &[
    ("a size that is not a number", "x\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("a size with a plus sign", "+7\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("a size with a minus sign", "-7\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("a size with 0x", "0x7\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("a size with a dot", "7.0\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("no size", "\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("an extension without a size", ";a=b\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("a space before the size", " 7\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("a size in two parts", "0 7\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("a size with digits of another script", "٧\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("a size beyond 64 bits", "10000000000000007\r\n{\"a\":1}\r\n0\r\n\r\n"),
    (
        "a size of forty digits",
        "0000000000000000000000000000000000000007\r\n{\"a\":1}\r\n0\r\n\r\n",
    ),
    ("a chunk longer than its size", "6\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("a chunk shorter than its size", "8\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("no CR LF after a chunk", "7\r\n{\"a\":1}0\r\n\r\n"),
    ("a size that ends with LF", "7\n{\"a\":1}\r\n0\r\n\r\n"),
    ("a size that ends with CR", "7\r{\"a\":1}\r\n0\r\n\r\n"),
    ("a chunk that ends with LF", "7\r\n{\"a\":1}\n0\r\n\r\n"),
    ("a trailer that ends with LF", "7\r\n{\"a\":1}\r\n0\r\nX: y\n\r\n"),
    ("a last chunk that ends with LF", "7\r\n{\"a\":1}\r\n0\n\n"),
    ("a NUL in a size", "7\0\r\n{\"a\":1}\r\n0\r\n\r\n"),
];

const TRUNCATED: &[(&str, &str)] = &[
    ("an end before the first size", ""),
    ("an end within a size", "7"),
    ("an end between CR and LF of a size", "7\r"),
    ("an end within a chunk", "7\r\n{\"a\""),
    ("an end after a chunk", "7\r\n{\"a\":1}"),
    ("an end without the last chunk", "7\r\n{\"a\":1}\r\n"),
    ("an end within the last size", "7\r\n{\"a\":1}\r\n0"),
    ("an end without the last line", "7\r\n{\"a\":1}\r\n0\r\n"),
    ("an end within the last CR LF", "7\r\n{\"a\":1}\r\n0\r\n\r"),
    ("an end within a trailer", "7\r\n{\"a\":1}\r\n0\r\nX: y"),
    ("an end after a trailer", "7\r\n{\"a\":1}\r\n0\r\nX: y\r\n"),
    ("a chunk of 2^64 - 1 bytes", "ffffffffffffffff\r\n{\"a\":1}"),
];

const ODD: &[(&str, &str)] = &[
    ("capital digits and leading zeros", "0007\r\n{\"a\":1}\r\n000\r\n\r\n"),
    ("spaces after a size", "7  \r\n{\"a\":1}\r\n0\r\n\r\n"),
    ("an extension", "7;name=\"a value; with more\"\r\n{\"a\":1}\r\n0;last\r\n\r\n"),
    ("trailers", "7\r\n{\"a\":1}\r\n0\r\nContent-Length: 3\r\nX: y\r\n\r\n"),
    (
        "one chunk per byte",
        "1\r\n{\r\n1\r\n\"\r\n1\r\na\r\n1\r\n\"\r\n1\r\n:\r\n1\r\n1\r\n1\r\n}\r\n0\r\n\r\n",
    ),
];

const CODINGS: &[(&str, &[&str])] = &[
    ("chunked twice in one line", &["Transfer-Encoding: chunked, chunked"]),
    ("chunked in two lines", &["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]),
    ("chunked not last", &["Transfer-Encoding: chunked, gzip"]),
    ("chunked not alone", &["Transfer-Encoding: gzip, chunked"]),
    ("chunked not last of two lines", &["Transfer-Encoding: chunked", "Transfer-Encoding: gzip"]),
    ("an unknown coding", &["Transfer-Encoding: banana"]),
    ("the withdrawn identity", &["Transfer-Encoding: identity"]),
    ("an empty coding", &["Transfer-Encoding:"]),
    ("a coding with a parameter", &["Transfer-Encoding: chunked;q=1"]),
    ("a coding in quotes", &["Transfer-Encoding: \"chunked\""]),
    ("a coding after a comma", &["Transfer-Encoding: ,chunked"]),
    ("a coding that starts with chunked", &["Transfer-Encoding: chunkedx"]),
    ("a vertical tab before the coding", &["Transfer-Encoding: \x0bchunked"]),
    ("a NUL after the coding", &["Transfer-Encoding: chunked\0"]),
    ("a space before the colon", &["Transfer-Encoding : chunked"]),
];

fn others() -> Vec<Scenario> {
    let folded = ok(&["Transfer-Encoding:\r\n\tCHUNKED"], WHOLE);
    let http_1_0 = format!("HTTP/1.0 200 OK\r\n{CODING}\r\n\r\n{WHOLE}");
    let long = "x".repeat(100 * 1024);
    let flood =
        |again: &str| Action::Endless(chunked("7\r\n{\"a\":1}\r\n"), again.as_bytes().to_vec());
    let extended = format!("1;{}\r\n \r\n", &long[..4000]);
    vec![
        expect_ok(Action::Reply(folded), BODY)
            .into_scenario(GROUP, "a coding on a folded line, in capitals"),
        expect_error(Action::Reply(http_1_0.into_bytes()), Code::Protocol)
            .with_message("HTTP/1.0")
            .into_scenario(GROUP, "in HTTP/1.0"),
        expect_ok(Action::Reply(chunked(&format!("{WHOLE}7\r\n{{\"b\":2}}\r\n0\r\n\r\n"))), BODY)
            .then_not_reused()
            .into_scenario(GROUP, "more chunks after the end"),
        expect_error(
            Action::Reply(chunked(&format!("7;{long}\r\n{BODY}\r\n0\r\n\r\n"))),
            Code::Protocol,
        )
        .into_scenario(GROUP, "an extension of 100 KiB"),
        expect_error(flood(&extended), Code::Protocol).into_scenario(GROUP, "endless extensions"),
        expect_error(Action::Endless(chunked("7;"), b"x".repeat(1000)), Code::Protocol)
            .into_scenario(GROUP, "an endless extension"),
        expect_error(
            Action::Endless(chunked("7\r\n{\"a\":1}\r\n0\r\n"), b"X: y\r\n".to_vec()),
            Code::Protocol,
        )
        .into_scenario(GROUP, "endless trailers"),
        expect_error(
            Action::Endless(chunked("7\r\n{\"a\":1}\r\n0\r\nX:"), b"y".repeat(1000)),
            Code::Protocol,
        )
        .into_scenario(GROUP, "an endless trailer"),
        expect_error(Action::Endless(chunked(""), b"0".to_vec()), Code::Protocol)
            .into_scenario(GROUP, "an endless size"),
        expect_error(flood("1\r\n \r\n"), Code::TooLarge)
            .set(Change::MaxBodyBytes(10_000))
            .into_scenario(GROUP, "endless chunks"),
    ]
}
