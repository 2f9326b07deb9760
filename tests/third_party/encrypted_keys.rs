//! Encrypted keys of client certificates, as OpenSSL writes them.

use std::process::Command;

use sac::code::Code;
use sac::log::Secret;
use sac::settings::{Change, SecretPem};

use crate::certificates::Authority;
use crate::nginx::Nginx;
use crate::program::*;

const PASSWORD: &str = "hunter22 §";

/// The key in `file`, encrypted by `openssl pkcs8 -topk8` with these options; `None` without OpenSSL.
fn encrypt(file: &str, options: &str) -> Option<String> {
    let to = format!("{file}.encrypted");
    let mut openssl = Command::new("openssl");
    openssl.args(["pkcs8", "-topk8", "-in", file, "-out", &to, "-passout"]);
    openssl.arg(format!("pass:{PASSWORD}")).args(options.split_whitespace());
    let Ok(done) = openssl.output() else {
        skipped("openssl is not installed");
        return None;
    };
    assert!(done.status.success(), "{options}: {}", String::from_utf8_lossy(&done.stderr));
    Some(to)
}

fn password(text: &str) -> Change {
    Change::ClientCertificatePassword(Some(Secret::from(text)))
}

#[test]
fn the_encryptions_of_openssl_are_decrypted_with_the_right_password_only() {
    let folder = Folder::new();
    let (certificate, key) = Authority::new().sign(&["a client"]);
    let (certificate, key) = (folder.file("c.pem", certificate), folder.file("k.pem", key));
    for options in [
        "",
        "-v2 aes-128-cbc",
        "-v2 aes-192-cbc -iter 10000",
        "-v2 aes-256-cbc -v2prf hmacWithSHA512",
        "-scrypt -scrypt_N 1024",
    ] {
        let Some(encrypted) = encrypt(&key, options) else { return };
        let client = client("https://localhost");
        let set = || client.set_client_certificate(&certificate, &encrypted);
        let error = set().unwrap_err();
        assert!(error.message.contains("is encrypted; set its password"), "{options}: {error}");
        client.change(&password("hunter2222")).unwrap();
        let error = set().unwrap_err();
        assert_eq!(error.code, Code::Certificate);
        assert!(error.message.ends_with("its password is wrong, or it is damaged"), "{error}");
        client.change(&password(PASSWORD)).unwrap();
        assert_eq!(set(), Ok(()), "{options}");
        let both = ["c.pem", "k.pem.encrypted"]
            .map(|file| std::fs::read_to_string(folder.path(file)).unwrap());
        let both = format!("a comment\n{}", both.concat());
        let together = folder.file("both.pem", &both);
        assert_eq!(client.set_client_certificate(&together, &together), Ok(()), "in one file");
        let memory = SecretPem::new(both.clone().into_bytes());
        assert_eq!(client.set_client_certificate_pem(both.as_bytes(), memory), Ok(()));
    }
}

#[test]
fn other_encryptions_are_refused_with_the_command_that_converts_them() {
    let folder = Folder::new();
    let (certificate, key) = Authority::new().sign(&["a client"]);
    let (certificate, key) = (folder.file("c.pem", certificate), folder.file("k.pem", key));
    let client = client("https://localhost");
    client.change(&password(PASSWORD)).unwrap();
    for options in ["-v2 des3", "-v1 PBE-SHA1-3DES", "-v2 aes-256-cbc -v2prf hmacWithSHA1"] {
        let Some(encrypted) = encrypt(&key, options) else { return };
        let error = client.set_client_certificate(&certificate, &encrypted).unwrap_err();
        assert_eq!(error.code, Code::Certificate, "{options}");
        let text = "is encrypted in a way that is not supported; `openssl pkcs8 -topk8 -v2";
        assert!(error.message.contains(text), "{options}: {error}");
    }
}

#[test]
fn an_encrypted_key_is_read_again_with_its_password() {
    let Some(nginx) = Nginx::start() else { return };
    let write = || {
        let (certificate, key) = nginx.authority.sign(&["a client"]);
        nginx.folder.file("c.pem", certificate);
        encrypt(&nginx.folder.file("c.key", key), "")
    };
    let Some(key) = write() else { return };
    let client = client(&nginx.https());
    client.set_ca_pem(nginx.authority.pem.as_bytes()).unwrap();
    client.change(&Change::KeepAlive(false)).unwrap();
    client.change(&password(PASSWORD)).unwrap();
    client.set_client_certificate(&nginx.folder.path("c.pem"), &key).unwrap();
    // The certificate keeps the password of its time.
    client.change(&password("another")).unwrap();
    let who = || client.send(&get("/who")).json_text().to_owned();
    assert_eq!(who(), "{\"who\": \"SUCCESS\"}");
    let (lines, log) = {
        let lines = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        (std::sync::Arc::clone(&lines), lines)
    };
    let sink = move |_: sac::log::Level, line: &str| log.lock().unwrap().push(line.to_owned());
    client.set_logger(Some(std::sync::Arc::new(sink)), sac::log::Level::Info);
    write();
    assert_eq!(who(), "{\"who\": \"SUCCESS\"}");
    let lines = lines.lock().unwrap();
    let renewed = lines.iter().filter(|line| line.contains(" again, changed")).count();
    assert_eq!(renewed, 1, "the new key was not read: {lines:?}");
}

/// `openssl ecparam -genkey` writes `EC PARAMETERS` before the key, in the form of SEC 1.
#[test]
fn a_key_behind_its_parameters_may_be_in_the_file_of_its_certificate() {
    let folder = Folder::new();
    let (key, certificate) = (folder.path("k.pem"), folder.path("c.pem"));
    let openssl = |arguments: &str| {
        let mut openssl = Command::new("openssl");
        openssl.args(arguments.split_whitespace());
        openssl.output().is_ok_and(|done| done.status.success())
    };
    if !openssl("version") {
        skipped("openssl is not installed");
        return;
    }
    assert!(openssl(&format!("ecparam -name prime256v1 -genkey -out {key}")));
    assert!(openssl(&format!("req -x509 -new -key {key} -out {certificate} -subj /CN=client")));
    let both = [&certificate, &key].map(|file| std::fs::read_to_string(file).unwrap()).concat();
    assert!(
        both.contains("BEGIN EC PARAMETERS") && both.contains("BEGIN EC PRIVATE KEY"),
        "{both}"
    );
    let client = client("https://localhost");
    assert_eq!(client.set_client_certificate(&certificate, &key), Ok(()));
    let together = folder.file("both.pem", &both);
    assert_eq!(client.set_client_certificate(&together, &together), Ok(()), "in one file");
}
