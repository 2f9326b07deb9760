//! Certificates that are replaced while requests are sent: nginx tells which one it has received.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use rcgen::{CertificateParams, DnType};
use sac::client::Client;
use sac::code::Code;
use sac::log::Level;
use sac::settings::Change;

use crate::certificates::Authority;
use crate::nginx::Nginx;
use crate::program::*;

/// The certificate and the key of a client with this name.
fn identity(authority: &Authority, name: &str) -> (String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    authority.sign_as(params)
}

/// nginx with a server that requires a client certificate of the first authority, and responds with
/// the name in it and the number of its own certificate.
struct Rotating {
    nginx: Nginx,
    port: u16,
    next: Authority,
}

impl Rotating {
    fn start() -> Option<Self> {
        let port = free_port();
        let nginx = Nginx::with(|folder, _| {
            let root = folder.path("");
            format!(
                "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {root}server.pem;
                    ssl_certificate_key {root}server.key; ssl_client_certificate {root}ca.pem;
                    ssl_verify_client on;
                    location /pid {{ return 200 '{{\"pid\": \"$pid\"}}'; }}
                    location / {{ return 200
                        '{{\"who\": \"$ssl_client_s_dn $ssl_server_name\"}}'; }} }}"
            )
        })?;
        let rotating = Self { nginx, port, next: Authority::named("the next authority") };
        rotating.folder().file("trusted.pem", &rotating.nginx.authority.pem);
        rotating.write_client("first");
        Some(rotating)
    }

    fn folder(&self) -> &Folder {
        &self.nginx.folder
    }

    fn write_client(&self, name: &str) {
        let (certificate, key) = identity(&self.nginx.authority, name);
        self.folder().file("client.pem", certificate);
        self.folder().file("client.key", key);
    }

    fn client(&self) -> Client {
        let client = client(&format!("https://localhost:{}", self.port));
        client.set_ca_file(&self.folder().path("trusted.pem")).unwrap();
        let (certificate, key) =
            (self.folder().path("client.pem"), self.folder().path("client.key"));
        client.set_client_certificate(&certificate, &key).unwrap();
        client
    }
}

/// The responses of several threads, counted.
#[derive(Default)]
struct Counts {
    counts: Mutex<BTreeMap<String, usize>>,
    changed: Condvar,
}

impl Counts {
    fn count(&self, result: String) {
        *self.counts.lock().unwrap().entry(result).or_default() += 1;
        self.changed.notify_all();
    }

    /// Waits until `more` further responses are like this one.
    fn wait_for_more(&self, more: usize, result: &str) {
        let mut counts = self.counts.lock().unwrap();
        let wanted = counts.get(result).copied().unwrap_or_default() + more;
        while counts.get(result).copied().unwrap_or_default() < wanted {
            let (next, waited) =
                self.changed.wait_timeout(counts, std::time::Duration::from_secs(30)).unwrap();
            counts = next;
            assert!(!waited.timed_out(), "no {result} any more: {counts:?}");
        }
    }
}

#[test]
fn certificates_and_authorities_are_replaced_under_load_without_a_failed_request() {
    let Some(mut rotating) = Rotating::start() else { return };
    let client = rotating.client();
    // Each request needs a handshake.
    client.change(&Change::KeepAlive(false)).unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    let sink = move |level: Level, line: &str| log.lock().unwrap().push((level, line.to_owned()));
    client.set_logger(Some(Arc::new(sink)), Level::Warn);
    let (counts, over) = (Counts::default(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let response = client.send(&get("/"));
                    counts.count(match response.code() {
                        Code::Ok => response.json_text().to_owned(),
                        code => format!("{}: {}", code.name(), error_of(&response)),
                    });
                }
            });
        }
        let who = |name: &str| format!("{{\"who\": \"CN={name} localhost\"}}");
        counts.wait_for_more(10, &who("first"));
        // The certificate is there before its key.
        let (certificate, key) = identity(&rotating.nginx.authority, "second");
        rotating.folder().file("client.pem", certificate);
        counts.wait_for_more(10, &who("first"));
        rotating.folder().file("client.key", key);
        counts.wait_for_more(10, &who("second"));
        // The client trusts both authorities before the server changes to the next one.
        let (authority, next) = (rotating.nginx.authority.pem.clone(), &rotating.next);
        rotating.folder().file("trusted.pem", [authority.as_str(), &next.pem].concat());
        counts.wait_for_more(10, &who("second"));
        let (certificate, key) = next.sign(&["localhost"]);
        rotating.folder().file("server.pem", certificate);
        rotating.folder().file("server.key", key);
        let worker = client.send(&get("/pid"));
        rotating.nginx.reload();
        // The old worker still shows the old certificate.
        let worker = format!("/proc/{}", string_at(&worker, "/pid"));
        while std::path::Path::new(&worker).exists() {
            std::thread::yield_now();
        }
        rotating.folder().file("trusted.pem", &rotating.next.pem);
        rotating.write_client("third");
        counts.wait_for_more(10, &who("third"));
        over.store(true, Ordering::Relaxed);
    });
    let counts = counts.counts.lock().unwrap();
    let failed: Vec<_> = counts.keys().filter(|result| !result.starts_with("{\"who\"")).collect();
    assert_eq!(failed, Vec::<&String>::new(), "requests failed during the rotation");
    let lines = lines.lock().unwrap();
    let halves = lines.iter().filter(|(_, line)| line.contains("do not match")).count();
    assert!(halves > 0, "no warning about a certificate without its key: {lines:?}");
    // The file is written in two steps, and each may be seen.
    assert!(halves <= 2, "{halves} warnings about one change: {lines:?}");
}

#[test]
fn an_unusable_authority_file_keeps_the_last_authorities() {
    let Some(rotating) = Rotating::start() else { return };
    let client = rotating.client();
    client.change(&Change::KeepAlive(false)).unwrap();
    let warned = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&warned);
    let sink = move |_: Level, line: &str| log.lock().unwrap().push(line.to_owned());
    client.set_logger(Some(Arc::new(sink)), Level::Warn);
    rotating.folder().file("trusted.pem", "no certificate");
    for _ in 0..2 {
        let response = client.send(&get("/"));
        assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    }
    let warnings = std::mem::take(&mut *warned.lock().unwrap());
    let [warning] = warnings.as_slice() else { panic!("not one warning: {warnings:?}") };
    assert!(warning.starts_with("the CA file "), "{warning}");
    assert!(warning.ends_with("there is no certificate in the PEM text"), "{warning}");
    rotating.folder().file("trusted.pem", &rotating.next.pem);
    let response = client.send(&get("/"));
    assert_eq!(
        response.code(),
        Code::Tls,
        "the new authorities are not used: {:?}",
        response.error()
    );
}

#[test]
fn a_kept_connection_stays_after_its_certificate_has_changed() {
    let Some(rotating) = Rotating::start() else { return };
    let client = rotating.client();
    for (name, expected) in [("first", "first"), ("second", "first")] {
        rotating.write_client(name);
        let response = client.send(&get("/"));
        assert_eq!(string_at(&response, "/who"), format!("CN={expected} localhost"));
    }
    client.change(&Change::KeepAlive(false)).unwrap();
    assert_eq!(string_at(&client.send(&get("/")), "/who"), "CN=second localhost");
}
