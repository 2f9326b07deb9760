//! The counters of a client family: a client and its clones.
//!
//! Each counter is an atomic, so counting needs no lock and is cheap. A read during a call may see
//! some counters before and some after an update.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::reason::{FailureKind, RetryCause};

/// One counter. It wraps after 2^64, which does not happen in practice.
#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Counter {
    fn add(&self, count: u64) {
        self.0.fetch_add(count, Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// All counters. Threads share them by reference.
#[derive(Debug, Default)]
pub struct Stats {
    requests: Counter,
    attempts: Counter,
    timeouts: Counter,
    bytes_sent: Counter,
    bytes_received: Counter,
    connections_opened: Counter,
    connections_reused: Counter,
    waited_us: Counter,
    retries: Retries,
}

/// Retries by cause.
#[derive(Debug, Default)]
struct Retries {
    stale_connection: Counter,
    resolve: Counter,
    connect: Counter,
    tls: Counter,
    proxy: Counter,
    timeout: Counter,
    closed: Counter,
    protocol: Counter,
    rate_limited: Counter,
    server_error: Counter,
    token_refused: Counter,
    other: Counter,
}

impl Retries {
    fn of(&self, cause: RetryCause) -> &Counter {
        match cause {
            RetryCause::StaleConnection => &self.stale_connection,
            RetryCause::Status(403 | 429) => &self.rate_limited,
            RetryCause::Status(500..=599) => &self.server_error,
            RetryCause::TokenRefused => &self.token_refused,
            RetryCause::Failure(FailureKind::Resolve) => &self.resolve,
            RetryCause::Failure(FailureKind::Connect) => &self.connect,
            RetryCause::Failure(FailureKind::Tls { .. }) => &self.tls,
            RetryCause::Failure(FailureKind::Proxy) => &self.proxy,
            RetryCause::Failure(FailureKind::Timeout) => &self.timeout,
            RetryCause::Failure(FailureKind::Closed) => &self.closed,
            RetryCause::Failure(FailureKind::Protocol) => &self.protocol,
            RetryCause::Status(_) | RetryCause::Failure(_) => &self.other,
        }
    }

    fn named(&self) -> [(&'static str, &Counter); 12] {
        [
            ("stale_connection", &self.stale_connection),
            ("resolve", &self.resolve),
            ("connect", &self.connect),
            ("tls", &self.tls),
            ("proxy", &self.proxy),
            ("timeout", &self.timeout),
            ("closed", &self.closed),
            ("protocol", &self.protocol),
            ("rate_limited", &self.rate_limited),
            ("server_error", &self.server_error),
            ("token_refused", &self.token_refused),
            ("other", &self.other),
        ]
    }
}

impl Stats {
    /// All counters at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a call.
    pub fn count_request(&self) {
        self.requests.add(1);
    }

    /// Counts a sent request.
    pub fn count_attempt(&self) {
        self.attempts.add(1);
    }

    /// Counts a retry or the free repeat.
    pub fn count_retry(&self, cause: RetryCause) {
        self.retries.of(cause).add(1);
    }

    /// Counts an attempt that ran out of time.
    pub fn count_timeout(&self) {
        self.timeouts.add(1);
    }

    /// Counts sent and received bytes.
    pub fn count_bytes(&self, sent: u64, received: u64) {
        self.bytes_sent.add(sent);
        self.bytes_received.add(received);
    }

    /// Counts a new connection.
    pub fn connection_opened(&self) {
        self.connections_opened.add(1);
    }

    /// Counts a request on a kept connection.
    pub fn connection_reused(&self) {
        self.connections_reused.add(1);
    }

    /// Counts a wait: a back-off, a server's delay, a gate, or the caller's limit.
    pub fn count_wait(&self, duration: Duration) {
        self.waited_us.add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
    }

    /// The counters as JSON text, on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(512);
        let counts = [
            ("requests", self.requests.get()),
            ("attempts", self.attempts.get()),
            ("timeouts", self.timeouts.get()),
            ("bytes_sent", self.bytes_sent.get()),
            ("bytes_received", self.bytes_received.get()),
            ("connections_opened", self.connections_opened.get()),
            ("connections_reused", self.connections_reused.get()),
            ("waited_ms", self.waited_us.get() / 1000),
        ];
        let retries = self.retries.named().map(|(name, counter)| (name, counter.get()));
        json.push('{');
        write_members(&mut json, &counts);
        json.push_str(",\"retries\":{");
        write_members(&mut json, &retries);
        json.push_str("}}");
        json
    }
}

fn write_members(json: &mut String, members: &[(&str, u64)]) {
    for (index, (name, count)) in members.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(json, "{comma}\"{name}\":{count}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn parsed(stats: &Stats) -> Value {
        serde_json::from_str(&stats.to_json()).unwrap()
    }

    #[test]
    fn every_counter_has_its_own_name() {
        let stats = Stats::new();
        stats.count_request();
        (0..2).for_each(|_| stats.count_attempt());
        (0..3).for_each(|_| stats.count_timeout());
        stats.count_bytes(4, 5);
        (0..6).for_each(|_| stats.connection_opened());
        (0..7).for_each(|_| stats.connection_reused());
        stats.count_wait(Duration::from_micros(8600));
        stats.count_wait(Duration::from_micros(600));
        let mut counted = parsed(&stats);
        counted.as_object_mut().unwrap().remove("retries").expect("no retries");
        let expected = json!({
            "requests": 1, "attempts": 2, "timeouts": 3, "bytes_sent": 4, "bytes_received": 5,
            "connections_opened": 6, "connections_reused": 7, "waited_ms": 9,
        });
        assert_eq!(counted, expected);
    }

    #[test]
    fn retries_are_counted_by_cause() {
        let stats = Stats::new();
        let causes = [
            (RetryCause::StaleConnection, "stale_connection"),
            (RetryCause::Failure(FailureKind::Resolve), "resolve"),
            (RetryCause::Failure(FailureKind::Connect), "connect"),
            (RetryCause::Failure(FailureKind::Tls { certificate: false }), "tls"),
            (RetryCause::Failure(FailureKind::Proxy), "proxy"),
            (RetryCause::Failure(FailureKind::Timeout), "timeout"),
            (RetryCause::Failure(FailureKind::Closed), "closed"),
            (RetryCause::Failure(FailureKind::Protocol), "protocol"),
            (RetryCause::Status(429), "rate_limited"),
            (RetryCause::Status(503), "server_error"),
            (RetryCause::TokenRefused, "token_refused"),
            (RetryCause::Status(409), "other"),
        ];
        for (times, (cause, _)) in (1..).zip(causes) {
            (0..times).for_each(|_| stats.count_retry(cause));
        }
        let retries = &parsed(&stats)["retries"];
        for (times, (_, name)) in (1..).zip(causes) {
            assert_eq!(retries[name], times, "{name} in {retries}");
        }
        assert_eq!(retries.as_object().unwrap().len(), causes.len());
    }

    #[test]
    fn threads_lose_no_count() {
        let stats = Stats::new();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..1000).for_each(|_| stats.count_request()));
            }
        });
        assert_eq!(parsed(&stats)["requests"], 8000);
    }
}
