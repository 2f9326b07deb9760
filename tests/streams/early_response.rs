//! Responses that arrive before the request has been sent completely (RFC 9112 section 9.5).

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

/// More than all buffers of both systems together.
const LONG: usize = 32 << 20;
static LONG_BODY: LazyLock<Vec<u8>> = LazyLock::new(|| pattern(LONG));

/// The route of the client to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Plain,
    /// Through a proxy that forwards each request.
    Forwarded,
    Tls,
    /// TLS to the server in a tunnel through TLS to the proxy.
    TlsInTls,
}

const ROUTES: [Route; 4] = [Route::Plain, Route::Forwarded, Route::Tls, Route::TlsInTls];

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

type ByteStream = Box<dyn ReadWrite>;

/// A server on this route, and a client. `script` gets each connection after its TLS handshake, in the
/// order of arrival.
fn serving(
    route: Route,
    connections: usize,
    script: impl Fn(usize, &mut Connection) + Send + 'static,
) -> (Server, Client) {
    let (pem, config) = tls_for("localhost");
    let server = Server::start(move |listener| {
        for number in 0..connections {
            let (stream, _) = listener.accept().unwrap();
            let socket = stream.try_clone().unwrap();
            let stream = accept_on(route, stream, &config);
            script(number, &mut Connection { stream, socket, unread: Vec::new() });
        }
    });
    let scheme = if matches!(route, Route::Plain | Route::Forwarded) { "http" } else { "https" };
    let port = server.address.port();
    let client = Client::new(&format!("{scheme}://localhost:{port}")).unwrap();
    client.change(&Change::TimeoutMs(60_000)).unwrap();
    client.change(&Change::BackoffMs { base: 1, max: 1 }).unwrap();
    client.set_ca_pem(pem.as_bytes()).unwrap();
    if matches!(route, Route::Forwarded | Route::TlsInTls) {
        let proxy = format!("{scheme}://localhost:{port}");
        client.change(&Change::Proxy(Some(proxy.into()))).unwrap();
    }
    (server, client)
}

fn accept_on(route: Route, stream: TcpStream, config: &Arc<ServerConfig>) -> ByteStream {
    let session = || ServerConnection::new(Arc::clone(config)).unwrap();
    match route {
        Route::Plain | Route::Forwarded => Box::new(stream),
        Route::Tls => Box::new(StreamOwned::new(session(), stream)),
        Route::TlsInTls => {
            let socket = stream.try_clone().unwrap();
            let stream = Box::new(StreamOwned::new(session(), stream));
            let mut proxy = Connection { stream, socket, unread: Vec::new() };
            proxy.head();
            proxy.send(b"HTTP/1.1 200 Tunnel\r\n\r\n");
            Box::new(StreamOwned::new(session(), proxy.stream))
        }
    }
}

/// The server's side of a connection.
struct Connection {
    stream: ByteStream,
    /// The TCP connection below the stream.
    socket: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
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

    /// The next bytes; empty at the end.
    fn piece(&mut self) -> Vec<u8> {
        if !self.unread.is_empty() {
            return std::mem::take(&mut self.unread);
        }
        let mut buffer = vec![0; 64 * 1024];
        let read = self.stream.read(&mut buffer).unwrap_or(0);
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
        self.stream.write_all(bytes).unwrap();
        self.stream.flush().unwrap();
    }

    /// Sends these bytes, and in the same segment an invalid TLS record, which ends a TLS session.
    fn send_and_break(&mut self, bytes: &[u8]) {
        set_tcp_cork(&self.socket, true).unwrap();
        self.send(bytes);
        self.socket.write_all(b"\x63\x03\x03\x00\x04abcd").unwrap();
        set_tcp_cork(&self.socket, false).unwrap();
    }

