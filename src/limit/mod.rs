//! The limits that a call obeys before it sends: the caller's own, and the server's.
//!
//! Both are shared by the threads and clones of a client family. Neither has a clock nor sleeps:
//! a call asks how long to wait, waits by its own clock, and may be told that the wait is too long
//! for it, in which case nothing has been taken from anybody.

pub mod bucket;
pub mod gate;

pub use bucket::{Bucket, Rate, Reservation, Schedule, SharedAtomic};
pub use gate::{Gate, GateKey};

use std::time::Duration;

/// A limit's wait is longer than the call has time for. Nothing has been reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitTooLong {
    /// How long the wait would have been.
    pub wait: Duration,
}

/// The wait itself, unless it leaves a call with this much time (`None`: any) no time to send in.
fn check_deadline(wait: Duration, left: Option<Duration>) -> Result<Duration, WaitTooLong> {
    if !wait.is_zero() && left.is_some_and(|left| wait >= left) {
        Err(WaitTooLong { wait })
    } else {
        Ok(wait)
    }
}
