//! The result of an exchange: its outcome, and a record of times and bytes.

use std::time::Duration;

use crate::settings::PemReload;

use super::error::ExchangeError;
use super::response::ReceivedResponse;

/// The outcome of an exchange, and its record.
#[derive(Debug)]
pub struct ExchangeResult {
    /// The response, or the reason why there is none.
    pub outcome: Result<ReceivedResponse, ExchangeError>,
    /// Times and bytes; filled in also after a failure.
    pub record: ExchangeRecord,
}

/// Times, byte counts and flags of an exchange.
#[derive(Debug, Default, Clone)]
pub struct ExchangeRecord {
    /// The connection had served an earlier request.
    pub reused_connection: bool,
    /// The time of the DNS lookup, if there was one.
    pub resolve: Option<Duration>,
    /// The time to open the TCP connection, if one was opened.
    pub connect: Option<Duration>,
    /// The time of the TLS handshake, if there was one.
    pub tls: Option<Duration>,
    /// From the start to the first byte of the response.
    pub first_byte: Option<Duration>,
    /// From the start to the end.
    pub total: Duration,
    /// Bytes of the request that the system, or TLS, has accepted.
    pub request_bytes: u64,
    /// Bytes of the response as received, after TLS decryption.
    pub response_bytes: u64,
    /// Lines in the response head that are not header fields, and were skipped.
    pub skipped_lines: usize,
    /// A new connection was opened completely.
    pub opened_connection: bool,
    /// Bytes followed the end of a content coding, and were ignored.
    pub had_trailing_bytes: bool,
    /// What happened to files with certificates since the last handshake.
    pub reloads: Vec<PemReload>,
}
