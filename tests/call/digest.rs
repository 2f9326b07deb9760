//! Digest authentication: which requests have credentials, and which 401 is the result.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sac::client::Client;
use sac::code::Code;
use sac::request::{Output, Request};
use sac::settings::Change;

use crate::support::*;

fn challenge(parameters: &str) -> Action {
    let value = format!("Digest realm=\"r\", qop=\"auth\", {parameters}");
    respond(401, &[("WWW-Authenticate", &value)], "{\"error\": \"who are you?\"}")
}

fn ok() -> Action {
    respond(200, &[], "{}")
}

fn digest_client(server: &Server) -> Client {
    let client = client(&server.url(), &[]);
    client.add_digest("ada", "hunter2222").unwrap();
    client
}

/// The value of a parameter in the credentials of each request; empty without credentials.
fn sent(server: Server, parameter: &str) -> Vec<String> {
    let requests = server.finish().requests;
    let find = |request: &ReceivedRequest| {
        let value = request.field("authorization").unwrap_or_default().to_owned();
        let (_, rest) = value.split_once(&format!(" {parameter}="))?;
        let rest = rest.strip_prefix('"').unwrap_or(rest);
        Some(rest.split(['"', ',']).next().unwrap().to_owned())
    };
    requests.iter().map(|request| find(request).unwrap_or_default()).collect()
}

#[test]
fn later_requests_use_the_nonce_again_with_the_next_number() {
    let server = Server::start(|received| match received.field("authorization") {
        None => challenge("nonce=\"n\""),
        Some(_) => ok(),
    });
    let client = digest_client(&server);
    let clone = client.clone();
    for path in ["/a/b", "/a/c", "/"] {
        assert_eq!(client.send(&request("GET", path)).code(), Code::Ok, "{path}");
        assert_eq!(clone.send(&request("GET", path)).attempts(), 1, "{path}");
    }
    let numbers = (1..=6).map(|number| format!("{number:08x}"));
    let expected: Vec<String> = std::iter::once(String::new()).chain(numbers).collect();
    assert_eq!(sent(server, "nc"), expected);
}

#[test]
fn no_two_threads_send_the_same_number() {
    let server = Server::start(|received| match received.field("authorization") {
        None => challenge("nonce=\"n\""),
        Some(_) => ok(),
    });
    let client = digest_client(&server);
    assert_eq!(client.send(&request("GET", "/")).code(), Code::Ok);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    assert_eq!(client.send(&request("GET", "/")).code(), Code::Ok);
                }
            });
        }
    });
    let mut numbers = sent(server, "nc");
    numbers.sort();
    let expected: Vec<String> = (1..=101).map(|number| format!("{number:08x}")).collect();
    assert_eq!(numbers[1..], expected);
}

#[test]
fn a_nonce_that_is_too_old_is_replaced_without_a_failure() {
    let server = Server::script([
        challenge("nonce=\"one\""),
        ok(),
        challenge("nonce=\"two\", stale=true"),
        ok(),
        // A slow server: the answer comes too late.
        challenge("nonce=\"three\", stale=true"),
        challenge("nonce=\"four\", stale=true"),
        ok(),
        // A server that has forgotten all nonces does not call them stale.
        challenge("nonce=\"five\""),
        ok(),
    ]);
    let client = digest_client(&server);
    for _ in 0..4 {
        let response = client.send(&request("GET", "/"));
        assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
        assert_eq!(response.attempts(), 1);
    }
    let expected = ["", "one", "one", "two", "two", "three", "four", "four", "five"];
    assert_eq!(sent(server, "nonce"), expected);
}

#[test]
fn a_refusal_of_the_credentials_is_the_result() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let server = Server::start(move |_| {
        challenge(&format!("nonce=\"{}\"", counted.fetch_add(1, Ordering::Relaxed)))
    });
    let client = digest_client(&server);
    client.change(&Change::RetryAttempts(3)).unwrap();
    for _ in 0..2 {
        let response = client.send(&request("GET", "/"));
        assert_eq!((response.code(), response.status()), (Code::Status, 401));
        assert_eq!((error_of(&response), response.attempts()), ("who are you?", 1));
    }
    assert_eq!(sent(server, "nonce"), ["", "0", "", "2"], "a refused nonce was used again");
    let endless = Server::start(move |_| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        challenge(&format!("nonce=\"{number}\", stale=true"))
    });
    assert_eq!(digest_client(&endless).send(&request("GET", "/")).status(), 401);
    assert_eq!(sent(endless, "nc").len(), 4, "a server that finds every nonce too old");
}

#[test]
fn the_next_nonce_of_the_server_is_used() {
    let info = ("Authentication-Info", "nextnonce=\"two\", qop=auth");
    let server =
        Server::script([challenge("nonce=\"one\""), respond(200, &[info], "{}"), ok(), ok()]);
    let client = digest_client(&server);
    for _ in 0..3 {
        assert_eq!(client.send(&request("GET", "/")).code(), Code::Ok);
    }
    assert_eq!(sent(server, "nonce"), ["", "one", "two", "two"]);
}

