//! A process without free descriptors.

use std::net::TcpListener;

use sac::answer::Response;
use sac::client::Client;
use sac::code::Code;
use sac::request::{Output, Request};
use sac::settings::Change;
use sac::wait::Cancel;

use crate::case::{assert_usable, expect, outcome};
use crate::scenario::Scenario;
use crate::support::{client, error_of, get, request};

use super::limit::with_descriptors;
use super::{GROUP, well_behaved};

pub fn scenarios() -> Vec<Scenario> {
    let scenario =
        |name: &str, run: fn() -> String| Scenario::new(GROUP, format!("descriptors: {name}"), run);
    vec![
        scenario("none for a connection", none_for_a_connection),
        scenario("none for a DNS lookup", none_for_a_lookup),
        scenario("none, with an idle connection", idle_connection),
        scenario("none for a file to write", none_for_a_file_to_write),
        scenario("none for a file to send", none_for_a_file_to_send),
        scenario("none for a cancel", none_for_a_cancel),
        scenario("none for the trusted certificates", none_for_the_trust_store),
    ]
}

/// A GET without free descriptors.
fn get_without(client: &Client) -> Response {
    with_descriptors(0, || get(client, "/"))
}

/// Sends a request without free descriptors, over an idle connection.
fn send_without(client: &Client, request: &Request) -> Response {
    assert_usable(client);
    with_descriptors(0, || client.send(request))
}

/// Checks that a call has failed, and that the next one succeeds.
fn failed(client: &Client, response: &Response, code: Code) -> String {
    expect(response, code);
    assert_usable(client);
    outcome(response)
}

fn none_for_a_connection() -> String {
    let server = well_behaved();
    let client = client(&server.url(), &[]);
    let response = get_without(&client);
    assert!(error_of(&response).contains("too many open files"));
    failed(&client, &response, Code::Connect)
}

fn none_for_a_lookup() -> String {
    let server = well_behaved();
    let client = client(&server.url().replace("127.0.0.1", "localhost"), &[]);
    let response = get_without(&client);
    assert!(error_of(&response).contains("too many open files"));
    failed(&client, &response, Code::Resolve)
}

fn idle_connection() -> String {
    let server = well_behaved();
    let client = client(&server.url(), &[]);
    assert_usable(&client);
    with_descriptors(0, || assert_usable(&client));
    assert_eq!(server.finish().connections, 1);
    "its requests succeed".into()
}

fn none_for_a_file_to_write() -> String {
    let server = well_behaved();
    let client = client(&server.url(), &[]);
    let path = std::env::temp_dir().join(format!("sac-no-file-{}", std::process::id()));
    let mut request = request("GET", "/");
    request.set_output(Output::File(path.to_str().unwrap().into())).unwrap();
    let response = send_without(&client, &request);
    assert!(!path.exists());
    failed(&client, &response, Code::File)
}

fn none_for_a_file_to_send() -> String {
    let server = well_behaved();
    let client = client(&server.url(), &[]);
    let mut request = request("PUT", "/");
    request.set_body_file("text/plain", "/etc/passwd").unwrap();
    let response = send_without(&client, &request);
    failed(&client, &response, Code::File)
}

fn none_for_a_cancel() -> String {
    let error = with_descriptors(0, || Cancel::new().unwrap_err());
    assert_eq!(error.code, Code::Internal);
    Cancel::new().unwrap();
    error.to_string()
}

fn none_for_the_trust_store() -> String {
    // No server needs to accept the connection.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let client = client(&url, &[Change::TimeoutMs(150)]);
    let response = with_descriptors(1, || get(&client, "/"));
    expect(&response, Code::Tls);
    expect(&get(&client, "/"), Code::Timeout);
    outcome(&response)
}
