//! The life of a call, against real sockets: how often a request is sent, how long it is waited
//! for what, what ends a wait, and what is told of it all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::print_stdout, reason = "a measurement is there to be read")]

#[path = "../support/mod.rs"]
mod support;

mod attempts;
mod cancel;
mod characters;
mod connections;
mod deadline;
mod fake_resolver;
mod gate;
mod limit;
mod redirects;
mod reporting;
mod secret_memory;
mod threads;
mod waits;
