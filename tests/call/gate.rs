//! The server's rate limit: a 429 to one call delays other calls of the client and its clones.

use std::time::Duration;

use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;

use crate::support::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn rate_limited(seconds: u64) -> Action {
    respond(429, &[("Retry-After", &seconds.to_string())], "{\"error\": \"slow down\"}")
}

fn ok() -> Action {
    respond(200, &[], "{}")
}

/// A server that limits the requests for these paths and answers all others.
fn limiting(paths: &'static [&'static str]) -> Server {
    Server::start(move |received| {
        let path = received.path().split('?').next().unwrap();
        if paths.contains(&path) { rate_limited(5) } else { ok() }
    })
}

/// A client whose calls may retry, its clock, and a clone whose calls may not retry.
fn family(server: &Server) -> (Client, AutoAdvanceClock, Client) {
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    let once = changed(client.clone(), &[Change::RetryAttempts(0)]);
    (client, clock, once)
}

fn assert_rate_limited(client: &Client, path: &str) {
    assert_eq!(get(client, path).code(), Code::RateLimited, "{path}");
}

/// Whether a call waits at the gate before it sends. It must then succeed.
fn is_held_back(client: &Client, clock: &AutoAdvanceClock, path: &str) -> bool {
    let before = clock.waits().len();
    let response = get(client, path);
    assert_eq!(response.code(), Code::Ok, "{path}: {}", error_of(&response));
    let waits = clock.waits();
    if waits.len() > before {
        assert_eq!(journal_values(&response, "delay_from"), ["gate"], "{path}");
    }
    waits.len() > before
}

#[test]
fn a_429_to_one_call_delays_other_calls_of_the_client() {
    for status in [429, 503] {
        let server = Server::script([respond(status, &[("Retry-After", "5")], ""), ok()]);
        let (client, clock, once) = family(&server);
        assert_eq!(get(&once, "/sync?page=1").status(), status);
        assert!(clock.waits().is_empty(), "a call without retries does not wait");
        let response = get(&client, "/sync?page=2");
        assert_eq!((response.code(), response.attempts()), (Code::Ok, 1));
        assert!((ms(4000)..ms(5100)).contains(&clock.wait()), "{:?}", clock.wait());
        assert_eq!(journal_values(&response, "delay_from"), ["gate"]);
        assert_eq!(server.finish().requests.len(), 2, "the second call was sent once");
    }
}

#[test]
fn a_429_delays_streams_and_that_to_a_stream_delays_calls() {
    let server = Server::script([rate_limited(5), ok(), rate_limited(5), ok()]);
    let (client, clock, once) = family(&server);
    assert_rate_limited(&once, "/sync");
    let (head, mut stream) = client.open_stream(&request("GET", "/sync"));
    assert_eq!((head.code(), head.attempts()), (Code::Ok, 1), "{}", error_of(&head));
    assert!((ms(4000)..ms(5100)).contains(&clock.wait()), "{:?}", clock.wait());
    assert_eq!(journal_values(&head, "delay_from"), ["gate"]);
    assert_eq!(stream.read(&mut [0; 10]), Ok(2), "{:?}", stream.error());
    let (head, stream) = once.open_stream(&request("GET", "/sync"));
    assert_eq!((head.code(), head.status()), (Code::RateLimited, 429));
    assert_eq!(stream.error().map(|error| error.code), Some(Code::RateLimited));
    assert!(is_held_back(&client, &clock, "/sync"), "the 429 to a stream delays no call");
    assert_eq!(server.finish().requests.len(), 4);
}

#[test]
fn a_call_without_retries_ignores_the_gate() {
    let server = limiting(&["/sync"]);
    let (_, clock, once) = family(&server);
    assert_rate_limited(&once, "/sync");
    assert_rate_limited(&once, "/sync");
    assert!(clock.waits().is_empty(), "{:?}", clock.waits());
    assert_eq!(server.finish().requests.len(), 2);
}

