//! Reports of a call: to the retry callback before each wait, in the journal, counters and log.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sac::auth::Digest;
use sac::call::RetryNotice;
use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;
use serde_json::{Value, json};

use crate::support::*;

fn busy(seconds: &str) -> Action {
    respond(429, &[("Retry-After", seconds)], "")
}

fn ok() -> Action {
    respond(200, &[], "{}")
}

/// Records the notices of the retry callback, which allows `allowed` retries.
fn listen(client: &Client, allowed: usize) -> Arc<Mutex<Vec<RetryNotice>>> {
    let notices = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&notices);
    client.set_retry_callback(Some(Arc::new(move |notice: &RetryNotice| {
        let mut recorded = recorded.lock().unwrap();
        recorded.push(*notice);
        recorded.len() <= allowed
    })));
    notices
}

#[test]
fn the_retry_callback_runs_before_each_wait() {
    let half_head = Action::CloseAfter(b"HTTP/1.1 200 O".to_vec());
    let server = Server::script([busy("2"), half_head, respond(502, &[], ""), ok()]);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let notices = listen(&client, usize::MAX);
    assert_eq!(get(&client, "/things").code(), Code::Ok);
    let notices = notices.lock().unwrap();
    let failures: Vec<_> =
        notices.iter().map(|notice| (notice.attempt, notice.code, notice.status)).collect();
    let expected = [(1, Code::RateLimited, 429), (2, Code::Closed, 0), (3, Code::Status, 502)];
    assert_eq!(failures, expected);
    let waits: Vec<_> = notices.iter().map(|notice| notice.wait).collect();
    assert_eq!(waits, clock.waits(), "the callback got the real waits");
    assert!(waits[0] >= Duration::from_secs(2), "{waits:?}");
}

#[test]
fn a_retry_callback_can_forbid_the_retry() {
    let server = Server::always(busy("2"));
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(5)]);
    let notices = listen(&client, 1);
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.status()), (Code::RateLimited, 429));
    assert_eq!(response.attempts(), 2);
    assert_eq!(notices.lock().unwrap().len(), 2);
    assert_eq!(clock.waits().len(), 1, "the call waited after the callback had refused");
    assert_eq!(journal_values(&response, "done_because"), [json!(null), json!("caller said no")]);
    assert_eq!(journal_values(&response, "retried_because"), [json!("status 429"), json!(null)]);

    let port = RefusingPort::new();
    let (client, _) = auto_advance_client(&port.url(), &[Change::RetryAttempts(5)]);
    listen(&client, 0);
    let response = get(&client, "/things");
    assert!(error_of(&response).ends_with("(not retried because the retry callback forbade it)"));
}

#[test]
fn the_retry_callback_is_not_called_if_there_is_no_retry() {
    let actions = [ok(), Action::close(), ok(), busy("2"), respond(404, &[], ""), busy("121")];
    let server = Server::script(actions);
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(0)]);
    let notices = listen(&client, usize::MAX);
    assert_eq!(get(&client, "/warm-up").code(), Code::Ok);
    assert_eq!(get(&client, "/stale").attempts(), 2, "the callback ran for the free repeat");
    assert_eq!(get(&client, "/exhausted").status(), 429);
    client.change(&Change::RetryAttempts(3)).unwrap();
    assert_eq!(get(&client, "/not/retryable").status(), 404);
    assert_eq!(get(&client, "/too/long").status(), 429);
    assert!(notices.lock().unwrap().is_empty(), "{:?}", notices.lock().unwrap());
}

#[test]
fn a_clone_uses_the_retry_callback_too() {
    let server = Server::always(busy("2"));
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    let notices = listen(&client, 0);
    get(&client.clone(), "/things");
    assert_eq!(notices.lock().unwrap().len(), 1);
}

/// The journal without the times, which vary.
fn without_times(journal: Value) -> Value {
    let mut journal = journal;
    for attempt in journal.as_array_mut().unwrap() {
        let members = attempt.as_object_mut().unwrap();
        for name in ["connect_us", "first_byte_us", "total_us"] {
            if let Some(time) = members.remove(name) {
                assert!(time.is_u64(), "{name} is {time}");
                members.insert(name.replace("_us", ""), json!("some time"));
            }
        }
        if members["waited_ms"] != 0 {
            members.insert("waited_ms".to_owned(), json!("some time"));
        }
    }
    journal
}

