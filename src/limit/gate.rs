//! The server's rate limit: a gate that an answer closes and that others then wait at.
//!
//! An answer that names a delay (a 429 or 503, a 403 that is a rate limit, a success after which no
//! request is left) tells every thread what one has learnt. It closes the gate for the origin, the credential and the path, since servers limit `/login` apart from `/sync`. When
//! a second path of the same origin and credential is turned away while the first is closed, the
//! limit is evidently not of a path: the gate then covers the whole origin for that credential,
//! until the first of the two delays ends, as by then one of the paths tells more.
//!
//! Those who wait are let through one after the other, each in a slot of its own with some jitter,
//! for a herd would be turned away again. Whoever comes after the delay has ended passes at once.
//!
//! Holding back is for calls that may retry. One that may not asked for no waiting and is to be
//! sent without asking here; that is the caller's to see to. After its wait a call asks once more:
//! another answer may have closed the gate again in the meantime.
//!
//! What is kept is hashed under a key that the process draws by lot, so that no path (which may
//! hold a name or a token) stays in memory, and it is bounded in number.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{WaitTooLong, check_deadline};

/// So many origins and credentials, and so many paths of each, are remembered at most; beyond that
/// the gates that open soonest are forgotten.
const MAX_SCOPES: usize = 1024;
const MAX_PATHS: usize = 16;

/// The time between two that are let through: a fiftieth of the delay, within these bounds.
const MIN_SPACING: Duration = Duration::from_millis(5);
const MAX_SPACING: Duration = Duration::from_millis(50);

/// What a gate is for.
#[derive(Debug, Clone, Copy)]
pub struct GateKey<'a> {
    /// Scheme, host and port, in whatever form, as long as it is always the same.
    pub origin: &'a str,
    /// A fingerprint of the credential; not the credential.
    pub credential: u64,
    /// The path; from a `?` on it is ignored.
    pub path: &'a str,
}

/// The gates of a client family. Shared among threads.
#[derive(Debug, Default)]
pub struct Gate {
    /// Spares hash and lock where no gate is closed.
    any_closed: AtomicBool,
    scopes: Mutex<OriginTable>,
    hasher: RandomState,
}

impl Gate {
    /// All gates open.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that an answer asks for this delay, and tells whether that closes a gate. It does not
    /// for a delay of zero, and for one above `longest` (the caller's `retry_after_max`), which
    /// nobody is going to wait for.
    pub fn close(
        &self,
        key: GateKey<'_>,
        delay: Duration,
        longest: Duration,
        now: Instant,
    ) -> bool {
        if delay.is_zero() || delay > longest {
            return false;
        }
        let Some(closed) = ClosedGate::new(delay, now) else {
            return false;
        };
        let (scope, path) = self.hashed(key);
        self.scopes().close(scope, path, closed, now);
        self.any_closed.store(true, Ordering::Release);
        true
    }

    /// How long a call that is ready at `now` has to wait at the gate; zero where it is open.
    /// `left` is what its deadline leaves it (`None`: no deadline), `random` lies in `[0, 1)`. A
    /// slot among those who wait is taken with the answer.
    ///
    /// # Errors
    /// [`Refused`] where the wait would outlast the deadline; no slot is then taken.
    pub fn reserve(
        &self,
        key: GateKey<'_>,
        now: Instant,
        left: Option<Duration>,
        random: f64,
    ) -> Result<Duration, WaitTooLong> {
        if self.all_open() {
            return Ok(Duration::ZERO);
        }
        let (scope, path) = self.hashed(key);
        let mut scopes = self.scopes();
        if let Some(closed) = scopes.closed_gate(scope, path, now) {
            return closed.take_slot(now, left, random);
        }
        if scopes.all_open(now) {
            *scopes = OriginTable::default();
            self.any_closed.store(false, Ordering::Release);
        }
        Ok(Duration::ZERO)
    }

    /// Whether no gate at all is closed, as far as is known without a lock: spares the caller the
    /// making of a key. Gates that have opened meanwhile may still count as closed.
    #[must_use]
    pub fn all_open(&self) -> bool {
        !self.any_closed.load(Ordering::Acquire)
    }

