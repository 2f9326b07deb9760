//! The memory that a response takes: for any content, at most four times its body in allocated
//! bytes, including the body and everything made from it; at least 4 MiB are allowed. Other texts
//! have their own limits.

// A test may panic and overflow, and an allocator must be unsafe.
#![allow(unsafe_code, clippy::unwrap_used, clippy::arithmetic_side_effects)]
#![allow(clippy::panic, clippy::indexing_slicing)]

#[path = "support/mod.rs"]
mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use http::{HeaderMap, HeaderValue, Method, Uri, header};
use sac::answer::{HttpResponse, Response, ResponseInput, build_response};
use sac::code::{Code, Error};
use sac::log::Redactor;

/// The system's allocator, which counts the live bytes of each thread. An allocation that grows
/// counts by the difference, because the system moves pages and copies no bytes.
struct CountingAllocator;

thread_local! {
    static LIVE_BYTES: Cell<isize> = const { Cell::new(0) };
    static PEAK_BYTES: Cell<isize> = const { Cell::new(0) };
}

fn count(allocated: usize, freed: usize) {
    let live = LIVE_BYTES.get() + allocated as isize - freed as isize;
    LIVE_BYTES.set(live);
    PEAK_BYTES.set(PEAK_BYTES.get().max(live));
}

// SAFETY: every function passes its arguments on to the system's allocator unchanged.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Length of a body in bytes: just above the length from which the limit is four times the body.
const LENGTH: usize = (1 << 20) + (1 << 12);

use support::{LARGE_HEADS, Server, client_with_jar_and_log, get, read_all_of};

const NO_SECRETS: Redactor = Redactor::none();

fn response_to(status: u16, charset: &str, body: Vec<u8>, failure: Option<Error>) -> Response {
    let mut headers = HeaderMap::new();
    let type_ = format!("application/json; charset={charset}");
    headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(type_).unwrap());
    let (rate_limited, reason, headers) = (false, "".into(), headers.into());
    build_response(ResponseInput {
        method: &Method::GET,
        url: &Uri::from_static("http://h/"),
        asks_for_json: true,
        redactor: &|| NO_SECRETS,
        http_response: Some(HttpResponse { status, rate_limited, reason, headers, body }),
        failure,
        check_interrupt: &|| None,
    })
}

/// Bodies that take much more memory than their length in careless code.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let filled = |open: &str, unit: &str, close: &str| {
        let count = (LENGTH - open.len() - close.len()) / unit.len();
        format!("{open}{}{close}", unit.repeat(count)).into_bytes()
    };
    let nested = |open: &str, close: &str| {
        let depth = LENGTH / (open.len() + close.len());
        format!("{}0{}", open.repeat(depth), close.repeat(depth)).into_bytes()
    };
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("numbers", filled("[", "0,", "0]")),
        ("lists", filled("[", "[],", "0]")),
        ("objects of empty members", filled("[", "{\"\":0},", "0]")),
        ("an object of empty members", filled("{", "\"\":0,", "\"\":0}")),
        ("errors", filled("{", "\"error\":0,", "\"a\":0}")),
        ("nested lists", nested("[", "]")),
        ("nested objects", nested("{\"\":", "}")),
        ("escapes", filled("\"", "\\n", "\"")),
        ("an error of escapes", filled("{\"error\":\"", "\\u0000", "\"}")),
        ("a message in an object", filled("{\"message\":\"no\",\"a\":[", "1,", "1]}")),
        ("lists that do not close", filled("", "[", "")),
        ("lists without values", filled("[", ",", "]")),
        ("control characters", filled("[\"", "\u{1}", "\"")),
        ("line ends in a string", filled("[\"", "\n", "\"")),
        ("words", filled("[", "a,", "a]")),
        ("names without quotes", filled("{", "a:1,", "a:1}")),
        ("quotes", filled("[", "'\"", "]")),
        ("brackets of the wrong kind", filled("[", "[}", "]")),
        ("events", filled("", "data: {\"a\":1}\n\n", "")),
        ("Latin-1", [b"{\"a\":\"".to_vec(), vec![0xe9; LENGTH - 8], b"\"}".to_vec()].concat()),
        ("damaged Latin-1", [b"{\"a\":\"".to_vec(), vec![0xe9; LENGTH - 8]].concat()),
        ("UTF-16", utf16(&format!("[{}0]", "0,".repeat(LENGTH / 4 - 2)))),
        ("damaged UTF-16", utf16(&format!("[\"{}", "日".repeat(LENGTH / 2 - 2)))),
        ("damaged UTF-8", [b"[\"".to_vec(), vec![0xff; LENGTH - 4], "é\"]".into()].concat()),
    ]
}