#[test]
fn the_journal_describes_every_attempt_of_a_call() {
    let half_body = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec();
    let actions = [
        ok(),
        Action::close(),
        respond(503, &[], ""),
        Action::CloseAfter(half_body),
        busy("2"),
        ok(),
    ];
    let server = Server::script(actions);
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(4)]);
    get(&client, "/warm-up");
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 5), "{}", error_of(&response));
    let t = "some time";
    let expected = json!([
        {"waited_ms": 0, "reused_connection": true, "total": t, "error": "SAC_ERR_CLOSED",
         "retried_because": "stale connection"},
        {"waited_ms": 0, "reused_connection": false, "connect": t, "first_byte": t, "total": t,
         "status": 503, "retried_because": "status 503"},
        {"waited_ms": t, "delay_from": "backoff", "reused_connection": true, "first_byte": t,
         "total": t, "status": 200, "error": "SAC_ERR_CLOSED", "retried_because": "closed"},
        {"waited_ms": t, "delay_from": "backoff", "reused_connection": false, "connect": t,
         "first_byte": t, "total": t, "status": 429, "retried_because": "status 429"},
        {"waited_ms": t, "delay_from": "retry-after", "reused_connection": true, "first_byte": t,
         "total": t, "status": 200, "done_because": "succeeded"},
    ]);
    let journal = journal_of(&response);
    // A random back-off can be so short that it rounds to 0.
    let journal = without_times(journal);
    assert_eq!(journal[0], expected[0]);
    assert_eq!(journal[1], expected[1]);
    assert_eq!(journal[4], expected[4]);
    for attempt in [2, 3] {
        for member in ["delay_from", "reused_connection", "status", "error", "retried_because"] {
            assert_eq!(journal[attempt][member], expected[attempt][member], "{journal}");
        }
    }
}

#[test]
fn a_call_without_an_attempt_has_an_empty_journal() {
    let (client, _) = auto_advance_client("http://127.0.0.1:1", &[]);
    let mut request = request("GET", "/things");
    let cancel = sac::wait::Cancel::new().unwrap();
    cancel.trigger();
    request.set_cancel(Some(cancel));
    assert_eq!(journal_of(&client.send(&request)), json!([]));
}

#[test]
fn a_client_and_its_clones_share_the_counters() {
    let actions =
        [respond(503, &[], ""), busy("1"), ok(), Action::close(), ok(), Action::silence()];
    let received: u64 = actions.iter().map(|action| action.clone().bytes().len() as u64).sum();
    let server = Server::script(actions);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    assert_eq!(get(&client, "/retried").attempts(), 3);
    let clone = changed(client.clone(), &[Change::RetryAttempts(0), Change::ReadTimeoutMs(500)]);
    let mut put = request("PUT", "/stale");
    put.set_json("{\"quantity\": 2}").unwrap();
    assert_eq!(clone.send(&put).attempts(), 2);
    assert_eq!(get(&clone, "/silent").code(), Code::Timeout);

    let stats = stats_of(&client);
    drop((client, clone));
    let record = server.finish();
    let sent: usize =
        record.requests.iter().map(|received| received.head.len() + received.body.len()).sum();
    let waited: Duration = clock.waits().iter().sum();
    assert_eq!(record.connections, 2);
    assert_eq!(stats["requests"], 3, "{stats}");
    assert_eq!(stats["attempts"], 6, "{stats}");
    assert_eq!(stats["timeouts"], 1, "{stats}");
    assert_eq!(stats["bytes_sent"], sent, "{stats}");
    assert_eq!(stats["bytes_received"], received, "{stats}");
    assert_eq!(stats["connections_opened"], 2, "{stats}");
    assert_eq!(stats["connections_reused"], 4, "{stats}");
    let waited_ms = stats["waited_ms"].as_u64().unwrap();
    assert!(waited_ms >= u64::try_from(waited.as_millis()).unwrap(), "{stats}, not {waited:?}");
    let retries = json!({"server_error": 1, "rate_limited": 1, "stale_connection": 1});
    for (cause, count) in stats["retries"].as_object().unwrap() {
        assert_eq!(count, retries.get(cause).unwrap_or(&json!(0)), "{cause} in {stats}");
    }
}

