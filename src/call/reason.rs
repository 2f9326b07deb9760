//! The words for what ends an attempt and a call: kinds of failure, causes of retries, reasons to
//! stop. Their names stand in the journal, the counters and the error texts.

use std::fmt;

use crate::code::Code;

/// The kinds of failure that leave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The host name has no address, or the look-up failed.
    Resolve,
    /// No connection could be made.
    Connect,
    /// TLS failed.
    Tls {
        /// Whether certificates are the reason: the server's is not trusted, or ours not accepted.
        certificate: bool,
    },
    /// The proxy refused, or does not speak the protocol.
    Proxy,
    /// Time ran out.
    Timeout,
    /// The connection was lost, or the body cut short.
    Closed,
    /// What arrived is not valid HTTP.
    Protocol,
    /// The answer is larger than allowed.
    TooLarge,
    /// Too many redirects, or one that is refused.
    Redirect,
    /// The caller cancelled.
    Cancelled,
    /// What the caller gave cannot be sent or stored: a file, a header field, an argument.
    BadInput,
    /// A bug of the library.
    Internal,
}

impl FailureKind {
    /// The kind that a code stands for; `certificate` is asked of TLS failures only.
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

    /// One word for it, as the journal and the counters name it.
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

/// Why an attempt is followed by another. Its text is what stands in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetryCause {
    /// No answer.
    Fault(FailureKind),
    /// An answer with this status.
    Status(u16),
    /// A connection that was kept from an earlier request had been closed by the peer.
    StaleConnection,
}

impl fmt::Display for RetryCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(kind) => f.write_str(kind.name()),
            Self::Status(status) => write!(f, "status {status}"),
            Self::StaleConnection => f.write_str("stale connection"),
        }
    }
}

/// Why a call ends where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// A status below 400.
    Succeeded,
    /// Nothing that another try would mend, or a status that the caller does not list.
    NotRetryable,
    /// The body cannot be sent again, or the answer has been handed over in part.
    NotReplayable,
    /// The request may have been processed, and processing it twice may do harm.
    OutcomeUnknown,
    /// The server forbade another try.
    ServerForbade,
    /// All retries allowed are used up.
    RetriesExhausted,
    /// The server asks for a longer delay than the caller waits for.
    DelayTooLong,
    /// The wait would outlast the deadline.
    DeadlineTooNear,
    /// The retry callback said no. Not decided here: the callback is asked about a decision.
    CallerForbade,
    /// The caller cancelled, during the attempt or during a wait.
    Cancelled,
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
            Self::Cancelled => "cancelled",
        }
    }

    /// What to append to an error text, where it tells the caller more than the error itself.
    #[must_use]
    pub const fn hint(self) -> Option<&'static str> {
        match self {
            Self::NotReplayable => Some("not retried, as it cannot be sent again from the start"),
            Self::OutcomeUnknown => Some(
                "not retried, as it may have been processed; an idempotency key would allow it",
            ),
            Self::ServerForbade => Some("not retried, as the server asked"),
            Self::DelayTooLong => {
                Some("not retried, as the server asks for a longer delay than retry_after_max")
            }
            Self::DeadlineTooNear => Some("not retried, as the wait would outlast the deadline"),
            Self::CallerForbade => Some("not retried, as the retry callback said"),
            Self::Succeeded | Self::NotRetryable | Self::RetriesExhausted | Self::Cancelled => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_the_network_keeps_its_kind_and_any_other_is_bad_input() {
        assert_eq!(FailureKind::of(Code::Timeout, true), FailureKind::Timeout);
        assert_eq!(FailureKind::of(Code::Tls, true), FailureKind::Tls { certificate: true });
        assert_eq!(FailureKind::of(Code::Tls, false), FailureKind::Tls { certificate: false });
        for code in [Code::File, Code::InvalidHeader, Code::Certificate, Code::Ok] {
            assert_eq!(FailureKind::of(code, false), FailureKind::BadInput, "{}", code.name());
        }
    }

    #[test]
    fn a_cause_reads_as_words() {
        assert_eq!(RetryCause::Status(503).to_string(), "status 503");
        assert_eq!(RetryCause::Fault(FailureKind::Tls { certificate: false }).to_string(), "tls");
        assert_eq!(RetryCause::StaleConnection.to_string(), "stale connection");
    }
}
