//! A redirect to another origin: what it is given of the request.

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

/// Names of credentials that real APIs take, of what tells of the caller, and of what nobody knows.
const STAYS: &[&str] = &[
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

/// What goes along, the body too.
const GOES: &[&str] = &[
    "Accept-Language",
    "Cache-Control",
    "Content-Language",
    "If-Match",
    "If-None-Match",
    "Prefer",
    "User-Agent",
];

/// All that another origin is ever given.
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
    let stays = STAYS.iter().map(|name| {
        Scenario::new(GROUP, format!("{name} is removed"), move || {
            let set = |request: &mut Request| request.set_header(name, VALUE).unwrap();
            let (received, words) = redirected(307, set);
            assert!(!received.head.contains(VALUE), "{}", received.head);
            assert_eq!(received.body, b"{\"a\": 1}", "a 307 keeps the body");
            words
        })
    });
    stays.chain(others()).collect()
}

fn others() -> Vec<Scenario> {
    vec![
        Scenario::new(GROUP, "what is harmless goes along, and nothing else", || {
            let set = |request: &mut Request| {
                for name in STAYS.iter().chain(GOES) {
                    request.set_header(name, VALUE).unwrap();
                }
            };
            let (received, words) = redirected(308, set);
            for name in GOES {
                assert_eq!(received.field(name), Some(VALUE), "{name}: {}", received.head);
            }
            let lines = received.head.lines().skip(1).filter_map(|line| line.split_once(':'));
            for (name, _) in lines {
                assert!(KNOWN.contains(&&*name.to_ascii_lowercase()), "{name} goes along");
            }
            words
        }),
        Scenario::new(GROUP, "what describes the body is removed with it", || {
            let set =
                |request: &mut Request| request.set_header("Content-Language", VALUE).unwrap();
            let (received, words) = redirected(303, set);
            assert_eq!((received.method(), &*received.body), ("GET", &b""[..]));
            assert!(!received.head.to_ascii_lowercase().contains("content-"), "{}", received.head);
            words
        }),
        Scenario::new(GROUP, "what the client sends with all requests is removed", || {
            let other = Server::start(|received| ok_response(received.path()));
            let server = leading(307, &other);
            let client = client(&server.url(), &[]);
            STAYS.iter().for_each(|name| client.add_header(name, VALUE).unwrap());
            let response = client.send(&request("GET", "/hostile"));
            expect(&response, Code::Ok);
            let received = other.finish().requests;
            assert!(!received[0].head.contains(VALUE), "{}", received[0].head);
            outcome(&response)
        }),
        Scenario::new(GROUP, "the client certificate is removed", || {
            let clients = Clients::new();
            let ok = |_: &str| b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec();
            let other = TlsHost::asking(Some(&clients), VERSIONS, ok);
            let to = format!("{}/there", other.url());
            let first = TlsHost::asking(Some(&clients), VERSIONS, move |head| {
                match head.starts_with("GET /hostile ") {
                    true => respond(302, &[("Location", &to)], "").bytes(),
                    false => ok(head),
                }
            });
            let client = client(&first.url(), &[]);
            client.set_ca_pem([&*first.ca, &other.ca].concat().as_bytes()).unwrap();
            let key = SecretPem::new(clients.key.clone().into_bytes());
            client.set_client_certificate_pem(clients.chain.as_bytes(), key).unwrap();
            for path in ["/hostile", "/here", "/hostile"] {
                expect(&get(&client, path), Code::Ok);
            }
            drop(client);
            let shown = |host: TlsHost| {
                host.finish().into_iter().map(|asked| asked.certificate).collect::<Vec<_>>()
            };
            assert_eq!(shown(first), [true; 3], "the first origin is to be shown it");
            assert_eq!(shown(other), [false; 2], "another origin is shown it");
            "it is shown to the first origin alone".into()
        }),
        Scenario::new(GROUP, "no body goes where redirects are refused", || {
            let other = Server::start(|received| ok_response(received.path()));
            let server = leading(307, &other);
            let client = client(&server.url(), &[]);
            let mut request = with_body();
            request.change(Change::Redirects(0)).unwrap();
            let response = client.send(&request);
            expect(&response, Code::Ok);
            assert_eq!(response.status(), 307, "the response is the redirect itself");
            assert_usable(&client);
            assert!(other.finish().requests.is_empty(), "the body was sent on");
            outcome(&response)
        }),
    ]
}

fn with_body() -> Request {
    let mut request = request("POST", "/hostile");
    request.set_json("{\"a\": 1}").unwrap();
    request
}

fn leading(status: u16, other: &Server) -> Server {
    let location = format!("{}/there", other.url());
    Server::start(move |received| match received.path() {
        "/hostile" => respond(status, &[("Location", &location)], ""),
        path => ok_response(path),
    })
}

/// What another origin sees of a POST that is redirected to it.
fn redirected(status: u16, set: impl Fn(&mut Request)) -> (ReceivedRequest, String) {
    let other = Server::start(|received| ok_response(received.path()));
    let server = leading(status, &other);
    let client = client(&server.url(), &[]);
    let mut request = with_body();
    set(&mut request);
    let response = client.send(&request);
    expect(&response, Code::Ok);
    assert_usable(&client);
    assert!(server.finish().requests[0].head.contains(VALUE), "the first origin is to have it");
    (other.finish().requests.remove(0), outcome(&response))
}
