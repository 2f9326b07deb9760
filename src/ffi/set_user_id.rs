//! Programs with more privileges than the user who started them.

use std::sync::Once;

use crate::settings::environment;

/// Ignores the environment if the kernel says that it cannot be trusted (`AT_SECURE` of
/// getauxval(3)): in set-user-ID and set-group-ID programs and in programs with capabilities, as
/// `secure_getenv(3)` does. Checks once per process.
pub(super) fn ignore_environment_if_set_user_id() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: it reads a number that the kernel has passed to the process. Miri has no kernel.
        if !cfg!(miri) && unsafe { libc::getauxval(libc::AT_SECURE) } != 0 {
            environment::ignore();
        }
    });
}
