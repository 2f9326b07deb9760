//! The kinds of failure, the causes of retries and the reasons to stop. Their names are used in the
//! journal, the counters and the error texts.

use std::fmt;

use crate::code::Code;

/// The kinds of failure that leave no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The host name has no address, or the DNS lookup failed.
    Resolve,
    /// The connection failed.
    Connect,
    /// TLS failed.
    Tls {
        /// Whether a certificate is the reason: the client rejects the server's, or the server the
        /// client's.
        certificate: bool,
    },
    /// The proxy refused, or does not support the protocol.
    Proxy,
    /// Time ran out.
    Timeout,
    /// The connection was lost, or the body is incomplete.
    Closed,
    /// The response is not valid HTTP.
    Protocol,
    /// The response is larger than allowed.
    TooLarge,
    /// Too many redirects, or a redirect that is refused.
    Redirect,
    /// The caller cancelled.
    Cancelled,
    /// An input of the caller cannot be sent or stored: a file, a header field, an argument.
    BadInput,
    /// A bug in the library.
    Internal,
}

impl FailureKind {
    /// The kind for a code. `certificate` is used only for TLS failures.
    #[must_use]
    pub const fn of(code: Code, certificate: bool) -> Self {
        match code {
            Code::Resolve => Self::Resolve,
            Code::Connect => Self::Connect,
            Code::Tls => Self::Tls { certificate },
            Code::Proxy => Self::Proxy,
            Code::Timeout => Self::Timeout,
            Code::Closed => Self::Closed,
            Code::Protocol => Self::Protocol,
            Code::TooLarge => Self::TooLarge,
            Code::Redirect => Self::Redirect,
            Code::Cancelled => Self::Cancelled,
            Code::Internal => Self::Internal,
            _ => Self::BadInput,
        }
    }

    /// The name in the journal and the counters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls { .. } => "tls",
            Self::Proxy => "proxy",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Protocol => "protocol",
            Self::TooLarge => "too large",
            Self::Redirect => "redirect",
            Self::Cancelled => "cancelled",
            Self::BadInput => "bad input",
            Self::Internal => "internal",
        }
    }
}

/// Why another attempt follows. Its text is used in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetryCause {
    /// No response.
    Failure(FailureKind),
    /// A response with this status.
    Status(u16),
    /// The peer had closed a kept connection.
    StaleConnection,
    /// The server has refused a token (401), and there is another one.
    TokenRefused,
}

impl fmt::Display for RetryCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(kind) => f.write_str(kind.name()),
            Self::Status(status) => write!(f, "status {status}"),
            Self::StaleConnection => f.write_str("stale connection"),
            Self::TokenRefused => f.write_str("token refused"),
        }
    }
}

/// Why a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// A status below 400.
    Succeeded,
    /// A retry would not help, or the caller's set does not contain the status.
    NotRetryable,
    /// The body cannot be sent again, or the caller has received a part of the response.
    NotReplayable,
    /// The server may have processed the request, and a second processing may do harm.
    OutcomeUnknown,
    /// The server forbade a retry.
    ServerForbade,
    /// No allowed retry is left.
    RetriesExhausted,
    /// The server asks for a longer delay than `retry_after_max`.
    DelayTooLong,
    /// The wait would exceed the deadline.
    DeadlineTooNear,
    /// The retry callback forbade the retry. This file does not decide it: the callback runs after
    /// the decision.
    CallerForbade,
    /// The retry budget of the client family is used up. This file does not decide it either.
    BudgetExhausted,
    /// The caller cancelled, during the attempt or during a wait.
    Cancelled,
    /// There is no token to send.
    NoToken,
}

impl StopReason {
    /// Its name in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::NotRetryable => "not retryable",
            Self::NotReplayable => "not replayable",
            Self::OutcomeUnknown => "outcome unknown",
            Self::ServerForbade => "server said no",
            Self::RetriesExhausted => "exhausted",
            Self::DelayTooLong => "delay too long",
            Self::DeadlineTooNear => "deadline too near",
            Self::CallerForbade => "caller said no",
            Self::BudgetExhausted => "budget",
            Self::Cancelled => "cancelled",
            Self::NoToken => "no token",
        }
    }

    /// Text for the error message, if it says more than the error itself.
    #[must_use]
    pub const fn hint(self) -> Option<&'static str> {
        match self {
            Self::NotReplayable => {
                Some("not retried because it cannot be sent again from the start")
            }
            Self::OutcomeUnknown => Some(
                "not retried because it may have been processed; an idempotency key would allow it",
            ),
            Self::ServerForbade => Some("not retried because the server forbade it"),
            Self::DelayTooLong => {
                Some("not retried because the server asks for a longer delay than retry_after_max")
            }
            Self::DeadlineTooNear => Some("not retried because the wait would exceed the deadline"),
            Self::CallerForbade => Some("not retried because the retry callback forbade it"),
            Self::BudgetExhausted => {
                Some("not retried because too many calls fail: the retry budget is used up")
            }
            Self::Succeeded
            | Self::NotRetryable
            | Self::RetriesExhausted
            | Self::Cancelled
            | Self::NoToken => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_codes_keep_their_kind_and_all_others_are_bad_input() {
        assert_eq!(FailureKind::of(Code::Timeout, true), FailureKind::Timeout);
        assert_eq!(FailureKind::of(Code::Tls, true), FailureKind::Tls { certificate: true });
        assert_eq!(FailureKind::of(Code::Tls, false), FailureKind::Tls { certificate: false });
        for code in [Code::File, Code::InvalidHeader, Code::Certificate, Code::Ok] {
            assert_eq!(FailureKind::of(code, false), FailureKind::BadInput, "{}", code.name());
        }
    }

    #[test]
    fn a_retry_cause_displays_as_words() {
        assert_eq!(RetryCause::Status(503).to_string(), "status 503");
        assert_eq!(RetryCause::Failure(FailureKind::Tls { certificate: false }).to_string(), "tls");
        assert_eq!(RetryCause::StaleConnection.to_string(), "stale connection");
        assert_eq!(RetryCause::TokenRefused.to_string(), "token refused");
    }
}
