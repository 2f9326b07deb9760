//! The library with real programs: nginx, OpenSSL's server, HTTP and SOCKS proxies, three JSON APIs,
//! and network interfaces. If a program is missing, the tests report it by name and skip it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "skipped tests are reported")]

#[path = "../support/mod.rs"]
mod support;

mod certificates;
mod digest;
mod encrypted_keys;
mod event_server;
mod event_streams;
mod interruptions;
mod json_apis;
mod nginx;
mod openssl;
mod pinned_keys;
mod program;
mod proxies;
mod rotation;
mod tls_errors;
mod zones;