#[test]
fn a_gate_covers_one_path_until_a_second_path_is_limited() {
    let server = limiting(&["/login", "/sync"]);
    let (client, clock, once) = family(&server);
    assert_rate_limited(&once, "/login");
    assert!(!is_held_back(&client, &clock, "/items"), "only /login is limited");
    assert_rate_limited(&once, "/sync");
    assert!(is_held_back(&client, &clock, "/items"), "the whole origin is limited");
    assert!(!is_held_back(&client, &clock, "/items"), "the gate is open again");
}

#[test]
fn a_gate_covers_one_credential() {
    for kind in ["bearer", "API key", "cookie", "key for AWS"] {
        let set = |client: &Client, value: &str| match kind {
            "bearer" => client.add_bearer(value).unwrap(),
            "key for AWS" => client.set_aws_sigv4("r", "s3", value, "secret", None).unwrap(),
            "API key" => client.add_header("X-Api-Key", value).unwrap(),
            _ => client.add_cookie("session", value).unwrap(),
        };
        let server = Server::script([rate_limited(5), ok(), ok()]);
        let (client, clock, once) = family(&server);
        set(&once, "value-of-one");
        assert_rate_limited(&once, "/sync");
        set(&client, "value-of-another");
        assert!(!is_held_back(&client, &clock, "/sync"), "another {kind} is held back");
        set(&client, "value-of-one");
        assert!(is_held_back(&client, &clock, "/sync"), "the same {kind} is not held back");
    }
}

#[test]
fn an_idempotency_key_is_not_a_credential() {
    let server = Server::script([rate_limited(5), ok()]);
    let (client, clock, once) = family(&server);
    for (client, key) in [(once, "order-1"), (client, "order-2")] {
        let mut post = request("POST", "/orders");
        post.set_idempotency_key(key).unwrap();
        client.send(&post);
    }
    assert_eq!(clock.waits().len(), 1, "the second order did not wait");
}

#[test]
fn a_gate_beyond_the_deadline_is_an_error_without_a_request() {
    let server = limiting(&["/sync"]);
    let (client, clock, once) = family(&server);
    assert_rate_limited(&once, "/sync");
    client.change(&Change::DeadlineMs(2000)).unwrap();
    let response = get(&client, "/sync");
    assert_eq!((response.code(), response.status()), (Code::RateLimited, 0));
    assert_eq!(response.attempts(), 0);
    assert!(clock.waits().is_empty(), "waited {:?} only to fail", clock.waits());
    let error = error_of(&response);
    assert!(error.contains("/sync failed before anything was sent: "), "{error}");
    assert!(error.ends_with(" ms would exceed the deadline"), "{error}");
    assert_eq!(journal_of(&response), serde_json::json!([]));
    assert_eq!(server.finish().requests.len(), 1);
}

#[test]
fn a_delay_that_is_too_long_does_not_close_the_gate() {
    let server = Server::script([rate_limited(121), ok()]);
    let (client, clock, once) = family(&server);
    assert_rate_limited(&once, "/sync");
    assert!(!is_held_back(&client, &clock, "/sync"));
}

/// A client on a manual clock, and a server that limits the first request for 2 s. The gate is closed
/// until then.
fn closed_for_two_seconds(
    actions: impl IntoIterator<Item = Action>,
) -> (Client, ManualClock, Server) {
    let server = Server::script([rate_limited(2)].into_iter().chain(actions));
    let clock = ManualClock::new();
    let client = Client::with_clock(&server.url(), Box::new(clock.clone())).unwrap();
    assert_rate_limited(&client, "/sync");
    (changed(client, &[Change::RetryAttempts(2)]), clock, server)
}

#[test]
fn waiting_calls_pass_the_gate_one_after_the_other() {
    const THREADS: usize = 8;
    const SPACING: Duration = Duration::from_millis(40);
    let (client, clock, server) = closed_for_two_seconds((0..THREADS).map(|_| ok()));
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..THREADS)
            .map(|_| {
                let clone = client.clone();
                scope.spawn(move || get(&clone, "/sync"))
            })
            .collect();
        let wakes = clock.wait_for_sleepers(THREADS);
        for (number, wake) in (0..).zip(&wakes) {
            let slot = ms(2000) + SPACING * number;
            assert!((slot..=slot + SPACING).contains(wake), "number {number} wakes at {wake:?}");
        }
        for (number, wake) in wakes.into_iter().enumerate() {
            clock.set_to(wake);
            server.wait_for_requests(number + 2);
            assert_eq!(clock.wait_for_sleepers(THREADS - number - 1).len(), THREADS - number - 1);
            assert_eq!(server.requests_so_far(), number + 2, "more than one passed the gate");
        }
        for call in calls {
            let response = call.join().unwrap();
            assert_eq!((response.code(), response.attempts()), (Code::Ok, 1));
        }
    });
    assert_eq!(server.finish().requests.len(), THREADS + 1);
}

