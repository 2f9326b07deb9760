//! How often a request is sent: by method, by failure, by retry.

use sac::answer::Response;
use sac::client::Client;
use sac::code::Code;
use sac::request::Request;
use sac::settings::Change;
use serde_json::{Value, json};

use crate::support::*;

const IDEMPOTENT: [&str; 8] =
    ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND"];
const OTHER: [&str; 3] = ["POST", "PATCH", "PURGE"];

fn all_methods() -> impl Iterator<Item = &'static str> {
    IDEMPOTENT.into_iter().chain(OTHER)
}

fn is_idempotent(method: &str) -> bool {
    IDEMPOTENT.contains(&method)
}

fn with_key(method: &str) -> Request {
    let mut request = request(method, "/things");
    request.set_idempotency_key("order-4711").unwrap();
    request
}

/// A client for a server that does the same action for each request. If the server stays silent, the
/// client has a short read timeout, which starts after the request has been sent, so a busy machine
/// does not matter.
fn client_of(server: &Server, action: &Action, changes: &[Change]) -> Client {
    let (client, _) = auto_advance_client(&server.url(), changes);
    if let Action::Silence(_) = action {
        client.change(&Change::ReadTimeoutMs(30)).unwrap();
    }
    client
}

/// Sends a request to a server that does the same action each time. Returns how many requests the
/// server received.
fn count(action: &Action, request: &Request, changes: &[Change]) -> (usize, Response) {
    let server = Server::always(action.clone());
    let client = client_of(&server, action, changes);
    let response = client.send(request);
    drop(client);
    (server.finish().requests.len(), response)
}

/// Failures after which the outcome is unknown: only requests that may be sent twice are retried.
fn unknown() -> Vec<(&'static str, Action, Code)> {
    let half_head = b"HTTP/1.1 200 OK\r\nContent-Le".to_vec();
    let half_body = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\"".to_vec();
    vec![
        ("closed before any byte", Action::close(), Code::Closed),
        ("reset before any byte", Action::reset(), Code::Closed),
        ("closed within the head", Action::CloseAfter(half_head.clone()), Code::Closed),
        ("reset within the head", Action::Reset(half_head.clone()), Code::Closed),
        ("silent within the head", Action::Silence(half_head), Code::Timeout),
        ("closed within the body", Action::CloseAfter(half_body.clone()), Code::Closed),
        ("reset within the body", Action::Reset(half_body.clone()), Code::Closed),
        ("silent within the body", Action::Silence(half_body), Code::Timeout),
        ("silent", Action::silence(), Code::Timeout),
        ("not HTTP", Action::CloseAfter(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec()), Code::Protocol),
        ("500", respond(500, &[], ""), Code::Status),
        ("502", respond(502, &[], ""), Code::Status),
        ("503", respond(503, &[], ""), Code::Status),
        ("504", respond(504, &[], ""), Code::Status),
    ]
}

/// The response to a HEAD has no body that could fail.
fn cannot_fail(method: &str, what: &str) -> bool {
    method == "HEAD" && what.contains("body")
}

#[test]
fn a_request_with_an_unknown_outcome_is_retried_if_it_is_idempotent() {
    for (what, action, code) in unknown() {
        for method in all_methods().filter(|method| !cannot_fail(method, what)) {
            let changes = [Change::RetryAttempts(2)];
            let (sent, response) = count(&action, &request(method, "/things"), &changes);
            let expected = if is_idempotent(method) { 3 } else { 1 };
            assert_eq!(sent, expected, "{method}, {what}");
            assert_eq!(response.attempts() as usize, expected, "{method}, {what}");
            assert_eq!(response.code(), code, "{method}, {what}: {}", error_of(&response));
        }
    }
}

#[test]
fn a_post_with_an_idempotency_key_is_retried_with_the_same_key_and_body() {
    for (what, action, code) in unknown() {
        for method in OTHER {
            let server = Server::always(action.clone());
            let client = client_of(&server, &action, &[Change::RetryAttempts(1)]);
            let mut request = with_key(method);
            request.set_json("{\"quantity\": 2}").unwrap();
            let response = client.send(&request);
            assert_eq!(response.code(), code, "{method}, {what}: {}", error_of(&response));
            drop(client);
            let received = server.finish().requests;
            assert_eq!(received.len(), 2, "{method}, {what}");
            for received in received {
                assert_eq!(
                    received.field("idempotency-key"),
                    Some("order-4711"),
                    "{method}, {what}"
                );
                assert_eq!(received.body, b"{\"quantity\": 2}", "{method}, {what}");
            }
        }
    }
}

