//! Streams from an ASGI server: directly, through nginx, through forward proxies, and across the end of the server.

use std::sync::mpsc::channel;

use sac::answer::Response;
use sac::client::Client;
use sac::client::stream::Stream;
use sac::code::Code;
use sac::request::{RecordKind, Request};
use sac::settings::Change;

use crate::event_server::{EventServer, Proxied};
use crate::program::*;
use crate::proxies::tinyproxy;
use crate::support::wait_until;

/// The number of records of a stream, if its query does not say another.
const COUNT: usize = 3;

fn open(client: &Client, target: &str) -> (Response, Stream) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = get(path);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        request.add_query(name, value);
    }
    client.open_stream(&request)
}

fn text(part: &[u8]) -> String {
    // It ends with a NUL for C.
    String::from_utf8(part[..part.len() - 1].to_vec()).unwrap()
}

/// The type, the ID and the data of the next record.
fn next(stream: &mut Stream) -> Option<[String; 3]> {
    stream.next_record().map(|record| [record.event_type, record.id, record.data].map(text))
}

/// The data of the records up to the end, and the code of the end.
fn rest(stream: &mut Stream) -> (Vec<String>, Code) {
    let data = std::iter::from_fn(|| next(stream)).map(|[_, _, data]| data).collect();
    (data, stream.error().map_or(Code::Ok, |error| error.code))
}

fn event(number: usize) -> [String; 3] {
    let data = format!("{{\"number\": {number}, \"text\": \"naïve\"}}");
    ["tick".to_owned(), number.to_string(), data]
}

fn data_of(numbers: std::ops::RangeInclusive<usize>) -> Vec<String> {
    numbers.map(|number| event(number)[2].clone()).collect()
}

/// The records of the paths of the server, with their types and IDs.
fn records(path: &str) -> Vec<[String; 3]> {
    (1..=COUNT)
        .map(|number| match path {
            "/events" => event(number),
            "/lines" if number == 2 => [String::new(), String::new(), "{'number': 2}".to_owned()],
            _ => [String::new(), String::new(), format!("{{\"number\": {number}}}")],
        })
        .collect()
}

/// Reads the streams of the server. It sends a record only when the record before it has been read.
fn assert_arrives_at_once(what: &str, client: &Client, server: &EventServer) {
    client.change(&Change::ReadTimeoutMs(20_000)).unwrap();
    for path in ["/events", "/lines", "/array"] {
        let gate = free_port().to_string();
        let (head, mut stream) = open(client, &format!("{path}?gate={gate}"));
        assert_eq!(head.code(), Code::Ok, "{path}, {what}: {}", error_of(&head));
        for (number, record) in records(path).into_iter().enumerate() {
            if number > 0 {
                server.open_gate(&gate);
            }
            assert_eq!(next(&mut stream), Some(record), "{path}, {what}: {:?}", stream.error());
        }
        let end = rest(&mut stream);
        let last = if path == "/array" { vec!["{\"number\": 0}".to_owned()] } else { vec![] };
        assert_eq!(end, (last, Code::Ok), "{path}, {what}: {:?}", stream.error());
    }
}

fn assert_one_connection(what: &str, client: &Client) {
    let stats = client.stats();
    assert!(stats.contains("\"connections_opened\":1"), "{what}: not reused: {stats}");
}

#[test]
fn each_record_arrives_before_the_server_sends_the_next_directly_and_through_nginx() {
    let Some(proxied) = Proxied::start() else { return };
    for (what, client) in proxied.clients() {
        assert_arrives_at_once(what, &client, &proxied.server);
        assert_one_connection(what, &client);
    }
    // Three streams of each client with gzip were compressed.
    wait_until("nginx to log the ends of its responses", || proxied.codings().len() == 6);
    assert!(proxied.codings().iter().all(|coding| coding == "gzip"), "{:?}", proxied.codings());
}

#[test]
fn each_record_arrives_before_the_server_sends_the_next_through_forward_proxies() {
    let Some(proxied) = Proxied::start() else { return };
    let (tiny, socks) = (tinyproxy(&proxied.nginx.folder, ""), free_port());
    let arguments = ["-i", "127.0.0.1", "-p", &socks.to_string()];
    let socks = Program::start("microsocks", &arguments, socks).map(|program| (program, socks));
    let http = tiny.as_ref().map(|(_, port)| format!("http://127.0.0.1:{port}"));
    let socks = socks.as_ref().map(|(_, port)| format!("socks5h://127.0.0.1:{port}"));
    for proxy in [http, socks].into_iter().flatten() {
        let plain = through(&proxied.http(), &proxy);
        let secure = proxied.trusting(through(&proxied.https(), &proxy));
        for (what, client) in [("without TLS", plain), ("with TLS", secure)] {
            let what = format!("{proxy} {what}");
            assert_arrives_at_once(&what, &client, &proxied.server);
            // tinyproxy itself keeps no connection, but a tunnel is kept.
            if !what.ends_with("without TLS") {
                assert_one_connection(&what, &client);
            }
        }
    }
}

#[test]
fn a_buffered_stream_is_complete() {
    let Some(proxied) = Proxied::start() else { return };
    let client = client(&format!("{}/buffered", proxied.http()));
    let (_, mut stream) = open(&client, "/events?count=2000");
    assert_eq!(rest(&mut stream), (data_of(1..=2000), Code::Ok), "{:?}", stream.error());
    let (_, mut stream) = open(&client, "/array?count=20000");
    let (elements, code) = rest(&mut stream);
    assert_eq!((elements.len(), code), (20_001, Code::Ok), "{:?}", stream.error());
}

