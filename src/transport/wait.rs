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

/// Waits for one descriptor, with the call's cancel beside it. Returns what has come; nothing where
/// the time has.
pub(super) fn ready_one(call: &Call, fd: PollFd<'_>, until: Deadline) -> Outcome<PollFlags> {
    let come = match call.cancel() {
        Some(cancel) => {
            let cancel = PollFd::from_borrowed_fd(cancel.readable(), PollFlags::IN);
            let mut fds = [fd, cancel];
            ready(call, &mut fds, until)?;
            let [fd, _] = fds;
            fd.revents()
        }
        None => {
            let mut fds = [fd];
            ready(call, &mut fds, until)?;
            let [fd] = fds;
            fd.revents()
        }
    };
    if call.cancel().is_some_and(Cancel::triggered) {
        return Err(Failure::cancelled());
    }
    Ok(come)
}
