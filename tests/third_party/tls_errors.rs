//! The error text of each TLS failure: nginx sends untrusted certificates, and OpenSSL's server
//! requires client certificates.

use rcgen::{CertificateParams, date_time_ymd};
use sac::answer::Response;
use sac::client::Client;
use sac::code::Code;
use sac::request::Request;
use sac::settings::{Change, SAC_TLS_1_3, SecretPem};

use crate::certificates::{Authority, self_signed};
use crate::nginx::Nginx;
use crate::program::*;

/// An nginx server on a Unix domain socket of this name, with this certificate and key.
fn server(folder: &Folder, name: &str, identity: (String, String), more: &str) -> String {
    let (certificate, key) = identity;
    let certificate = folder.file(&format!("{name}.pem"), certificate);
    let key = folder.file(&format!("{name}.key"), key);
    let socket = folder.path(name);
    format!(
        "server {{ listen unix:{socket} ssl; ssl_certificate {certificate};
            ssl_certificate_key {key}; {more} location / {{ return 200 '{{}}'; }} }}\n"
    )
}

fn params() -> CertificateParams {
    CertificateParams::new(vec!["localhost".to_owned()]).unwrap()
}

fn servers(folder: &Folder, authority: &Authority) -> String {
    let (mut expired, mut early) = (params(), params());
    expired.not_before = date_time_ymd(2001, 1, 1);
    expired.not_after = date_time_ymd(2002, 1, 1);
    early.not_before = date_time_ymd(4000, 1, 1);
    let good = || authority.sign(&["localhost"]);
    let untrusted = Authority::named("an unknown authority").sign(&["localhost"]);
    let old = "ssl_protocols TLSv1.2;";
    let ancient = "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;";
    let strict = format!("ssl_client_certificate {}; ssl_verify_client on;", folder.path("ca.pem"));
    [
        server(folder, "good", good(), ""),
        server(folder, "other-name", authority.sign(&["example.org", "10.0.0.1"]), ""),
        server(folder, "expired", authority.sign_as(expired), ""),
        server(folder, "early", authority.sign_as(early), ""),
        server(folder, "untrusted", untrusted, ""),
        server(folder, "self-signed", self_signed(params(), false), ""),
        server(folder, "self-signed-ca", self_signed(params(), true), ""),
        server(folder, "old", good(), old),
        server(folder, "ancient", good(), ancient),
        server(folder, "strict", good(), &strict),
    ]
    .concat()
}

fn ask(client: &Client) -> Response {
    let mut request = get("/secret/path?token=hunter2222");
    request.change(Change::RetryAttempts(2)).unwrap();
    client.send(&request)
}

fn client_of(nginx: &Nginx, socket: &str) -> Client {
    let client = client("https://localhost");
    client.change(&Change::UnixSocket(Some(nginx.folder.path(socket)))).unwrap();
    client.change(&Change::BackoffMs { base: 1, max: 1 }).unwrap();
    client.set_ca_pem(nginx.authority.pem.as_bytes()).unwrap();
    client
}

/// Checks that the error is a TLS error before anything was sent, after this number of tries. Returns
/// the text after the URL.
fn tls_error(response: &Response, tries: u32) -> String {
    let error = error_of(response);
    assert_eq!((response.code(), response.attempts()), (Code::Tls, 0), "{error}");
    assert_eq!(response.status(), 0);
    let times = if tries == 1 { String::new() } else { format!(", tried {tries} times") };
    let begin =
        "GET https://localhost/secret/path?token=[redacted] failed before anything was sent";
    let rest = error.strip_prefix(begin).and_then(|rest| rest.strip_prefix(&times));
    rest.and_then(|rest| rest.strip_prefix(": ")).unwrap_or_else(|| panic!("{error}")).to_owned()
}

