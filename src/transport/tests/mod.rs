//! Exchanges against real sockets.

mod server;

mod answers;
mod bounds;
mod plain;
mod reuse;
mod tls;
mod tls_server;
