//! The idle connections of a client family.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use http::uri::Authority;

use super::buffers::LinkBuffers;
use super::link::Stream;
use super::tls::Setup;

/// A connection that has been idle for longer is not worth the risk that the server is just
/// closing it.
const MAX_AGE: Duration = Duration::from_secs(60);
/// Beyond this many, the one idle for longest goes: enough for the threads of a large program.
const MAX_IDLE: usize = 512;

/// What two requests must have in common to share a connection.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) authority: Authority,
    /// For https only.
    pub(super) tls: Option<Arc<Setup>>,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let same_tls = match (&self.tls, &other.tls) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        same_tls && self.authority == other.authority
    }
}

/// A connection that waits for its next request.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) stream: Stream,
    pub(super) buffers: LinkBuffers,
    pub(super) key: Key,
    pub(super) since: Instant,
}

/// The connections that no request uses at the moment, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: Mutex<VecDeque<Parked>>,
}

impl Pool {
    /// The connection that came last, of those that suit. Whether it still lives is the caller's
    /// to see, outside the lock.
    pub(super) fn take(&self, key: &Key, now: Instant) -> Option<Parked> {
        let mut idle = self.lock();
        let expired = expired(&mut idle, now);
        let newest = idle.iter().rposition(|parked| parked.key == *key);
        let taken = newest.and_then(|index| idle.remove(index));
        drop(idle);
        // Closing is a system call: not under the lock.
        drop(expired);
        taken
    }

    /// Puts a connection by.
    pub(super) fn put(&self, parked: Parked) {
        let mut idle = self.lock();
        idle.push_back(parked);
        let surplus = if idle.len() > MAX_IDLE { idle.pop_front() } else { None };
        drop(idle);
        drop(surplus);
    }

    /// Closes all of them, in a child process that has just been forked. Does not wait for the
    /// lock: where another thread held it at the fork, the connections stay open until the child
    /// ends.
    pub(super) fn abandon(&self) {
        let idle = match self.idle.try_lock() {
            Ok(mut idle) => std::mem::take(&mut *idle),
            Err(TryLockError::Poisoned(poisoned)) => std::mem::take(&mut *poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => return,
        };
        drop(idle);
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// A panic in another thread cannot leave the list in disorder, so its poison is ignored.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Parked>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes out those that are too old. They stand in the order of their age.
fn expired(idle: &mut VecDeque<Parked>, now: Instant) -> Vec<Parked> {
    let old = |parked: &Parked| now.saturating_duration_since(parked.since) > MAX_AGE;
    let mut expired = Vec::new();
    while idle.front().is_some_and(old) {
        expired.extend(idle.pop_front());
    }
    expired
}
