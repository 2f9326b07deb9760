//! The flag by which a caller ends calls from another thread or from a signal handler.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::code::{Code, Error};

/// A flag that, once triggered, stays so, with a descriptor that waits can poll beside a socket.
/// Copies share the flag.
#[derive(Debug, Clone)]
pub struct Cancel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    triggered: AtomicBool,
    /// Becomes readable on the trigger and is never drained, so that every wait sees it.
    readable: OwnedFd,
    writable: OwnedFd,
}

impl Cancel {
    /// A flag that is not triggered.
    ///
    /// # Errors
    /// [`Code::Internal`] where the process has no descriptor left.
    pub fn new() -> Result<Self, Error> {
        use rustix::pipe::{PipeFlags, pipe_with};
        let (readable, writable) =
            pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).map_err(|error| {
                Error::new(Code::Internal, format!("no pipe for a cancel: {error}"))
            })?;
        Ok(Self(Arc::new(Inner { triggered: AtomicBool::new(false), readable, writable })))
    }

    /// Triggers it. Async-signal-safe: one atomic store and one `write(2)` that cannot block.
    pub fn trigger(&self) {
        if !self.0.triggered.swap(true, Ordering::AcqRel) {
            // A pipe just made has room for a byte; where the write fails all the same, the flag
            // is set and ends every wait that begins from now on.
            let _ = rustix::io::write(&self.0.writable, b"!");
        }
    }

    /// Whether it has been triggered.
    #[must_use]
    pub fn triggered(&self) -> bool {
        self.0.triggered.load(Ordering::Acquire)
    }

    /// The descriptor that becomes readable on the trigger. Poll it; never read from it. That it
    /// is readable does not prove the trigger: see [`poll_until`](super::poll_until).
    #[must_use]
    pub fn readable_fd(&self) -> BorrowedFd<'_> {
        self.0.readable.as_fd()
    }

    /// Leaves the cancel as a trigger in a forked process does: the pipe is shared, the flag is not.
    #[cfg(test)]
    pub(crate) fn trigger_as_a_forked_process(&self) {
        rustix::io::write(&self.0.writable, b"!").unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_is_seen_by_every_copy_and_stays() {
        let cancel = Cancel::new().unwrap();
        let copy = cancel.clone();
        assert!(!copy.triggered());
        cancel.trigger();
        cancel.trigger();
        assert!(copy.triggered());
        assert!(copy.triggered());
    }
}
