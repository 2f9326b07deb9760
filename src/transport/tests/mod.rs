//! Exchanges against real sockets.

mod server;

mod answers;
mod plain;
mod tls;
mod tls_server;
