//! Event streams whose server interrupts them: their request is sent again.

use std::time::Duration;

use sac::code::Code;
use sac::request::RecordKind;
use sac::settings::Change;
use sac::wait::Cancel;

use crate::streams::{
    CHUNKED, assert_cancel_ends_the_wait, begun, chunk, client_of, next, open, rest, whole,
};
use crate::support::*;

/// A part of an event stream, after which the connection closes.
fn interrupted(events: &str) -> Action {
    Action::CloseAfter(begun("text/event-stream", events))
}

#[test]
fn an_interrupted_event_stream_continues_after_its_last_event() {
    let server = Server::script([
        interrupted("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: lost"),
        respond(503, &[("Retry-After", "7")], "{}"),
        interrupted("retry: 30000\ndata: c\n\n"),
        whole("text/event-stream", "id: 4\ndata: d\n\n"),
        respond(204, &[], ""),
    ]);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(2)]);
    let mut request = request("GET", "/");
    request.set_records(Some(RecordKind::Events));
    request.set_last_event_id("0").unwrap();
    let (_, mut stream) = client.open_stream(&request);
    let expected = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    assert_eq!(rest(&mut stream), (expected, Code::Ok), "{:?}", stream.error());
    let requests = server.finish().requests;
    let ids: Vec<_> = requests.iter().map(|sent| sent.field("last-event-id")).collect();
    assert_eq!(ids, [Some("0"), Some("2"), Some("2"), Some("2"), Some("4")]);
    assert_eq!(requests[0].field("accept"), Some("text/event-stream"));
    let named = clock.waits().into_iter().filter(|wait| *wait >= Duration::from_secs(30));
    assert_eq!(named.count(), 2, "waits of {:?}", clock.waits());
}

#[test]
fn a_stream_without_events_is_requested_only_as_often_as_retries_are_allowed() {
    let server = Server::start(|_| interrupted(": nothing\n\n"));
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(rest(&mut stream), (vec![], Code::Closed));
    assert_eq!(server.finish().requests.len(), 4);
    // The retries of a next request count too.
    let server = Server::start(|received| match received.number {
        0 => interrupted(""),
        _ => respond(503, &[("Retry-After", "1")], "{\"error\":\"busy\"}"),
    });
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(rest(&mut stream), (vec![], Code::Status));
    assert_eq!(stream.error().unwrap().message, "busy");
    assert_eq!(server.finish().requests.len(), 4);
    let server = Server::start(|_| whole("text/event-stream", ""));
    let (client, _) = auto_advance_client(&server.url(), &[]);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(rest(&mut stream), (vec![], Code::Ok), "retries are off");
    assert_eq!(server.finish().requests.len(), 1);
}

#[test]
fn events_without_an_id_or_a_delay_are_complete_at_the_end_of_their_response() {
    for (events, requests) in [
        ("data: a\n\n", 1),
        ("id: 1\ndata: a\n\n", 2),
        ("retry: 1\ndata: a\n\n", 2),
        ("id: 1\ndata: a\n\nid\ndata: b\n\n", 1),
    ] {
        let server = Server::script([whole("text/event-stream", events), respond(204, &[], "")]);
        let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
        let (_, mut stream) = open(&client, "/");
        let (records, code) = rest(&mut stream);
        assert_eq!((&*records[0], code), ("a", Code::Ok), "{events:?}: {:?}", stream.error());
        assert_eq!(server.finish().requests.len(), requests, "{events:?}");
    }
}

#[test]
fn a_server_cannot_name_an_endless_wait() {
    for (end, code) in [
        (interrupted("retry: 99999999999999999999\ndata: 1\n\n"), Code::Closed),
        (whole("text/event-stream", "retry: 99999999999999999999\ndata: 1\n\n"), Code::Timeout),
    ] {
        let server = Server::start(move |_| end.clone());
        let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
        let (_, mut stream) = open(&client, "/");
        assert_eq!(rest(&mut stream), (vec!["1".to_owned()], code), "{:?}", stream.error());
        assert_eq!(server.finish().requests.len(), 1);
    }
}

