//! The result of one attempt: the response at the end of its redirects, or the error.

use std::time::{Duration, SystemTime};

use http::{Uri, header};

use crate::code::{Code, Error};
use crate::headers::has_option;
use crate::transport::{
    ExchangeError, ExchangeRecord, ReceivedResponse, ResponseHead, TransportErrorKind,
};

use super::decision::{AttemptFailure, AttemptResult, should_retry};
use super::journal::{Entry, Timings};
use super::reason::FailureKind;
use super::server_delay::{self, server_delay};

/// The result of an attempt.
pub struct Attempt {
    /// The response, or the reason why there is none.
    pub outcome: Result<ReceivedResponse, Box<AttemptError>>,
    /// The URI of the last request, if the request was redirected.
    pub uri: Option<Box<Uri>>,
    /// Whether any request was sent, redirected or not.
    pub request_sent: bool,
    /// Whether another origin received the request without the idempotency key that it needs.
    pub sent_without_key: bool,
    /// Whether the last request had the token of the call.
    pub sent_token: bool,
    /// The transport's record of the last request.
    pub(super) record: ExchangeRecord,
    /// How long all requests took together.
    pub(super) total: Duration,
}

/// A failed attempt, with the part of the response that arrived.
#[derive(Debug)]
pub struct AttemptError {
    /// The error.
    pub error: Error,
    /// The response's head, if it arrived.
    pub head: Option<ResponseHead>,
    /// The part of the body that arrived.
    pub body: Vec<u8>,
    /// Whether a TLS failure was caused by a certificate.
    pub(super) certificate: bool,
}

impl Attempt {
    /// The code of the result.
    pub fn code(&self) -> Code {
        match &self.outcome {
            Ok(received) if is_rate_limit(&received.head) => Code::RateLimited,
            Ok(received) if received.head.status >= 400 => Code::Status,
            Ok(_) => Code::Ok,
            Err(failed) => failed.error.code,
        }
    }

    /// The status of the response; 0 if none arrived.
    pub fn status(&self) -> u16 {
        match &self.outcome {
            Ok(received) => received.head.status,
            Err(failed) => failed.head.as_ref().map_or(0, |head| head.status),
        }
    }

    /// Whether a response arrived that says that the quota is exhausted.
    pub fn quota_exhausted(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|received| received.head.quota_exhausted)
    }

    /// The input of the retry decision. A plain success needs no decision.
    pub fn result(&self, now: SystemTime) -> AttemptResult {
        match &self.outcome {
            Ok(received) if self.record.reused_connection && is_idle_timeout(&received.head) => {
                AttemptResult::Failure(AttemptFailure {
                    kind: FailureKind::Closed,
                    request_bytes_written: true,
                    reused_connection: true,
                    response_bytes_read: false,
                })
            }
            Ok(received) => {
                let ResponseHead { status, headers, .. } = &received.head;
                AttemptResult::Response {
                    status: *status,
                    limited: is_rate_limit(&received.head),
                    should_retry: should_retry(headers),
                    delay: server_delay(headers, *status, now),
                }
            }
            Err(failed) => AttemptResult::Failure(AttemptFailure {
                kind: FailureKind::of(failed.error.code, failed.certificate),
                request_bytes_written: self.request_sent,
                reused_connection: self.record.reused_connection,
                response_bytes_read: self.record.response_bytes > 0,
            }),
        }
    }

    /// The journal entry.
    pub fn entry(&self) -> Entry {
        Entry {
            status: Some(self.status()).filter(|status| *status > 0),
            error: self.outcome.as_ref().err().map(|failed| failed.error.code),
            reused_connection: self.record.reused_connection,
            timings: Timings {
                resolve: self.record.resolve,
                connect: self.record.connect,
                tls: self.record.tls,
                first_byte: self.record.first_byte,
                total: self.total,
            },
        }
    }
}

/// Whether a 408 on a kept connection belongs to no request: the server closed the idle connection
/// while the request was on its way (RFC 9110 section 15.5.9).
fn is_idle_timeout(head: &ResponseHead) -> bool {
    let says_close = |options: &http::HeaderValue| has_option(options.as_bytes(), b"close");
    head.status == 408 && head.headers.get_all(header::CONNECTION).iter().any(says_close)
}

/// Whether a response is a rate limit. Only a 403 needs a look at the header fields.
pub fn is_rate_limit(head: &ResponseHead) -> bool {
    head.status >= 400 && server_delay::is_rate_limit(&head.headers, head.status)
}

impl AttemptError {
    /// An error without a response.
    pub fn not_sent(error: Error) -> Box<Self> {
        Box::new(Self { error, head: None, body: Vec::new(), certificate: false })
    }

    /// A response whose redirect cannot be followed.
    pub(super) fn redirected(error: Error, received: ReceivedResponse) -> Box<Self> {
        let ReceivedResponse { head, body } = received;
        Box::new(Self { error, head: Some(head), body, certificate: false })
    }
}

impl From<Error> for Box<AttemptError> {
    fn from(error: Error) -> Self {
        AttemptError::not_sent(error)
    }
}

impl From<ExchangeError> for Box<AttemptError> {
    fn from(error: ExchangeError) -> Self {
        Self::new(AttemptError {
            error: Error::new(code_of(error.kind), error.detail),
            head: error.head,
            body: error.body,
            certificate: error.kind == TransportErrorKind::Tls { certificate: true },
        })
    }
}

/// The code for an error of the transport.
fn code_of(kind: TransportErrorKind) -> Code {
    match kind {
        TransportErrorKind::Resolve => Code::Resolve,
        TransportErrorKind::Connect => Code::Connect,
        TransportErrorKind::Tls { .. } => Code::Tls,
        TransportErrorKind::Proxy => Code::Proxy,
        TransportErrorKind::Timeout => Code::Timeout,
        TransportErrorKind::Closed => Code::Closed,
        TransportErrorKind::Protocol => Code::Protocol,
        TransportErrorKind::TooLarge => Code::TooLarge,
        TransportErrorKind::File => Code::File,
        TransportErrorKind::Cancelled => Code::Cancelled,
        TransportErrorKind::Argument => Code::InvalidArgument,
        TransportErrorKind::Internal => Code::Internal,
    }
}
