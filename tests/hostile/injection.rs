//! CR, LF and NUL in every parameter that is a string. `tests/c/surface.py` tests the C interface,
//! function by function from the header; only Rust can pass a NUL.

use sac::auth::Digest;
use sac::client::Client;
use sac::code::{Code, Error};
use sac::request::{Output, PartHead, Request};
use sac::settings::Change;
use zeroize::Zeroizing;

use crate::case::expect;
use crate::scenario::Scenario;
use crate::support::{Server, client, respond};

const GROUP: &str = "injection";

/// Characters that end a line in some program.
const ENDS: &[(&str, &str)] = &[
    ("CR LF", "\r\n"),
    ("CR", "\r"),
    ("LF", "\n"),
    ("NUL", "\0"),
    ("a vertical tab", "\x0b"),
    ("DEL", "\x7f"),
    ("an escape", "\x1b"),
    ("NEL", "\u{85}"),
    ("a line separator", "\u{2028}"),
];

type ClientSetter = fn(&Client, &str) -> Result<(), Error>;
type RequestSetter = fn(&mut Request, &str) -> Result<(), Error>;

const CLIENT: &[(&str, ClientSetter)] = &[
    ("a header's name", |client, text| client.add_header(text, "a")),
    ("a header's value", |client, text| client.add_header("A", text)),
    ("a header to remove", |client, text| client.remove_header(text)),
    ("a user's name", |client, text| client.add_basic(text, "a")),
    ("a password", |client, text| client.add_basic("a", text)),
    ("a digest user's name", |client, text| client.add_digest(text, "a")),
    ("a digest password", |client, text| client.add_digest("a", text)),
    ("a token", |client, text| client.add_bearer(text)),
    ("a cookie's name", |client, text| client.add_cookie(text, "a")),
    ("a cookie's value", |client, text| client.add_cookie("a", text)),
    ("a cookie to remove", |client, text| client.remove_cookie(text)),
    ("a signed cookie's name", |client, text| {
        client.add_signed_cookie(text, "{}", "a", "key-of-some-length", Digest::Sha256)
    }),
    ("a signed cookie's payload", |client, text| {
        let payload = format!("{{\"a\": \"{text}\"}}");
        client.add_signed_cookie("a", &payload, "a", "key-of-some-length", Digest::Sha256)
    }),
    ("a signed cookie's key id", |client, text| {
        client.add_signed_cookie("a", "{}", text, "key-of-some-length", Digest::Sha256)
    }),
    ("a signed cookie's key", |client, text| {
        client.add_signed_cookie("a", "{}", "a", text, Digest::Sha256)
    }),
    ("a user agent", |client, text| client.change(&Change::UserAgent(Some(text.into())))),
    ("a proxy's host", |client, text| {
        client.change(&Change::Proxy(Some(Zeroizing::new(format!("http://{text}:1")))))?;
        client.change(&Change::Proxy(Some(Zeroizing::new(String::new()))))
    }),
    ("a file of CAs", |client, text| client.set_ca_file(text)),
    ("a CA", |client, text| client.set_ca_pem(text.as_bytes())),
    ("a certificate's file", |client, text| client.set_client_certificate(text, text)),
];

const REQUEST: &[(&str, RequestSetter)] = &[
    ("a request's header's name", |request, text| request.set_header(text, "a")),
    ("a request's header's value", |request, text| request.set_header("A", text)),
    ("a query's name", |request, text| {
        request.add_query(text, "a");
        Ok(())
    }),
    ("a query's value", |request, text| {
        request.add_query("a", text);
        Ok(())
    }),
    ("a body of JSON", |request, text| request.set_json(&format!("[1,{text}2]"))),
    ("a form field's name", |request, text| request.add_form_field(text, "a")),
    ("a form field's value", |request, text| request.add_form_field("a", text)),
    ("a body's type", |request, text| request.set_body(text, b"a")),
    ("a file to send", |request, text| request.set_body_file("text/plain", text)),
    ("a file's type", |request, text| request.set_body_file(text, "/dev/null")),
    ("a part's name", |request, text| part(request, text, None, None)),
    ("a part's file name", |request, text| part(request, "a", Some(text), None)),
    ("a part's type", |request, text| part(request, "a", None, Some(text))),
    ("a file to write", |request, text| {
        let path = folder().join(text).to_str().unwrap().to_owned();
        request.set_output(Output::File(path.into()))
    }),
    ("an idempotency key", |request, text| request.set_idempotency_key(text)),
];

fn part(
    request: &mut Request,
    name: &str,
    file_name: Option<&str>,
    content_type: Option<&str>,
) -> Result<(), Error> {
    request.add_part(&PartHead { name, file_name, content_type }, b"a")
}

