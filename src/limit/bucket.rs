//! The caller's own rate limit: a token bucket that threads and forked processes share.
//!
//! It uses the generic cell rate algorithm (GCRA). One point in time, the *theoretical arrival
//! time* of the next request at an even rate, says how full the bucket is. A request reserves its
//! slot first and then waits for it, so requests go in the order of their reservations, however the
//! scheduler wakes their threads.
//!
//! That point in time is a single number, changed by compare and exchange. In shared memory it
//! makes one limit for all forked processes, and a killed process cannot leave it locked.
//!
//! In any window of length `t` there are at most `burst + t · requests / per` slots.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{WaitTooLong, check_deadline};

/// A number of requests per duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The time between requests at an even rate; never zero.
    interval: Duration,
    /// The number of requests that may go at once after a pause; never zero.
    burst: u32,
}

impl Rate {
    /// `requests` per `per`: after a pause `burst` of them at once, the others evenly. A burst of 0
    /// counts as 1. `None`, no limit, if `requests` or `per` is zero.
    #[must_use]
    pub fn new(requests: u32, per: Duration, burst: u32) -> Option<Self> {
        let floor = per.checked_div(requests)?;
        // Rounded up: a nanosecond too many keeps the limit, one too few exceeds it.
        let exact = floor.saturating_mul(requests) == per;
        let interval = if exact { floor } else { floor.saturating_add(Duration::from_nanos(1)) };
        (!interval.is_zero()).then_some(Self { interval, burst: burst.max(1) })
    }

    /// How much earlier than an even schedule a request may start.
    fn tolerance(self) -> Duration {
        self.interval.saturating_mul(self.burst.saturating_sub(1))
    }
}

/// A reserved slot of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "return an unused slot with `release`"]
pub struct Reservation {
    /// How long to wait for the slot, from the time of the reservation.
    pub wait: Duration,
    slot: Option<Slot>,
}

impl Reservation {
    /// The reservation if there is no limit.
    const FREE: Self = Self { wait: Duration::ZERO, slot: None };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    /// In nanoseconds since the start of the schedule, like all its times.
    at: u64,
    /// The theoretical arrival time of the next slot. It identifies the slot.
    next: u64,
    /// The rate under which it was reserved.
    generation: u64,
}

/// The storage of a schedule: memory of this process, or memory that forked processes share.
/// Initially 0.
pub type SharedAtomic = Box<dyn Deref<Target = AtomicU64> + Send + Sync>;

/// A rate and its current state.
pub struct Schedule {
    rate: Rate,
    start: Instant,
    /// The theoretical arrival time of the next request. A time in the past means a full bucket.
    next: SharedAtomic,
}

/// The bucket of a client family in one process.
#[derive(Default)]
pub struct Bucket {
    /// Avoids the lock if there is no limit.
    limited: AtomicBool,
    slots: Mutex<Slots>,
}

impl Bucket {
    /// A bucket that limits nothing until [`Self::set_rate`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A bucket that continues the schedule of another process.
    #[must_use]
    pub fn with_schedule(schedule: Option<Arc<Schedule>>) -> Self {
        Self {
            limited: AtomicBool::new(schedule.is_some()),
            slots: Mutex::new(Slots { schedule, ..Slots::default() }),
        }
    }

    /// Reserves the next slot for a request at `now`. `remaining`: the time until its deadline,
    /// `None` if there is none.
    ///
    /// # Errors
    /// [`WaitTooLong`] if the slot is too late. It stays free for another request.
    pub fn reserve(
        &self,
        now: Instant,
        remaining: Option<Duration>,
    ) -> Result<Reservation, WaitTooLong> {
        if !self.limited.load(Ordering::Relaxed) {
            return Ok(Reservation::FREE);
        }
        self.slots().reserve(now, remaining)
    }

    /// Returns an unused slot: the call was cancelled, or another limit holds it back. The next
    /// request of this process gets it, if its time has not come. A slot whose time has passed is
    /// lost, unless it is the last one.
    pub fn release(&self, reservation: Reservation) {
        if let Some(slot) = reservation.slot {
            self.slots().release(slot);
        }
    }

