//! Damaged JSON that keeps the repair busy: the time is proportional to the length, and timeout,
//! deadline and cancel end the repair, although nothing is read from the socket.

use std::sync::Arc;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use sac::answer::Response;
use sac::client::Client;
use sac::code::Code;
use sac::request::{Output, Request};
use sac::settings::Change;
use sac::wait::Cancel;

use crate::case::{assert_usable, expect, ok_response, outcome};
use crate::cpu_codings::BusyTime;
use crate::cpu_responses::within_time;
use crate::memory::packed;
use crate::scenario::Scenario;
use crate::support::{Server, client, error_of, request};

const GROUP: &str = "cpu of repair";

/// The start, the repeated part and the end of texts whose repair once took quadratic time, or which
/// now takes the most time for each byte.
const BODIES: &[(&str, (&str, &str, &str))] = &[
    ("brackets and names", ("{", "]`a: ", "}")),
    ("escaped quotes at line ends", ("{", "\\\"\n", "}")),
    ("quotes in quotes", ("[\"", "\"'", "")),
    ("objects that do not close", ("", "{\"a\":", "")),
    ("comments", ("[", "/*\"*//", "]")),
    ("columns", ("{a", ": b,\n c", "")),
];

pub fn scenarios() -> Vec<Scenario> {
    let linear = BODIES.iter().map(|&(name, body)| {
        Scenario::new(GROUP, format!("{name}, 300 KB"), move || {
            let server = serving(body, 300_000);
            let client = client(&server.url(), &[Change::TimeoutMs(60_000)]);
            let mut summary = String::new();
            let elapsed =
                within_time(|| summary = outcome(&client.send(&request("GET", "/hostile"))));
            assert_usable(&client);
            format!("{summary} in {} ms", elapsed.as_millis())
        })
    });
    let methods: [(&str, SendUntil, Code); 3] = [
        ("timeout", |client, times| sent_with(client, Change::TimeoutMs(times.ms)), Code::Timeout),
        (
            "deadline",
            |client, times| sent_with(client, Change::DeadlineMs(times.ms)),
            Code::Timeout,
        ),
        ("cancel", cancelled, Code::Cancelled),
    ];
    let ended = methods.into_iter().map(|(name, send, code)| {
        Scenario::new(GROUP, format!("a repair ended by {name}"), move || ended(send, code))
    });
    linear.chain(ended).collect()
}

fn serving(
    (open, unit, close): (&'static str, &'static str, &'static str),
    length: usize,
) -> Server {
    let action = packed(200, (open, unit, close), length);
    Server::start(move |received| match received.path() {
        "/hostile" => action.clone(),
        path => ok_response(path),
    })
}

/// Sends a request that must end after this time.
type SendUntil = fn(&Client, Times) -> Response;

/// Elapsed time and CPU time of this thread, in milliseconds.
#[derive(Clone, Copy)]
struct Times {
    ms: u64,
    busy_ms: u64,
}

impl Times {
    /// The times of a request that succeeds.
    fn measure(client: &Client, request: &Request) -> Self {
        let busy = || {
            let time = clock_gettime(ClockId::ThreadCPUTime);
            time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
        };
        let before = busy();
        let response = client.send(request);
        expect(&response, Code::Ok);
        Self { ms: response.elapsed_us() / 1000, busy_ms: busy() - before }
    }

    /// These times and a third of the difference to the others.
    fn towards(self, other: Self) -> Self {
        let third = |from: u64, to: u64| from + to.saturating_sub(from) / 3;
        Self { ms: third(self.ms, other.ms), busy_ms: third(self.busy_ms, other.busy_ms) }
    }
}

/// The length of a text whose repair takes much longer than its transfer.
const LONG: usize = 3 << 20;

/// The error must say that the call ended during the work on the body.
fn ended(send: SendUntil, code: Code) -> String {
    let server = serving(BODIES[0].1, LONG);
    let client = client(&server.url(), &[Change::TimeoutMs(60_000)]);
    let mut unread = request("GET", "/hostile");
    unread.set_output(Output::Callback(Arc::new(|_: &[u8]| true))).unwrap();
    let transfer = Times::measure(&client, &unread);
    let whole = Times::measure(&client, &request("GET", "/hostile"));
    let response = send(&client, transfer.towards(whole));
    expect(&response, code);
    assert!(error_of(&response).contains("answered 200, but "), "{}", outcome(&response));
    assert_eq!(response.status(), 200);
    assert_usable(&client);
    let elapsed = response.elapsed_us() / 1000;
    format!("{} after {elapsed} ms of {}", outcome(&response), whole.ms)
}

fn sent_with(client: &Client, change: Change) -> Response {
    let mut request = request("GET", "/hostile");
    request.change(change).unwrap();
    client.send(&request)
}

/// Triggers the cancel after the repairing thread has been busy for this time.
fn cancelled(client: &Client, times: Times) -> Response {
    let mut request = request("GET", "/hostile");
    let cancel = Cancel::new().unwrap();
    request.set_cancel(Some(cancel.clone()));
    let watcher = BusyTime::of_this_thread();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            watcher.wait_for(Duration::from_millis(times.busy_ms));
            cancel.trigger();
        });
        client.send(&request)
    })
}
