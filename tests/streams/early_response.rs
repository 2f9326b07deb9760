//! Answers that come while the request is still on its way (RFC 9112 section 9.5).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex};

use rustix::net::sockopt::set_tcp_cork;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sac::client::Client;
use sac::code::Code;
use sac::request::{Output, PartHead, Progress, Request};
use sac::settings::Change;
use sac::wait::Cancel;

use crate::server::*;

/// More than all buffers of both systems hold together.
const LONG: usize = 32 << 20;
static LONG_BODY: LazyLock<Vec<u8>> = LazyLock::new(|| pattern(LONG));

/// How the client reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Plain,
    /// By a proxy that passes each request on.
    Forwarded,
    Tls,
    /// A session within that with the proxy.
    TlsInTls,
}

const WAYS: [Way; 4] = [Way::Plain, Way::Forwarded, Way::Tls, Way::TlsInTls];

trait Both: Read + Write {}
impl<T: Read + Write> Both for T {}

type Wire = Box<dyn Both>;

/// A server that is spoken to in this way, and a client of it. `script` gets each connection once TLS
/// stands, in the order in which they come.
fn serving(
    way: Way,
    connections: usize,
    script: impl Fn(usize, &mut Talk) + Send + 'static,
) -> (Server, Client) {
    let (pem, config) = tls_for("localhost");
    let server = Server::start(move |listener| {
        for number in 0..connections {
            let (stream, _) = listener.accept().unwrap();
            let socket = stream.try_clone().unwrap();
            let wire = spoken(way, stream, &config);
            script(number, &mut Talk { wire, socket, unread: Vec::new() });
        }
    });
    let scheme = if matches!(way, Way::Plain | Way::Forwarded) { "http" } else { "https" };
    let port = server.address.port();
    let client = Client::new(&format!("{scheme}://localhost:{port}")).unwrap();
    client.change(&Change::TimeoutMs(60_000)).unwrap();
    client.change(&Change::BackoffMs { base: 1, max: 1 }).unwrap();
    client.set_ca_pem(pem.as_bytes()).unwrap();
    if matches!(way, Way::Forwarded | Way::TlsInTls) {
        let proxy = format!("{scheme}://localhost:{port}");
        client.change(&Change::Proxy(Some(proxy.into()))).unwrap();
    }
    (server, client)
}

fn spoken(way: Way, stream: TcpStream, config: &Arc<ServerConfig>) -> Wire {
    let session = || ServerConnection::new(Arc::clone(config)).unwrap();
    match way {
        Way::Plain | Way::Forwarded => Box::new(stream),
        Way::Tls => Box::new(StreamOwned::new(session(), stream)),
        Way::TlsInTls => {
            let socket = stream.try_clone().unwrap();
            let wire = Box::new(StreamOwned::new(session(), stream));
            let mut proxy = Talk { wire, socket, unread: Vec::new() };
            proxy.head();
            proxy.send(b"HTTP/1.1 200 Tunnel\r\n\r\n");
            Box::new(StreamOwned::new(session(), proxy.wire))
        }
    }
}

/// The server's side of a connection.
struct Talk {
    wire: Wire,
    /// What carries all of it.
    socket: TcpStream,
    unread: Vec<u8>,
}

