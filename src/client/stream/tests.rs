use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::SystemTime;

use super::*;
use crate::wait::{Cancel, Clock, SleepCancelled};

/// A clock whose waits take no time.
#[derive(Debug)]
struct ImpatientClock;

impl Clock for ImpatientClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, _: Duration, _: Option<&Cancel>) -> Result<(), SleepCancelled> {
        Ok(())
    }
}

/// Starts a server that begins one response of this media type for each of these texts, on a separate connection, and
/// closes the connection within the body.
fn interrupting(media_type: &str, texts: &'static [&str]) -> (Client, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: 1000\r\n\r\n");
    let server = std::thread::spawn(move || {
        for text in texts {
            let (mut connection, _) = listener.accept().unwrap();
            let (mut request, mut byte) = (Vec::new(), [0]);
            while !request.ends_with(b"\r\n\r\n") {
                assert_eq!(connection.read(&mut byte).unwrap(), 1, "a request without an end");
                request.extend_from_slice(&byte);
            }
            connection.write_all([&head, *text].concat().as_bytes()).unwrap();
        }
    });
    (Client::with_clock(&url, Box::new(ImpatientClock)).unwrap(), server)
}

fn silence(stream: &Stream) -> Option<Duration> {
    stream.body.as_ref().expect("the stream has ended").read_timeout()
}

const SET: Duration = Duration::from_secs(7);
const SET_MS: Change = Change::ReadTimeoutMs(7000);

#[test]
fn only_the_silence_of_events_has_a_limit_by_default() {
    let minute = Some(Duration::from_secs(60));
    for (media_type, kind, default) in [
        ("text/event-stream", None, minute),
        ("text/plain", Some(RecordKind::Events), minute),
        ("application/x-ndjson", None, None),
        ("application/json", None, None),
        ("text/plain", None, None),
        ("text/event-stream", Some(RecordKind::Lines), None),
    ] {
        for (changes, expected) in [(&[][..], default), (&[SET_MS], Some(SET))] {
            let (client, server) = interrupting(media_type, &["1\n"]);
            let mut request = Request::new("GET", "/").unwrap();
            request.set_records(kind);
            for change in changes {
                request.change(change.clone()).unwrap();
            }
            let (_, stream) = client.open_stream(&request);
            assert_eq!(silence(&stream), expected, "{media_type} as {kind:?} with {changes:?}");
            server.join().unwrap();
        }
    }
}

#[test]
fn the_limit_of_the_silence_stays_when_events_continue() {
    for (changes, expected) in [(&[][..], MAX_SILENCE), (&[SET_MS], SET)] {
        let (client, server) =
            interrupting("text/event-stream", &["id: 1\ndata: a\n\n", "data: b\n\n"]);
        for change in [&[Change::RetryAttempts(1)], changes].concat() {
            client.change(&change).unwrap();
        }
        let (_, mut stream) = client.open_stream(&Request::new("GET", "/").unwrap());
        for data in ["a\n", "b\n"] {
            let record = stream.next_record().expect("a record");
            assert!(record.data.starts_with(data.trim_end().as_bytes()), "{data:?} is missing");
            assert_eq!(silence(&stream), Some(expected), "after {data:?} with {changes:?}");
        }
        server.join().unwrap();
    }
}