#[test]
fn each_reason_not_to_trust_a_certificate_has_its_own_text() {
    let Some(nginx) = Nginx::with(servers) else { return };
    let good = ask(&client_of(&nginx, "good"));
    assert_eq!(good.code(), Code::Ok, "{}", error_of(&good));
    for (socket, tries, expected) in [
        (
            "other-name",
            1,
            "the server's certificate is not valid for the name localhost, but for example.org, \
             10.0.0.1",
        ),
        (
            "expired",
            1,
            "the server's certificate has expired: it was valid until Tue, 01 Jan 2002 00:00:00 GMT",
        ),
        (
            "early",
            1,
            "the server's certificate is not valid yet: it will be from Sat, 01 Jan 4000 00:00:00 \
             GMT on",
        ),
        ("untrusted", 1, "the server's certificate is not trusted: its issuer is unknown"),
        (
            "self-signed",
            1,
            "the server's certificate is not trusted: it is self-signed, and not given as trusted",
        ),
        (
            "self-signed-ca",
            1,
            "the server's certificate is not trusted: it is self-signed, and not given as trusted",
        ),
        ("ancient", 3, "the server speaks no version of TLS that is allowed here"),
    ] {
        assert_eq!(tls_error(&ask(&client_of(&nginx, socket)), tries), expected, "{socket}");
    }
    let modern = client_of(&nginx, "old");
    assert_eq!(ask(&modern).code(), Code::Ok);
    modern.change(&Change::MinTls(SAC_TLS_1_3)).unwrap();
    let expected = "the server speaks no version of TLS that is allowed here";
    assert_eq!(tls_error(&ask(&modern), 3), expected);
    // nginx requests the certificate, and reports in HTTP that it is missing.
    let anonymous = ask(&client_of(&nginx, "strict"));
    assert_eq!((anonymous.code(), anonymous.status()), (Code::Status, 400));
}

#[test]
fn the_system_roots_do_not_trust_a_private_authority() {
    let Some(nginx) = Nginx::with(servers) else { return };
    for (socket, expected) in [
        ("good", "the server's certificate is not trusted: its issuer is unknown"),
        (
            "self-signed",
            "the server's certificate is not trusted: it is self-signed, and not given as trusted",
        ),
    ] {
        let client = client("https://localhost");
        client.change(&Change::UnixSocket(Some(nginx.folder.path(socket)))).unwrap();
        assert_eq!(tls_error(&ask(&client), 1), expected, "{socket}");
    }
}

#[test]
fn a_self_signed_certificate_set_as_ca_is_trusted_for_its_own_names_only() {
    let Some(nginx) = Nginx::with(servers) else { return };
    for socket in ["self-signed", "self-signed-ca"] {
        let client = client_of(&nginx, socket);
        client.set_ca_file(&nginx.folder.path(&format!("{socket}.pem"))).unwrap();
        assert_eq!(ask(&client).code(), Code::Ok, "{socket}");
        let other = client_at(&nginx, socket, "https://other.test");
        other.set_ca_file(&nginx.folder.path(&format!("{socket}.pem"))).unwrap();
        let response = ask(&other);
        assert_eq!(response.code(), Code::Tls, "{socket}");
        let expected =
            "the server's certificate is not valid for the name other.test, but for localhost";
        assert!(error_of(&response).ends_with(expected), "{}", error_of(&response));
    }
}

fn client_at(nginx: &Nginx, socket: &str, url: &str) -> Client {
    let client = client(url);
    client.change(&Change::UnixSocket(Some(nginx.folder.path(socket)))).unwrap();
    client
}

