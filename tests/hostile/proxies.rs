//! Proxies that do not keep to their protocols: HTTP, SOCKS 4 and SOCKS 5.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;
use zeroize::Zeroizing;

use crate::case::{expect, outcome};
use crate::scenario::Scenario;
use crate::support::get;

const GROUP: &str = "proxy";

/// What the proxy sends, each piece once it has heard something.
type Words = &'static [&'static [u8]];

pub fn scenarios() -> Vec<Scenario> {
    let bad = BAD.iter().map(|&(name, proxy, base, words)| {
        Scenario::new(GROUP, name, move || asks(proxy, base, words, End::Close, Code::Proxy))
    });
    let silent = SILENT.iter().map(|&(name, proxy, base, words)| {
        Scenario::new(GROUP, name, move || asks(proxy, base, words, End::Silence, Code::Timeout))
    });
    let endless = ENDLESS.iter().map(|&(name, proxy, base, words)| {
        Scenario::new(GROUP, name, move || asks(proxy, base, words, End::Endless, Code::Proxy))
    });
    let others = OTHERS.iter().map(|&(name, proxy, base, words, code)| {
        Scenario::new(GROUP, name, move || asks(proxy, base, words, End::Close, code))
    });
    bad.chain(silent).chain(endless).chain(others).collect()
}

