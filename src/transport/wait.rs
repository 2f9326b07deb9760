//! Waiting for descriptors, with the cancel beside them.

use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::wait::Deadline;

use super::call::Call;
use super::fault::{Failure, FaultKind, Outcome, words};

/// Waits until one of the descriptors is ready (`true`) or the time has come (`false`). A signal
/// does not lengthen the wait, since each round asks the clock anew.
pub(super) fn ready(call: &Call, fds: &mut [PollFd<'_>], until: Deadline) -> Outcome<bool> {
    loop {
        if call.cancel().is_some_and(crate::wait::Cancel::triggered) {
            return Err(Failure::cancelled());
        }
        let left = until.remaining(Instant::now());
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(fds, timeout.as_ref()) {
            Ok(0) => {
                if until.passed(Instant::now()) {
                    return Ok(false);
                }
            }
            Ok(_) => return Ok(true),
            Err(Errno::INTR) => {}
            Err(error) => {
                let detail = format!("cannot wait: {}", words(error));
                return Err(Failure::new(FaultKind::Internal, detail));
            }
        }
    }
}

/// Waits for one descriptor, with the call's cancel beside it.
pub(super) fn ready_one(call: &Call, fd: PollFd<'_>, until: Deadline) -> Outcome<bool> {
    let awake = match call.cancel() {
        Some(cancel) => {
            let cancel = PollFd::from_borrowed_fd(cancel.readable(), PollFlags::IN);
            ready(call, &mut [fd, cancel], until)
        }
        None => ready(call, &mut [fd], until),
    }?;
    if call.cancel().is_some_and(crate::wait::Cancel::triggered) {
        return Err(Failure::cancelled());
    }
    Ok(awake)
}
