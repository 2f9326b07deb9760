//! Waits for file descriptors, and for the cancel at the same time.

use rustix::event::{PollFd, PollFlags};

use crate::transport::context::ExchangeContext;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult, errno_text};
use crate::wait::{Cancel, Deadline, PollResult, poll_until};

/// Waits until one of the descriptors is ready (`true`) or the time is up (`false`). If the
/// exchange has a cancel, its descriptor must be the last one.
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

/// Waits for one descriptor, and for the exchange's cancel. Returns the events; none if the time is
/// up.
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
