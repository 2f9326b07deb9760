//! Cookies for the domains of other servers, and cookies that would evict others.

use rustls::version::TLS13;
use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;
use zeroize::Zeroizing;

use crate::case::{cookie_after, expect, ok_response, outcome};
use crate::scenario::Scenario;
use crate::support::{Server, client, get, respond};
use crate::tls_host::TlsHost;

const GROUP: &str = "cookies";

/// The host that sets a cookie, the Domain attribute, and the host that must not get it.
const STRANGERS: &[[&str; 3]] = &[
    ["evil.com.", "com.", "bank.com."],
    ["evil.com.", "com", "bank.com"],
    ["evil.com", "com.", "bank.com."],
    ["evil.com", "com", "bank.com"],
    ["evil.com", ".com", "bank.com"],
    ["evil.co.uk", "co.uk", "bank.co.uk"],
    ["evil.co.uk.", "co.uk.", "bank.co.uk."],
    ["evil.github.io", "github.io", "bank.github.io"],
    ["evil.test", "bank.test", "bank.test"],
    ["evil-bank.com", "bank.com", "bank.com"],
    ["evil.com", "", "bank.com"],
    ["evil.com", ".", "bank.com"],
];

/// Cookies that violate the rules of their prefix or of `Secure` (RFC 6265bis section 4.1.3).
const INVALID: &[&str] = &[
    "__Secure-a=1",
    "__Host-a=1; Path=/",
    "__Host-a=1; Secure",
    "__host-a=1; Secure; Path=/; Domain=127.0.0.1",
    "a=1; Secure",
];

pub fn scenarios() -> Vec<Scenario> {
    let strangers = STRANGERS.iter().map(|&[from, domain, to]| {
        Scenario::new(GROUP, format!("of {from} for {domain:?}, to {to}"), move || {
            assert_eq!(cookie_to(from, domain, to), None);
            "it is not sent".into()
        })
    });
    let invalid = INVALID.iter().map(|&set| {
        Scenario::new(GROUP, format!("{set:?} without TLS"), move || {
            assert_eq!(cookie_after(&respond(200, &[("Set-Cookie", set)], "{}")), None);
            "it is not stored".into()
        })
    });
    strangers.chain(invalid).chain(others()).collect()
}

fn others() -> Vec<Scenario> {
    vec![
        Scenario::new(GROUP, "of a host for its own domain", || {
            let cookie = cookie_to("a.shop.com", "shop.com", "b.shop.com");
            assert_eq!(cookie.as_deref(), Some("id=1"));
            "it is sent".into()
        }),
        Scenario::new(GROUP, "cookies without TLS do not evict a secure cookie", flooded),
    ]
}

/// The cookie that `to` gets after `from` has set it and redirected. A proxy plays both hosts.
fn cookie_to(from: &str, domain: &str, to: &str) -> Option<String> {
    let (set, location) = (format!("id=1; Domain={domain}"), format!("http://{to}/there"));
    let server = Server::start(move |received| match received.path().ends_with("/set") {
        true => respond(302, &[("Set-Cookie", &set), ("Location", &location)], ""),
        false => ok_response("/"),
    });
    let client = Client::new(&format!("http://{from}")).unwrap();
    client.change(&Change::Proxy(Some(Zeroizing::new(server.url())))).unwrap();
    client.set_cookie_jar(true).unwrap();
    expect(&get(&client, "/set"), Code::Ok);
    drop(client);
    let received = server.finish().requests;
    assert_eq!(received[1].path(), format!("http://{to}/there"));
    received[1].field("cookie").map(str::to_owned)
}

/// A host sets a cookie over https, and an attacker sets many more in responses over http
/// (RFC 6265bis section 5.7).
fn flooded() -> String {
    let secure = TlsHost::start(&[&TLS13], |head| {
        let set: &[_] = match head.starts_with("GET /set ") {
            true => &[("Set-Cookie", "sid=safe; Secure; Path=/")],
            false => &[],
        };
        respond(200, set, "{}").bytes()
    });
    let url = secure.url();
    let plain = Server::start(move |received| match received.path() {
        "/flood" => {
            let cookies: Vec<_> = (0..200).map(|number| format!("c{number}=x; Path=/")).collect();
            let cookies = cookies.iter().map(|cookie| ("Set-Cookie", &**cookie));
            let over = [("Set-Cookie", "sid=evil"), ("Set-Cookie", "sid=evil; Path=/")];
            respond(200, &cookies.chain(over).collect::<Vec<_>>(), "{}")
        }
        path => respond(302, &[("Location", &format!("{url}{path}"))], ""),
    });
    let client = client(&plain.url(), &[]);
    client.set_ca_pem(secure.ca.as_bytes()).unwrap();
    client.set_cookie_jar(true).unwrap();
    for path in ["/set", "/flood", "/look"] {
        expect(&get(&client, path), Code::Ok);
    }
    let summary = outcome(&get(&client, "/look"));
    drop(client);
    let received = secure.finish();
    let last = &received.last().unwrap().head;
    assert!(last.contains("sid=safe") && !last.contains("evil"), "{last}");
    summary
}
