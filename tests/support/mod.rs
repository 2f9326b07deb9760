//! What the integration tests share: servers that do what a test tells them to, clocks that a test
//! turns, and a look at what a thread is doing.

// Each test program uses a part of it.
#![allow(dead_code, unused_imports)]

mod action;
mod blocked_thread;
mod clock;
mod heads;
mod ports;
mod server;
mod tcp_table;
mod waiting;

pub use action::{Action, Latch, ReceivedRequest, respond};
pub use blocked_thread::BlockedThread;
pub use clock::{AutoAdvanceClock, ManualClock};
pub use heads::{LARGE_HEADS, careful, look_at_all_of};
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

/// A client whose waits take no time, with these settings; the clock tells of the waits.
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

/// The error text; empty where there is none.
pub fn error_of(response: &Response) -> &str {
    response.error().map_or("", |error| error.to_str().unwrap())
}

/// The journal, parsed.
pub fn journal_of(response: &Response) -> Value {
    let text = response.journal().to_str().unwrap();
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in the journal {text}"))
}

/// The members of this name in the journal, attempt by attempt; null where an attempt has none.
pub fn journal_values(response: &Response, member: &str) -> Vec<Value> {
    let journal = journal_of(response);
    let attempts = journal.as_array().unwrap();
    attempts.iter().map(|attempt| attempt[member].clone()).collect()
}

/// The counters of a client's family, parsed.
pub fn stats_of(client: &Client) -> Value {
    serde_json::from_str(&client.stats()).unwrap()
}
