//! The caller's rate limit, across threads and clones.

use std::time::Duration;

use sac::client::Client;
use sac::code::Code;
use sac::limit::Rate;
use sac::settings::Change;

use crate::support::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn ok() -> Action {
    respond(200, &[], "{}")
}

/// A client that may send `burst` requests at once and then one each 100 ms, on a manual clock.
fn limited(server: &Server, burst: u32) -> (Client, ManualClock) {
    let clock = ManualClock::new();
    let client = Client::with_clock(&server.url(), Box::new(clock.clone())).unwrap();
    client.set_rate(Rate::new(10, ms(1000), burst));
    (client, clock)
}

#[test]
fn threads_and_clones_share_one_limit() {
    const THREADS: usize = 7;
    let server = Server::always(ok());
    let (client, clock) = limited(&server, 3);
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let clone = if number % 2 == 0 { client.clone() } else { client.clone().clone() };
            scope.spawn(move || assert_eq!(get(&clone, "/things").code(), Code::Ok));
        }
        server.wait_for_requests(3);
        let wakes = clock.wait_for_sleepers(THREADS - 3);
        assert_eq!(wakes, [100, 200, 300, 400].map(ms), "three at once, the others evenly");
        for (number, wake) in wakes.into_iter().enumerate() {
            assert_eq!(server.requests_so_far(), 3 + number, "too many before {wake:?}");
            clock.set_to(wake);
            server.wait_for_requests(3 + number + 1);
        }
    });
}

#[test]
fn a_stream_waits_for_its_slot() {
    let server = Server::always(ok());
    let (client, clock) = limited(&server, 1);
    std::thread::scope(|scope| {
        let (head, mut first) = client.open_stream(&request("GET", "/things"));
        assert_eq!(head.code(), Code::Ok, "{}", error_of(&head));
        let second = scope.spawn(|| client.open_stream(&request("GET", "/things")).0);
        assert_eq!(clock.wait_for_sleepers(1), [ms(100)], "the slot of the second stream");
        assert_eq!(server.requests_so_far(), 1, "the second stream was sent before its slot");
        assert_eq!(first.read(&mut [0; 10]), Ok(2), "a limit does not delay the body");
        clock.set_to(ms(100));
        let head = second.join().unwrap();
        assert_eq!((head.code(), head.attempts()), (Code::Ok, 1), "{}", error_of(&head));
        assert_eq!(journal_values(&head, "delay_from"), ["limiter"]);
    });
    assert_eq!(server.finish().requests.len(), 2);
}

#[test]
fn retries_and_free_repeats_count_towards_the_limit() {
    let actions = [ok(), Action::close(), respond(429, &[("Retry-After", "0.01")], ""), ok()];
    let server = Server::script(actions);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    client.set_rate(Rate::new(1, ms(60_000), 1));
    assert_eq!(get(&client, "/warm-up").code(), Code::Ok);
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 3), "{}", error_of(&response));
    let slots = clock.waits().iter().filter(|wait| **wait > ms(50_000)).count();
    assert_eq!(slots, 3, "{:?}", clock.waits());
    assert_eq!(journal_values(&response, "delay_from"), ["limiter", "limiter", "limiter"]);
}

#[test]
fn a_slot_after_the_deadline_is_an_error_at_once_and_stays_free() {
    let server = Server::always(ok());
    let (client, clock) = limited(&server, 1);
    get(&client, "/things");
    let short = changed(client.clone(), &[Change::DeadlineMs(100)]);
    let response = get(&short, "/things");
    assert_eq!((response.code(), response.status()), (Code::RateLimited, 0));
    assert_eq!(response.attempts(), 0);
    let error = error_of(&response);
    assert!(error.contains("/things failed before anything was sent: the limit of"), "{error}");
    assert!(error.ends_with("the wait of 100 ms would exceed the deadline"), "{error}");
    std::thread::scope(|scope| {
        let other = scope.spawn(|| get(&client, "/things"));
        assert_eq!(clock.wait_for_sleepers(1), [ms(100)], "the slot is free");
        clock.set_to(ms(100));
        assert_eq!(other.join().unwrap().code(), Code::Ok);
    });
    assert_eq!(server.finish().requests.len(), 2);
}

#[test]
fn a_wait_for_a_slot_counts_towards_the_deadline() {
    let server = Server::script([ok(), Action::silence()]);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::DeadlineMs(60_500)]);
    client.set_rate(Rate::new(1, ms(60_000), 1));
    get(&client, "/things");
    let start = std::time::Instant::now();
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Timeout, 1));
    assert!(clock.wait() > ms(50_000), "{:?}", clock.wait());
    assert!(response.elapsed_us() >= 60_500_000, "{} µs", response.elapsed_us());
    assert!(start.elapsed() < ms(30_000), "the attempt took more than the rest of the deadline");
}

#[test]
fn a_removed_limit_delays_no_request() {
    let server = Server::always(ok());
    let (client, clock) = auto_advance_client(&server.url(), &[]);
    client.set_rate(Rate::new(1, ms(60_000), 1));
    get(&client, "/things");
    client.clone().set_rate(None);
    get(&client, "/things");
    assert!(clock.waits().is_empty(), "{:?}", clock.waits());
}