#[test]
fn unsupported_challenges_and_other_credentials_get_no_answer() {
    for value in [
        "Basic realm=\"r\"",
        "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
        "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-1",
        "Digest realm=\"r\"",
    ] {
        let server = Server::always(respond(401, &[("WWW-Authenticate", value)], "{}"));
        assert_eq!(digest_client(&server).send(&request("GET", "/")).status(), 401, "{value}");
        assert_eq!(sent(server, "nc"), [""], "{value}");
    }
    let server = Server::always(challenge("nonce=\"n\""));
    let client = digest_client(&server);
    let mut own = request("GET", "/");
    own.set_header("Authorization", "Custom 1").unwrap();
    assert_eq!(client.send(&own).status(), 401);
    client.add_bearer("token").unwrap();
    assert_eq!(client.send(&request("GET", "/")).status(), 401);
    client.add_digest("ada", "hunter2222").unwrap();
    client.remove_header("Authorization").unwrap();
    assert_eq!(client.send(&request("GET", "/")).status(), 401);
    client.add_digest("ada", "hunter2222").unwrap();
    client.reset();
    assert_eq!(client.send(&request("GET", "/")).status(), 401);
    let requests = server.finish().requests;
    let fields = requests.iter().map(|request| request.field("authorization"));
    assert_eq!(fields.collect::<Vec<_>>(), [Some("Custom 1"), Some("Bearer token"), None, None]);
}

#[test]
fn another_origin_gets_no_credentials() {
    let other = Server::always(challenge("nonce=\"stolen\""));
    let to = other.url();
    let server = Server::start(move |received| match received.field("authorization") {
        None => challenge("nonce=\"n\""),
        Some(_) => respond(307, &[("Location", &to)], "{}"),
    });
    let client = digest_client(&server);
    for _ in 0..2 {
        assert_eq!(client.send(&request("GET", "/")).status(), 401);
    }
    assert_eq!(sent(server, "nc"), ["", "00000001", "00000002"]);
    assert_eq!(sent(other, "nc"), ["", ""]);
}

#[test]
fn a_redirect_and_a_challenge_follow_each_other_within_the_allowed_redirects() {
    let server = Server::start(|received| match received.field("authorization") {
        None => challenge("nonce=\"n\""),
        Some(_) if received.path() == "/from" => respond(307, &[("Location", "/to")], "{}"),
        Some(_) => ok(),
    });
    let client = digest_client(&server);
    client.change(&Change::Redirects(1)).unwrap();
    let response = client.send(&request("GET", "/from"));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert_eq!(sent(server, "uri"), ["", "/from", "/to"]);
}

#[test]
fn the_body_of_the_request_is_sent_again_if_it_can_be() {
    let server = Server::start(|received| match received.field("authorization") {
        None => challenge("nonce=\"n\""),
        Some(_) => ok(),
    });
    let client = digest_client(&server);
    let callback = || {
        let sent = AtomicUsize::new(0);
        let read = move |buffer: &mut [u8]| {
            let piece: &[u8] = if sent.fetch_add(1, Ordering::Relaxed) == 0 { b"{}" } else { b"" };
            buffer[..piece.len()].copy_from_slice(piece);
            Some(piece.len())
        };
        let mut request = request("PUT", "/");
        request.set_body_callback("application/json", Some(2), Arc::new(read)).unwrap();
        request
    };
    let response = client.send(&callback());
    assert_eq!(response.status(), 401, "the body cannot be sent again");
    assert_eq!(client.send(&callback()).code(), Code::Ok, "the nonce of the 401 is used");
    let mut text = request("PUT", "/other");
    text.set_json("{}").unwrap();
    assert_eq!(client.send(&text).code(), Code::Ok);
    let bodies: Vec<_> = server.finish().requests.into_iter().map(|all| all.body).collect();
    assert_eq!(bodies.len(), 3, "{bodies:?}");
    assert_eq!(bodies[1..], [b"{}".to_vec(), b"{}".to_vec()]);
}

#[test]
fn a_download_contains_only_the_response_to_the_credentials() {
    let server = Server::start(|received| match received.field("authorization") {
        None => challenge("nonce=\"n\""),
        Some(_) => respond(200, &[], "content"),
    });
    let folder = Folder::new();
    let mut request: Request = request("GET", "/file");
    request.set_output(Output::File(folder.path("file").into())).unwrap();
    assert_eq!(digest_client(&server).send(&request).code(), Code::Ok);
    assert_eq!(std::fs::read(folder.path("file")).unwrap(), b"content");
}

#[test]
fn a_challenge_cannot_add_a_header_field() {
    let server = Server::start(|received| match received.field("authorization") {
        None => challenge("nonce=\"n\x01\", opaque=\"a\tb\""),
        Some(_) => ok(),
    });
    let response = digest_client(&server).send(&request("GET", "/"));
    assert_ne!(response.code(), Code::Ok, "a control character was sent back");
}
