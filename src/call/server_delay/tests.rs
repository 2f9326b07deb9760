#![allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

use http::HeaderName;

use super::*;

/// 2024-01-01T00:00:00Z, the `Date` of most responses below.
const DATE: &str = "Mon, 01 Jan 2024 00:00:00 GMT";
const EPOCH: u64 = 1_704_067_200;

/// The local clock is an hour slow, so that a test fails if the code uses it instead of `Date`.
fn wall() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH - 3600)
}

fn delay_of(status: u16, fields: &[(&'static str, &str)]) -> Option<(u128, &'static str)> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(*name, value.parse().unwrap());
    }
    server_delay(&headers, status, wall())
        .map(|delay| (delay.wait.as_millis(), delay.source.name()))
}

type Row =
    (&'static str, u16, &'static [(&'static str, &'static str)], Option<(u128, &'static str)>);

fn check(rows: &[Row]) {
    for (what, status, fields, expected) in rows {
        assert_eq!(delay_of(*status, fields), *expected, "{what}: {status} {fields:?}");
    }
}

#[test]
fn the_responses_of_well_known_servers_are_understood() {
    check(&[
        (
            "GitHub, primary limit",
            403,
            &[
                ("date", DATE),
                ("x-ratelimit-limit", "5000"),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-used", "5000"),
                ("x-ratelimit-reset", "1704067530"),
                ("x-ratelimit-resource", "core"),
            ],
            Some((330_000, "x-ratelimit-reset")),
        ),
        (
            "GitHub, secondary limit",
            403,
            &[
                ("date", DATE),
                ("retry-after", "60"),
                ("x-ratelimit-remaining", "4998"),
                ("x-ratelimit-reset", "1704067530"),
            ],
            Some((60_000, "retry-after")),
        ),
        (
            "GitHub, quota not exhausted: the reset time is not a delay",
            403,
            &[
                ("date", DATE),
                ("x-ratelimit-remaining", "4998"),
                ("x-ratelimit-reset", "1704067530"),
            ],
            None,
        ),
        (
            "Stripe",
            429,
            &[("stripe-should-retry", "true"), ("retry-after", "2")],
            Some((2000, "retry-after")),
        ),
        (
            "OpenAI",
            429,
            &[
                ("retry-after-ms", "742"),
                ("retry-after", "1"),
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "6m0s"),
            ],
            Some((742, "retry-after-ms")),
        ),
        (
            "OpenAI, per-kind fields alone",
            429,
            &[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "1s")],
            None,
        ),
        (
            "Anthropic",
            429,
            &[
                ("retry-after", "17"),
                ("anthropic-ratelimit-requests-reset", "2024-01-01T00:00:17Z"),
            ],
            Some((17_000, "retry-after")),
        ),
        (
            "Azure",
            429,
            &[("x-ms-ratelimit-remaining-subscription-reads", "0"), ("retry-after", "17")],
            Some((17_000, "retry-after")),
        ),
        ("Azure Cosmos DB", 429, &[("x-ms-retry-after-ms", "250")], Some((250, "retry-after-ms"))),
        ("AWS, no delay named", 429, &[("x-amzn-errortype", "ThrottlingException")], None),
        (
            "AWS load balancer",
            503,
            &[("retry-after", "5"), ("server", "awselb/2.0")],
            Some((5000, "retry-after")),
        ),
        (
            "Discord",
            429,
            &[
                ("date", DATE),
                ("x-ratelimit-limit", "5"),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1704067200.654"),
                ("x-ratelimit-reset-after", "0.654"),
                ("x-ratelimit-bucket", "abcd1234"),
            ],
            Some((654, "x-ratelimit-reset")),
        ),
        (
            "Discord, without reset-after",
            429,
            &[
                ("date", DATE),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1704067201.250"),
            ],
            Some((1250, "x-ratelimit-reset")),
        ),
        ("Slack", 429, &[("retry-after", "30")], Some((30_000, "retry-after"))),
        (
            "Shopify",
            429,
            &[("retry-after", "2.0"), ("x-shopify-shop-api-call-limit", "40/40")],
            Some((2000, "retry-after")),
        ),
        (
            "Cloudflare",
            429,
            &[("server", "cloudflare"), ("retry-after", "10")],
            Some((10_000, "retry-after")),
        ),
        (
            "Cloudflare's API",
            429,
            &[
                ("ratelimit", "\"default\";r=0;t=12"),
                ("ratelimit-policy", "\"default\";q=1200;w=300"),
            ],
            Some((12_000, "ratelimit-reset")),
        ),
        (
            "Twitter",
            429,
            &[
                ("date", DATE),
                ("x-rate-limit-limit", "15"),
                ("x-rate-limit-remaining", "0"),
                ("x-rate-limit-reset", "1704068100"),
            ],
            Some((900_000, "x-ratelimit-reset")),
        ),
        (
            "Reddit: a delta, and decimals in the quota",
            429,
            &[
                ("x-ratelimit-remaining", "0.0"),
                ("x-ratelimit-used", "600"),
                ("x-ratelimit-reset", "183"),
            ],
            Some((183_000, "x-ratelimit-reset")),
        ),
        (
            "OpenRouter: milliseconds since 1970",
            429,
            &[
                ("date", DATE),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1704067215500"),
            ],
            Some((15_500, "x-ratelimit-reset")),
        ),
        (
            "GitLab: RateLimit-Reset since 1970",
            429,
            &[
                ("date", DATE),
                ("ratelimit-remaining", "0"),
                ("ratelimit-reset", "1704067260"),
                ("ratelimit-observed", "601"),
            ],
            Some((60_000, "ratelimit-reset")),
        ),
        (
            "an older draft",
            429,
            &[
                ("ratelimit-limit", "10, 10;w=1"),
                ("ratelimit-remaining", "0"),
                ("ratelimit-reset", "7"),
            ],
            Some((7000, "ratelimit-reset")),
        ),
        (
            "draft 7",
            429,
            &[("ratelimit", "limit=100, remaining=0, reset=30")],
            Some((30_000, "ratelimit-reset")),
        ),
    ]);
}