#[test]
fn a_gate_that_closes_again_delays_the_calls_that_wait_at_it() {
    let (client, clock, server) = closed_for_two_seconds([rate_limited(5), ok()]);
    let once = changed(client.clone(), &[Change::RetryAttempts(0)]);
    std::thread::scope(|scope| {
        let call = scope.spawn(|| get(&client, "/sync"));
        clock.wait_for_sleepers(1);
        clock.set_to(ms(1000));
        assert_rate_limited(&once, "/sync");
        clock.set_to(ms(2100));
        let wake = clock.wait_for_sleepers(1)[0];
        assert!((ms(6000)..=ms(6100)).contains(&wake), "the call wakes at {wake:?}");
        clock.set_to(wake);
        assert_eq!(call.join().unwrap().code(), Code::Ok);
    });
    assert_eq!(server.finish().requests.len(), 3);
}

#[test]
fn a_gate_that_closes_while_a_call_waits_for_its_slot_delays_the_call() {
    let latch = Latch::new();
    let server = Server::script([rate_limited(30).after(&latch), ok()]);
    let clock = ManualClock::new();
    let client = Client::with_clock(&server.url(), Box::new(clock.clone())).unwrap();
    client.set_rate(sac::limit::Rate::new(1, Duration::from_secs(10), 1));
    let retrying = changed(client.clone(), &[Change::RetryAttempts(1)]);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| get(&client, "/sync"));
        server.wait_for_requests(1);
        let second = scope.spawn(|| get(&retrying, "/sync"));
        assert_eq!(clock.wait_for_sleepers(1), [ms(10_000)], "the slot of the second call");
        latch.open();
        assert_eq!(first.join().unwrap().code(), Code::RateLimited);
        clock.set_to(ms(10_000));
        let wake = clock.wait_for_sleepers(1)[0];
        assert!((ms(30_000)..=ms(30_050)).contains(&wake), "the call wakes at {wake:?}");
        assert_eq!(server.requests_so_far(), 1, "it was sent before the server's delay was over");
        clock.set_to(wake);
        assert_eq!(second.join().unwrap().code(), Code::Ok);
    });
}

/// GitHub's primary rate limit: the requests of the hour are used up.
fn github_primary() -> Action {
    let fields = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")];
    respond(403, &fields, "{\"message\": \"API rate limit exceeded\"}")
}

/// GitHub's secondary rate limit: too many requests at once.
fn github_secondary() -> Action {
    let fields = [("Retry-After", "5"), ("x-ratelimit-remaining", "4321")];
    respond(403, &fields, "{\"message\": \"You have exceeded a secondary rate limit\"}")
}

#[test]
fn a_403_that_is_a_rate_limit_is_handled_like_a_429() {
    for limit in [github_primary, github_secondary] {
        let server = Server::script([limit(), ok(), limit(), ok()]);
        let (client, clock, once) = family(&server);
        let response = client.send(&request("POST", "/issues"));
        assert_eq!((response.code(), response.attempts()), (Code::Ok, 2));
        assert!((ms(5000)..ms(6000)).contains(&clock.wait()), "{:?}", clock.wait());

        let response = get(&once, "/sync");
        assert_eq!((response.code(), response.status()), (Code::RateLimited, 403));
        assert!(error_of(&response).contains("limit"), "{}", error_of(&response));
        assert!(is_held_back(&client, &clock, "/sync"), "the gate stayed open");
    }
}

#[test]
fn a_403_without_a_reset_time_is_retried_after_a_back_off() {
    let spent = respond(403, &[("x-ratelimit-remaining", "0")], "");
    let server = Server::script([spent.clone(), ok(), spent]);
    let (client, clock, once) = family(&server);
    assert_eq!(client.send(&request("POST", "/issues")).attempts(), 2);
    assert!(clock.wait() >= ms(500), "{:?}", clock.wait());
    assert_rate_limited(&once, "/issues");
}

