//! Responses that are read while they arrive.

use std::io::Read;

use flate2::Compression;
use flate2::read::{GzEncoder, ZlibEncoder};
use sac::answer::Response;
use sac::client::Client;
use sac::client::stream::Stream;
use sac::code::Code;
use sac::request::{Output, RecordKind, Request};
use sac::settings::Change;
use sac::wait::Cancel;

use crate::support::*;

pub(crate) const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";

/// A response of this type, whose body does not end yet.
pub(crate) fn begun(content_type: &str, piece: &str) -> Vec<u8> {
    let head = format!("{CHUNKED}Content-Type: {content_type}\r\n\r\n");
    [head.as_bytes(), &chunk(piece)].concat()
}

pub(crate) fn chunk(piece: &str) -> Vec<u8> {
    match piece {
        "" => Vec::new(),
        _ => format!("{:x}\r\n{piece}\r\n", piece.len()).into_bytes(),
    }
}

/// The end of a body.
pub const LAST: &[u8] = b"0\r\n\r\n";

pub(crate) fn whole(content_type: &str, body: &str) -> Action {
    Action::Reply([&begun(content_type, body), LAST].concat())
}

pub(crate) fn client_of(server: &Server) -> Client {
    client(&server.url(), &[])
}

pub(crate) fn open(client: &Client, path: &str) -> (Response, Stream) {
    client.open_stream(&request("GET", path))
}

pub(crate) fn next(stream: &mut Stream) -> Option<String> {
    let data = stream.next_record()?.data;
    Some(String::from_utf8(data[..data.len() - 1].to_vec()).unwrap())
}

