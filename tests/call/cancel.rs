//! A cancel from another thread in each phase of a call, with the time from the trigger to the
//! return of the call. `cargo test --test call cancel -- --nocapture` prints the times.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use sac::answer::Response;
use sac::client::Client;
use sac::code::Code;
use sac::limit::Rate;
use sac::request::Request;
use sac::settings::Change;
use sac::wait::Cancel;

use crate::fake_resolver;
use crate::support::*;

/// The promised limit for the return of a cancelled call.
const MAX_DELAY: Duration = Duration::from_millis(100);

/// A measurement holds it for reading; a test that keeps all processors busy holds it for writing.
pub static QUIET: RwLock<()> = RwLock::new(());

/// An hour, in a header field.
const AN_HOUR: (&str, &str) = ("Retry-After", "3600");

/// Sends the request in a new thread. After `reached` has returned and that thread blocks, the call
/// is in the phase, and this function triggers the cancel.
fn measure(phase: &str, client: &Client, mut request: Request, reached: impl FnOnce()) -> Response {
    let cancel = Cancel::new().unwrap();
    request.set_cancel(Some(cancel.clone()));
    let _quiet = QUIET.read().unwrap_or_else(PoisonError::into_inner);
    let (introduce, blocked) = BlockedThread::new();
    let (response, elapsed) = std::thread::scope(|scope| {
        let call = scope.spawn(|| {
            introduce();
            let response = client.send(&request);
            (response, Instant::now())
        });
        reached();
        blocked.wait_until_blocked();
        let triggered = Instant::now();
        cancel.trigger();
        let (response, ended) = call.join().unwrap();
        (response, ended.saturating_duration_since(triggered))
    });
    println!("cancel in {phase}: {:.1} ms", elapsed.as_secs_f64() * 1000.0);
    assert_eq!(response.code(), Code::Cancelled, "{phase}: {}", error_of(&response));
    assert!(error_of(&response).ends_with(": cancelled by the caller"), "{}", error_of(&response));
    assert!(elapsed < MAX_DELAY, "cancel in {phase}: returned after {elapsed:?}");
    response
}

/// Retries that wait as long as the server asks.
const LONG_WAITS: [Change; 2] = [Change::RetryAttempts(3), Change::RetryAfterMaxMs(7_200_000)];

#[test]
fn cancel_ends_a_dns_lookup() {
    let before = fake_resolver::count();
    let client = client("http://slow.example", &[]);
    let response = measure("DNS lookup", &client, request("GET", "/"), || {
        wait_until("a DNS lookup", || fake_resolver::count() > before);
    });
    assert_eq!(response.attempts(), 0);
    fake_resolver::fail_all();

    let (client, clock) = auto_advance_client("http://other.example", &[Change::RetryAttempts(2)]);
    let before = fake_resolver::count();
    let response = client.send(&request("POST", "/"));
    assert_eq!((response.code(), response.attempts()), (Code::Resolve, 0));
    assert_eq!(fake_resolver::count() - before, 3, "every method retries a DNS lookup");
    assert_eq!(clock.waits().len(), 2, "{:?}", clock.waits());
}

#[test]
fn cancel_ends_a_connect() {
    let port = FullQueuePort::new();
    let client = client(&port.url(), &[]);
    let before = sockets_to(port.address(), TcpState::SynSent);
    let response = measure("connect", &client, request("GET", "/"), || {
        wait_until("a SYN", || sockets_to(port.address(), TcpState::SynSent) > before);
    });
    assert_eq!(response.attempts(), 0);
}

#[test]
fn cancel_ends_a_tls_handshake() {
    let server = Server::silent();
    let url = server.url().replace("http:", "https:");
    let client = client(&url, &[Change::Verify(false)]);
    let response = measure("TLS handshake", &client, request("GET", "/"), || {
        server.wait_for_requests(1);
    });
    assert_eq!(response.attempts(), 0);
}

#[test]
fn cancel_ends_the_sending_of_a_body() {
    let server = Server::ignoring_bodies();
    let mut request = request("POST", "/");
    request.set_body("application/octet-stream", &vec![0; 32 * 1024 * 1024]).unwrap();
    let response = measure("sending the body", &client(&server.url(), &[]), request, || {
        server.wait_for_requests(1);
    });
    assert_eq!(response.attempts(), 1, "a part of the request was sent");
}

#[test]
fn cancel_ends_the_wait_for_the_headers() {
    let server = Server::always(Action::silence());
    let client = client(&server.url(), &LONG_WAITS);
    let response = measure("waiting for headers", &client, request("GET", "/"), || {
        server.wait_for_requests(1);
    });
    assert_eq!((response.status(), response.attempts()), (0, 1));
    assert_eq!(journal_values(&response, "done_because"), ["cancelled"]);
    drop(client);
    assert_eq!(server.finish().requests.len(), 1, "a cancel is not retried");
}

