//! What must not outlive `fork(2)`: a count of the forks, and slots that are made anew after one.
//!
//! Only the thread that forks lives on in the child. A lock that another thread held at that
//! moment stays held for ever, and a connection would be shared by two processes. So everything
//! with a lock or a socket stands in a [`PerProcess`] slot, which the child replaces without
//! waiting for anything in it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;

static GENERATION: AtomicU64 = AtomicU64::new(0);

/// To be called in the child after each `fork`, before anything else of this library.
/// Async-signal-safe: one atomic addition.
pub fn after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::AcqRel);
}

/// How many forks lie between the process that loaded the library and this one.
#[must_use]
pub fn generation() -> u64 {
    GENERATION.load(Ordering::Acquire)
}

/// A value together with the process that it belongs to.
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

/// A slot for a value of which each process has its own.
pub struct PerProcess<T> {
    slot: ArcSwapOption<ProcessValue<T>>,
}

impl<T> PerProcess<T> {
    /// A slot whose value will be made on the first use.
    #[must_use]
    pub const fn new() -> Self {
        Self { slot: ArcSwapOption::const_empty() }
    }

    /// This process's value, made by `make` where there is none yet. `make` is given the value
    /// that the parent left, if any: no lock of that one may be waited for.
    pub fn get(&self, make: impl Fn(Option<&T>) -> T) -> Arc<ProcessValue<T>> {
        loop {
            let current = self.slot.load_full();
            let generation = generation();
            match &current {
                Some(held) if held.generation == generation => return Arc::clone(held),
                _ => {}
            }
            let left_behind = current.as_deref().map(|held| &held.value);
            let fresh = Arc::new(ProcessValue { generation, value: make(left_behind) });
            let found = self.slot.compare_and_swap(&current, Some(Arc::clone(&fresh)));
            let won = match (&*found, &current) {
                (Some(found), Some(current)) => Arc::ptr_eq(found, current),
                (found, current) => found.is_none() && current.is_none(),
            };
            if won {
                // What the parent left may be half-changed: it is forgotten, not dropped.
                std::mem::forget(current);
                return fresh;
            }
        }
    }

    /// The value of whichever process made the last one, and whether that was this process.
    pub fn peek(&self) -> Option<(Arc<ProcessValue<T>>, bool)> {
        let held = self.slot.load_full()?;
        let own = held.generation == generation();
        Some((held, own))
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
