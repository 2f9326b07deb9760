//! Bearer tokens that expire: when they are fetched, who waits, and what follows if they are refused.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use sac::answer::Response;
use sac::auth::token::Reason;
use sac::client::Client;
use sac::client::token::NewToken;
use sac::code::{Code, Error};
use sac::limit::Rate;
use sac::log::Level;
use sac::request::Output;
use sac::settings::Change;
use sac::wait::Cancel;
use serde_json::json;
use zeroize::Zeroizing;

use crate::support::*;

const THREADS: usize = 64;
const SECRET: &str = "s3cret/of the+client";

/// An API that accepts only these tokens, and tells which one it got.
fn api(accepted: impl Fn(&str) -> bool + Send + Sync + 'static) -> Server {
    Server::start(move |received| {
        let token = received.field("authorization").unwrap_or("none").replace("Bearer ", "");
        match accepted(&token) {
            true => respond(200, &[], &json!({ "token": token }).to_string()),
            false => respond(401, &[], "{\"error\": \"bad token\"}"),
        }
    })
}

/// A token server that numbers its tokens. They live this many seconds.
fn token_server(seconds: u64) -> Server {
    Server::start(move |received| issue(received.number + 1, seconds))
}

fn issue(number: usize, seconds: u64) -> Action {
    let body = json!({"access_token": format!("token-{number}"), "token_type": "Bearer",
                      "expires_in": seconds});
    respond(200, &[], &body.to_string())
}

fn refuse(status: u16, error: &str) -> Action {
    let body = json!({"error": error, "error_description": "Nobody knows you"});
    respond(status, &[], &body.to_string())
}

fn with_server(client: &Client, server: &Server) {
    let url = format!("{}/token?tenant=1", server.url());
    client.set_oauth2_client_credentials(&url, "app:1", SECRET, Some("read write")).unwrap();
}

/// A client with tokens of this server, on a clock that the test can advance.
fn oauth_client(api: &Server, server: &Server) -> (Client, AutoAdvanceClock) {
    let (client, clock) = auto_advance_client(&api.url(), &[]);
    with_server(&client, server);
    (client, clock)
}

/// A client with numbered tokens of a callback, and the reasons of the calls.
fn callback_client(api: &Server) -> (Client, Arc<Mutex<Vec<Reason>>>) {
    let client = client(&api.url(), &[]);
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&reasons);
    client.set_token_callback(Some(Arc::new(move |reason| {
        let mut recorded = recorded.lock().unwrap();
        recorded.push(reason);
        Ok(new_token(&format!("token-{}", recorded.len())))
    })));
    (client, reasons)
}

fn new_token(value: &str) -> NewToken {
    NewToken { value: Zeroizing::new(value.to_owned()), lifetime: None }
}

/// The token that the API saw.
fn token_of(response: &Response) -> String {
    assert_eq!(response.code(), Code::Ok, "{}", error_of(response));
    let json: serde_json::Value = serde_json::from_str(response.json_text()).unwrap();
    json["token"].as_str().unwrap().to_owned()
}

fn paths(server: &Server) -> Vec<String> {
    server.requests().iter().map(|request| request.path().to_owned()).collect()
}

