//! Responses that are read while they arrive.

use std::time::Duration;

use sac::answer::Response;
use sac::client::Client;
use sac::client::stream::Stream;
use sac::code::Code;
use sac::request::{Output, RecordKind, Request};
use sac::settings::Change;
use sac::wait::Cancel;

use crate::support::*;

pub const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";

/// A response of this type, whose body does not end yet.
pub fn begun(content_type: &str, piece: &str) -> Vec<u8> {
    let head = format!("{CHUNKED}Content-Type: {content_type}\r\n\r\n");
    [head.as_bytes(), &chunk(piece)].concat()
}

pub fn chunk(piece: &str) -> Vec<u8> {
    match piece {
        "" => Vec::new(),
        _ => format!("{:x}\r\n{piece}\r\n", piece.len()).into_bytes(),
    }
}

/// The end of a body.
pub const LAST: &[u8] = b"0\r\n\r\n";

fn whole(content_type: &str, body: &str) -> Action {
    Action::Reply([&begun(content_type, body), LAST].concat())
}

/// A part of an event stream, after which the connection closes.
fn interrupted(events: &str) -> Action {
    Action::CloseAfter(begun("text/event-stream", events))
}

fn client_of(server: &Server) -> Client {
    client(&server.url(), &[])
}

pub fn open(client: &Client, path: &str) -> (Response, Stream) {
    client.open_stream(&request("GET", path))
}

pub fn next(stream: &mut Stream) -> Option<String> {
    let data = stream.next_record()?.data;
    Some(String::from_utf8(data[..data.len() - 1].to_vec()).unwrap())
}

/// All records up to the end, and the code of the end.
pub fn rest(stream: &mut Stream) -> (Vec<String>, Code) {
    let records = std::iter::from_fn(|| next(stream)).collect();
    (records, code_of(stream))
}

fn code_of(stream: &Stream) -> Code {
    stream.error().map_or(Code::Ok, |error| error.code)
}

#[test]
fn the_head_and_each_record_are_there_before_the_body_ends() {
    let latch = Latch::new();
    let begin = begun("application/x-ndjson", "{\"a\":1}\n[2");
    let end = [&chunk("]\n"), LAST].concat();
    let server = Server::script([Action::Delayed(begin, latch.clone(), end)]);
    let client = client(&server.url(), &[]);
    let (head, mut stream) = open(&client, "/");
    assert_eq!((head.code(), head.status(), head.attempts()), (Code::Ok, 200, 1));
    assert_eq!((head.json_text(), head.body()), ("{}", &b""[..]));
    assert_eq!(next(&mut stream).unwrap(), "{\"a\":1}");
    latch.open();
    assert_eq!(rest(&mut stream), (vec!["[2]".to_owned()], Code::Ok));
    assert_eq!(rest(&mut stream), (vec![], Code::Ok));
}

#[test]
fn bytes_are_read_as_they_come() {
    let latch = Latch::new();
    let begin = begun("text/plain", "first");
    let server =
        Server::script([Action::Delayed(begin, latch.clone(), [&chunk("last"), LAST].concat())]);
    let client = client(&server.url(), &[]);
    let (_, mut stream) = open(&client, "/");
    let mut buffer = [0; 100];
    assert_eq!(stream.read(&mut buffer[..3]), Ok(3));
    assert_eq!(stream.read(&mut buffer[3..]), Ok(2));
    assert_eq!(&buffer[..5], b"first");
    assert_eq!(stream.read(&mut []), Ok(0));
    latch.open();
    assert_eq!(stream.read(&mut buffer), Ok(4));
    assert_eq!((stream.read(&mut buffer), stream.read(&mut buffer)), (Ok(0), Ok(0)));
    assert!(stream.error().is_none());
}

