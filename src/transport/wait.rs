//! Waiting for descriptors, with the cancel beside them.

use rustix::event::{PollFd, PollFlags};

use crate::wait::{Cancel, Deadline, Woken, poll_until};

use super::call::Call;
use super::fault::{Failure, FaultKind, Outcome, words};

/// Waits until one of the descriptors is ready (`true`) or the time has come (`false`). That of
/// the call's cancel, where it has one, stands last among them.
pub(super) fn ready(call: &Call, fds: &mut [PollFd<'_>], until: Deadline) -> Outcome<bool> {
    match poll_until(fds, call.cancel(), until) {
        Ok(Woken::Ready) => Ok(true),
        Ok(Woken::TimeUp) => Ok(false),
        Ok(Woken::Cancelled) => Err(Failure::cancelled()),
        Err(error) => {
            let detail = format!("cannot wait: {}", words(error));
            Err(Failure::new(FaultKind::Internal, detail))
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
    if call.cancel().is_some_and(Cancel::triggered) {
        return Err(Failure::cancelled());
    }
    Ok(awake)
}
