//! Responses that would fill the memory: the call uses at most four times the size of the body. If
//! less is left, the call fails with a clear error and the process continues.

use std::io::Read;

use flate2::Compression;
use flate2::read::GzEncoder;
use sac::answer::Response;
use sac::code::Code;
use sac::settings::Change;

use crate::case::{assert_usable, ok_response, outcome};
use crate::resources::limit_memory;
use crate::scenario::Scenario;
use crate::support::{Action, Server, client, error_of, get};

const GROUP: &str = "memory";

/// The length of a body: four times this length is within the limit of a scenario.
const LENGTH: usize = 3 << 19;
/// Other memory in KiB: threads, the decoder, rounding by the system.
const OVERHEAD: u64 = 1 << 10;

/// The parts of a body: name, start, repeated part, and end.
const BODIES: &[(&str, &str, &str, &str)] = &[
    ("numbers", "[", "0,", "0]"),
    ("empty lists", "[", "[],", "0]"),
    ("objects of empty members", "[", "{\"\":0},", "0]"),
    ("an object of empty members", "{", "\"\":0,", "\"\":0}"),
    ("members that are errors", "{", "\"error\":0,", "\"a\":0}"),
    ("an error of escapes", "{\"error\":\"", "\\u0000", "\"}"),
    ("a string of escapes", "\"", "\\n", "\""),
    ("a message, and numbers", "{\"message\":\"no\",\"a\":[", "1,", "1]}"),
    ("lists that do not close", "", "[", ""),
    ("control characters", "[\"", "\u{1}", "\"]"),
    ("commas", "[", ",", "]"),
];

/// `remaining` bytes of a repeated unit.
struct Repeated {
    unit: Vec<u8>,
    at: usize,
    remaining: usize,
}

impl Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(self.remaining).min(self.unit.len() - self.at);
        buffer[..count].copy_from_slice(&self.unit[self.at..self.at + count]);
        self.at = (self.at + count) % self.unit.len();
        self.remaining -= count;
        Ok(count)
    }
}

/// A response with this body. The body is compressed while it is made, so the server needs almost no
/// memory and leaves no freed memory.
pub fn packed(status: u16, (open, unit, close): (&str, &str, &str), length: usize) -> Action {
    let count = length / unit.len();
    let unit = unit.as_bytes().to_vec();
    let repeated = Repeated { remaining: unit.len() * count, unit, at: 0 };
    let body = open.as_bytes().chain(repeated).chain(close.as_bytes());
    let mut coded = Vec::new();
    GzEncoder::new(body, Compression::fast()).read_to_end(&mut coded).unwrap();
    let length = coded.len();
    let head = format!(
        "HTTP/1.1 {status} Test\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
    );
    Action::Reply([head.as_bytes(), &coded].concat())
}

pub fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for &(name, open, unit, close) in BODIES {
        for status in [200, 400] {
            all.push(usage(format!("{status} with {name}"), status, (open, unit, close)));
        }
    }
    all.push(scarce("texts", "[", "0]", "x"));
    all.push(scarce("texts that do not end", "[", "", "x"));
    all.push(scarce("texts with control characters", "[", "0]", CONTROL));
    all
}

/// Reads values, like a caller.
fn read(response: &Response) {
    for place in ["/0", "/data/100000", "/"] {
        let _ = response.values().type_of(response.json_text(), place);
    }
}

fn usage(name: String, status: u16, body: (&'static str, &'static str, &'static str)) -> Scenario {
    Scenario::new(GROUP, name, move || {
        let action = packed(status, body, LENGTH);
        let server = Server::start(move |received| match received.path() {
            "/hostile" => action.clone(),
            path => ok_response(path),
        });
        let client = client(&server.url(), &[]);
        assert_usable(&client);
        // Resets the peak (proc(5)).
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let before = status_of("VmRSS");
        let response = get(&client, "/hostile");
        read(&response);
        let used = status_of("VmHWM").saturating_sub(before);
        let max = 4 * (LENGTH as u64 >> 10) + OVERHEAD;
        assert!(used <= max, "{used} KiB for {} KiB", LENGTH >> 10);
        assert_eq!(response.status(), status, "{}", outcome(&response));
        drop(response);
        assert_usable(&client);
        format!("{used} KiB for a body of {} KiB", LENGTH >> 10)
    })
}

fn status_of(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// The length of a body that must fit into less and less memory.
const LARGE: usize = 4 << 20;

/// A control character, which takes six bytes in JSON, and enough text that its time does not matter.
const CONTROL: &str = "\u{1}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

/// With less and less memory, each call ends with a code, and the process continues.
fn scarce(name: &str, open: &'static str, close: &'static str, content: &'static str) -> Scenario {
    Scenario::new(GROUP, format!("{name} with little memory left"), move || {
        let text = format!("\"{}\",", content.repeat(1016 / content.len()));
        let actions = [200, 400].map(|status| packed(status, (open, &text, close), LARGE));
        let server = Server::start(move |received| match received.path() {
            "/200" => actions[0].clone(),
            "/400" => actions[1].clone(),
            path => ok_response(path),
        });
        let client = client(&server.url(), &[Change::TimeoutMs(60_000)]);
        assert_usable(&client);
        let mut codes = Vec::new();
        for mib in [16, 7, 3] {
            for path in ["/200", "/400"] {
                let limit = limit_memory(mib << 20);
                let response = get(&client, path);
                read(&response);
                drop(limit);
                let expected = matches!(response.code(), Code::Ok | Code::Status | Code::TooLarge);
                assert!(expected, "{mib} MiB: {}", outcome(&response));
                assert_eq!(error_of(&response).is_empty(), response.code() == Code::Ok);
                codes.push(response.code());
            }
        }
        assert!(codes.contains(&Code::TooLarge), "{codes:?}");
        assert_usable(&client);
        format!("{codes:?}")
    })
}
