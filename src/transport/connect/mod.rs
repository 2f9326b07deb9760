//! A connection for a request: from the pool, or opened over TCP, a Unix domain socket or a proxy.

mod dial;
mod happy_eyeballs;
mod http_proxy;
mod proxy_error;
mod resolve;
mod socks;
mod unix;

pub(super) use dial::checkout;
#[cfg(test)]
pub(super) use dial::take_idle;
pub(super) use proxy_error::{authentication_required, with_proxy_name};
