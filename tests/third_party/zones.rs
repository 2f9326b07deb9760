//! Link-local addresses with a zone (RFC 6874): the zone selects the interface, and is never sent.

use std::net::{Ipv6Addr, SocketAddrV6, TcpListener};

use sac::code::Code;
use sac::settings::Change;
use zeroize::Zeroizing;

use crate::support::*;

/// A usable link-local address of this machine, and its interface.
fn link_local() -> Option<(Ipv6Addr, String, u32)> {
    const TENTATIVE: u32 = 0x40;
    let all = std::fs::read_to_string("/proc/net/if_inet6").ok()?;
    all.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |word: &str| u32::from_str_radix(word, 16).unwrap();
        let address = Ipv6Addr::from(u128::from_str_radix(words[0], 16).unwrap());
        let usable = address.is_unicast_link_local() && number(words[4]) & TENTATIVE == 0;
        usable.then(|| (address, words[5].to_owned(), number(words[1])))
    })
}

/// A server at such an address, with its URL and its `Host` value.
fn server(
    script: impl Fn(&ReceivedRequest) -> Action + Send + Sync + 'static,
) -> Option<(Server, String, String)> {
    let Some((address, interface, number)) = link_local() else {
        skipped("zones (no link-local address)");
        return None;
    };
    let listener = TcpListener::bind(SocketAddrV6::new(address, 0, 0, number)).unwrap();
    let server = Server::at(listener, script);
    let port = server.address.port();
    let url = format!("http://[{address}%25{interface}]:{port}");
    Some((server, url, format!("[{address}]:{port}")))
}

#[test]
fn a_zone_selects_the_interface_also_after_redirects_and_is_not_sent() {
    let redirects = |received: &ReceivedRequest| match received.path() {
        "/api/first" => respond(302, &[("Location", "/api/second")], ""),
        "/api/second" => {
            let target = format!("http://{}/api/third", received.field("host").unwrap());
            respond(307, &[("Location", &target)], "")
        }
        _ => respond(200, &[], "{}"),
    };
    let Some((server, url, host)) = server(redirects) else { return };
    let client = client(&format!("{url}/api"), &[]);
    let response = get(&client, "/first");
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    drop(client);
    let record = server.finish();
    assert_eq!(record.connections, 1, "the connection was not reused");
    assert_eq!(record.requests.len(), 3);
    for received in record.requests {
        assert_eq!(received.field("host"), Some(host.as_str()));
        assert!(!received.head.contains('%'), "{}", received.head);
    }
}

#[test]
fn a_proxy_may_have_a_zone_and_does_not_get_the_servers_zone() {
    let Some((server, url, _)) = server(|_| respond(200, &[], "{}")) else { return };
    let proxy = Change::Proxy(Some(Zeroizing::new(url)));
    let client = client("http://[fe80::7%25nowhere]:81", &[proxy]);
    let response = get(&client, "/a");
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    drop(client);
    let received = server.finish().requests.remove(0);
    assert!(
        received.head.starts_with("GET http://[fe80::7]:81/a HTTP/1.1\r\n"),
        "{}",
        received.head
    );
    assert!(!received.head.contains('%'), "{}", received.head);
}

#[test]
fn a_missing_interface_has_no_address() {
    let response = get(&client("http://[fe80::1%25no-such-one]", &[]), "/");
    assert_eq!((response.code(), response.attempts()), (Code::Resolve, 0));
    let error = error_of(&response);
    assert!(error.contains("no address for the name fe80::1%no-such-one: "), "{error}");
}
