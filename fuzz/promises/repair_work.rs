//! The repair of a text of 64 KB takes work in proportion to its length, whatever is repeated in it,
//! and ends when it is told to.

use std::cell::Cell;

use sac::answer::json::{Hints, Unrepaired, strict, try_repair};

/// The least length of a text.
const LENGTH: usize = 1 << 16;
/// The work between two questions whether it may go on.
const WATCH: usize = 1 << 16;
/// The most work for each byte: that of the repair, and that of what reads each byte once.
const MOST: usize = 24 + 4;
/// Separates the parts of an input.
const END: u8 = 0xff;

/// What texts are made of: each byte of an input stands for one of these.
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

/// The first byte says how often the work is let go on; the rest is what the text begins with, what
/// is repeated, what follows it, what is repeated after that, and what the text ends with.
pub fn kept(input: &[u8]) {
    let Some((patience, parts)) = input.split_first() else { return };
    let mut parts = parts.splitn(5, |byte| *byte == END).map(|part| {
        let tokens = part.iter().take(64).map(|byte| TOKENS[usize::from(*byte) % TOKENS.len()]);
        tokens.collect::<String>()
    });
    let [first, unit, middle, other, last] =
        std::array::from_fn(|_| parts.next().unwrap_or_default());
    let times = LENGTH.div_ceil((unit.len() + other.len()).max(1));
    let text = [first, unit.repeat(times), middle, other.repeat(times), last].concat();

    let (repaired, asked) = repair(&text, usize::MAX);
    let most = text.len() * MOST + 2 * WATCH;
    assert!(asked * WATCH <= most, "{asked} questions for {} bytes", text.len());
    assert_ne!(repaired.as_ref().err(), Some(&Unrepaired::Stopped), "it takes too long");
    if let Ok(text) = repaired {
        assert!(strict(text.as_bytes()).is_some(), "ill-formed JSON came out");
    }
    let patience = usize::from(*patience % 16);
    let (repaired, asked) = repair(&text, patience);
    assert!(asked <= patience + 3, "asked {asked} times, after an end at {patience}");
    assert!(asked <= patience || repaired.is_err(), "it went on after its end");
}

/// What comes of a repair that is let go on so often, and how often it asked.
fn repair(text: &str, patience: usize) -> (Result<String, Unrepaired>, usize) {
    let asked = Cell::new(0);
    let may_go_on = || {
        asked.set(asked.get() + 1);
        asked.get() <= patience
    };
    let repaired = try_repair(text.as_bytes(), &Hints::default(), &may_go_on);
    (repaired.map(|repaired| repaired.text), asked.get())
}
