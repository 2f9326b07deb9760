//! The caller's own rate limit: a token bucket shared by threads.
//!
//! It is kept as the generic cell rate algorithm (GCRA): one point in time, the *theoretical
//! arrival time* of the next request if all came evenly, tells how full the bucket is. A request
//! gets its slot when it asks and then waits for it on its own, so that requests go in the order
//! in which they asked, however the scheduler wakes their threads.
//!
//! In any window of length `t` there are at most `burst + t · requests / per` slots.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Refused, within};

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
    at: Instant,
    /// The theoretical arrival time of the slot that follows: what tells slots apart.
    next: Instant,
    /// Under which rate it was given.
    generation: u64,
}

/// The bucket of a client family.
#[derive(Debug, Default)]
pub struct Bucket {
    /// Spares the lock where there is no limit.
    limited: AtomicBool,
    schedule: Mutex<Schedule>,
}

impl Bucket {
    /// A bucket that limits nothing until [`Self::set_rate`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next slot of a request that is ready at `now` and has `left` until its deadline
    /// (`None`: no deadline).
    ///
    /// # Errors
    /// [`Refused`] where the slot would come too late; it is then left for another request.
    pub fn reserve(&self, now: Instant, left: Option<Duration>) -> Result<Reservation, Refused> {
        if !self.limited.load(Ordering::Relaxed) {
            return Ok(Reservation::FREE);
        }
        self.schedule().reserve(now, left)
    }

    /// Gives a slot back that will not be used: the call was cancelled, or held up elsewhere. It
    /// goes to the next request that asks before its time; one whose time has passed is lost unless
    /// nobody took a later one.
    pub fn give_back(&self, reservation: Reservation) {
        if let Some(slot) = reservation.slot {
            self.schedule().give_back(slot);
        }
    }

    /// Changes the limit; `None` lifts it. Slots given so far stand. The requests that have gone or
    /// wait count under the new rate as well, no more of the former than its burst; setting the
    /// rate that is set already changes nothing.
    pub fn set_rate(&self, rate: Option<Rate>, now: Instant) {
        let mut schedule = self.schedule();
        schedule.set_rate(rate, now);
        self.limited.store(rate.is_some(), Ordering::Relaxed);
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        // Nothing panics while it is held, and no state of it is beyond use.
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Schedule {
    rate: Option<Rate>,
    /// The theoretical arrival time of the next request; `None` for a full bucket.
    next: Option<Instant>,
    /// Slots given back whose time may still come, earliest first.
    returned: Vec<Slot>,
    generation: u64,
}

impl Schedule {
    fn reserve(&mut self, now: Instant, left: Option<Duration>) -> Result<Reservation, Refused> {
        let Some(rate) = self.rate else {
            return Ok(Reservation::FREE);
        };
        self.returned.retain(|slot| slot.at >= now);
        // A slot given back lies before every new one.
        if let Some(&slot) = self.returned.first() {
            let wait = within(slot.at.saturating_duration_since(now), left)?;
            self.returned.remove(0);
            return Ok(Reservation { wait, slot: Some(slot) });
        }
        let theoretical = self.next.map_or(now, |next| next.max(now));
        // Without the tolerance: `checked_sub` fails where the clock began less long ago.
        let at = theoretical.checked_sub(rate.tolerance()).map_or(now, |at| at.max(now));
        let wait = within(at.saturating_duration_since(now), left)?;
        let Some(next) = theoretical.checked_add(rate.interval) else {
            return Err(Refused { wait: Duration::MAX });
        };
        self.next = Some(next);
        Ok(Reservation { wait, slot: Some(Slot { at, next, generation: self.generation }) })
    }

    fn give_back(&mut self, slot: Slot) {
        let Some(rate) = self.rate.filter(|_| slot.generation == self.generation) else {
            return;
        };
        let place = self.returned.partition_point(|other| other.next <= slot.next);
        self.returned.insert(place, slot);
        // Slots at the end of the schedule are taken off it as though never given.
        while self.next.is_some() && self.returned.last().map(|slot| slot.next) == self.next {
            self.returned.pop();
            self.next = self.next.and_then(|next| next.checked_sub(rate.interval));
        }
    }

    fn set_rate(&mut self, rate: Option<Rate>, now: Instant) {
        if rate == self.rate {
            return;
        }
        self.next = match (self.rate, rate, self.next) {
            (Some(old), Some(new), Some(next)) => {
                let owed = intervals(next.saturating_duration_since(now), old.interval);
                let gone = owed.min(old.burst);
                let waiting = owed.saturating_sub(gone);
                let owed = gone.min(new.burst).saturating_add(waiting);
                now.checked_add(new.interval.saturating_mul(owed)).or(Some(next))
            }
            _ => None,
        };
        self.rate = rate;
        self.returned.clear();
        self.generation = self.generation.wrapping_add(1);
    }
}

/// How many intervals, begun ones included, fill a span.
fn intervals(span: Duration, interval: Duration) -> u32 {
    let count = span.as_nanos().div_ceil(interval.as_nanos().max(1));
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
