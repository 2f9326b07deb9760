//! Bodies that do not lie in memory, sent and received, with every failure in the middle of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what is skipped is said aloud")]

mod codings;
mod download;
mod early_response;
mod expect;
mod failures;
mod memory;
mod owners;
mod server;
mod upload;
