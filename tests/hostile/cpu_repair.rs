//! Damaged JSON that keeps its repair busy: it takes time in proportion to the length, and timeout,
//! deadline and cancel end it, though nothing more comes from the socket.

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
use crate::cpu_answers::within_time;
use crate::cpu_codings::Busy;
use crate::memory::packed;
use crate::scenario::Scenario;
use crate::support::{Server, client, error_of, request};

const GROUP: &str = "cpu of repair";

/// The beginning, what is repeated, and the end of texts whose repair once took time as the square of
/// their length, or takes the most for each byte today.
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
            let mut said = String::new();
            let took = within_time(|| said = outcome(&client.send(&request("GET", "/hostile"))));
            assert_usable(&client);
            format!("{said} in {} ms", took.as_millis())
        })
    });
    let ways: [(&str, Way, Code); 3] = [
        ("timeout", |client, spent| sent_with(client, Change::TimeoutMs(spent.ms)), Code::Timeout),
        (
            "deadline",
            |client, spent| sent_with(client, Change::DeadlineMs(spent.ms)),
            Code::Timeout,
        ),
        ("cancel", cancelled, Code::Cancelled),
    ];
    let ended = ways.into_iter().map(|(name, way, code)| {
        Scenario::new(GROUP, format!("a repair ended by {name}"), move || ended(way, code))
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

/// Sends a request that ends when it has taken so much time.
type Way = fn(&Client, Spent) -> Response;

/// The time that passes, and that of this thread on a processor, in milliseconds.
#[derive(Clone, Copy)]
struct Spent {
    ms: u64,
    busy_ms: u64,
}

impl Spent {
    /// What a request takes that has an answer.
    fn by(client: &Client, request: &Request) -> Self {
        let busy = || {
            let time = clock_gettime(ClockId::ThreadCPUTime);
            time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
        };
        let before = busy();
        let response = client.send(request);
        expect(&response, Code::Ok);
        Self { ms: response.elapsed_us() / 1000, busy_ms: busy() - before }
    }

    /// A third of the way to the other.
    fn towards(self, other: Self) -> Self {
        let third = |from: u64, to: u64| from + to.saturating_sub(from) / 3;
        Self { ms: third(self.ms, other.ms), busy_ms: third(self.busy_ms, other.busy_ms) }
    }
}

/// The length of a text whose repair takes much longer than its way here.
const LONG: usize = 3 << 20;

/// The text says that it was the work on the body that was ended.
fn ended(way: Way, code: Code) -> String {
    let server = serving(BODIES[0].1, LONG);
    let client = client(&server.url(), &[Change::TimeoutMs(60_000)]);
    let mut unread = request("GET", "/hostile");
    unread.set_output(Output::Callback(Arc::new(|_: &[u8]| true))).unwrap();
    let way_here = Spent::by(&client, &unread);
    let whole = Spent::by(&client, &request("GET", "/hostile"));
    let response = way(&client, way_here.towards(whole));
    expect(&response, code);
    assert!(error_of(&response).contains("answered 200, but "), "{}", outcome(&response));
    assert_eq!(response.status(), 200);
    assert_usable(&client);
    let took = response.elapsed_us() / 1000;
    format!("{} after {took} ms of {}", outcome(&response), whole.ms)
}

fn sent_with(client: &Client, change: Change) -> Response {
    let mut request = request("GET", "/hostile");
    request.change(change).unwrap();
    client.send(&request)
}

/// The cancel comes once the thread that repairs has kept a processor busy for so long.
fn cancelled(client: &Client, spent: Spent) -> Response {
    let mut request = request("GET", "/hostile");
    let cancel = Cancel::new().unwrap();
    request.set_cancel(Some(cancel.clone()));
    let watcher = Busy::here();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            watcher.wait_for(Duration::from_millis(spent.busy_ms));
            cancel.trigger();
        });
        client.send(&request)
    })
}