type Row = (&'static str, &'static str, &'static str, Words);

const HTTPS: &str = "https://server.test";
const HTTP: &str = "http://server.test";

const BAD: &[Row] = &[
    ("HTTP: the end at once", "http", HTTPS, &[b""]),
    ("HTTP: half a status line", "http", HTTPS, &[b"HTTP/1.1 20"]),
    ("HTTP: a head without its end", "http", HTTPS, &[b"HTTP/1.1 200 OK\r\nX: y\r\n"]),
    ("HTTP: another version", "http", HTTPS, &[b"HTTP/2.0 200 OK\r\n\r\n"]),
    ("HTTP: no status", "http", HTTPS, &[b"HTTP/1.1 \r\n\r\n"]),
    ("HTTP: a status in words", "http", HTTPS, &[b"HTTP/1.1 OK\r\n\r\n"]),
    ("HTTP: a status with a sign", "http", HTTPS, &[b"HTTP/1.1 +200 OK\r\n\r\n"]),
    ("HTTP: a status of one digit", "http", HTTPS, &[b"HTTP/1.1 2 OK\r\n\r\n"]),
    ("HTTP: garbage", "http", HTTPS, &[b"\x05\x00\x00\r\n\r\n"]),
    ("HTTP: an interim response alone", "http", HTTPS, &[b"HTTP/1.1 100 Continue\r\n\r\n"]),
    ("HTTP: a redirect", "http", HTTPS, &[b"HTTP/1.1 302 F\r\nLocation: http://x/\r\n\r\n"]),
    ("HTTP: 407", "http", HTTPS, &[b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"]),
    ("HTTP: a refusal with an escape", "http", HTTPS, &[b"HTTP/1.1 403 \x1b[2Jno\r\n\r\n"]),
    ("HTTP: a refusal in 8 bits", "http", HTTPS, &[b"HTTP/1.1 403 caf\xe9\r\n\r\n"]),
    (
        "HTTP: a body in the same packet",
        "http",
        HTTPS,
        &[b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    ),
    (
        "HTTP: a refusal with marks of direction",
        "http",
        HTTPS,
        &[b"HTTP/1.1 403 no\xe2\x80\xaeway\xe2\x81\xa7\r\n\r\n"],
    ),
    (
        "HTTP: 407 to a plain request",
        "http",
        HTTP,
        &[b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"],
    ),
    ("SOCKS 5: the end at once", "socks5h", HTTP, &[b""]),
    ("SOCKS 5: one byte", "socks5h", HTTP, &[b"\x05"]),
    ("SOCKS 5: another version", "socks5h", HTTP, &[b"\x04\x00"]),
    ("SOCKS 5: no method will do", "socks5h", HTTP, &[b"\x05\xff"]),
    ("SOCKS 5: a method not offered", "socks5h", HTTP, &[b"\x05\x01"]),
    ("SOCKS 5: a password nobody offered", "socks5h", HTTP, &[b"\x05\x02"]),
    ("SOCKS 5: HTTP", "socks5h", HTTP, &[b"HTTP/1.1 400 Bad Request\r\n\r\n"]),
    ("SOCKS 5: another version later", "socks5h", HTTP, &[b"\x05\x00", b"\x04\x00\x00\x01"]),
    ("SOCKS 5: refused", "socks5h", HTTP, &[b"\x05\x00", b"\x05\x05\x00\x01\0\0\0\0\0\0"]),
    (
        "SOCKS 5: an unknown refusal",
        "socks5h",
        HTTP,
        &[b"\x05\x00", b"\x05\xee\x00\x01\0\0\0\0\0\0"],
    ),
    ("SOCKS 5: an unknown kind of address", "socks5h", HTTP, &[b"\x05\x00", b"\x05\x00\x00\x09"]),
    ("SOCKS 5: half a reply", "socks5h", HTTP, &[b"\x05\x00", b"\x05\x00\x00"]),
    ("SOCKS 5: half an address", "socks5h", HTTP, &[b"\x05\x00", b"\x05\x00\x00\x01\x7f\x00"]),
    (
        "SOCKS 5: a name longer than the reply",
        "socks5h",
        HTTP,
        &[b"\x05\x00", b"\x05\x00\x00\x03\xffabc"],
    ),
    ("SOCKS 5: a name without length", "socks5h", HTTP, &[b"\x05\x00", b"\x05\x00\x00\x03"]),
    ("SOCKS 5: the password refused", "socks5h://u:p@", HTTP, &[b"\x05\x02", b"\x01\x01"]),
    ("SOCKS 5: half a verdict", "socks5h://u:p@", HTTP, &[b"\x05\x02", b"\x01"]),
    ("SOCKS 4: the end at once", "socks4a", HTTP, &[b""]),
    ("SOCKS 4: half a reply", "socks4a", HTTP, &[b"\x00\x5a\x00"]),
    ("SOCKS 4: another version", "socks4a", HTTP, &[b"\x05\x5a\x00\x00\0\0\0\0"]),
    ("SOCKS 4: refused", "socks4a", HTTP, &[b"\x00\x5b\x00\x00\0\0\0\0"]),
    ("SOCKS 4: an unknown verdict", "socks4a", HTTP, &[b"\x00\x01\x00\x00\0\0\0\0"]),
];

const TUNNEL: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

const SILENT: &[Row] = &[
    ("HTTP: silence", "http", HTTPS, &[b""]),
    ("HTTP: silence within the head", "http", HTTPS, &[b"HTTP/1.1 200 OK\r\n"]),
    ("HTTP: silence after the tunnel", "http", HTTPS, &[TUNNEL]),
    ("HTTP: silence after an interim response", "http", HTTPS, &[b"HTTP/1.1 100 C\r\n\r\n"]),
    ("SOCKS 5: silence", "socks5h", HTTP, &[b""]),
    ("SOCKS 5: silence within a reply", "socks5h", HTTP, &[b"\x05\x00", b"\x05\x00"]),
    ("SOCKS 4: silence", "socks4a", HTTP, &[b""]),
    ("SOCKS 5: silence after a look-up", "socks5", "http://localhost", &[b""]),
    ("SOCKS 4: silence after a look-up", "socks4", "http://localhost", &[b""]),
];

const ENDLESS: &[Row] = &[
    ("HTTP: fields without end", "http", HTTPS, &[b"HTTP/1.1 200 OK\r\n"]),
    ("HTTP: one line without end", "http", HTTPS, &[b"HTTP/1.1 200 O"]),
    ("HTTP: a body without end", "http", HTTPS, &[b"HTTP/1.1 200 OK\r\n\r\nhello"]),
];

/// These are not the proxy's failures, or nobody can tell.
const OTHERS: &[(&str, &str, &str, Words, Code)] = &[
    (
        "HTTP: interim responses before the tunnel",
        "http",
        HTTPS,
        &[b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 H\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"],
        Code::Tls,
    ),
    ("HTTP: a tunnel in line feeds", "http", HTTPS, &[b"HTTP/1.1 200 OK\nX: y\n\n"], Code::Tls),
    ("HTTP: a refusal in line feeds", "http", HTTPS, &[b"HTTP/1.1 403 No\n\n"], Code::Proxy),
    (
        "HTTP: a line before the tunnel that is no field",
        "http",
        HTTPS,
        &[b"HTTP/1.1 200 OK\r\nX : y\r\n\r\n"],
        Code::Tls,
    ),
    (
        "HTTP: 101 before the tunnel",
        "http",
        HTTPS,
        &[b"HTTP/1.1 101 S\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"],
        Code::Proxy,
    ),
    ("HTTP: the end after the tunnel", "http", HTTPS, &[b"HTTP/1.1 200 OK\r\n\r\n"], Code::Tls),
    (
        "HTTP: a body in a packet of its own",
        "http",
        HTTPS,
        &[b"HTTP/1.1 200 OK\r\n\r\n", b"hello"],
        Code::Tls,
    ),
    (
        "HTTP: a broken response to a plain request",
        "http",
        HTTP,
        &[b"HTTP/1.1 xyz\r\n\r\n"],
        Code::Protocol,
    ),
    (
        "HTTP: two framings to a plain request",
        "http",
        HTTP,
        &[b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"],
        Code::Protocol,
    ),
    (
        "SOCKS 5: the end after the tunnel",
        "socks5h",
        HTTP,
        &[b"\x05\x00", b"\x05\x00\x00\x01\0\0\0\0\0\0", b""],
        Code::Closed,
    ),
    // As with curl: there are proxies that write a 5 where the RFC has a 1.
    (
        "SOCKS 5: a verdict of another version",
        "socks5h://u:p@",
        HTTP,
        &[b"\x05\x02", b"\x05\x00", b"\x05\x00\x00\x01\0\0\0\0\0\0", b""],
        Code::Closed,
    ),
    (
        "SOCKS 5: the server's words too early",
        "socks5h",
        HTTP,
        &[b"\x05\x00", b"\x05\x00\x00\x01\0\0\0\0\0\0nonsense"],
        Code::Protocol,
    ),
    (
        "SOCKS 4: the end after the tunnel",
        "socks4a",
        HTTP,
        &[b"\x00\x5a\x00\x00\0\0\0\0", b""],
        Code::Closed,
    ),
];

/// How the proxy goes on when it has said all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Close,
    Silence,
    Endless,
}

fn asks(proxy: &str, base: &str, words: Words, end: End, code: Code) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || play(&mut listener.accept().unwrap().0, words, end));
    let proxy = match proxy.strip_suffix('@') {
        Some(with_user) => format!("{with_user}@{address}"),
        None => format!("{proxy}://{address}"),
    };
    let client = Client::new(base).unwrap();
    let time = if end == End::Silence { 150 } else { 10_000 };
    client.change(&Change::TimeoutMs(time)).unwrap();
    client.change(&Change::Proxy(Some(Zeroizing::new(proxy)))).unwrap();
    let response = get(&client, "/");
    server.join().unwrap();
    expect(&response, code);
    // Once the tunnel stands it is the server that is waited for.
    if end == End::Silence && !words.contains(&TUNNEL) {
        let json = response.json_text();
        assert!(json.contains("waiting for the proxy's answer"), "{json}");
    }
    outcome(&response)
}

fn play(peer: &mut TcpStream, words: Words, end: End) {
    let mut heard = [0; 4096];
    for word in words {
        let _ = peer.read(&mut heard);
        let _ = peer.write_all(word);
    }
    while end == End::Endless && peer.write_all(b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n").is_ok() {}
    while end == End::Silence && peer.read(&mut heard).is_ok_and(|read| read > 0) {}
}
