//! Computes the wait before a retry. Pure: the caller passes the random number, in `[0, 1)`.
//!
//! If the server names no delay, the wait is a random part of a range that doubles with each retry
//! ("full jitter"), so that clients that failed together do not return together. If a server
//! without capacity (429, 503) names no delay, the first range is at least one second and the wait
//! at least half of the range. A delay that a server names is never shortened.

use std::time::Duration;

/// The smallest range after a refusal (429, 503) that names no delay.
const REFUSAL_BASE: Duration = Duration::from_secs(1);

/// The maximum that jitter adds to a server's delay.
const MAX_ADDED_JITTER: Duration = Duration::from_secs(1);

/// The shortest wait before an event stream is requested again, if its server names a shorter one. Firefox has
/// the same minimum.
const MIN_RECONNECTION: Duration = Duration::from_millis(500);

/// The caller's back-off settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The upper end of the range before the first retry. It doubles with each further retry.
    pub base: Duration,
    /// The maximum of that upper end.
    pub max: Duration,
}

impl Default for Backoff {
    /// 100 ms, doubling up to 20 s.
    fn default() -> Self {
        Self { base: Duration::from_millis(100), max: Duration::from_secs(20) }
    }
}

impl Backoff {
    /// The wait before retry number `retry` (1, 2, …): `random · min(max, base · 2^(retry−1))`.
    #[must_use]
    pub fn full_jitter(self, retry: u32, random: f64) -> Duration {
        scaled(doubled(self.base, retry).min(self.max), random)
    }

    /// The wait before retry number `retry` after a 429 or 503 that names no delay: from half of
    /// `min(max, max(1 s, base) · 2^(retry−1))` to all of it.
    #[must_use]
    pub fn refusal_jitter(self, retry: u32, random: f64) -> Duration {
        let upper = doubled(self.base.max(REFUSAL_BASE), retry).min(self.max);
        scaled(upper, 0.5 + random / 2.0)
    }

    /// The wait before an event stream is requested again, if its server has named a delay: that delay, or half
    /// a second if it is less. It doubles with each request (1, 2, …) that brings no event, up to the maximum
    /// or the named delay.
    #[must_use]
    pub fn reconnection(self, named: Duration, repeat: u32, random: f64) -> Duration {
        let first = named.max(MIN_RECONNECTION);
        with_jitter(doubled(first, repeat).min(self.max).max(first), random)
    }
}

/// A server's delay, plus a random part of a tenth of it, at most 1 s. Never less than the delay.
#[must_use]
pub fn with_jitter(delay: Duration, random: f64) -> Duration {
    let tenth = delay.checked_div(10).unwrap_or_default();
    delay.saturating_add(scaled(tenth.min(MAX_ADDED_JITTER), random))
}

/// `base · 2^(retry−1)`, saturating. The doubling ends at 2^31.
fn doubled(base: Duration, retry: u32) -> Duration {
    base.saturating_mul(1_u32.wrapping_shl(retry.saturating_sub(1).min(31)))
}

/// The duration times a factor from 0 to 1; the whole duration for any other factor.
fn scaled(duration: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(duration).min(duration)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALMOST_ONE: f64 = 1.0 - f64::EPSILON;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_range_doubles_with_each_retry_up_to_its_maximum() {
        let backoff = Backoff::default();
        let tops: Vec<_> = (1..=10).map(|n| backoff.full_jitter(n, 1.0)).collect();
        let expected = [100, 200, 400, 800, 1600, 3200, 6400, 12800, 20000, 20000].map(ms);
        assert_eq!(tops, expected);
        assert!((1..=10).all(|n| backoff.full_jitter(n, 0.0) == Duration::ZERO));
        assert_eq!(backoff.full_jitter(3, 0.25), ms(100));
    }

    #[test]
    fn a_refusal_without_a_delay_waits_at_least_half_a_second() {
        let backoff = Backoff::default();
        assert_eq!(backoff.refusal_jitter(1, 0.0), ms(500));
        assert_eq!(backoff.refusal_jitter(1, 1.0), ms(1000));
        assert_eq!(backoff.refusal_jitter(2, 0.5), ms(1500));
        assert_eq!(backoff.refusal_jitter(9, 1.0), ms(20_000));
        let slower = Backoff { base: ms(4000), max: ms(20_000) };
        assert_eq!(slower.refusal_jitter(1, 0.0), ms(2000));
        let capped = Backoff { base: ms(100), max: ms(300) };
        assert_eq!(capped.refusal_jitter(1, 1.0), ms(300), "the wait exceeds the caller's maximum");
    }

    #[test]
    fn a_server_cannot_name_a_tight_loop_of_event_streams() {
        let backoff = Backoff::default();
        let waits =
            |named, random| [1, 2, 3, 7, 90].map(|n| backoff.reconnection(named, n, random));
        let growing = [500, 1000, 2000, 20_000, 20_000].map(ms);
        assert_eq!(waits(Duration::ZERO, 0.0), growing);
        assert_eq!(waits(ms(499), 0.0), growing);
        assert_eq!(waits(ms(3000), 0.0), [3000, 6000, 12_000, 20_000, 20_000].map(ms));
        assert_eq!(waits(ms(30_000), 0.0), [ms(30_000); 5], "never less than the server asks for");
        assert_eq!(backoff.reconnection(Duration::ZERO, 1, 1.0), ms(550));
    }

    #[test]
    fn jitter_adds_at_most_a_tenth_and_at_most_a_second_to_a_servers_delay() {
        assert_eq!(with_jitter(ms(2000), 0.0), ms(2000));
        assert_eq!(with_jitter(ms(2000), 1.0), ms(2200));
        assert_eq!(with_jitter(ms(60_000), 1.0), ms(61_000));
        assert_eq!(with_jitter(Duration::ZERO, ALMOST_ONE), Duration::ZERO);
        assert_eq!(with_jitter(Duration::MAX, ALMOST_ONE), Duration::MAX);
    }

    #[test]
    fn a_random_number_out_of_range_counts_as_the_largest() {
        let backoff = Backoff::default();
        for random in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 7.0, -3.0] {
            assert_eq!(backoff.full_jitter(1, random), ms(100));
            assert_eq!(backoff.refusal_jitter(1, random), ms(1000));
            assert_eq!(with_jitter(ms(500), random), ms(550));
        }
    }

    proptest! {
        #[test]
        fn no_wait_leaves_its_bounds(
            base in any::<u64>(),
            max in any::<u64>(),
            retry in any::<u32>(),
            random in 0.0..1.0_f64,
        ) {
            let backoff = Backoff { base: ms(base), max: ms(max) };
            prop_assert!(backoff.full_jitter(retry, random) <= backoff.max);
            let refused = backoff.refusal_jitter(retry, random);
            prop_assert!(refused <= backoff.max);
            let min = backoff.max.min(REFUSAL_BASE) / 2;
            prop_assert!(refused >= min, "{refused:?} is less than {min:?}");
        }

        #[test]
        fn a_servers_delay_is_never_shortened(delay in any::<u64>(), random in 0.0..1.0_f64) {
            let wait = with_jitter(ms(delay), random);
            prop_assert!(wait >= ms(delay));
            prop_assert!(wait <= ms(delay).saturating_add(MAX_ADDED_JITTER));
        }
    }
}