impl Talk {
    fn head(&mut self) -> String {
        loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                return String::from_utf8(self.unread.drain(..at + 4).collect()).unwrap();
            }
            let piece = self.piece();
            assert!(!piece.is_empty(), "the client closed the connection");
            self.unread.extend(piece);
        }
    }

    /// What comes next; nothing at the end.
    fn piece(&mut self) -> Vec<u8> {
        if !self.unread.is_empty() {
            return std::mem::take(&mut self.unread);
        }
        let mut buffer = vec![0; 64 * 1024];
        let read = self.wire.read(&mut buffer).unwrap_or(0);
        buffer.truncate(read);
        buffer
    }

    fn body(&mut self, length: usize) -> Vec<u8> {
        let mut body = Vec::new();
        while body.len() < length {
            let piece = self.piece();
            assert!(!piece.is_empty(), "the body ends after {} bytes", body.len());
            body.extend(piece);
        }
        // The next request may follow at once.
        self.unread = body.split_off(length);
        body
    }

    fn send(&mut self, bytes: &[u8]) {
        self.wire.write_all(bytes).unwrap();
        self.wire.flush().unwrap();
    }

    /// Sends this, and behind it, in the same segment, what breaks a TLS session.
    fn send_and_break(&mut self, bytes: &[u8]) {
        set_tcp_cork(&self.socket, true).unwrap();
        self.send(bytes);
        self.socket.write_all(b"\x63\x03\x03\x00\x04abcd").unwrap();
        set_tcp_cork(&self.socket, false).unwrap();
    }

    /// Reads the head of a request, and sends back its body as it comes.
    fn echo(&mut self, length: usize, answer: &str) {
        self.head();
        self.send(answer.as_bytes());
        let mut done = 0;
        while done < length {
            let piece = self.piece();
            assert!(!piece.is_empty(), "the body ends after {done} bytes");
            done += piece.len();
            self.send(&piece);
        }
    }
}

const OTHER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
const SHORT: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

fn with_body(bytes: &[u8]) -> Request {
    let mut request = request("POST");
    request.set_body("x/y", bytes).unwrap();
    request.set_header("Accept", "x/y").unwrap();
    request
}

#[test]
fn a_body_that_is_sent_back_while_it_comes_arrives_whole_and_the_connection_stays() {
    for way in WAYS {
        let (_server, client) = serving(way, 1, |_, talk| {
            talk.echo(LONG, &format!("HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n"));
            talk.head();
            talk.send(SHORT);
        });
        let response = client.send(&with_body(&LONG_BODY));
        assert_eq!(response.code(), Code::Ok, "{way:?}: {}", error_of(&response));
        assert!(response.body() == *LONG_BODY, "{way:?}: another body came back");
        assert_eq!(client.send(&request("GET")).code(), Code::Ok, "{way:?}");
    }
}

