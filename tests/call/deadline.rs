//! The deadline limits the whole call, and no call waits only to fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use sac::answer::Response;
use sac::client::Client;
use sac::code::Code;
use sac::request::Request;
use sac::settings::Change;
use sac::wait::{Cancel, Clock, SleepCancelled};

use crate::support::*;

/// A back-off whose random delay is never short.
const LONG_BACKOFF: Change = Change::BackoffMs { base: u64::MAX, max: u64::MAX };

#[test]
fn a_wait_beyond_the_deadline_ends_the_call_at_once_with_the_response() {
    for (status, code) in [(429, Code::RateLimited), (503, Code::Status)] {
        let fields = [("Retry-After", "5")];
        let server = Server::always(respond(status, &fields, "{\"error\": \"busy\", \"id\": 7}"));
        let changes = [Change::RetryAttempts(3), Change::DeadlineMs(5000)];
        let (client, clock) = auto_advance_client(&server.url(), &changes);
        let response = get(&client, "/things");
        assert_eq!((response.code(), response.status()), (code, status));
        assert_eq!(response.json_text(), "{\"error\": \"busy\", \"id\": 7}");
        assert_eq!(response.fields().get("retry-after"), Some(c"5"));
        assert_eq!(response.attempts(), 1);
        assert!(clock.waits().is_empty(), "waited {:?} only to fail", clock.waits());
        assert_eq!(journal_values(&response, "done_because"), ["deadline too near"]);
    }
}

#[test]
fn a_wait_beyond_the_deadline_is_a_timeout_if_there_is_no_response() {
    let port = RefusingPort::new();
    let changes = [Change::RetryAttempts(3), Change::DeadlineMs(60_000), LONG_BACKOFF];
    let (client, clock) = auto_advance_client(&port.url(), &changes);
    let response = get(&client, "/things");
    assert_eq!(response.code(), Code::Timeout, "{}", error_of(&response));
    assert!(clock.waits().is_empty(), "waited {:?} only to fail", clock.waits());
    let error = error_of(&response);
    assert!(error.contains("connection refused"), "{error}");
    assert!(error.ends_with("(not retried because the wait would exceed the deadline)"), "{error}");
}

/// A call whose first response is a 503, and whose second attempt gets `second`.
fn after_a_503(request: &Request, second: Action, changes: &[Change]) -> Response {
    let busy = respond(503, &[("Retry-After", "10")], "{\"error\": \"busy\", \"id\": 7}");
    let server = Server::script([busy, second]);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let client = changed(client, changes);
    let response = client.send(request);
    assert_eq!(clock.waits().len(), 1, "{:?}", clock.waits());
    assert_eq!(server.requests_so_far(), 2);
    response
}

/// 10 s for the server's delay, up to 1 s for jitter, and a little for the second attempt.
const TWO_ATTEMPTS: Change = Change::DeadlineMs(11_500);

#[test]
fn a_deadline_that_ends_an_attempt_returns_the_response_before_it() {
    for method in ["GET", "PUT"] {
        let response = after_a_503(&request(method, "/things"), Action::silence(), &[TWO_ATTEMPTS]);
        assert_eq!((response.code(), response.status()), (Code::Status, 503));
        assert_eq!(response.json_text(), "{\"error\": \"busy\", \"id\": 7}");
        assert_eq!(response.attempts(), 2);
        assert_eq!(journal_values(&response, "error")[1], "SAC_ERR_TIMEOUT");
        assert_eq!(journal_values(&response, "done_because")[1], "deadline too near");
    }
}

#[test]
fn a_wait_beyond_the_deadline_returns_the_response_before_a_failure() {
    let changes = [Change::DeadlineMs(3_600_000), LONG_BACKOFF];
    let response =
        after_a_503(&request("GET", "/things"), Action::CloseAfter(b"HTT".to_vec()), &changes);
    assert_eq!((response.code(), response.status()), (Code::Status, 503));
    assert_eq!(response.json_text(), "{\"error\": \"busy\", \"id\": 7}");
    assert_eq!(journal_values(&response, "error")[1], "SAC_ERR_CLOSED");
}