    /// Changes the limit; `None` removes it. Reserved slots stay valid. Sent and waiting requests
    /// also count under the new rate, but the sent ones only up to its burst. The same rate again
    /// changes nothing. `storage` creates the storage of a new schedule, and `on_change` receives
    /// the schedule for processes that fork later.
    pub fn set_rate(
        &self,
        rate: Option<Rate>,
        now: Instant,
        storage: impl FnOnce() -> SharedAtomic,
        on_change: impl FnOnce(Option<Arc<Schedule>>),
    ) {
        let mut slots = self.slots();
        if rate != slots.schedule.as_ref().map(|schedule| schedule.rate) {
            slots.set_rate(rate, now, storage);
            self.limited.store(rate.is_some(), Ordering::Relaxed);
            on_change(slots.schedule.clone());
        }
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        // No code panics while it holds the lock, and every state is usable.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct Slots {
    schedule: Option<Arc<Schedule>>,
    /// Returned slots whose time may still come, earliest first.
    returned: Vec<Slot>,
    generation: u64,
}

impl Slots {
    fn reserve(
        &mut self,
        now: Instant,
        remaining: Option<Duration>,
    ) -> Result<Reservation, WaitTooLong> {
        let Some(schedule) = &self.schedule else {
            return Ok(Reservation::FREE);
        };
        let now = schedule.nanos_since_start(now);
        self.returned.retain(|slot| slot.at >= now);
        // A returned slot is earlier than every new one.
        if let Some(&slot) = self.returned.first() {
            let wait =
                check_deadline(Duration::from_nanos(slot.at.saturating_sub(now)), remaining)?;
            self.returned.remove(0);
            return Ok(Reservation { wait, slot: Some(slot) });
        }
        let (wait, next) = schedule.take(now, remaining)?;
        let at = now.saturating_add(nanoseconds(wait).unwrap_or(u64::MAX));
        Ok(Reservation { wait, slot: Some(Slot { at, next, generation: self.generation }) })
    }

    fn release(&mut self, slot: Slot) {
        let Some(schedule) = self.schedule.as_ref().filter(|_| slot.generation == self.generation)
        else {
            return;
        };
        let place = self.returned.partition_point(|other| other.next <= slot.next);
        self.returned.insert(place, slot);
        // Slots at the end of the schedule are removed from it.
        while self.returned.last().is_some_and(|slot| schedule.release_last(slot.next)) {
            self.returned.pop();
        }
    }

    fn set_rate(
        &mut self,
        rate: Option<Rate>,
        now: Instant,
        storage: impl FnOnce() -> SharedAtomic,
    ) {
        self.schedule = rate.map(|rate| {
            let backlog = self.schedule.as_ref().map_or(0, |old| old.backlog_under(rate, now));
            let next = storage();
            next.store(backlog, Ordering::Release);
            Arc::new(Schedule { rate, start: now, next })
        });
        self.returned.clear();
        self.generation = self.generation.wrapping_add(1);
    }
}

impl Schedule {
    fn nanos_since_start(&self, now: Instant) -> u64 {
        nanoseconds(now.saturating_duration_since(self.start)).unwrap_or(u64::MAX)
    }

    /// Takes the next slot: the wait for it, and the theoretical arrival time after it.
    fn take(&self, now: u64, remaining: Option<Duration>) -> Result<(Duration, u64), WaitTooLong> {
        let interval = nanoseconds(self.rate.interval).unwrap_or(u64::MAX);
        let tolerance = nanoseconds(self.rate.tolerance()).unwrap_or(u64::MAX);
        let mut known = self.next.load(Ordering::Acquire);
        loop {
            let theoretical = known.max(now);
            let nanos_to_wait = theoretical.saturating_sub(tolerance).saturating_sub(now);
            let wait = check_deadline(Duration::from_nanos(nanos_to_wait), remaining)?;
            let next = theoretical.saturating_add(interval);
            match self.next.compare_exchange(known, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok((wait, next)),
                Err(found) => known = found,
            }
        }
    }

    /// Takes the last slot back; false if there is a later one.
    fn release_last(&self, next: u64) -> bool {
        let interval = nanoseconds(self.rate.interval).unwrap_or(u64::MAX);
        let before = next.saturating_sub(interval);
        self.next.compare_exchange(next, before, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// How far the next request would be after `now` if all requests had come under another rate.
    fn backlog_under(&self, new: Rate, now: Instant) -> u64 {
        let nanos_to_next =
            self.next.load(Ordering::Acquire).saturating_sub(self.nanos_since_start(now));
        let backlog = intervals(Duration::from_nanos(nanos_to_next), self.rate.interval);
        let gone = backlog.min(self.rate.burst);
        let waiting = backlog.saturating_sub(gone);
        let backlog = gone.min(new.burst).saturating_add(waiting);
        nanoseconds(new.interval.saturating_mul(backlog)).unwrap_or(nanos_to_next)
    }
}

/// `None` above 584 years, which counts as for ever.
fn nanoseconds(duration: Duration) -> Option<u64> {
    u64::try_from(duration.as_nanos()).ok()
}

/// The number of intervals in a duration, rounded up.
fn intervals(duration: Duration, interval: Duration) -> u32 {
    let count = duration.as_nanos().div_ceil(interval.as_nanos().max(1));
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
