//! Unsolicited bytes must never be read as the response to the next request, whenever they arrive.

use sac::code::Code;
use sac::settings::Change;

use crate::case::{assert_usable, expect, expect_ok, ok, ok_response, outcome};
use crate::scenario::Scenario;
use crate::support::{Action, Latch, Server, client, get, request};

const GROUP: &str = "smuggling";
const POISON: &str = "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"path\":\"poison\"}";

/// Bytes after a response.
const EXTRA: &[(&str, &str)] = &[
    ("a complete response", POISON),
    ("half a response", "HTTP/1.1 200 OK\r\nContent-Le"),
    ("an interim response", "HTTP/1.1 100 Continue\r\n\r\n"),
    ("an empty line", "\r\n"),
    ("one byte", "H"),
    ("a NUL", "\0"),
];

/// Responses whose end could be misread.
const ENDS: &[(&str, &str, &str)] = &[
    ("GET", "a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
    ("GET", "a length of zero", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ("GET", "chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    ("GET", "a 204", "HTTP/1.1 204 No Content\r\n\r\n"),
    ("GET", "a 204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 61\r\n\r\n"),
    ("GET", "a 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 61\r\n\r\n"),
    ("GET", "a 304 with chunks", "HTTP/1.1 304 Same\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("HEAD", "the response to a HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 61\r\n\r\n"),
    ("HEAD", "a HEAD with chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("POST", "a length, to a POST", "HTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\n{}"),
];

pub fn scenarios() -> Vec<Scenario> {
    let at_once = ENDS.iter().flat_map(|&(method, end, response)| {
        EXTRA.iter().take(2).map(move |(what, rest)| {
            let bytes = [response, rest].concat().into_bytes();
            let case = expect_ok(Action::Reply(bytes), "{}").with_method(method).then_not_reused();
            case.into_scenario(GROUP, format!("{what} after {end}"))
        })
    });
    let later = ENDS.iter().map(|&(method, end, response)| {
        Scenario::new(GROUP, format!("a complete response later, after {end}"), move || {
            late(method, response, POISON)
        })
    });
    let odd = EXTRA.iter().skip(1).map(|&(what, rest)| {
        let response = ENDS[0].2;
        Scenario::new(GROUP, format!("{what} later"), move || late("GET", response, rest))
    });
    at_once.chain(later).chain(odd).chain(others()).collect()
}

/// The bytes arrive after the client has its response and before its next request.
fn late(method: &'static str, first: &'static str, rest: &'static str) -> String {
    let latch = Latch::new();
    let action = Action::Delayed(first.into(), latch.clone(), rest.into());
    let server = Server::start(move |received| match received.number {
        0 => action.clone(),
        _ => ok_response(received.path()),
    });
    let client = client(&server.url(), &[Change::TimeoutMs(10_000)]);
    let response = client.send(&request(method, "/hostile"));
    expect(&response, Code::Ok);
    latch.open();
    server.wait_for_responses(1);
    assert_usable(&client);
    drop(client);
    let received = server.finish().requests;
    assert_ne!(
        received[0].connection, received[1].connection,
        "the poisoned connection was used again"
    );
    outcome(&response)
}

fn others() -> Vec<Scenario> {
    vec![
        Scenario::new(GROUP, "responses of many threads stay with their requests", || {
            const THREADS: usize = 16;
            // Every second response is poisoned.
            let server = Server::start(|received| {
                match (received.number % 2, ok_response(received.path())) {
                    (0, action) => Action::Reply([action.bytes(), POISON.into()].concat()),
                    (_, action) => action,
                }
            });
            let client = client(&server.url(), &[]);
            std::thread::scope(|scope| {
                for thread in 0..THREADS {
                    let client = &client;
                    scope.spawn(move || {
                        for round in 0..20 {
                            let path = format!("/{thread}/{round}");
                            let response = get(client, &path);
                            expect(&response, Code::Ok);
                            assert_eq!(response.json_text(), format!("{{\"path\":\"{path}\"}}"));
                        }
                    });
                }
            });
            format!("{} responses", THREADS * 20)
        }),
        expect_ok(Action::Reply(ok(&["Content-Length: 2", "Connection: close"], "{}")), "{}")
            .then_not_reused()
            .into_scenario(GROUP, "a connection that stays open after Connection: close"),
        expect_ok(Action::Reply(ok(&["Content-Length: 2", "Connection: x,\tCLOSE"], "{}")), "{}")
            .then_not_reused()
            .into_scenario(GROUP, "the same in a list and in capitals"),
        expect_ok(
            Action::Reply(ok(&["Content-Length: 2", "Keep-Alive: 0, timeout=-1"], "{}")),
            "{}",
        )
        .into_scenario(GROUP, "an invalid Keep-Alive"),
        expect_ok(Action::Reply(ok(&["Content-Length: 2", "Keep-Alive: timeout=0"], "{}")), "{}")
            .then_not_reused()
            .into_scenario(GROUP, "a Keep-Alive with a timeout of 0"),
        expect_ok(Action::Reply(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec()), "{}")
            .then_not_reused()
            .into_scenario(GROUP, "HTTP/1.0 that stays open"),
    ]
}
