//! Waits with a limit, so that a test fails with a message that says what did not happen.

use std::sync::{Condvar, MutexGuard};
use std::time::{Duration, Instant};

/// Longer than any wait takes on the slowest machine.
const TEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Waits while `holds` is true. `what` names the awaited event.
pub fn wait_while<'a, T>(
    changed: &Condvar,
    state: MutexGuard<'a, T>,
    what: &str,
    holds: impl Fn(&T) -> bool,
) -> MutexGuard<'a, T> {
    let (state, waited) =
        changed.wait_timeout_while(state, TEST_TIMEOUT, |state| holds(state)).unwrap();
    if waited.timed_out() && holds(&state) {
        // A panic with the lock held would poison it and fail other threads too.
        drop(state);
        panic!("timed out waiting for {what}");
    }
    state
}

/// Polls until `happened` is true, for an event without a notification.
pub fn wait_until(what: &str, happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < TEST_TIMEOUT, "timed out waiting for {what}");
        std::thread::yield_now();
    }
}
