//! Digest authentication with lighttpd (SHA-256, MD5) and Apache (MD5, which counts requests).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sac::client::Client;
use sac::code::Code;
use sac::log::Level;
use sac::request::Request;
use sac::settings::Change;

use crate::program::*;

const PASSWORD: &str = "Circle of Life";
/// The folder of modules of a program that `scripts/run set-up` unpacks.
const MODULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/build/parts/usr/lib/");

/// The digests of user, realm and password, by `md5sum` and `sha256sum`.
const MD5_KEY: &str = "3d78807defe7de2157e2b0b6573a855f";
const SHA256_KEY: &str = "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232";
/// The digest of user and realm, by `sha256sum`.
const SHA256_USER: &str = "a947aad205e80e429958a387394944c6b496301e79f89d35a4cc23b6ee12b5b6";

struct WebServer {
    _program: Program,
    _folder: Folder,
    port: u16,
}

fn lighttpd(require: &str) -> Option<WebServer> {
    let (folder, port) = (Folder::new(), free_port());
    let root = folder.path("");
    folder.file("item", "{\"id\": 1}");
    folder.file("users", format!("Mufasa:http-auth@example.org:{MD5_KEY}\n"));
    folder.file("users256", format!("Mufasa:http-auth@example.org:{SHA256_KEY}:{SHA256_USER}\n"));
    let users = if require.contains("SHA-256") { "users256" } else { "users" };
    let configuration = format!(
        "server.modules = (\"mod_auth\", \"mod_authn_file\")
        server.document-root = \"{root}\"
        server.bind = \"127.0.0.1\"
        server.port = {port}
        mimetype.assign = (\"\" => \"application/json\")
        auth.backend = \"htdigest\"
        auth.backend.htdigest.userfile = \"{root}{users}\"
        auth.require = (\"/\" => (\"method\" => \"digest\", \"realm\" => \"http-auth@example.org\",
            \"require\" => \"valid-user\", {require}))\n"
    );
    let configuration = folder.file("lighttpd.conf", configuration);
    let modules = format!("{MODULES}lighttpd");
    let arguments = ["-D", "-f", &configuration, "-m", &modules];
    let program = Program::start("lighttpd", &arguments, port)?;
    Some(WebServer { _program: program, _folder: folder, port })
}

fn apache(more: &str) -> Option<WebServer> {
    let (folder, port) = (Folder::new(), free_port());
    let root = folder.path("");
    folder.file("item", "{\"id\": 1}");
    folder.file("users", format!("Mufasa:http-auth@example.org:{MD5_KEY}\n"));
    let modules =
        ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_digest"];
    let load = |module: &&str| {
        format!("LoadModule {module}_module {MODULES}apache2/modules/mod_{module}.so\n")
    };
    let load: String = modules.iter().map(load).collect();
    let configuration = format!(
        "{load}ServerName localhost\nListen 127.0.0.1:{port}\nPidFile {root}pid
        Mutex file:{root}\nErrorLog {root}error.log\nDocumentRoot {root}\nDefaultRuntimeDir {root}
        <Location />
            AuthType Digest\nAuthName http-auth@example.org\nAuthUserFile {root}users
            {more}\nRequire valid-user
        </Location>\n"
    );
    let configuration = folder.file("httpd.conf", configuration);
    let program = Program::start("apache2", &["-D", "FOREGROUND", "-f", &configuration], port)?;
    Some(WebServer { _program: program, _folder: folder, port })
}

fn digest_client(server: &WebServer, password: &str) -> Client {
    let client = client(&format!("http://127.0.0.1:{}", server.port));
    client.add_digest("Mufasa", password).unwrap();
    client
}

fn check(server: &WebServer) {
    let client = digest_client(server, PASSWORD);
    let with_query: &[&str] = &["/item", "/item?a=b%20c", "/item"];
    for path in with_query {
        let response = client.send(&get(path));
        assert_eq!(response.code(), Code::Ok, "{path}: {}", error_of(&response));
        assert_eq!((response.json_text(), response.attempts()), ("{\"id\": 1}", 1));
    }
    let head = client.send(&Request::new("HEAD", "/item").unwrap());
    assert_eq!(head.status(), 200, "{}", error_of(&head));
    client.change(&Change::KeepAlive(false)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let response = client.send(&get("/item"));
                    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
                }
            });
        }
    });
    let response = digest_client(server, "Circle of Lies").send(&get("/item"));
    assert_eq!((response.status(), response.attempts()), (401, 1));
    let without = crate::program::client(&format!("http://127.0.0.1:{}", server.port));
    assert_eq!(without.send(&get("/item")).status(), 401, "the server asks for nothing");
}

#[test]
fn lighttpd_accepts_the_credentials_with_each_algorithm() {
    for require in ["\"algorithm\" => \"MD5\"", "\"algorithm\" => \"SHA-256\""] {
        let Some(server) = lighttpd(require) else { return };
        check(&server);
    }
}

#[test]
fn apache_accepts_the_credentials() {
    let Some(server) = apache("") else { return };
    check(&server);
}

/// Counts the 401 of a client, which the caller of a call does not see.
fn count_challenges(client: &Client) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let sink = move |_: Level, line: &str| {
        counted.fetch_add(usize::from(line.contains("/item: 401, ")), Ordering::Relaxed);
    };
    client.set_logger(Some(Arc::new(sink)), Level::Debug);
    count
}

#[test]
fn a_nonce_of_apache_for_one_request_is_followed_by_the_next_one() {
    let Some(server) = apache("AuthDigestNonceLifetime 0") else { return };
    let client = digest_client(&server, PASSWORD);
    let challenges = count_challenges(&client);
    for _ in 0..5 {
        let response = client.send(&get("/item"));
        assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    }
    assert_eq!(challenges.load(Ordering::Relaxed), 1, "Authentication-Info was not used");
}