#[test]
fn pings_keep_a_silent_stream_alive_and_silence_ends_it() {
    let Some(proxied) = Proxied::start() else { return };
    std::thread::scope(|scope| {
        for (what, client) in proxied.clients() {
            scope.spawn(move || {
                client.change(&Change::ReadTimeoutMs(1_000)).unwrap();
                // 100 pings take twice the read timeout.
                let (_, mut stream) = open(&client, "/events?count=1&pings=100");
                let one = data_of(1..=1);
                assert_eq!(rest(&mut stream), (one, Code::Ok), "{what}: {:?}", stream.error());
                let (_, mut stream) = open(&client, "/events?hold=1");
                assert_eq!(rest(&mut stream), (data_of(1..=1), Code::Timeout), "{what}");
            });
        }
    });
}

#[test]
fn events_continue_after_nginx_has_cut_a_silent_stream() {
    let Some(proxied) = Proxied::start() else { return };
    for (what, client) in [
        ("plain", client(&format!("{}/impatient", proxied.http()))),
        ("TLS", proxied.secure("/impatient")),
    ] {
        // Without a retry, a cut stream is an error: nginx does not send the last chunk.
        let (_, mut stream) = open(&client, "/events?hold=1");
        assert_eq!(rest(&mut stream), (data_of(1..=1), Code::Closed), "{what}");
        let (_, mut stream) = open(&client, "/lines?hold=1");
        assert_eq!(rest(&mut stream), (vec!["{\"number\": 1}".to_owned()], Code::Closed), "{what}");
        client.change(&Change::RetryAttempts(1)).unwrap();
        let (_, mut stream) = open(&client, "/events?hold=2");
        assert_eq!(rest(&mut stream), (data_of(1..=3), Code::Ok), "{what}: {:?}", stream.error());
    }
}

/// Reads the first events, kills the server, and starts it again after the client has failed to reach it. All
/// events must arrive, each once.
fn assert_survives_a_restart(what: &str, client: &Client, server: &mut EventServer) {
    client.change(&Change::RetryAttempts(1_000)).unwrap();
    client.change(&Change::BackoffMs { base: 1, max: 20 }).unwrap();
    // The budget stops so many quick retries.
    client.set_retry_budget(0).unwrap();
    let (arrived, first_events) = channel();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let (_, mut stream) = open(client, "/events?count=6&hold=3");
            let first: Vec<_> = (0..3).map_while(|_| next(&mut stream)).collect();
            arrived.send(first).unwrap();
            let rest = rest(&mut stream);
            (rest, stream.error().cloned())
        });
        let first = first_events.recv().unwrap();
        assert_eq!(first, (1..=3).map(event).collect::<Vec<_>>(), "{what}");
        server.kill();
        let failures = client.stats();
        wait_until("a request that fails while the server is down", || client.stats() != failures);
        server.run().unwrap();
        let (rest, error) = reader.join().unwrap();
        assert_eq!(rest, (data_of(4..=6), Code::Ok), "{what}: {error:?}");
    });
}

#[test]
fn events_continue_after_the_server_was_killed_and_started_again() {
    let Some(mut server) = EventServer::start() else { return };
    let client = client(&server.url());
    assert_survives_a_restart("directly", &client, &mut server);
}

#[test]
fn events_continue_after_502_and_503_while_the_server_behind_nginx_is_started_again() {
    for (path, status) in [("", 502), ("/maintained", 503)] {
        let Some(mut proxied) = Proxied::start() else { return };
        for url in [proxied.http(), proxied.https()] {
            let client = proxied.trusting(client(&format!("{url}{path}")));
            assert_survives_a_restart(&format!("{url}{path}"), &client, &mut proxied.server);
            proxied.server.kill();
            client.change(&Change::RetryAttempts(0)).unwrap();
            let (head, _) = open(&client, "/events");
            assert_eq!((head.code(), head.status()), (Code::Status, status));
            proxied.server.run().unwrap();
        }
    }
}

#[test]
fn a_204_ends_the_events() {
    let Some(proxied) = Proxied::start() else { return };
    for (what, client) in proxied.clients() {
        client.change(&Change::RetryAttempts(3)).unwrap();
        let (_, mut stream) = open(&client, "/events");
        assert_eq!(rest(&mut stream), (data_of(1..=3), Code::Ok), "{what}: {:?}", stream.error());
        let mut request = get("/events");
        request.set_records(Some(RecordKind::Events));
        request.set_last_event_id("3").unwrap();
        let (head, mut stream) = client.open_stream(&request);
        assert_eq!((head.status(), rest(&mut stream)), (204, (vec![], Code::Ok)), "{what}");
    }
}

#[test]
fn a_chat_ends_at_its_last_word_and_the_next_one_uses_the_connection() {
    let Some(proxied) = Proxied::start() else { return };
    for (what, client) in proxied.clients() {
        for prompt in ["how are you", "Größe \u{1f600}"] {
            let mut request = Request::new("POST", "/chat").unwrap();
            request.set_json(&format!("{{\"prompt\": \"{prompt}\"}}")).unwrap();
            let (_, mut stream) = client.open_stream(&request);
            let (data, code) = rest(&mut stream);
            assert_eq!(code, Code::Ok, "{what}: {:?}", stream.error());
            let (last, words) = data.split_last().unwrap();
            assert_eq!(last, "[DONE]", "{what}");
            let said: Vec<String> = words
                .iter()
                .map(|word| {
                    let word: serde_json::Value = serde_json::from_str(word).unwrap();
                    word["word"].as_str().unwrap().to_owned()
                })
                .collect();
            assert_eq!(said.join(" "), prompt, "{what}");
        }
        assert_one_connection(what, &client);
    }
}
