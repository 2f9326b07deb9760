//! What each attempt of one call did, why it was retried, and how long it waited.
//!
//! Written as the call goes, read as JSON text only if somebody asks:
//!
//! ```json
//! [{"waited_ms":0,"reused_connection":false,"resolve_us":812,"connect_us":340,"tls_us":2100,
//!   "first_byte_us":9000,"total_us":9100,"status":503,"retried_because":"status 503"},
//!  {"waited_ms":2090,"delay_from":"retry-after","reused_connection":true,
//!   "first_byte_us":4000,"total_us":4200,"status":200,"done_because":"succeeded"}]
//! ```
//!
//! `waited_ms` and `delay_from` of an attempt tell of the wait before it, which can precede the
//! first one too: a closed gate, the caller's own rate limit. `retried_because` tells why another
//! attempt followed, `done_because` why none did. A member that has nothing to tell is left out.
//! Nothing in it is a secret: it holds numbers and names from fixed lists.

use std::fmt::Write;
use std::time::Duration;

use http::Uri;

use super::reason::{RetryCause, StopReason};
use super::server_delay::DelaySource;
use crate::answer::CallReport;
use crate::code::Code;

/// How long the parts of an attempt took. `None` where there was no such part: a reused connection
/// is neither resolved nor connected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// The look-up of the name.
    pub resolve: Option<Duration>,
    /// The TCP connection, a proxy's included.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// From the start of the attempt to the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// The whole attempt, without the wait before it.
    pub total: Duration,
}

/// One attempt. An answer whose body fails has both a status and an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entry {
    /// The status of the answer.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<Code>,
    /// Whether the connection had carried an earlier request.
    pub reused_connection: bool,
    /// How long it took.
    pub timings: Timings,
}

/// An entry and what the journal knows about its place in the call.
#[derive(Debug, Clone)]
struct RecordedEntry {
    entry: Entry,
    waits_before: Waits,
    retried_because: Option<RetryCause>,
}

/// Waits in a row: their sum, and what named the longest of them.
#[derive(Debug, Clone, Copy, Default)]
struct Waits {
    sum: Duration,
    longest: Duration,
    from: Option<DelaySource>,
}

impl Waits {
    fn add(&mut self, span: Duration, from: DelaySource) {
        self.sum = self.sum.saturating_add(span);
        if self.from.is_none() || span > self.longest {
            self.longest = span;
            self.from = Some(from);
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
    pending: Waits,
    waited: Duration,
    stop_reason: Option<StopReason>,
    /// Where the last request went.
    final_uri: Option<Uri>,
}

impl Journal {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a wait, as long as it really was: cut short by a cancel, it is shorter than planned.
    pub fn add_wait(&mut self, span: Duration, from: DelaySource) {
        self.pending.add(span, from);
        self.waited = self.waited.saturating_add(span);
    }

    /// Notes an attempt that has ended; the waits noted since the one before belong to it.
    pub fn add_attempt(&mut self, entry: Entry) {
        let before = std::mem::take(&mut self.pending);
        let line = RecordedEntry { entry, waits_before: before, retried_because: None };
        match self.first {
            None => self.first = Some(line),
            Some(_) => self.others.push(line),
        }
    }

    /// Notes why the last attempt is followed by another, the free repeat included. Said when that
    /// one begins: a wait for it may end the call.
    pub fn set_retry_cause(&mut self, cause: RetryCause) {
        if let Some(line) = self.others.last_mut().or(self.first.as_mut()) {
            line.retried_because = Some(cause);
        }
    }

    /// Notes why the call ended.
    pub fn set_stop_reason(&mut self, why: StopReason) {
        self.stop_reason = Some(why);
    }

    /// Notes where the last request went, redirects followed.
    pub fn set_final_uri(&mut self, uri: Uri) {
        self.final_uri = Some(uri);
    }

    /// How many attempts there were.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.others.len().saturating_add(usize::from(self.first.is_some()))
    }

    /// All waits of the call together.
    #[must_use]
    pub fn total_wait(&self) -> Duration {
        self.waited
    }

    /// The journal as JSON text, in one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(self.attempts().saturating_mul(192).max(64));
        json.push('[');
        let last = self.attempts().checked_sub(1);
        for (index, line) in self.first.iter().chain(&self.others).enumerate() {
            if index > 0 {
                json.push(',');
            }
            line.write(&mut json);
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
        if let Some(from) = self.pending.from {
            member(json, "then_waited_ms", self.pending.sum.as_millis());
            text_member(json, "then_delay_from", from.name());
        }
        if let Some(why) = self.stop_reason {
            text_member(json, "done_because", why.name());
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
}

impl RecordedEntry {
    /// All but the brace at the end.
    fn write(&self, json: &mut String) {
        let Entry { status, error, reused_connection, timings } = self.entry;
        json.push_str("{\"waited_ms\":");
        push(json, self.waits_before.sum.as_millis());
        if let Some(from) = self.waits_before.from {
            text_member(json, "delay_from", from.name());
        }
        member(json, "reused_connection", reused_connection);
        for (name, span) in [
            ("resolve_us", timings.resolve),
            ("connect_us", timings.connect),
            ("tls_us", timings.tls),
            ("first_byte_us", timings.first_byte),
            ("total_us", Some(timings.total)),
        ] {
            if let Some(span) = span {
                member(json, name, span.as_micros());
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

/// Appends `,"name":value`; a number or a boolean is its own JSON text.
fn member(json: &mut String, name: &str, value: impl std::fmt::Display) {
    push(json, format_args!(",\"{name}\":{value}"));
}

/// Appends `,"name":"text"` for a text from a fixed list, none of which needs an escape.
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
    fn it_tells_the_story_of_a_call() {
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
    fn a_call_that_sent_nothing_has_a_journal_too() {
        let mut journal = Journal::new();
        assert_eq!(parsed(&journal), json!([]));
        journal.add_wait(ms(40), DelaySource::Gate);
        journal.set_stop_reason(StopReason::Cancelled);
        assert_eq!(parsed(&journal), json!([]));
        assert_eq!(journal.total_wait(), ms(40));
    }

    #[test]
    fn a_wait_that_the_call_ended_in_stands_with_the_last_attempt() {
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
    fn every_name_that_it_can_hold_is_plain_json_text() {
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
        ]
        .map(W::name);
        for name in sources.iter().chain(&kinds).chain(&reasons) {
            let quoted = serde_json::to_string(name).unwrap();
            assert_eq!(quoted, format!("\"{name}\""), "{name:?} needs an escape");
        }
    }
}