#[test]
fn a_stream_is_read_by_records_or_as_bytes() {
    let server = Server::script([whole("application/x-ndjson", "1\n2\n")]);
    let client = client(&server.url(), &[]);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(next(&mut stream).unwrap(), "1");
    assert_eq!(stream.read(&mut [0; 9]).unwrap_err().code, Code::InvalidArgument);
    assert_eq!(rest(&mut stream), (vec!["2".to_owned()], Code::Ok));
}

#[test]
fn a_connection_is_kept_after_the_end_and_closed_before_it() {
    let server = Server::start(|_| whole("application/json", "[1,2]"));
    let client = client_of(&server);
    for read in [1, 2, 3] {
        let (_, mut stream) = open(&client, "/");
        for _ in 0..read {
            next(&mut stream);
        }
    }
    get(&client, "/");
    let connections: Vec<_> = server.finish().requests.iter().map(|sent| sent.connection).collect();
    assert_eq!(connections, [0, 0, 0, 0], "the whole body had arrived");

    let server = Server::start(|_| Action::Silence(begun("application/json", "[1,2")));
    let client = client_of(&server);
    for _ in 0..3 {
        let (_, mut stream) = open(&client, "/");
        next(&mut stream);
    }
    assert_eq!(server.finish().connections, 3);
}

#[test]
fn retries_and_redirects_come_before_the_head() {
    let server = Server::script([
        respond(503, &[], "{}"),
        respond(302, &[("Location", "/there")], ""),
        whole("application/json", "[1]"),
    ]);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    let (head, mut stream) = open(&client, "/here");
    assert_eq!((head.status(), head.attempts()), (200, 2));
    assert_eq!(clock.waits().len(), 1);
    assert_eq!(rest(&mut stream), (vec!["1".to_owned()], Code::Ok));
    assert_eq!(server.finish().requests[2].path(), "/there");
}

#[test]
fn an_error_response_is_complete_in_the_head() {
    let server =
        Server::script([respond(404, &[], "{\"error\":\"no such list\"}"), respond(204, &[], "")]);
    let client = client(&server.url(), &[]);
    let (head, mut stream) = open(&client, "/");
    assert_eq!((head.code(), head.status()), (Code::Status, 404));
    assert_eq!(head.json_text(), "{\"error\":\"no such list\"}");
    assert_eq!(rest(&mut stream), (vec![], Code::Status));
    assert_eq!(stream.read(&mut [0; 9]).unwrap_err().code, Code::Status);
    let (head, mut stream) = open(&client, "/");
    assert_eq!((head.code(), head.status()), (Code::Ok, 204));
    assert_eq!(stream.read(&mut [0; 9]), Ok(0));
    assert_eq!(rest(&mut stream), (vec![], Code::Ok));
}

#[test]
fn a_call_that_cannot_be_made_is_an_error_of_the_stream() {
    let port = RefusingPort::new();
    let client = client(&port.url(), &[]);
    let (head, mut stream) = open(&client, "/");
    assert_eq!(head.code(), Code::Connect);
    assert_eq!(rest(&mut stream), (vec![], Code::Connect));
    let mut request = request("GET", "/");
    request.set_output(Output::File("/nowhere".into())).unwrap();
    let (head, mut stream) = client.open_stream(&request);
    assert_eq!(head.code(), Code::InvalidArgument);
    assert_eq!(rest(&mut stream), (vec![], Code::InvalidArgument));
}