#[test]
fn a_file_that_is_sent_back_while_it_comes_goes_to_a_file_and_both_directions_are_told() {
    let folder = Folder::new();
    let path = folder.path("back");
    let (_server, client) = serving(Way::Plain, 1, |_, talk| {
        talk.echo(LONG, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut request = request("PUT");
    request.set_body_file("x/y", &folder.file("there", &LONG_BODY)).unwrap();
    request.set_output(Output::File(path.as_str().into())).unwrap();
    request.set_progress(Some(Arc::new({
        let told = Arc::clone(&told);
        move |moved: Progress| {
            told.lock().unwrap().push(moved);
            true
        }
    })));
    let response = client.send(&request);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(std::fs::read(path).unwrap() == *LONG_BODY, "another file came back");
    let told = told.lock().unwrap();
    let length = LONG as u64;
    let end = Progress { sent: length, to_send: length, received: length, to_receive: 0 };
    assert_eq!(told.last(), Some(&end));
    let grows =
        |pair: &[Progress]| pair[0].sent <= pair[1].sent && pair[0].received <= pair[1].received;
    assert!(told.windows(2).all(grows), "progress went back");
    assert!(
        told.iter().any(|moved| moved.received > 0 && moved.sent < length),
        "one after the other"
    );
}

#[test]
fn a_coded_answer_that_comes_before_the_body_is_read_is_decoded_and_the_body_sent_whole() {
    let answer = pattern(8 << 20);
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    coder.write_all(&answer).unwrap();
    let coded = coder.finish().unwrap();
    let (_server, client) = serving(Way::Plain, 1, move |_, talk| {
        talk.head();
        let length = coded.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
        );
        talk.send(head.as_bytes());
        talk.send(&coded);
        assert!(talk.body(LONG) == *LONG_BODY);
        talk.head();
        talk.send(SHORT);
    });
    let response = client.send(&with_body(&LONG_BODY));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(response.body() == answer, "another answer");
    assert_eq!(client.send(&request("GET")).code(), Code::Ok);
}

#[test]
fn a_short_answer_before_the_body_does_not_cut_the_body_off() {
    for way in WAYS {
        let (_server, client) = serving(way, 1, |_, talk| {
            for _ in 0..2 {
                talk.head();
                talk.send(SHORT);
                assert!(talk.body(LONG) == *LONG_BODY);
            }
        });
        for _ in 0..2 {
            let response = client.send(&with_body(&LONG_BODY));
            assert_eq!(response.code(), Code::Ok, "{way:?}: {}", error_of(&response));
        }
    }
}

#[test]
fn a_head_that_comes_in_two_pieces_while_the_body_is_sent_is_put_together() {
    for way in WAYS {
        let (_server, client) = serving(way, 1, |_, talk| {
            talk.head();
            let (first, second) = SHORT.split_at(20);
            talk.send(first);
            assert!(talk.body(LONG) == *LONG_BODY);
            talk.send(second);
        });
        let response = client.send(&with_body(&LONG_BODY));
        assert_eq!(response.code(), Code::Ok, "{way:?}: {}", error_of(&response));
    }
}

const TOO_LARGE: &[u8] = b"HTTP/1.1 413 No\r\nContent-Length: 19\r\n\r\n{\"error\": \"enough\"}";

/// A server that says this behind the head, and reads nothing more until the end of the test.
fn unwilling(way: Way, answer: &'static [u8]) -> (Server, Client, Sender<()>) {
    let (done, wait): (_, Receiver<()>) = channel();
    let (server, client) = serving(way, 1, move |_, talk| {
        talk.head();
        talk.send(answer);
        wait.recv().unwrap();
    });
    (server, client, done)
}

/// A request with a body of this kind, from the file where it comes from one.
fn long(kind: &str, path: &str) -> Request {
    let mut request = request("POST");
    match kind {
        "memory" => request.set_body("x/y", &LONG_BODY).unwrap(),
        "file" => request.set_body_file("x/y", path).unwrap(),
        _ => {
            let head = PartHead { name: "a", file_name: None, content_type: None };
            request.add_part(&head, b"small").unwrap();
            request.add_part_file("b", path, None).unwrap();
        }
    }
    request
}

#[test]
fn a_refusal_behind_the_head_is_heard_though_the_server_reads_no_more() {
    let folder = Folder::new();
    let path = folder.file("long", &LONG_BODY);
    for way in WAYS {
        for kind in ["memory", "file", "form"] {
            let (_server, client, done) = unwilling(way, TOO_LARGE);
            let response = client.send(&long(kind, &path));
            done.send(()).unwrap();
            let came = (response.code(), response.status(), error_of(&response));
            assert_eq!(came, (Code::Status, 413, "enough".to_owned()), "{way:?} {kind}");
        }
    }
}

#[test]
fn a_whole_answer_of_a_server_that_closes_and_reads_no_more_is_enough() {
    for way in WAYS {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        let (_server, client, done) = unwilling(way, answer);
        let response = client.send(&with_body(&LONG_BODY));
        done.send(()).unwrap();
        assert_eq!(response.code(), Code::Ok, "{way:?}: {}", error_of(&response));
    }
}

#[test]
fn a_server_that_is_busy_and_says_so_behind_the_head_is_asked_again_with_the_whole_body() {
    let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
    let (_server, client) = serving(Way::Plain, 2, move |number, talk| {
        talk.head();
        if number == 0 {
            talk.send(busy.as_bytes());
        } else {
            assert!(talk.body(LONG) == *LONG_BODY);
            talk.send(SHORT);
        }
    });
    let mut request = retried("POST");
    request.set_body("x/y", &LONG_BODY).unwrap();
    let response = client.send(&request);
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 2), "{}", error_of(&response));
}

