//! The attempt callback: called for each request that goes out, with what goes out.

use std::sync::{Arc, Mutex};

use sac::call::OutgoingRequest;
use sac::client::Client;
use sac::code::Code;
use sac::request::RewindCallback;
use sac::settings::Change;
use serde_json::json;

use crate::support::*;

fn ok() -> Action {
    respond(200, &[], "{}")
}

/// Calls `callback` for each request, and sends it.
fn on_attempt(client: &Client, callback: impl Fn(&OutgoingRequest<'_>) + Send + Sync + 'static) {
    client.set_attempt_callback(Some(Arc::new(move |request: &OutgoingRequest<'_>| {
        callback(request);
        true
    })));
}

/// Records what `look` returns for each request.
fn record<T: Send + 'static>(
    client: &Client,
    look: impl Fn(&OutgoingRequest<'_>) -> T + Send + Sync + 'static,
) -> Arc<Mutex<Vec<T>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&seen);
    on_attempt(client, move |request| recorded.lock().unwrap().push(look(request)));
    seen
}

fn header(request: &OutgoingRequest<'_>, name: &str) -> Option<String> {
    request.header(name).map(|value| String::from_utf8(value.to_vec()).unwrap())
}

fn hex(sha256: [u8; 32]) -> String {
    sha256.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn it_is_called_for_each_attempt_and_each_redirect_after_the_waits() {
    let server = Server::script([
        ok(),
        Action::close(),
        respond(503, &[], ""),
        respond(302, &[("Location", "/to?a=1")], ""),
        ok(),
    ]);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    assert_eq!(get(&client, "/warm-up").code(), Code::Ok);
    let waits = clock.clone();
    let seen = record(&client, move |request| {
        let target = request.target().into_owned();
        (request.number(), request.method().to_string(), target, waits.waits().len())
    });
    let response = get(&client, "/from");
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    let get = || "GET".to_owned();
    let expected = [
        (1, get(), "/from".to_owned(), 0),
        // The free repeat after the kept connection was closed.
        (2, get(), "/from".to_owned(), 0),
        (3, get(), "/from".to_owned(), 1),
        (3, get(), "/to?a=1".to_owned(), 1),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
    assert_eq!(journal_of(&response).as_array().unwrap().len(), 3, "numbers are as in the journal");
}

#[test]
fn it_sees_the_header_fields_that_the_server_receives() {
    let server = Server::always(ok());
    let client = client(&server.url(), &[]);
    client.add_bearer("t0ken").unwrap();
    client.add_cookie("a", "1").unwrap();
    client.add_header("X-Mixed-Case", "yes").unwrap();
    let names = [
        "host",
        "Authorization",
        "COOKIE",
        "x-mixed-case",
        "Content-Type",
        "content-LENGTH",
        "Transfer-Encoding",
        "accept",
        "user-agent",
        "x-none",
    ];
    let seen = record(&client, move |request| names.map(|name| header(request, name)));
    let mut with_json = request("POST", "/v1?q=1");
    with_json.set_json("{\"a\": 1}").unwrap();
    let mut in_chunks = request("POST", "/");
    in_chunks.set_body_callback("text/plain", None, Arc::new(|_| Some(0))).unwrap();
    for request in [with_json, in_chunks, request("GET", "/"), request("POST", "/")] {
        assert_eq!(client.send(&request).code(), Code::Ok);
    }
    let seen = seen.lock().unwrap();
    for (index, received) in server.finish().requests.iter().enumerate() {
        for (name, value) in names.iter().zip(&seen[index]) {
            assert_eq!(
                value.as_deref(),
                received.field(&name.to_ascii_lowercase()),
                "{index} {name}"
            );
        }
    }
    assert_eq!(seen[0][5].as_deref(), Some("8"));
    assert_eq!(seen[1][6].as_deref(), Some("chunked"));
}

#[test]
fn a_field_that_it_sets_is_for_one_request_alone() {
    let server = Server::script([
        respond(503, &[], ""),
        respond(302, &[("Location", "/to")], ""),
        ok(),
        ok(),
    ]);
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    client.add_header("X-Kept", "mine").unwrap();
    let count = Mutex::new(0);
    on_attempt(&client, move |request| {
        let mut count = count.lock().unwrap();
        *count += 1;
        // Every second request.
        if *count % 2 == 1 {
            request.set_header("X-Signature", &format!("for {count}")).unwrap();
            request.set_header("x-kept", "replaced").unwrap();
            assert_eq!(header(request, "X-SIGNATURE").unwrap(), format!("for {count}"));
        } else {
            assert_eq!(header(request, "X-Signature"), None);
        }
    });
    assert_eq!(get(&client, "/from").code(), Code::Ok);
    assert_eq!(get(&client, "/again").code(), Code::Ok);
    let received = server.finish().requests;
    let fields: Vec<_> =
        received.iter().map(|one| (one.field("x-signature"), one.field("x-kept"))).collect();
    let expected = [
        (Some("for 1"), Some("replaced")),
        (None, Some("mine")),
        (Some("for 3"), Some("replaced")),
        (None, Some("mine")),
    ];
    assert_eq!(fields, expected);
}

#[test]
fn a_field_that_the_setters_refuse_is_refused() {
    let server = Server::always(ok());
    let client = client(&server.url(), &[]);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let sink = Arc::new(move |_, line: &str| sink.lock().unwrap().push(line.to_owned()));
    client.set_logger(Some(sink), sac::log::Level::Error);
    on_attempt(&client, |request| {
        for (name, value) in [
            ("Content-Length", "9"),
            ("transfer-encoding", "chunked"),
            ("Connection", "close"),
            ("X-A b", "1"),
            ("X-Key", "s3cret\r\nX-Injected: 1"),
            ("X-Key", "s3cret\n"),
            ("Host", "a b"),
        ] {
            let refused = request.set_header(name, value);
            assert_eq!(refused.map_err(|error| error.code), Err(Code::InvalidHeader), "{name}");
        }
        request.set_header("Host", "other.example").unwrap();
    });
    assert_eq!(get(&client, "/").code(), Code::Ok);
    let received = server.finish().requests;
    assert_eq!(received[0].field("host"), Some("other.example"));
    assert_eq!((received[0].field("x-key"), received[0].field("x-injected")), (None, None));
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 7, "{lines:?}");
    assert!(lines.iter().all(|line| !line.contains("s3cret")), "{lines:?}");
    assert!(lines[0].contains("content-length frames the message"), "{lines:?}");
}

#[test]
fn false_cancels_the_call_and_nothing_is_sent() {
    let server = Server::always(respond(503, &[], ""));
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(5)]);
    client.set_attempt_callback(Some(Arc::new(|request| request.number() < 3)));
    let response = get(&client, "/things");
    assert_eq!(response.code(), Code::Cancelled);
    let error = error_of(&response);
    assert!(
        error
            .ends_with("failed after 2 attempts, tried 3 times: cancelled by the attempt callback"),
        "{error}"
    );
    assert_eq!(
        journal_values(&response, "done_because"),
        [json!(null), json!(null), json!("cancelled")]
    );
    client.set_attempt_callback(Some(Arc::new(|_| false)));
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Cancelled, 0));
    let error = error_of(&response);
    assert!(
        error.ends_with("failed before anything was sent: cancelled by the attempt callback"),
        "{error}"
    );
    client.set_attempt_callback(None);
    assert_eq!(get(&client, "/things").status(), 503);
    assert_eq!(server.finish().requests.len(), 2 + 6);
}

