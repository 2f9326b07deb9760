//! Telling the library of a `fork`.

use std::sync::Once;

use crate::transport::fork::after_fork_in_child;

/// Registers, once per process, what a child does first: it counts the fork, so that connections
/// and locks of its parent are left alone.
pub(super) fn register_child_handler() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handler is a function of this library, which `-z nodelete` keeps loaded, and
        // does nothing but an atomic addition. Where the system has no memory for it, calls of a
        // child fail on the connections of its parent, as they would have without it.
        unsafe { libc::pthread_atfork(None, None, Some(child_handler)) };
    });
}

extern "C" fn child_handler() {
    after_fork_in_child();
}
