//! A redirect to another origin: the parts of the request that follow it.

use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use sac::code::Code;
use sac::request::Request;
use sac::settings::{Change, SecretPem};

use crate::case::{assert_usable, expect, ok_response, outcome};
use crate::scenario::Scenario;
use crate::support::{ReceivedRequest, Server, client, get, request, respond};
use crate::tls_host::{Clients, TlsHost};

const GROUP: &str = "other origins";
const VALUE: &str = "value-of-the-caller";
const VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// Names of credentials of real APIs, of fields about the caller, and of unknown fields.
const REMOVED: &[&str] = &[
    "X-Pass",
    "X-Bearer",
    "X-Access",
    "X-Csrf",
    "X-Ticket",
    "X-Saml-Assertion",
    "X-Api-Creds",
    "X-Client-Cert",
    "X-Hmac",
    "X-Forwarded-User",
    "X-Real-Ip",
    "X-Tenant",
    "X-Request-Id",
    "X-Never-Heard-Of",
    "Content-Security-Pass",
    "Content-Location",
    "Referer",
    "Origin",
    "From",
    "Forwarded",
    "Traceparent",
    "Baggage",
    "Idempotency-Key",
    "Last-Event-Id",
];

/// The fields that follow the redirect, as the body does.
const KEPT: &[&str] = &[
    "Accept-Language",
    "Cache-Control",
    "Content-Language",
    "If-Match",
    "If-None-Match",
    "Prefer",
    "User-Agent",
];

/// The only fields that another origin may get.
const KNOWN: &[&str] = &[
    "host",
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "if-match",
    "if-none-match",
    "prefer",
    "user-agent",
];

pub fn scenarios() -> Vec<Scenario> {
    let removed = REMOVED.iter().map(|name| {
        Scenario::new(GROUP, format!("{name} is removed"), move || {
            let set = |request: &mut Request| request.set_header(name, VALUE).unwrap();
            let (received, summary) = redirected(307, set);
            assert!(!received.head.contains(VALUE), "{}", received.head);
            assert_eq!(received.body, b"{\"a\": 1}", "a 307 keeps the body");
            summary
        })
    });
    removed.chain(others()).collect()
}

fn others() -> Vec<Scenario> {
    vec![
        Scenario::new(GROUP, "only harmless fields follow the redirect", || {
            let set = |request: &mut Request| {
                for name in REMOVED.iter().chain(KEPT) {
                    request.set_header(name, VALUE).unwrap();
                }
            };
            let (received, summary) = redirected(308, set);
            for name in KEPT {
                assert_eq!(received.field(name), Some(VALUE), "{name}: {}", received.head);
            }
            let lines = received.head.lines().skip(1).filter_map(|line| line.split_once(':'));
            for (name, _) in lines {
                assert!(
                    KNOWN.contains(&&*name.to_ascii_lowercase()),
                    "{name} was sent to another origin"
                );
            }
            summary
        }),
        Scenario::new(GROUP, "the fields of the body are removed with the body", || {
            let set =
                |request: &mut Request| request.set_header("Content-Language", VALUE).unwrap();
            let (received, summary) = redirected(303, set);
            assert_eq!((received.method(), &*received.body), ("GET", &b""[..]));
            assert!(!received.head.to_ascii_lowercase().contains("content-"), "{}", received.head);
            summary
        }),
        Scenario::new(GROUP, "the client's header fields are removed", || {
            let other = Server::start(|received| ok_response(received.path()));
            let server = redirecting(307, &other);
            let client = client(&server.url(), &[]);
            REMOVED.iter().for_each(|name| client.add_header(name, VALUE).unwrap());
            let response = client.send(&request("GET", "/hostile"));
            expect(&response, Code::Ok);
            let received = other.finish().requests;
            assert!(!received[0].head.contains(VALUE), "{}", received[0].head);
            outcome(&response)
        }),
        Scenario::new(GROUP, "the client certificate is not sent", || {
            let clients = Clients::new();
            let ok = |_: &str| b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec();
            let other = TlsHost::with_client_auth(Some(&clients), VERSIONS, ok);
            let to = format!("{}/there", other.url());
            let first = TlsHost::with_client_auth(Some(&clients), VERSIONS, move |head| match head
                .starts_with("GET /hostile ")
            {
                true => respond(302, &[("Location", &to)], "").bytes(),
                false => ok(head),
            });
            let client = client(&first.url(), &[]);
            client.set_ca_pem([&*first.ca, &other.ca].concat().as_bytes()).unwrap();
            let key = SecretPem::new(clients.key.clone().into_bytes());
            client.set_client_certificate_pem(clients.chain.as_bytes(), key).unwrap();
            for path in ["/hostile", "/here", "/hostile"] {
                expect(&get(&client, path), Code::Ok);
            }
            drop(client);
            let certificates = |host: TlsHost| {
                host.finish().into_iter().map(|request| request.certificate).collect::<Vec<_>>()
            };
            assert_eq!(certificates(first), [true; 3], "the first origin must get it");
            assert_eq!(certificates(other), [false; 2], "another origin got it");
            "only the first origin gets it".into()
        }),
        Scenario::new(GROUP, "without redirects, no body is sent to another origin", || {
            let other = Server::start(|received| ok_response(received.path()));
            let server = redirecting(307, &other);
            let client = client(&server.url(), &[]);
            let mut request = with_body();
            request.change(Change::Redirects(0)).unwrap();
            let response = client.send(&request);
            expect(&response, Code::Ok);
            assert_eq!(response.status(), 307, "the response is the redirect itself");
            assert_usable(&client);
            assert!(other.finish().requests.is_empty(), "the body was sent to another origin");
            outcome(&response)
        }),
    ]
}

fn with_body() -> Request {
    let mut request = request("POST", "/hostile");
    request.set_json("{\"a\": 1}").unwrap();
    request
}

fn redirecting(status: u16, other: &Server) -> Server {
    let location = format!("{}/there", other.url());
    Server::start(move |received| match received.path() {
        "/hostile" => respond(status, &[("Location", &location)], ""),
        path => ok_response(path),
    })
}

/// The request that another origin gets when a POST is redirected to it.
fn redirected(status: u16, set: impl Fn(&mut Request)) -> (ReceivedRequest, String) {
    let other = Server::start(|received| ok_response(received.path()));
    let server = redirecting(status, &other);
    let client = client(&server.url(), &[]);
    let mut request = with_body();
    set(&mut request);
    let response = client.send(&request);
    expect(&response, Code::Ok);
    assert_usable(&client);
    assert!(server.finish().requests[0].head.contains(VALUE), "the first origin must get it");
    (other.finish().requests.remove(0), outcome(&response))
}
