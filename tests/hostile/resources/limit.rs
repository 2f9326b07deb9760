//! Limits of the process, and their ends.

use std::fs::File;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A limit; `drop` restores the old one.
pub struct Limit {
    resource: Resource,
    before: Rlimit,
}

impl Limit {
    fn set(resource: Resource, max: u64) -> Self {
        let before = getrlimit(resource);
        setrlimit(resource, Rlimit { current: Some(max), maximum: before.maximum }).unwrap();
        Self { resource, before }
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        setrlimit(self.resource, self.before).unwrap();
    }
}

/// Limits the memory that the process may still allocate.
pub fn limit_memory(bytes: u64) -> Limit {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    let kib: u64 = line.trim_end_matches("kB").trim().parse().unwrap();
    Limit::set(Resource::As, kib * 1024 + bytes)
}

/// Runs an action while only `spare` descriptors are free.
pub fn with_descriptors<T>(spare: usize, action: impl FnOnce() -> T) -> T {
    let _limit = Limit::set(Resource::Nofile, 256);
    let mut files = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        files.push(file);
    }
    files.truncate(files.len().checked_sub(spare).unwrap());
    action()
}
