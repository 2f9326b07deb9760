//! The life of a call, against real sockets: how often a request is sent, how long it is waited
//! for what, what ends a wait, and what is told of it all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::print_stdout, reason = "a measurement is there to be read")]

#[path = "../support/mod.rs"]
mod support;

mod cancel;
mod connections;
mod counts;
mod deadline;
mod gate;
mod limit;
mod look_up;
mod redirects;
mod sendable;
mod threads;
mod told;
mod waits;
mod wiped;
