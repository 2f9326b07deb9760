//! Connections and TLS sessions that are good enough for one request, and not for the next.

use std::collections::HashMap;

use rustls::{SupportedProtocolVersion, version};
use sac::client::Client;
use sac::code::Code;
use sac::settings::{Change, SAC_TLS_1_3, SecretPem};
use zeroize::Zeroizing;

use crate::case::{expect, outcome};
use crate::scenario::Scenario;
use crate::support::{changed, client, get, request};
use crate::tls_host::{TlsHost, identity};

const GROUP: &str = "reuse";

/// What is said of the connection of the first request: it is kept, or closed, so that the TLS
/// session alone could be used again.
#[derive(Clone, Copy)]
enum After {
    Kept,
    Closed,
}

/// How the server is reached that must not be trusted later.
#[derive(Clone, Copy)]
enum Way {
    /// It is an https proxy, and the requests are for `http://`.
    Proxy,
    /// It is the server itself.
    Server,
}

/// What makes the second request one that must not be sent there.
type Stricter = fn(&Client) -> Client;

pub fn scenarios() -> Vec<Scenario> {
    const STRICTER: &[(&str, Stricter)] = &[
        ("the client verifies", Client::clone),
        ("a clone with its own setting verifies", |client| {
            let clone = client.clone();
            clone.change(&Change::Verify(true)).unwrap();
            clone
        }),
        ("a clone trusts somebody else", |client| {
            let clone = client.clone();
            clone.set_ca_pem(identity().0.as_bytes()).unwrap();
            clone
        }),
    ];
    let mut all = Vec::new();
    for (way, who) in [(Way::Proxy, "proxy"), (Way::Server, "server")] {
        for (after, what) in [(After::Kept, "connection"), (After::Closed, "TLS session")] {
            for &(name, stricter) in STRICTER {
                let name = format!("a {what} to a {who} that nobody verified, then {name}");
                all.push(Scenario::new(GROUP, name, move || unverified(way, after, stricter)));
            }
        }
        let name = format!("a {who} that speaks TLS 1.2, then 1.3 is the oldest");
        all.push(Scenario::new(GROUP, name, move || old_tls(way)));
    }
    for (way, who) in [(Way::Server, "server"), (Way::Proxy, "proxy")] {
        let name = format!("no connection to a {who} is shared by settings that differ");
        all.push(Scenario::new(GROUP, name, move || walk(way)));
    }
    all
}

/// A server that keeps connections or closes them.
fn host(versions: &[&'static SupportedProtocolVersion], after: After) -> TlsHost {
    let close = match after {
        After::Kept => "",
        After::Closed => "Connection: close\r\n",
    };
    let response = format!("HTTP/1.1 200 OK\r\n{close}Content-Length: 2\r\n\r\n{{}}").into_bytes();
    TlsHost::start(versions, move |_| response.clone())
}

/// A client whose requests come to a host.
fn client_of(host: &TlsHost, way: Way, user: &str) -> Client {
    match way {
        Way::Server => client(&host.url(), &[]),
        Way::Proxy => {
            let client = client("http://server.test", &[]);
            use_proxy(host, &client, user);
            client
        }
    }
}

fn use_proxy(host: &TlsHost, client: &Client, user: &str) {
    let proxy = Zeroizing::new(format!("https://{user}{}", host.address));
    client.change(&Change::Proxy(Some(proxy))).unwrap();
}

/// A client for each setting by which connections can differ, all of one family. Each has a connection
/// that is its own, and keeps it.
fn walk(way: Way) -> String {
    let host = host(&[&version::TLS13], After::Kept);
    let family = client_of(&host, way, "");
    let trusting = |pem: String, changes: &[Change]| {
        let client = family.clone();
        client.set_ca_pem(pem.as_bytes()).unwrap();
        changed(client, changes)
    };
    let ca = || host.ca.clone();
    let mut clients = vec![
        trusting(ca(), &[]),
        trusting(ca(), &[Change::Verify(false)]),
        trusting(ca(), &[Change::MinTls(SAC_TLS_1_3)]),
        trusting([ca(), identity().0].concat(), &[]),
        changed(family.clone(), &[Change::Verify(false)]),
    ];
    match way {
        Way::Server => clients.extend([(); 2].map(|()| {
            let (client, (pem, key)) = (trusting(ca(), &[]), identity());
            let key = SecretPem::new(key.into_bytes());
            client.set_client_certificate_pem(pem.as_bytes(), key).unwrap();
            client
        })),
        Way::Proxy => clients.extend(["ada:secret@", "ada:other@", "bob:secret@"].map(|user| {
            let client = trusting(ca(), &[]);
            use_proxy(&host, &client, user);
            client
        })),
    }
    let count = clients.len();
    for _ in 0..2 {
        for (number, client) in clients.iter().enumerate() {
            expect(&get(client, &format!("/of/{number}/")), Code::Ok);
        }
    }
    drop((clients, family));
    let mut owners = HashMap::new();
    for asked in host.finish() {
        let owner = asked.head.split("/of/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let first = owners.entry(asked.connection).or_insert_with(|| owner.clone());
        assert_eq!(*first, owner, "on a connection of somebody else");
    }
    assert_eq!(owners.len(), count, "a connection was not used again");
    format!("{count} settings, {count} connections")
}

/// The first request says itself that it verifies nothing, the second does not.
fn unverified(way: Way, after: After, stricter: Stricter) -> String {
    let host = host(&[&version::TLS13, &version::TLS12], after);
    let client = client_of(&host, way, "ada:secret@");
    let mut careless = request("GET", "/careless");
    careless.change(Change::Verify(false)).unwrap();
    expect(&client.send(&careless), Code::Ok);
    let stricter = stricter(&client);
    stricter.add_bearer("a-token-for-the-true-server").unwrap();
    let response = get(&stricter, "/careful");
    expect(&response, Code::Tls);
    assert_eq!(response.attempts(), 0, "the request was sent");
    // Whoever verifies nothing may still have the connection.
    expect(&client.send(&careless), Code::Ok);
    drop((client, stricter));
    let heads: String = host.finish().into_iter().map(|asked| asked.head).collect();
    assert!(!heads.contains("/careful") && !heads.contains("a-token"), "{heads}");
    outcome(&response)
}

fn old_tls(way: Way) -> String {
    let host = host(&[&version::TLS12], After::Kept);
    let client = client_of(&host, way, "");
    client.set_ca_pem(host.ca.as_bytes()).unwrap();
    expect(&get(&client, "/old"), Code::Ok);
    client.change(&Change::MinTls(SAC_TLS_1_3)).unwrap();
    let response = get(&client, "/new");
    expect(&response, Code::Tls);
    drop(client);
    assert_eq!(host.finish().len(), 1, "the request was sent");
    outcome(&response)
}
