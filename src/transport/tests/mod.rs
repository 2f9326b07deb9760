//! Exchanges against real sockets.

mod server;

mod plain;
mod tls;
mod tls_server;
