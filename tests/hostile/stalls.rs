//! Peers that keep silent, drip, reset or close, at every point of an exchange.

use std::time::Duration;

use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;

use crate::case::{Case, assert_usable, expect, expect_error, ok, ok_response, outcome};
use crate::scenario::Scenario;
use crate::support::{
    Action, FullQueuePort, Server, TcpState, auto_advance_client, client, get, request,
};
use crate::support::{sockets_to, wait_until};

const GROUP: &str = "phase";
const SHORT: Change = Change::TimeoutMs(150);
/// A timeout that has run for longer has not been obeyed, even on a busy machine.
const LATE: Duration = Duration::from_secs(5);
const LENGTH: &str = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
const CHUNKS: &str =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\nX: y\r\n\r\n";

pub fn scenarios() -> Vec<Scenario> {
    let silent = PLACES.iter().map(|&(place, before, _)| {
        late(Action::Silence(before.into())).into_scenario(GROUP, format!("silence {place}"))
    });
    let dripping = PLACES.iter().map(|&(place, before, again)| {
        let action = Action::Trickle(before.into(), again.into());
        late(action).into_scenario(GROUP, format!("a drip {place}"))
    });
    silent.chain(dripping).chain(connecting()).chain(breaks()).chain(between()).collect()
}

fn late(action: Action) -> Case {
    expect_error(action, Code::Timeout).set(SHORT).set(Change::ReadTimeoutMs(60_000))
}

