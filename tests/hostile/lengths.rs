//! Lengths that are wrong (RFC 9110 section 8.6, RFC 9112 section 6.3).

use sac::code::Code;
use sac::settings::Change;

use crate::case::{fails, ok, works};
use crate::scenario::Scenario;
use crate::support::Act;

const GROUP: &str = "length";
const BODY: &str = "{\"a\":1}";

pub fn scenarios() -> Vec<Scenario> {
    let mut scenarios = vec![
        works(Act::CutOff(ok(&[], BODY)), BODY)
            .and_closes()
            .named(GROUP, "none, the connection ends"),
        fails(Act::Silence(ok(&[], BODY)), Code::Timeout)
            .set(Change::TimeoutMs(200))
            .named(GROUP, "none, and the connection stays open"),
        fails(Act::CutOff(ok(&["Content-Length: 8"], BODY)), Code::Closed)
            .says("after 7 of 8 body bytes")
            .with(BODY)
            .named(GROUP, "one byte more than there is"),
        works(Act::Reply(ok(&["Content-Length: 7"], "{\"a\":1}x")), BODY)
            .and_closes()
            .named(GROUP, "one byte less than there is"),
        works(Act::Reply(ok(&["Content-Length: 0"], BODY)), "{}")
            .and_closes()
            .named(GROUP, "zero before a body"),
        fails(Act::CutOff(ok(&["Content-Length: 9223372036854775807"], BODY)), Code::TooLarge)
            .named(GROUP, "2^63 - 1"),
        fails(Act::CutOff(ok(&["Content-Length: 18446744073709551615"], BODY)), Code::TooLarge)
            .named(GROUP, "2^64 - 1"),
        fails(Act::CutOff(ok(&["Content-Length: 9223372036854775807"], BODY)), Code::Closed)
            .set(Change::MaxBodyBytes(0))
            .named(GROUP, "2^63 - 1 where no limit is set"),
        works(Act::Reply(ok(&["Content-Length: 7", "content-length: 7"], BODY)), BODY)
            .named(GROUP, "twice the same"),
        works(Act::Reply(ok(&["Content-Length: 7, 7"], BODY)), BODY)
            .named(GROUP, "a list of the same"),
        works(Act::Reply(ok(&["Content-Length: 007"], BODY)), BODY).named(GROUP, "leading zeros"),
        works(Act::CutOff(ok(&["Content_Length: 3", "X-Content-Length: 2"], BODY)), BODY)
            .and_closes()
            .named(GROUP, "fields that only look like it"),
    ];
    scenarios.extend(INVALID.iter().map(|(name, lines)| {
        fails(Act::Reply(ok(lines, BODY)), Code::Protocol).named(GROUP, *name)
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
