//! Waiting for descriptors, with the cancel beside them.

use rustix::event::{PollFd, PollFlags};

use crate::transport::context::ExchangeContext;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult, errno_text};
use crate::wait::{Cancel, Deadline, PollResult, poll_until};

/// Waits until one of the descriptors is ready (`true`) or the time has come (`false`). That of
/// the call's cancel, where it has one, stands last among them.
pub(in crate::transport) fn wait_ready(
    context: &ExchangeContext,
    fds: &mut [PollFd<'_>],
    until: Deadline,
) -> TransportResult<bool> {
    match poll_until(fds, context.cancel(), until) {
        Ok(PollResult::Ready) => Ok(true),
        Ok(PollResult::TimedOut) => Ok(false),
        Ok(PollResult::Cancelled) => Err(TransportError::cancelled()),
        Err(error) => {
            let detail = format!("cannot wait: {}", errno_text(error));
            Err(TransportError::new(TransportErrorKind::Internal, detail))
        }
    }
}

/// Waits for one descriptor, with the call's cancel beside it. Returns what has come; nothing where
/// the time has.
pub(in crate::transport) fn wait_ready_one(
    context: &ExchangeContext,
    fd: PollFd<'_>,
    until: Deadline,
) -> TransportResult<PollFlags> {
    let events = match context.cancel() {
        Some(cancel) => {
            let cancel = PollFd::from_borrowed_fd(cancel.readable_fd(), PollFlags::IN);
            let mut fds = [fd, cancel];
            wait_ready(context, &mut fds, until)?;
            let [fd, _] = fds;
            fd.revents()
        }
        None => {
            let mut fds = [fd];
            wait_ready(context, &mut fds, until)?;
            let [fd] = fds;
            fd.revents()
        }
    };
    if context.cancel().is_some_and(Cancel::triggered) {
        return Err(TransportError::cancelled());
    }
    Ok(events)
}