#[test]
fn a_timeout_ends_a_talk_in_which_neither_side_moves() {
    for way in WAYS {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{";
        let (_server, client, done) = unwilling(way, head);
        client.change(&Change::TimeoutMs(500)).unwrap();
        let response = client.send(&with_body(&LONG_BODY));
        done.send(()).unwrap();
        assert_eq!((response.code(), response.status()), (Code::Timeout, 200), "{way:?}");
    }
}

#[test]
fn a_refusal_is_heard_though_the_server_reads_on_as_fast_as_it_can() {
    for way in WAYS {
        let (told, drained) = channel();
        let (_server, client) = serving(way, 1, move |_, talk| {
            talk.head();
            talk.send(TOO_LARGE);
            let mut length = 0;
            while length < LONG {
                match talk.piece().len() {
                    0 => break,
                    more => length += more,
                }
            }
            told.send(length).unwrap();
        });
        let response = client.send(&with_body(&LONG_BODY));
        assert_eq!(response.status(), 413, "{way:?}: {}", error_of(&response));
        assert!(drained.recv().unwrap() < LONG, "{way:?}: the whole body was sent all the same");
    }
}

#[test]
fn what_stands_behind_an_early_answer_is_no_answer_to_the_next_request() {
    for way in WAYS {
        for answer in [SHORT, CHUNKED] {
            let (_server, client) = serving(way, 2, move |number, talk| {
                talk.head();
                if number == 0 {
                    let behind = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
                    talk.send(&[answer, behind].concat());
                    assert!(talk.body(LONG) == *LONG_BODY, "the body was cut off");
                } else {
                    talk.send(OTHER);
                }
            });
            let response = client.send(&with_body(&LONG_BODY));
            assert_eq!(response.body(), b"{}", "{way:?}: {}", error_of(&response));
            comes_anew(&client);
        }
    }
}

/// The next request goes to a second connection, which gives another answer.
fn comes_anew(client: &Client) {
    let next = client.send(&request("GET"));
    assert_eq!(next.body(), b"{\"a\":1}", "on the old connection? {}", error_of(&next));
}

/// A server that says this behind the head and reads nothing more while the request lasts; the next
/// one must come on another connection.
fn stalled(way: Way, answer: &'static [u8]) -> (Server, Client, Sender<()>) {
    let (done, wait) = channel();
    let (server, client) = serving(way, 2, move |number, talk| {
        talk.head();
        if number == 0 {
            talk.send(answer);
            wait.recv().unwrap();
        } else {
            talk.send(OTHER);
        }
    });
    (server, client, done)
}

#[test]
fn a_whole_answer_is_enough_though_the_server_keeps_the_connection_and_reads_no_more() {
    let folder = Folder::new();
    let path = folder.file("long", &LONG_BODY);
    let scene = |way: Way, kind: &str, answer: &'static [u8]| {
        let (_server, client, done) = stalled(way, answer);
        let response = client.send(&long(kind, &path));
        done.send(()).unwrap();
        let came = (response.code(), response.body().to_vec(), response.attempts());
        assert_eq!(came, (Code::Ok, b"{}".to_vec(), 1), "{way:?} {kind}: {}", error_of(&response));
        comes_anew(&client);
    };
    // Each takes a second, in which it does nothing.
    std::thread::scope(|scope| {
        for way in WAYS {
            for kind in ["memory", "file", "form"] {
                scope.spawn(move || scene(way, kind, SHORT));
            }
            scope.spawn(move || scene(way, "memory", CHUNKED));
        }
    });
}

#[test]
fn a_whole_answer_of_a_server_that_reads_no_more_goes_to_file_and_callback() {
    let folder = Folder::new();
    for output in ["file", "callback"] {
        let (_server, client, done) = stalled(Way::Plain, SHORT);
        let (path, taken) = (folder.path(output), Arc::new(Mutex::new(Vec::new())));
        let mut request = with_body(&LONG_BODY);
        let take = Arc::clone(&taken);
        let output_to = match output {
            "file" => Output::File(path.as_str().into()),
            _ => Output::Callback(Arc::new(move |bytes: &[u8]| {
                take.lock().unwrap().extend_from_slice(bytes);
                true
            })),
        };
        request.set_output(output_to).unwrap();
        let response = client.send(&request);
        done.send(()).unwrap();
        assert_eq!(response.code(), Code::Ok, "{output}: {}", error_of(&response));
        let came = std::fs::read(path).unwrap_or_else(|_| taken.lock().unwrap().clone());
        assert_eq!(came, b"{}", "{output}");
        comes_anew(&client);
    }
}