#[test]
fn a_delay_of_0_is_no_tight_loop() {
    let server = Server::start(|received| match received.number {
        0 => interrupted("retry: 0\ndata: 1\n\n"),
        3 => interrupted("data: 2\n\n"),
        _ => interrupted(""),
    });
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(2)]);
    let (_, mut stream) = open(&client, "/");
    let expected = vec!["1".to_owned()];
    assert_eq!(rest(&mut stream), (expected, Code::Closed), "two requests without an event");
    let waits = clock.waits();
    let minimum = [500, 1000].map(Duration::from_millis);
    assert_eq!(waits.len(), minimum.len(), "{waits:?}");
    for (wait, minimum) in waits.iter().zip(minimum) {
        assert!(*wait >= minimum && *wait <= minimum * 11 / 10, "{waits:?}");
    }
}

#[test]
fn each_event_gives_the_retries_back() {
    let server = Server::start(|received| match received.number {
        6 => respond(204, &[], ""),
        number if number % 2 == 0 => interrupted(&format!("id: {number}\ndata: {number}\n\n")),
        _ => interrupted("id: unused\n"),
    });
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(2)]);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(rest(&mut stream), (["0", "2", "4"].map(str::to_owned).to_vec(), Code::Ok));
    assert_eq!(clock.waits().len(), 6);
    let ids: Vec<_> = server
        .finish()
        .requests
        .iter()
        .map(|sent| sent.field("last-event-id").map(str::to_owned))
        .collect();
    let sent = [None, Some("0"), Some("0"), Some("2"), Some("2"), Some("4"), Some("4")];
    assert_eq!(
        ids,
        sent.map(|id| id.map(str::to_owned)),
        "an ID without a blank line after it is none"
    );
}

#[test]
fn the_status_of_a_next_request_decides() {
    for (action, code) in [
        (respond(204, &[], ""), Code::Ok),
        (respond(401, &[], "{}"), Code::Status),
        (respond(404, &[], "{}"), Code::Status),
        (respond(429, &[], "{}"), Code::RateLimited),
        (respond(200, &[("Content-Type", "application/json")], "[]"), Code::Protocol),
        (respond(205, &[], ""), Code::Protocol),
    ] {
        let server = Server::start(move |received| match received.number {
            0 => interrupted("data: 1\n\n"),
            _ => action.clone(),
        });
        let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
        let (_, mut stream) = open(&client, "/");
        assert_eq!(rest(&mut stream), (vec!["1".to_owned()], code), "{:?}", stream.error());
    }
}

#[test]
fn a_next_request_takes_neither_credentials_nor_its_last_id_to_another_origin() {
    let other = Server::start(|_| whole("text/event-stream", "data: 2\n\n"));
    let to = format!("{}/there", other.url());
    let server = Server::start(move |received| match received.number {
        0 => interrupted("id: 7\ndata: 1\n\n"),
        1 => respond(307, &[("Location", &to)], ""),
        _ => respond(204, &[], ""),
    });
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    let mut request = request("GET", "/here");
    request.set_header("Authorization", "Bearer secret").unwrap();
    let (_, mut stream) = client.open_stream(&request);
    let expected = ["1", "2"].map(str::to_owned).to_vec();
    assert_eq!(rest(&mut stream), (expected, Code::Ok), "{:?}", stream.error());
    let requests = server.finish().requests;
    assert_eq!(requests[2].path(), "/here", "it begins where the first request did");
    for sent in &requests {
        assert_eq!(sent.field("authorization"), Some("Bearer secret"));
    }
    let there = &other.finish().requests[0];
    assert_eq!((there.field("authorization"), there.field("last-event-id")), (None, None));
}

#[test]
fn an_id_in_any_script_is_sent_as_it_came() {
    let server = Server::script([interrupted("id: 日本 é\ndata: 1\n\n"), respond(204, &[], "")]);
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(rest(&mut stream), (vec!["1".to_owned()], Code::Ok));
    assert_eq!(server.finish().requests[1].field("last-event-id"), Some("日本 é"));
}

