//! Whatever a server sends, the call ends with a well-formed response, which holds nothing that
//! was not sent; and the next request gets its own answer and not a byte of what came before.

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

/// No call may need as long as this, its timeout included.
const LONGEST: Duration = Duration::from_secs(5);
/// How long the server waits for what a client that is content would do at once.
const PATIENCE: Duration = Duration::from_millis(2);
const SECOND: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"second\":true}";

/// A byte (1: the connection is closed behind the bytes; 2, 4: the method), then what the server
/// sends.
pub fn kept(input: &[u8]) {
    let Some((flags, answer)) = input.split_first() else { return };
    let server = server();
    server.set(Script { close: flags & 1 == 1, answer: answer.into() });
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

    let begun = Instant::now();
    let first = client.send(&Request::with_method(method.clone(), "/first").unwrap());
    assert!(begun.elapsed() < LONGEST, "the call took {:?}", begun.elapsed());
    well_formed(&first);
    nothing_made_up(&first, &method, answer);

    let second = client.send(&Request::with_method(Method::GET, "/second").unwrap());
    well_formed(&second);
    assert_eq!(second.code(), Code::Ok, "after it: {}", second.json_text());
    assert_eq!(second.body(), br#"{"second":true}"#, "the next request got something else");
}

fn well_formed(response: &Response) {
    assert!(is_json(response.json_text()), "ill-formed JSON: {}", response.json_text());
    assert_eq!(response.code() == Code::Ok, response.error().is_none(), "{response:?}");
    assert_ne!(response.code(), Code::Internal, "{}", response.json_text());
    assert!(is_json(response.journal().to_str().unwrap()), "the journal is no JSON");
    if let Some(error) = response.error() {
        let error = error.to_str().unwrap();
        assert!(!error.is_empty() && !error.contains(char::is_control), "{error:?}");
        let told = response.values().string(response.json_text(), "/error");
        assert_eq!(told.and_then(|told| told.strip_suffix(b"\0")), Some(error.as_bytes()));
    }
    if let Some(link) = response.link("next") {
        assert!(url::Url::parse(link.to_str().unwrap()).is_ok(), "{link:?} is no URL");
    }
    for index in 0..response.fields().count() {
        assert!(response.fields().at(index).is_some(), "header field {index} is missing");
    }
}

fn nothing_made_up(response: &Response, method: &Method, sent: &[u8]) {
    if response.status() == 0 {
        assert!(response.body().is_empty(), "a body without an answer");
        return;
    }
    let status = response.status().to_string();
    assert!(contains(sent, status.as_bytes()), "nobody sent the status {status}");
    if *method == Method::HEAD || matches!(response.status(), 204 | 304) {
        assert!(response.body().is_empty(), "a body where there can be none");
    }
    if response.code() == Code::Ok && !contains(&sent.to_ascii_lowercase(), b"content-encoding") {
        let mut rest = sent.iter();
        let from_it = response.body().iter().all(|byte| rest.any(|sent| sent == byte));
        assert!(from_it, "the body is not what was sent");
    }
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// What the server does on a request for `/first`.
struct Script {
    close: bool,
    answer: Box<[u8]>,
}

/// A server on a socket of its own, for as long as the process lives.
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
        let script = Script { close: true, answer: Box::default() };
        let server: &Server =
            Box::leak(Box::new(Server { path, script: Mutex::new(Arc::new(script)) }));
        thread::spawn(move || {
            // One after the other: the client leaves a connection before it opens the next.
            listener.incoming().flatten().for_each(|stream| serve(server, stream));
        });
        server
    })
}

/// Serves one connection until the client leaves it.
fn serve(server: &Server, mut stream: UnixStream) {
    let mut unread = Vec::new();
    while let Some(head) = request(&mut stream, &mut unread) {
        if !head.split(|byte| *byte == b' ').any(|word| word == b"/first") {
            let _ = stream.write_all(SECOND);
            continue;
        }
        let script = server.script();
        let _ = stream.write_all(&script.answer);
        if script.close {
            return;
        }
        // A client that has had enough goes on at once or leaves. One that waits for more is told
        // that there will be none.
        let _ = stream.set_read_timeout(Some(PATIENCE));
        match more(&mut stream, &mut unread) {
            Ok(0) => return,
            Ok(_) => {}
            Err(_) => {
                let _ = stream.shutdown(std::net::Shutdown::Write);
            }
        }
        let _ = stream.set_read_timeout(None);
    }
}

/// The head of the next request; none of them has a body.
fn request(stream: &mut UnixStream, unread: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(end) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
            return Some(unread.drain(..end + 4).collect());
        }
        if more(stream, unread).ok()? == 0 {
            return None;
        }
    }
}

fn more(stream: &mut UnixStream, unread: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut buffer = [0; 4096];
    let read = stream.read(&mut buffer)?;
    unread.extend_from_slice(&buffer[..read]);
    Ok(read)
}
