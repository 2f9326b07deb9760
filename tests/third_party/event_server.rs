//! An ASGI application with streams, on uvicorn and starlette, and nginx in front of it.

use std::path::Path;

use sac::client::Client;
use sac::code::Code;
use sac::request::Request;

use crate::nginx::Nginx;
use crate::program::*;

/// The folders of Debian's Python packages: of the system, and of those that `scripts/run set-up` unpacks.
const PACKAGES: [&str; 2] = [
    "/usr/lib/python3/dist-packages",
    concat!(env!("CARGO_MANIFEST_DIR"), "/build/parts/usr/lib/python3/dist-packages"),
];

/// The application in `event_server.py`.
pub struct EventServer {
    program: Option<Program>,
    port: u16,
}

impl EventServer {
    /// Starts it. Reports missing packages, and returns `None`.
    pub fn start() -> Option<Self> {
        let mut server = Self { program: None, port: free_port() };
        server.run()?;
        Some(server)
    }

    /// Starts it at the same port as before.
    pub fn run(&mut self) -> Option<()> {
        let has_all = |folder: &&&str| {
            ["uvicorn", "starlette"].iter().all(|name| Path::new(*folder).join(name).exists())
        };
        let Some(packages) = PACKAGES.iter().find(has_all) else {
            skipped("uvicorn and starlette are not installed");
            return None;
        };
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/third_party");
        let port = self.port.to_string();
        let arguments =
            ["-B", "-m", "uvicorn", "--app-dir", folder, "--port", &port, "--log-level", "warning"];
        let arguments = [&arguments[..], &["event_server:app"]].concat();
        let environment = [("PYTHONPATH", *packages)];
        self.program = Some(Program::start_with("python3", &arguments, &environment, self.port)?);
        Some(())
    }

    /// Ends it at once, so that its connections break.
    pub fn kill(&mut self) {
        if let Some(mut program) = self.program.take() {
            program.kill();
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lets the streams of a gate send one more record.
    pub fn open_gate(&self, name: &str) {
        let response =
            client(&self.url()).send(&Request::new("POST", &format!("/gates/{name}")).unwrap());
        assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    }
}

impl Drop for EventServer {
    fn drop(&mut self) {
        // At a regular end, it would wait for the ends of its streams.
        self.kill();
    }
}

/// nginx in front of an event server.
pub struct Proxied {
    pub server: EventServer,
    pub nginx: Nginx,
    http: u16,
    https: u16,
}

impl Proxied {
    pub fn start() -> Option<Self> {
        let server = EventServer::start()?;
        let (http, https) = (free_port(), free_port());
        let port = server.port;
        let nginx = Nginx::with(|folder, _| {
            let root = folder.path("");
            let locations = format!(
                "proxy_http_version 1.1; proxy_set_header Connection ''; gzip off;
                location / {{ proxy_pass http://events; proxy_buffering off; }}
                location /gzip/ {{ proxy_pass http://events/; proxy_buffering off;
                    gzip on; gzip_min_length 0; gzip_proxied any;
                    access_log {root}codings coding;
                    gzip_types text/event-stream application/x-ndjson application/json; }}
                location /buffered/ {{ proxy_pass http://events/; }}
                location /impatient/ {{ proxy_pass http://events/; proxy_buffering off;
                    proxy_read_timeout 1s; }}
                location /maintained/ {{ proxy_pass http://events/; proxy_buffering off;
                    error_page 502 =503 @maintenance; }}
                location @maintenance {{ add_header Retry-After 0 always; default_type application/json;
                    return 503 '{{\"error\": \"the events are restarted\"}}'; }}"
            );
            format!(
                "log_format coding $sent_http_content_encoding;
                upstream events {{ server 127.0.0.1:{port} max_fails=0; keepalive 8; }}
                server {{ listen 127.0.0.1:{http}; {locations} }}
                server {{ listen 127.0.0.1:{https} ssl; ssl_certificate {root}server.pem;
                    ssl_certificate_key {root}server.key; {locations} }}"
            )
        })?;
        Some(Self { server, nginx, http, https })
    }

    pub fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    pub fn https(&self) -> String {
        format!("https://localhost:{}", self.https)
    }

    /// Clients that reach the server directly, through nginx, and with TLS; and what they show in a failure.
    pub fn clients(&self) -> Vec<(&'static str, Client)> {
        vec![
            ("uvicorn", client(&self.server.url())),
            ("nginx", client(&self.http())),
            ("nginx with gzip", client(&format!("{}/gzip", self.http()))),
            ("nginx with TLS", self.secure("")),
            ("nginx with TLS and gzip", self.secure("/gzip")),
        ]
    }

    /// The codings of the responses from `/gzip/` that have ended; `-` if there was none.
    pub fn codings(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.nginx.folder.path("codings")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// A client with TLS.
    pub fn secure(&self, path: &str) -> Client {
        self.trusting(client(&format!("{}{path}", self.https())))
    }

    /// The client, which trusts nginx.
    pub fn trusting(&self, client: Client) -> Client {
        client.set_ca_pem(self.nginx.authority.pem.as_bytes()).unwrap();
        client
    }
}
