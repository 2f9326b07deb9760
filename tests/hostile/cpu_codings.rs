//! Small bodies that keep a decoder busy without further reads from the socket: timeout, deadline and
//! cancel must end them.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::read::{GzEncoder, ZlibEncoder};
use sac::answer::Response;
use sac::client::Client;
use sac::code::Code;
use sac::request::{Output, Request};
use sac::settings::Change;
use sac::wait::Cancel;

use crate::case::{assert_usable, expect, expect_error, head, ok_response, outcome};
use crate::scenario::Scenario;
use crate::support::{Action, Server, request, wait_until};

const GROUP: &str = "cpu of codings";
/// Far less than the decoding of any of the bodies takes.
const SHORT_MS: u64 = 150;
/// How often a body repeats a MiB of data that decodes to nothing.
const TIMES: usize = 512;

fn packed(mut encoder: impl Read) -> Vec<u8> {
    let mut packed = Vec::new();
    encoder.read_to_end(&mut packed).unwrap();
    packed
}

/// In gzip: the first bytes, and then the others repeatedly.
fn gzip(first: &[u8], repeated: &[u8]) -> Vec<u8> {
    let member = |bytes: &[u8]| packed(GzEncoder::new(bytes, Compression::default()));
    let much = repeated.repeat((1 << 20) / repeated.len());
    [member(first), member(&much).repeat(TIMES)].concat()
}

/// A frame of RLE blocks: 128 KiB in four bytes each (RFC 8878 section 3.1.1.2).
fn zstd(first: u8, byte: u8, blocks: usize) -> Vec<u8> {
    let block = |length: u32, byte: u8| {
        let header = ((length << 3) | (1 << 1)).to_le_bytes();
        [header[0], header[1], header[2], byte]
    };
    let repeated = block(128 << 10, byte).repeat(blocks);
    [&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x50][..], &block(1, first), &repeated, &[1, 0, 0]].concat()
}

/// An empty frame, and a skippable frame (RFC 8878 section 3.1).
const EMPTY_FRAME: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0];
const SKIPPED: &[u8] = &[0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0];
/// An empty gzip member.
const EMPTY_MEMBER: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0";
/// An empty stored block, and an empty block with fixed codes (RFC 1951 sections 3.2.4 and 3.2.6).
const EMPTY_STORED: &[u8] = b"\0\0\0\xff\xff";
const EMPTY_FIXED: &[u8] = b"\x02\x08\x20\x80\0";

/// A name, the codings, and a function that makes the body.
type Body = (&'static str, &'static str, fn() -> Vec<u8>);

const BODIES: &[Body] = &[
    ("empty gzip members", "gzip, gzip", || gzip(b"", EMPTY_MEMBER)),
    ("empty stored blocks", "deflate, gzip", || gzip(b"\x78\x9c", EMPTY_STORED)),
    ("empty fixed blocks", "deflate, gzip", || gzip(b"", EMPTY_FIXED)),
    ("empty zstd frames", "zstd, gzip", || gzip(b"", EMPTY_FRAME)),
    ("skippable zstd frames", "zstd, gzip", || gzip(b"", SKIPPED)),
    ("empty zstd blocks", "zstd, gzip", || gzip(&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x50], b"\0\0\0")),
    // Empty metadata blocks (RFC 7932 section 9.2).
    ("empty brotli blocks", "br, zstd", || zstd(0x0c, 0x06, 2000)),
    ("zeros in gzip in gzip", "gzip, gzip", || {
        let zeros = std::io::repeat(b'0').take(1 << 20);
        gzip(b"", &packed(GzEncoder::new(zeros, Compression::default())))
    }),
    ("zeros in zstd in deflate", "zstd, deflate", || {
        let frame = zstd(b'0', b'0', 1 << 19);
        packed(ZlibEncoder::new(&frame[..], Compression::fast()))
    }),
];

fn coded(codings: &str, body: &[u8]) -> Action {
    let lines = [format!("Content-Encoding: {codings}"), format!("Content-Length: {}", body.len())];
    Action::Reply([head(&[&lines[0], &lines[1]]).as_bytes(), body].concat())
}

/// The result of a request that gets this response. The client must be usable afterwards.
fn response_to(action: Action, work: impl FnOnce(&Client) -> Response) -> Response {
    let server = Server::start(move |received| match received.number {
        0 => action.clone(),
        _ => ok_response(received.path()),
    });
    let client = Client::new(&server.url()).unwrap();
    let response = work(&client);
    assert_usable(&client);
    response
}

/// A request with a callback that discards the body.
fn discarding() -> Request {
    let mut request = request("GET", "/hostile");
    request.set_output(Output::Callback(Arc::new(|_: &[u8]| true))).unwrap();
    for change in [Change::TimeoutMs(0), Change::MaxBodyBytes(0)] {
        request.change(change).unwrap();
    }
    request
}

