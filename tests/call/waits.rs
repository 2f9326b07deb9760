//! The wait before another attempt: at least as long as the server asks, with jitter, and no wait if
//! it would be too long.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sac::answer::Response;
use sac::auth::{Digest, verify};
use sac::code::Code;
use sac::settings::Change;

use crate::support::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The wait after a response with this status and these fields.
fn wait_after(status: u16, fields: &[(&str, &str)]) -> (Duration, Response) {
    let server = Server::script([respond(status, fields, ""), respond(200, &[], "{}")]);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    let response = get(&client, "/things");
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    (clock.wait(), response)
}

fn http_date(time: SystemTime) -> String {
    httpdate::fmt_http_date(time)
}

#[test]
fn a_retry_waits_at_least_as_long_as_the_server_asked() {
    let date = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let in_seven = http_date(date + ms(7000));
    let now = http_date(date);
    let after = |fields: &[(&str, &str)], min: u64, max: u64, from: &str| {
        let (wait, response) = wait_after(429, fields);
        assert!((ms(min)..=ms(max)).contains(&wait), "{wait:?} after {fields:?}");
        assert_eq!(journal_values(&response, "delay_from")[1], from, "after {fields:?}");
        let waited = journal_values(&response, "waited_ms")[1].as_u64().unwrap();
        assert!(waited >= min, "the journal reports {waited} ms after {fields:?}");
    };
    after(&[("Retry-After", "2")], 2000, 2200, "retry-after");
    after(&[("Retry-After", "0.5")], 500, 550, "retry-after");
    after(&[("Retry-After", "60")], 60_000, 61_000, "retry-after");
    after(&[("Retry-After", &in_seven), ("Date", &now)], 7000, 7700, "retry-after");
    after(&[("Retry-After-Ms", "1500"), ("Retry-After", "9")], 1500, 1650, "retry-after-ms");
    after(&[("RateLimit-Reset", "3")], 3000, 3300, "ratelimit-reset");
    let quota = [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "4")];
    after(&quota, 4000, 4400, "x-ratelimit-reset");
}

#[test]
fn the_delay_of_a_status_below_400_that_the_caller_retries_counts() {
    let later = respond(202, &[("Retry-After", "7")], "{}");
    let server = Server::script([later, respond(200, &[], "{}")]);
    let changes = [Change::RetryAttempts(1), Change::RetryStatuses([202].into())];
    let (client, clock) = auto_advance_client(&server.url(), &changes);
    assert_eq!(get(&client, "/things").status(), 200);
    assert!((ms(7000)..=ms(7700)).contains(&clock.wait()), "{:?}", clock.wait());
}

#[test]
fn a_rate_limit_without_a_delay_waits_at_least_half_a_second() {
    for status in [429, 503] {
        let server = Server::always(respond(status, &[], ""));
        let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(4)]);
        get(&client, "/things");
        for (wait, max) in clock.waits().into_iter().zip([1000, 2000, 4000, 8000]) {
            assert!((ms(max / 2)..=ms(max)).contains(&wait), "{wait:?}, not up to {max} ms");
        }
    }
}

#[test]
fn the_back_off_doubles_up_to_its_maximum_with_jitter() {
    let server = Server::always(respond(500, &[], ""));
    let changes = [Change::RetryAttempts(5), Change::BackoffMs { base: 100, max: 600 }];
    let calls: Vec<Vec<Duration>> = (0..8)
        .map(|_| {
            let (client, clock) = auto_advance_client(&server.url(), &changes);
            get(&client, "/things");
            clock.waits()
        })
        .collect();
    for waits in &calls {
        assert_eq!(waits.len(), 5, "{waits:?}");
        for (wait, max) in waits.iter().zip([100, 200, 400, 600, 600]) {
            assert!(*wait <= ms(max), "{wait:?} exceeds {max} ms in {waits:?}");
        }
    }
    assert!(calls.iter().any(|waits| *waits != calls[0]), "there is no jitter in {calls:?}");
}

#[test]
fn the_back_off_of_the_request_overrides_that_of_the_client() {
    let server = Server::always(respond(500, &[], ""));
    let changes = [Change::RetryAttempts(3), Change::BackoffMs { base: 60_000, max: 60_000 }];
    let (client, clock) = auto_advance_client(&server.url(), &changes);
    let mut request = request("GET", "/things");
    request.change(Change::BackoffMs { base: 1, max: 2 }).unwrap();
    client.send(&request);
    assert!(clock.waits().iter().all(|wait| *wait <= ms(2)), "{:?}", clock.waits());
}

#[test]
fn a_delay_that_is_too_long_returns_the_response_at_once() {
    for (status, code) in [(429, Code::RateLimited), (503, Code::Status)] {
        let fields = [("Retry-After", "121")];
        let server = Server::always(respond(status, &fields, "{\"error\": \"tomorrow\"}"));
        let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
        let response = get(&client, "/things");
        assert_eq!((response.code(), response.status()), (code, status));
        assert_eq!(response.attempts(), 1);
        assert!(clock.waits().is_empty(), "{:?}", clock.waits());
        assert_eq!(
            response.fields().get("retry-after"),
            Some(c"121"),
            "the caller can read the delay"
        );
        assert_eq!(error_of(&response), "tomorrow");
        assert_eq!(journal_values(&response, "done_because"), ["delay too long"]);

        client.change(&Change::RetryAfterMaxMs(121_000)).unwrap();
        get(&client, "/things");
        assert_eq!(clock.waits().len(), 3, "a delay of 121 s is allowed");
    }
}

#[test]
fn a_cookie_is_signed_anew_for_each_attempt() {
    let actions = [respond(429, &[("Retry-After", "100")], ""), respond(200, &[], "{}")];
    let server = Server::script(actions);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    let key = "a key that is long enough";
    client.add_signed_cookie("session", "{\"id\": 7}", "a>b", key, Digest::Sha256).unwrap();
    let start = SystemTime::now();
    assert_eq!(get(&client, "/things").code(), Code::Ok);

    let received = server.finish().requests;
    let cookie = |number: usize| {
        received[number].field("cookie").unwrap().strip_prefix("session=").unwrap().to_owned()
    };
    let is_valid = |cookie: &str, max_age_s: u64, now: SystemTime| {
        verify(cookie, &[("a>b", key)], max_age_s, Digest::Sha256, now).is_ok()
    };
    let end = start + clock.wait() + ms(1000);
    assert!(is_valid(&cookie(0), 50, start + ms(1000)), "{}", cookie(0));
    assert!(!is_valid(&cookie(0), 50, end), "the first one has expired");
    assert!(is_valid(&cookie(1), 50, end), "the second one has the time of the second attempt");
}