    /// Reads the head of a request, and sends its body back while it arrives.
    fn echo(&mut self, length: usize, head: &str) {
        self.head();
        self.send(head.as_bytes());
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
fn an_echoed_body_arrives_complete_and_the_connection_is_reused() {
    for route in ROUTES {
        let (_server, client) = serving(route, 1, |_, connection| {
            connection.echo(LONG, &format!("HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n"));
            connection.head();
            connection.send(SHORT);
        });
        let response = client.send(&with_body(&LONG_BODY));
        assert_eq!(response.code(), Code::Ok, "{route:?}: {}", error_of(&response));
        assert!(response.body() == *LONG_BODY, "{route:?}: another body result back");
        assert_eq!(client.send(&request("GET")).code(), Code::Ok, "{route:?}");
    }
}

#[test]
fn an_echoed_file_goes_to_a_file_and_progress_reports_both_directions() {
    let folder = Folder::new();
    let path = folder.path("back");
    let (_server, client) = serving(Route::Plain, 1, |_, connection| {
        connection.echo(LONG, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    });
    let reports = Arc::new(Mutex::new(Vec::new()));
    let mut request = request("PUT");
    request.set_body_file("x/y", &folder.file("there", &*LONG_BODY)).unwrap();
    request.set_output(Output::File(path.as_str().into())).unwrap();
    request.set_progress(Some(Arc::new({
        let reports = Arc::clone(&reports);
        move |progress: Progress| {
            reports.lock().unwrap().push(progress);
            true
        }
    })));
    let response = client.send(&request);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(std::fs::read(path).unwrap() == *LONG_BODY, "another file result back");
    let reports = reports.lock().unwrap();
    let length = LONG as u64;
    let end = Progress { sent: length, to_send: length, received: length, to_receive: 0 };
    assert_eq!(reports.last(), Some(&end));
    let grows =
        |pair: &[Progress]| pair[0].sent <= pair[1].sent && pair[0].received <= pair[1].received;
    assert!(reports.windows(2).all(grows), "progress went backwards");
    assert!(
        reports.iter().any(|progress| progress.received > 0 && progress.sent < length),
        "the directions did not overlap"
    );
}

#[test]
fn a_coded_response_before_the_body_is_decoded_and_the_body_is_sent_completely() {
    let content = pattern(8 << 20);
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    coder.write_all(&content).unwrap();
    let coded = coder.finish().unwrap();
    let (_server, client) = serving(Route::Plain, 1, move |_, connection| {
        connection.head();
        let length = coded.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
        );
        connection.send(head.as_bytes());
        connection.send(&coded);
        assert!(connection.body(LONG) == *LONG_BODY);
        connection.head();
        connection.send(SHORT);
    });
    let response = client.send(&with_body(&LONG_BODY));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(response.body() == content, "another body");
    assert_eq!(client.send(&request("GET")).code(), Code::Ok);
}

#[test]
fn a_short_response_before_the_body_does_not_truncate_the_body() {
    for route in ROUTES {
        let (_server, client) = serving(route, 1, |_, connection| {
            for _ in 0..2 {
                connection.head();
                connection.send(SHORT);
                assert!(connection.body(LONG) == *LONG_BODY);
            }
        });
        for _ in 0..2 {
            let response = client.send(&with_body(&LONG_BODY));
            assert_eq!(response.code(), Code::Ok, "{route:?}: {}", error_of(&response));
        }
    }
}

#[test]
fn a_head_in_two_pieces_during_the_upload_is_parsed() {
    for route in ROUTES {
        let (_server, client) = serving(route, 1, |_, connection| {
            connection.head();
            let (first, second) = SHORT.split_at(20);
            connection.send(first);
            assert!(connection.body(LONG) == *LONG_BODY);
            connection.send(second);
        });
        let response = client.send(&with_body(&LONG_BODY));
        assert_eq!(response.code(), Code::Ok, "{route:?}: {}", error_of(&response));
    }
}

const TOO_LARGE: &[u8] = b"HTTP/1.1 413 No\r\nContent-Length: 19\r\n\r\n{\"error\": \"enough\"}";

/// A server that sends this response after the head, and reads nothing more until the end of the test.
fn non_reading(route: Route, response: &'static [u8]) -> (Server, Client, Sender<()>) {
    let (done, wait): (_, Receiver<()>) = channel();
    let (server, client) = serving(route, 1, move |_, connection| {
        connection.head();
        connection.send(response);
        wait.recv().unwrap();
    });
    (server, client, done)
}

/// A request with a long body of this kind. `path` is the file of a file or form.
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
fn an_error_response_after_the_head_is_read_if_the_server_stops_reading() {
    let folder = Folder::new();
    let path = folder.file("long", &*LONG_BODY);
    for route in ROUTES {
        for kind in ["memory", "file", "form"] {
            let (_server, client, done) = non_reading(route, TOO_LARGE);
            let response = client.send(&long(kind, &path));
            done.send(()).unwrap();
            let result = (response.code(), response.status(), error_of(&response));
            assert_eq!(result, (Code::Status, 413, "enough".to_owned()), "{route:?} {kind}");
        }
    }
}

#[test]
fn a_complete_response_is_enough_if_the_server_stops_reading_and_closes() {
    for route in ROUTES {
        let ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        let (_server, client, done) = non_reading(route, ok);
        let response = client.send(&with_body(&LONG_BODY));
        done.send(()).unwrap();
        assert_eq!(response.code(), Code::Ok, "{route:?}: {}", error_of(&response));
    }
}

#[test]
fn a_503_after_the_head_is_retried_with_the_complete_body() {
    let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
    let (_server, client) = serving(Route::Plain, 2, move |number, connection| {
        connection.head();
        if number == 0 {
            connection.send(busy.as_bytes());
        } else {
            assert!(connection.body(LONG) == *LONG_BODY);
            connection.send(SHORT);
        }
    });
    let mut request = retried("POST");
    request.set_body("x/y", &LONG_BODY).unwrap();
    let response = client.send(&request);
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 2), "{}", error_of(&response));
}

