//! Peers that stay silent, trickle, reset or close, at every point of an exchange.

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

const GROUP: &str = "stalls";
const SHORT: Change = Change::TimeoutMs(150);
/// A timeout that takes longer has failed, even on a busy machine.
const TOO_LATE: Duration = Duration::from_secs(5);
const LENGTH: &str = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
const CHUNKS: &str =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\nX: y\r\n\r\n";

pub fn scenarios() -> Vec<Scenario> {
    let silent = PLACES.iter().map(|&(place, before, _)| {
        times_out(Action::Silence(before.into())).into_scenario(GROUP, format!("silence {place}"))
    });
    let trickling = PLACES.iter().map(|&(place, before, again)| {
        let action = Action::Trickle(before.into(), again.into());
        times_out(action).into_scenario(GROUP, format!("a trickle {place}"))
    });
    silent.chain(trickling).chain(connecting()).chain(breaks()).chain(between()).collect()
}

fn times_out(action: Action) -> Case {
    expect_error(action, Code::Timeout).set(SHORT).set(Change::ReadTimeoutMs(60_000))
}

/// A place, the bytes before it, and bytes that may be repeated there.
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
        "in a skippable zstd frame",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n\x50\x2a\x4d\x18\xff\xff\xff\x7f",
        b"x",
    ),
];

fn connecting() -> Vec<Scenario> {
    vec![
        Scenario::new(GROUP, "silence while connecting", || {
            let port = FullQueuePort::new();
            ends_in_time(&client(&port.url(), &[SHORT]))
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
    let elapsed = Duration::from_micros(response.elapsed_us());
    assert!(elapsed < TOO_LATE, "it took {elapsed:?}");
    outcome(&response)
}

/// The ending in which the server ends the connection after these bytes.
type Break = fn(Vec<u8>) -> Action;

fn breaks() -> Vec<Scenario> {
    let endings: [(&str, Break); 2] = [("a close", Action::CloseAfter), ("a reset", Action::Reset)];
    let texts = [("a length", LENGTH), ("chunks", CHUNKS)];
    let each = endings.iter().flat_map(|&ending| texts.iter().map(move |&text| (ending, text)));
    each.map(|((what, action), (framing, text))| {
        let name = format!("{what} after each byte of a response with {framing}");
        Scenario::new(GROUP, name, move || at_each_byte(action, text))
    })
    .collect()
}

/// The same client gets all of them, and works after each.
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
            // The server ends the first connection at its second request.
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
        Scenario::new(GROUP, "a close during a second GET", closed(false, "GET", Code::Ok)),
        Scenario::new(GROUP, "a reset during a second GET", closed(true, "GET", Code::Ok)),
        Scenario::new(GROUP, "a close during a POST", closed(false, "POST", Code::Closed)),
        Scenario::new(GROUP, "a reset during a POST", closed(true, "POST", Code::Closed)),
        Scenario::new(GROUP, "a close between two requests", || {
            let server = Server::start(|received| match received.connection {
                0 => Action::CloseAfter(ok(&["Content-Length: 2"], "{}")),
                _ => ok_response(received.path()),
            });
            let client = client(&server.url(), &[]);
            expect(&get(&client, "/first"), Code::Ok);
            let address = server.address;
            wait_until("the close to arrive", || sockets_to(address, TcpState::CloseWait) == 1);
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
