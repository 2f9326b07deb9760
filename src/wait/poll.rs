//! Polling descriptors with a cancel beside them.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, Timespec, poll};
use rustix::io::Errno;

use super::{Cancel, Deadline};

/// How often the flag of a cancel is looked at whose descriptor tells nothing any more.
const FLAG_CHECK_INTERVAL: Duration = Duration::from_millis(25);

/// What ended a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollResult {
    /// A descriptor is ready; its `revents` say for what.
    Ready,
    /// The time has come.
    TimedOut,
    /// The cancel is triggered.
    Cancelled,
}

/// Waits until one of these descriptors is ready, the time has come, or the cancel is triggered.
/// Where there is a cancel, its descriptor stands last among them. A signal neither ends the wait
/// nor lengthens it.
///
/// The pipe of a cancel is shared with processes that were forked from this one, its flag is not:
/// where another process triggers its copy, the descriptor is readable for ever and this flag is
/// not set. It is not polled any more then, which would return at once each time; the flag is
/// looked at every few milliseconds instead.
///
/// # Errors
/// That of `poll(2)`, which fails for want of memory alone.
pub fn poll_until(
    fds: &mut [PollFd<'_>],
    cancel: Option<&Cancel>,
    until: Deadline,
) -> Result<PollResult, Errno> {
    let others = fds.len().saturating_sub(usize::from(cancel.is_some()));
    let mut watched = fds.len();
    loop {
        if cancel.is_some_and(Cancel::triggered) {
            return Ok(PollResult::Cancelled);
        }
        let mut left = until.remaining(Instant::now());
        if watched < fds.len() {
            left = Some(left.map_or(FLAG_CHECK_INTERVAL, |left| left.min(FLAG_CHECK_INTERVAL)));
        }
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(fds.get_mut(..watched).unwrap_or_default(), timeout.as_ref()) {
            Ok(0) if until.has_passed(Instant::now()) => return Ok(PollResult::TimedOut),
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) if fds.iter().take(others).any(|fd| !fd.revents().is_empty()) => {
                return Ok(PollResult::Ready);
            }
            Ok(_) => watched = others,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::PollFlags;
    use rustix::time::{ClockId, clock_gettime};

    fn fd(cancel: &Cancel) -> PollFd<'_> {
        PollFd::from_borrowed_fd(cancel.readable_fd(), PollFlags::IN)
    }

    fn in_ms(ms: u64) -> Deadline {
        Deadline::after(Instant::now(), Some(Duration::from_millis(ms)))
    }

    /// The time that this thread has kept a processor busy.
    fn busy() -> Duration {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::try_from(time).unwrap()
    }

    #[test]
    fn a_trigger_in_a_forked_process_neither_ends_a_wait_nor_makes_it_spin() {
        let cancel = Cancel::new().unwrap();
        cancel.trigger_as_a_forked_process();
        let (begun, busy_before) = (Instant::now(), busy());
        let woken = poll_until(&mut [fd(&cancel)], Some(&cancel), in_ms(400));
        assert_eq!(woken, Ok(PollResult::TimedOut));
        assert!(begun.elapsed() >= Duration::from_millis(400), "woke after {:?}", begun.elapsed());
        let spent = busy().saturating_sub(busy_before);
        assert!(spent < Duration::from_millis(100), "the wait kept a processor busy for {spent:?}");
    }

    #[test]
    fn a_trigger_of_ones_own_is_seen_after_one_in_a_forked_process() {
        let cancel = Cancel::new().unwrap();
        cancel.trigger_as_a_forked_process();
        let copy = cancel.clone();
        let waiter = std::thread::spawn(move || {
            poll_until(&mut [fd(&copy)], Some(&copy), Deadline::NEVER).unwrap()
        });
        cancel.trigger();
        assert_eq!(waiter.join().unwrap(), PollResult::Cancelled);
    }

    #[test]
    fn another_descriptor_is_seen_after_a_trigger_in_a_forked_process() {
        let (cancel, other) = (Cancel::new().unwrap(), Cancel::new().unwrap());
        cancel.trigger_as_a_forked_process();
        let signal = other.clone();
        let waiter = std::thread::spawn(move || {
            poll_until(&mut [fd(&other), fd(&cancel)], Some(&cancel), Deadline::NEVER).unwrap()
        });
        signal.trigger();
        assert_eq!(waiter.join().unwrap(), PollResult::Ready);
    }
}
