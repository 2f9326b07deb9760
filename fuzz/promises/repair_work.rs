//! The repair of a text of 64 KiB takes work in proportion to its length, for any repeated content,
//! and stops when the caller says so.

use std::cell::Cell;

use sac::answer::json::{Hints, RepairError, try_repair, valid_text};

/// Minimum length of a text in bytes.
const MIN_LENGTH: usize = 1 << 16;
/// Steps of work between two calls of `should_continue`.
const CHECK_INTERVAL: usize = 1 << 16;
/// Maximum steps for each byte: those of the repair, and those of passes that read each byte once.
const MAX_STEPS_PER_BYTE: usize = 24 + 4;
/// The separator of the parts of an input.
const SEPARATOR: u8 = 0xff;

/// The tokens of texts: each byte of an input selects one.
const TOKENS: [&str; 64] = [
    "{",
    "[",
    "}",
    "]",
    "\"",
    "'",
    "`",
    "“",
    "”",
    "‘",
    ",",
    ":",
    ";",
    "\"a\"",
    "\"a\":",
    "a:",
    "'a'",
    "1",
    "-",
    "2e",
    ".5",
    "true",
    "nul",
    "None",
    "\\",
    "\\\"",
    "\n",
    "\n  ",
    " ",
    "\t",
    "#",
    "//",
    "/*",
    "*/",
    "<!--",
    "-->",
    "abc",
    "é",
    "\u{fffd}",
    "\0",
    "=",
    "=>",
    "(",
    ")",
    "\\ud83d",
    "},{",
    "],",
    "{\"a\":1}",
    "[1]",
    "data: ",
    "cb(",
    "...",
    "```",
    "```json",
    "\"a\":[",
    "+",
    "|",
    "<b>",
    "\\n",
    "\\u0022",
    "event: x\n",
    "for(;;);",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "                                                                ",
];

/// Input: the number of calls after which the work must stop, then the parts of the text:
/// beginning, repeated unit, middle, second repeated unit, end.
pub fn check(input: &[u8]) {
    let Some((max_calls, parts)) = input.split_first() else { return };
    let mut parts = parts.splitn(5, |byte| *byte == SEPARATOR).map(|part| {
        let tokens = part.iter().take(64).map(|byte| TOKENS[usize::from(*byte) % TOKENS.len()]);
        tokens.collect::<String>()
    });
    let [first, unit, middle, other, last] =
        std::array::from_fn(|_| parts.next().unwrap_or_default());
    let times = MIN_LENGTH.div_ceil((unit.len() + other.len()).max(1));
    let text = [first, unit.repeat(times), middle, other.repeat(times), last].concat();

    let (repaired, calls) = repair(&text, usize::MAX);
    let max_steps = text.len() * MAX_STEPS_PER_BYTE + 2 * CHECK_INTERVAL;
    assert!(calls * CHECK_INTERVAL <= max_steps, "{calls} calls for {} bytes", text.len());
    assert_ne!(repaired.as_ref().err(), Some(&RepairError::Stopped), "the repair takes too long");
    if let Ok(text) = repaired {
        assert!(valid_text(text.as_bytes()).is_some(), "the repaired text is not valid JSON");
    }
    let max_calls = usize::from(*max_calls % 16);
    let (repaired, calls) = repair(&text, max_calls);
    assert!(calls <= max_calls + 3, "{calls} calls, but the work must stop after {max_calls}");
    assert!(calls <= max_calls || repaired.is_err(), "the repair did not stop");
}

/// The result of a repair that must stop after `max_calls` calls of `should_continue`, and the
/// number of calls.
fn repair(text: &str, max_calls: usize) -> (Result<String, RepairError>, usize) {
    let calls = Cell::new(0);
    let should_continue = || {
        calls.set(calls.get() + 1);
        calls.get() <= max_calls
    };
    let repaired = try_repair(text.as_bytes(), &Hints::default(), &should_continue);
    (repaired.map(|repaired| repaired.text), calls.get())
}
