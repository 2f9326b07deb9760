//! The environment of the process. The library reads all its variables here.

use std::env;
use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};

static IGNORED: AtomicBool = AtomicBool::new(false);

/// Ignores the environment from now on, for a process with more rights than the user who started
/// it, for example a set-user-ID program. That user chooses its environment.
pub fn ignore() {
    IGNORED.store(true, Ordering::Relaxed);
}

/// Whether the environment is ignored.
#[must_use]
pub fn ignored() -> bool {
    IGNORED.load(Ordering::Relaxed)
}

/// The value of a variable; `None` if it is not set, or if the environment is ignored.
#[must_use]
pub fn variable(name: &str) -> Option<OsString> {
    if ignored() { None } else { env::var_os(name) }
}
