//! The record of each attempt of one call: what it did, why it was retried, and how long it waited.
//!
//! The call writes it as it runs. It becomes JSON text only on request:
//!
//! ```json
//! [{"waited_ms":0,"reused_connection":false,"resolve_us":812,"connect_us":340,"tls_us":2100,
//!   "first_byte_us":9000,"total_us":9100,"status":503,"retried_because":"status 503"},
//!  {"waited_ms":2090,"delay_from":"retry-after","reused_connection":true,
//!   "first_byte_us":4000,"total_us":4200,"status":200,"done_because":"succeeded"}]
//! ```
//!
//! `waited_ms` and `delay_from` describe the wait before an attempt. The first attempt can have one
//! too: a closed gate, or the caller's own rate limit. `retried_because` says why another attempt
//! followed, `done_because` why none did. A member without a value is omitted. The journal contains
//! no secrets, only numbers and names from fixed lists.

use std::ffi::CStr;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;

use super::reason::{RetryCause, StopReason};
use super::server_delay::DelaySource;
use crate::answer::CallReport;
use crate::code::Code;
use crate::trace::TlsSession;

/// How long the parts of an attempt took. `None` if there was no such part: a reused connection has
/// no DNS lookup and no connect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// The DNS lookup.
    pub resolve: Option<Duration>,
    /// The TCP connect, including the proxy's.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// From the start of the attempt to the first byte of the response.
    pub first_byte: Option<Duration>,
    /// The whole attempt, without the wait before it.
    pub total: Duration,
}

/// One attempt. A response whose body fails has both a status and an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entry {
    /// The status of the response.
    pub status: Option<u16>,
    /// The code of the error.
    pub error: Option<Code>,
    /// Whether the connection had carried an earlier request.
    pub reused_connection: bool,
    /// How long it took.
    pub timings: Timings,
}

/// An entry with its place in the call.
#[derive(Debug, Clone)]
struct RecordedEntry {
    entry: Entry,
    waits_before: WaitSum,
    retried_because: Option<RetryCause>,
}

/// The waits before an attempt: their sum, and the source of the longest.
#[derive(Debug, Clone, Copy, Default)]
struct WaitSum {
    sum: Duration,
    longest: Duration,
    source: Option<DelaySource>,
}

impl WaitSum {
    fn add(&mut self, duration: Duration, source: DelaySource) {
        self.sum = self.sum.saturating_add(duration);
        if self.source.is_none() || duration > self.longest {
            self.longest = duration;
            self.source = Some(source);
        }
    }
}

/// The journal of one call.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// Most calls have one attempt.
    first: Option<RecordedEntry>,
    others: Vec<RecordedEntry>,
    /// The waits since the last attempt.
    pending: WaitSum,
    total_wait: Duration,
    stop_reason: Option<StopReason>,
    /// The URI of the last request.
    final_uri: Option<Uri>,
    /// The TLS session on which the response arrived.
    tls: Option<Arc<TlsSession>>,
}

impl Journal {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records the actual length of a wait. A cancel makes it shorter than planned.
    pub fn add_wait(&mut self, duration: Duration, source: DelaySource) {
        self.pending.add(duration, source);
        self.total_wait = self.total_wait.saturating_add(duration);
    }

    /// Records a finished attempt. The waits recorded since the last attempt belong to it.
    pub fn add_attempt(&mut self, entry: Entry) {
        let waits_before = std::mem::take(&mut self.pending);
        let recorded = RecordedEntry { entry, waits_before, retried_because: None };
        match self.first {
            None => self.first = Some(recorded),
            Some(_) => self.others.push(recorded),
        }
    }

    /// Records why another attempt follows the last one, which includes the free repeat. Call it
    /// when the next attempt begins: the wait before it may end the call.
    pub fn set_retry_cause(&mut self, cause: RetryCause) {
        if let Some(recorded) = self.others.last_mut().or(self.first.as_mut()) {
            recorded.retried_because = Some(cause);
        }
    }

