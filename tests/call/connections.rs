//! Kept connections that turn out to be closed: one free repeat on a fresh one.

use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;

use crate::support::*;

fn ok() -> Action {
    respond(200, &[], "{}")
}

/// A client that has kept a connection, and the server at its other end, which does these things
/// with the requests that follow.
fn warmed_up(actions: impl IntoIterator<Item = Action>, changes: &[Change]) -> (Client, Server) {
    let server = Server::script([ok()].into_iter().chain(actions));
    let (client, _) = auto_advance_client(&server.url(), changes);
    assert_eq!(get(&client, "/warm-up").code(), Code::Ok);
    (client, server)
}

#[test]
fn a_stale_connection_costs_one_free_repeat_on_a_fresh_one() {
    for stale in [Action::close(), Action::reset()] {
        for method in ["GET", "PUT", "DELETE"] {
            let (client, server) = warmed_up([stale.clone(), ok()], &[]);
            let response = client.send(&request(method, "/things"));
            assert_eq!(response.code(), Code::Ok, "{method}: {}", error_of(&response));
            assert_eq!(response.attempts(), 2, "both were put on the wire");
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
fn a_free_repeat_is_free_once() {
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
fn a_free_repeat_leaves_all_retries_to_the_call() {
    let actions = [Action::close(), respond(503, &[], ""), respond(503, &[], ""), ok()];
    let (client, server) = warmed_up(actions, &[Change::RetryAttempts(2)]);
    let response = get(&client, "/things");
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 4), "{}", error_of(&response));
    drop(client);
    assert_eq!(server.finish().requests.len(), 5);
}

#[test]
fn a_post_that_was_written_is_not_repeated() {
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
fn a_post_with_a_key_is_repeated() {
    let (client, server) = warmed_up([Action::close(), ok()], &[]);
    let mut post = request("POST", "/things");
    post.set_idempotency_key("order-4711").unwrap();
    assert_eq!(client.send(&post).code(), Code::Ok);
    drop(client);
    assert_eq!(server.finish().requests.len(), 3);
}

#[test]
fn a_request_that_crosses_with_the_end_of_the_wait_for_it_is_repeated_once() {
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
    // The second time it is an answer: nothing has crossed on a fresh connection.
    let (client, server) = warmed_up([crossing(), crossing(), ok()], &[]);
    let response = get(&client, "/things");
    assert_eq!((response.status(), response.attempts()), (408, 2));
    drop(client);
    assert_eq!(server.finish().requests.len(), 3);
}

#[test]
fn a_408_that_does_not_end_a_kept_connection_is_an_answer() {
    let crossing = respond(408, &[("Connection", "x, CLOSE")], "");
    for (method, action) in [("GET", respond(408, &[], "")), ("POST", crossing.clone())] {
        let (client, _server) = warmed_up([action, ok()], &[]);
        let response = client.send(&request(method, "/things"));
        assert_eq!((response.status(), response.attempts()), (408, 1), "{method}");
    }
    let server = Server::script([crossing, ok()]);
    let (client, _) = auto_advance_client(&server.url(), &[]);
    let response = get(&client, "/things");
    assert_eq!((response.status(), response.attempts()), (408, 1), "on a fresh connection");
}

#[test]
fn an_answer_that_has_begun_is_no_stale_connection() {
    let (client, server) = warmed_up([Action::CloseAfter(b"HTTP/1.1 2".to_vec()), ok()], &[]);
    assert_eq!(get(&client, "/things").code(), Code::Closed);
    drop(client);
    assert_eq!(server.finish().requests.len(), 2);
}

#[test]
fn a_free_repeat_uses_no_other_kept_connection() {
    let latch = Latch::new();
    let held = latch.clone();
    let server = Server::start(move |received| match received.number {
        0 | 1 => ok().after(&held),
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
    assert_eq!(record.connections, 3, "two were kept, and the repeat went over neither");
    assert_eq!(record.requests[3].connection, 2);
}

#[test]
fn a_kept_connection_that_is_seen_to_be_closed_is_not_used_even_for_a_post() {
    let closing = Action::CloseAfter(ok().bytes());
    let server = Server::script([closing, ok()]);
    let (client, _) = auto_advance_client(&server.url(), &[]);
    assert_eq!(get(&client, "/warm-up").code(), Code::Ok);
    wait_until("the server's end of the connection", || {
        sockets_to(server.address, TcpState::CloseWait) == 1
    });
    let response = client.send(&request("POST", "/things"));
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 1), "{}", error_of(&response));
    assert_eq!(journal_values(&response, "reused_connection"), [false]);
}
