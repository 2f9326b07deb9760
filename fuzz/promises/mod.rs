//! The promises of the library for any input: one file for each part that reads untrusted input.
//!
//! Each file has a function `check`, which panics if the promise is broken. The fuzz targets call
//! it with inputs from libFuzzer. `tests/fuzz` calls it with the corpus and mutations of it, so
//! that every compiler builds and runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, missing_docs)]

pub mod coding;
pub mod cookie_jar;
pub mod delay;
pub mod digest;
pub mod framing;
pub mod json_body;
pub mod pointer;
pub mod proxy;
pub mod records;
pub mod redirect;
pub mod repair;
pub mod repair_work;
pub mod signed_cookie;
pub mod url;
pub mod webhook;

/// Checks a promise for one input. Panics if the promise is broken.
pub type Promise = fn(&[u8]);

/// All promises, by the names of the targets and of the folders in `fuzz/corpus`.
pub const ALL: [(&str, Promise); 15] = [
    ("coding", coding::check),
    ("cookie_jar", cookie_jar::check),
    ("delay", delay::check),
    ("digest", digest::check),
    ("framing", framing::check),
    ("json_body", json_body::check),
    ("pointer", pointer::check),
    ("proxy", proxy::check),
    ("records", records::check),
    ("redirect", redirect::check),
    ("repair", repair::check),
    ("repair_work", repair_work::check),
    ("signed_cookie", signed_cookie::check),
    ("url", url::check),
    ("webhook", webhook::check),
];

/// The lines of the input. A missing line is empty.
struct Lines<'a>(std::str::Split<'a, char>);

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self(text.split('\n'))
    }

    fn next(&mut self) -> &'a str {
        self.0.next().unwrap_or_default()
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0.next()
    }
}
