//! Proxies that violate their protocols: HTTP, SOCKS 4 and SOCKS 5.

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

/// The proxy's replies, each one sent after it has read something.
type Replies = &'static [&'static [u8]];

pub fn scenarios() -> Vec<Scenario> {
    let invalid = INVALID.iter().map(|&(name, proxy, base, replies)| {
        Scenario::new(GROUP, name, move || check(proxy, base, replies, End::Close, Code::Proxy))
    });
    let silent = SILENT.iter().map(|&(name, proxy, base, replies)| {
        Scenario::new(GROUP, name, move || check(proxy, base, replies, End::Silence, Code::Timeout))
    });
    let endless = ENDLESS.iter().map(|&(name, proxy, base, replies)| {
        Scenario::new(GROUP, name, move || check(proxy, base, replies, End::Endless, Code::Proxy))
    });
    let others = OTHERS.iter().map(|&(name, proxy, base, replies, code)| {
        Scenario::new(GROUP, name, move || check(proxy, base, replies, End::Close, code))
    });
    invalid.chain(silent).chain(endless).chain(others).collect()
}

type Row = (&'static str, &'static str, &'static str, Replies);

const HTTPS: &str = "https://server.test";
const HTTP: &str = "http://server.test";

const INVALID: &[Row] = &[
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
    ("SOCKS 5: no acceptable method", "socks5h", HTTP, &[b"\x05\xff"]),
    ("SOCKS 5: a method not offered", "socks5h", HTTP, &[b"\x05\x01"]),
    ("SOCKS 5: a password method not offered", "socks5h", HTTP, &[b"\x05\x02"]),
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
    ("SOCKS 5: half a password reply", "socks5h://u:p@", HTTP, &[b"\x05\x02", b"\x01"]),
    ("SOCKS 4: the end at once", "socks4a", HTTP, &[b""]),
    ("SOCKS 4: half a reply", "socks4a", HTTP, &[b"\x00\x5a\x00"]),
    ("SOCKS 4: another version", "socks4a", HTTP, &[b"\x05\x5a\x00\x00\0\0\0\0"]),
    ("SOCKS 4: refused", "socks4a", HTTP, &[b"\x00\x5b\x00\x00\0\0\0\0"]),
    ("SOCKS 4: an unknown reply code", "socks4a", HTTP, &[b"\x00\x01\x00\x00\0\0\0\0"]),
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
    ("SOCKS 5: silence after a DNS lookup", "socks5", "http://localhost", &[b""]),
    ("SOCKS 4: silence after a DNS lookup", "socks4", "http://localhost", &[b""]),
];

const ENDLESS: &[Row] = &[
    ("HTTP: fields without end", "http", HTTPS, &[b"HTTP/1.1 200 OK\r\n"]),
    ("HTTP: one line without end", "http", HTTPS, &[b"HTTP/1.1 200 O"]),
    ("HTTP: a body without end", "http", HTTPS, &[b"HTTP/1.1 200 OK\r\n\r\nhello"]),
];

/// These failures are not the proxy's, or the client cannot know.
const OTHERS: &[(&str, &str, &str, Replies, Code)] = &[
    (
        "HTTP: interim responses before the tunnel",
        "http",
        HTTPS,
        &[b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 H\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"],
        Code::Tls,
    ),
    ("HTTP: a tunnel with LF", "http", HTTPS, &[b"HTTP/1.1 200 OK\nX: y\n\n"], Code::Tls),
    ("HTTP: a refusal with LF", "http", HTTPS, &[b"HTTP/1.1 403 No\n\n"], Code::Proxy),
    (
        "HTTP: an invalid header line before the tunnel",
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
        "HTTP: a body in a separate packet",
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
    // Accepted, as by curl: some proxies send a 5 although the RFC requires a 1.
    (
        "SOCKS 5: a password reply of another version",
        "socks5h://u:p@",
        HTTP,
        &[b"\x05\x02", b"\x05\x00", b"\x05\x00\x00\x01\0\0\0\0\0\0", b""],
        Code::Closed,
    ),
    (
        "SOCKS 5: bytes of the server too early",
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

/// The proxy's action after its last reply.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Close,
    Silence,
    Endless,
}

fn check(proxy: &str, base: &str, replies: Replies, end: End, code: Code) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || play(&mut listener.accept().unwrap().0, replies, end));
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
    // After the tunnel is open, the client waits for the server.
    if end == End::Silence && !replies.contains(&TUNNEL) {
        let json = response.json_text();
        assert!(json.contains("waiting for the proxy's answer"), "{json}");
    }
    outcome(&response)
}

fn play(peer: &mut TcpStream, replies: Replies, end: End) {
    let mut buffer = [0; 4096];
    for reply in replies {
        let _ = peer.read(&mut buffer);
        let _ = peer.write_all(reply);
    }
    while end == End::Endless && peer.write_all(b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n").is_ok() {}
    while end == End::Silence && peer.read(&mut buffer).is_ok_and(|read| read > 0) {}
}
