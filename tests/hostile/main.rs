//! A hostile server, a hostile network and a process that has run out of everything: what becomes
//! of a call, and of the client afterwards.
//!
//! Each scenario runs in a process of its own, so that none disturbs another, a crash has a name,
//! and memory, descriptors and threads can be counted. `cargo test --test hostile -- --nocapture`
//! prints them as a table; words given instead choose those whose names hold one of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test program speaks for itself")]

#[path = "../support/mod.rs"]
mod support;

mod case;
mod chunks;
mod codings;
mod content;
mod cookies;
mod cpu_answers;
mod cpu_codings;
mod cpu_repair;
mod fields;
mod injection;
mod lengths;
mod memory;
mod memory_scarce;
mod origins;
mod proxies;
mod redirects;
mod resources;
mod reuse;
mod scenario;
mod secrets;
mod smuggling;
mod stalls;
mod status_lines;
mod tls;
mod tls_host;

use scenario::Scenario;

fn all() -> Vec<Scenario> {
    let groups = [
        lengths::scenarios(),
        chunks::scenarios(),
        smuggling::scenarios(),
        fields::scenarios(),
        status_lines::scenarios(),
        codings::scenarios(),
        cpu_codings::scenarios(),
        stalls::scenarios(),
        redirects::scenarios(),
        origins::scenarios(),
        proxies::scenarios(),
        tls::scenarios(),
        reuse::scenarios(),
        injection::scenarios(),
        cookies::scenarios(),
        content::scenarios(),
        secrets::scenarios(),
        resources::scenarios(),
        memory::scenarios(),
        memory_scarce::scenarios(),
        cpu_answers::scenarios(),
        cpu_repair::scenarios(),
    ];
    groups.into_iter().flatten().collect()
}

fn main() -> std::process::ExitCode {
    scenario::main(all())
}
