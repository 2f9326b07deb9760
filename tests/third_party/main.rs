//! The library against real parts: nginx, OpenSSL's server, a proxy, a SOCKS server, three JSON
//! APIs, and network interfaces. A part that is not there is skipped aloud, by its name.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what is skipped is said aloud")]

#[path = "../support/mod.rs"]
mod support;

mod certificates;
mod interruptions;
mod json_apis;
mod nginx;
mod openssl;
mod program;
mod proxies;
mod tls_errors;
mod zones;