#[test]
fn a_response_takes_at_most_four_times_its_body() {
    let connection_lost = || Some(Error::new(Code::Closed, "connection lost"));
    for (name, body) in bodies() {
        for (status, failure) in [(400, None), (200, connection_lost())] {
            let length = body.len();
            let before = LIVE_BYTES.get();
            let mut copy = Vec::with_capacity(length + 1);
            copy.extend_from_slice(&body);
            PEAK_BYTES.set(LIVE_BYTES.get());
            // The charset counts only if the bytes are not UTF-8.
            let response = response_to(status, "windows-1252", copy, failure);
            assert!(sac::answer::json::is_json(response.json_text()), "{name}");
            for pointer in ["/0", "/data/100000", "/"] {
                let _ = response.values().type_of(response.json_text(), pointer);
            }
            let peak = usize::try_from(PEAK_BYTES.get() - before).unwrap();
            let case = format!("{name}, {status}, {:?}", response.code());
            assert!(peak <= 4 * length, "{peak} B for {length} B: {case}");
        }
    }
}

#[test]
fn long_errors_become_a_line_of_four_kilobytes() {
    let body = format!("{{\"message\":\"{}\"}}", "é\\n".repeat(LENGTH / 4)).into_bytes();
    let response = response_to(400, "utf-8", body, None);
    let error = response.error().unwrap().to_str().unwrap();
    assert!(error.len() <= 4096 && error.ends_with('…'), "{} B", error.len());
    let failure = Some(Error::new(Code::Protocol, "x".repeat(LENGTH)));
    let response = response_to(200, "utf-8", Vec::new(), failure);
    assert!(response.error().unwrap().to_bytes().len() <= 4096);
}

/// A text with every encoding in which the redactor looks for secrets. All its parts differ.
fn in_every_encoding(length: usize) -> String {
    let mut text = String::new();
    for number in 0_usize.. {
        let coded = format!("{:x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        text.push_str(&coded);
        match number % 8 {
            0 => text.push_str("%61%2562"),
            1 => text.push_str("\\u0061\\\\x62"),
            2 => text.push_str("&#97;%26amp;"),
            3 => text.push_str("\r\n"),
            _ => {}
        }
        if text.len() >= length {
            text.truncate(length);
            return text;
        }
    }
    text
}

#[test]
fn redacting_a_text_takes_little_memory() {
    let mut secrets = sac::log::Secrets::default();
    secrets.add("a-token-that-is-longer-than-a-window-of-the-search");
    secrets.add("short");
    let redactor = Redactor::from(secrets);
    for (name, max) in [("an error", 4 << 10), ("a line of the log", 8 << 10)] {
        let text = in_every_encoding(1 << 20);
        let before = LIVE_BYTES.get();
        PEAK_BYTES.set(before);
        let redacted = redactor.redact_line(&text, max, sac::log::plain_line);
        let peak = PEAK_BYTES.get() - before;
        assert!(redacted.len() <= max && redacted.ends_with('…'), "{} B", redacted.len());
        let scanned = max as isize + 256;
        assert!(peak <= 1024 * scanned, "{peak} B for {name} of {scanned} B");
    }
}

/// Maximum memory in bytes that the library allocates without handling failure; see `SECURITY.md`.
const MAX_INFALLIBLE: isize = 2 << 20;

#[test]
fn a_call_takes_little_memory_for_large_header_sections() {
    for (name, action) in LARGE_HEADS {
        let server = Server::always(action());
        let client = client_with_jar_and_log(&server.url());
        let before = LIVE_BYTES.get();
        PEAK_BYTES.set(before);
        let response = get(&client, "/");
        read_all_of(&response);
        let peak = PEAK_BYTES.get() - before;
        assert!(peak <= MAX_INFALLIBLE, "{peak} B for {name}");
    }
}
