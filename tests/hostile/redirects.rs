//! Redirects in loops, to other hosts, from https to http, or to invalid URLs, with credentials.

use sac::client::Client;
use sac::code::Code;
use sac::request::Request;
use sac::settings::Change;

use crate::case::{Case, assert_usable, expect, expect_error, expect_ok, ok_response, outcome};
use crate::scenario::Scenario;
use crate::support::{Action, ReceivedRequest, Server, client, get, request, respond};
use crate::tls::Secure;

const GROUP: &str = "redirect";

fn to(status: u16, location: &str) -> Action {
    respond(status, &[("Location", location)], "")
}

fn refused(location: &str) -> Case {
    expect_error(to(302, location), Code::Redirect).then_reused()
}

pub fn scenarios() -> Vec<Scenario> {
    let broken =
        BROKEN.iter().map(|&(name, location)| refused(location).into_scenario(GROUP, name));
    let schemes = SCHEMES.iter().map(|location| {
        refused(location)
            .with_message("not to http or https")
            .into_scenario(GROUP, format!("to {location}"))
    });
    broken.chain(schemes).chain(loops()).chain(other_hosts()).collect()
}

const BROKEN: &[(&str, &str)] = &[
    ("to a host with a space", "http://a b/"),
    ("to no host", "http://"),
    ("to a port above 65535", "http://127.0.0.1:99999/"),
    ("to an address that does not end", "http://[::1/"),
    ("to an address with an invalid letter", "http://[::g]/"),
    ("to an address with five numbers", "http://127.0.0.1.5:80/"),
    ("to a port without a host", "http://:80/"),
    ("to a host with a percent sign", "http://a%00b/"),
];

const SCHEMES: &[&str] = &[
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1/",
    "javascript:alert(1)",
    "data:application/json,{}",
    "unix:/run/docker.sock",
    "ws://127.0.0.1/",
];

fn loops() -> Vec<Scenario> {
    let redirect_loop = |status: u16| {
        Scenario::new(GROUP, format!("in a loop by {status}"), move || {
            let server = Server::start(move |received| match received.path() {
                "/hostile" => to(status, "/hostile"),
                path => ok_response(path),
            });
            let client = client(&server.url(), &[]);
            let response = get(&client, "/hostile");
            expect(&response, Code::Redirect);
            assert_usable(&client);
            assert_eq!(server.finish().requests.len(), 11 + 2);
            outcome(&response)
        })
    };
    let mut all: Vec<_> = [301, 302, 303, 307, 308].map(redirect_loop).into();
    all.extend([
        Scenario::new(GROUP, "from one host to another and back", || {
            let other = Server::start(|received| {
                let back = received.path().strip_prefix("/to=").unwrap();
                to(307, &format!("http://{back}/hostile"))
            });
            let url = other.url();
            let server = Server::start(move |received| match received.path() {
                "/hostile" => to(307, &format!("{url}/to={}", received.field("host").unwrap())),
                path => ok_response(path),
            });
            let client = client(&server.url(), &[]);
            let response = get(&client, "/hostile");
            expect(&response, Code::Redirect);
            assert_usable(&client);
            outcome(&response)
        }),
        Scenario::new(GROUP, "to longer and longer paths", || {
            let server = Server::start(|received| match received.path() {
                path if path.starts_with("/good") => ok_response(path),
                path => to(302, &format!("{path}{}", "x".repeat(10_000))),
            });
            let client = client(&server.url(), &[Change::Redirects(20)]);
            let response = get(&client, "/hostile");
            expect(&response, Code::Redirect);
            assert_usable(&client);
            outcome(&response)
        }),
        expect_ok(respond(302, &[], "{}"), "{}").into_scenario(GROUP, "without a Location"),
        expect_ok(to(302, ""), "{}").into_scenario(GROUP, "to an empty Location"),
        expect_ok(to(302, "   "), "{}").into_scenario(GROUP, "to a Location of spaces"),
        expect_ok(to(304, "ftp://elsewhere/"), "{}")
            .into_scenario(GROUP, "by a 304, which is not a redirect"),
        expect_ok(to(300, "ftp://elsewhere/"), "{}")
            .into_scenario(GROUP, "by a 300, which leaves the choice"),
        expect_ok(to(201, "ftp://elsewhere/"), "{}")
            .into_scenario(GROUP, "by a 201, which is not a redirect"),
        Scenario::new(GROUP, "with a control character in the path", || {
            let server = Server::start(|received| match received.number {
                0 => to(302, "/a\tb%0d%0aX-Injected:%201"),
                _ => ok_response("/there"),
            });
            let client = client(&server.url(), &[]);
            let response = get(&client, "/hostile");
            expect(&response, Code::Ok);
            let received = server.finish().requests;
            assert_eq!(received[1].field("x-injected"), None, "{}", received[1].head);
            outcome(&response)
        }),
        Scenario::new(GROUP, "with an endless body", || {
            let body = Action::Endless(
                b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n".to_vec(),
                b"x".repeat(1000),
            );
            let case = expect_error(body, Code::TooLarge).set(Change::MaxBodyBytes(100_000));
            case.run()
        }),
    ]);
    all
}