    /// Records why the call ended.
    pub fn set_stop_reason(&mut self, reason: StopReason) {
        self.stop_reason = Some(reason);
    }

    /// Records the URI of the last request, after redirects.
    pub fn set_final_uri(&mut self, uri: Uri) {
        self.final_uri = Some(uri);
    }

    /// Records the TLS session on which the response arrived.
    pub fn set_tls(&mut self, tls: Option<Arc<TlsSession>>) {
        self.tls = tls;
    }

    /// The number of attempts.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.others.len().saturating_add(usize::from(self.first.is_some()))
    }

    /// The sum of all waits of the call.
    #[must_use]
    pub fn total_wait(&self) -> Duration {
        self.total_wait
    }

    /// The journal as JSON text, on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(self.attempts().saturating_mul(192).max(64));
        json.push('[');
        let last = self.attempts().checked_sub(1);
        for (index, recorded) in self.first.iter().chain(&self.others).enumerate() {
            if index > 0 {
                json.push(',');
            }
            recorded.write(&mut json);
            if Some(index) == last {
                self.write_end(&mut json);
            }
            json.push('}');
        }
        json.push(']');
        json
    }

    /// How the call ended, as members of the last attempt.
    fn write_end(&self, json: &mut String) {
        if let Some(source) = self.pending.source {
            member(json, "then_waited_ms", self.pending.sum.as_millis());
            text_member(json, "then_delay_from", source.name());
        }
        if let Some(reason) = self.stop_reason {
            text_member(json, "done_because", reason.name());
        }
    }
}

impl CallReport for Journal {
    fn to_json(&self) -> String {
        self.to_json()
    }

    fn url(&self) -> String {
        self.final_uri.as_ref().map(Uri::to_string).unwrap_or_default()
    }

    fn tls(&self) -> Option<&CStr> {
        self.tls.as_ref().map(|session| session.json())
    }
}

impl RecordedEntry {
    /// Writes everything except the closing brace.
    fn write(&self, json: &mut String) {
        let Entry { status, error, reused_connection, timings } = self.entry;
        json.push_str("{\"waited_ms\":");
        push(json, self.waits_before.sum.as_millis());
        if let Some(source) = self.waits_before.source {
            text_member(json, "delay_from", source.name());
        }
        member(json, "reused_connection", reused_connection);
        for (name, duration) in [
            ("resolve_us", timings.resolve),
            ("connect_us", timings.connect),
            ("tls_us", timings.tls),
            ("first_byte_us", timings.first_byte),
            ("total_us", Some(timings.total)),
        ] {
            if let Some(duration) = duration {
                member(json, name, duration.as_micros());
            }
        }
        if let Some(status) = status {
            member(json, "status", status);
        }
        if let Some(code) = error {
            text_member(json, "error", code.name());
        }
        if let Some(cause) = self.retried_because {
            text_member(json, "retried_because", cause);
        }
    }
}

/// Appends `,"name":value`. The `Display` text of a number or a boolean is its JSON text.
fn member(json: &mut String, name: &str, value: impl std::fmt::Display) {
    push(json, format_args!(",\"{name}\":{value}"));
}

/// Appends `,"name":"text"`. The text comes from a fixed list and needs no escape.
fn text_member(json: &mut String, name: &str, text: impl std::fmt::Display) {
    push(json, format_args!(",\"{name}\":\"{text}\""));
}

