//! The whole server: its start, its connections and its errors.

use crate::support::Server;
use std::process::{Command, Stdio};

#[test]
fn it_prints_its_url_when_it_listens() {
    let server = Server::start();
    let port: u16 = server.base.strip_prefix("http://127.0.0.1:").unwrap().parse().unwrap();
    assert_ne!(port, 0, "the URL does not contain the real port");
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn it_ends_after_help_and_after_bad_arguments() {
    let run = |argument| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_demo-server"));
        command.arg(argument).stdin(Stdio::null()).output().unwrap()
    };
    let help = run("--help");
    assert!(help.status.success());
    assert!(String::from_utf8(help.stdout).unwrap().contains("--port N"));
    let bad = run("--prot");
    assert_eq!(bad.status.code(), Some(2));
    assert!(bad.stdout.is_empty(), "the error is on stdout");
}

#[test]
fn with_until_eof_it_ends_with_its_stdin() {
    assert!(Server::start().end_by_eof().success());
}

#[test]
fn a_connection_is_kept_alive() {
    let server = Server::start();
    let mut connection = server.connect();
    for target in ["/", "/v1/items", "/v1/nowhere", "/v1/items/1"] {
        let response = connection.send("GET", target, &[], "");
        assert_ne!(response.header("connection"), "close", "{target} ends the connection");
    }
    let mut peer = || connection.send("GET", "/v1/echo", &[], "").json()["peer"].clone();
    assert_eq!(peer(), peer(), "the address changes on one connection");
}

#[test]
fn a_slow_request_does_not_delay_other_requests() {
    let server = Server::start();
    let mut slow: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for connection in &mut slow {
        connection.start("GET", "/v1/slow?ms=60000", &[], "");
    }
    assert_eq!(server.get("/").status, 200, "there is no response while 20 others wait");
}

#[test]
fn an_unknown_path_gives_a_404_in_json() {
    let server = Server::start();
    for target in ["/v1", "/v1/items/", "/v1/users/1/x", "/nowhere?a=b"] {
        let response = server.get(target);
        assert_eq!(response.status, 404, "{target}");
        assert!(response.error().starts_with("there is nothing at /"), "{target}");
    }
}

#[test]
fn a_wrong_method_gives_a_405_in_json_with_the_allowed_methods() {
    let server = Server::start();
    let response = server.send("PATCH", "/v1/items", &[], "");
    assert_eq!(response.status, 405);
    assert_eq!(response.error(), "PATCH is not allowed at /v1/items");
    let mut allowed: Vec<_> = response.header("allow").split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}

#[test]
fn every_endpoint_of_the_index_exists() {
    let server = Server::start();
    let index = server.get("/").json();
    let endpoints = index["endpoints"].as_array().unwrap();
    assert!(endpoints.len() > 10, "the index is too short: {endpoints:?}");
    for endpoint in endpoints {
        let path = endpoint["path"].as_str().unwrap().replace("{id}", "1");
        // No endpoint has this method, so an existing one returns 405, or accepts any method.
        let status = server.send("REPORT", &path, &[], "").status;
        let accepts_any = endpoint["methods"] == "any";
        assert!(accepts_any || status == 405, "{path} returns {status} for REPORT");
        assert!(!accepts_any || status != 404, "{path} does not exist");
    }
    assert_eq!(index["bearer_token"], "demo-token");
}

#[test]
fn echo_returns_the_received_request() {
    let server = Server::start();
    let fields = ["X-One: 1", "X-Many: a", "X-Many: b", "X-Text: café"];
    let response = server.send("REPORT", "/v1/echo?a=1&a=2&b=%20x", &fields, "hällo").json();
    assert_eq!(response["method"], "REPORT");
    assert_eq!(response["path"], "/v1/echo");
    assert_eq!(response["query"], serde_json::json!({ "a": ["1", "2"], "b": " x" }));
    assert_eq!(response["query_string"], "a=1&a=2&b=%20x");
    assert_eq!(response["headers"]["x-one"], "1");
    assert_eq!(response["headers"]["x-many"], serde_json::json!(["a", "b"]));
    assert_eq!(response["headers"]["x-text"], "café");
    assert_eq!(response["body"], "hällo");
    assert_eq!(response["body_length"], 6);
}

#[test]
fn a_form_is_returned_as_json_and_any_other_body_is_refused() {
    let server = Server::start();
    let form = ["Content-Type: application/x-www-form-urlencoded; charset=utf-8"];
    let response = server.send("POST", "/v1/form", &form, "a=1+%26+2&b=&c=%C3%BC&c=x").json();
    assert_eq!(response["form"], serde_json::json!({ "a": "1 & 2", "b": "", "c": ["ü", "x"] }));
    assert_eq!(server.send_json("POST", "/v1/form", "{}").status, 415);
}
