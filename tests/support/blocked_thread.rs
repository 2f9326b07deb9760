//! Whether a thread sleeps in the system.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::waiting::wait_until;

/// A thread that says who it is, so that others can see when it sleeps.
pub struct BlockedThread(Receiver<PathBuf>);

impl BlockedThread {
    /// What the thread is to call, and what watches it.
    pub fn new() -> (impl FnOnce() + Send, Self) {
        let (sender, receiver): (Sender<PathBuf>, _) = channel();
        let introduce = move || {
            let thread = std::fs::read_link("/proc/thread-self").unwrap();
            sender.send(PathBuf::from("/proc").join(thread).join("stat")).unwrap();
        };
        (introduce, Self(receiver))
    }

    /// Waits until the thread has introduced itself and sleeps in a system call.
    pub fn wait_until_blocked(&self) {
        let stat = self.0.recv().unwrap();
        wait_until("the sleep of a thread", || {
            let stat = std::fs::read_to_string(&stat).unwrap();
            // The state stands behind the name, which may hold anything (proc_pid_stat(5)).
            stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S'))
        });
    }
}
