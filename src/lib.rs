//! libsac, the Simple API Client: a blocking client for JSON APIs behind a C interface.
//!
//! Data goes one way, and the modules show it:
//!
//! `ffi` (the C boundary, the only place with `unsafe`) → `client` (settings and scope, turned
//! into a plan) → `call` (one call's life: attempts, decisions, waits; with `limit`, the limits
//! it obeys) → `transport` (HTTP, sockets, TLS) → `answer` (the response and the JSON guarantee)
//! → `ffi`.
//!
//! What several of them need stands on the ground floor and knows none of them: `request`,
//! `settings`, `auth`, `headers`, `wait`, `log`, `memory`, `code`.

#![deny(unsafe_code)]
// A test that overflows panics, which is what it should do.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

pub mod answer;
pub mod auth;
pub mod call;
pub mod client;
pub mod code;
#[allow(unsafe_code)]
pub mod ffi;
pub mod headers;
pub mod limit;
pub mod log;
pub mod memory;
pub mod request;
pub mod settings;
pub mod transport;
pub mod wait;
