//! Lengths that are wrong (RFC 9110 section 8.6, RFC 9112 section 6.3).

use sac::code::Code;
use sac::settings::Change;

use crate::case::{expect_error, expect_ok, ok};
use crate::scenario::Scenario;
use crate::support::Action;

const GROUP: &str = "length";
const BODY: &str = "{\"a\":1}";

pub fn scenarios() -> Vec<Scenario> {
    let mut scenarios = vec![
        expect_ok(Action::CloseAfter(ok(&[], BODY)), BODY)
            .then_closed()
            .into_scenario(GROUP, "none, the connection ends"),
        expect_error(Action::Silence(ok(&[], BODY)), Code::Timeout)
            .set(Change::TimeoutMs(200))
            .into_scenario(GROUP, "none, and the connection stays open"),
        expect_error(Action::CloseAfter(ok(&["Content-Length: 8"], BODY)), Code::Closed)
            .with_message("after 7 of 8 body bytes")
            .with_json(BODY)
            .into_scenario(GROUP, "one byte more than there is"),
        expect_ok(Action::Reply(ok(&["Content-Length: 7"], "{\"a\":1}x")), BODY)
            .then_closed()
            .into_scenario(GROUP, "one byte less than there is"),
        expect_ok(Action::Reply(ok(&["Content-Length: 0"], BODY)), "{}")
            .then_closed()
            .into_scenario(GROUP, "zero before a body"),
        expect_error(
            Action::CloseAfter(ok(&["Content-Length: 9223372036854775807"], BODY)),
            Code::TooLarge,
        )
        .into_scenario(GROUP, "2^63 - 1"),
        expect_error(
            Action::CloseAfter(ok(&["Content-Length: 18446744073709551615"], BODY)),
            Code::TooLarge,
        )
        .into_scenario(GROUP, "2^64 - 1"),
        expect_error(
            Action::CloseAfter(ok(&["Content-Length: 9223372036854775807"], BODY)),
            Code::Closed,
        )
        .set(Change::MaxBodyBytes(0))
        .into_scenario(GROUP, "2^63 - 1 where no limit is set"),
        expect_ok(Action::Reply(ok(&["Content-Length: 7", "content-length: 7"], BODY)), BODY)
            .into_scenario(GROUP, "twice the same"),
        expect_ok(Action::Reply(ok(&["Content-Length: 7, 7"], BODY)), BODY)
            .into_scenario(GROUP, "a list of the same"),
        expect_ok(Action::Reply(ok(&["Content-Length: 007"], BODY)), BODY)
            .into_scenario(GROUP, "leading zeros"),
        expect_ok(
            Action::CloseAfter(ok(&["Content_Length: 3", "X-Content-Length: 2"], BODY)),
            BODY,
        )
        .then_closed()
        .into_scenario(GROUP, "fields that only look like it"),
    ];
    scenarios.extend(INVALID.iter().map(|(name, lines)| {
        expect_error(Action::Reply(ok(lines, BODY)), Code::Protocol).into_scenario(GROUP, *name)
    }));
    scenarios
}

const INVALID: &[(&str, &[&str])] = &[
    ("negative", &["Content-Length: -7"]),
    ("with a plus sign", &["Content-Length: +7"]),
    ("hexadecimal", &["Content-Length: 0x7"]),
    ("a decimal fraction", &["Content-Length: 7.0"]),
    ("empty", &["Content-Length:"]),
    ("spaces alone", &["Content-Length:    "]),
    ("a word", &["Content-Length: seven"]),
    ("a space within", &["Content-Length: 0 7"]),
    ("a unit behind", &["Content-Length: 7 bytes"]),
    ("2^64", &["Content-Length: 18446744073709551616"]),
    ("forty digits", &["Content-Length: 7000000000000000000000000000000000000007"]),
    ("digits of another script", &["Content-Length: ٧"]),
    ("a NUL behind", &["Content-Length: 7\0"]),
    ("a space before the colon", &["Content-Length : 7"]),
    ("two that differ", &["Content-Length: 7", "Content-Length: 6"]),
    ("a list of two that differ", &["Content-Length: 7, 6"]),
    ("a list with an end", &["Content-Length: 7,"]),
    ("three of which one differs", &["Content-Length: 7", "X: y", "Content-Length: 7, 7, 8"]),
    ("one good, one bad", &["Content-Length: 7", "Content-Length: x"]),
    ("beside chunks", &["Content-Length: 7", "Transfer-Encoding: chunked"]),
    ("behind chunks", &["Transfer-Encoding: chunked", "Content-Length: 7"]),
    ("beside an unknown coding", &["Content-Length: 7", "Transfer-Encoding: xchunked"]),
    ("zero beside chunks", &["Content-Length: 0", "Transfer-Encoding: chunked"]),
];
