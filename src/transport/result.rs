//! The result of an exchange: its outcome, and a record of times and bytes.

use std::time::Duration;

use super::error::ExchangeError;
use super::response::ReceivedResponse;

/// What came of an exchange, and what it took.
#[derive(Debug)]
pub struct ExchangeResult {
    /// The answer, or why there is none.
    pub outcome: Result<ReceivedResponse, ExchangeError>,
    /// Times and bytes, whatever the outcome.
    pub record: ExchangeRecord,
}

/// What an exchange took.
#[derive(Debug, Default, Clone)]
pub struct ExchangeRecord {
    /// It went over a connection that had served another.
    pub reused_connection: bool,
    /// The look-up of the name, where there was one.
    pub resolve: Option<Duration>,
    /// Opening the TCP connection, where one was opened.
    pub connect: Option<Duration>,
    /// The TLS handshake, where there was one.
    pub tls: Option<Duration>,
    /// From the beginning to the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// From the beginning to the end.
    pub total: Duration,
    /// Bytes of the request that the system, or TLS, has taken.
    pub request_bytes: u64,
    /// Bytes of the answer as they came, TLS undone.
    pub response_bytes: u64,
    /// Lines of the answer's head that are no header fields, and were passed over.
    pub skipped_lines: usize,
    /// A new connection was opened, completely.
    pub opened_connection: bool,
    /// Something came behind the end of a content coding, and was ignored.
    pub had_trailing_bytes: bool,
}
