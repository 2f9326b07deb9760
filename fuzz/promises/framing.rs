//! For any bytes from a server, the call ends with a well-formed response, which contains only
//! bytes that the server sent. The next request gets its own response and no byte of the previous
//! one.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use http::Method;
use sac::answer::Response;
use sac::answer::json::is_json;
use sac::client::Client;
use sac::code::Code;
use sac::request::Request;
use sac::settings::Change;

/// Maximum duration of a call, including its timeout.
const MAX_DURATION: Duration = Duration::from_secs(5);
/// How long the server waits for a client, which normally continues at once.
const READ_TIMEOUT: Duration = Duration::from_millis(2);
const SECOND: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"second\":true}";

/// Input: a byte of flags (1: the server closes the connection; 2, 4: the method), then the bytes
/// that the server sends.
pub fn check(input: &[u8]) {
    let Some((flags, response)) = input.split_first() else { return };
    let server = server();
    server.set(Script { close: flags & 1 == 1, response: response.into() });
    let client = Client::new("http://server.test").unwrap();
    let socket = server.path.to_str().unwrap().to_owned();
    let settings = [
        Change::UnixSocket(Some(socket)),
        Change::Redirects(0),
        Change::TimeoutMs(2000),
        Change::MaxBodyBytes(1024 * 1024),
    ];
    settings.iter().for_each(|setting| client.change(setting).unwrap());
    client.set_cookie_jar(true).unwrap();
    let method = [Method::GET, Method::HEAD, Method::POST, Method::DELETE]
        [usize::from(flags >> 1 & 3)]
    .clone();

    let start = Instant::now();
    let first = client.send(&Request::with_method(method.clone(), "/first").unwrap());
    assert!(start.elapsed() < MAX_DURATION, "the call took {:?}", start.elapsed());
    check_well_formed(&first);
    check_content(&first, &method, response);

    let second = client.send(&Request::with_method(Method::GET, "/second").unwrap());
    check_well_formed(&second);
    assert_eq!(second.code(), Code::Ok, "the next request failed: {}", second.json_text());
    assert_eq!(second.body(), br#"{"second":true}"#, "the next request got another response");
}

fn check_well_formed(response: &Response) {
    assert!(is_json(response.json_text()), "ill-formed JSON: {}", response.json_text());
    assert_eq!(response.code() == Code::Ok, response.error().is_none(), "{response:?}");
    assert_ne!(response.code(), Code::Internal, "{}", response.json_text());
    assert!(is_json(response.journal().to_str().unwrap()), "the journal is not JSON");
    if let Some(error) = response.error() {
        let error = error.to_str().unwrap();
        assert!(!error.is_empty() && !error.contains(char::is_control), "{error:?}");
        let member = response.values().string(response.json_text(), "/error");
        assert_eq!(member.and_then(|text| text.strip_suffix(b"\0")), Some(error.as_bytes()));
    }
    if let Some(link) = response.link("next") {
        assert!(url::Url::parse(link.to_str().unwrap()).is_ok(), "{link:?} is not a URL");
    }
    for index in 0..response.fields().count() {
        assert!(response.fields().at(index).is_some(), "header field {index} is missing");
    }
}

/// Checks that all parts of the response are in the sent bytes.
fn check_content(response: &Response, method: &Method, sent: &[u8]) {
    if response.status() == 0 {
        assert!(response.body().is_empty(), "a body without a response");
        return;
    }
    let status = response.status().to_string();
    assert!(contains(sent, status.as_bytes()), "the server did not send the status {status}");
    if *method == Method::HEAD || matches!(response.status(), 204 | 304) {
        assert!(response.body().is_empty(), "a body in a response that has none");
    }
    if response.code() == Code::Ok && !contains(&sent.to_ascii_lowercase(), b"content-encoding") {
        let mut rest = sent.iter();
        let is_sent = response.body().iter().all(|byte| rest.any(|sent| sent == byte));
        assert!(is_sent, "the body contains bytes that the server did not send");
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The reaction of the server to a request for `/first`.
struct Script {
    close: bool,
    response: Box<[u8]>,
}

/// A server on a Unix socket, which runs as long as the process.
struct Server {
    path: PathBuf,
    script: Mutex<Arc<Script>>,
}

impl Server {
    fn set(&self, script: Script) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(script);
    }

    fn script(&self) -> Arc<Script> {
        Arc::clone(&self.script.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<&'static Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let name = format!("sac-framing-{}.sock", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).unwrap();
        let script = Script { close: true, response: Box::default() };
        let server: &Server =
            Box::leak(Box::new(Server { path, script: Mutex::new(Arc::new(script)) }));
        thread::spawn(move || {
            // One at a time: the client closes a connection before it opens the next.
            listener.incoming().flatten().for_each(|stream| serve(server, stream));
        });
        server
    })
}

/// Serves one connection until the client closes it.
fn serve(server: &Server, mut stream: UnixStream) {
    let mut unread = Vec::new();
    while let Some(head) = read_request(&mut stream, &mut unread) {
        if !head.split(|byte| *byte == b' ').any(|word| word == b"/first") {
            let _ = stream.write_all(SECOND);
            continue;
        }
        let script = server.script();
        let _ = stream.write_all(&script.response);
        if script.close {
            return;
        }
        // A client that has a complete response continues or closes at once. For one that waits for
        // more, the server ends the stream.
        let _ = stream.set_read_timeout(Some(READ_TIMEOUT));
        match read_more(&mut stream, &mut unread) {
            Ok(0) => return,
            Ok(_) => {}
            Err(_) => {
                let _ = stream.shutdown(std::net::Shutdown::Write);
            }
        }
        let _ = stream.set_read_timeout(None);
    }
}

/// Reads the head of the next request. No request has a body.
fn read_request(stream: &mut UnixStream, unread: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(end) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
            return Some(unread.drain(..end + 4).collect());
        }
        if read_more(stream, unread).ok()? == 0 {
            return None;
        }
    }
}

fn read_more(stream: &mut UnixStream, unread: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut buffer = [0; 4096];
    let read = stream.read(&mut buffer)?;
    unread.extend_from_slice(&buffer[..read]);
    Ok(read)
}
