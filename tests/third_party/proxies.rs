//! tinyproxy, microsocks and Dante, with nginx as the server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sac::client::Client;
use sac::code::Code;
use sac::log::Level;

use crate::certificates::Authority;
use crate::nginx::Nginx;
use crate::program::*;

fn ask(client: &Client, path: &str) -> (Code, String, String) {
    let response = client.send(&get(path));
    (response.code(), response.json_text().to_owned(), error_of(&response))
}

pub fn tinyproxy(folder: &Folder, more: &str) -> Option<(Program, u16)> {
    let port = free_port();
    let configuration = folder.file(
        "tinyproxy.conf",
        format!("Port {port}\nListen 127.0.0.1\nTimeout 30\nLogLevel Critical\n{more}\n"),
    );
    Some((Program::start("tinyproxy", &["-d", "-c", &configuration], port)?, port))
}

/// Requests through the proxy succeed, without TLS and with TLS to the server.
fn assert_works(nginx: &Nginx, proxy: &str) {
    let plain = through(&nginx.http(), proxy);
    for _ in 0..2 {
        let (code, json, error) = ask(&plain, "/echo");
        assert_eq!(code, Code::Ok, "{proxy}: {error}");
        assert!(json.contains(&format!("\"127.0.0.1:{}\"", nginx.http)), "{proxy}: {json}");
    }
    let secure = through(&nginx.https(), proxy);
    secure.set_ca_pem(nginx.authority.pem.as_bytes()).unwrap();
    for _ in 0..2 {
        let (code, json, error) = ask(&secure, "/who");
        assert_eq!((code, json.as_str()), (Code::Ok, "{\"who\": \"NONE\"}"), "{proxy}: {error}");
    }
    assert!(secure.stats().contains("\"connections_opened\":1"), "{}", secure.stats());
}

#[test]
fn an_http_proxy_forwards_plain_requests_and_tunnels_tls() {
    let Some(nginx) = Nginx::start() else { return };
    let Some((_proxy, port)) = tinyproxy(&nginx.folder, "") else { return };
    assert_works(&nginx, &format!("http://127.0.0.1:{port}"));
}

#[test]
fn an_http_proxy_gets_its_credentials_and_its_refusal_is_reported() {
    let Some(nginx) = Nginx::start() else { return };
    let Some((_proxy, port)) = tinyproxy(&nginx.folder, "BasicAuth ada s3cret") else { return };
    assert_works(&nginx, &format!("http://ada:s3cret@127.0.0.1:{port}"));
    let (wants, wrong) =
        ("it wants a user name and a password", "it does not accept user name and password");
    assert_refused(
        &nginx.http(),
        &format!("http://127.0.0.1:{port}"),
        port,
        &format!("{wants} (407)"),
    );
    assert_refused(
        &nginx.https(),
        &format!("http://127.0.0.1:{port}"),
        port,
        &format!("{wants} (407)"),
    );
    let other = format!("http://ada:hunter2222@127.0.0.1:{port}");
    assert_refused(&nginx.https(), &other, port, &format!("{wrong} (401)"));
    // For a forwarded request, the proxy's response counts as the server's.
    let response = through(&nginx.http(), &other).send(&get("/"));
    assert_eq!((response.code(), response.status()), (Code::Status, 401));
}

/// The proxy refuses: the error has its address and this text, and no credentials.
fn assert_refused(url: &str, proxy: &str, port: u16, expected: &str) {
    let client = through(url, proxy);
    let logged = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&logged);
    let write = move |_: Level, line: &str| sink.lock().unwrap().push_str(line);
    client.set_logger(Some(Arc::new(write)), Level::Trace);
    let response = client.send(&get("/"));
    let error = error_of(&response);
    assert_eq!(response.code(), Code::Proxy, "{proxy}: {error}");
    let expected = format!(": the proxy 127.0.0.1:{port}: {expected}");
    assert!(error.ends_with(&expected), "{proxy}: {error}");
    let logged = logged.lock().unwrap();
    assert!(logged.contains(&expected), "{logged}");
    let journal = response.journal().to_string_lossy();
    for text in [&*error, response.json_text(), &*journal, &*logged] {
        for secret in ["hunter2222", "YWRhOmh1bnRlcjIyMjI="] {
            assert!(!text.contains(secret), "{proxy}: {text}");
        }
    }
}

#[test]
fn credentials_that_a_proxy_repeats_are_redacted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let proxy = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 4096];
        let read = stream.read(&mut head).unwrap();
        let head = String::from_utf8_lossy(&head[..read]).into_owned();
        let credentials = head.split_once("Proxy-Authorization: Basic ").unwrap().1;
        let credentials = credentials.lines().next().unwrap();
        let response =
            format!("HTTP/1.1 403 {credentials} is hunter2222\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(response.as_bytes()).unwrap();
    });
    let url = format!("http://ada:hunter2222@127.0.0.1:{port}");
    assert_refused(
        "https://h.test",
        &url,
        port,
        "it refused the tunnel: 403 [redacted] is [redacted]",
    );
    proxy.join().unwrap();
}

#[test]
fn socks_5_works_with_local_and_remote_dns_lookups() {
    let Some(nginx) = Nginx::start() else { return };
    let port = free_port();
    let arguments = ["-i", "127.0.0.1", "-p", &port.to_string()];
    let Some(_socks) = Program::start("microsocks", &arguments, port) else { return };
    for scheme in ["socks5", "socks5h"] {
        assert_works(&nginx, &format!("{scheme}://127.0.0.1:{port}"));
    }
}

