//! Wrong lengths (RFC 9110 section 8.6, RFC 9112 section 6.3).

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
            .then_not_reused()
            .into_scenario(GROUP, "none, and the connection closes"),
        expect_error(Action::Silence(ok(&[], BODY)), Code::Timeout)
            .set(Change::TimeoutMs(200))
            .into_scenario(GROUP, "none, and the connection stays open"),
        expect_error(Action::CloseAfter(ok(&["Content-Length: 8"], BODY)), Code::Closed)
            .with_message("after 7 of 8 body bytes")
            .with_json(BODY)
            .into_scenario(GROUP, "one byte more than there is"),
        expect_ok(Action::Reply(ok(&["Content-Length: 7"], "{\"a\":1}x")), BODY)
            .then_not_reused()
            .into_scenario(GROUP, "one byte less than there is"),
        expect_ok(Action::Reply(ok(&["Content-Length: 0"], BODY)), "{}")
            .then_not_reused()
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
        .into_scenario(GROUP, "2^63 - 1 without a body limit"),
        expect_ok(Action::Reply(ok(&["Content-Length: 7", "content-length: 7"], BODY)), BODY)
            .into_scenario(GROUP, "the same length twice"),
        expect_ok(Action::Reply(ok(&["Content-Length: 7, 7"], BODY)), BODY)
            .into_scenario(GROUP, "a list of the same length"),
        expect_ok(Action::Reply(ok(&["Content-Length: 007"], BODY)), BODY)
            .into_scenario(GROUP, "leading zeros"),
        expect_ok(
            Action::CloseAfter(ok(&["Content_Length: 3", "X-Content-Length: 2"], BODY)),
            BODY,
        )
        .then_not_reused()
        .into_scenario(GROUP, "fields with similar names"),
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
    ("only spaces", &["Content-Length:    "]),
    ("a word", &["Content-Length: seven"]),
    ("a space inside", &["Content-Length: 0 7"]),
    ("a unit", &["Content-Length: 7 bytes"]),
    ("2^64", &["Content-Length: 18446744073709551616"]),
    ("forty digits", &["Content-Length: 7000000000000000000000000000000000000007"]),
    ("digits of another script", &["Content-Length: ٧"]),
    ("a NUL at the end", &["Content-Length: 7\0"]),
    ("a space before the colon", &["Content-Length : 7"]),
    ("two that differ", &["Content-Length: 7", "Content-Length: 6"]),
    ("a list of two that differ", &["Content-Length: 7, 6"]),
    ("a list that ends with a comma", &["Content-Length: 7,"]),
    ("three, one of them different", &["Content-Length: 7", "X: y", "Content-Length: 7, 7, 8"]),
    ("one valid, one invalid", &["Content-Length: 7", "Content-Length: x"]),
    ("next to chunks", &["Content-Length: 7", "Transfer-Encoding: chunked"]),
    ("after chunks", &["Transfer-Encoding: chunked", "Content-Length: 7"]),
    ("next to an unknown coding", &["Content-Length: 7", "Transfer-Encoding: xchunked"]),
    ("zero next to chunks", &["Content-Length: 0", "Transfer-Encoding: chunked"]),
];
