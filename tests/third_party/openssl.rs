//! OpenSSL's servers and certificates: unusual certificates, and unsupported cryptography.

use std::process::Command;

use sac::code::Code;
use sac::settings::SecretPem;

use crate::certificates::Authority;
use crate::program::*;
use crate::tls_errors::{connect, require_certificate};

/// Runs `openssl`. If it is missing, reports that and returns `false`.
fn openssl(folder: &Folder, arguments: &str) -> bool {
    let mut openssl = Command::new("openssl");
    let Ok(done) = openssl.args(arguments.split(' ')).current_dir(&folder.0).output() else {
        skipped("openssl is not installed");
        return false;
    };
    assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
    true
}

/// Whether a certificate has X.509 version 1, the default of all but the latest versions of OpenSSL.
fn is_v1(folder: &Folder, name: &str) -> bool {
    let mut openssl = Command::new("openssl");
    openssl.args(["x509", "-noout", "-text", "-in", name]).current_dir(&folder.0);
    let v1 = String::from_utf8_lossy(&openssl.output().unwrap().stdout).contains("Version: 1 ");
    if !v1 {
        skipped("this openssl makes no certificates of X.509 version 1");
    }
    v1
}

/// The result of a request to a server with `server.pem` and `server.key` of the folder.
fn visit(folder: &Folder, more: &[&str]) -> Option<(Code, String)> {
    let port = free_port();
    let accept = format!("127.0.0.1:{port}");
    let (certificate, key) = (folder.path("server.pem"), folder.path("server.key"));
    let mut arguments = vec!["s_server", "-www", "-quiet", "-accept", &accept];
    arguments.extend(["-cert", &certificate, "-key", &key]);
    arguments.extend(more);
    let _program = Program::start("openssl", &arguments, port)?;
    let ca = std::fs::read_to_string(folder.path("ca.pem")).unwrap();
    Some(connect(&ca, port, None))
}

/// Makes a CA with one kind of key, and a server certificate with another kind, signed by the CA.
fn make_signed(folder: &Folder, ca: &str, server: &str, more: &str) -> bool {
    folder.file("names", "subjectAltName=DNS:localhost");
    let days = format!("-nodes -days 2 {more}");
    openssl(
        folder,
        &format!("req -x509 -newkey {ca} -subj /CN=ca -keyout ca.key -out ca.pem {days}"),
    ) && openssl(
        folder,
        &format!("req -newkey {server} -nodes -subj /CN=s -keyout server.key -out s.csr"),
    ) && openssl(
        folder,
        &format!(
            "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out server.pem {more}"
        ),
    )
}

const P256: &str = "ec -pkeyopt ec_paramgen_curve:P-256";
const P521: &str = "ec -pkeyopt ec_paramgen_curve:P-521";
const RSA: &str = "rsa:2048";

/// The list of docs/guide/connections.md.
#[test]
fn unsupported_cryptography_of_a_server_is_a_clear_error() {
    let nothing = "the server found no common cipher or signature algorithm, or requires a client \
                   certificate";
    let way = "the server's certificate is signed with an algorithm that is not supported";
    let key = "the server's certificate is signed by a key of a type that is not supported";
    for (ca, server, made, served, expected) in [
        (P256, P521, "-sha256", &[][..], nothing.to_owned()),
        (P256, P256, "-sha512", &[], format!("{way}: ECDSA with SHA-512")),
        (P521, P256, "-sha256", &[], format!("{key}: P-521")),
        (RSA, RSA, "-sha1", &["-cipher", "DEFAULT@SECLEVEL=0"], format!("{way}: RSA with SHA-1")),
        (P256, P256, "-sha256", &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], nothing.into()),
        (RSA, RSA, "-sha256", &["-tls1_2", "-cipher", "AES128-GCM-SHA256"], nothing.into()),
    ] {
        let folder = Folder::new();
        if !make_signed(&folder, ca, server, made) {
            return;
        }
        let Some((code, error)) = visit(&folder, served) else { return };
        let which = format!("{ca}, {server} {made} {served:?}: {error}");
        assert!(code == Code::Tls && error.ends_with(&expected), "{which}");
    }
}