/// OpenSSL's server, which requires a certificate of this authority.
pub fn require_certificate(
    folder: &Folder,
    authority: &Authority,
    more: &[&str],
) -> Option<(Program, u16)> {
    let (certificate, key) = authority.sign(&["localhost"]);
    let certificate = folder.file("server.pem", certificate);
    let key = folder.file("server.key", key);
    let ca = folder.file("ca.pem", &authority.pem);
    let port = free_port();
    let accept = format!("127.0.0.1:{port}");
    let mut arguments = vec!["s_server", "-www", "-quiet", "-accept", &accept];
    arguments.extend(["-cert", &certificate, "-key", &key, "-CAfile", &ca]);
    arguments.extend(["-Verify", "1", "-verify_return_error"]);
    arguments.extend(more);
    Some((Program::start("openssl", &arguments, port)?, port))
}

pub fn connect(ca: &str, port: u16, identity: Option<(String, String)>) -> (Code, String) {
    let client = client(&format!("https://localhost:{port}"));
    client.set_ca_pem(ca.as_bytes()).unwrap();
    if let Some((certificate, key)) = identity {
        let key = SecretPem::new(key.into_bytes());
        client.set_client_certificate_pem(certificate.as_bytes(), key).unwrap();
    }
    let mut request = Request::new("GET", "/").unwrap();
    request.set_header("Accept", "text/html").unwrap();
    request.change(Change::RetryAttempts(2)).unwrap();
    let response = client.send(&request);
    let error = error_of(&response);
    // With TLS 1.3, the client sends the request before the server has checked the certificate.
    let ends = ["failed before anything was sent: ", "failed after 1 attempt: "];
    let text = ends.into_iter().find_map(|end| error.split_once(end)).map(|(_, text)| text.into());
    (response.code(), text.unwrap_or(error))
}

#[test]
fn a_missing_and_a_rejected_client_certificate_are_different_errors() {
    let (folder, authority) = (Folder::new(), Authority::new());
    let mut expired = params();
    expired.not_before = date_time_ymd(2001, 1, 1);
    expired.not_after = date_time_ymd(2002, 1, 1);
    let begin = "the server does not accept the client certificate: ";
    for version in ["-tls1_3", "-tls1_2"] {
        let Some((_program, port)) = require_certificate(&folder, &authority, &[version]) else {
            return;
        };
        let accepted = connect(&authority.pem, port, Some(authority.sign(&["a client"])));
        assert_eq!(accepted, (Code::Ok, String::new()), "{version}");
        let (code, error) = connect(&authority.pem, port, None);
        assert_eq!(code, Code::Tls, "{version}: {error}");
        assert!(error.ends_with("requires a client certificate"), "{version}: {error}");
        let expired_error = connect(&authority.pem, port, Some(authority.sign_as(expired.clone())));
        assert_eq!(expired_error, (Code::Tls, format!("{begin}it has expired")), "{version}");
        let untrusted = Authority::named("an unknown authority").sign(&["a client"]);
        let (code, error) = connect(&authority.pem, port, Some(untrusted));
        assert_eq!(code, Code::Tls, "{version}: {error}");
        assert_eq!(error, format!("{begin}it does not know the issuer"), "{version}");
    }
}

#[test]
fn an_encrypted_key_is_rejected_with_a_clear_error() {
    let folder = Folder::new();
    let (certificate, key) = Authority::new().sign(&["a client"]);
    let (certificate, key) = (folder.file("c.pem", certificate), folder.file("k.pem", key));
    let client = client("https://localhost");
    client.set_client_certificate(&certificate, &key).unwrap();
    let encrypted = folder.path("encrypted.pem");
    for command in ["pkcs8", "ec"] {
        let mut openssl = std::process::Command::new("openssl");
        openssl.args([command, "-in", &key, "-out", &encrypted, "-passout", "pass:hunter2222"]);
        if command == "pkcs8" {
            openssl.arg("-topk8");
        } else {
            openssl.arg("-aes128");
        }
        let Ok(done) = openssl.output() else {
            skipped("openssl is not installed");
            return;
        };
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let error = client.set_client_certificate(&certificate, &encrypted).unwrap_err();
        assert_eq!(error.code, Code::Certificate);
        assert!(error.message.contains("is encrypted"), "{command}: {error}");
    }
}