/// A place, what comes before it, and what may come there again and again.
const PLACES: &[(&str, &[u8], &[u8])] = &[
    ("before the response", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ("in the status line", b"HTTP/1.1 200 O", b"K"),
    ("in a field's name", b"HTTP/1.1 200 OK\r\nX", b"X"),
    ("in a field's value", b"HTTP/1.1 200 OK\r\nX: y", b"y"),
    ("among the fields", b"HTTP/1.1 200 OK\r\nX: y\r\n", b"X: y\r\n"),
    ("in a folded line", b"HTTP/1.1 200 OK\r\nX: y\r\n", b" y\r\n"),
    ("in a body with a length", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{", b" "),
    ("in a body without a length", b"HTTP/1.1 200 OK\r\n\r\n{", b" "),
    ("in a chunk's size", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7;", b"x"),
    ("in a chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{", b" "),
    ("between chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    (
        "among the trailers",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
        b"X: y\r\n",
    ),
    (
        "in a gzip body",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\xff",
        b"x",
    ),
    (
        "in a deflate body",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n\x78\x9c\0\xff\xff\0\0{",
        b" ",
    ),
    ("in a brotli body", b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\xf0\xff\x1f{", b" "),
    (
        "in a zstd body",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n\x28\xb5\x2f\xfd\0\x50\xf8\xff\x07{",
        b" ",
    ),
    (
        "in a zstd frame to skip",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n\x50\x2a\x4d\x18\xff\xff\xff\x7f",
        b"x",
    ),
];

fn connecting() -> Vec<Scenario> {
    vec![
        Scenario::new(GROUP, "silence while connecting", || {
            let deaf = FullQueuePort::new();
            ends_in_time(&client(&deaf.url(), &[SHORT]))
        }),
        Scenario::new(GROUP, "silence in the TLS handshake", || {
            let server = Server::silent();
            ends_in_time(&client(&server.url().replace("http:", "https:"), &[SHORT]))
        }),
        Scenario::new(GROUP, "silence while a body is sent", || {
            let server = Server::ignoring_bodies();
            let client = client(&server.url(), &[SHORT]);
            let mut request = request("PUT", "/");
            request.set_body("text/plain", &vec![b'x'; 8 << 20]).unwrap();
            let response = client.send(&request);
            expect(&response, Code::Timeout);
            outcome(&response)
        }),
    ]
}

fn ends_in_time(client: &Client) -> String {
    let response = get(client, "/");
    expect(&response, Code::Timeout);
    let took = Duration::from_micros(response.elapsed_us());
    assert!(took < LATE, "it took {took:?}");
    outcome(&response)
}

/// After how many bytes the server breaks off, and how.
type Break = fn(Vec<u8>) -> Action;

fn breaks() -> Vec<Scenario> {
    let ways: [(&str, Break); 2] = [("an end", Action::CloseAfter), ("a reset", Action::Reset)];
    let texts = [("a length", LENGTH), ("chunks", CHUNKS)];
    let each = ways.iter().flat_map(|&way| texts.iter().map(move |&text| (way, text)));
    each.map(|((how, action), (framing, text))| {
        let name = format!("{how} after each byte of a response with {framing}");
        Scenario::new(GROUP, name, move || at_each_byte(action, text))
    })
    .collect()
}

/// One client meets them all, and is well after each.
fn at_each_byte(action: Break, text: &'static str) -> String {
    let server = Server::start(move |received| match received.path().strip_prefix("/cut/") {
        Some(length) => action(text.as_bytes()[..length.parse().unwrap()].to_vec()),
        None => ok_response(received.path()),
    });
    let client = client(&server.url(), &[Change::TimeoutMs(10_000)]);
    for length in 0..text.len() {
        let response = get(&client, &format!("/cut/{length}"));
        expect(&response, Code::Closed);
        assert_eq!(response.attempts(), 1);
        let after = get(&client, &format!("/good/{length}"));
        expect(&after, Code::Ok);
        assert_eq!(after.json_text(), format!("{{\"path\":\"/good/{length}\"}}"));
    }
    drop(client);
    assert_eq!(server.finish().requests.len(), 2 * text.len(), "a request was repeated");
    format!("{} breaks", text.len())
}

fn between() -> Vec<Scenario> {
    let closed = |reset: bool, method: &'static str, code: Code| {
        move || {
            // The second request of the first connection meets its end.
            let server = Server::start(move |received| {
                match (received.connection, received.number, reset) {
                    (0, 1, true) => Action::reset(),
                    (0, 1, false) => Action::close(),
                    _ => ok_response(received.path()),
                }
            });
            let (client, _) = auto_advance_client(&server.url(), &[Change::TimeoutMs(10_000)]);
            expect(&get(&client, "/first"), Code::Ok);
            let response = client.send(&request(method, "/second"));
            expect(&response, code);
            if code == Code::Ok {
                assert_eq!(response.json_text(), "{\"path\":\"/second\"}");
            }
            assert_usable(&client);
            outcome(&response)
        }
    };
    vec![
        Scenario::new(GROUP, "an end under a second GET", closed(false, "GET", Code::Ok)),
        Scenario::new(GROUP, "a reset under a second GET", closed(true, "GET", Code::Ok)),
        Scenario::new(GROUP, "an end under a POST", closed(false, "POST", Code::Closed)),
        Scenario::new(GROUP, "a reset under a POST", closed(true, "POST", Code::Closed)),
        Scenario::new(GROUP, "an end between two requests", || {
            let server = Server::start(|received| match received.connection {
                0 => Action::CloseAfter(ok(&["Content-Length: 2"], "{}")),
                _ => ok_response(received.path()),
            });
            let client = client(&server.url(), &[]);
            expect(&get(&client, "/first"), Code::Ok);
            let address = server.address;
            wait_until("the end to arrive", || sockets_to(address, TcpState::CloseWait) == 1);
            let response = client.send(&request("POST", "/second"));
            expect(&response, Code::Ok);
            assert_eq!(response.json_text(), "{\"path\":\"/second\"}");
            assert_usable(&client);
            outcome(&response)
        }),
        Scenario::new(GROUP, "a server that closes each connection at once", || {
            let server = Server::closing();
            let response = get(&client(&server.url(), &[]), "/");
            expect(&response, Code::Closed);
            outcome(&response)
        }),
    ]
}
