//! Pinned keys: nginx shows a certificate, and OpenSSL computes the digest of its key.

use std::process::Command;

use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;

use crate::certificates::Authority;
use crate::nginx::Nginx;
use crate::program::*;

/// The pin of a certificate, by the commands of the guide.
fn pin_of(certificate: &str) -> String {
    let commands = format!(
        "openssl x509 -in {certificate} -pubkey -noout | openssl pkey -pubin -outform der | \
         openssl dgst -sha256 -binary | openssl base64 -A"
    );
    let output = Command::new("sh").args(["-c", &commands]).output().unwrap();
    format!("sha256//{}", String::from_utf8(output.stdout).unwrap())
}

const OTHER: &str = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn pin(client: &Client, pins: Option<&str>) {
    client.change(&Change::PinnedKeys(pins.map(str::to_owned))).unwrap();
}

/// nginx, the client of a test, and the pin of the server.
fn start(nginx: &Nginx) -> Option<(Client, String)> {
    let pin = pin_of(&nginx.folder.path("server.pem"));
    if pin.len() != OTHER.len() {
        skipped("openssl is not installed");
        return None;
    }
    let client = client(&nginx.https());
    client.set_ca_pem(nginx.authority.pem.as_bytes()).unwrap();
    Some((client, pin))
}

#[test]
fn only_a_server_with_a_pinned_key_gets_a_request() {
    let Some(nginx) = Nginx::start() else { return };
    let Some((client, right)) = start(&nginx) else { return };
    let code = || client.send(&get("/who")).code();
    pin(&client, Some(&right));
    assert_eq!(code(), Code::Ok, "the key is pinned");
    // The kept connection was not made with these pins.
    pin(&client, Some(OTHER));
    let response = client.send(&get("/who"));
    let error = error_of(&response);
    assert_eq!((response.code(), response.attempts()), (Code::Tls, 0), "{error}");
    let text = format!("has the key {right}, which is not one of the pinned keys");
    assert!(error.ends_with(&text), "{error}");
    pin(&client, Some(&format!("{OTHER};{right}")));
    assert_eq!(code(), Code::Ok, "the second key is pinned");
    // A pin of the issuer does not count, and none replaces the verification.
    nginx.folder.file("authority.pem", &nginx.authority.pem);
    pin(&client, Some(&pin_of(&nginx.folder.path("authority.pem"))));
    assert_eq!(code(), Code::Tls, "the key of the issuer was accepted");
    pin(&client, Some(&right));
    client.set_ca_pem(Authority::new().pem.as_bytes()).unwrap();
    let error = error_of(&client.send(&get("/who")));
    assert!(error.contains("is not signed by the issuer that it names"), "{error}");
    client.change(&Change::Verify(false)).unwrap();
    assert_eq!(code(), Code::Ok);
    pin(&client, Some(OTHER));
    assert_eq!(code(), Code::Tls, "without verification, the key was not compared");
    pin(&client, None);
    assert_eq!(code(), Code::Ok, "no key is pinned any more");
}

#[test]
fn no_resumed_session_avoids_the_comparison() {
    let Some(nginx) = Nginx::start() else { return };
    let Some((client, right)) = start(&nginx) else { return };
    client.change(&Change::KeepAlive(false)).unwrap();
    for _ in 0..3 {
        for (pins, code) in [(right.as_str(), Code::Ok), (OTHER, Code::Tls)] {
            pin(&client, Some(pins));
            let response = client.send(&get("/who"));
            assert_eq!(response.code(), code, "{pins}: {}", error_of(&response));
        }
    }
}

#[test]
fn a_redirect_to_a_server_without_a_pinned_key_is_refused() {
    let other = |folder: &Folder, authority: &Authority, port: u16| {
        let (certificate, key) = authority.sign(&["localhost"]);
        let certificate = folder.file("other.pem", certificate);
        let key = folder.file("other.key", key);
        format!(
            "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {certificate};
                ssl_certificate_key {key}; location / {{ return 200 '{{}}'; }} }}"
        )
    };
    let port = free_port();
    let Some(nginx) = Nginx::with(|folder, authority| other(folder, authority, port)) else {
        return;
    };
    let Some((client, right)) = start(&nginx) else { return };
    pin(&client, Some(&right));
    let redirected = |to: &str| client.send(&get(&format!("/away?to={to}")));
    let away = format!("https://localhost:{port}/");
    let response = redirected(&away);
    let other = pin_of(&nginx.folder.path("other.pem"));
    let error = error_of(&response);
    assert_eq!(response.code(), Code::Tls, "{error}");
    assert!(error.contains(&format!("has the key {other}, which is not")), "{error}");
    let response = redirected(&format!("{}/who", nginx.https()));
    assert_eq!(response.code(), Code::Ok, "the same server: {}", error_of(&response));
    pin(&client, Some(&format!("{right};{other}")));
    assert_eq!(redirected(&away).code(), Code::Ok, "both keys are pinned");
    assert_eq!(redirected(&nginx.http()).code(), Code::Redirect);
}