/// Sends a request on each of many threads at once, and returns the results.
fn storm<T: Send>(send: impl Fn() -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|threads| {
        let running: Vec<_> = (0..THREADS)
            .map(|_| {
                threads.spawn(|| {
                    barrier.wait();
                    send()
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn many_threads_cost_one_request_per_expiry() {
    let (api, server) = (api(|_| true), token_server(600));
    let (client, clock) = oauth_client(&api, &server);
    let clone = client.clone();
    for round in 1..=5 {
        let tokens = storm(|| token_of(&get(&clone, "/")));
        // While one thread fetches the next token, the others may use the old one.
        let allowed = [format!("token-{round}"), format!("token-{}", round - 1)];
        assert!(tokens.iter().all(|token| allowed.contains(token)), "round {round}: {tokens:?}");
        assert_eq!(server.requests_so_far(), round, "requests to the token server");
        assert_eq!(token_of(&get(&client, "/")), allowed[0], "the clone shares the token");
        // It is expiring in odd rounds, and has expired in even ones.
        clock.skip(Duration::from_secs(if round % 2 == 1 { 550 } else { 700 }));
    }
}

#[test]
fn the_token_request_is_the_one_of_rfc_6749() {
    let (api, server) = (api(|_| true), token_server(600));
    let (client, _) = oauth_client(&api, &server);
    client.add_header("X-Scope", "1").unwrap();
    client.add_cookie("session", "abcdef").unwrap();
    assert_eq!(token_of(&get(&client, "/")), "token-1");
    let requests = server.requests();
    let sent = &requests[0];
    assert_eq!((sent.method(), sent.path()), ("POST", "/token?tenant=1"));
    assert_eq!(sent.field("content-type").unwrap(), "application/x-www-form-urlencoded");
    assert_eq!(sent.field("accept").unwrap(), "application/json");
    // "app%3A1:s3cret%2Fof+the%2Bclient"
    let basic = "Basic YXBwJTNBMTpzM2NyZXQlMkZvZit0aGUlMkJjbGllbnQ=";
    assert_eq!(sent.field("authorization").unwrap(), basic);
    assert_eq!(sent.body, b"grant_type=client_credentials&scope=read+write");
    assert_eq!((sent.field("x-scope"), sent.field("cookie")), (None, None));
}

#[test]
fn credentials_go_into_the_form_if_the_server_does_not_accept_basic() {
    for (status, error) in [(401, "invalid_client"), (400, "invalid_request")] {
        let api = api(|_| true);
        let server = Server::start(move |received| match received.field("authorization") {
            Some(_) => refuse(status, error),
            None => issue(received.number, 600),
        });
        let (client, clock) = oauth_client(&api, &server);
        assert_eq!(token_of(&get(&client, "/")), "token-1");
        clock.skip(Duration::from_secs(700));
        assert_eq!(token_of(&get(&client, "/")), "token-2");
        let requests = server.requests();
        let in_form: Vec<_> =
            requests.iter().map(|sent| sent.field("authorization").is_none()).collect();
        assert_eq!(in_form, [false, true, true], "{error}: what works is remembered");
        let body = "grant_type=client_credentials&scope=read+write&client_id=app%3A1\
                    &client_secret=s3cret%2Fof+the%2Bclient";
        assert_eq!(requests[1].body, body.as_bytes());
    }
}

#[test]
fn a_refusal_is_an_error_with_the_words_of_the_server_and_stands_for_thirty_seconds() {
    let (api, server) = (api(|_| true), Server::always(refuse(400, "invalid_scope")));
    let (client, clock) = oauth_client(&api, &server);
    let responses = storm(|| get(&client, "/"));
    for response in &responses {
        let error = error_of(response);
        assert_eq!((response.code(), response.attempts()), (Code::Token, 0), "{error}");
        let words = "/token?tenant=1 answered 400: invalid_scope: Nobody knows you";
        assert!(error.contains(words), "{error}");
        assert!(
            error.starts_with(&format!("GET {}/ failed before anything", api.url())),
            "{error}"
        );
    }
    assert_eq!(server.requests_so_far(), 1);
    clock.skip(Duration::from_secs(29));
    get(&client, "/");
    assert_eq!(server.requests_so_far(), 1, "asked again within 30 s");
    clock.skip(Duration::from_secs(1));
    get(&client, "/");
    assert_eq!(server.requests_so_far(), 2);
    assert!(api.requests().is_empty(), "a request was sent without a token");
}

#[test]
fn a_token_server_that_is_away_is_an_error_with_its_address() {
    let (api, port) = (api(|_| true), RefusingPort::new());
    let (client, clock) = auto_advance_client(&api.url(), &[]);
    let url = format!("{}/t", port.url());
    client.set_oauth2_client_credentials(&url, "a", "secret", None).unwrap();
    for _ in 0..2 {
        let response = get(&client, "/");
        let error = error_of(&response);
        assert_eq!(response.code(), Code::Token, "{error}");
        assert!(error.contains(&format!("POST {url} failed before anything was sent")), "{error}");
        clock.skip(Duration::from_secs(2));
    }
    // The first try costs two connections, if the system reports the refusal late.
    assert!(stats_of(&client)["requests"].as_u64().unwrap() == 4, "{}", client.stats());
}

#[test]
fn a_refused_token_is_replaced_and_the_request_repeated_once() {
    let api = api(|token| token != "token-1");
    let (client, reasons) = callback_client(&api);
    let mut request = request("POST", "/orders");
    request.set_json("{\"n\":1}").unwrap();
    let response = client.send(&request);
    assert_eq!(token_of(&response), "token-2");
    assert_eq!(response.attempts(), 2);
    assert_eq!(*reasons.lock().unwrap(), [Reason::Needed, Reason::Refused]);
    assert_eq!(journal_values(&response, "retried_because")[0], json!("token refused"));
    assert_eq!(stats_of(&client)["retries"]["token_refused"], 1);
    let requests = api.requests();
    assert!(requests.iter().all(|sent| sent.body == b"{\"n\":1}"), "{requests:?}");
}

#[test]
fn a_second_refusal_is_the_answer_and_costs_no_more_tokens() {
    let api = api(|_| false);
    let (client, reasons) = callback_client(&api);
    let response = get(&client, "/");
    assert_eq!((response.code(), response.status()), (Code::Status, 401));
    assert_eq!((response.attempts(), error_of(&response)), (2, "bad token"));
    let responses = storm(|| get(&client, "/"));
    assert!(responses.iter().all(|response| response.attempts() == 1));
    assert_eq!(*reasons.lock().unwrap(), [Reason::Needed, Reason::Refused]);
}

#[test]
fn a_storm_of_refusals_costs_one_refresh() {
    let revoked = Arc::new(Mutex::new("none".to_owned()));
    let accepted = Arc::clone(&revoked);
    let api = api(move |token| *accepted.lock().unwrap() != token);
    let (client, reasons) = callback_client(&api);
    for round in 1..=5 {
        let tokens = storm(|| token_of(&get(&client, "/")));
        assert!(tokens.iter().all(|token| *token == format!("token-{round}")), "{tokens:?}");
        assert_eq!(reasons.lock().unwrap().len(), round, "fetches");
        *revoked.lock().unwrap() = format!("token-{round}");
    }
}

#[test]
fn the_same_token_again_is_not_worth_a_repeat() {
    let api = api(|_| false);
    let client = client(&api.url(), &[]);
    client.set_token_callback(Some(Arc::new(|_| Ok(new_token("always-the-same")))));
    let response = get(&client, "/");
    assert_eq!((response.status(), response.attempts()), (401, 1));
}

#[test]
fn a_body_that_cannot_be_sent_again_makes_the_refusal_the_answer_but_gives_the_token_up() {
    let api = api(|token| token != "token-1");
    let (client, reasons) = callback_client(&api);
    let mut upload = request("POST", "/upload");
    upload
        .set_body_callback("text/plain", None, {
            let done = Mutex::new(false);
            Arc::new(move |buffer| {
                let done = std::mem::replace(&mut *done.lock().unwrap(), true);
                buffer[0] = b'x';
                Some(usize::from(!done))
            })
        })
        .unwrap();
    let response = client.send(&upload);
    assert_eq!((response.status(), response.attempts()), (401, 1));
    assert_eq!(*reasons.lock().unwrap(), [Reason::Needed], "a token was fetched for nothing");
    assert_eq!(token_of(&get(&client, "/")), "token-2");
    assert_eq!(*reasons.lock().unwrap(), [Reason::Needed, Reason::Refused]);
}

#[test]
fn a_refusal_without_a_new_token_is_a_token_error_with_the_response() {
    let api = api(|_| false);
    let client = client(&api.url(), &[]);
    let calls = AtomicUsize::new(0);
    client.set_token_callback(Some(Arc::new(move |_| {
        match calls.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(new_token("token-1")),
            _ => Err(Error::new(Code::Token, "the vault is sealed")),
        }
    })));
    let response = get(&client, "/");
    assert_eq!((response.code(), response.status()), (Code::Token, 401));
    let error = error_of(&response);
    let words = "after 1 attempt: the server refused the token (401), and the vault is sealed";
    assert!(error.ends_with(words), "{error}");
    assert_eq!(journal_values(&response, "done_because"), [json!("no token")]);
}

#[test]
fn a_replaced_refresh_token_is_used_and_saved() {
    let api = api(|_| true);
    let server = Server::start(|received| {
        let number = received.number + 1;
        let mut body = json!({"access_token": format!("token-{number}"), "expires_in": 60});
        if number == 1 {
            body["refresh_token"] = json!("second/refresh");
        }
        respond(200, &[], &body.to_string())
    });
    let (client, clock) = auto_advance_client(&api.url(), &[]);
    let url = format!("{}/token", server.url());
    client.set_oauth2_refresh_token(&url, "public-app", None, "first-refresh").unwrap();
    let saved = Arc::new(Mutex::new(Vec::new()));
    let copy = Arc::clone(&saved);
    client.set_token_saved_callback(Some(Arc::new(move |token| {
        let refresh = token.refresh_token.map(str::to_owned);
        copy.lock().unwrap().push((token.access_token.to_owned(), refresh, token.lifetime));
    })));
    for number in 1..=2 {
        assert_eq!(token_of(&get(&client, "/")), format!("token-{number}"));
        clock.skip(Duration::from_secs(100));
    }
    let bodies: Vec<_> = server
        .requests()
        .iter()
        .map(|sent| {
            assert_eq!(sent.field("authorization"), None, "a public client has no secret");
            String::from_utf8(sent.body.clone()).unwrap()
        })
        .collect();
    let body =
        |token| format!("grant_type=refresh_token&refresh_token={token}&client_id=public-app");
    assert_eq!(bodies, [body("first-refresh"), body("second%2Frefresh")]);
    let minute = Some(Duration::from_secs(60));
    let expected = [
        ("token-1".to_owned(), Some("second/refresh".to_owned()), minute),
        ("token-2".to_owned(), None, minute),
    ];
    assert_eq!(*saved.lock().unwrap(), expected);
}

#[test]
fn no_secret_is_in_the_log_or_in_an_error() {
    let echo = |received: &ReceivedRequest| {
        let said = format!("{} {}", received.head, String::from_utf8_lossy(&received.body));
        respond(400, &[], &json!({"error": "invalid_grant", "error_description": said}).to_string())
    };
    let (bad_api, server) = (Server::start(echo), token_server(600));
    let refusing = Server::start(echo);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let (client, _) = oauth_client(&bad_api, &server);
    let copy = Arc::clone(&lines);
    let sink = move |_: Level, line: &str| copy.lock().unwrap().push(line.to_owned());
    client.set_logger(Some(Arc::new(sink)), Level::Trace);
    let mut texts = vec![error_of(&get(&client, "/")).to_owned()];
    assert!(texts[0].contains("[redacted]"), "the API did not repeat the token: {}", texts[0]);
    with_server(&client, &refusing);
    texts.push(error_of(&get(&client, "/")).to_owned());
    let url = refusing.url();
    client.set_oauth2_refresh_token(&url, "app", Some(SECRET), "refresh-secret").unwrap();
    texts.push(error_of(&get(&client, "/")).to_owned());
    texts.extend(lines.lock().unwrap().iter().cloned());
    assert!(texts.len() > 6, "{texts:?}");
    let basic = "YXBwJTNBMTpzM2NyZXQlMkZvZit0aGUlMkJjbGllbnQ";
    let secrets = ["token-1", SECRET, "s3cret%2Fof+the%2Bclient", "refresh-secret", basic];
    for (text, secret) in texts.iter().flat_map(|text| secrets.map(|secret| (text, secret))) {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn the_latest_credential_counts_and_a_clone_keeps_its_own() {
    let api = api(|_| true);
    let (client, reasons) = callback_client(&api);
    let clone = client.clone();
    let mut own = request("GET", "/");
    own.set_header("Authorization", "Bearer own").unwrap();
    assert_eq!(token_of(&client.send(&own)), "own");
    assert!(reasons.lock().unwrap().is_empty(), "a token was fetched for nothing");
    client.add_bearer("fixed").unwrap();
    assert_eq!(token_of(&get(&client, "/")), "fixed");
    assert_eq!(token_of(&get(&clone, "/")), "token-1");
    client.set_token_callback(Some(Arc::new(|_| Ok(new_token("callback")))));
    assert_eq!(token_of(&get(&client, "/")), "callback");
    client.remove_header("authorization").unwrap();
    assert_eq!(token_of(&get(&client, "/")), "none");
    clone.add_header("Authorization", "Bearer field").unwrap();
    assert_eq!(token_of(&get(&clone, "/")), "field");
    clone.set_token_callback(Some(Arc::new(|_| Ok(new_token("callback")))));
    clone.reset();
    assert_eq!(token_of(&get(&clone, "/")), "none");
    clone.set_token_callback(None);
    assert_eq!(token_of(&get(&clone, "/")), "none");
}

#[test]
fn another_origin_gets_no_token_and_its_refusal_is_not_that_of_the_token() {
    let other = Server::always(respond(401, &[], "{}"));
    let target = other.url();
    let api = Server::start(move |received| match received.path() {
        "/here" => respond(302, &[("Location", "/there")], ""),
        "/away" => respond(302, &[("Location", &target)], ""),
        _ => respond(200, &[], &json!({"token": received.field("authorization")}).to_string()),
    });
    let (client, reasons) = callback_client(&api);
    assert_eq!(token_of(&get(&client, "/here")), "Bearer token-1");
    let response = get(&client, "/away");
    assert_eq!((response.status(), response.attempts()), (401, 1));
    assert_eq!(other.requests()[0].field("authorization"), None);
    assert_eq!(reasons.lock().unwrap().len(), 1);
}

#[test]
fn a_redirect_of_the_token_server_is_not_followed() {
    let (api, other) = (api(|_| true), token_server(600));
    let location = other.url();
    let server = Server::start(move |_| respond(307, &[("Location", &location)], ""));
    let (client, _) = oauth_client(&api, &server);
    let response = get(&client, "/");
    assert_eq!(response.code(), Code::Token);
    assert!(error_of(&response).contains("answered 307"), "{}", error_of(&response));
    assert!(other.requests().is_empty(), "the secret went to another server");
}

#[test]
fn a_waiting_call_obeys_its_deadline_and_its_cancel() {
    let latch = Latch::new();
    let (api, server) = (api(|_| true), Server::always(issue(1, 600).after(&latch)));
    let client = client(&api.url(), &[]);
    with_server(&client, &server);
    std::thread::scope(|threads| {
        let first = threads.spawn(|| token_of(&get(&client, "/")));
        server.wait_for_requests(1);
        let mut short = request("GET", "/");
        short.change(Change::DeadlineMs(20)).unwrap();
        let response = client.send(&short);
        assert_eq!(response.code(), Code::Timeout, "{}", error_of(&response));
        assert!(error_of(&response).contains("another call fetched"), "{}", error_of(&response));

        let cancel = Cancel::new().unwrap();
        let mut cancelled = request("GET", "/");
        cancelled.set_cancel(Some(cancel.clone()));
        let (introduce, blocked) = BlockedThread::new();
        let client = &client;
        let waiting = threads.spawn(move || {
            introduce();
            client.send(&cancelled).code()
        });
        blocked.wait_until_blocked();
        cancel.trigger();
        assert_eq!(waiting.join().unwrap(), Code::Cancelled);
        latch.open();
        assert_eq!(first.join().unwrap(), "token-1");
    });
    assert_eq!(server.requests_so_far(), 1);
}

#[test]
fn a_fetching_call_obeys_its_deadline_and_its_cancel() {
    let (api, server) = (api(|_| true), Server::silent());
    let client = client(&api.url(), &[]);
    with_server(&client, &server);
    let mut short = request("GET", "/");
    short.change(Change::DeadlineMs(20)).unwrap();
    let response = client.send(&short);
    assert_eq!(response.code(), Code::Timeout, "{}", error_of(&response));
    let cancel = Cancel::new().unwrap();
    let mut cancelled = request("GET", "/");
    cancelled.set_cancel(Some(cancel.clone()));
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| client.send(&cancelled).code());
        server.wait_for_requests(2);
        cancel.trigger();
        assert_eq!(waiting.join().unwrap(), Code::Cancelled);
    });
}

#[test]
fn the_callback_may_call_the_library_but_not_need_its_own_token() {
    let api = api(|_| true);
    let client = Arc::new(client(&api.url(), &[]));
    let inner = Arc::downgrade(&client);
    client.set_token_callback(Some(Arc::new(move |_| {
        let client = inner.upgrade().unwrap();
        let response = get(&client, "/within");
        assert_eq!(response.code(), Code::Token, "{}", error_of(&response));
        let mut own = request("GET", "/login");
        own.set_header("Authorization", "Bearer password").unwrap();
        Ok(new_token(&format!("for-{}", token_of(&client.send(&own)))))
    })));
    assert_eq!(token_of(&get(&client, "/")), "for-password");
    assert_eq!(paths(&api), ["/login", "/"]);
}

#[test]
fn a_stream_and_each_reconnect_use_the_current_token() {
    let events =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 7\ndata: 1\n\n".to_vec();
    let stream_server = Server::start(move |received| match received.field("authorization") {
        Some("Bearer token-1") if received.number == 1 => respond(401, &[], "{}"),
        Some(_) if received.number < 3 => Action::CloseAfter(events.clone()),
        _ => respond(204, &[], ""),
    });
    let (client, reasons) = callback_client(&stream_server);
    client.change(&Change::RetryAttempts(3)).unwrap();
    client.change(&Change::BackoffMs { base: 1, max: 1 }).unwrap();
    let (head, mut stream) = client.open_stream(&request("GET", "/events"));
    assert_eq!(head.code(), Code::Ok);
    let records = std::iter::from_fn(|| stream.next_record().map(|_| ())).count();
    assert_eq!((records, stream.error()), (2, None));
    assert_eq!(*reasons.lock().unwrap(), [Reason::Needed, Reason::Refused]);
    let requests = stream_server.requests();
    let tokens: Vec<_> = requests.iter().map(|sent| sent.field("authorization").unwrap()).collect();
    assert_eq!(tokens, ["Bearer token-1", "Bearer token-1", "Bearer token-2", "Bearer token-2"]);
}

#[test]
fn a_download_is_repeated_with_a_new_token() {
    let api = api(|token| token != "token-1");
    let (client, _) = callback_client(&api);
    let folder = Folder::new();
    let file = folder.path("download");
    let mut download = request("GET", "/file");
    download.set_output(Output::File(file.as_str().into())).unwrap();
    let response = client.send(&download);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert_eq!(std::fs::read_to_string(file).unwrap(), "{\"token\":\"token-2\"}");
}

#[test]
fn a_token_file_is_rotated_under_load_without_a_failed_request() {
    let folder = Folder::new();
    let path = folder.path("token");
    // The API accepts the token of the file only, as soon as that is replaced.
    let current = Arc::new(Mutex::new("token-0".to_owned()));
    std::fs::write(&path, "token-0\n").unwrap();
    let accepted = Arc::clone(&current);
    let api = api(move |token| *accepted.lock().unwrap() == token);
    let client = client(&api.url(), &[]);
    client.set_bearer_file(&path).unwrap();
    let (calls, done) = ([const { AtomicUsize::new(0) }; 8], AtomicBool::new(false));
    std::thread::scope(|threads| {
        for count in &calls {
            let (client, done) = (&client, &done);
            threads.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    token_of(&get(client, "/"));
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for number in 1..=50 {
            {
                let new = folder.file("new", format!("token-{number}\n"));
                let mut current = current.lock().unwrap();
                std::fs::rename(&new, &path).unwrap();
                *current = format!("token-{number}");
            }
            // No call overlaps two rotations: the second of two calls has begun after this one.
            for count in &calls {
                let seen = count.load(Ordering::Relaxed);
                wait_until("two calls", || count.load(Ordering::Relaxed) >= seen + 2);
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    let refused = stats_of(&client)["retries"]["token_refused"].as_u64().unwrap();
    println!("{} requests, {refused} with an old token", api.requests_so_far());
    assert_eq!(token_of(&get(&client, "/")), "token-50");
}

#[test]
fn a_missing_token_file_is_an_error_with_its_path() {
    let api = api(|_| true);
    let client = client(&api.url(), &[]);
    client.set_bearer_file("/nowhere/token").unwrap();
    let response = get(&client, "/");
    assert_eq!(response.code(), Code::Token);
    let words = "the token file \"/nowhere/token\" has no token: No such file or directory";
    assert!(error_of(&response).ends_with(words), "{}", error_of(&response));
    assert!(api.requests().is_empty());
}

#[test]
fn the_wait_for_a_token_is_in_the_journal() {
    let (api, server) = (api(|_| true), token_server(600));
    let (client, _) = oauth_client(&api, &server);
    let response = get(&client, "/");
    assert_eq!(journal_values(&response, "delay_from"), [json!("token")]);
    let response = get(&client, "/");
    assert_eq!(journal_values(&response, "delay_from"), [json!(null)], "the token was at hand");
}

#[test]
fn an_invalid_token_server_is_refused() {
    let client = client("http://127.0.0.1:1", &[]);
    for (url, code) in [
        ("ftp://host/token", Code::InvalidUrl),
        ("/token", Code::InvalidUrl),
        ("", Code::InvalidUrl),
        ("http://user:password@host/token", Code::InvalidUrl),
        ("http://host/token#fragment", Code::InvalidUrl),
        ("http://host/\\", Code::InvalidUrl),
    ] {
        let error = client.set_oauth2_client_credentials(url, "a", "b", None).unwrap_err();
        assert_eq!(error.code, code, "{url}: {error}");
        assert!(!error.message.contains("password"), "{error}");
    }
    for (id, secret, refresh) in [("", "b", "c"), ("a", "", "c"), ("a", "b", "")] {
        let error = client.set_oauth2_refresh_token("http://host", id, Some(secret), refresh);
        assert_eq!(error.unwrap_err().code, Code::InvalidArgument);
    }
    client.set_oauth2_refresh_token("http://host?x=1", "a", None, "c").unwrap();
}

/// The server has processed the POST, and only the next page needs another token.
#[test]
fn a_post_whose_redirect_needs_another_token_is_not_sent_again() {
    let server = Server::start(|received| match received.method() {
        "POST" => respond(303, &[("Location", "/orders/7")], ""),
        _ => respond(401, &[], "{\"error\": \"expired\"}"),
    });
    let (client, reasons) = callback_client(&server);
    let mut post = request("POST", "/orders");
    post.set_json("{}").unwrap();
    let response = client.send(&post);
    assert_eq!((response.code(), response.status()), (Code::Status, 401));
    let methods: Vec<_> =
        server.finish().requests.iter().map(|sent| sent.method().to_owned()).collect();
    assert_eq!(methods, ["POST", "GET"], "the POST was sent twice");
    assert_eq!(*reasons.lock().unwrap(), [Reason::Needed]);
}

#[test]
fn a_token_that_an_attempt_callback_has_replaced_is_not_given_up() {
    let server = Server::start(|received| match received.field("authorization") {
        Some("Bearer token-1") => respond(200, &[], "{}"),
        _ => respond(401, &[], "{}"),
    });
    let (client, reasons) = callback_client(&server);
    client.set_attempt_callback(Some(Arc::new(|attempt| {
        if attempt.target() == "/admin" {
            attempt.set_header("Authorization", "Other scheme").unwrap();
        }
        true
    })));
    assert_eq!(get(&client, "/admin").status(), 401);
    assert_eq!(get(&client, "/").status(), 200, "the token was given up");
    assert_eq!(server.finish().requests.len(), 2);
    assert_eq!(*reasons.lock().unwrap(), [Reason::Needed]);
}

#[test]
fn a_callback_that_gives_up_because_of_its_call_is_asked_again_by_the_next() {
    for (code, questions) in [(Code::Cancelled, 2), (Code::Token, 1)] {
        let api = api(|_| true);
        let client = client(&api.url(), &[]);
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        client.set_token_callback(Some(Arc::new(move |_| {
            match counted.fetch_add(1, Ordering::SeqCst) {
                0 => Err(Error::new(code, "the time of the call is over")),
                number => Ok(new_token(&format!("token-{number}"))),
            }
        })));
        assert_eq!(get(&client, "/").code(), code);
        let next = get(&client, "/");
        assert_eq!(next.code() == Code::Ok, questions == 2, "{}", error_of(&next));
        assert_eq!(asked.load(Ordering::SeqCst), questions);
    }
}

#[test]
fn requests_for_tokens_of_a_client_are_retried_as_its_settings_say() {
    let api = api(|_| true);
    let server = Server::start(|received| match received.number {
        0 => respond(500, &[], "{}"),
        1 => Action::close(),
        number => issue(number, 3600),
    });
    let (client, _) = auto_advance_client(&api.url(), &[Change::RetryAttempts(2)]);
    with_server(&client, &server);
    assert_eq!(token_of(&get(&client, "/")), "token-2");
    assert_eq!(server.finish().requests.len(), 3);
    // A server that replaces refresh tokens may have replaced this one.
    let server = Server::always(respond(500, &[], "{}"));
    let (client, _) = auto_advance_client(&api.url(), &[Change::RetryAttempts(2)]);
    let url = format!("{}/token", server.url());
    client.set_oauth2_refresh_token(&url, "app", None, "refresh-1").unwrap();
    assert_eq!(get(&client, "/").code(), Code::Token);
    assert_eq!(server.finish().requests.len(), 1);
}

#[test]
fn requests_for_tokens_use_the_proxy_and_the_rate_limit_of_the_client() {
    let proxy = Server::start(|received| match received.path().contains("/token") {
        true => issue(1, 3600),
        false => respond(200, &[], "{\"token\": \"by proxy\"}"),
    });
    let changes = [Change::Proxy(Some(Zeroizing::new(proxy.url())))];
    let (client, clock) = auto_advance_client("http://api.example.com", &changes);
    client
        .set_oauth2_client_credentials("http://login.example.com/token", "app", SECRET, None)
        .unwrap();
    client.set_rate(Rate::new(1, Duration::from_secs(1), 1));
    assert_eq!(token_of(&get(&client, "/")), "by proxy");
    assert_eq!(clock.waits().len(), 1, "the second request has its turn after a second");
    let targets = paths(&proxy);
    assert_eq!(targets, ["http://login.example.com/token", "http://api.example.com/"]);
}
