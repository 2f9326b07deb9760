//! What the calls of a client and its clones share.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;

use crate::limit::{Bucket, Gate, Rate, Schedule, SharedAtomic};
use crate::transport::Transport;
use crate::transport::fork::PerProcess;
use crate::wait::Clock;

use super::stats::Stats;

/// Connections, limits, counters and the clock of a client and all its clones. May be used from any
/// number of threads at once, and after a `fork` in both processes.
pub struct Family {
    /// The connections.
    pub transport: Transport,
    /// What calls wait by.
    pub clock: Box<dyn Clock>,
    /// What is counted.
    pub stats: Stats,
    limits: PerProcess<Limits>,
    /// The caller's own limit, which a process that is forked goes on with.
    schedule: ArcSwapOption<Schedule>,
    /// Spares a call that nothing holds back the look at the limits.
    has_rate_limit: AtomicBool,
    hasher: RandomState,
}

/// The limits, which hold locks: a process that is forked gets its own.
pub struct Limits {
    /// The server's.
    pub gate: Gate,
    /// The caller's own.
    pub bucket: Bucket,
}

impl Family {
    /// A family that waits by this clock.
    #[must_use]
    pub fn with_clock(clock: Box<dyn Clock>) -> Self {
        Self {
            transport: Transport::new(),
            clock,
            stats: Stats::new(),
            limits: PerProcess::new(),
            schedule: ArcSwapOption::const_empty(),
            has_rate_limit: AtomicBool::new(false),
            hasher: RandomState::new(),
        }
    }

    /// The limits of this process.
    #[must_use]
    pub fn limits(&self) -> Arc<crate::transport::fork::ProcessValue<Limits>> {
        self.limits.get(|_| Limits {
            gate: Gate::new(),
            bucket: Bucket::with_schedule(self.schedule.load_full()),
        })
    }

    /// Whether the caller's own limit may hold a call back.
    #[must_use]
    pub fn has_rate_limit(&self) -> bool {
        self.has_rate_limit.load(Ordering::Relaxed)
    }

    /// Sets the caller's own limit for all calls of the family; `None` lifts it. A new one is kept in
    /// this number.
    pub fn set_rate(&self, rate: Option<Rate>, number: impl FnOnce() -> SharedAtomic) {
        // Stays when the limit is lifted: of two setters at once, the wrong one could come last.
        self.has_rate_limit.fetch_or(rate.is_some(), Ordering::Relaxed);
        let bequeath = |schedule| self.schedule.store(schedule);
        self.limits().bucket.set_rate(rate, self.clock.now(), number, bequeath);
    }

    /// A number that stands for a credential, under a key that this family has drawn by lot.
    pub fn fingerprint(&self, credential: impl std::hash::Hash) -> u64 {
        self.hasher.hash_one(credential)
    }
}
