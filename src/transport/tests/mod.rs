//! Exchanges against real sockets.

mod server;

mod plain;
