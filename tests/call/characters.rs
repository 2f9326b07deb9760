//! Every value that a setter accepts arrives unchanged: each Unicode character, through each setter,
//! to a server that checks the bytes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use sac::auth::Digest;
use sac::client::Client;
use sac::code::{Code, Error};
use sac::request::{PartHead, Request};
use sac::settings::Change;
use serde_json::Value;

use crate::support::error_of;

/// A server that keeps the bytes of the last request.
#[derive(Clone, Default)]
struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Bytes {
    /// Starts the server, which runs until the test program ends, and returns its address.
    fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let last = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let last = last.clone();
                std::thread::spawn(move || last.serve(stream));
            }
        });
        address
    }

    fn serve(&self, mut stream: TcpStream) {
        let (mut received, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            received.extend_from_slice(&buffer[..read]);
            if !is_whole(&received) {
                continue;
            }
            *self.0.lock().unwrap() = std::mem::take(&mut received);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        }
    }

    fn take(&self) -> ReceivedRequest {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        let end = end_of_head(&bytes).expect("no request has arrived");
        ReceivedRequest { head: bytes[..end].to_vec(), body: bytes[end..].to_vec() }
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = end_of_head(bytes) else { return false };
    let received = ReceivedRequest { head: bytes[..end].to_vec(), body: Vec::new() };
    let length = received
        .field("content-length")
        .map_or(0, |value| std::str::from_utf8(&value).unwrap().parse::<usize>().unwrap());
    bytes.len() >= end + length
}

struct ReceivedRequest {
    head: Vec<u8>,
    body: Vec<u8>,
}

impl ReceivedRequest {
    /// The lines of the head. Each ends with CR LF and contains no other CR, LF or NUL.
    fn lines(&self) -> Vec<&[u8]> {
        let lines: Vec<_> =
            self.head.strip_suffix(b"\r\n\r\n").unwrap().split(|&byte| byte == b'\n').collect();
        let (last, others) = lines.split_last().unwrap();
        let stripped =
            others.iter().map(|line| line.strip_suffix(b"\r").expect("a line feed without CR"));
        let lines: Vec<&[u8]> = stripped.chain([*last]).collect();
        assert!(lines.iter().all(|line| !line.contains(&b'\r') && !line.contains(&0)));
        lines
    }

    fn target(&self) -> Vec<u8> {
        let line = self.lines()[0].to_vec();
        let words: Vec<_> = line.split(|&byte| byte == b' ').collect();
        assert!(words.len() == 3 && words[2] == b"HTTP/1.1", "{}", line.escape_ascii());
        words[1].to_vec()
    }

    /// The value of a field, which may occur once at most.
    fn field(&self, name: &str) -> Option<Vec<u8>> {
        let head = self.head.split(|&byte| byte == b'\n').skip(1);
        let mut values = head.filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            line[..colon]
                .eq_ignore_ascii_case(name.as_bytes())
                .then(|| line[colon + 2..line.len() - 1].to_vec())
        });
        let value = values.next();
        assert!(values.next().is_none(), "{name} occurs twice");
        value
    }

    fn has(&self, name: &str, value: impl AsRef<[u8]>) -> bool {
        self.field(name).as_deref() == Some(value.as_ref())
    }
}

/// A client, and the request to send with it.
struct Call {
    client: Client,
    request: Request,
    address: String,
}

