//! How much memory an answer takes, whatever is in it: at most four times its body, the body itself
//! and all that is made of it counted, in allocated bytes; and 4 MiB where the body is small. For what is
//! not as long as a body there are bounds of its own.

// A test program may panic and overflow, and an allocator that counts is unsafe by its nature.
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

/// The system's allocator, which counts what each thread holds. An allocation that grows counts by
/// the difference: the system moves pages and copies no bytes.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(more: usize, less: usize) {
    let held = HELD.get() + more as isize - less as isize;
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

// SAFETY: all is the system's allocator's.
unsafe impl GlobalAlloc for Counting {
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
static ALLOCATOR: Counting = Counting;

/// The length of a body: so long that it counts, and no longer.
const LENGTH: usize = (1 << 20) + (1 << 12);

use support::{LARGE_HEADS, Server, client_with_jar_and_log, get, read_all_of};

const NONE: Redactor = Redactor::none();

fn answered(status: u16, charset: &str, body: Vec<u8>, failure: Option<Error>) -> Response {
    let mut headers = HeaderMap::new();
    let type_ = format!("application/json; charset={charset}");
    headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(type_).unwrap());
    let (limited, reason, headers) = (false, "".into(), headers.into());
    build_response(ResponseInput {
        method: &Method::GET,
        url: &Uri::from_static("http://h/"),
        asks_for_json: true,
        redactor: &|| NONE,
        http_response: Some(HttpResponse { status, rate_limited: limited, reason, headers, body }),
        failure,
        check_interrupt: &|| None,
    })
}

/// Bodies that take much more than their length where nobody takes care.
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
fn an_answer_takes_at_most_four_times_its_body() {
    let lost = || Some(Error::new(Code::Closed, "cut"));
    for (name, body) in bodies() {
        for (status, failure) in [(400, None), (200, lost())] {
            let length = body.len();
            let before = HELD.get();
            let mut copy = Vec::with_capacity(length + 1);
            copy.extend_from_slice(&body);
            PEAK.set(HELD.get());
            // What the server calls the charset counts where the bytes are no UTF-8.
            let response = answered(status, "windows-1252", copy, failure);
            assert!(sac::answer::json::is_json(response.json_text()), "{name}");
            for place in ["/0", "/data/100000", "/"] {
                let _ = response.values().type_of(response.json_text(), place);
            }
            let peak = usize::try_from(PEAK.get() - before).unwrap();
            let what = format!("{name}, {status}, {:?}", response.code());
            assert!(peak <= 4 * length, "{peak} B for {length} B: {what}");
        }
    }
}

#[test]
fn errors_of_megabytes_become_a_line_of_four_kilobytes() {
    let body = format!("{{\"message\":\"{}\"}}", "é\\n".repeat(LENGTH / 4)).into_bytes();
    let response = answered(400, "utf-8", body, None);
    let error = response.error().unwrap().to_str().unwrap();
    assert!(error.len() <= 4096 && error.ends_with('…'), "{} B", error.len());
    let failure = Some(Error::new(Code::Protocol, "x".repeat(LENGTH)));
    let response = answered(200, "utf-8", Vec::new(), failure);
    assert!(response.error().unwrap().to_bytes().len() <= 4096);
}

/// A text of every encoding in which a secret is looked for, and no two parts of it alike.
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
fn a_text_takes_little_memory_to_be_made_without_secrets() {
    let mut secrets = sac::log::Secrets::default();
    secrets.add("a-token-that-is-longer-than-a-window-of-the-search");
    secrets.add("short");
    let redactor = secrets.into_redactor();
    for (what, most) in [("an error", 4 << 10), ("a line of the log", 8 << 10)] {
        let text = in_every_encoding(1 << 20);
        let before = HELD.get();
        PEAK.set(before);
        let shown = redactor.redact_line(&text, most, sac::log::plain_line);
        let peak = PEAK.get() - before;
        assert!(shown.len() <= most && shown.ends_with('…'), "{} B", shown.len());
        let looked_at = most as isize + 256;
        assert!(peak <= 1024 * looked_at, "{peak} B for {what} of {looked_at} B");
    }
}

/// What is taken without a way to fail, as `SECURITY.md` has it.
const MOST_UNTRIED: isize = 2 << 20;

#[test]
fn a_call_takes_little_memory_for_heads_and_words() {
    for (name, action) in LARGE_HEADS {
        let server = Server::always(action());
        let client = client_with_jar_and_log(&server.url());
        let before = HELD.get();
        PEAK.set(before);
        let response = get(&client, "/");
        read_all_of(&response);
        let peak = PEAK.get() - before;
        assert!(peak <= MOST_UNTRIED, "{peak} B for {name}");
    }
}