/// All records up to the end, and the code of the end.
pub(crate) fn rest(stream: &mut Stream) -> (Vec<String>, Code) {
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
fn a_record_cannot_begin_after_bytes() {
    let server = Server::start(|_| whole("application/x-ndjson", "1\n2\n"));
    let client = client(&server.url(), &[]);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(stream.read(&mut [0; 1]), Ok(1));
    assert_eq!(rest(&mut stream), (vec![], Code::InvalidArgument));
    assert_eq!(stream.read(&mut [0; 9]).unwrap_err().code, Code::InvalidArgument);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(stream.read(&mut []), Ok(0), "no bytes were read");
    assert_eq!(rest(&mut stream), (vec!["1".to_owned(), "2".to_owned()], Code::Ok));
}

#[test]
fn events_need_a_response_of_their_type() {
    let events = "data: 1\n\n";
    let server = Server::start(move |received| match received.path() {
        "/plain" => whole("text/plain; charset=utf-8", events),
        "/none" => Action::Reply([CHUNKED.as_bytes(), b"\r\n", &chunk(events), LAST].concat()),
        path => whole(&path[1..], events),
    });
    let client = client(&server.url(), &[Change::RetryAttempts(3)]);
    let open = |path| {
        let mut request = request("POST", path);
        request.set_records(Some(RecordKind::Events));
        client.open_stream(&request)
    };
    for path in ["/plain", "/none", "/text/event-stream"] {
        let (_, mut stream) = open(path);
        assert_eq!(rest(&mut stream), (vec!["1".to_owned()], Code::Ok), "{path}");
    }
    for path in ["/application/json;charset=utf-8", "/text/html"] {
        let (head, mut stream) = open(path);
        assert_eq!((head.code(), head.status()), (Code::Ok, 200), "{path}");
        assert_eq!(rest(&mut stream), (vec![], Code::Protocol), "{path}");
        let error = &stream.error().unwrap().message;
        assert!(error.contains(&path[1..]), "{error} does not name {path}");
    }
    let (_, mut stream) = open("/text/html");
    assert_eq!(stream.read(&mut [0; 99]), Ok(events.len()), "its bytes can be read");
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

/// The codings of a body, as a server would write it.
fn coded(body: &[u8]) -> [(&'static str, Vec<u8>); 4] {
    let packed = |mut encoder: Box<dyn Read + '_>| {
        let mut packed = Vec::new();
        encoder.read_to_end(&mut packed).unwrap();
        packed
    };
    let length = u32::try_from(body.len()).unwrap();
    // A meta-block and a block that are not compressed (RFC 7932 section 9.2, RFC 8878 section 3.1.1.2).
    let brotli = (((length - 1) << 3 | 1 << 19) << 1).to_le_bytes();
    let zstd = (length << 3 | 1).to_le_bytes();
    [
        ("gzip", packed(Box::new(GzEncoder::new(body, Compression::fast())))),
        ("deflate", packed(Box::new(ZlibEncoder::new(body, Compression::fast())))),
        ("br", [&brotli[..3], body, &[3]].concat()),
        ("zstd", [&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x38], &zstd[..3], body].concat()),
    ]
}

fn chunk_of(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

#[test]
fn the_connection_of_a_coded_body_is_kept_after_its_last_record() {
    for (name, packed) in coded(b"[1,2] \n") {
        let head =
            format!("{CHUNKED}Content-Type: application/json\r\nContent-Encoding: {name}\r\n\r\n");
        let body = [head.as_bytes(), &chunk_of(&packed), LAST].concat();
        let cut = [head.as_bytes(), &chunk_of(&packed)].concat();
        let server = Server::start(move |received| match received.path() {
            "/" => Action::Reply(body.clone()),
            _ => Action::Silence(cut.clone()),
        });
        let client = client_of(&server);
        for read in [1, 2, 2] {
            let (_, mut stream) = open(&client, "/");
            for expected in &["1", "2"][..read] {
                assert_eq!(next(&mut stream).unwrap(), *expected, "{name}: {:?}", stream.error());
            }
        }
        // The last chunk of this one never comes, so its connection cannot be kept. Nobody waits for it.
        let (_, mut stream) = open(&client, "/cut");
        assert_eq!(next(&mut stream).unwrap(), "1", "{name}");
        drop(stream);
        get(&client, "/");
        let connections: Vec<_> =
            server.finish().requests.iter().map(|sent| sent.connection).collect();
        assert_eq!(connections, [0, 0, 0, 0, 1], "{name}");
    }
}

#[test]
fn a_rest_that_is_long_closes_the_connection() {
    let long = format!("[1,\"{}\"]", "x".repeat(200_000));
    let server = Server::start(move |_| whole("application/json", &long));
    let client = client_of(&server);
    for _ in 0..2 {
        let (_, mut stream) = open(&client, "/");
        assert_eq!(next(&mut stream).unwrap(), "1");
    }
    assert_eq!(server.finish().connections, 2);
}

#[test]
fn records_of_a_coded_body_arrive_before_its_end() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut encoder, b"data: 1\n\n").unwrap();
    std::io::Write::flush(&mut encoder).unwrap();
    let first = encoder.get_ref().clone();
    let rest = encoder.finish().unwrap()[first.len()..].to_vec();
    let latch = Latch::new();
    let head =
        format!("{CHUNKED}Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n");
    let begin = [head.as_bytes(), &chunk_of(&first)].concat();
    let end = [&chunk_of(&rest), LAST].concat();
    let server = Server::script([Action::Delayed(begin, latch.clone(), end)]);
    let client = client_of(&server);
    let (_, mut stream) = open(&client, "/");
    assert_eq!(next(&mut stream).unwrap(), "1");
    latch.open();
    assert_eq!(self::rest(&mut stream), (vec![], Code::Ok));
    // The decoder of zstd would hold records back.
    assert_eq!(server.finish().requests[0].field("accept-encoding"), Some("gzip, br"));
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

/// All bytes of a raw stream, and the head.
fn open_raw(client: &Client) -> (Response, Vec<u8>, Code) {
    let mut request = request("GET", "/");
    request.set_raw(true);
    let (head, mut stream) = client.open_stream(&request);
    let (mut bytes, mut room) = (Vec::new(), [0; 100]);
    while let Ok(read @ 1..) = stream.read(&mut room) {
        bytes.extend_from_slice(&room[..read]);
    }
    (head, bytes, code_of(&stream))
}

#[test]
fn a_raw_stream_passes_on_the_body_of_any_status_as_it_was_sent() {
    let coded = [("Content-Encoding", "gzip")];
    let server = Server::script([
        respond(200, &coded, "not gzip"),
        respond(404, &coded, "an error"),
        respond(304, &[("ETag", "\"a\"")], ""),
        respond(500, &[], ""),
        respond(302, &[], "moved"),
    ]);
    let client = client(&server.url(), &[Change::Redirects(0)]);
    let (head, bytes, end) = open_raw(&client);
    assert_eq!((head.status(), &*bytes, end), (200, &b"not gzip"[..], Code::Ok));
    assert_eq!(head.fields().get("content-encoding"), Some(c"gzip"));
    assert_eq!(head.fields().get("content-length"), Some(c"8"));
    let (head, bytes, end) = open_raw(&client);
    assert_eq!((head.code(), head.body()), (Code::Status, &b""[..]));
    assert_eq!((&*bytes, end), (&b"an error"[..], Code::Ok));
    for (status, expected) in [(304, ""), (500, ""), (302, "moved")] {
        let (head, bytes, end) = open_raw(&client);
        assert_eq!((head.status(), &*bytes, end), (status, expected.as_bytes(), Code::Ok));
    }
    assert_eq!(server.finish().connections, 1, "a connection was not kept");
}

#[test]
fn a_raw_stream_has_the_body_of_the_last_attempt() {
    let busy = respond(503, &[("Retry-After", "0")], "busy");
    let server = Server::script([busy.clone(), respond(503, &[], "still busy")]);
    let (client, _clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    let (head, bytes, end) = open_raw(&client);
    assert_eq!((head.status(), head.attempts()), (503, 2));
    assert_eq!((&*bytes, end), (&b"still busy"[..], Code::Ok));
    // The body of an earlier response is gone when a later attempt has begun.
    let server = Server::script([busy, Action::silence()]);
    let changes = [Change::RetryAttempts(1), Change::DeadlineMs(300)];
    let (head, bytes, end) = open_raw(&crate::support::client(&server.url(), &changes));
    assert_eq!((head.code(), bytes.len(), end), (Code::Timeout, 0, Code::Timeout));
}

#[test]
fn an_empty_field_removes_what_every_request_has() {
    let server = Server::script([whole("application/json", "[1]")]);
    let client = client(&server.url(), &[]);
    let mut request = request("POST", "/");
    request.set_body("text/plain", b"x").unwrap();
    for name in ["User-Agent", "Accept", "Content-Type", "X-Empty"] {
        request.set_header(name, "").unwrap();
    }
    assert_eq!(client.send(&request).code(), Code::Ok);
    let seen = &server.finish().requests[0];
    for name in ["user-agent", "accept", "content-type"] {
        assert_eq!(seen.field(name), None, "{name}: {}", seen.head);
    }
    assert_eq!(seen.field("x-empty"), Some(""), "{}", seen.head);
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

/// Reads the event "1", and cancels the stream when its reader waits.
pub(crate) fn assert_cancel_ends_the_wait(server: Server) {
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
fn a_cancel_ends_a_read_that_waits() {
    let server = Server::script([Action::Silence(begun("text/event-stream", "data: 1\n\n"))]);
    assert_cancel_ends_the_wait(server);
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