fn ends_by(action: Action, change: Change) -> String {
    let response = response_to(action, |client| {
        let mut request = discarding();
        request.change(change.clone()).unwrap();
        client.send(&request)
    });
    expect(&response, Code::Timeout);
    outcome(&response)
}

/// Triggers the cancel after the decoding thread has been busy for a while.
fn ends_by_cancel(action: Action) -> String {
    let cancel = Cancel::new().unwrap();
    let trigger = cancel.clone();
    let response = response_to(action, |client| {
        let decoder = BusyTime::of_this_thread();
        let watcher = std::thread::spawn(move || {
            decoder.wait_for(Duration::from_millis(40));
            trigger.trigger();
        });
        let mut request = discarding();
        request.set_cancel(Some(cancel.clone()));
        let response = client.send(&request);
        watcher.join().unwrap();
        response
    });
    expect(&response, Code::Cancelled);
    outcome(&response)
}

/// The CPU time of a thread from now on (proc_pid_stat(5): utime and stime).
pub struct BusyTime {
    stat: PathBuf,
    before: u64,
}

impl BusyTime {
    pub fn of_this_thread() -> Self {
        let thread = std::fs::read_link("/proc/thread-self").unwrap();
        let stat = PathBuf::from("/proc").join(thread).join("stat");
        Self { before: ticks(&stat), stat }
    }

    /// Waits until the thread has been busy for this time, with a precision of 10 ms.
    pub fn wait_for(&self, span: Duration) {
        let enough = self.before + span.as_millis() as u64 / 10;
        wait_until("a thread to use CPU time", || ticks(&self.stat) > enough);
    }
}

fn ticks(stat: &PathBuf) -> u64 {
    let text = std::fs::read_to_string(stat).unwrap();
    let (_, rest) = text.rsplit_once(") ").unwrap();
    rest.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

/// The scenarios for timeout, deadline and cancel.
fn three_ways(name: &str, action: impl Fn() -> Action + Clone + 'static) -> [Scenario; 3] {
    let (by_timeout, by_deadline, by_cancel) = (action.clone(), action.clone(), action);
    [
        Scenario::new(GROUP, format!("{name}, ended by timeout"), move || {
            ends_by(by_timeout(), Change::TimeoutMs(SHORT_MS))
        }),
        Scenario::new(GROUP, format!("{name}, ended by deadline"), move || {
            ends_by(by_deadline(), Change::DeadlineMs(SHORT_MS))
        }),
        Scenario::new(GROUP, format!("{name}, ended by cancel"), move || {
            ends_by_cancel(by_cancel())
        }),
    ]
}

pub fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for &(name, codings, body) in BODIES {
        all.extend(three_ways(name, move || coded(codings, &body())));
    }
    all.extend(three_ways("chunks of one byte", || {
        let head = head(&["Transfer-Encoding: chunked"]).into_bytes();
        Action::Endless(head, b"1\r\n \r\n".repeat(10_000))
    }));
    all.extend(limits());
    all
}

fn limits() -> Vec<Scenario> {
    vec![
        expect_error(
            coded("zstd, zstd, gzip, gzip", b"996 bytes that once needed 78 s"),
            Code::Protocol,
        )
        .with_message("at most 2")
        .into_scenario(GROUP, "four codings"),
        Scenario::new(GROUP, "64 GiB for a callback", || {
            let frame = zstd(b'0', b'0', 1 << 19);
            let body = packed(GzEncoder::new(&frame[..], Compression::best()));
            assert!(body.len() < 4096, "{}", body.len());
            let received = Arc::new(AtomicU64::new(0));
            let response = response_to(coded("zstd, gzip", &body), |client| {
                let mut request = request("GET", "/hostile");
                request.change(Change::TimeoutMs(0)).unwrap();
                let received = Arc::clone(&received);
                let count = move |bytes: &[u8]| {
                    received.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                    true
                };
                request.set_output(Output::Callback(Arc::new(count))).unwrap();
                client.send(&request)
            });
            expect(&response, Code::TooLarge);
            assert!(received.load(Ordering::Relaxed) <= 256 << 20);
            outcome(&response)
        }),
        Scenario::new(GROUP, "an empty inner coding beyond the limit", || {
            let response = response_to(coded("gzip, gzip", &gzip(b"", EMPTY_MEMBER)), |client| {
                let mut request = request("GET", "/hostile");
                request.change(Change::TimeoutMs(0)).unwrap();
                request.change(Change::MaxBodyBytes(1 << 20)).unwrap();
                client.send(&request)
            });
            expect(&response, Code::TooLarge);
            outcome(&response)
        }),
    ]
}
