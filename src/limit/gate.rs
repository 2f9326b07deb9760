//! The server's rate limit: a gate that a response closes and that other calls wait at.
//!
//! A response that names a delay (a 429 or 503, a 403 that is a rate limit, a success with an
//! exhausted quota) closes the gate for its origin, credential and path. Servers limit `/login` and
//! `/sync` separately. If a second path of the same origin and credential is rejected while the
//! first is closed, the limit is not per path. The gate then covers the whole origin for that
//! credential until the first of the two delays ends. Then a request to that path shows more.
//!
//! Waiting calls pass one after the other, each in its own slot with some jitter, because many at
//! once would be rejected again. A call that arrives after the delay passes at once.
//!
//! The gate is for calls that may retry. The caller of this module sends other calls without it.
//! After its wait a call checks the gate again: another response may have closed it.
//!
//! The gate stores only hashes under a random key of the process, so no path (which may contain a
//! name or a token) stays in memory. Their number is limited.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{WaitTooLong, check_deadline};

/// The maximum number of origins with their credentials, and of paths for each. Above it, the gates
/// that open first are removed.
const MAX_ORIGINS: usize = 1024;
const MAX_PATHS: usize = 16;

/// The time between two calls that pass: a fiftieth of the delay, within these limits.
const MIN_SPACING: Duration = Duration::from_millis(5);
const MAX_SPACING: Duration = Duration::from_millis(50);

/// The identity of a gate.
#[derive(Debug, Clone, Copy)]
pub struct GateKey<'a> {
    /// Scheme, host and port, in any form that is always the same.
    pub origin: &'a str,
    /// A fingerprint of the credential, not the credential.
    pub credential: u64,
    /// The path. A query is ignored.
    pub path: &'a str,
}

/// The gates of a client family. Threads share them.
#[derive(Debug, Default)]
pub struct Gate {
    /// Avoids the hash and the lock if no gate is closed.
    any_closed: AtomicBool,
    origins: Mutex<OriginTable>,
    hasher: RandomState,
}

impl Gate {
    /// All gates open.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Closes the gate for a delay that a response asks for, and returns whether it did. A delay of
    /// zero closes no gate, nor does one above `max_delay` (the caller's `retry_after_max`),
    /// because no call waits that long.
    pub fn close(
        &self,
        key: GateKey<'_>,
        delay: Duration,
        max_delay: Duration,
        now: Instant,
    ) -> bool {
        if delay.is_zero() || delay > max_delay {
            return false;
        }
        let Some(closed) = ClosedGate::new(delay, now) else {
            return false;
        };
        let (origin, path) = self.hashed(key);
        self.origins().close(origin, path, closed, now);
        self.any_closed.store(true, Ordering::Release);
        true
    }

    /// Reserves a slot at the gate: how long a call at `now` must wait; zero if the gate is open.
    /// `remaining`: the time until its deadline, `None` if there is none. `random` is in `[0, 1)`.
    ///
    /// # Errors
    /// [`WaitTooLong`] if the wait would exceed the deadline. No slot is reserved.
    pub fn reserve(
        &self,
        key: GateKey<'_>,
        now: Instant,
        remaining: Option<Duration>,
        random: f64,
    ) -> Result<Duration, WaitTooLong> {
        if self.all_open() {
            return Ok(Duration::ZERO);
        }
        let (origin, path) = self.hashed(key);
        let mut origins = self.origins();
        if let Some(closed) = origins.closed_gate(origin, path, now) {
            return closed.take_slot(now, remaining, random);
        }
        if origins.all_open(now) {
            *origins = OriginTable::default();
            self.any_closed.store(false, Ordering::Release);
        }
        Ok(Duration::ZERO)
    }

    /// Whether no gate is closed, without a lock, so that a call need not compute a key. A gate
    /// that has opened may still count as closed.
    #[must_use]
    pub fn all_open(&self) -> bool {
        !self.any_closed.load(Ordering::Acquire)
    }

    /// Whether a call would have to wait at `now`. Reserves no slot.
    #[must_use]
    pub fn is_closed(&self, key: GateKey<'_>, now: Instant) -> bool {
        let (origin, path) = self.hashed(key);
        self.origins().closed_gate(origin, path, now).is_some()
    }

    fn hashed(&self, key: GateKey<'_>) -> (u64, u64) {
        let path = key.path.split('?').next().unwrap_or_default();
        (self.hasher.hash_one((key.origin, key.credential)), self.hasher.hash_one(path))
    }

