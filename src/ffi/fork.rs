//! How the library notices a `fork`.

use std::sync::Once;

use crate::transport::fork::after_fork_in_child;

/// Registers, once per process, the handler that a child runs first. It counts the fork, so that
/// the child does not use the connections and locks of its parent.
pub(super) fn register_child_handler() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handler is a function of this library, which `-z nodelete` keeps loaded, and
        // it does only an atomic addition. If the system has no memory for the handler, calls of a
        // child fail on the connections of its parent, as they would without it.
        unsafe { libc::pthread_atfork(None, None, Some(child_handler)) };
    });
}

extern "C" fn child_handler() {
    after_fork_in_child();
}