#[test]
fn without_retries_every_request_is_sent_once() {
    for (what, action, _) in unknown() {
        let (sent, response) = count(&action, &request("GET", "/things"), &[]);
        assert_eq!((sent, response.attempts()), (1, 1), "{what}");
    }
    for action in
        [respond(429, &[("Retry-After", "0")], ""), respond(503, &[("Retry-After", "1")], "")]
    {
        let (sent, response) = count(&action, &request("POST", "/things"), &[]);
        assert_eq!((sent, response.attempts()), (1, 1));
    }
}

#[test]
fn a_request_that_was_rate_limited_is_retried_for_every_method() {
    let rate_limited = [
        ("429", respond(429, &[], "")),
        ("429 with a delay", respond(429, &[("Retry-After", "2")], "")),
        ("503 with a delay", respond(503, &[("Retry-After", "2")], "")),
        ("503 with a delay in ms", respond(503, &[("Retry-After-Ms", "2000")], "")),
    ];
    for (what, action) in rate_limited {
        for method in all_methods() {
            let changes = [Change::RetryAttempts(3)];
            let (sent, _) = count(&action, &request(method, "/things"), &changes);
            assert_eq!(sent, 4, "{method}, {what}");
        }
    }
}

#[test]
fn a_refused_connection_is_retried_for_every_method() {
    for method in all_methods() {
        let port = RefusingPort::new();
        let (client, clock) = auto_advance_client(&port.url(), &[Change::RetryAttempts(2)]);
        let response = client.send(&request(method, "/things"));
        assert_eq!(response.code(), Code::Connect, "{method}: {}", error_of(&response));
        assert_eq!(response.attempts(), 0, "{method} was never sent");
        assert_eq!(clock.waits().len(), 2, "{method}: one wait for each retry");
        assert_eq!(journal_values(&response, "error"), vec!["SAC_ERR_CONNECT"; 3], "{method}");
    }
}

#[test]
fn a_tls_handshake_that_breaks_off_is_retried_for_every_method() {
    for method in ["GET", "POST"] {
        let server = Server::closing();
        let url = server.url().replace("http:", "https:");
        let (client, _) =
            auto_advance_client(&url, &[Change::RetryAttempts(2), Change::Verify(false)]);
        let response = client.send(&request(method, "/things"));
        assert_eq!(response.code(), Code::Tls, "{method}: {}", error_of(&response));
        assert_eq!(response.attempts(), 0, "{method} was never sent");
        assert_eq!(server.finish().connections, 3, "{method}");
    }
}

#[test]
fn a_connect_timeout_is_retried_for_every_method() {
    let port = FullQueuePort::new();
    for method in ["GET", "POST"] {
        let changes = [Change::RetryAttempts(1), Change::ConnectTimeoutMs(30)];
        let (client, _) = auto_advance_client(&port.url(), &changes);
        let response = client.send(&request(method, "/things"));
        assert_eq!(response.code(), Code::Timeout, "{method}: {}", error_of(&response));
        assert_eq!(response.attempts(), 0, "{method} was never sent");
        assert_eq!(journal_values(&response, "error").len(), 2, "{method}");
    }
}

#[test]
fn a_failure_that_a_retry_cannot_fix_is_not_retried() {
    let too_large = respond(200, &[], "\"0123456789\"");
    let once = [
        ("200", respond(200, &[], "{}"), Code::Ok),
        ("400", respond(400, &[], ""), Code::Status),
        ("404", respond(404, &[], ""), Code::Status),
        ("409", respond(409, &[], ""), Code::Status),
        ("501", respond(501, &[], ""), Code::Status),
        ("not JSON", respond(200, &[], "<html>"), Code::NotJson),
        ("too large", too_large, Code::TooLarge),
        ("a bad redirect", respond(302, &[("Location", "ftp://x/")], ""), Code::Redirect),
    ];
    for (what, action, code) in once {
        let changes = [Change::RetryAttempts(3), Change::MaxBodyBytes(10)];
        let (sent, response) = count(&action, &request("GET", "/things"), &changes);
        assert_eq!((sent, response.code()), (1, code), "{what}: {}", error_of(&response));
    }
}

#[test]
fn the_retries_of_the_request_override_those_of_the_client() {
    let action = respond(503, &[], "");
    let none = {
        let mut request = request("GET", "/things");
        request.change(Change::RetryAttempts(0)).unwrap();
        request
    };
    assert_eq!(count(&action, &none, &[Change::RetryAttempts(3)]).0, 1);
    let two = {
        let mut request = request("GET", "/things");
        request.change(Change::RetryAttempts(2)).unwrap();
        request
    };
    assert_eq!(count(&action, &two, &[]).0, 3);
}

