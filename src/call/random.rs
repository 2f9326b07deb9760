//! Random numbers for waits.

use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

/// A number in `[0, 1)`, good enough to spread clients out and no better.
///
/// Seeded anew each time, with the thread and the time among the seeds: a generator that goes on
/// from a state would make processes that were forked from one wait alike. The thread by the
/// kernel's number for it, which no thread of another process has; Rust's own would leave a block of
/// memory behind, which leak checkers ask about.
pub fn uniform(now: Instant) -> f64 {
    let thread = rustix::thread::gettid().as_raw_nonzero();
    fastrand::Rng::with_seed(RandomState::new().hash_one((thread, now))).f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_over_the_whole_range() {
        let now = Instant::now();
        let drawn: Vec<f64> = (0..1000).map(|_| uniform(now)).collect();
        assert!(drawn.iter().all(|drawn| (0.0..1.0).contains(drawn)));
        let low = drawn.iter().filter(|drawn| **drawn < 0.5).count();
        assert!((300..700).contains(&low), "{low} of 1000 lie in the lower half");
    }
}
