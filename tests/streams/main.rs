//! Bodies that do not lie in memory, sent and received, with every failure in the middle of them.

mod download;
mod memory;
mod server;
mod upload;