/// The value that must not arrive at another host.
const SECRET: &str = "s3cr3t";
const NAMES: &[&str] = &[
    "X-Api-Key",
    "X-Token",
    "Client-Secret",
    "X-Auth",
    "Authentication",
    "x-amz-security-token",
    "PRIVATE-TOKEN",
    "X-AUTH-KEY",
    "Ocp-Apim-Subscription-Key",
    "Cookie",
    "Proxy-Authorization",
    "Password",
    "X-Session",
];

/// Adds every kind of secret to a client, and returns a request with more secrets.
fn with_secrets(client: &Client) -> Request {
    client.add_bearer(SECRET).unwrap();
    client.add_cookie("session", SECRET).unwrap();
    let (of_client, of_request) = NAMES.split_at(NAMES.len() / 2);
    for name in of_client {
        client.add_header(name, SECRET).unwrap();
    }
    let mut request = request("GET", "/hostile");
    for name in of_request {
        request.set_header(name, SECRET).unwrap();
    }
    request.set_idempotency_key(SECRET).unwrap();
    request
}

/// The request at another origin contains no secret.
fn assert_no_secrets(received: &ReceivedRequest) {
    assert!(
        !received.head.contains(SECRET),
        "a secret was sent to another host: {}",
        received.head
    );
    assert_eq!(received.field("authorization"), None, "{}", received.head);
}

fn other_hosts() -> Vec<Scenario> {
    let statuses = [301, 302, 303, 307, 308].map(|status| {
        Scenario::new(GROUP, format!("to another host by {status}, with secrets"), move || {
            follow(status, |other| format!("{}/there", other.url()))
        })
    });
    let mut all: Vec<_> = statuses.into();
    all.extend([
        Scenario::new(GROUP, "to another host, written without a scheme", || {
            follow(302, |other| format!("//{}/there", other.address))
        }),
        Scenario::new(GROUP, "to another host, written with backslashes", || {
            follow(302, |other| format!("\\\\{}\\there", other.address))
        }),
        Scenario::new(GROUP, "to another host with a user and a password", || {
            follow(302, |other| format!("http://user:{SECRET}@{}/there", other.address))
        }),
        Scenario::new(GROUP, "to another host, with a host name as the user", || {
            follow(302, |other| format!("http://127.0.0.1:80@{}/there", other.address))
        }),
        Scenario::new(GROUP, "from https to http", || {
            let plain = Server::start(|received| ok_response(received.path()));
            let secure = Secure::responding(to(302, &format!("{}/there", plain.url())).bytes());
            let client = secure.client();
            let response = client.send(&with_secrets(&client));
            expect(&response, Code::Redirect);
            assert!(plain.finish().requests.is_empty(), "it was followed");
            outcome(&response)
        }),
        Scenario::new(GROUP, "from http to https, with secrets", || {
            let secure = Secure::responding(respond(200, &[], "{}").bytes());
            let url = secure.url();
            let server = Server::always(to(302, &url));
            let client = client(&server.url(), &[]);
            client.set_ca_pem(secure.ca().as_bytes()).unwrap();
            let response = client.send(&with_secrets(&client));
            expect(&response, Code::Ok);
            let head = secure.received();
            assert!(!head.contains(SECRET), "{head}");
            outcome(&response)
        }),
    ]);
    all
}

/// Follows a redirect from one server to another, which must get no secret.
fn follow(status: u16, location: impl Fn(&Server) -> String) -> String {
    let other = Server::start(|received| ok_response(received.path()));
    let location = location(&other);
    let server = Server::start(move |received| match received.path() {
        "/hostile" => to(status, &location),
        path => ok_response(path),
    });
    let client = client(&server.url(), &[]);
    let response = client.send(&with_secrets(&client));
    expect(&response, Code::Ok);
    assert_eq!(response.json_text(), "{\"path\":\"/there\"}");
    assert_usable(&client);
    other.finish().requests.iter().for_each(assert_no_secrets);
    let received = server.finish().requests;
    assert!(
        received[0].head.contains(SECRET),
        "the first host must get them: {}",
        received[0].head
    );
    outcome(&response)
}
