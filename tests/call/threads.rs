//! Many threads, one client: every response belongs to its request, and no request mixes two states
//! of the settings.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;
use serde_json::{Value, json};

use crate::cancel::QUIET;
use crate::support::*;

const THREADS: usize = 50;
const REQUESTS: usize = 40;

/// A server that responds with the parts of each request.
fn echo() -> Server {
    Server::start(|received| {
        let cookie = |name: &str| {
            let cookies = received.field("cookie")?;
            let mut pairs = cookies.split("; ").filter_map(|pair| pair.split_once('='));
            pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
        };
        let echo = json!({
            "path": received.path(),
            "own": received.field("x-own"),
            "first": received.field("x-first"),
            "second": received.field("x-second"),
            "one": cookie("one"),
            "two": cookie("two"),
            "authorization": received.field("authorization"),
            "agent": received.field("user-agent"),
        });
        respond(200, &[("Content-Type", "application/json")], &echo.to_string())
    })
}

/// Changes the client in several threads until the calls are done.
struct SettingsChanger<'a> {
    client: &'a Client,
    over: &'a AtomicBool,
}

impl SettingsChanger<'_> {
    /// Calls `change` with the numbers 1, 2, …
    fn with(&self, change: impl Fn(&Client, u64)) {
        for number in 1.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            change(self.client, number);
            std::thread::yield_now();
        }
    }
}

fn number(echo: &Value) -> Option<u64> {
    echo.as_str().map(|text| text.parse().unwrap())
}

/// The request has a state of the settings that existed between two setters.
fn assert_consistent(echo: &Value) {
    // The thread sets the first, then the second to the same number, then resets all.
    match (number(&echo["first"]), number(&echo["second"])) {
        (None, None) | (Some(_), None) => {}
        (Some(first), Some(second)) if first == second => {}
        mixed => panic!("mixed states of headers: {mixed:?} in {echo}"),
    }
    // The reset may run between any two steps of this thread.
    match (number(&echo["one"]), number(&echo["two"])) {
        (None, _) | (_, None) => {}
        (Some(one), Some(two)) if one == two || one == two + 1 => {}
        mixed => panic!("mixed states of cookies: {mixed:?} in {echo}"),
    }
    let authorization = echo["authorization"].as_str().unwrap_or("Bearer none");
    assert!(
        ["Bearer none", "Bearer token-one", "Basic YWRhOmxvdmVsYWNl"].contains(&authorization),
        "{echo}"
    );
    let agent = echo["agent"].as_str().unwrap();
    assert!(agent.starts_with("libsac/") || agent.starts_with("agent-"), "{echo}");
}

#[test]
fn every_response_belongs_to_its_request_while_setters_run() {
    let server = echo();
    let client = client(&server.url(), &[Change::RetryAttempts(1)]);
    let over = AtomicBool::new(false);
    let _alone = QUIET.write().unwrap_or_else(PoisonError::into_inner);
    let changer = SettingsChanger { client: &client, over: &over };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            changer.with(|client, number| {
                client.add_header("X-First", &number.to_string()).unwrap();
                client.add_header("X-Second", &number.to_string()).unwrap();
                client.reset();
            });
        });
        scope.spawn(|| {
            changer.with(|client, number| {
                client.add_cookie("one", &number.to_string()).unwrap();
                client.add_cookie("two", &number.to_string()).unwrap();
            });
        });
        scope.spawn(|| {
            changer.with(|client, number| match number % 2 {
                0 => client.add_bearer("token-one").unwrap(),
                _ => client.add_basic("ada", "lovelace").unwrap(),
            });
        });
        scope.spawn(|| {
            changer.with(|client, number| {
                let agent = (number % 3 > 0).then(|| format!("agent-{number}"));
                client.change(&Change::UserAgent(agent)).unwrap();
                client.change(&Change::TimeoutMs(30_000 + number % 7)).unwrap();
                client.set_retry_callback(Some(Arc::new(|_| true)));
            });
        });
        scope.spawn(|| changer.with(|client, _| drop(client.clone())));
        let calls: Vec<_> = (0..THREADS)
            .map(|thread| {
                let client = &client;
                scope.spawn(move || (0..REQUESTS).for_each(|call| ask(client, thread, call)))
            })
            .collect();
        let outcomes: Vec<_> = calls.into_iter().map(|call| call.join()).collect();
        over.store(true, Ordering::Relaxed);
        outcomes.into_iter().for_each(|outcome| outcome.unwrap());
    });
    drop(client);
    assert_eq!(server.finish().requests.len(), THREADS * REQUESTS);
}

fn ask(client: &Client, thread: usize, call: usize) {
    let id = format!("{thread}-{call}");
    let path = format!("/things/{id}");
    let mut request = request("GET", &path);
    request.set_header("X-Own", &id).unwrap();
    let response = client.send(&request);
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 1), "{}", error_of(&response));
    let echo: Value = serde_json::from_str(response.json_text()).unwrap();
    assert_eq!(
        (&echo["path"], &echo["own"]),
        (&json!(path), &json!(id)),
        "the response to another request"
    );
    assert_consistent(&echo);
}

#[test]
fn no_change_is_lost_among_threads() {
    let server = Server::always(respond(200, &[], "{}"));
    let client = client(&server.url(), &[]);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for number in 0..12 {
                    client.add_header(&format!("X-{thread}-{number}"), "set").unwrap();
                }
            });
        }
    });
    assert_eq!(get(&client, "/").code(), Code::Ok);
    drop(client);
    let received = &server.finish().requests[0];
    for thread in 0..8 {
        for number in 0..12 {
            let name = format!("X-{thread}-{number}");
            assert_eq!(received.field(&name), Some("set"), "{name} is lost");
        }
    }
}

#[test]
fn a_call_keeps_its_initial_settings() {
    let latch = Latch::new();
    let actions =
        [respond(503, &[("Retry-After", "1")], "").after(&latch), respond(200, &[], "{}")];
    let server = Server::script(actions);
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    client.add_header("X-Scope", "before").unwrap();
    let response = std::thread::scope(|scope| {
        let call = scope.spawn(|| get(&client, "/things"));
        server.wait_for_requests(1);
        client.reset();
        client.add_header("X-Scope", "after").unwrap();
        client.change(&Change::RetryAttempts(0)).unwrap();
        latch.open();
        call.join().unwrap()
    });
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 2), "{}", error_of(&response));
    let received = server.finish().requests;
    assert!(
        received.iter().all(|received| received.field("x-scope") == Some("before")),
        "{received:?}"
    );
}
