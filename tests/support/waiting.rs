//! Waiting for what must come, so that a test whose wait is in vain fails, and says for what.

use std::sync::{Condvar, MutexGuard};
use std::time::{Duration, Instant};

/// Longer than anything takes, on the slowest machine.
const TEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Waits while this holds.
pub fn wait_while<'a, T>(
    changed: &Condvar,
    state: MutexGuard<'a, T>,
    what: &str,
    holds: impl Fn(&T) -> bool,
) -> MutexGuard<'a, T> {
    let (state, waited) =
        changed.wait_timeout_while(state, TEST_TIMEOUT, |state| holds(state)).unwrap();
    let in_vain = waited.timed_out() && holds(&state);
    if in_vain {
        // Not while it is locked: that would fail others for no reason of theirs.
        drop(state);
        panic!("waited for {what} in vain");
    }
    state
}

/// Waits until something has come true that nobody tells of.
pub fn wait_until(what: &str, come_true: impl Fn() -> bool) {
    let begun = Instant::now();
    while !come_true() {
        assert!(begun.elapsed() < TEST_TIMEOUT, "waited for {what} in vain");
        std::thread::yield_now();
    }
}
