//! The retry budget: a server that fails for all calls gets few retries.

use std::sync::{Arc, Mutex};

use sac::client::Client;
use sac::code::Code;
use sac::log::{Level, LogSink};
use sac::settings::Change;

use crate::support::*;

const CALLS: usize = 400;

fn retrying(server: &Server) -> Client {
    auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]).0
}

#[test]
fn a_storm_of_failures_costs_a_server_less_than_a_tenth_more_requests() {
    let server = Server::always(respond(503, &[], "{}"));
    let client = retrying(&server);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let clone = client.clone();
            scope.spawn(move || {
                for _ in 0..CALLS / 4 {
                    assert_eq!(get(&clone, "/").status(), 503);
                }
            });
        }
    });
    // 35 retries take 490 of the 500 tokens of the family.
    assert_eq!(server.finish().requests.len(), CALLS + 35, "requests for {CALLS} calls");
}

#[test]
fn a_call_without_a_budget_for_its_retry_says_so() {
    let server = Server::always(respond(503, &[], "{\"error\": \"overloaded\"}"));
    let client = retrying(&server);
    client.set_retry_budget(14).unwrap();
    let lines = Arc::new(Mutex::new(String::new()));
    let logged = Arc::clone(&lines);
    let sink: LogSink = Arc::new(move |_, line| logged.lock().unwrap().push_str(line));
    client.set_logger(Some(sink), Level::Warn);
    let response = get(&client, "/");
    assert_eq!((response.code(), response.attempts()), (Code::Status, 2));
    assert_eq!(journal_values(&response, "done_because")[1], "budget");
    let lines = lines.lock().unwrap().clone();
    let line =
        "attempt 2 failed (status 503), not retried: too many calls fail, so the retry budget";
    assert!(lines.contains(line), "{lines}");
    let refused = client_of_closed_port();
    refused.set_retry_budget(13).unwrap();
    let response = get(&refused, "/");
    assert!(error_of(&response).contains("the retry budget is used up"), "{}", error_of(&response));
    client.set_retry_budget(0).unwrap();
    assert_eq!(get(&client, "/").attempts(), 4, "0 allows every retry");
}

/// A client of a server that does not exist.
fn client_of_closed_port() -> Client {
    let server = Server::always(respond(200, &[], "{}"));
    let client = retrying(&server);
    server.finish();
    client
}

#[test]
fn responses_bring_the_budget_back() {
    let server = Server::start(|received| match received.path() {
        "/bad" => respond(503, &[], "{}"),
        "/limited" => respond(429, &[("Retry-After", "1")], "{}"),
        "/missing" => respond(404, &[], "{}"),
        _ => respond(200, &[], "{}"),
    });
    let client = retrying(&server);
    client.set_retry_budget(14).unwrap();
    assert_eq!(get(&client, "/bad").attempts(), 2, "one retry uses up the budget");
    assert_eq!(get(&client, "/bad").attempts(), 1);
    for path in ["/good", "/missing", "/good", "/missing", "/good"] {
        assert_eq!(get(&client, path).attempts(), 1);
    }
    assert_eq!(get(&client, "/limited").attempts(), 2, "five responses allow one retry of a 429");
    assert_eq!(get(&client, "/limited").attempts(), 1);
}

#[test]
fn a_retry_that_succeeds_costs_nothing() {
    let server = Server::start(|received| match received.number % 2 {
        0 => respond(503, &[], "{}"),
        _ => respond(200, &[], "{}"),
    });
    let client = retrying(&server);
    client.set_retry_budget(14).unwrap();
    for _ in 0..100 {
        let response = get(&client, "/");
        assert_eq!((response.code(), response.attempts()), (Code::Ok, 2));
    }
}
