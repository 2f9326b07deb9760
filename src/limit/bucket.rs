//! The caller's own rate limit: a token bucket shared by threads, and by processes that are forked.
//!
//! It is kept as the generic cell rate algorithm (GCRA): one point in time, the *theoretical
//! arrival time* of the next request if all came evenly, tells how full the bucket is. A request
//! gets its slot when it asks and then waits for it on its own, so that requests go in the order
//! in which they asked, however the scheduler wakes their threads.
//!
//! That point in time is a single number, changed by compare and exchange. In memory that forked
//! processes share it makes one limit for all of them, and one that is killed cannot leave it locked.
//!
//! In any window of length `t` there are at most `burst + t · requests / per` slots.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{WaitTooLong, check_deadline};

/// So many requests per so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// From one request to the next when they come evenly; never zero.
    interval: Duration,
    /// How many may go at once after a pause; never zero.
    burst: u32,
}

impl Rate {
    /// `requests` per `per`, `burst` of them at once after a pause and the rest evenly; a burst of
    /// 0 counts as 1, evenly spaced. `None`, no limit, where `requests` or `per` is zero.
    #[must_use]
    pub fn new(requests: u32, per: Duration, burst: u32) -> Option<Self> {
        let floor = per.checked_div(requests)?;
        // Rounded up: a nanosecond too many keeps the promise, one too few breaks it.
        let exact = floor.saturating_mul(requests) == per;
        let interval = if exact { floor } else { floor.saturating_add(Duration::from_nanos(1)) };
        (!interval.is_zero()).then_some(Self { interval, burst: burst.max(1) })
    }

    /// How far ahead of an even schedule a request may go.
    fn tolerance(self) -> Duration {
        self.interval.saturating_mul(self.burst.saturating_sub(1))
    }
}

/// A slot that a request holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a slot that is not used is to be given back"]
pub struct Reservation {
    /// How long to wait for it, from when it was asked for.
    pub wait: Duration,
    slot: Option<Slot>,
}

impl Reservation {
    /// Where there is no limit.
    const FREE: Self = Self { wait: Duration::ZERO, slot: None };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    /// In nanoseconds since the schedule began, as all times of it.
    at: u64,
    /// The theoretical arrival time of the slot that follows: what tells slots apart.
    next: u64,
    /// Under which rate it was given.
    generation: u64,
}

/// Where a schedule is kept: in memory of this process, or in some that forked ones share. 0 at first.
pub type SharedAtomic = Box<dyn Deref<Target = AtomicU64> + Send + Sync>;

/// A rate, and how far those who obey it have come.
pub struct Schedule {
    rate: Rate,
    begun: Instant,
    /// The theoretical arrival time of the next request; what lies in the past is a full bucket.
    next: SharedAtomic,
}

/// The bucket of a client family in one process.
#[derive(Default)]
pub struct Bucket {
    /// Spares the lock where there is no limit.
    limited: AtomicBool,
    slots: Mutex<Slots>,
}

impl Bucket {
    /// A bucket that limits nothing until [`Self::set_rate`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A bucket that goes on with the schedule of another process.
    #[must_use]
    pub fn with_schedule(schedule: Option<Arc<Schedule>>) -> Self {
        Self {
            limited: AtomicBool::new(schedule.is_some()),
            slots: Mutex::new(Slots { schedule, ..Slots::default() }),
        }
    }

    /// Takes the next slot of a request that is ready at `now` and has `left` until its deadline
    /// (`None`: no deadline).
    ///
    /// # Errors
    /// [`Refused`] where the slot would come too late; it is then left for another request.
    pub fn reserve(
        &self,
        now: Instant,
        left: Option<Duration>,
    ) -> Result<Reservation, WaitTooLong> {
        if !self.limited.load(Ordering::Relaxed) {
            return Ok(Reservation::FREE);
        }
        self.slots().reserve(now, left)
    }

    /// Gives a slot back that will not be used: the call was cancelled, or held up elsewhere. It
    /// goes to the next request of this process that asks before its time; one whose time has passed
    /// is lost unless nobody took a later one.
    pub fn release(&self, reservation: Reservation) {
        if let Some(slot) = reservation.slot {
            self.slots().give_back(slot);
        }
    }

