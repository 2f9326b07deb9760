//! A demo server for one test, and a small client that shares no code with it.

use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A running server, which ends when this value is dropped.
pub struct Server {
    process: Child,
    /// The line that it printed: `http://127.0.0.1:PORT`.
    pub base: String,
}

impl Server {
    pub fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_demo-server"))
            .args(["--port", "0", "--until-eof"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the demo server does not start");
        let mut line = String::new();
        let stdout = process.stdout.as_mut().expect("the server has no stdout");
        BufReader::new(stdout).read_line(&mut line).expect("the server prints no line");
        Self { process, base: line.trim_end().to_owned() }
    }

    /// Closes the server's stdin, and waits until the server has ended.
    pub fn end_by_eof(mut self) -> ExitStatus {
        drop(self.process.stdin.take());
        self.process.wait().expect("the server does not end")
    }

    pub fn authority(&self) -> &str {
        self.base.strip_prefix("http://").expect("the line is not an http:// URL")
    }

    pub fn connect(&self) -> Connection {
        let stream =
            TcpStream::connect(self.authority()).expect("the server does not listen on its URL");
        // So that a missing response fails the test and does not block it.
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Connection { reader: BufReader::new(stream), host: self.authority().to_owned() }
    }

    /// Sends one request on a new connection.
    pub fn send(&self, method: &str, target: &str, fields: &[&str], body: &str) -> Response {
        self.connect().send(method, target, fields, body)
    }

    pub fn get(&self, target: &str) -> Response {
        self.send("GET", target, &[], "")
    }

    pub fn send_json(&self, method: &str, target: &str, body: &str) -> Response {
        self.send(method, target, &["Content-Type: application/json"], body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// A kept-alive connection.
pub struct Connection {
    reader: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    pub fn send(&mut self, method: &str, target: &str, fields: &[&str], body: &str) -> Response {
        self.start(method, target, fields, body);
        self.response(method)
    }

    /// Sends a request without reading its response.
    pub fn start(&mut self, method: &str, target: &str, fields: &[&str], body: &str) {
        let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{fields}\r\n{body}",
            self.host,
            body.len()
        );
        self.reader.get_mut().write_all(request.as_bytes()).expect("the request cannot be sent");
    }

    /// Reads one response. This server always sends a length.
    pub fn response(&mut self, method: &str) -> Response {
        let status_line = self.line();
        let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status line: {status_line:?}"));
        let mut headers = HashMap::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; if method == "HEAD" { 0 } else { length }];
        self.reader.read_exact(&mut body).expect("the body is truncated");
        Response { status, headers, body }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("the response is truncated");
        line.trim_end().to_owned()
    }
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Response {
    /// The field with this lower-case name; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is not UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} is not JSON: {error}", self.text()))
    }

    /// The text under `error`.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().expect("no text under error").to_owned()
    }
}