/// The guide recommends it.
#[test]
fn a_server_certificate_that_is_set_as_ca_is_trusted_whoever_signed_it() {
    for (ca, made) in [(P521, "-sha256"), (P256, "-sha512")] {
        let folder = Folder::new();
        if !make_signed(&folder, ca, P256, made)
            || !openssl(&folder, "x509 -in server.pem -out ca.pem")
        {
            return;
        }
        let Some(result) = visit(&folder, &[]) else { return };
        assert_eq!(result, (Code::Ok, String::new()), "{ca} {made}");
    }
}

#[test]
fn a_ca_certificate_of_x509_version_1_is_accepted() {
    let folder = Folder::new();
    folder.file("names", "subjectAltName=DNS:localhost");
    for step in [
        &format!("req -newkey {P256} -nodes -subj /CN=ca -keyout ca.key -out ca.csr"),
        "x509 -req -in ca.csr -signkey ca.key -days 2 -out ca.pem",
        &format!("req -newkey {P256} -nodes -subj /CN=s -keyout server.key -out s.csr"),
        "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out server.pem",
    ] {
        if !openssl(&folder, step) {
            return;
        }
    }
    if !is_v1(&folder, "ca.pem") {
        return;
    }
    let Some(result) = visit(&folder, &[]) else { return };
    assert_eq!(result, (Code::Ok, String::new()));
}

#[test]
fn a_self_signed_certificate_of_openssl_is_trusted_if_it_is_set_as_ca() {
    let folder = Folder::new();
    for kind in [P256, RSA] {
        let made = openssl(
            &folder,
            &format!(
                "req -x509 -newkey {kind} -nodes -days 2 -subj /CN=localhost \
                 -addext subjectAltName=DNS:localhost -keyout server.key -out server.pem"
            ),
        );
        if !made || !openssl(&folder, "x509 -in server.pem -out ca.pem") {
            return;
        }
        let Some(result) = visit(&folder, &[]) else { return };
        assert_eq!(result, (Code::Ok, String::new()), "{kind}");
    }
}

#[test]
fn a_client_certificate_of_x509_version_1_is_sent_and_needs_its_own_key() {
    let (folder, authority) = (Folder::new(), Authority::new());
    let Some((_program, port)) = require_certificate(&folder, &authority, &[]) else { return };
    folder.file("ca.pem", &authority.pem);
    folder.file("ca.key", authority.key());
    for kind in [P256, RSA] {
        let ask = format!("req -newkey {kind} -nodes -subj /CN=client -keyout c.key -out c.csr");
        let sign = "x509 -req -in c.csr -CA ca.pem -CAkey ca.key -days 2 -out c.pem";
        if !openssl(&folder, &ask) || !openssl(&folder, sign) || !is_v1(&folder, "c.pem") {
            return;
        }
        let read = |name: &str| std::fs::read_to_string(folder.path(name)).unwrap();
        let (certificate, key) = (read("c.pem"), read("c.key"));
        let result = connect(&authority.pem, port, Some((certificate.clone(), key)));
        assert_eq!(result, (Code::Ok, String::new()), "{kind}");

        let (_, other) = authority.sign(&["a client"]);
        let other = SecretPem::new(other.into_bytes());
        let client = client("https://localhost");
        let error = client.set_client_certificate_pem(certificate.as_bytes(), other);
        let expected = "the certificate and the private key do not match";
        assert_eq!(error.unwrap_err().message, expected);
    }
}

#[test]
fn a_trusted_certificate_file_of_openssl_is_rejected_with_advice() {
    let folder = Folder::new();
    folder.file("ca.pem", Authority::new().pem);
    if !openssl(&folder, "x509 -in ca.pem -trustout -addreject serverAuth -out trusted.pem") {
        return;
    }
    let client = client("https://localhost");
    let error = client.set_ca_file(&folder.path("trusted.pem")).unwrap_err();
    assert_eq!(error.code, Code::Certificate);
    assert!(error.message.contains("TRUSTED CERTIFICATE"), "{error}");
    assert!(openssl(&folder, "x509 -in trusted.pem -out plain.pem"));
    client.set_ca_file(&folder.path("plain.pem")).unwrap();
}
