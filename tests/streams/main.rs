//! Request and response bodies that are not in memory, with every failure in the middle of a transfer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "skipped tests are reported")]

#[path = "../support/mod.rs"]
mod support;

mod codings;
mod download;
mod early_response;
mod expect;
mod failures;
mod memory;
mod owners;
mod record_memory;
mod server;
mod upload;
