//! The limits that a call obeys before it sends: the caller's own, the server's, and the budget for
//! retries.
//!
//! All threads and clones of a client family share them. They have no clock and do not sleep: a
//! call asks how long to wait and waits by its own clock. If the wait is too long for the call, the
//! limit reserves nothing.

pub mod bucket;
pub mod budget;
pub mod gate;

pub use bucket::{Bucket, Rate, Reservation, Schedule, SharedAtomic};
pub use budget::{RetryBudget, Withdrawal};
pub use gate::{Gate, GateKey};

use std::time::Duration;

/// The wait for a limit is longer than the time of the call. Nothing was reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitTooLong {
    /// How long the wait would have been.
    pub wait: Duration,
}

/// The wait, unless it leaves no time to send before the deadline. `remaining`: the time until the
/// deadline, `None` if there is none.
fn check_deadline(wait: Duration, remaining: Option<Duration>) -> Result<Duration, WaitTooLong> {
    if !wait.is_zero() && remaining.is_some_and(|remaining| wait >= remaining) {
        Err(WaitTooLong { wait })
    } else {
        Ok(wait)
    }
}