#[test]
fn a_timeout_ends_an_exchange_without_progress() {
    for route in ROUTES {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{";
        let (_server, client, done) = non_reading(route, head);
        client.change(&Change::TimeoutMs(500)).unwrap();
        let response = client.send(&with_body(&LONG_BODY));
        done.send(()).unwrap();
        assert_eq!((response.code(), response.status()), (Code::Timeout, 200), "{route:?}");
    }
}

#[test]
fn an_error_response_is_read_while_the_server_reads_the_body() {
    for route in ROUTES {
        let (sender, drained) = channel();
        let (_server, client) = serving(route, 1, move |_, connection| {
            connection.head();
            connection.send(TOO_LARGE);
            let mut length = 0;
            while length < LONG {
                match connection.piece().len() {
                    0 => break,
                    more => length += more,
                }
            }
            sender.send(length).unwrap();
        });
        let response = client.send(&with_body(&LONG_BODY));
        assert_eq!(response.status(), 413, "{route:?}: {}", error_of(&response));
        assert!(drained.recv().unwrap() < LONG, "{route:?}: the client sent the whole body");
    }
}

#[test]
fn bytes_after_an_early_response_are_not_the_next_response() {
    for route in ROUTES {
        for ok in [SHORT, CHUNKED] {
            let (_server, client) = serving(route, 2, move |number, connection| {
                connection.head();
                if number == 0 {
                    let extra = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
                    connection.send(&[ok, extra].concat());
                    assert!(connection.body(LONG) == *LONG_BODY, "the body was truncated");
                } else {
                    connection.send(OTHER);
                }
            });
            let response = client.send(&with_body(&LONG_BODY));
            assert_eq!(response.body(), b"{}", "{route:?}: {}", error_of(&response));
            assert_new_connection(&client);
        }
    }
}

/// The next request uses a second connection, which gets another response.
fn assert_new_connection(client: &Client) {
    let next = client.send(&request("GET"));
    assert_eq!(next.body(), b"{\"a\":1}", "on the old connection? {}", error_of(&next));
}

/// A server that sends this response after the head and reads nothing more of the request. The next
/// request must use another connection.
fn stalled(route: Route, response: &'static [u8]) -> (Server, Client, Sender<()>) {
    let (done, wait) = channel();
    let (server, client) = serving(route, 2, move |number, connection| {
        connection.head();
        if number == 0 {
            connection.send(response);
            wait.recv().unwrap();
        } else {
            connection.send(OTHER);
        }
    });
    (server, client, done)
}

#[test]
fn a_complete_response_is_enough_if_the_server_stops_reading_and_keeps_the_connection() {
    let folder = Folder::new();
    let path = folder.file("long", &*LONG_BODY);
    let check = |route: Route, kind: &str, ok: &'static [u8]| {
        let (_server, client, done) = stalled(route, ok);
        let response = client.send(&long(kind, &path));
        done.send(()).unwrap();
        let result = (response.code(), response.body().to_vec(), response.attempts());
        assert_eq!(
            result,
            (Code::Ok, b"{}".to_vec(), 1),
            "{route:?} {kind}: {}",
            error_of(&response)
        );
        assert_new_connection(&client);
    };
    // Each one waits for a second.
    std::thread::scope(|scope| {
        for route in ROUTES {
            for kind in ["memory", "file", "form"] {
                scope.spawn(move || check(route, kind, SHORT));
            }
            scope.spawn(move || check(route, "memory", CHUNKED));
        }
    });
}