    fn origins(&self) -> MutexGuard<'_, OriginTable> {
        // No code panics while it holds the lock, and every state is usable.
        self.origins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The closed gates, by the hash of origin and credential.
#[derive(Debug, Default)]
struct OriginTable {
    by_hash: HashMap<u64, OriginGates>,
    /// When the last gate opens.
    last_opens: Option<Instant>,
}

impl OriginTable {
    fn close(&mut self, origin: u64, path: u64, closed: ClosedGate, now: Instant) {
        self.by_hash.retain(|_, origin| origin.opens() > Some(now));
        if self.by_hash.len() >= MAX_ORIGINS && !self.by_hash.contains_key(&origin) {
            let opens_first = self.by_hash.iter().min_by_key(|(_, origin)| origin.opens());
            if let Some(hash) = opens_first.map(|(hash, _)| *hash) {
                self.by_hash.remove(&hash);
            }
        }
        self.by_hash.entry(origin).or_default().close(path, closed);
        self.last_opens = self.last_opens.max(Some(closed.until));
    }

    fn closed_gate(&mut self, origin: u64, path: u64, now: Instant) -> Option<&mut ClosedGate> {
        self.by_hash.get_mut(&origin)?.closed_gate(path, now)
    }

    fn all_open(&self, now: Instant) -> bool {
        self.last_opens <= Some(now)
    }
}

/// The closed gates of one origin and credential.
#[derive(Debug, Default)]
struct OriginGates {
    all_paths: Option<ClosedGate>,
    paths: Vec<(u64, ClosedGate)>,
}

impl OriginGates {
    fn close(&mut self, path: u64, closed: ClosedGate) {
        // Gates that have opened since are harmless here, and are the first to be removed.
        let others = self.paths.iter().filter(|(other, _)| *other != path);
        if let Some(latest) = others.map(|(_, closed)| *closed).max_by_key(|other| other.until) {
            let first = if latest.until < closed.until { latest } else { closed };
            extend(&mut self.all_paths, first);
        }
        if let Some((_, known)) = self.paths.iter_mut().find(|(other, _)| *other == path) {
            known.extend(closed);
            return;
        }
        if self.paths.len() >= MAX_PATHS {
            let opens_first = self.paths.iter().enumerate().min_by_key(|(_, (_, gate))| gate.until);
            if let Some(index) = opens_first.map(|(index, _)| index) {
                self.paths.swap_remove(index);
            }
        }
        self.paths.push((path, closed));
    }

    /// The gate that closes this path for the longest time.
    fn closed_gate(&mut self, path: u64, now: Instant) -> Option<&mut ClosedGate> {
        let own = self.paths.iter_mut().find(|(other, _)| *other == path);
        own.map(|(_, closed)| closed)
            .into_iter()
            .chain(&mut self.all_paths)
            .filter(|closed| closed.until > now)
            .max_by_key(|closed| closed.until)
    }

    /// When the last of these gates opens.
    fn opens(&self) -> Option<Instant> {
        self.paths
            .iter()
            .map(|(_, closed)| closed)
            .chain(&self.all_paths)
            .map(|gate| gate.until)
            .max()
    }
}

/// A closed gate.
#[derive(Debug, Clone, Copy)]
struct ClosedGate {
    until: Instant,
    /// The start of the next slot.
    next_slot: Instant,
    spacing: Duration,
}

fn extend(gate: &mut Option<ClosedGate>, closed: ClosedGate) {
    gate.get_or_insert(closed).extend(closed);
}

impl ClosedGate {
    /// `None` if the delay ends outside the clock's range.
    fn new(delay: Duration, now: Instant) -> Option<Self> {
        let until = now.checked_add(delay)?;
        let spacing = delay.checked_div(50)?.clamp(MIN_SPACING, MAX_SPACING);
        Some(Self { until, next_slot: until, spacing })
    }

    /// Stays closed until the later end of the two. Calls that wait for the earlier end check again
    /// then. Slots after the later end stay reserved, and new ones follow them.
    fn extend(&mut self, other: Self) {
        if other.until > self.until {
            *self = Self { next_slot: self.next_slot.max(other.until), ..other };
        }
    }

    /// Each slot is `spacing` long, and one call passes at a random point in it.
    fn take_slot(
        &mut self,
        now: Instant,
        remaining: Option<Duration>,
        random: f64,
    ) -> Result<Duration, WaitTooLong> {
        let jitter = Duration::try_from_secs_f64(self.spacing.as_secs_f64() * random);
        let jitter = jitter.unwrap_or(self.spacing).min(self.spacing);
        let begins = self.next_slot.saturating_duration_since(now);
        let wait = check_deadline(begins.saturating_add(jitter), remaining)?;
        if let Some(next) = self.next_slot.checked_add(self.spacing) {
            self.next_slot = next;
        }
        Ok(wait)
    }
}

#[cfg(test)]
mod tests;