#[test]
fn cancel_ends_the_reading_of_a_body() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\": 1".to_vec();
    let server = Server::always(Action::Silence(half));
    let client = client(&server.url(), &LONG_WAITS);
    let response = measure("reading the body", &client, request("GET", "/"), || {
        server.wait_for_responses(1);
    });
    assert_eq!(response.status(), 200, "the head had arrived");
    assert_eq!(journal_values(&response, "error"), ["SAC_ERR_CANCELLED"]);
}

#[test]
fn cancel_ends_a_back_off() {
    let server = Server::always(respond(429, &[AN_HOUR], ""));
    let client = client(&server.url(), &LONG_WAITS);
    let (sender, retries) = std::sync::mpsc::channel();
    client.set_retry_callback(Some(std::sync::Arc::new(move |_| sender.send(()).is_ok())));
    let response = measure("back-off", &client, request("GET", "/"), || retries.recv().unwrap());
    assert_eq!((response.status(), response.attempts()), (0, 1));
    assert_eq!(journal_values(&response, "done_because"), ["cancelled"]);
    assert_eq!(journal_values(&response, "then_delay_from"), ["retry-after"]);
    assert!(journal_values(&response, "retried_because")[0].is_null(), "the call did not retry");
    let stats = stats_of(&client);
    assert_eq!(stats["retries"]["rate_limited"], 0, "{stats}");
}

#[test]
fn cancel_ends_a_wait_at_the_gate() {
    let server = Server::always(respond(429, &[AN_HOUR], ""));
    let client = client(&server.url(), &LONG_WAITS);
    let mut once = request("GET", "/");
    once.change(Change::RetryAttempts(0)).unwrap();
    assert_eq!(client.send(&once).code(), Code::RateLimited);
    let response = measure("gate", &client, request("GET", "/"), || {});
    assert_eq!(response.attempts(), 0);
    assert_eq!(server.finish().requests.len(), 1);
}

#[test]
fn cancel_ends_a_wait_for_the_limiter() {
    let server = Server::always(respond(200, &[], "{}"));
    let client = client(&server.url(), &[]);
    client.set_rate(Rate::new(1, Duration::from_secs(3600), 1));
    assert_eq!(get(&client, "/").code(), Code::Ok);
    let response = measure("limiter", &client, request("GET", "/"), || {});
    assert_eq!(response.attempts(), 0);
    // The slot is free again, an hour after the first: a deadline just after it allows its use.
    client.change(&Change::DeadlineMs(3_600_001)).unwrap();
    measure("limiter, the slot of the cancelled call", &client, request("GET", "/"), || {});
    assert_eq!(server.finish().requests.len(), 1);
}

#[test]
fn a_cancel_that_was_triggered_before_the_call_sends_nothing() {
    let server = Server::always(respond(200, &[], "{}"));
    let client = client(&server.url(), &[]);
    let cancel = Cancel::new().unwrap();
    cancel.trigger();
    let mut request = request("GET", "/things");
    request.set_cancel(Some(cancel));
    let response = client.send(&request);
    assert_eq!((response.code(), response.attempts()), (Code::Cancelled, 0));
    assert_eq!(
        error_of(&response),
        format!(
            "GET {}/things failed before anything was sent: cancelled by the caller",
            server.url()
        )
    );
    request.set_cancel(None);
    assert_eq!(client.send(&request).code(), Code::Ok);
}

#[test]
fn one_cancel_ends_all_calls_that_have_it() {
    const CALLS: usize = 8;
    let server = Server::always(Action::silence());
    let client = client(&server.url(), &[]);
    let cancel = Cancel::new().unwrap();
    let mut request = request("GET", "/");
    request.set_cancel(Some(cancel.clone()));
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..CALLS).map(|_| scope.spawn(|| client.send(&request))).collect();
        server.wait_for_requests(CALLS);
        cancel.trigger();
        for call in calls {
            assert_eq!(call.join().unwrap().code(), Code::Cancelled);
        }
    });
}

#[test]
fn a_cancel_during_a_failing_attempt_ends_the_call_without_a_retry() {
    let latch = Latch::new();
    let server = Server::always(respond(503, &[], "").after(&latch));
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let cancel = Cancel::new().unwrap();
    let called = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let callback_called = std::sync::Arc::clone(&called);
    let trigger = cancel.clone();
    client.set_retry_callback(Some(std::sync::Arc::new(move |_| {
        callback_called.store(true, std::sync::atomic::Ordering::Relaxed);
        trigger.trigger();
        true
    })));
    latch.open();
    let mut request = request("GET", "/");
    request.set_cancel(Some(cancel));
    let response = client.send(&request);
    assert!(called.load(std::sync::atomic::Ordering::Relaxed));
    assert_eq!((response.code(), response.attempts()), (Code::Cancelled, 1));
    assert_eq!(response.status(), 0);
    assert_eq!(clock.waits().len(), 1, "the wait ended at once");
}