fn push(json: &mut String, value: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(json, "{value}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::reason::FailureKind;
    use serde_json::{Value, json};

    fn parsed(journal: &Journal) -> Value {
        let text = journal.to_json();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_journal_lists_each_attempt_with_its_waits_and_causes() {
        let mut journal = Journal::new();
        journal.add_wait(ms(5), DelaySource::Limiter);
        journal.add_attempt(Entry {
            error: Some(Code::Closed),
            reused_connection: true,
            timings: Timings { total: ms(1), ..Timings::default() },
            ..Entry::default()
        });
        journal.set_retry_cause(RetryCause::StaleConnection);
        journal.add_attempt(Entry {
            status: Some(503),
            timings: Timings {
                resolve: Some(Duration::from_micros(812)),
                connect: Some(Duration::from_micros(340)),
                tls: Some(ms(2)),
                first_byte: Some(ms(9)),
                total: ms(10),
            },
            ..Entry::default()
        });
        journal.set_retry_cause(RetryCause::Status(503));
        journal.add_wait(ms(2090), DelaySource::RetryAfter);
        journal.add_wait(ms(10), DelaySource::Gate);
        journal.add_attempt(Entry {
            status: Some(200),
            error: Some(Code::Timeout),
            ..Entry::default()
        });
        journal.set_stop_reason(StopReason::RetriesExhausted);

        let expected = json!([
                {"waited_ms": 5, "delay_from": "limiter", "reused_connection": true,
                 "total_us": 1000, "error": "SAC_ERR_CLOSED", "retried_because": "stale connection"},
                {"waited_ms": 0, "reused_connection": false, "resolve_us": 812, "connect_us": 340,
                 "tls_us": 2000, "first_byte_us": 9000, "total_us": 10000, "status": 503,
                 "retried_because": "status 503"},
                {"waited_ms": 2100, "delay_from": "retry-after", "reused_connection": false,
                 "total_us": 0, "status": 200, "error": "SAC_ERR_TIMEOUT",
                 "done_because": "exhausted"},
        ]);
        assert_eq!(parsed(&journal), expected);
        assert_eq!(journal.attempts(), 3);
        assert_eq!(journal.total_wait(), ms(2105));
    }

    #[test]
    fn the_journal_of_a_call_that_sent_nothing_is_empty_and_counts_its_waits() {
        let mut journal = Journal::new();
        assert_eq!(parsed(&journal), json!([]));
        journal.add_wait(ms(40), DelaySource::Gate);
        journal.set_stop_reason(StopReason::Cancelled);
        assert_eq!(parsed(&journal), json!([]));
        assert_eq!(journal.total_wait(), ms(40));
    }

    #[test]
    fn a_wait_that_ends_the_call_belongs_to_the_last_attempt() {
        let mut journal = Journal::new();
        journal.add_attempt(Entry { status: Some(503), ..Entry::default() });
        journal.add_wait(ms(70), DelaySource::Backoff);
        journal.set_stop_reason(StopReason::Cancelled);
        let expected = json!([
            {"waited_ms": 0, "reused_connection": false, "total_us": 0, "status": 503,
             "then_waited_ms": 70, "then_delay_from": "backoff", "done_because": "cancelled"},
        ]);
        assert_eq!(parsed(&journal), expected);
    }

    #[test]
    fn every_name_in_the_journal_is_json_text_without_escapes() {
        use DelaySource as D;
        use FailureKind as F;
        use StopReason as W;
        let sources = [
            D::RetryAfterMs,
            D::RetryAfter,
            D::RateLimitReset,
            D::XRateLimitReset,
            D::Backoff,
            D::Gate,
            D::Limiter,
            D::Token,
        ]
        .map(D::name);
        let kinds = [
            F::Resolve,
            F::Connect,
            F::Tls { certificate: true },
            F::Proxy,
            F::Timeout,
            F::Closed,
            F::Protocol,
            F::TooLarge,
            F::Redirect,
            F::Cancelled,
            F::BadInput,
            F::Internal,
        ]
        .map(F::name);
        let reasons = [
            W::Succeeded,
            W::NotRetryable,
            W::NotReplayable,
            W::OutcomeUnknown,
            W::ServerForbade,
            W::RetriesExhausted,
            W::DelayTooLong,
            W::DeadlineTooNear,
            W::CallerForbade,
            W::Cancelled,
            W::NoToken,
        ]
        .map(W::name);
        for name in sources.iter().chain(&kinds).chain(&reasons) {
            let quoted = serde_json::to_string(name).unwrap();
            assert_eq!(quoted, format!("\"{name}\""), "{name:?} needs an escape");
        }
    }
}
