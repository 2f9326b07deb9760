//! A number that a process shares with its forked children.

use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicU64;

use crate::limit::SharedAtomic;

/// A number in memory that stays shared after `fork`. It starts at 0. Single atomic operations
/// change it, so a killed process leaves it valid. If the system has no memory for it, each process
/// has its own number.
pub(super) fn shared_number() -> SharedAtomic {
    match Mapped::new() {
        Some(mapped) => Box::new(mapped),
        None => Box::<Box<AtomicU64>>::default(),
    }
}

/// A page of shared memory, which begins with the number.
struct Mapped(NonNull<AtomicU64>);

const SIZE: usize = size_of::<AtomicU64>();

impl Mapped {
    fn new() -> Option<Self> {
        let rights = libc::PROT_READ | libc::PROT_WRITE;
        let kind = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
        // SAFETY: it asks for new memory at any address.
        let page = unsafe { libc::mmap(ptr::null_mut(), SIZE, rights, kind, -1, 0) };
        if page == libc::MAP_FAILED { None } else { NonNull::new(page.cast()).map(Self) }
    }
}

impl Deref for Mapped {
    type Target = AtomicU64;

    fn deref(&self) -> &AtomicU64 {
        // SAFETY: the page is aligned, starts as zeros, which are a valid number, and stays mapped
        // as long as this value lives. All processes change it only by atomic operations.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: it is the page that was mapped, and no reference to it is left. Other processes
        // have their own mapping of the same memory.
        unsafe { libc::munmap(self.0.as_ptr().cast(), SIZE) };
    }
}

// SAFETY: the pointer is to an atomic number, which any thread may use, and this value owns the
// page.
unsafe impl Send for Mapped {}
// SAFETY: the same.
unsafe impl Sync for Mapped {}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    #[test]
    fn a_child_changes_the_number_of_its_parent() {
        let number = Mapped::new().unwrap();
        assert_eq!(number.load(Ordering::Relaxed), 0);
        // SAFETY: the child does only an atomic operation and `_exit`.
        let child = unsafe { libc::fork() };
        if child == 0 {
            number.fetch_add(7, Ordering::Relaxed);
            // SAFETY: it ends the child without the exit handlers of its parent.
            unsafe { libc::_exit(0) };
        }
        // SAFETY: it waits for the child that was just created.
        assert_eq!(unsafe { libc::waitpid(child, ptr::null_mut(), 0) }, child);
        assert_eq!(number.load(Ordering::Relaxed), 7);
    }
}
