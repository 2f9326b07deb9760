//! A connection to a server, with the state that it keeps between requests.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::trace::TlsSession;
use crate::transport::fork;
use crate::transport::tls::Stream;

use super::buffers::ConnectionBuffers;
use super::pool_key::PoolKey;

/// The maximum idle time. After it, the server may be about to close the connection.
pub(super) const MAX_IDLE_TIME: Duration = Duration::from_secs(60);

/// A connection, with the state that it keeps between requests.
#[derive(Debug)]
pub(in crate::transport) struct Connection {
    pub(in crate::transport) stream: Stream,
    pub(in crate::transport) key: PoolKey,
    pub(super) buffers: ConnectionBuffers,
    /// The process that opened it.
    generation: u64,
    age: Age,
    /// The maximum idle time.
    pub(super) idle: Duration,
    /// The end of the idle time.
    pub(super) idle_until: Instant,
}

/// The age of a connection. Each request asks for its end, so the end is computed once.
#[derive(Debug)]
struct Age {
    opened: Instant,
    max: Option<Duration>,
    end: Option<Instant>,
}

impl Age {
    fn since(opened: Instant) -> Self {
        Self { opened, max: None, end: None }
    }

    /// Whether it is too old for another request. If a server's name moves to another address, only
    /// a new connection finds out.
    ///
    /// The limit is `max` plus up to a tenth, which differs between connections: it depends on the
    /// nanosecond at which the connection was opened.
    #[inline]
    fn exceeds(&mut self, max: Option<Duration>, now: Instant) -> bool {
        if self.max != max {
            self.compute_end(max);
        }
        self.end.is_some_and(|end| now > end)
    }

    #[cold]
    fn compute_end(&mut self, max: Option<Duration>) {
        self.max = max;
        let longest = max.map(|max| max.saturating_add(self.jitter(max)));
        self.end = longest.and_then(|longest| self.opened.checked_add(longest));
    }

    fn jitter(&self, max: Duration) -> Duration {
        const PARTS: u32 = 1023;
        let mut hasher = DefaultHasher::new();
        self.opened.hash(&mut hasher);
        let part = u32::try_from(hasher.finish() & u64::from(PARTS)).unwrap_or_default();
        let tenth = max.checked_div(10).unwrap_or_default();
        tenth.saturating_mul(part).checked_div(PARTS).unwrap_or_default()
    }
}

impl Connection {
    pub(in crate::transport) fn new(stream: Stream, key: PoolKey) -> Self {
        let (generation, opened) = (fork::generation(), Instant::now());
        Self {
            stream,
            key,
            buffers: ConnectionBuffers::new(),
            generation,
            age: Age::since(opened),
            idle: MAX_IDLE_TIME,
            idle_until: opened,
        }
    }

    /// Whether another request may use it.
    pub(in crate::transport) fn is_reusable_at(
        &mut self,
        max_age: Option<Duration>,
        now: Instant,
    ) -> bool {
        now <= self.idle_until && !self.age.exceeds(max_age, now)
    }

    /// How long it has been idle, if it was in the pool until `now`.
    pub(in crate::transport) fn idle_time(&self, now: Instant) -> Duration {
        self.idle.saturating_sub(self.idle_until.saturating_duration_since(now))
    }

    /// The TLS session with the server; `None` if there is none, or only one with a proxy.
    pub(in crate::transport) fn tls_session(&self) -> Option<&Arc<TlsSession>> {
        match &self.stream {
            Stream::Tls(tls) if self.key.spec.tls.is_some() => Some(tls.details()),
            _ => None,
        }
    }

    /// Whether this process opened it. An inherited connection belongs to the parent.
    pub(super) fn belongs_to_process(&self) -> bool {
        self.generation == fork::generation()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_opened_together_expire_one_after_the_other() {
        let (max, now) = (Duration::from_secs(300), Instant::now());
        let seconds = Duration::from_secs;
        let mut outlived = 0;
        for moment in 0..1000 {
            let opened = now + Duration::from_nanos(moment);
            let mut age = Age::since(opened);
            assert!(!age.exceeds(None, opened + seconds(3600)));
            assert!(!age.exceeds(Some(max), opened + max));
            assert!(age.exceeds(Some(max), opened + max + seconds(31)));
            outlived += u32::from(age.exceeds(Some(max), opened + max + seconds(15)));
            // Each client of a family has its own limit.
            assert!(age.exceeds(Some(seconds(1)), opened + seconds(2)));
            assert!(!age.exceeds(Some(Duration::MAX), opened + seconds(3600)));
        }
        assert!((300..700).contains(&outlived), "{outlived} of 1000 have not expired half-way");
    }
}