    /// Changes the limit; `None` lifts it. Slots given so far stand. The requests that have gone or
    /// wait count under the new rate as well, no more of the former than its burst; setting the
    /// rate that is set already changes nothing. `number` is where a new schedule is kept, and
    /// `bequeath` gets what processes that are forked from now on go on with.
    pub fn set_rate(
        &self,
        rate: Option<Rate>,
        now: Instant,
        number: impl FnOnce() -> SharedAtomic,
        bequeath: impl FnOnce(Option<Arc<Schedule>>),
    ) {
        let mut slots = self.slots();
        if rate != slots.schedule.as_ref().map(|schedule| schedule.rate) {
            slots.set_rate(rate, now, number);
            self.limited.store(rate.is_some(), Ordering::Relaxed);
            bequeath(slots.schedule.clone());
        }
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        // Nothing panics while it is held, and no state of it is beyond use.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct Slots {
    schedule: Option<Arc<Schedule>>,
    /// Slots given back whose time may still come, earliest first.
    returned: Vec<Slot>,
    generation: u64,
}

impl Slots {
    fn reserve(
        &mut self,
        now: Instant,
        left: Option<Duration>,
    ) -> Result<Reservation, WaitTooLong> {
        let Some(schedule) = &self.schedule else {
            return Ok(Reservation::FREE);
        };
        let now = schedule.nanos_since_start(now);
        self.returned.retain(|slot| slot.at >= now);
        // A slot given back lies before every new one.
        if let Some(&slot) = self.returned.first() {
            let wait = check_deadline(Duration::from_nanos(slot.at.saturating_sub(now)), left)?;
            self.returned.remove(0);
            return Ok(Reservation { wait, slot: Some(slot) });
        }
        let (wait, next) = schedule.take(now, left)?;
        let at = now.saturating_add(nanoseconds(wait).unwrap_or(u64::MAX));
        Ok(Reservation { wait, slot: Some(Slot { at, next, generation: self.generation }) })
    }

    fn give_back(&mut self, slot: Slot) {
        let Some(schedule) = self.schedule.as_ref().filter(|_| slot.generation == self.generation)
        else {
            return;
        };
        let place = self.returned.partition_point(|other| other.next <= slot.next);
        self.returned.insert(place, slot);
        // Slots at the end of the schedule are taken off it as though never given.
        while self.returned.last().is_some_and(|slot| schedule.release_last(slot.next)) {
            self.returned.pop();
        }
    }

    fn set_rate(
        &mut self,
        rate: Option<Rate>,
        now: Instant,
        number: impl FnOnce() -> SharedAtomic,
    ) {
        self.schedule = rate.map(|rate| {
            let owed = self.schedule.as_ref().map_or(0, |old| old.backlog_under(rate, now));
            let next = number();
            next.store(owed, Ordering::Release);
            Arc::new(Schedule { rate, begun: now, next })
        });
        self.returned.clear();
        self.generation = self.generation.wrapping_add(1);
    }
}

impl Schedule {
    fn nanos_since_start(&self, now: Instant) -> u64 {
        nanoseconds(now.saturating_duration_since(self.begun)).unwrap_or(u64::MAX)
    }

    /// Takes the next slot: how long to wait for it, and the theoretical arrival time behind it.
    fn take(&self, now: u64, left: Option<Duration>) -> Result<(Duration, u64), WaitTooLong> {
        let interval = nanoseconds(self.rate.interval).unwrap_or(u64::MAX);
        let tolerance = nanoseconds(self.rate.tolerance()).unwrap_or(u64::MAX);
        let mut known = self.next.load(Ordering::Acquire);
        loop {
            let theoretical = known.max(now);
            let ahead = theoretical.saturating_sub(tolerance).saturating_sub(now);
            let wait = check_deadline(Duration::from_nanos(ahead), left)?;
            let next = theoretical.saturating_add(interval);
            match self.next.compare_exchange(known, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok((wait, next)),
                Err(found) => known = found,
            }
        }
    }

    /// Takes the last slot back; false where another one has been given behind it.
    fn release_last(&self, next: u64) -> bool {
        let interval = nanoseconds(self.rate.interval).unwrap_or(u64::MAX);
        let before = next.saturating_sub(interval);
        self.next.compare_exchange(next, before, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// How far ahead of `now` the next request would lie if all had come under another rate.
    fn backlog_under(&self, new: Rate, now: Instant) -> u64 {
        let ahead = self.next.load(Ordering::Acquire).saturating_sub(self.nanos_since_start(now));
        let owed = intervals(Duration::from_nanos(ahead), self.rate.interval);
        let gone = owed.min(self.rate.burst);
        let waiting = owed.saturating_sub(gone);
        let owed = gone.min(new.burst).saturating_add(waiting);
        nanoseconds(new.interval.saturating_mul(owed)).unwrap_or(ahead)
    }
}

/// `None` beyond 584 years, which is as good as for ever.
fn nanoseconds(span: Duration) -> Option<u64> {
    u64::try_from(span.as_nanos()).ok()
}

/// How many intervals, begun ones included, fill a span.
fn intervals(span: Duration, interval: Duration) -> u32 {
    let count = span.as_nanos().div_ceil(interval.as_nanos().max(1));
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
