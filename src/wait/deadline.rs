//! A point in time at which all waits end, or none.

use std::time::{Duration, Instant};

/// A point on the monotonic clock, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No deadline.
    pub const NEVER: Self = Self(None);

    /// The deadline this long after `now`. `None` and durations outside the clock's range give no
    /// deadline.
    #[must_use]
    pub fn after(now: Instant, duration: Option<Duration>) -> Self {
        Self(duration.and_then(|duration| now.checked_add(duration)))
    }

    /// The earlier of two.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) => Self(Some(a.min(b))),
            (a, b) => Self(a.or(b)),
        }
    }

    /// The point in time; `None` if there is no deadline.
    #[must_use]
    pub fn instant(self) -> Option<Instant> {
        self.0
    }

    /// The time until the deadline: `None` if there is no deadline, zero if it has passed.
    #[must_use]
    pub fn remaining(self, now: Instant) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(now))
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(self, now: Instant) -> bool {
        self.0.is_some_and(|at| at <= now)
    }

    /// Whether a wait of this length that begins now would end after the deadline.
    #[must_use]
    pub fn expires_within(self, now: Instant, wait: Duration) -> bool {
        self.remaining(now).is_some_and(|remaining| wait > remaining)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_deadline_wins_and_any_deadline_is_earlier_than_never() {
        let now = Instant::now();
        let soon = Deadline::after(now, Some(Duration::from_secs(1)));
        let late = Deadline::after(now, Some(Duration::from_secs(9)));
        assert_eq!(soon.earlier(late), soon);
        assert_eq!(late.earlier(soon), soon);
        assert_eq!(Deadline::NEVER.earlier(late), late);
        assert_eq!(late.earlier(Deadline::NEVER), late);
    }

    #[test]
    fn a_duration_outside_the_clocks_range_means_never() {
        assert_eq!(Deadline::after(Instant::now(), Some(Duration::MAX)), Deadline::NEVER);
    }

    #[test]
    fn a_passed_deadline_leaves_no_time() {
        let now = Instant::now();
        let at = Deadline::after(now, Some(Duration::ZERO));
        assert!(at.has_passed(now));
        assert_eq!(at.remaining(now), Some(Duration::ZERO));
        assert!(at.expires_within(now, Duration::from_nanos(1)));
        assert!(!Deadline::NEVER.expires_within(now, Duration::MAX));
    }
}