#[test]
fn the_head_of_events_alone_is_no_interruption() {
    let server = Server::start(|_| {
        Action::Reply(format!("{CHUNKED}Content-Type: text/event-stream\r\n\r\n").into_bytes())
    });
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let (head, mut stream) = client.open_stream(&request("HEAD", "/"));
    assert_eq!((head.code(), head.status()), (Code::Ok, 200));
    assert_eq!(rest(&mut stream), (vec![], Code::Ok));
    assert_eq!(server.finish().requests.len(), 1);
}

#[test]
fn a_cancel_ends_the_wait_before_a_next_request() {
    let server = Server::start(|_| interrupted("retry: 100000\ndata: 1\n\n"));
    assert_cancel_ends_the_wait(server);
}

#[test]
fn a_wait_beyond_the_deadline_does_not_begin() {
    let server = Server::start(|_| whole("text/event-stream", "retry: 60000\ndata: 1\n\n"));
    let changes = [Change::RetryAttempts(3), Change::DeadlineMs(50_000)];
    let (client, clock) = auto_advance_client(&server.url(), &changes);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(rest(&mut stream), (vec!["1".to_owned()], Code::Timeout));
    assert!(clock.waits().is_empty(), "{:?}", clock.waits());
    assert!(stream.error().unwrap().message.contains("deadline"), "{:?}", stream.error());
}

#[test]
fn comments_without_end_are_ended_by_the_deadline_or_a_cancel() {
    let server = Server::start(|_| {
        let comments = chunk(&": a comment\n".repeat(1000));
        Action::Endless(begun("text/event-stream", "data: 1\n\n"), comments)
    });
    let limited = client(&server.url(), &[Change::DeadlineMs(200), Change::RetryAttempts(3)]);
    let (_, mut stream) = open(&limited, "/");
    assert_eq!(rest(&mut stream).1, Code::Timeout);
    let cancel = Cancel::new().unwrap();
    let mut request = request("GET", "/");
    request.set_cancel(Some(cancel.clone()));
    let client = client_of(&server);
    let (begun, has_begun) = std::sync::mpsc::channel();
    let end = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (_, mut stream) = client.open_stream(&request);
            assert_eq!(next(&mut stream).unwrap(), "1");
            begun.send(()).unwrap();
            rest(&mut stream)
        });
        has_begun.recv().unwrap();
        cancel.trigger();
        reader.join().unwrap()
    });
    assert_eq!(end, (vec![], Code::Cancelled));
}

#[test]
fn only_a_get_of_events_is_sent_again_after_its_head() {
    for (method, content_type) in [("POST", "text/event-stream"), ("GET", "application/x-ndjson")] {
        let body = begun(content_type, "data: 1\n\n");
        let server = Server::start(move |_| Action::CloseAfter(body.clone()));
        let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
        let (_, mut stream) = client.open_stream(&request(method, "/"));
        assert_eq!(rest(&mut stream).1, Code::Closed);
        assert_eq!(server.finish().requests.len(), 1, "{method} of {content_type}");
    }
}

#[test]
fn an_id_that_the_server_takes_back_is_not_sent_again() {
    let server = Server::script([
        interrupted("id: 7\ndata: a\n\nid\ndata: b\n\n"),
        interrupted("id: \u{7f}\ndata: c\n\n"),
        respond(304, &[], ""),
    ]);
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let mut request = request("GET", "/");
    request.set_last_event_id("3").unwrap();
    let (_, mut stream) = client.open_stream(&request);
    let expected = ["a", "b", "c"].map(str::to_owned).to_vec();
    assert_eq!(rest(&mut stream), (expected, Code::Protocol), "a 304 is no end of the events");
    let requests = server.finish().requests;
    let ids: Vec<_> = requests.iter().map(|sent| sent.field("last-event-id")).collect();
    assert_eq!(ids, [Some("3"), None, None]);
}

#[test]
fn a_next_response_of_another_type_ends_the_events() {
    let server = Server::script([
        interrupted("data: 1\n\n"),
        respond(200, &[("Content-Type", "text/html")], "<p>"),
    ]);
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(rest(&mut stream), (vec!["1".to_owned()], Code::Protocol));
}
