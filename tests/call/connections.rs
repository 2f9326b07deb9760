//! Idle connections that the server has closed: one free repeat on a new connection.

use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;

use crate::support::*;

fn ok() -> Action {
    respond(200, &[], "{}")
}

/// A client with an idle connection, and its server, which does these actions for the requests that
/// follow.
fn warmed_up(actions: impl IntoIterator<Item = Action>, changes: &[Change]) -> (Client, Server) {
    let server = Server::script([ok()].into_iter().chain(actions));
    let (client, _) = auto_advance_client(&server.url(), changes);
    assert_eq!(get(&client, "/warm-up").code(), Code::Ok);
    (client, server)
}

#[test]
fn a_request_on_a_stale_connection_is_repeated_once_for_free_on_a_new_one() {
    for stale in [Action::close(), Action::reset()] {
        for method in ["GET", "PUT", "DELETE"] {
            let (client, server) = warmed_up([stale.clone(), ok()], &[]);
            let response = client.send(&request(method, "/things"));
            assert_eq!(response.code(), Code::Ok, "{method}: {}", error_of(&response));
            assert_eq!(response.attempts(), 2, "both were sent");
            assert_eq!(journal_values(&response, "reused_connection"), [true, false]);
            assert_eq!(journal_values(&response, "retried_because")[0], "stale connection");
            assert_eq!(journal_values(&response, "waited_ms"), [0, 0]);
            drop(client);
            let record = server.finish();
            assert_eq!((record.requests.len(), record.connections), (3, 2), "{method}");
        }
    }
}

#[test]
fn only_one_repeat_of_a_call_is_free() {
    let (client, server) = warmed_up([Action::close(), Action::close(), ok()], &[]);
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Closed, 2));
    assert!(error_of(&response).contains(" failed after 2 attempts: "), "{}", error_of(&response));
    drop(client);
    assert_eq!(server.finish().requests.len(), 3);
}

#[test]
fn a_second_stale_connection_of_the_same_call_costs_a_retry() {
    let actions = [Action::close(), respond(503, &[], ""), Action::close(), ok()];
    let (client, _server) = warmed_up(actions.clone(), &[Change::RetryAttempts(1)]);
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Closed, 3));

    let (client, _server) = warmed_up(actions, &[Change::RetryAttempts(2)]);
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 4), "{}", error_of(&response));
    let causes = ["stale connection", "status 503", "closed"];
    assert_eq!(journal_values(&response, "retried_because")[..3], causes);
}

#[test]
fn a_free_repeat_does_not_count_as_a_retry() {
    let actions = [Action::close(), respond(503, &[], ""), respond(503, &[], ""), ok()];
    let (client, server) = warmed_up(actions, &[Change::RetryAttempts(2)]);
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 4), "{}", error_of(&response));
    drop(client);
    assert_eq!(server.finish().requests.len(), 5);
}

#[test]
fn a_post_that_was_sent_is_not_repeated() {
    for stale in [Action::close(), Action::reset()] {
        let (client, server) = warmed_up([stale, ok()], &[Change::RetryAttempts(3)]);
        let mut post = request("POST", "/things");
        post.set_json("{\"quantity\": 2}").unwrap();
        let response = client.send(&post);
        assert_eq!((response.code(), response.attempts()), (Code::Closed, 1));
        drop(client);
        assert_eq!(server.finish().requests.len(), 2);
    }
}

#[test]
fn a_post_with_an_idempotency_key_is_repeated() {
    let (client, server) = warmed_up([Action::close(), ok()], &[]);
    let mut post = request("POST", "/things");
    post.set_idempotency_key("order-4711").unwrap();
    assert_eq!(client.send(&post).code(), Code::Ok);
    drop(client);
    assert_eq!(server.finish().requests.len(), 3);
}

#[test]
fn a_408_that_closes_an_idle_connection_is_repeated_once() {
    let crossing = || respond(408, &[("Connection", "close")], "");
    for method in ["GET", "PUT"] {
        let (client, server) = warmed_up([crossing(), ok()], &[]);
        let response = client.send(&request(method, "/things"));
        assert_eq!((response.code(), response.attempts()), (Code::Ok, 2), "{method}");
        assert_eq!(journal_values(&response, "reused_connection"), [true, false]);
        assert_eq!(journal_values(&response, "retried_because")[0], "stale connection");
        drop(client);
        let record = server.finish();
        assert_eq!((record.requests.len(), record.connections), (3, 2), "{method}");
    }
    // The second 408 is the response: it came on a new connection.
    let (client, server) = warmed_up([crossing(), crossing(), ok()], &[]);
    let response = get(&client, "/things");
    assert_eq!((response.status(), response.attempts()), (408, 2));
    drop(client);
    assert_eq!(server.finish().requests.len(), 3);
}

#[test]
fn a_408_that_does_not_close_an_idle_connection_is_the_response() {
    let crossing = respond(408, &[("Connection", "x, CLOSE")], "");
    for (method, action) in [("GET", respond(408, &[], "")), ("POST", crossing.clone())] {
        let (client, _server) = warmed_up([action, ok()], &[]);
        let response = client.send(&request(method, "/things"));
        assert_eq!((response.status(), response.attempts()), (408, 1), "{method}");
    }
    let server = Server::script([crossing, ok()]);
    let (client, _) = auto_advance_client(&server.url(), &[]);
    let response = get(&client, "/things");
    assert_eq!((response.status(), response.attempts()), (408, 1), "on a new connection");
}

#[test]
fn a_connection_that_breaks_within_the_response_is_not_stale() {
    let (client, server) = warmed_up([Action::CloseAfter(b"HTTP/1.1 2".to_vec()), ok()], &[]);
    assert_eq!(get(&client, "/things").code(), Code::Closed);
    drop(client);
    assert_eq!(server.finish().requests.len(), 2);
}

#[test]
fn a_free_repeat_uses_a_new_connection() {
    let latch = Latch::new();
    let first = latch.clone();
    let server = Server::start(move |received| match received.number {
        0 | 1 => ok().after(&first),
        2 => Action::close(),
        _ => ok(),
    });
    let (client, _) = auto_advance_client(&server.url(), &[]);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(get(&client, "/warm-up").code(), Code::Ok));
        }
        server.wait_for_requests(2);
        latch.open();
    });
    let response = get(&client, "/things");
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    drop(client);
    let record = server.finish();
    assert_eq!(record.connections, 3, "two were idle, and the repeat used neither");
    assert_eq!(record.requests[3].connection, 2);
}

#[test]
fn an_idle_connection_that_the_server_has_closed_is_not_used() {
    let closing = Action::CloseAfter(ok().bytes());
    let server = Server::script([closing, ok()]);
    let (client, _) = auto_advance_client(&server.url(), &[]);
    assert_eq!(get(&client, "/warm-up").code(), Code::Ok);
    wait_until("the server to close the connection", || {
        sockets_to(server.address, TcpState::CloseWait) == 1
    });
    let response = client.send(&request("POST", "/things"));
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 1), "{}", error_of(&response));
    assert_eq!(journal_values(&response, "reused_connection"), [false]);
}
