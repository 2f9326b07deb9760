//! A flag with which a caller ends calls from another thread or from a signal handler.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::code::{Code, Error};

/// A flag that stays triggered, and a descriptor that a wait can poll together with a socket.
/// Copies share the flag.
#[derive(Debug, Clone)]
pub struct Cancel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    triggered: AtomicBool,
    /// Becomes readable on the trigger. It is never read, so every wait sees it.
    readable: OwnedFd,
    writable: OwnedFd,
}

impl Cancel {
    /// A flag that is not triggered.
    ///
    /// # Errors
    /// [`Code::Internal`] if the process has no free descriptor.
    pub fn new() -> Result<Self, Error> {
        use rustix::pipe::{PipeFlags, pipe_with};
        let (readable, writable) =
            pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).map_err(|error| {
                Error::new(Code::Internal, format!("cannot create the pipe of a cancel: {error}"))
            })?;
        Ok(Self(Arc::new(Inner { triggered: AtomicBool::new(false), readable, writable })))
    }

    /// Triggers the flag. Async-signal-safe: one atomic store and one `write(2)` that cannot block.
    pub fn trigger(&self) {
        if !self.0.triggered.swap(true, Ordering::AcqRel) {
            // A new pipe has room for a byte. Even if the write fails, the flag is set and ends
            // every wait that begins later.
            let _ = rustix::io::write(&self.0.writable, b"!");
        }
    }

    /// Whether the flag is triggered.
    #[must_use]
    pub fn triggered(&self) -> bool {
        self.0.triggered.load(Ordering::Acquire)
    }

    /// The descriptor that becomes readable on the trigger. Poll it, but never read from it. A
    /// readable descriptor does not prove the trigger: see [`poll_until`](super::poll_until).
    #[must_use]
    pub fn readable_fd(&self) -> BorrowedFd<'_> {
        self.0.readable.as_fd()
    }

    /// Leaves the state after a trigger in a forked process: processes share the pipe, not the
    /// flag.
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
