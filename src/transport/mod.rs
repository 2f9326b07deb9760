//! The network: connections, their pool, TLS, and one HTTP exchange at a time.
//!
//! `exchange` sends one request and reads its response. It takes a connection from `connect`, which
//! finds one in the `pool` or opens one: DNS, TCP or Unix domain socket, proxy, then `tls` over a
//! `socket`. `http1` parses heads and chunks, and `decode` removes content codings. No folder uses
//! one that uses it.
//!
//! `context` holds the deadlines, the cancel and the record of the running exchange. This module
//! sends once and follows nothing: its caller decides about retries and redirects.

mod connect;
mod context;
pub mod decode;
mod error;
mod exchange;
pub mod fork;
mod http1;
mod options;
mod pool;
mod response;
mod result;
mod route;
mod socket;
#[cfg(test)]
mod tests;
pub mod tls;

pub use decode::{ACCEPT_ENCODING, ACCEPT_ENCODING_WHILE_ARRIVING};
pub use error::{ExchangeError, TransportErrorKind};
pub use exchange::{
    BodyHandlers, BodyIoError, BodyTarget, OpenBody, Sink, Transport, Upload, expects_body,
};
pub use http1::host_of;
pub use options::{Body, ConnectionOptions, ExchangeLimits, RequestHead};
pub use response::{ReceivedResponse, ResponseHead};
pub use result::{ExchangeRecord, ExchangeResult};
pub use route::Route;
pub use tls::{SecretPem, TlsSettings, TlsVersion, check_ca_pem, check_client_pem};
