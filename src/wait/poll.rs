//! Polls descriptors together with a cancel.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, Timespec, poll};
use rustix::io::Errno;

use super::{Cancel, Deadline};

/// The interval for checking the flag of a cancel whose descriptor is no longer useful.
const FLAG_CHECK_INTERVAL: Duration = Duration::from_millis(25);

/// What ended a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollResult {
    /// A descriptor is ready. Its `revents` say for what.
    Ready,
    /// The deadline has passed.
    TimedOut,
    /// The cancel is triggered.
    Cancelled,
}

/// Waits until a descriptor is ready, the deadline has passed, or the cancel is triggered. The
/// descriptor of a cancel must be the last one. A signal neither ends the wait nor lengthens it.
///
/// Forked processes share the pipe of a cancel, but not its flag. If another process triggers its
/// copy, the descriptor is readable for ever although this flag is not set. A poll of it would
/// return at once each time, so the function stops polling it and checks the flag every few
/// milliseconds.
///
/// # Errors
/// The error of `poll(2)`, which fails only if there is not enough memory.
pub fn poll_until(
    fds: &mut [PollFd<'_>],
    cancel: Option<&Cancel>,
    deadline: Deadline,
) -> Result<PollResult, Errno> {
    let others = fds.len().saturating_sub(usize::from(cancel.is_some()));
    let mut watched = fds.len();
    loop {
        if cancel.is_some_and(Cancel::triggered) {
            return Ok(PollResult::Cancelled);
        }
        let mut remaining = deadline.remaining(Instant::now());
        if watched < fds.len() {
            remaining = Some(
                remaining
                    .map_or(FLAG_CHECK_INTERVAL, |remaining| remaining.min(FLAG_CHECK_INTERVAL)),
            );
        }
        let timeout = remaining.and_then(|remaining| Timespec::try_from(remaining).ok());
        match poll(fds.get_mut(..watched).unwrap_or_default(), timeout.as_ref()) {
            Ok(0) if deadline.has_passed(Instant::now()) => return Ok(PollResult::TimedOut),
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

    /// The processor time of this thread.
    fn busy() -> Duration {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::try_from(time).unwrap()
    }

    #[test]
    fn a_trigger_in_a_forked_process_neither_ends_a_wait_nor_makes_it_spin() {
        let cancel = Cancel::new().unwrap();
        cancel.trigger_as_a_forked_process();
        let (start, busy_before) = (Instant::now(), busy());
        let result = poll_until(&mut [fd(&cancel)], Some(&cancel), in_ms(400));
        assert_eq!(result, Ok(PollResult::TimedOut));
        assert!(start.elapsed() >= Duration::from_millis(400), "woke after {:?}", start.elapsed());
        let spent = busy().saturating_sub(busy_before);
        assert!(spent < Duration::from_millis(100), "the wait kept a processor busy for {spent:?}");
    }

    #[test]
    fn the_own_trigger_is_seen_after_one_in_a_forked_process() {
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
