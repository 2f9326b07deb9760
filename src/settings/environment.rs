//! The environment of the process. Every variable that the library reads is read here.

use std::env;
use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};

static IGNORED: AtomicBool = AtomicBool::new(false);

/// Ignores the environment from now on, for a process with more rights than the user who started
/// it: a set-user-ID program, for example. Its environment is that user's choice.
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
