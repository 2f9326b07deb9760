//! The demo server over real sockets.

// Marked as tests, so that their helpers too may stop at the first surprise (clippy.toml).
#[cfg(test)]
mod access;
#[cfg(test)]
mod items;
#[cfg(test)]
mod server;
#[cfg(test)]
mod support;
#[cfg(test)]
mod trouble;