#[test]
fn an_answer_without_a_body_of_a_server_that_reads_no_more_is_enough() {
    let (_server, client, done) = stalled(Way::Plain, b"HTTP/1.1 204 No Content\r\n\r\n");
    let response = client.send(&with_body(&LONG_BODY));
    done.send(()).unwrap();
    assert_eq!(response.status(), 204, "{}", error_of(&response));
    comes_anew(&client);
}

#[test]
fn behind_a_whole_answer_time_ends_the_sending_and_a_cancel_ends_the_call() {
    for change in [Change::TimeoutMs(200), Change::DeadlineMs(200), Change::ReadTimeoutMs(200)] {
        let (_server, client, done) = stalled(Way::Plain, SHORT);
        client.change(&change).unwrap();
        let response = client.send(&with_body(&LONG_BODY));
        done.send(()).unwrap();
        assert_eq!(response.code(), Code::Ok, "{change:?}: {}", error_of(&response));
        comes_anew(&client);
    }
    for way in WAYS {
        let (_server, client, done) = stalled(way, SHORT);
        let cancel = Cancel::new().unwrap();
        let mut request = with_body(&LONG_BODY);
        request.set_cancel(Some(cancel.clone()));
        request.set_progress(Some(Arc::new(move |moved: Progress| {
            if moved.received == 2 {
                cancel.trigger();
            }
            true
        })));
        let response = client.send(&request);
        done.send(()).unwrap();
        assert_eq!(response.code(), Code::Cancelled, "{way:?}: {}", error_of(&response));
        comes_anew(&client);
    }
}

#[test]
fn what_floods_in_behind_a_whole_answer_does_not_hold_the_call_up() {
    for way in WAYS {
        let (_server, client) = serving(way, 2, |number, talk| {
            talk.head();
            if number == 0 {
                talk.send(SHORT);
                while talk.wire.write_all(&[b'x'; 4096]).is_ok() {}
            } else {
                talk.send(OTHER);
            }
        });
        client.change(&Change::TimeoutMs(0)).unwrap();
        let response = client.send(&with_body(&LONG_BODY));
        let came = (response.code(), response.body());
        assert_eq!(came, (Code::Ok, &b"{}"[..]), "{way:?}: {}", error_of(&response));
        comes_anew(&client);
    }
}

#[test]
fn what_breaks_tls_behind_a_whole_answer_costs_no_more_than_the_connection() {
    for way in WAYS {
        for (early, answer) in [(true, SHORT), (true, CHUNKED), (false, SHORT), (false, CHUNKED)] {
            let (done, wait) = channel();
            let (_server, client) = serving(way, 2, move |number, talk| {
                talk.head();
                if number == 0 {
                    talk.send_and_break(answer);
                    wait.recv().unwrap();
                } else {
                    talk.send(OTHER);
                }
            });
            let asked = if early { with_body(&LONG_BODY) } else { request("GET") };
            let response = client.send(&asked);
            done.send(()).unwrap();
            let came = (response.code(), response.body());
            assert_eq!(came, (Code::Ok, &b"{}"[..]), "{way:?} {early}: {}", error_of(&response));
            comes_anew(&client);
        }
    }
}

#[test]
fn what_breaks_tls_within_an_answer_fails_the_call() {
    for way in [Way::Tls, Way::TlsInTls] {
        let (_server, client) = serving(way, 1, |_, talk| {
            talk.head();
            talk.send_and_break(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
        });
        let response = client.send(&request("GET"));
        let came = (response.code(), response.status());
        assert_eq!(came, (Code::Tls, 200), "{way:?}: {}", error_of(&response));
    }
}