/// Passes this text to one setter.
type Setter = fn(&mut Call, &str) -> Result<(), Error>;
/// Whether the text arrived unchanged.
type Check = fn(&ReceivedRequest, &str) -> bool;
type Row = (&'static str, Setter, Check);

const ROWS: &[Row] = &[
    (
        "a header name",
        |call, text| call.client.add_header(text, "v"),
        |received, text| received.has(text, "v"),
    ),
    (
        "a header value",
        |call, text| call.client.add_header("X", text),
        |received, text| received.has("x", text),
    ),
    (
        "the User-Agent header",
        |call, text| call.client.add_header("User-Agent", text),
        |received, text| received.has("user-agent", text),
    ),
    (
        "the Accept header",
        |call, text| call.client.add_header("Accept", text),
        |received, text| received.has("accept", text),
    ),
    (
        "the Authorization header",
        |call, text| call.client.add_header("Authorization", text),
        |received, text| received.has("authorization", text),
    ),
    (
        "the Cookie header",
        |call, text| call.client.add_header("Cookie", text),
        |received, text| received.has("cookie", text),
    ),
    (
        "the host",
        |call, text| call.request.set_header("Host", text),
        |received, text| received.has("host", text) && received.lines()[1].starts_with(b"host: "),
    ),
    ("an expectation", |call, text| call.client.add_header("Expect", text), |_, _| true),
    (
        "a request's header name",
        |call, text| call.request.set_header(text, "v"),
        |received, text| received.has(text, "v"),
    ),
    (
        "a request's header value",
        |call, text| call.request.set_header("X", text),
        |received, text| received.has("x", text),
    ),
    (
        "a bearer token",
        |call, text| call.client.add_bearer(text),
        |received, text| received.has("authorization", format!("Bearer {text}")),
    ),
    (
        "a user name",
        |call, text| call.client.add_basic(text, "p"),
        |received, text| received.has("authorization", basic(&format!("{text}:p"))),
    ),
    (
        "a password",
        |call, text| call.client.add_basic("u", text),
        |received, text| received.has("authorization", basic(&format!("u:{text}"))),
    ),
    (
        "a user name in the base URL",
        |call, text| with_base_userinfo(call, [text, "p"]),
        |received, text| received.has("authorization", basic(&format!("{text}:p"))),
    ),
    (
        "a password in the base URL",
        |call, text| with_base_userinfo(call, ["u", text]),
        |received, text| received.has("authorization", basic(&format!("u:{text}"))),
    ),
    (
        "a user name and a password for a proxy",
        |call, text| for_proxy(call, [&name_of(text), text]),
        |received, text| {
            let basic = basic(&format!("{}:{text}", name_of(text)));
            received.has("proxy-authorization", basic) && through_proxy(received)
        },
    ),
    (
        "a cookie's name",
        |call, text| call.client.add_cookie(text, "v"),
        |received, text| received.has("cookie", format!("{text}=v")),
    ),
    (
        "a cookie's value",
        |call, text| call.client.add_cookie("c", text),
        |received, text| received.has("cookie", format!("c={text}")),
    ),
    (
        "a signed cookie's name",
        |call, text| signed(call, text, "{}", "id", KEY),
        |received, text| {
            received.field("cookie").unwrap().starts_with(format!("{text}=\"").as_bytes())
        },
    ),
    (
        "a signed cookie's payload",
        |call, text| signed(call, "c", &json(text), "id", KEY),
        |received, text| payload(received)["a"] == text,
    ),
    (
        "a signed cookie's key id",
        |call, text| signed(call, "c", "{}", text, KEY),
        |received, text| payload(received)["key_id"] == text,
    ),
    (
        "a signing key",
        |call, text| signed(call, "c", "{}", "id", &[KEY, text].concat()),
        |received, _| payload(received)["key_id"] == "id",
    ),
    (
        "the user agent",
        |call, text| call.client.change(&Change::UserAgent(Some(text.to_owned()))),
        |received, text| received.has("user-agent", text),
    ),
    (
        "an idempotency key",
        |call, text| call.request.set_idempotency_key(text),
        |received, text| received.has("idempotency-key", text),
    ),
    (
        "the method",
        |call, text| set_request(call, Request::new(text, "/")),
        |received, text| received.head.starts_with(format!("{text} / HTTP/1.1\r\n").as_bytes()),
    ),
    (
        "the path",
        |call, text| set_request(call, Request::new("GET", &format!("/{text}"))),
        |received, text| {
            decoded(&received.target()) == format!("/{text}").as_bytes() || text.contains('%')
        },
    ),
    (
        "a query in the path",
        |call, text| set_request(call, Request::new("GET", &format!("/?{text}"))),
        |received, text| {
            decoded(&received.target()) == format!("/?{text}").as_bytes() || text.contains('%')
        },
    ),
    (
        "a query's name",
        |call, text| query_value(call, text, "v"),
        |received, text| decoded(&received.target()) == format!("/?{text}=v").as_bytes(),
    ),
    (
        "a query's value",
        |call, text| query_value(call, "n", text),
        |received, text| decoded(&received.target()) == format!("/?n={text}").as_bytes(),
    ),
    (
        "a path of a URL",
        |call, text| {
            let path = call.client.path_of(&format!("http://{}/{text}", call.address))?;
            set_request(call, Request::new("GET", &path))
        },
        |received, _| received.target().starts_with(b"/"),
    ),
    (
        "JSON",
        |call, text| call.request.set_json(&json(text)),
        |received, text| received.body == json(text).as_bytes(),
    ),
    (
        "a form field's name",
        |call, text| call.request.add_form_field(text, "v"),
        |received, text| form(received) == (text.to_owned(), "v".to_owned()),
    ),
    (
        "a form field's value",
        |call, text| call.request.add_form_field("n", text),
        |received, text| form(received) == ("n".to_owned(), text.to_owned()),
    ),
    (
        "a body",
        |call, text| call.request.set_body("x/y", text.as_bytes()),
        |received, text| received.body == text.as_bytes(),
    ),
    (
        "a body's type",
        |call, text| call.request.set_body(text, b"b"),
        |received, text| received.has("content-type", text) && received.body == b"b",
    ),
    (
        "a part's name",
        |call, text| part(call, text, None, None),
        |received, text| part_head(received).contains(&format!("name=\"{}\"", quoted(text))),
    ),
    (
        "a part's file name",
        |call, text| part(call, "n", Some(text), None),
        |received, text| part_head(received).contains(&format!("filename=\"{}\"", quoted(text))),
    ),
    (
        "a part's type",
        |call, text| part(call, "n", None, Some(text)),
        |received, text| part_head(received).ends_with(&format!("\r\nContent-Type: {text}")),
    ),
];

const KEY: &str = "a-key-that-is-long-enough";

fn set_request(call: &mut Call, request: Result<Request, Error>) -> Result<(), Error> {
    call.request = request?;
    Ok(())
}

fn query_value(call: &mut Call, name: &str, value: &str) -> Result<(), Error> {
    call.request.add_query(name, value);
    Ok(())
}

fn with_base_userinfo(call: &mut Call, [user, password]: [&str; 2]) -> Result<(), Error> {
    call.client = Client::new(&with_userinfo(call, user, password))?;
    Ok(())
}

fn with_userinfo(call: &Call, user: &str, password: &str) -> String {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    format!("http://{}:{}@{}", encoded(user), encoded(password), call.address)
}

fn for_proxy(call: &mut Call, [user, password]: [&str; 2]) -> Result<(), Error> {
    let url = with_userinfo(call, user, password);
    call.client.change(&Change::Proxy(Some(url.into())))
}

/// The text as a user name, which has no colon (RFC 7617 section 2) and is not empty.
fn name_of(text: &str) -> String {
    format!("u{}", text.replace(':', ""))
}

/// The request target and Host do not contain the userinfo of the proxy's URL.
fn through_proxy(received: &ReceivedRequest) -> bool {
    let (target, host) = (received.target(), received.field("host").unwrap());
    target == [b"http://", &host[..], b"/"].concat()
}

fn signed(call: &mut Call, name: &str, payload: &str, id: &str, key: &str) -> Result<(), Error> {
    call.client.add_signed_cookie(name, payload, id, key, Digest::Sha256)
}

fn part(call: &mut Call, name: &str, file: Option<&str>, type_: Option<&str>) -> Result<(), Error> {
    call.request.add_part(&PartHead { name, file_name: file, content_type: type_ }, b"content")
}

/// The fields of the part, between its boundary and its content.
fn part_head(received: &ReceivedRequest) -> String {
    let text = std::str::from_utf8(&received.body).unwrap();
    let (head, rest) = text.split_once("\r\n\r\n").unwrap();
    assert!(rest.starts_with("content\r\n--"), "{rest}");
    head.split_once("\r\n").unwrap().1.to_owned()
}

/// The quoting of browsers (RFC 7578 section 4.2).
fn quoted(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn json(text: &str) -> String {
    serde_json::json!({ "a": text }).to_string()
}

/// The signed part of the cookie.
fn payload(received: &ReceivedRequest) -> Value {
    let cookie = String::from_utf8(received.field("cookie").unwrap()).unwrap();
    let quoted = cookie.split_once('=').unwrap().1;
    let unquoted = sac::auth::cookie::unquote(quoted).unwrap();
    let mut values = serde_json::Deserializer::from_str(&unquoted).into_iter();
    values.next().unwrap().unwrap()
}

fn form(received: &ReceivedRequest) -> (String, String) {
    let mut fields = url::form_urlencoded::parse(&received.body).into_owned();
    fields.next().unwrap()
}

fn basic(pair: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

fn decoded(text: &[u8]) -> Vec<u8> {
    percent_decode(text).collect()
}

/// A server, and its clients, which share their connections.
struct Probe {
    server: Bytes,
    address: String,
    client: Client,
    /// A call for reuse: its setter rejected a text, so it is unchanged.
    spare: Option<Call>,
}

impl Probe {
    fn new() -> Self {
        let server = Bytes::default();
        let address = server.listen();
        let client = Client::new(&format!("http://{address}")).unwrap();
        Self { server, address, client, spare: None }
    }

    fn call(&mut self) -> Call {
        self.spare.take().unwrap_or_else(|| {
            let mut request = Request::new("POST", "/").unwrap();
            request.change(Change::KeepAlive(false)).unwrap();
            Call { client: self.client.clone(), request, address: self.address.clone() }
        })
    }

    /// Sends the text if the setter accepts it. Returns whether it does.
    fn sends(&mut self, (what, set, arrived): &Row, text: &str) -> bool {
        let mut call = self.call();
        let shown = || text.chars().take(9).collect::<String>();
        if let Err(error) = set(&mut call, text) {
            assert_ne!(error.code, Code::Internal, "{what} {:?}: {error}", shown());
            self.spare = Some(call);
            return false;
        }
        let response = call.client.send(&call.request);
        assert_eq!(response.code(), Code::Ok, "{what} {:?}: {}", shown(), error_of(&response));
        let received = self.server.take();
        received.lines();
        assert!(arrived(&received, text), "{what} {:?}: {}", shown(), received.head.escape_ascii());
        true
    }

    /// Sends these characters between letters. If the setter rejects the group, sends smaller groups and
    /// then single characters. Returns how many characters the setter accepts.
    fn check_row(&mut self, row: &Row, characters: &[char]) -> usize {
        let text: String = ['a'].iter().chain(characters).chain(&['z']).collect();
        if self.sends(row, &text) {
            return characters.len();
        }
        match characters {
            [one] => usize::from(self.sends(row, one.encode_utf8(&mut [0; 4]))),
            _ => {
                let size = if characters.len() > FEW { FEW } else { 1 };
                characters.chunks(size).map(|some| self.check_row(row, some)).sum()
            }
        }
    }
}

/// The sizes of a group, which fits into any field, and of a smaller group.
const MANY: usize = 4096;
const FEW: usize = 62;

/// All Unicode characters: the first ones one by one, the others in groups.
fn groups() -> Vec<Vec<char>> {
    let alone: Vec<char> = ('\0'..='\u{a1}')
        .chain(['\u{ad}', '\u{ff}', '\u{2028}', '\u{202e}', '\u{feff}', '\u{ffff}'])
        .collect();
    let others: Vec<char> = ('\u{a2}'..=char::MAX).filter(|one| !alone.contains(one)).collect();
    let groups: Vec<_> = alone.chunks(1).chain(others.chunks(MANY)).map(<[char]>::to_vec).collect();
    assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 0x11_0000 - 0x800);
    groups
}

#[test]
fn every_character_that_a_setter_accepts_arrives_unchanged() {
    let groups = groups();
    let parts: Vec<_> = groups.chunks(groups.len().div_ceil(4)).collect();
    let work: Vec<_> =
        (0..ROWS.len()).flat_map(|row| parts.iter().map(move |p| (row, p))).collect();
    let accepted: Vec<_> = ROWS.iter().map(|_| AtomicUsize::new(0)).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((row, part)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut probe = Probe::new();
                    let count = part.iter().map(|group| probe.check_row(&ROWS[*row], group)).sum();
                    accepted[*row].fetch_add(count, Ordering::Relaxed);
                }
            });
        }
    });
    for (row, accepted) in ROWS.iter().zip(accepted) {
        assert!(
            accepted.into_inner() > 0 || row.0 == "an expectation",
            "{} accepts nothing",
            row.0
        );
    }
}