#[test]
fn only_the_callers_statuses_are_retried() {
    let statuses =
        |statuses: &[u16]| [Change::RetryAttempts(1), Change::RetryStatuses(statuses.into())];
    let get = request("GET", "/things");
    assert_eq!(count(&respond(404, &[], ""), &get, &statuses(&[404])).0, 2);
    assert_eq!(count(&respond(503, &[], ""), &get, &statuses(&[404])).0, 1);
    assert_eq!(count(&respond(429, &[], ""), &get, &statuses(&[])).0, 1);
    assert_eq!(
        count(&Action::close(), &get, &statuses(&[])).0,
        2,
        "a broken connection has no status"
    );
    let post = request("POST", "/things");
    assert_eq!(count(&respond(404, &[], ""), &post, &statuses(&[404])).0, 1);
    let mut own = request("GET", "/things");
    own.change(Change::RetryStatuses([425].into())).unwrap();
    assert_eq!(count(&respond(425, &[], ""), &own, &statuses(&[404])).0, 2, "the request's own");
}

#[test]
fn a_server_can_forbid_and_request_a_retry() {
    let retries = [Change::RetryAttempts(2)];
    let no = [("X-Should-Retry", "false")];
    let yes = [("X-Should-Retry", "true")];
    let (get, post) = (request("GET", "/things"), request("POST", "/things"));
    assert_eq!(count(&respond(503, &no, ""), &get, &retries).0, 1);
    assert_eq!(count(&respond(429, &no, ""), &post, &retries).0, 1);
    assert_eq!(count(&respond(409, &yes, ""), &get, &retries).0, 3);
    assert_eq!(
        count(&respond(500, &yes, ""), &post, &retries).0,
        1,
        "a POST may have been processed"
    );
    assert_eq!(count(&respond(500, &yes, ""), &with_key("POST"), &retries).0, 3);
    let (_, response) = count(&respond(503, &no, ""), &get, &retries);
    assert_eq!(journal_values(&response, "done_because"), ["server said no"]);
}

#[test]
fn retries_end_with_the_first_success() {
    let body = "{\"id\": 7}";
    let half_head = Action::CloseAfter(b"HTTP/1.1 200 O".to_vec());
    let actions = [respond(503, &[], ""), half_head, respond(200, &[], body)];
    let server = Server::script(actions);
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 3), "{}", error_of(&response));
    assert_eq!(response.json_text(), body);
    assert_eq!(
        journal_values(&response, "retried_because"),
        [json!("status 503"), json!("closed"), json!(null)]
    );
    assert_eq!(server.finish().requests.len(), 3);
}

#[test]
fn the_last_response_is_returned_complete_after_all_retries() {
    for (status, code) in [(429, Code::RateLimited), (503, Code::Status)] {
        let response_number = move |number: usize| {
            let fields = [("Retry-After", "1"), ("X-Number", &number.to_string())];
            respond(status, &fields, &format!("{{\"error\": \"busy\", \"number\": {number}}}"))
        };
        let server = Server::start(move |received| response_number(received.number));
        let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(2)]);
        let response = get(&client, "/things");
        assert_eq!((response.code(), response.status()), (code, status));
        assert_eq!(response.json_text(), "{\"error\": \"busy\", \"number\": 2}");
        assert_eq!(response.fields().get("x-number"), Some(c"2"));
        assert_eq!(error_of(&response), "busy");
        assert_eq!(journal_values(&response, "done_because")[2], "exhausted");
    }
}

#[test]
fn an_error_is_one_line_with_the_cause_the_url_and_the_attempts() {
    let port = RefusingPort::new();
    let url = port.url();
    let error_from =
        |client: &Client| error_of(&get(client, "/things?token=s3cret&page=2")).to_owned();
    let (client, _) = auto_advance_client(&url, &[Change::RetryAttempts(2)]);
    let address = url.strip_prefix("http://").unwrap();
    assert_eq!(
        error_from(&client),
        format!(
            "GET {url}/things?token=[redacted]&page=2 failed before anything was sent, tried 3 times: \
             connection refused ({address})"
        )
    );
    client.change(&Change::RetryAttempts(0)).unwrap();
    let error = error_from(&client);
    assert!(
        error.contains("&page=2 failed before anything was sent: connection refused"),
        "{error}"
    );

    let (sent, response) =
        count(&Action::close(), &request("POST", "/things"), &[Change::RetryAttempts(2)]);
    let error = error_of(&response);
    assert_eq!((sent, response.attempts()), (1, 1));
    assert!(error.contains("/things failed after 1 attempt: "), "{error}");
    assert!(
        error.ends_with(
            "(not retried because it may have been processed; an idempotency key would allow it)"
        ),
        "{error}"
    );
    assert!(!error.contains('\n'), "{error}");
    let json: Value = serde_json::from_str(response.json_text()).unwrap();
    assert_eq!(json, json!({ "error": error }), "the JSON contains the text too");
}
