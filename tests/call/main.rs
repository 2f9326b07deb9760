//! A call over real sockets: how often the library sends a request, how long it waits, what ends a
//! wait, and what the library reports.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::print_stdout, reason = "a measurement is there to be read")]

#[path = "../support/mod.rs"]
mod support;

mod attempt_callback;
mod attempts;
mod budget;
mod cancel;
mod characters;
mod connections;
mod credentials;
mod deadline;
mod digest;
mod event_streams;
mod fake_resolver;
mod gate;
mod limit;
mod redirects;
mod reporting;
mod secret_memory;
mod signatures;
mod stream_codings;
mod stream_cuts;
mod streams;
mod threads;
mod tokens;
mod uploads;
mod waits;
