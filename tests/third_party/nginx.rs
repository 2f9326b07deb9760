//! nginx: client certificates, gzip, body limits, rate limits, a Unix domain socket.

use sac::code::Code;
use sac::request::{Output, Request};
use sac::settings::{Change, SecretPem};

use crate::certificates::Authority;
use crate::program::*;

/// The content of a large file.
pub fn large() -> Vec<u8> {
    pattern(3_000_000)
}

pub struct Nginx {
    program: Option<Program>,
    pub folder: Folder,
    pub authority: Authority,
    pub http: u16,
    pub https: u16,
    /// A number in the response of `/echo`.
    generation: u32,
    /// Additional `server` blocks.
    more: String,
}

impl Nginx {
    /// nginx with a file, a JSON document, a body limit, and https with optional client certificates.
    pub fn start() -> Option<Self> {
        Self::with(|_, _| String::new())
    }

    /// The same with more `server` blocks and their files.
    pub fn with(more: impl FnOnce(&Folder, &Authority) -> String) -> Option<Self> {
        let (folder, authority) = (Folder::new(), Authority::new());
        let (certificate, key) = authority.sign(&["localhost", "127.0.0.1"]);
        folder.file("ca.pem", &authority.pem);
        folder.file("server.pem", certificate);
        folder.file("server.key", key);
        folder.file("large.bin", large());
        folder.file("data.json", format!("{{\"text\": \"{}\"}}", "again ".repeat(2000)));
        let more = more(&folder, &authority);
        let (http, https) = (free_port(), free_port());
        let mut nginx = Self { program: None, folder, authority, http, https, generation: 1, more };
        nginx.configure();
        nginx.run()?;
        Some(nginx)
    }

    fn configure(&self) {
        let Self { http, https, generation, more, .. } = self;
        let root = self.folder.path("");
        let configuration = format!(
            "daemon off; pid {root}pid; error_log {root}error.log; user root;
            events {{}}
            http {{
                access_log off; types {{ application/json json; }}
                client_body_temp_path {root}body; proxy_temp_path {root}proxy;
                fastcgi_temp_path {root}f; uwsgi_temp_path {root}u; scgi_temp_path {root}s;
                gzip on; gzip_types application/json; client_max_body_size 64k;
                limit_req_zone $binary_remote_addr zone=one:64k rate=1r/s; limit_req_status 429;
                server {{ listen 127.0.0.1:{http}; listen unix:{root}socket; root {root};
                    location /echo {{
                        return 200 '{{\"host\": \"$http_host\", \"generation\": {generation}}}';
                    }}
                    location /slow/ {{ alias {root}; limit_rate 8m; }}
                    location /limited/ {{ alias {root}; limit_req zone=one; }}
                    location /put/ {{ alias {root}; dav_methods PUT; client_max_body_size 0; }} }}
                server {{ listen 127.0.0.1:{https} ssl; root {root};
                    ssl_certificate {root}server.pem; ssl_certificate_key {root}server.key;
                    ssl_client_certificate {root}ca.pem; ssl_verify_client optional;
                    location /away {{ return 307 $arg_to; }}
                    location /who {{ return 200 '{{\"who\": \"$ssl_client_verify\"}}'; }} }}
                {more}
            }}"
        );
        self.folder.file("nginx.conf", configuration);
    }

    fn run(&mut self) -> Option<()> {
        let configuration = self.folder.path("nginx.conf");
        let mut program = Program::start("nginx", &["-c", &configuration], self.http)?;
        // nginx writes this file after it has opened all sockets.
        let pid = self.folder.0.join("pid");
        program.wait_until(|| pid.exists(), "nginx");
        self.program = Some(program);
        Some(())
    }

    /// Reloads the configuration: the old workers finish their requests, while new workers start.
    pub fn reload(&mut self) {
        self.generation += 1;
        self.configure();
        self.program.as_ref().unwrap().signal("HUP");
    }

    /// Ends nginx in the middle of its requests, and starts it again.
    pub fn restart(&mut self) {
        self.generation += 1;
        self.configure();
        self.program.as_mut().unwrap().end();
        self.run().unwrap();
    }

    pub fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    pub fn https(&self) -> String {
        format!("https://localhost:{}", self.https)
    }
}

