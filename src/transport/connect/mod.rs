//! A connection for a request: from the pool, or opened over TCP, a Unix domain socket or a proxy.

mod dial;
mod happy_eyeballs;
mod http_proxy;
mod resolve;
mod socks;
mod unix;

#[cfg(test)]
pub(super) use dial::take_idle;
pub(super) use dial::{checkout, with_proxy_name};
pub(super) use http_proxy::authentication_required;