    /// Whether a call would have to wait at `now`. Takes no slot.
    #[must_use]
    pub fn is_closed(&self, key: GateKey<'_>, now: Instant) -> bool {
        let (scope, path) = self.hashed(key);
        self.scopes().closed_gate(scope, path, now).is_some()
    }

    fn hashed(&self, key: GateKey<'_>) -> (u64, u64) {
        let path = key.path.split('?').next().unwrap_or_default();
        (self.hasher.hash_one((key.origin, key.credential)), self.hasher.hash_one(path))
    }

    fn scopes(&self) -> MutexGuard<'_, OriginTable> {
        // Nothing panics while it is held, and no state of it is beyond use.
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The closed gates by the hash of origin and credential.
#[derive(Debug, Default)]
struct OriginTable {
    by_hash: HashMap<u64, OriginGates>,
    /// When the last of them opens.
    last_opens: Option<Instant>,
}

impl OriginTable {
    fn close(&mut self, scope: u64, path: u64, closed: ClosedGate, now: Instant) {
        self.by_hash.retain(|_, scope| scope.opens() > Some(now));
        if self.by_hash.len() >= MAX_SCOPES && !self.by_hash.contains_key(&scope) {
            let opens_first = self.by_hash.iter().min_by_key(|(_, scope)| scope.opens());
            if let Some(hash) = opens_first.map(|(hash, _)| *hash) {
                self.by_hash.remove(&hash);
            }
        }
        self.by_hash.entry(scope).or_default().close(path, closed);
        self.last_opens = self.last_opens.max(Some(closed.until));
    }

    fn closed_gate(&mut self, scope: u64, path: u64, now: Instant) -> Option<&mut ClosedGate> {
        self.by_hash.get_mut(&scope)?.barring(path, now)
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
        // Gates that have opened since are harmless here, and the first to make room.
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

    /// The gate that bars this path longest.
    fn barring(&mut self, path: u64, now: Instant) -> Option<&mut ClosedGate> {
        let own = self.paths.iter_mut().find(|(other, _)| *other == path);
        own.map(|(_, closed)| closed)
            .into_iter()
            .chain(&mut self.all_paths)
            .filter(|closed| closed.until > now)
            .max_by_key(|closed| closed.until)
    }

    /// When the last of its gates opens.
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
    /// Where the slot of the next one to ask begins.
    next_slot: Instant,
    spacing: Duration,
}

fn extend(gate: &mut Option<ClosedGate>, closed: ClosedGate) {
    gate.get_or_insert(closed).extend(closed);
}

impl ClosedGate {
    /// `None` where the delay ends beyond the clock's range.
    fn new(delay: Duration, now: Instant) -> Option<Self> {
        let until = now.checked_add(delay)?;
        let spacing = delay.checked_div(50)?.clamp(MIN_SPACING, MAX_SPACING);
        Some(Self { until, next_slot: until, spacing })
    }

    /// Keeps closed for as long as either. Those who wait for the earlier end ask again then; slots
    /// given beyond the later end stand, and new ones come behind them.
    fn extend(&mut self, other: Self) {
        if other.until > self.until {
            *self = Self { next_slot: self.next_slot.max(other.until), ..other };
        }
    }

    /// Each slot is `spacing` long and holds one, somewhere in it.
    fn take_slot(
        &mut self,
        now: Instant,
        left: Option<Duration>,
        random: f64,
    ) -> Result<Duration, WaitTooLong> {
        let jitter = Duration::try_from_secs_f64(self.spacing.as_secs_f64() * random);
        let jitter = jitter.unwrap_or(self.spacing).min(self.spacing);
        let begins = self.next_slot.saturating_duration_since(now);
        let wait = check_deadline(begins.saturating_add(jitter), left)?;
        if let Some(next) = self.next_slot.checked_add(self.spacing) {
            self.next_slot = next;
        }
        Ok(wait)
    }
}

#[cfg(test)]
mod tests;
