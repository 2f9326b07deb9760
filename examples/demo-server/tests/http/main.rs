//! The demo server over real sockets.

// Marked as tests, so that their helpers may also panic (clippy.toml).
#[cfg(test)]
mod access;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod items;
#[cfg(test)]
mod server;
#[cfg(test)]
mod support;