#[test]
fn a_socks_proxy_gets_its_credentials_and_its_refusal_is_reported() {
    let Some(nginx) = Nginx::start() else { return };
    let port = free_port();
    let arguments = ["-i", "127.0.0.1", "-p", &port.to_string(), "-u", "ada", "-P", "s3cret"];
    let Some(_socks) = Program::start("microsocks", &arguments, port) else { return };
    assert_works(&nginx, &format!("socks5h://ada:s3cret@127.0.0.1:{port}"));
    for (user, expected) in [
        ("ada:hunter2222@", "it does not accept user name and password"),
        ("", "it wants a user name and a password, or another authentication"),
    ] {
        assert_refused(&nginx.http(), &format!("socks5://{user}127.0.0.1:{port}"), port, expected);
    }
}

#[test]
fn an_unreachable_proxy_is_named_in_the_error() {
    let proxy = format!("http://127.0.0.1:{}", free_port());
    let (code, _, error) = ask(&through("http://h.test", &proxy), "/");
    assert_eq!(code, Code::Proxy);
    assert!(error.contains("the proxy 127.0.0.1:"), "{error}");
}

#[test]
fn socks_4_works_with_and_without_a_user_name() {
    let Some(nginx) = Nginx::start() else { return };
    let port = free_port();
    let configuration = nginx.folder.file(
        "danted.conf",
        format!(
            "logoutput: stderr\ninternal: 127.0.0.1 port = {port}\nexternal: lo\n\
             clientmethod: none\nsocksmethod: none\n\
             client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}\n\
             socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 proxyprotocol: socks_v4 }}\n"
        ),
    );
    let pid = nginx.folder.path("danted.pid");
    let Some(_dante) = Program::start("danted", &["-f", &configuration, "-p", &pid], port) else {
        return;
    };
    for user in ["", "ada@"] {
        assert_works(&nginx, &format!("socks4://{user}127.0.0.1:{port}"));
    }
    assert_refused(
        &nginx.http(),
        &format!("socks5://127.0.0.1:{port}"),
        port,
        "it refused the tunnel: not allowed by its rules",
    );
}

/// A SOCKS 4 proxy for one connection, which responds to the request itself.
fn socks4(expected: &'static [u8]) -> (std::thread::JoinHandle<()>, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; expected.len()];
        stream.read_exact(&mut request).unwrap();
        assert_eq!(request, expected);
        stream.write_all(&[0, 90, 0, 0, 0, 0, 0, 0]).unwrap();
        let mut head = [0; 4096];
        let read = stream.read(&mut head).unwrap();
        assert!(head[..read].starts_with(b"GET / HTTP/1.1\r\n"), "a request in another form");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").unwrap();
    });
    (thread, port)
}

#[test]
fn socks_4_sends_the_address_and_socks_4a_the_name() {
    for (scheme, url, expected) in [
        ("socks4", "http://127.0.0.2:99", &b"\x04\x01\x00\x63\x7f\x00\x00\x02ada\x00"[..]),
        ("socks4a", "http://h.test:99", &b"\x04\x01\x00\x63\x00\x00\x00\x01ada\x00h.test\x00"[..]),
    ] {
        let (thread, port) = socks4(expected);
        let (code, _, error) = ask(&through(url, &format!("{scheme}://ada@127.0.0.1:{port}")), "/");
        thread.join().unwrap();
        assert_eq!(code, Code::Ok, "{scheme}: {error}");
    }
}

/// Starts a server that terminates TLS in front of another proxy. Returns its port.
fn tls_before(proxy: u16, authority: &Authority) -> u16 {
    let (certificate, key) = authority.sign(&["localhost"]);
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for outside in listener.incoming() {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let inside = TcpStream::connect(("127.0.0.1", proxy)).unwrap();
            std::thread::spawn(move || relay(session, outside.unwrap(), inside));
        }
    });
    port
}

/// Copies bytes between the two sides, in turn, until one of them ends.
fn relay(session: rustls::ServerConnection, outside: TcpStream, mut inside: TcpStream) {
    let turn = Some(Duration::from_millis(5));
    outside.set_read_timeout(turn).unwrap();
    inside.set_read_timeout(turn).unwrap();
    let mut outside = rustls::StreamOwned::new(session, outside);
    let mut buffer = [0; 16 * 1024];
    let would_block = |error: &std::io::Error| error.kind() == std::io::ErrorKind::WouldBlock;
    loop {
        match outside.read(&mut buffer) {
            Ok(read) if read > 0 => inside.write_all(&buffer[..read]).unwrap(),
            Err(error) if would_block(&error) => {}
            _ => return,
        }
        match inside.read(&mut buffer) {
            Ok(read) if read > 0 => outside.write_all(&buffer[..read]).unwrap(),
            Err(error) if would_block(&error) => {}
            _ => return,
        }
    }
}

#[test]
fn an_https_proxy_url_means_tls_to_the_proxy() {
    let Some(nginx) = Nginx::start() else { return };
    let Some((_proxy, port)) = tinyproxy(&nginx.folder, "") else { return };
    let port = tls_before(port, &nginx.authority);
    let proxy = format!("https://localhost:{port}");
    for (url, path) in [(nginx.http(), "/echo"), (nginx.https(), "/who")] {
        let client = through(&url, &proxy);
        client.set_ca_pem(nginx.authority.pem.as_bytes()).unwrap();
        let (code, _, error) = ask(&client, path);
        assert_eq!(code, Code::Ok, "{url}: {error}");
        let (code, _, error) = ask(&client, path);
        assert_eq!(code, Code::Ok, "{url}, second request: {error}");
    }
    let (code, _, error) = ask(&through(&nginx.http(), &proxy), "/echo");
    assert_eq!(code, Code::Tls, "{error}");
}
