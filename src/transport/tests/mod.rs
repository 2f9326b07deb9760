//! Exchanges against real sockets.

pub(super) mod server;

mod answers;
mod bounds;
mod plain;
mod reuse;
mod tls;
mod tls_server;
