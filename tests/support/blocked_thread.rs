//! Detects when a thread is blocked in the kernel.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::waiting::wait_until;

/// A thread that has reported its id, so that others can see when it blocks.
pub struct BlockedThread(Receiver<PathBuf>);

impl BlockedThread {
    /// A function that the thread must call, and its observer.
    pub fn new() -> (impl FnOnce() + Send, Self) {
        let (sender, receiver): (Sender<PathBuf>, _) = channel();
        let introduce = move || {
            let thread = std::fs::read_link("/proc/thread-self").unwrap();
            sender.send(PathBuf::from("/proc").join(thread).join("stat")).unwrap();
        };
        (introduce, Self(receiver))
    }

    /// Waits until the thread has called its function and is blocked in a system call.
    pub fn wait_until_blocked(&self) {
        let stat = self.0.recv().unwrap();
        wait_until("a thread to block", || {
            let stat = std::fs::read_to_string(&stat).unwrap();
            // The state follows the name, which may contain any character (proc_pid_stat(5)).
            stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S'))
        });
    }
}