/// A 503 would suggest to the caller to send a request again that may have been processed.
#[test]
fn a_deadline_that_ends_a_post_reports_that_it_may_have_been_processed() {
    let post = request("POST", "/things");
    let response = after_a_503(&post, Action::silence(), &[TWO_ATTEMPTS]);
    assert_eq!((response.code(), response.status()), (Code::Timeout, 0));
    assert!(error_of(&response).contains("may have been processed"), "{}", error_of(&response));

    let mut with_key = request("POST", "/things");
    with_key.set_idempotency_key("order-4711").unwrap();
    let response = after_a_503(&with_key, Action::silence(), &[TWO_ATTEMPTS]);
    assert_eq!((response.code(), response.status()), (Code::Status, 503));
}

#[test]
fn the_deadline_limits_an_attempt_and_no_retry_follows() {
    let server = Server::always(Action::silence());
    let changes = [Change::RetryAttempts(3), Change::DeadlineMs(400)];
    let (client, clock) = auto_advance_client(&server.url(), &changes);
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Timeout, 1));
    assert!(clock.waits().is_empty(), "{:?}", clock.waits());
    assert!(response.elapsed_us() >= 400_000, "ended after {} µs", response.elapsed_us());
}

#[test]
fn the_timeout_of_an_attempt_does_not_end_the_call() {
    let server = Server::script([Action::silence(), respond(200, &[], "{}")]);
    let changes = [Change::RetryAttempts(1), Change::TimeoutMs(500)];
    let (client, _) = auto_advance_client(&server.url(), &changes);
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 2), "{}", error_of(&response));
    assert_eq!(journal_values(&response, "retried_because")[0], "timeout");
}

#[test]
fn the_deadline_of_the_request_overrides_that_of_the_client() {
    let server = Server::always(respond(429, &[("Retry-After", "5")], ""));
    let changes = [Change::RetryAttempts(1), Change::DeadlineMs(1000)];
    let (client, clock) = auto_advance_client(&server.url(), &changes);
    let mut unlimited = request("GET", "/things");
    unlimited.change(Change::DeadlineMs(0)).unwrap();
    assert_eq!(client.send(&unlimited).attempts(), 2);
    assert_eq!(clock.waits().len(), 1, "0 means no deadline");
}

#[test]
fn the_time_of_a_retry_callback_counts_towards_the_deadline() {
    let server = Server::always(respond(429, &[("Retry-After", "5")], ""));
    let changes = [Change::RetryAttempts(1), Change::DeadlineMs(10_000)];
    let (client, clock) = auto_advance_client(&server.url(), &changes);
    let slow = clock.clone();
    client.set_retry_callback(Some(Arc::new(move |_| {
        slow.skip(Duration::from_secs(6));
        true
    })));
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::RateLimited, 1));
    assert!(clock.waits().is_empty(), "waited {:?} only to fail", clock.waits());
    assert_eq!(journal_values(&response, "done_because"), ["deadline too near"]);
}

#[test]
fn elapsed_time_includes_the_waits() {
    let server =
        Server::script([respond(429, &[("Retry-After", "5")], ""), respond(200, &[], "{}")]);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    let response = get(&client, "/things");
    let waited = u64::try_from(clock.wait().as_micros()).unwrap();
    assert!(response.elapsed_us() >= waited, "{} µs of {waited}", response.elapsed_us());
}

/// A clock that advances by one second each time it is read.
#[derive(Debug)]
struct TooFastClock(Instant, AtomicU64);

impl Clock for TooFastClock {
    fn now(&self) -> Instant {
        self.0 + Duration::from_secs(self.1.fetch_add(1, Ordering::Relaxed))
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, _: Duration, _: Option<&Cancel>) -> Result<(), SleepCancelled> {
        Ok(())
    }
}

#[test]
fn a_call_that_times_out_before_sending_reports_that_nothing_was_sent() {
    let port = RefusingPort::new();
    let mut errors = String::new();
    // For each place that checks the deadline, one of these calls fails there.
    for reads in 0..8 {
        let clock = TooFastClock(Instant::now(), AtomicU64::new(0));
        let client = Client::with_clock(&port.url(), Box::new(clock)).unwrap();
        client.change(&Change::DeadlineMs(reads * 1000 + 500)).unwrap();
        let response = get(&client, "/things");
        let error = error_of(&response);
        assert_eq!(response.attempts(), 0, "{error}");
        assert!(error.contains("/things failed before anything was sent: "), "{error}");
        errors.push_str(error);
    }
    for cause in ["the deadline has passed", "no time is left for the request", "refused"] {
        assert!(errors.contains(cause), "no call failed because {cause:?}: {errors}");
    }
}