#[test]
fn it_may_refuse_a_redirect_to_another_origin() {
    let other = Server::always(ok());
    let first = Server::always(respond(302, &[("Location", &other.url())], ""));
    let client = client(&first.url(), &[]);
    client.add_bearer("t0ken").unwrap();
    let seen = record(&client, |request| {
        (request.uri().to_string(), header(request, "host"), header(request, "authorization"))
    });
    assert_eq!(get(&client, "/a").code(), Code::Ok);
    let host = |server: &Server| Some(server.url().replace("http://", ""));
    let expected = [
        (format!("{}/a", first.url()), host(&first), Some("Bearer t0ken".to_owned())),
        (format!("{}/", other.url()), host(&other), None),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
    let origin = first.url();
    client.set_attempt_callback(Some(Arc::new(move |request: &OutgoingRequest<'_>| {
        request.uri().to_string().starts_with(&origin)
    })));
    assert_eq!(get(&client, "/a").code(), Code::Cancelled);
    assert_eq!(other.finish().requests.len(), 1);
}

const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn it_sees_a_body_in_memory_and_the_hash_of_any_body_that_can_be_read_twice() {
    let folder = Folder::new();
    let server = Server::always(ok());
    let client = client(&server.url(), &[]);
    let seen = record(&client, |request| {
        (request.body().map(<[u8]>::to_vec), request.body_sha256().map(hex))
    });
    let mut bytes = request("PUT", "/");
    bytes.set_body("text/plain", b"abc").unwrap();
    let mut file = request("PUT", "/");
    file.set_body_file("text/plain", &folder.file("abc", "abc")).unwrap();
    let callback = |rewind: bool| {
        let mut request = request("PUT", "/");
        let left = Arc::new(Mutex::new(b"abc".to_vec()));
        let source = Arc::clone(&left);
        let callback = Arc::new(move |buffer: &mut [u8]| {
            let mut left = source.lock().unwrap();
            let count = usize::min(2, left.len());
            let piece: Vec<u8> = left.drain(..count).collect();
            buffer[..piece.len()].copy_from_slice(&piece);
            Some(piece.len())
        });
        request.set_body_callback("text/plain", None, callback).unwrap();
        let rewinding: RewindCallback = Arc::new(move || {
            *left.lock().unwrap() = b"abc".to_vec();
            true
        });
        request.set_rewind(rewind.then_some(rewinding));
        request
    };
    for request in [bytes, file, callback(true), callback(false), request("GET", "/")] {
        let response = client.send(&request);
        assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    }
    let (abc, empty) = (Some(ABC.to_owned()), Some(EMPTY.to_owned()));
    let expected = [
        (Some(b"abc".to_vec()), abc.clone()),
        (None, abc.clone()),
        (None, abc),
        (None, None),
        (Some(Vec::new()), empty),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
    let bodies: Vec<_> = server.finish().requests.into_iter().map(|one| one.body).collect();
    assert_eq!(bodies, [b"abc", b"abc", b"abc", b"abc", &b""[..]]);
}

#[test]
fn the_hash_of_a_redirect_without_a_body_is_that_of_no_bytes() {
    let server = Server::script([respond(303, &[("Location", "/to")], ""), ok()]);
    let client = client(&server.url(), &[]);
    let seen = record(&client, |request| {
        (request.body_sha256().map(hex).unwrap(), header(request, "content-length"))
    });
    let mut request = request("POST", "/from");
    request.set_body("text/plain", b"abc").unwrap();
    assert_eq!(client.send(&request).code(), Code::Ok);
    let expected = [(ABC.to_owned(), Some("3".to_owned())), (EMPTY.to_owned(), None)];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[test]
fn a_body_that_cannot_be_read_for_its_hash_ends_the_call() {
    let folder = Folder::new();
    let server = Server::always(ok());
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    on_attempt(&client, |request| {
        let _ = request.body_sha256();
    });
    let mut file = request("PUT", "/");
    file.set_body_file("text/plain", &folder.path("missing")).unwrap();
    let response = client.send(&file);
    assert_eq!(response.code(), Code::File, "{}", error_of(&response));
    let mut cancelled = request("PUT", "/");
    cancelled.set_body_callback("text/plain", None, Arc::new(|_| None)).unwrap();
    cancelled.set_rewind(Some(Arc::new(|| true)));
    let response = client.send(&cancelled);
    assert_eq!(response.code(), Code::Cancelled, "{}", error_of(&response));
    assert!(server.finish().requests.is_empty());
}

#[test]
fn the_hash_ends_with_the_deadline_of_the_call() {
    let server = Server::always(ok());
    let client = client(&server.url(), &[Change::DeadlineMs(50)]);
    on_attempt(&client, |request| {
        let _ = request.body_sha256();
    });
    let mut endless = request("PUT", "/");
    endless.set_body_callback("text/plain", None, Arc::new(|buffer| Some(buffer.len()))).unwrap();
    endless.set_rewind(Some(Arc::new(|| true)));
    let response = client.send(&endless);
    assert_eq!(response.code(), Code::Timeout, "{}", error_of(&response));
    let error = error_of(&response);
    assert!(error.contains("while the body was read for its hash"), "{error}");
}

#[test]
fn a_value_that_it_sets_is_hidden_from_errors_and_the_log() {
    let message = "{\"error\": \"bad signature sha256=to-be-hidden of key k-1234567\"}";
    let server = Server::always(respond(401, &[], message));
    let client = client(&server.url(), &[]);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let sink = Arc::new(move |_, line: &str| sink.lock().unwrap().push(line.to_owned()));
    client.set_logger(Some(sink), sac::log::Level::Trace);
    on_attempt(&client, |request| {
        request.set_header("X-Digest-Value", "sha256=to-be-hidden").unwrap();
        request.set_header("Authorization", "HMAC keyId=\"k-1234567\", algorithm=\"x\"").unwrap();
    });
    let response = get(&client, "/");
    assert_eq!(error_of(&response), "bad signature [redacted] of key [redacted]");
    let lines = lines.lock().unwrap();
    assert!(!lines.is_empty());
    assert!(
        lines.iter().all(|line| !line.contains("to-be-hidden") && !line.contains("k-123")),
        "{lines:?}"
    );
}

#[test]
fn a_stream_a_clone_and_a_callback_that_makes_calls_use_it_too() {
    let server = Server::always(ok());
    let client = Arc::new(client(&server.url(), &[]));
    let (weak, depth) = (Arc::downgrade(&client), Mutex::new(0));
    on_attempt(&client, move |request| {
        request.set_header("X-Seen", &request.number().to_string()).unwrap();
        let outermost = {
            let mut depth = depth.lock().unwrap();
            *depth += 1;
            *depth == 1
        };
        if outermost && let Some(client) = weak.upgrade() {
            assert_eq!(get(&client, "/inner").code(), Code::Ok);
        }
    });
    let (response, _stream) = client.open_stream(&request("GET", "/stream"));
    assert_eq!(response.code(), Code::Ok);
    assert_eq!(get(&client.as_ref().clone(), "/clone").code(), Code::Ok);
    let received = server.finish().requests;
    let paths: Vec<_> = received.iter().map(|one| (one.path(), one.field("x-seen"))).collect();
    assert_eq!(paths, [("/inner", Some("1")), ("/stream", Some("1")), ("/clone", Some("1"))]);
}

#[test]
fn a_body_that_cannot_be_read_is_the_error_of_a_callback_that_cancels_without_its_hash() {
    let server = Server::always(ok());
    let client = client(&server.url(), &[]);
    client.set_attempt_callback(Some(Arc::new(|request: &OutgoingRequest<'_>| {
        request.body_sha256().is_some()
    })));
    let mut put = request("PUT", "/");
    put.set_body_file("text/plain", "/nowhere/body").unwrap();
    let response = client.send(&put);
    assert_eq!(response.code(), Code::File, "{}", error_of(&response));
    assert!(server.finish().requests.is_empty());
}

#[test]
fn it_is_called_for_the_request_that_answers_a_challenge_and_for_one_with_another_token() {
    let server =
        Server::start(|received| match (received.path(), received.field("authorization")) {
            ("/digest", None) => {
                let challenge = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
                respond(401, &[("WWW-Authenticate", challenge)], "")
            }
            ("/token", Some("Bearer token-1")) => respond(401, &[], ""),
            _ => ok(),
        });
    let client = client(&server.url(), &[]);
    let schemes = record(&client, |request| {
        let scheme = header(request, "authorization").unwrap_or_default();
        (request.number(), scheme.split(',').next().unwrap_or_default().to_owned())
    });
    client.add_digest("ada", "hunter22").unwrap();
    assert_eq!(get(&client, "/digest").code(), Code::Ok);
    let expected = [(1, String::new()), (1, "Digest username=\"ada\"".to_owned())];
    assert_eq!(std::mem::take(&mut *schemes.lock().unwrap()), expected);
    let fetched = std::sync::atomic::AtomicUsize::new(0);
    client.set_token_callback(Some(Arc::new(move |_| {
        let number = fetched.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        let value = zeroize::Zeroizing::new(format!("token-{number}"));
        Ok(sac::client::token::NewToken { value, lifetime: None })
    })));
    assert_eq!(get(&client, "/token").code(), Code::Ok);
    let expected = [(1, "Bearer token-1".to_owned()), (2, "Bearer token-2".to_owned())];
    assert_eq!(*schemes.lock().unwrap(), expected);
}