#[test]
fn the_client_certificate_is_sent_to_a_server_that_requests_it() {
    let Some(nginx) = Nginx::start() else { return };
    let client = client(&nginx.https());
    client.set_ca_pem(nginx.authority.pem.as_bytes()).unwrap();
    assert_eq!(client.send(&get("/who")).json_text(), "{\"who\": \"NONE\"}");
    let (certificate, key) = nginx.authority.sign(&["a client"]);
    let key = SecretPem::new(key.into_bytes());
    client.set_client_certificate_pem(certificate.as_bytes(), key).unwrap();
    let response = client.send(&get("/who"));
    assert_eq!(response.json_text(), "{\"who\": \"SUCCESS\"}", "{:?}", response.error());
    // After a redirect, only this origin gets it, and not after the call has visited another origin.
    let (here, there) = (nginx.https(), nginx.https().replace("localhost", "127.0.0.1"));
    for (to, who) in [
        (format!("{here}/who"), "SUCCESS"),
        (format!("{there}/who"), "NONE"),
        (format!("{there}/away?to={here}/who"), "NONE"),
        (format!("{here}/who"), "SUCCESS"),
    ] {
        let response = client.send(&get(&format!("/away?to={to}")));
        let expected = format!("{{\"who\": \"{who}\"}}");
        assert_eq!(response.json_text(), expected, "{to}: {:?}", response.error());
    }
    let (_, other_key) = nginx.authority.sign(&["other"]);
    let other_key = SecretPem::new(other_key.into_bytes());
    let error = client.set_client_certificate_pem(certificate.as_bytes(), other_key);
    assert_eq!(error.unwrap_err().code, Code::Certificate);
    let error = client.set_client_certificate("/nowhere", "/nowhere");
    assert_eq!(error.unwrap_err().code, Code::File);
}

#[test]
fn requests_over_a_unix_socket_share_a_connection() {
    let Some(nginx) = Nginx::start() else { return };
    let client = client("http://docker.example");
    client.change(&Change::UnixSocket(Some(nginx.folder.path("socket")))).unwrap();
    for _ in 0..3 {
        let response = client.send(&get("/echo"));
        assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
        assert_eq!(string_at(&response, "/host"), "docker.example");
    }
    let stats = client.stats();
    assert!(stats.contains("\"connections_opened\":1"), "{stats}");
    client.change(&Change::UnixSocket(Some("/nowhere/at/all".into()))).unwrap();
    assert_eq!(client.send(&get("/echo")).code(), Code::Connect);
    let long = "x".repeat(108);
    let error = client.change(&Change::UnixSocket(Some(long))).unwrap_err();
    assert_eq!(error.code, Code::InvalidArgument);
}

#[test]
fn gzip_is_decoded_and_a_413_is_reported() {
    let Some(nginx) = Nginx::start() else { return };
    let client = client(&nginx.http());
    let response = client.send(&get("/data.json"));
    assert_eq!((response.code(), response.body().len()), (Code::Ok, 12_012));
    let mut large = Request::new("POST", "/echo").unwrap();
    large.set_body_file("text/plain", &nginx.folder.path("large.bin")).unwrap();
    let response = client.send(&large);
    assert_eq!(response.status(), 413, "{:?}", response.error());
}

#[test]
fn a_rate_limit_of_nginx_is_reported_or_retried() {
    let Some(nginx) = Nginx::start() else { return };
    let client = client(&nginx.http());
    assert_eq!(client.send(&get("/limited/data.json")).code(), Code::Ok);
    let limited = client.send(&get("/limited/data.json"));
    assert_eq!((limited.code(), limited.attempts()), (Code::RateLimited, 1));
    assert_eq!(string_at(&limited, "/error"), "Too Many Requests");
    client.change(&Change::RetryAttempts(4)).unwrap();
    let response = client.send(&get("/limited/data.json"));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(response.attempts() > 1, "nginx did not limit the request");
}

#[test]
fn a_download_is_complete() {
    let Some(nginx) = Nginx::start() else { return };
    let mut download = get("/large.bin");
    download.set_output(Output::File(nginx.folder.path("copy").into())).unwrap();
    let response = client(&nginx.http()).send(&download);
    assert_eq!(response.code(), Code::Ok, "{:?}", response.error());
    assert!(std::fs::read(nginx.folder.path("copy")).unwrap() == large(), "another content");
}
