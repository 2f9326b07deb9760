//! A process without free memory: too little for a body, or for a thread.

use std::io::Read;

use flate2::Compression;
use flate2::read::GzEncoder;
use sac::code::Code;
use sac::settings::Change;

use crate::case::{assert_usable, expect, head, ok_response, outcome};
use crate::scenario::Scenario;
use crate::support::{Action, Server, client, error_of, get};

use super::limit::limit_memory;
use super::{GROUP, well_behaved};

/// The remaining memory, which is less than the bodies need.
const LEFT: u64 = 24 * 1024 * 1024;

pub fn scenarios() -> Vec<Scenario> {
    let too_large = |name: &str, action: fn() -> Action| {
        Scenario::new(GROUP, format!("memory: {name}"), move || body_too_large(action()))
    };
    vec![
        too_large("an endless body without a length", || endless(&[], b" ".repeat(8192))),
        too_large("a body of a terabyte", || {
            endless(&["Content-Length: 1000000000000"], b" ".repeat(8192))
        }),
        too_large("endless chunks", || {
            let chunk = format!("2000\r\n{}\r\n", " ".repeat(8192));
            endless(&["Transfer-Encoding: chunked"], chunk.into_bytes())
        }),
        too_large("a gzip bomb", gzip_bomb),
        too_large("damaged JSON", damaged_json),
        Scenario::new(GROUP, "threads: none for a DNS lookup", no_thread_for_a_lookup),
    ]
}

fn body_too_large(action: Action) -> String {
    let server = Server::start(move |received| match received.path() {
        "/hostile" => action.clone(),
        path => ok_response(path),
    });
    let client = client(&server.url(), &[Change::MaxBodyBytes(0)]);
    assert_usable(&client);
    let limit = limit_memory(LEFT);
    let response = get(&client, "/hostile");
    drop(limit);
    expect(&response, Code::TooLarge);
    assert_usable(&client);
    outcome(&response)
}

fn endless(fields: &[&str], piece: Vec<u8>) -> Action {
    Action::Endless(head(fields).into_bytes(), piece)
}

fn gzip_bomb() -> Action {
    let mut packed = Vec::new();
    let zeros = std::io::repeat(b'0').take(64 << 20);
    GzEncoder::new(zeros, Compression::fast()).read_to_end(&mut packed).unwrap();
    Action::CloseAfter([head(&["Content-Encoding: gzip"]).as_bytes(), &packed].concat())
}

/// 8 MiB, which fit into the memory, but their repair does not.
fn damaged_json() -> Action {
    let body = "1,".repeat(4 << 20);
    let length = format!("Content-Length: {}", body.len() + 1);
    Action::Reply([&head(&[&length]), "[", &body].concat().into_bytes())
}

fn no_thread_for_a_lookup() -> String {
    let server = well_behaved();
    let client = client(&server.url().replace("127.0.0.1", "localhost"), &[]);
    // Less than a thread's stack.
    let limit = limit_memory(1024 * 1024);
    let response = get(&client, "/");
    drop(limit);
    expect(&response, Code::Resolve);
    assert!(error_of(&response).contains("no thread"));
    assert_usable(&client);
    outcome(&response)
}
