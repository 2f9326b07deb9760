//! The state that a client and its clones share.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;

use crate::limit::{Bucket, Gate, Rate, RetryBudget, Schedule, SharedAtomic};
use crate::transport::Transport;
use crate::transport::fork::PerProcess;
use crate::wait::Clock;

use super::stats::Stats;

/// Connections, limits, counters and the clock of a client and all its clones. Any number of
/// threads may use it at once, and after a `fork` both processes may.
pub struct Family {
    /// The connections.
    pub transport: Transport,
    /// The clock for all waits.
    pub clock: Box<dyn Clock>,
    /// The counters.
    pub stats: Stats,
    /// The budget for retries.
    pub retry_budget: RetryBudget,
    limits: PerProcess<Limits>,
    /// The schedule of the caller's own limit, which forked processes continue.
    schedule: ArcSwapOption<Schedule>,
    /// Lets a call without a limit skip the check.
    has_rate_limit: AtomicBool,
    hasher: RandomState,
}

/// The limits. They hold locks, so each forked process has its own.
pub struct Limits {
    /// The server's limits.
    pub gate: Gate,
    /// The caller's own limit.
    pub bucket: Bucket,
}

impl Family {
    /// A client family that uses this clock.
    #[must_use]
    pub fn with_clock(clock: Box<dyn Clock>) -> Self {
        Self {
            transport: Transport::new(),
            clock,
            stats: Stats::new(),
            retry_budget: RetryBudget::new(),
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

    /// Whether the caller's own limit may delay a call.
    #[must_use]
    pub fn has_rate_limit(&self) -> bool {
        self.has_rate_limit.load(Ordering::Relaxed)
    }

    /// Sets the caller's own limit for all calls of the family; `None` removes it. `storage`
    /// creates the storage of a new schedule.
    pub fn set_rate(&self, rate: Option<Rate>, storage: impl FnOnce() -> SharedAtomic) {
        // This flag stays set after the limit is removed: with two setters at once, the wrong store
        // could be last.
        self.has_rate_limit.fetch_or(rate.is_some(), Ordering::Relaxed);
        let on_change = |schedule| self.schedule.store(schedule);
        self.limits().bucket.set_rate(rate, self.clock.now(), storage, on_change);
    }

    /// A number that identifies a credential, under a random key of this family.
    pub fn fingerprint(&self, credential: impl std::hash::Hash) -> u64 {
        self.hasher.hash_one(credential)
    }
}
