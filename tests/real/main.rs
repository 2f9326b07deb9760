//! The library against real parts: nginx, a proxy, a SOCKS server. A part that is not installed is
//! skipped aloud, by its name.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what is skipped is said aloud")]

mod certificates;
mod nginx;
mod part;
mod proxies;
