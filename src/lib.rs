//! libsac, the Simple API Client: a blocking client for JSON APIs with a C interface.
//!
//! Data flows in one direction, as the modules show:
//!
//! `ffi` (the C boundary, the only place with `unsafe`) → `client` (settings and scope, which
//! become a plan) → `call` (attempts, decisions and waits of one call; with `limit`, the limits
//! that it obeys) → `transport` (HTTP, sockets, TLS) → `answer` (the response and the JSON
//! guarantee) → `ffi`.
//!
//! The modules that several others need import none of them: `request`, `settings`, `auth`,
//! `headers`, `json_pointer`, `wait`, `log`, `trace`, `memory`, `code`.

#![deny(unsafe_code)]
// An overflow in a test panics, as it should.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

pub mod answer;
pub mod auth;
pub mod call;
pub mod client;
pub mod code;
#[allow(unsafe_code)]
pub mod ffi;
pub mod headers;
mod json_pointer;
pub mod limit;
pub mod log;
pub mod memory;
pub mod request;
pub mod settings;
pub mod trace;
pub mod transport;
pub mod wait;