#[test]
fn a_plain_403_is_final() {
    let fields = [("x-ratelimit-remaining", "4999"), ("x-ratelimit-reset", "60")];
    let server = Server::script([respond(403, &fields, ""), ok()]);
    let (client, clock, _) = family(&server);
    let response = get(&client, "/secret");
    assert_eq!((response.code(), response.attempts()), (Code::Status, 1));
    assert!(!is_held_back(&client, &clock, "/secret"), "a plain 403 closed the gate");
}

#[test]
fn a_success_with_no_requests_left_delays_the_next_request_until_the_reset() {
    for fields in [
        &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")][..],
        &[("X-RateLimit-Remaining", " 0"), ("X-RateLimit-Reset-After", "5")],
        &[("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "5")],
        &[("RateLimit-Remaining", "0"), ("RateLimit-Reset", "5")],
        &[("RateLimit", "\"hour\";r=0;t=5")],
        &[("RateLimit", "limit=100, remaining=0, reset=5")],
    ] {
        let server = Server::script([respond(200, fields, "{}"), ok()]);
        let (client, clock, once) = family(&server);
        assert_eq!(get(&once, "/sync").code(), Code::Ok);
        assert!(is_held_back(&client, &clock, "/sync"), "{fields:?}");
        assert!((ms(4000)..ms(5100)).contains(&clock.wait()), "{fields:?}: {:?}", clock.wait());
    }
}

#[test]
fn a_retry_after_on_a_success_with_no_requests_left_counts_and_the_later_time_wins() {
    let none_left: &[&[(&str, &str)]] = &[
        &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")],
        &[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset-After", "5")],
        &[("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "5")],
        &[("RateLimit-Remaining", "0"), ("RateLimit-Reset", "5")],
        &[("RateLimit", "\"hour\";r=0;t=5")],
        &[("RateLimit", "limit=100, remaining=0, reset=5")],
        // Only Retry-After says until when.
        &[("x-ratelimit-remaining", "0")],
        &[("RateLimit-Remaining", "0")],
    ];
    for fields in none_left {
        let resets = fields.len() > 1 || fields[0].0 == "RateLimit";
        for (name, value, soonest) in [
            ("Retry-After", "2", if resets { 5 } else { 2 }),
            ("Retry-After", "9", 9),
            ("retry-after-ms", "9000", 9),
        ] {
            for status in [200, 404] {
                let fields = [*fields, &[(name, value)]].concat();
                let server = Server::script([respond(status, &fields, "{}"), ok()]);
                let (client, clock, once) = family(&server);
                assert_eq!(get(&once, "/sync").status(), status);
                assert!(is_held_back(&client, &clock, "/sync"), "{status} {fields:?}");
                let (wait, soonest) = (clock.wait(), ms(soonest * 1000));
                // Time has passed since the response arrived.
                assert!(wait > soonest - ms(1000), "{status} {fields:?}: {wait:?}");
                assert!(wait < soonest + ms(100), "{status} {fields:?}: {wait:?}");
            }
        }
    }
}

#[test]
fn a_success_with_requests_left_delays_no_request() {
    for fields in [
        &[("x-ratelimit-remaining", "10"), ("x-ratelimit-reset", "5")][..],
        &[("x-ratelimit-remaining", "0.5"), ("x-ratelimit-reset", "5")],
        &[("RateLimit", "\"hour\";r=50;t=5")],
        &[("RateLimit-Reset", "5")],
        &[("Retry-After", "5")],
        &[("Retry-After", "5"), ("x-ratelimit-remaining", "10"), ("x-ratelimit-reset", "5")],
        &[("Retry-After", "5"), ("RateLimit", "\"hour\";r=50;t=5")],
    ] {
        let server = Server::script([respond(200, fields, "{}"), ok()]);
        let (client, clock, once) = family(&server);
        assert_eq!(get(&once, "/sync").code(), Code::Ok);
        assert!(!is_held_back(&client, &clock, "/sync"), "{fields:?}");
    }
}
