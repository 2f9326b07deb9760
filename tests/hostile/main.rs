//! Calls to hostile servers, over hostile networks, and in processes without resources. After each
//! call the client must still work.
//!
//! Each scenario runs in a separate process, so that scenarios do not affect each other, a crash has
//! a name, and the test can count memory, descriptors and threads. `cargo test --test hostile --
//! --nocapture` prints a table; `-- WORD…` runs the scenarios whose names contain one of the words.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the program prints its report")]

#[path = "../support/mod.rs"]
mod support;

mod case;
mod chunks;
mod codings;
mod content;
mod cookies;
mod cpu_codings;
mod cpu_repair;
mod cpu_responses;
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
        cpu_responses::scenarios(),
        cpu_repair::scenarios(),
    ];
    groups.into_iter().flatten().collect()
}

fn main() -> std::process::ExitCode {
    scenario::main(all())
}
