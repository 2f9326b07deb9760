//! Bodies of a few bytes that keep a decoder busy, with nothing more to be read from the socket:
//! timeout, deadline and cancel end them all the same.

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
/// Far less than undoing any of the bodies takes.
const SHORT_MS: u64 = 150;
/// How often a body repeats a MiB of nothing.
const TIMES: usize = 512;

fn packed(mut encoder: impl Read) -> Vec<u8> {
    let mut packed = Vec::new();
    encoder.read_to_end(&mut packed).unwrap();
    packed
}

/// In gzip: the first bytes, and the others again and again.
fn gzip(first: &[u8], again: &[u8]) -> Vec<u8> {
    let member = |bytes: &[u8]| packed(GzEncoder::new(bytes, Compression::default()));
    let much = again.repeat((1 << 20) / again.len());
    [member(first), member(&much).repeat(TIMES)].concat()
}

/// A frame that repeats one byte: 128 KiB in four (RFC 8878 section 3.1.1.2).
fn zstd(first: u8, byte: u8, blocks: usize) -> Vec<u8> {
    let block = |length: u32, byte: u8| {
        let header = ((length << 3) | (1 << 1)).to_le_bytes();
        [header[0], header[1], header[2], byte]
    };
    let again = block(128 << 10, byte).repeat(blocks);
    [&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x50][..], &block(1, first), &again, &[1, 0, 0]].concat()
}

/// A frame without a byte, and one that is skipped (RFC 8878 section 3.1).
const NO_FRAME: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0];
const SKIPPED: &[u8] = &[0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0];
/// A gzip member without a byte.
const NO_MEMBER: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0";
/// A block without a byte, and one with tables for nothing (RFC 1951 sections 3.2.4 and 3.2.6).
const NO_STORED: &[u8] = b"\0\0\0\xff\xff";
const NO_FIXED: &[u8] = b"\x02\x08\x20\x80\0";

/// A name, the codings, and what makes the body.
type Body = (&'static str, &'static str, fn() -> Vec<u8>);

const BODIES: &[Body] = &[
    ("gzip members of nothing", "gzip, gzip", || gzip(b"", NO_MEMBER)),
    ("stored blocks of nothing", "deflate, gzip", || gzip(b"\x78\x9c", NO_STORED)),
    ("blocks of nothing", "deflate, gzip", || gzip(b"", NO_FIXED)),
    ("zstd frames of nothing", "zstd, gzip", || gzip(b"", NO_FRAME)),
    ("zstd frames to skip", "zstd, gzip", || gzip(b"", SKIPPED)),
    ("zstd blocks of nothing", "zstd, gzip", || {
        gzip(&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x50], b"\0\0\0")
    }),
    // Metadata of no length (RFC 7932 section 9.2).
    ("brotli blocks of nothing", "br, zstd", || zstd(0x0c, 0x06, 2000)),
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

/// What becomes of a request that gets this; the client is usable afterwards.
fn ask(action: Action, work: impl FnOnce(&Client) -> Response) -> Response {
    let server = Server::start(move |received| match received.number {
        0 => action.clone(),
        _ => ok_response(received.path()),
    });
    let client = Client::new(&server.url()).unwrap();
    let response = work(&client);
    assert_usable(&client);
    response
}

/// The body goes away piece by piece, and is forgotten.
fn forgetting() -> Request {
    let mut request = request("GET", "/hostile");
    request.set_output(Output::Callback(Arc::new(|_: &[u8]| true))).unwrap();
    for change in [Change::TimeoutMs(0), Change::MaxBodyBytes(0)] {
        request.change(change).unwrap();
    }
    request
}

fn ends_by(action: Action, change: Change) -> String {
    let response = ask(action, |client| {
        let mut request = forgetting();
        request.change(change.clone()).unwrap();
        client.send(&request)
    });
    expect(&response, Code::Timeout);
    outcome(&response)
}

/// The cancel comes once the thread that decodes has kept a processor busy for a while.
fn ends_by_cancel(action: Action) -> String {
    let cancel = Cancel::new().unwrap();
    let trigger = cancel.clone();
    let response = ask(action, |client| {
        let decoder = Busy::here();
        let watcher = std::thread::spawn(move || {
            decoder.wait_for(Duration::from_millis(40));
            trigger.trigger();
        });
        let mut request = forgetting();
        request.set_cancel(Some(cancel.clone()));
        let response = client.send(&request);
        watcher.join().unwrap();
        response
    });
    expect(&response, Code::Cancelled);
    outcome(&response)
}

/// How long a thread keeps a processor busy from now on (proc_pid_stat(5): utime and stime).
pub struct Busy {
    stat: PathBuf,
    before: u64,
}

impl Busy {
    /// This thread.
    pub fn here() -> Self {
        let thread = std::fs::read_link("/proc/thread-self").unwrap();
        let stat = PathBuf::from("/proc").join(thread).join("stat");
        Self { before: ticks(&stat), stat }
    }

    /// Waits until it has been busy for so long, to a hundredth of a second.
    pub fn wait_for(&self, span: Duration) {
        let enough = self.before + span.as_millis() as u64 / 10;
        wait_until("a thread at work", || ticks(&self.stat) > enough);
    }
}

fn ticks(stat: &PathBuf) -> u64 {
    let text = std::fs::read_to_string(stat).unwrap();
    let (_, rest) = text.rsplit_once(") ").unwrap();
    rest.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

/// The same for each way to end a call.
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
        expect_error(coded("zstd, zstd, gzip, gzip", b"996 bytes that cost 78 s"), Code::Protocol)
            .with_message("at most 2")
            .into_scenario(GROUP, "four codings"),
        Scenario::new(GROUP, "64 GiB for a callback", || {
            let frame = zstd(b'0', b'0', 1 << 19);
            let body = packed(GzEncoder::new(&frame[..], Compression::best()));
            assert!(body.len() < 4096, "{}", body.len());
            let handed = Arc::new(AtomicU64::new(0));
            let response = ask(coded("zstd, gzip", &body), |client| {
                let mut request = request("GET", "/hostile");
                request.change(Change::TimeoutMs(0)).unwrap();
                let handed = Arc::clone(&handed);
                let count = move |bytes: &[u8]| {
                    handed.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                    true
                };
                request.set_output(Output::Callback(Arc::new(count))).unwrap();
                client.send(&request)
            });
            expect(&response, Code::TooLarge);
            assert!(handed.load(Ordering::Relaxed) <= 256 << 20);
            outcome(&response)
        }),
        Scenario::new(GROUP, "an inner coding beyond the limit, of nothing", || {
            let response = ask(coded("gzip, gzip", &gzip(b"", NO_MEMBER)), |client| {
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