#[test]
fn a_complete_response_goes_to_file_and_callback_if_the_server_stops_reading() {
    let folder = Folder::new();
    for output in ["file", "callback"] {
        let (_server, client, done) = stalled(Route::Plain, SHORT);
        let (path, received) = (folder.path(output), Arc::new(Mutex::new(Vec::new())));
        let mut request = with_body(&LONG_BODY);
        let output_bytes = Arc::clone(&received);
        let destination = match output {
            "file" => Output::File(path.as_str().into()),
            _ => Output::Callback(Arc::new(move |bytes: &[u8]| {
                output_bytes.lock().unwrap().extend_from_slice(bytes);
                true
            })),
        };
        request.set_output(destination).unwrap();
        let response = client.send(&request);
        done.send(()).unwrap();
        assert_eq!(response.code(), Code::Ok, "{output}: {}", error_of(&response));
        let result = std::fs::read(path).unwrap_or_else(|_| received.lock().unwrap().clone());
        assert_eq!(result, b"{}", "{output}");
        assert_new_connection(&client);
    }
}

#[test]
fn a_complete_response_without_a_body_is_enough_if_the_server_stops_reading() {
    let (_server, client, done) = stalled(Route::Plain, b"HTTP/1.1 204 No Content\r\n\r\n");
    let response = client.send(&with_body(&LONG_BODY));
    done.send(()).unwrap();
    assert_eq!(response.status(), 204, "{}", error_of(&response));
    assert_new_connection(&client);
}

#[test]
fn after_a_complete_response_a_timeout_ends_the_upload_and_a_cancel_ends_the_call() {
    for change in [Change::TimeoutMs(200), Change::DeadlineMs(200), Change::ReadTimeoutMs(200)] {
        let (_server, client, done) = stalled(Route::Plain, SHORT);
        client.change(&change).unwrap();
        let response = client.send(&with_body(&LONG_BODY));
        done.send(()).unwrap();
        assert_eq!(response.code(), Code::Ok, "{change:?}: {}", error_of(&response));
        assert_new_connection(&client);
    }
    for route in ROUTES {
        let (_server, client, done) = stalled(route, SHORT);
        let cancel = Cancel::new().unwrap();
        let mut request = with_body(&LONG_BODY);
        request.set_cancel(Some(cancel.clone()));
        request.set_progress(Some(Arc::new(move |progress: Progress| {
            if progress.received == 2 {
                cancel.trigger();
            }
            true
        })));
        let response = client.send(&request);
        done.send(()).unwrap();
        assert_eq!(response.code(), Code::Cancelled, "{route:?}: {}", error_of(&response));
        assert_new_connection(&client);
    }
}

#[test]
fn endless_bytes_after_a_complete_response_do_not_delay_the_call() {
    for route in ROUTES {
        let (_server, client) = serving(route, 2, |number, connection| {
            connection.head();
            if number == 0 {
                connection.send(SHORT);
                while connection.stream.write_all(&[b'x'; 4096]).is_ok() {}
            } else {
                connection.send(OTHER);
            }
        });
        client.change(&Change::TimeoutMs(0)).unwrap();
        let response = client.send(&with_body(&LONG_BODY));
        let result = (response.code(), response.body());
        assert_eq!(result, (Code::Ok, &b"{}"[..]), "{route:?}: {}", error_of(&response));
        assert_new_connection(&client);
    }
}

#[test]
fn a_tls_error_after_a_complete_response_only_closes_the_connection() {
    for route in ROUTES {
        for (early, ok) in [(true, SHORT), (true, CHUNKED), (false, SHORT), (false, CHUNKED)] {
            let (done, wait) = channel();
            let (_server, client) = serving(route, 2, move |number, connection| {
                connection.head();
                if number == 0 {
                    connection.send_and_break(ok);
                    wait.recv().unwrap();
                } else {
                    connection.send(OTHER);
                }
            });
            let request = if early { with_body(&LONG_BODY) } else { request("GET") };
            let response = client.send(&request);
            done.send(()).unwrap();
            let result = (response.code(), response.body());
            assert_eq!(
                result,
                (Code::Ok, &b"{}"[..]),
                "{route:?} {early}: {}",
                error_of(&response)
            );
            assert_new_connection(&client);
        }
    }
}

#[test]
fn a_tls_error_within_a_response_fails_the_call() {
    for route in [Route::Tls, Route::TlsInTls] {
        let (_server, client) = serving(route, 1, |_, connection| {
            connection.head();
            connection.send_and_break(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
        });
        let response = client.send(&request("GET"));
        let result = (response.code(), response.status());
        assert_eq!(result, (Code::Tls, 200), "{route:?}: {}", error_of(&response));
    }
}
