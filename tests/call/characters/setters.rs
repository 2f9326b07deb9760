//! The setters that take a text, and how the text arrives.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use sac::auth::Digest;
use sac::client::Client;
use sac::code::Error;
use sac::request::{PartHead, Request};
use sac::settings::Change;
use serde_json::Value;

use super::byte_server::ReceivedRequest;
use Arrival::{Basic, Checked, Field};

/// A client, and the request to send with it.
pub struct Call {
    pub client: Client,
    pub request: Request,
    pub address: String,
}

/// Passes this text to one setter.
pub type Setter = fn(&mut Call, &str) -> Result<(), Error>;

/// How the text arrives unchanged.
pub enum Arrival {
    /// As the value of this header field.
    Field(&'static str),
    /// As the user name and password that this function returns.
    Basic(fn(&str) -> String),
    /// As this function checks.
    Checked(fn(&ReceivedRequest, &str) -> bool),
}

impl Arrival {
    pub fn is_unchanged(&self, received: &ReceivedRequest, text: &str) -> bool {
        match self {
            Self::Field(name) => received.has(name, text),
            Self::Basic(pair) => received.has("authorization", basic(&pair(text))),
            Self::Checked(check) => check(received, text),
        }
    }
}

pub type Row = (&'static str, Setter, Arrival);

pub const ROWS: &[Row] = &[
    (
        "a header name",
        |call, text| call.client.add_header(text, "v"),
        Checked(|received, text| received.has(text, "v")),
    ),
    ("a header value", |call, text| call.client.add_header("X", text), Field("x")),
    (
        "the User-Agent header",
        |call, text| call.client.add_header("User-Agent", text),
        Field("user-agent"),
    ),
    ("the Accept header", |call, text| call.client.add_header("Accept", text), Field("accept")),
    (
        "the Authorization header",
        |call, text| call.client.add_header("Authorization", text),
        Field("authorization"),
    ),
    ("the Cookie header", |call, text| call.client.add_header("Cookie", text), Field("cookie")),
    (
        "the host",
        |call, text| call.request.set_header("Host", text),
        Checked(|received, text| {
            received.has("host", text) && received.lines()[1].starts_with(b"host: ")
        }),
    ),
    ("an expectation", |call, text| call.client.add_header("Expect", text), Checked(|_, _| true)),
    (
        "a request's header name",
        |call, text| call.request.set_header(text, "v"),
        Checked(|received, text| received.has(text, "v")),
    ),
    ("a request's header value", |call, text| call.request.set_header("X", text), Field("x")),
    (
        "a bearer token",
        |call, text| call.client.add_bearer(text),
        Checked(|received, text| received.has("authorization", format!("Bearer {text}"))),
    ),
    (
        "a user name",
        |call, text| call.client.add_basic(text, "p"),
        Basic(|text| format!("{text}:p")),
    ),
    (
        "a password",
        |call, text| call.client.add_basic("u", text),
        Basic(|text| format!("u:{text}")),
    ),
    (
        "a user name in the base URL",
        |call, text| with_base_userinfo(call, [text, "p"]),
        Basic(|text| format!("{text}:p")),
    ),
    (
        "a password in the base URL",
        |call, text| with_base_userinfo(call, ["u", text]),
        Basic(|text| format!("u:{text}")),
    ),
    (
        "a user name and a password for a proxy",
        |call, text| for_proxy(call, [&name_of(text), text]),
        Checked(|received, text| {
            let basic = basic(&format!("{}:{text}", name_of(text)));
            received.has("proxy-authorization", basic) && through_proxy(received)
        }),
    ),
    (
        "a cookie's name",
        |call, text| call.client.add_cookie(text, "v"),
        Checked(|received, text| received.has("cookie", format!("{text}=v"))),
    ),
    (
        "a cookie's value",
        |call, text| call.client.add_cookie("c", text),
        Checked(|received, text| received.has("cookie", format!("c={text}"))),
    ),
    (
        "a signed cookie's name",
        |call, text| signed(call, text, "{}", "id", KEY),
        Checked(|received, text| {
            received.field("cookie").unwrap().starts_with(format!("{text}=\"").as_bytes())
        }),
    ),
    (
        "a signed cookie's payload",
        |call, text| signed(call, "c", &json(text), "id", KEY),
        Checked(|received, text| payload(received)["a"] == text),
    ),
    (
        "a signed cookie's key id",
        |call, text| signed(call, "c", "{}", text, KEY),
        Checked(|received, text| payload(received)["key_id"] == text),
    ),
    (
        "a signing key",
        |call, text| signed(call, "c", "{}", "id", &[KEY, text].concat()),
        Checked(|received, _| payload(received)["key_id"] == "id"),
    ),
    (
        "the user agent",
        |call, text| call.client.change(&Change::UserAgent(Some(text.to_owned()))),
        Field("user-agent"),
    ),
    (
        "an idempotency key",
        |call, text| call.request.set_idempotency_key(text),
        Field("idempotency-key"),
    ),
    (
        "the method",
        |call, text| set_request(call, Request::new(text, "/")),
        Checked(|received, text| {
            received.head.starts_with(format!("{text} / HTTP/1.1\r\n").as_bytes())
        }),
    ),
    (
        "the path",
        |call, text| set_request(call, Request::new("GET", &format!("/{text}"))),
        Checked(|received, text| {
            decoded(&received.target()) == format!("/{text}").as_bytes() || text.contains('%')
        }),
    ),
    (
        "a query in the path",
        |call, text| set_request(call, Request::new("GET", &format!("/?{text}"))),
        Checked(|received, text| {
            decoded(&received.target()) == format!("/?{text}").as_bytes() || text.contains('%')
        }),
    ),
    (
        "a query's name",
        |call, text| query_value(call, text, "v"),
        Checked(|received, text| decoded(&received.target()) == format!("/?{text}=v").as_bytes()),
    ),
    (
        "a query's value",
        |call, text| query_value(call, "n", text),
        Checked(|received, text| decoded(&received.target()) == format!("/?n={text}").as_bytes()),
    ),
    (
        "a path of a URL",
        |call, text| {
            let path = call.client.path_of(&format!("http://{}/{text}", call.address))?;
            set_request(call, Request::new("GET", &path))
        },
        Checked(|received, _| received.target().starts_with(b"/")),
    ),
    (
        "JSON",
        |call, text| call.request.set_json(&json(text)),
        Checked(|received, text| received.body == json(text).as_bytes()),
    ),
    (
        "a form field's name",
        |call, text| call.request.add_form_field(text, "v"),
        Checked(|received, text| form(received) == (text.to_owned(), "v".to_owned())),
    ),
    (
        "a form field's value",
        |call, text| call.request.add_form_field("n", text),
        Checked(|received, text| form(received) == ("n".to_owned(), text.to_owned())),
    ),
    (
        "a body",
        |call, text| call.request.set_body("x/y", text.as_bytes()),
        Checked(|received, text| received.body == text.as_bytes()),
    ),
    (
        "a body's type",
        |call, text| call.request.set_body(text, b"b"),
        Checked(|received, text| received.has("content-type", text) && received.body == b"b"),
    ),
    (
        "a part's name",
        |call, text| part(call, text, None, None),
        Checked(|received, text| {
            part_head(received).contains(&format!("name=\"{}\"", quoted(text)))
        }),
    ),
    (
        "a part's file name",
        |call, text| part(call, "n", Some(text), None),
        Checked(|received, text| {
            part_head(received).contains(&format!("filename=\"{}\"", quoted(text)))
        }),
    ),
    (
        "a part's type",
        |call, text| part(call, "n", None, Some(text)),
        Checked(|received, text| {
            part_head(received).ends_with(&format!("\r\nContent-Type: {text}"))
        }),
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