#[test]
fn a_403_is_a_rate_limit_if_it_says_when_to_come_back() {
    for (name, value, limited) in [
        ("retry-after", "30", true),
        ("retry-after", "Mon, 01 Jan 2024 00:01:30 GMT", true),
        ("retry-after-ms", "5", true),
        ("retry-after", "later", false),
        ("retry-after", "-1", false),
        ("x-ratelimit-remaining", "0", true),
        ("x-ratelimit-remaining", "1", false),
    ] {
        let headers =
            HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())]);
        assert_eq!(is_rate_limit(&headers, 403), limited, "{name}: {value}");
        assert!(!is_rate_limit(&headers, 401) && is_rate_limit(&headers, 429));
    }
}

#[test]
fn an_http_date_in_any_form_is_relative_to_the_date_of_the_response() {
    check(&[
        (
            "IMF-fixdate",
            503,
            &[("date", DATE), ("retry-after", "Mon, 01 Jan 2024 00:01:30 GMT")],
            Some((90_000, "retry-after")),
        ),
        (
            "RFC 850",
            503,
            &[("date", DATE), ("retry-after", "Monday, 01-Jan-24 00:01:30 GMT")],
            Some((90_000, "retry-after")),
        ),
        (
            "asctime",
            503,
            &[("date", DATE), ("retry-after", "Mon Jan  1 00:01:30 2024")],
            Some((90_000, "retry-after")),
        ),
        (
            "no Date: the local clock",
            503,
            &[("retry-after", "Sun, 31 Dec 2023 23:00:10 GMT")],
            Some((10_000, "retry-after")),
        ),
        (
            "an unreadable Date: the local clock",
            503,
            &[("date", "yesterday"), ("retry-after", "Sun, 31 Dec 2023 23:00:10 GMT")],
            Some((10_000, "retry-after")),
        ),
        (
            "passed",
            503,
            &[("date", DATE), ("retry-after", "Sun, 31 Dec 2023 23:59:59 GMT")],
            Some((0, "retry-after")),
        ),
        (
            "a reset time that has passed",
            429,
            &[("date", DATE), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1704067100")],
            Some((0, "x-ratelimit-reset")),
        ),
        (
            "a reset time as a date",
            429,
            &[("date", DATE), ("ratelimit-reset", "Mon, 01 Jan 2024 00:00:05 GMT")],
            Some((5000, "ratelimit-reset")),
        ),
    ]);
}

#[test]
fn invalid_values_are_ignored_and_the_next_field_is_read() {
    let invalid = [
        "-1",
        "-0.5",
        "NaN",
        "nan",
        "inf",
        "Infinity",
        "-inf",
        "1e3",
        "0x10",
        "",
        " ",
        ".",
        "1.2.3",
        "+5",
        "5s",
        "1m30s",
        "soon",
        "120 seconds",
        "1,5",
        "315360001",
        "99999999999999999999999999",
        "Mon, 99 Foo 2024 00:00:00 GMT",
        "Mon, 01 Jan 2035 00:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ];
    for value in invalid {
        let alone = delay_of(429, &[("date", DATE), ("retry-after", value)]);
        assert_eq!(alone, None, "Retry-After: {value:?}");
        let before_another = delay_of(
            429,
            &[
                ("date", DATE),
                ("retry-after-ms", value),
                ("retry-after", value),
                ("ratelimit-reset", "9"),
            ],
        );
        let expected = if value == "315360001" {
            // In milliseconds that is less than four days.
            Some((315_360_001, "retry-after-ms"))
        } else {
            Some((9000, "ratelimit-reset"))
        };
        assert_eq!(before_another, expected, "{value:?} hides the next field");
    }
    let many_nines = "9".repeat(400);
    assert_eq!(delay_of(429, &[("retry-after", &many_nines)]), None);
}

#[test]
fn the_second_line_of_a_field_is_read_if_the_first_is_invalid() {
    assert_eq!(
        delay_of(429, &[("retry-after", "never"), ("retry-after", "4")]),
        Some((4000, "retry-after"))
    );
}

#[test]
fn fields_are_read_in_their_order() {
    let all: [(&'static str, &str); 6] = [
        ("retry-after-ms", "1500"),
        ("retry-after", "2"),
        ("ratelimit-reset", "3"),
        ("ratelimit", "\"a\";r=0;t=4"),
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "5"),
    ];
    let expected = [
        (1500, "retry-after-ms"),
        (2000, "retry-after"),
        (3000, "ratelimit-reset"),
        (4000, "ratelimit-reset"),
        (5000, "x-ratelimit-reset"),
    ];
    for (skipped, expected) in expected.into_iter().enumerate() {
        assert_eq!(delay_of(429, &all[skipped..]), Some(expected));
    }
}

#[test]
fn a_quota_field_counts_only_if_the_quota_is_exhausted() {
    check(&[
        ("not exhausted", 429, &[("ratelimit-remaining", "3"), ("ratelimit-reset", "9")], None),
        ("no quota field, not rate limited", 500, &[("ratelimit-reset", "9")], None),
        (
            "no quota field, rate limited",
            503,
            &[("ratelimit-reset", "9")],
            Some((9000, "ratelimit-reset")),
        ),
        (
            "exhausted, with any status",
            500,
            &[("ratelimit-remaining", "0"), ("ratelimit-reset", "9")],
            Some((9000, "ratelimit-reset")),
        ),
        ("x, unsaid", 429, &[("x-ratelimit-reset", "9")], None),
        (
            "x, reset-after, quota not exhausted",
            429,
            &[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset-after", "9")],
            None,
        ),
        ("draft 7, not exhausted", 429, &[("ratelimit", "limit=100, remaining=1, reset=30")], None),
        ("later draft, not exhausted", 429, &[("ratelimit", "\"a\";r=1;t=30")], None),
        ("later draft, no t", 429, &[("ratelimit", "\"a\";r=0")], None),
    ]);
}

#[test]
fn the_longest_exhausted_policy_decides() {
    check(&[
        (
            "one line",
            429,
            &[("ratelimit", "\"burst\";r=0;t=2, \"day\";r=0;t=40;pk=:YWJj:, \"month\";r=7;t=9000")],
            Some((40_000, "ratelimit-reset")),
        ),
        (
            "two lines",
            429,
            &[("ratelimit", "burst;r=0;t=2"), ("ratelimit", "day; r=0; t=40")],
            Some((40_000, "ratelimit-reset")),
        ),
        (
            "separators inside a name",
            429,
            &[("ratelimit", r#""a;r=5,\"b";r=0;t=8"#)],
            Some((8000, "ratelimit-reset")),
        ),
    ]);
}

#[test]
fn the_size_of_a_reset_time_decides_its_unit() {
    let reset = |value| {
        delay_of(
            429,
            &[("date", DATE), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", value)],
        )
    };
    let found = |ms| Some((ms, "x-ratelimit-reset"));
    assert_eq!(reset("0"), found(0));
    assert_eq!(reset("86400"), found(86_400_000));
    assert_eq!(reset("315360000"), found(315_360_000_000), "ten years are a duration");
    assert_eq!(reset("315360001"), None, "1979 is in the past");
    assert_eq!(reset("1704067261"), found(61_000));
    assert_eq!(reset("1704067261000"), found(61_000));
    assert_eq!(reset("9999999999"), None, "2286 is too far away");
    assert_eq!(reset("1704067261000000"), None, "no server uses microseconds");
    assert_eq!(reset("-5"), None);
}

#[test]
fn values_that_are_not_text_are_ignored() {
    let mut headers = HeaderMap::new();
    headers.append("retry-after", http::HeaderValue::from_bytes(b"\xff5").unwrap());
    assert_eq!(server_delay(&headers, 429, wall()), None);
}

proptest::proptest! {
    #[test]
    fn whatever_a_server_writes_the_delay_is_sane(value in "[ -~]{0,40}", date in "[ -~]{0,40}") {
        let names = ["retry-after-ms", "retry-after", "ratelimit-reset", "ratelimit"];
        for name in names {
            let mut headers = HeaderMap::new();
            headers.append(name, value.parse().unwrap());
            headers.append("date", date.parse().unwrap());
            if let Some(delay) = server_delay(&headers, 429, wall()) {
                proptest::prop_assert!(delay.wait <= TEN_YEARS, "{name}: {value:?}");
            }
        }
    }

    #[test]
    fn a_whole_number_of_seconds_is_taken_as_it_stands(seconds in 0..=315_360_000_u64) {
        let mut headers = HeaderMap::new();
        headers.append("retry-after", seconds.to_string().parse().unwrap());
        let delay = server_delay(&headers, 503, wall()).unwrap();
        proptest::prop_assert_eq!(delay.wait, Duration::from_secs(seconds));
    }
}
