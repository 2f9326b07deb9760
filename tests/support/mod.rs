//! Shared by the integration tests: servers that follow a script, clocks that a test sets, and a
//! check whether a thread is blocked.

// Each test program uses only some of it.
#![allow(dead_code, unused_imports)]

mod action;
mod blocked_thread;
mod clock;
mod folder;
mod heads;
mod ports;
mod server;
mod tcp_table;
mod waiting;

pub use action::{Action, Latch, ReceivedRequest, respond};
pub use blocked_thread::BlockedThread;
pub use clock::{AutoAdvanceClock, ManualClock};
pub use folder::{Folder, listed, pattern, skipped};
pub use heads::{LARGE_HEADS, client_with_jar_and_log, read_all_of};
pub use ports::{FullQueuePort, RefusingPort};
pub use server::{Record, Server};
pub use tcp_table::{TcpState, sockets_to};
pub use waiting::wait_until;

use sac::answer::Response;
use sac::client::Client;
use sac::request::Request;
use sac::settings::Change;
use serde_json::Value;

/// A client with these settings, on the machine's clock.
pub fn client(url: &str, changes: &[Change]) -> Client {
    changed(Client::new(url).unwrap(), changes)
}

/// A client with these settings whose waits take no time; the clock records the waits.
pub fn auto_advance_client(url: &str, changes: &[Change]) -> (Client, AutoAdvanceClock) {
    let clock = AutoAdvanceClock::new();
    let client = Client::with_clock(url, Box::new(clock.clone())).unwrap();
    (changed(client, changes), clock)
}

pub fn changed(client: Client, changes: &[Change]) -> Client {
    for change in changes {
        client.change(change).unwrap();
    }
    client
}

pub fn request(method: &str, path: &str) -> Request {
    Request::new(method, path).unwrap()
}

pub fn get(client: &Client, path: &str) -> Response {
    client.send(&request("GET", path))
}

/// The error text; empty if there is none.
pub fn error_of(response: &Response) -> &str {
    response.error().map_or("", |error| error.to_str().unwrap())
}

/// The journal, parsed.
pub fn journal_of(response: &Response) -> Value {
    let text = response.journal().to_str().unwrap();
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in the journal {text}"))
}

/// The values of this member in the journal, attempt by attempt; null if an attempt has none.
pub fn journal_values(response: &Response, member: &str) -> Vec<Value> {
    let journal = journal_of(response);
    let attempts = journal.as_array().unwrap();
    attempts.iter().map(|attempt| attempt[member].clone()).collect()
}

/// The counters that a client and its clones share, parsed.
pub fn stats_of(client: &Client) -> Value {
    serde_json::from_str(&client.stats()).unwrap()
}
