//! The clock that calls wait by. Tests put one of their own in its place.

use std::fmt::Debug;
use std::time::{Duration, Instant, SystemTime};

use rustix::event::{PollFd, PollFlags};

use super::{Cancel, Deadline, PollResult, poll_until};

/// A wait ended early because its cancel was triggered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SleepCancelled;

/// Tells the time and waits.
pub trait Clock: Debug + Send + Sync {
    /// Now, on the monotonic clock.
    fn now(&self) -> Instant;

    /// Now, on the wall clock.
    fn system_time(&self) -> SystemTime;

    /// Waits this long, or until the cancel is triggered.
    ///
    /// # Errors
    /// [`Interrupted`] where the cancel was triggered, before or during the wait.
    fn sleep(&self, span: Duration, cancel: Option<&Cancel>) -> Result<(), SleepCancelled>;

    /// A deadline of this clock, on which it is `now`, as the sockets know it: their only clock is
    /// the machine's.
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

    fn sleep(&self, span: Duration, cancel: Option<&Cancel>) -> Result<(), SleepCancelled> {
        let Some(cancel) = cancel else {
            std::thread::sleep(span);
            return Ok(());
        };
        let end = Deadline::after(Instant::now(), Some(span));
        let mut fds = [PollFd::from_borrowed_fd(cancel.readable_fd(), PollFlags::IN)];
        match poll_until(&mut fds, Some(cancel), end) {
            Ok(PollResult::Cancelled) => Err(SleepCancelled),
            Ok(_) => Ok(()),
            // Where the system cannot even poll, a wait that ends too late does less harm than
            // one that ends too early.
            Err(_) => {
                std::thread::sleep(end.remaining(Instant::now()).unwrap_or(span));
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
    fn a_sleep_that_nobody_cancels_lasts_its_time() {
        let cancel = Cancel::new().unwrap();
        let begun = Instant::now();
        assert_eq!(SystemClock.sleep(Duration::from_millis(15), Some(&cancel)), Ok(()));
        assert!(begun.elapsed() >= Duration::from_millis(15), "woke after {:?}", begun.elapsed());
    }
}
