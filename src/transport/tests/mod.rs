//! Exchanges against real sockets.

#![allow(clippy::arithmetic_side_effects)]

pub(super) mod server;

mod limits;
mod plain;
mod responses;
mod reuse;
mod tls;
mod tls_server;
mod trace;
mod uploads;
