//! The clock for the waits of calls. Tests replace it with their own.

use std::fmt::Debug;
use std::time::{Duration, Instant, SystemTime};

use rustix::event::{PollFd, PollFlags};

use super::{Cancel, Deadline, PollResult, poll_until};

/// A wait ended early because the cancel was triggered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SleepCancelled;

/// Tells the time and waits.
pub trait Clock: Debug + Send + Sync {
    /// The current time of the monotonic clock.
    fn now(&self) -> Instant;

    /// The current time of the wall clock.
    fn system_time(&self) -> SystemTime;

    /// Waits this long, or until the cancel is triggered.
    ///
    /// # Errors
    /// [`SleepCancelled`] if the cancel was triggered before or during the wait.
    fn sleep(&self, duration: Duration, cancel: Option<&Cancel>) -> Result<(), SleepCancelled>;

    /// Converts a deadline of this clock, whose time is `now`, for sockets, which use only the
    /// machine's clock.
    fn socket_deadline(&self, deadline: Deadline, now: Instant) -> Deadline {
        Deadline::after(Instant::now(), deadline.remaining(now))
    }
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    fn socket_deadline(&self, deadline: Deadline, _: Instant) -> Deadline {
        deadline
    }

    fn sleep(&self, duration: Duration, cancel: Option<&Cancel>) -> Result<(), SleepCancelled> {
        let Some(cancel) = cancel else {
            std::thread::sleep(duration);
            return Ok(());
        };
        let end = Deadline::after(Instant::now(), Some(duration));
        let mut fds = [PollFd::from_borrowed_fd(cancel.readable_fd(), PollFlags::IN)];
        match poll_until(&mut fds, Some(cancel), end) {
            Ok(PollResult::Cancelled) => Err(SleepCancelled),
            Ok(_) => Ok(()),
            // If the system cannot even poll, a wait that ends too late does less harm than one
            // that ends too early.
            Err(_) => {
                std::thread::sleep(end.remaining(Instant::now()).unwrap_or(duration));
                if cancel.triggered() { Err(SleepCancelled) } else { Ok(()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_ends_when_another_thread_cancels() {
        let cancel = Cancel::new().unwrap();
        let copy = cancel.clone();
        let waiter =
            std::thread::spawn(move || SystemClock.sleep(Duration::from_secs(3600), Some(&copy)));
        cancel.trigger();
        assert_eq!(waiter.join().unwrap(), Err(SleepCancelled));
    }

    #[test]
    fn a_sleep_without_a_cancel_lasts_its_full_time() {
        let cancel = Cancel::new().unwrap();
        let start = Instant::now();
        assert_eq!(SystemClock.sleep(Duration::from_millis(15), Some(&cancel)), Ok(()));
        assert!(start.elapsed() >= Duration::from_millis(15), "woke after {:?}", start.elapsed());
    }
}
