//! Random numbers for waits.

use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

/// A number in `[0, 1)`, random enough to spread clients out.
///
/// Each call uses a new seed, from the thread and the time. A generator with a state would give
/// forked processes the same waits. The seed uses the kernel's thread number, which is unique among
/// all processes; Rust's own thread id allocates memory that leak checkers report.
pub fn uniform(now: Instant) -> f64 {
    let thread = rustix::thread::gettid().as_raw_nonzero();
    fastrand::Rng::with_seed(RandomState::new().hash_one((thread, now))).f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_cover_the_whole_range() {
        let now = Instant::now();
        let drawn: Vec<f64> = (0..1000).map(|_| uniform(now)).collect();
        assert!(drawn.iter().all(|drawn| (0.0..1.0).contains(drawn)));
        let low = drawn.iter().filter(|drawn| **drawn < 0.5).count();
        assert!((300..700).contains(&low), "{low} of 1000 are in the lower half");
    }
}