#[test]
fn a_body_that_is_cut_is_an_error_after_its_whole_records() {
    for (action, code) in [
        (Action::CloseAfter(begun("application/x-ndjson", "1\n2\n[3")), Code::Closed),
        (Action::Reset(begun("application/x-ndjson", "1\n2\n[3")), Code::Closed),
        (Action::Reply(begun("application/x-ndjson", "1\n2\n[3\r\nzzz")), Code::Timeout),
    ] {
        let server = Server::script([action]);
        let client = client(&server.url(), &[Change::ReadTimeoutMs(50)]);
        let (_, mut stream) = open(&client, "/list?page=2");
        let (records, end) = rest(&mut stream);
        assert_eq!((&records[..2], end), (&["1".to_owned(), "2".to_owned()][..], code));
        let error = stream.error().unwrap().message.clone();
        assert!(
            error.starts_with(&format!("GET {}/list?page=2 failed: ", server.url())),
            "{error}"
        );
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn the_read_timeout_limits_each_silence_and_the_timeout_only_the_head() {
    let server = Server::start(|received| match received.path() {
        "/silent" => Action::Silence(begun("application/x-ndjson", "1\n")),
        _ => Action::Trickle(begun("application/x-ndjson", "1\n"), chunk("2\n")),
    });
    let changes = [Change::TimeoutMs(200), Change::ReadTimeoutMs(400)];
    let client = client(&server.url(), &changes);
    let (_, mut stream) = open(&client, "/silent");
    assert_eq!(rest(&mut stream), (vec!["1".to_owned()], Code::Timeout));
    let error = &stream.error().unwrap().message;
    assert!(
        error.ends_with("the server was silent for 400 ms while reading the response body"),
        "{error}"
    );
    let (_, mut stream) = open(&client, "/drip");
    // Pieces arrive every 10 ms, so these take longer than the timeout of the attempt.
    for _ in 0..40 {
        assert!(stream.next_record().is_some(), "{:?}", stream.error());
    }
}

#[test]
fn the_deadline_limits_the_whole_stream() {
    let server =
        Server::script([Action::Trickle(begun("application/x-ndjson", "1\n"), chunk("2\n"))]);
    let client = client(&server.url(), &[Change::DeadlineMs(300)]);
    let (_, mut stream) = open(&client, "/");
    let (records, code) = rest(&mut stream);
    assert!(!records.is_empty());
    assert_eq!(code, Code::Timeout);
}

#[test]
fn a_cancel_ends_a_read_that_waits() {
    let server = Server::script([Action::Silence(begun("text/event-stream", "data: 1\n\n"))]);
    let client = client(&server.url(), &[Change::RetryAttempts(5)]);
    let cancel = Cancel::new().unwrap();
    let mut request = request("GET", "/");
    request.set_cancel(Some(cancel.clone()));
    let (introduce, blocked) = BlockedThread::new();
    let end = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (_, mut stream) = client.open_stream(&request);
            assert_eq!(next(&mut stream).unwrap(), "1");
            introduce();
            rest(&mut stream)
        });
        blocked.wait_until_blocked();
        cancel.trigger();
        reader.join().unwrap()
    });
    assert_eq!(end, (vec![], Code::Cancelled));
    assert_eq!(server.finish().requests.len(), 1);
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

#[test]
fn a_long_record_ends_the_stream() {
    let server =
        Server::start(|_| whole("application/json", &format!("[1,\"{}\"]", "x".repeat(5000))));
    let client = client(&server.url(), &[Change::MaxBodyBytes(1000)]);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(rest(&mut stream), (vec!["1".to_owned()], Code::TooLarge));
}

#[test]
fn the_client_and_the_request_may_be_dropped_before_the_stream() {
    let server = Server::script([whole("application/json", "[1]")]);
    let client = client(&server.url(), &[]);
    let mut stream = {
        let mut request: Request = request("POST", "/");
        request.set_json("{\"a\":1}").unwrap();
        let (_, stream) = client.open_stream(&request);
        drop(client);
        stream
    };
    assert_eq!(rest(&mut stream), (vec!["1".to_owned()], Code::Ok));
    assert_eq!(server.finish().requests[0].body, b"{\"a\":1}");
}

#[test]
fn the_bytes_of_a_stream_are_counted() {
    let server = Server::script([whole("application/json", "[1]")]);
    let client = client(&server.url(), &[]);
    let (_, mut stream) = open(&client, "/");
    rest(&mut stream);
    let received = stats_of(&client)["bytes_received"].as_u64().unwrap();
    let sent = begun("application/json", "[1]").len() + LAST.len();
    assert_eq!(received, sent as u64);
}
