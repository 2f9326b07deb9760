//! Programs with more rights than the user who started them.

use std::sync::Once;

use crate::settings::environment;

/// Ignores the environment, once per process, if the kernel says that it is not to be trusted
/// (`AT_SECURE` of getauxval(3)): in set-user-ID and set-group-ID programs and in those with
/// capabilities, as `secure_getenv(3)` does.
pub(super) fn ignore_environment_if_set_user_id() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: it reads a number that the kernel has handed to the process.
        if unsafe { libc::getauxval(libc::AT_SECURE) } != 0 {
            environment::ignore();
        }
    });
}
