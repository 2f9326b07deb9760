//! What the library promises for any input whatever, a file for each of its parts that read what
//! strangers write.
//!
//! Each has a function `kept`, which panics where the promise is not kept. The fuzz targets call
//! it with what libFuzzer makes up, and a test of the library with the corpus and with mutations
//! of it, so that it is compiled and run on every compiler.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, missing_docs)]

pub mod coding;
pub mod cookie_jar;
pub mod delay;
pub mod framing;
pub mod pointer;
pub mod proxy;
pub mod redirect;
pub mod repair;
pub mod repair_work;
pub mod signed_cookie;
pub mod url;

/// A promise: panics where an input shows that it is not kept.
pub type Promise = fn(&[u8]);

/// All of them, by the names of the targets and of the folders in `fuzz/corpus`.
pub const ALL: [(&str, Promise); 11] = [
    ("coding", coding::kept),
    ("cookie_jar", cookie_jar::kept),
    ("delay", delay::kept),
    ("framing", framing::kept),
    ("pointer", pointer::kept),
    ("proxy", proxy::kept),
    ("redirect", redirect::kept),
    ("repair", repair::kept),
    ("repair_work", repair_work::kept),
    ("signed_cookie", signed_cookie::kept),
    ("url", url::kept),
];

/// The input as text, line by line; what is not there is empty.
struct Lines<'a>(std::str::Split<'a, char>);

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
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
