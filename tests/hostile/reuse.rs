//! Connections and TLS sessions that one request may use, but not the next one.

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

/// The state of the connection after the first request: kept, or closed, so that only the TLS session
/// could be used again.
#[derive(Clone, Copy)]
enum After {
    Kept,
    Closed,
}

/// The role of the server that later requests must not trust.
#[derive(Clone, Copy)]
enum Role {
    /// An https proxy; the requests are for `http://`.
    Proxy,
    /// The server of the requests.
    Server,
}

/// Makes a client whose requests must not be sent there.
type Stricter = fn(&Client) -> Client;

pub fn scenarios() -> Vec<Scenario> {
    const STRICTER: &[(&str, Stricter)] = &[
        ("the client verifies", Client::clone),
        ("a clone with its own setting verifies", |client| {
            let clone = client.clone();
            clone.change(&Change::Verify(true)).unwrap();
            clone
        }),
        ("a clone trusts another certificate", |client| {
            let clone = client.clone();
            clone.set_ca_pem(identity().0.as_bytes()).unwrap();
            clone
        }),
    ];
    let mut all = Vec::new();
    for (role, who) in [(Role::Proxy, "proxy"), (Role::Server, "server")] {
        for (after, what) in [(After::Kept, "connection"), (After::Closed, "TLS session")] {
            for &(name, stricter) in STRICTER {
                let name = format!("an unverified {what} to a {who}, then {name}");
                all.push(Scenario::new(GROUP, name, move || unverified(role, after, stricter)));
            }
        }
        let name = format!("a {who} with TLS 1.2, then a minimum of TLS 1.3");
        all.push(Scenario::new(GROUP, name, move || old_tls(role)));
    }
    for (role, who) in [(Role::Server, "server"), (Role::Proxy, "proxy")] {
        let name = format!("different settings share no connection to a {who}");
        all.push(Scenario::new(GROUP, name, move || no_sharing(role)));
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

/// A client whose requests go to the host.
fn client_of(host: &TlsHost, role: Role, user: &str) -> Client {
    match role {
        Role::Server => client(&host.url(), &[]),
        Role::Proxy => {
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

/// Clones of one client, one for each setting by which connections can differ. Each uses its own
/// connection every time.
fn no_sharing(role: Role) -> String {
    let host = host(&[&version::TLS13], After::Kept);
    let family = client_of(&host, role, "");
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
    match role {
        Role::Server => clients.extend([(); 2].map(|()| {
            let (client, (pem, key)) = (trusting(ca(), &[]), identity());
            let key = SecretPem::new(key.into_bytes());
            client.set_client_certificate_pem(pem.as_bytes(), key).unwrap();
            client
        })),
        Role::Proxy => clients.extend(["ada:secret@", "ada:other@", "bob:secret@"].map(|user| {
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
    for received in host.finish() {
        let owner =
            received.head.split("/of/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let first = owners.entry(received.connection).or_insert_with(|| owner.clone());
        assert_eq!(*first, owner, "on the connection of another client");
    }
    assert_eq!(owners.len(), count, "a client did not reuse its connection");
    format!("{count} settings, {count} connections")
}

/// The first request disables verification, the second one does not.
fn unverified(role: Role, after: After, stricter: Stricter) -> String {
    let host = host(&[&version::TLS13, &version::TLS12], after);
    let client = client_of(&host, role, "ada:secret@");
    let mut unverified_request = request("GET", "/unverified");
    unverified_request.change(Change::Verify(false)).unwrap();
    expect(&client.send(&unverified_request), Code::Ok);
    let stricter = stricter(&client);
    stricter.add_bearer("a-token-for-the-real-server").unwrap();
    let response = get(&stricter, "/careful");
    expect(&response, Code::Tls);
    assert_eq!(response.attempts(), 0, "the request was sent");
    // A request without verification may still use the connection.
    expect(&client.send(&unverified_request), Code::Ok);
    drop((client, stricter));
    let heads: String = host.finish().into_iter().map(|received| received.head).collect();
    assert!(!heads.contains("/careful") && !heads.contains("a-token"), "{heads}");
    outcome(&response)
}

fn old_tls(role: Role) -> String {
    let host = host(&[&version::TLS12], After::Kept);
    let client = client_of(&host, role, "");
    client.set_ca_pem(host.ca.as_bytes()).unwrap();
    expect(&get(&client, "/old"), Code::Ok);
    client.change(&Change::MinTls(SAC_TLS_1_3)).unwrap();
    let response = get(&client, "/new");
    expect(&response, Code::Tls);
    drop(client);
    assert_eq!(host.finish().len(), 1, "the request was sent");
    outcome(&response)
}
