//! State that must not survive `fork(2)`: a count of the forks, and slots that are filled again
//! after a fork.
//!
//! Only the thread that forks continues in the child. A lock that another thread held at that
//! moment stays locked for ever, and two processes would share each connection. So everything with
//! a lock or a socket is in a [`PerProcess`] slot. The child replaces its value without waiting for
//! a lock in it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;

static GENERATION: AtomicU64 = AtomicU64::new(0);

/// Must be called in the child after each `fork`, before any other function of this library.
/// Async-signal-safe: one atomic addition.
pub fn after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::AcqRel);
}

/// The number of forks between the process that loaded the library and this one.
#[must_use]
pub fn generation() -> u64 {
    GENERATION.load(Ordering::Acquire)
}

/// A value, and the process that it belongs to.
pub struct ProcessValue<T> {
    generation: u64,
    value: T,
}

impl<T> Deref for ProcessValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A slot in which each process has its own value.
pub struct PerProcess<T> {
    slot: ArcSwapOption<ProcessValue<T>>,
}

impl<T> PerProcess<T> {
    /// An empty slot; the first use fills it.
    #[must_use]
    pub const fn new() -> Self {
        Self { slot: ArcSwapOption::const_empty() }
    }

    /// This process's value. If there is none, `make` creates it. `make` receives the value that
    /// the parent left, if any, and must not wait for a lock of it.
    pub fn get(&self, make: impl Fn(Option<&T>) -> T) -> Arc<ProcessValue<T>> {
        loop {
            let current = self.slot.load_full();
            let generation = generation();
            match &current {
                Some(current) if current.generation == generation => {
                    return Arc::clone(current);
                }
                _ => {}
            }
            let inherited = current.as_deref().map(|current| &current.value);
            let fresh = Arc::new(ProcessValue { generation, value: make(inherited) });
            let found = self.slot.compare_and_swap(&current, Some(Arc::clone(&fresh)));
            let won = match (&*found, &current) {
                (Some(found), Some(current)) => Arc::ptr_eq(found, current),
                (found, current) => found.is_none() && current.is_none(),
            };
            if won {
                // The parent's value may be inconsistent, so it is forgotten, not dropped.
                std::mem::forget(current);
                return fresh;
            }
        }
    }

    /// The newest value, and whether this process made it.
    pub fn peek(&self) -> Option<(Arc<ProcessValue<T>>, bool)> {
        let current = self.slot.load_full()?;
        let own = current.generation == generation();
        Some((current, own))
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for PerProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerProcess").finish_non_exhaustive()
    }
}