#[test]
fn the_log_reports_each_retry_and_no_secret() {
    let server = Server::script([busy("2"), ok()]);
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    client.add_bearer("token-not-to-be-seen").unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    client.set_logger(
        Some(Arc::new(move |level, line| sink.lock().unwrap().push((level, line.to_owned())))),
        sac::log::Level::Trace,
    );
    get(&client, "/things?token=not-to-be-seen");
    let lines = lines.lock().unwrap();
    let warned: Vec<_> =
        lines.iter().filter(|(level, _)| *level == sac::log::Level::Warn).collect();
    assert_eq!(warned.len(), 1, "{lines:?}");
    assert!(warned[0].1.contains("attempt 1 failed (status 429), next one in 2"), "{warned:?}");
    assert!(lines.iter().all(|(_, line)| !line.contains("to-be-seen")), "{lines:?}");
}

#[test]
fn a_cookie_that_arrives_during_the_call_is_redacted_in_the_log() {
    let redirect = |cookie| respond(302, &[("Location", "/next"), ("Set-Cookie", cookie)], "");
    let body = r#"{"error": "no session second-not-to-be-seen"}"#;
    let redirects = [redirect("sid=first-not-to-be-seen"), redirect("sid=second-not-to-be-seen")];
    let server = Server::script(redirects.into_iter().chain([respond(400, &[], body)]));
    let client = client(&server.url(), &[]);
    client.set_cookie_jar(true).unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    client.set_logger(
        Some(Arc::new(move |_, line| sink.lock().unwrap().push(line.to_owned()))),
        sac::log::Level::Trace,
    );
    assert_eq!(error_of(&get(&client, "/")), "no session [redacted]");
    let lines = lines.lock().unwrap();
    assert!(lines.iter().all(|line| !line.contains("to-be-seen")), "{lines:?}");
}

#[test]
fn the_signature_of_a_cookie_is_redacted_in_errors_and_in_the_log() {
    let server = Server::start(|received| {
        let cookie = received.field("cookie").unwrap();
        let signature = cookie.rsplit_once('.').unwrap().1.trim_end_matches('"');
        assert!(signature.len() > 20, "{cookie}");
        let body = json!({"error": format!("no session {cookie}, signed {signature}")});
        respond(400, &[], &body.to_string())
    });
    let client = client(&server.url(), &[]);
    let payload = r#"{"user": "ada"}"#;
    client.add_signed_cookie("sid", payload, "a>b", "a-long-enough-key", Digest::Sha1).unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    client.set_logger(
        Some(Arc::new(move |_, line| sink.lock().unwrap().push(line.to_owned()))),
        sac::log::Level::Trace,
    );
    for _ in 0..2 {
        assert_eq!(error_of(&get(&client, "/")), "no session [redacted], signed [redacted]");
    }
    let lines = lines.lock().unwrap();
    assert!(lines.iter().any(|line| line.contains("signed [redacted]")), "{lines:?}");
}

#[test]
fn the_log_reports_invalid_header_lines_once() {
    let odd = "HTTP/1.1 200 OK\r\nPHP Warning: x\r\nX-Odd : v\r\nContent-Length: 2\r\n\r\n{}";
    let server = Server::script([Action::Reply(odd.into()), ok()]);
    let client = client(&server.url(), &[]);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    client.set_logger(
        Some(Arc::new(move |_, line| sink.lock().unwrap().push(line.to_owned()))),
        sac::log::Level::Warn,
    );
    for _ in 0..2 {
        assert_eq!(get(&client, "/").code(), Code::Ok);
    }
    let lines = lines.lock().unwrap();
    assert!(matches!(&lines[..], [one] if one.contains("2 header lines")), "{lines:?}");
}