pub fn scenarios() -> Vec<Scenario> {
    let clients = CLIENT.iter().map(|&(place, set)| {
        Scenario::new(GROUP, format!("into {place}"), move || {
            each(|client, text| {
                let rejected = set(client, text).err();
                (rejected, Request::new("POST", "/echo").unwrap())
            })
        })
    });
    let requests = REQUEST.iter().map(|&(place, set)| {
        Scenario::new(GROUP, format!("into {place}"), move || {
            each(|_, text| {
                let mut request = Request::new("POST", "/echo").unwrap();
                (set(&mut request, text).err(), request)
            })
        })
    });
    clients.chain(requests).chain(places()).collect()
}

/// The request line and the base URL, which only constructors set.
fn places() -> Vec<Scenario> {
    let rejects = |place: &str, make: fn(&str) -> Result<(), Error>| {
        Scenario::new(GROUP, format!("into {place}"), move || {
            let rejected = ENDS.iter().filter(|(_, end)| make(&hostile(end)).is_err()).count();
            assert!(rejected >= 4, "CR, LF and NUL must be rejected");
            format!("{rejected} of {} rejected", ENDS.len())
        })
    };
    vec![
        rejects("a method", |text| Request::new(text, "/").map(drop)),
        rejects("a path", |text| Request::new("GET", &format!("/{text}")).map(drop)),
        rejects("a query in a path", |text| Request::new("GET", &format!("/?{text}")).map(drop)),
        rejects("a base URL's host", |text| Client::new(&format!("http://{text}/")).map(drop)),
        rejects("a base URL's path", |text| Client::new(&format!("http://h/{text}")).map(drop)),
        rejects("a base URL's user", |text| Client::new(&format!("http://{text}@h/")).map(drop)),
        rejects("a socket's path", |text| {
            // A file name may contain any other byte.
            match (text.contains('\0'), text.contains(['\r', '\n'])) {
                (false, false) => Ok(()),
                _ => Client::new("http://h").and_then(|client| {
                    client.change(&Change::UnixSocket(Some(text.into())))?;
                    let response = client.send(&Request::new("GET", "/")?);
                    Err(Error::new(response.code(), "no socket has this name"))
                }),
            }
        }),
    ]
}

fn hostile(end: &str) -> String {
    format!("a{end}X-Injected: 1{end}{end}b")
}

/// The folder for files with odd names.
fn folder() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("sac-hostile-{}", std::process::id()))
}

/// An accepted value arrives as one request with the right fields. A rejected value leaves the client
/// and the request unchanged.
fn each(set: impl Fn(&Client, &str) -> (Option<Error>, Request)) -> String {
    let server = Server::always(respond(200, &[], "{\"arrived\":true}"));
    let mut accepted = Vec::new();
    std::fs::create_dir(folder()).unwrap();
    for (name, end) in ENDS {
        let client = client(&server.url(), &[Change::TimeoutMs(10_000)]);
        let before = server.requests_so_far();
        let (rejected, request) = set(&client, &hostile(end));
        let response = client.send(&request);
        match rejected {
            Some(error) => {
                let line = error.to_string();
                assert!(!line.contains(|c: char| c.is_control()), "{name}: {line:?}");
                assert_ne!(error.code, Code::Internal, "{name}: {line}");
                expect(&response, Code::Ok);
            }
            None if response.code() == Code::Ok => accepted.push(*name),
            // A missing file is found only when it is opened.
            None => expect(&response, Code::File),
        }
        let sent = server.requests_so_far() - before;
        assert!(sent <= 1, "{name}: {sent} requests arrived");
    }
    std::fs::remove_dir_all(folder()).unwrap();
    check_requests(server);
    if accepted.is_empty() {
        return "all rejected".into();
    }
    format!("harmless or rejected; {} accepted", accepted.join(", "))
}

fn check_requests(server: Server) {
    for received in server.finish().requests {
        assert_eq!(received.field("x-injected"), None, "{}", received.head);
        let lines = received.head.trim_end_matches("\r\n").split("\r\n");
        for line in lines {
            let bad = |c: char| c.is_control() && c != '\t';
            assert!(!line.contains(|c: char| bad(c) && c.is_ascii()), "{:?}", received.head);
            assert!(!line.is_empty(), "{:?}", received.head);
        }
        let body = String::from_utf8_lossy(&received.body);
        let parts = body.split("\r\n").filter(|line| line.starts_with("X-Injected"));
        if received.field("content-type").is_some_and(|kind| kind.starts_with("multipart/")) {
            assert_eq!(parts.count(), 0, "{body:?}");
        }
    }
}
