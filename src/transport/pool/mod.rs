//! The idle connections of a client family.

mod buffers;
mod connection;
mod forwarding;
mod pool_key;
mod pooled_connection;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Instant;

pub(super) use buffers::MAX_BODY_OUTPUT;
pub(super) use connection::Connection;
pub(super) use forwarding::authorization;
pub(super) use pool_key::PoolKey;
pub(super) use pooled_connection::PooledConnection;

/// Beyond this many, the one idle for longest goes: enough for the threads of a large program.
const MAX_IDLE: usize = 512;

/// The connections that no request uses at the moment, in the order in which they came.
#[derive(Debug)]
pub(super) struct Pool {
    idle: Mutex<VecDeque<Box<Connection>>>,
    max_idle: usize,
}

impl Default for Pool {
    fn default() -> Self {
        Self::with_capacity(MAX_IDLE)
    }
}

impl Pool {
    fn with_capacity(max_idle: usize) -> Self {
        Self { idle: Mutex::new(VecDeque::new()), max_idle }
    }

    /// The connection that came last, of those that suit. Whether it still lives is the caller's
    /// to see, outside the lock.
    pub(super) fn take(
        &self,
        suits: impl Fn(&PoolKey) -> bool,
        now: Instant,
    ) -> Option<Box<Connection>> {
        let mut idle = self.lock();
        let expired = take_expired(&mut idle, now);
        let newest = idle.iter().rposition(|connection| suits(&connection.key));
        let taken = newest.and_then(|index| idle.remove(index));
        drop(idle);
        // Closing is a system call: not under the lock.
        drop(expired);
        taken
    }

    /// Puts a connection by.
    pub(super) fn put(&self, connection: Box<Connection>) {
        let mut idle = self.lock();
        idle.push_back(connection);
        let surplus = if idle.len() > self.max_idle { idle.pop_front() } else { None };
        drop(idle);
        drop(surplus);
    }

    /// Closes all of them, in a child process that has just been forked. Does not wait for the
    /// lock: where another thread held it at the fork, the connections stay open until the child
    /// ends.
    pub(super) fn abandon(&self) {
        let idle = match self.idle.try_lock() {
            Ok(mut idle) => std::mem::take(&mut *idle),
            Err(TryLockError::Poisoned(poisoned)) => std::mem::take(&mut *poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => return,
        };
        drop(idle);
    }

    /// A panic in another thread cannot leave the list in disorder, so its poison is ignored.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Box<Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes out those that have been idle for too long, from the one on that has been for longest.
fn take_expired(idle: &mut VecDeque<Box<Connection>>, now: Instant) -> VecDeque<Box<Connection>> {
    let old = idle.iter().take_while(|connection| now > connection.idle_until).count();
    idle.drain(..old).collect()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use super::connection::MAX_IDLE_TIME;
    use super::*;
    use crate::transport::route::ConnectionSpec;
    use crate::transport::socket::Tcp;
    use crate::transport::tls::Stream;

    fn key(authority: &str) -> PoolKey {
        PoolKey { authority: authority.parse().unwrap(), spec: ConnectionSpec::default() }
    }

    /// A connection, and its other end.
    fn parked(authority: &str, since: Instant) -> (Box<Connection>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (other_end, _) = listener.accept().unwrap();
        let stream = Stream::Plain(Tcp::new(stream.into()));
        let mut connection = Box::new(Connection::new(stream, key(authority)));
        connection.idle_until = since + MAX_IDLE_TIME;
        (connection, other_end)
    }

    fn take_alive(pool: &Pool, authority: &str, now: Instant) -> Option<bool> {
        let wanted = key(authority).authority;
        let suits = |key: &PoolKey| key.matches(&wanted, &ConnectionSpec::default());
        pool.take(suits, now).map(|mut connection| connection.stream.is_alive())
    }

    #[test]
    fn the_connection_used_last_is_taken_first() {
        let (pool, now) = (Pool::default(), Instant::now());
        let (older, other_end) = parked("host", now);
        drop(other_end);
        let (newer, _kept) = parked("host", now);
        pool.put(older);
        pool.put(newer);
        assert_eq!(take_alive(&pool, "host", now), Some(true), "the older one came first");
        assert_eq!(take_alive(&pool, "host", now), Some(false));
        assert_eq!(take_alive(&pool, "host", now), None);
    }

    #[test]
    fn hosts_are_told_apart_and_their_case_is_not() {
        let (pool, now) = (Pool::default(), Instant::now());
        let (one, _kept) = parked("one:80", now);
        pool.put(one);
        assert_eq!(take_alive(&pool, "other:80", now), None);
        assert_eq!(take_alive(&pool, "one:81", now), None);
        assert_eq!(take_alive(&pool, "ONE:80", now), Some(true));
    }

    #[test]
    fn a_connection_idle_for_too_long_is_closed_and_not_used() {
        use std::io::Read;
        let (pool, then) = (Pool::default(), Instant::now());
        let (old, mut other_end) = parked("host", then);
        pool.put(old);
        let later = then + MAX_IDLE_TIME + Duration::from_secs(1);
        assert_eq!(take_alive(&pool, "another", later), None);
        assert_eq!(other_end.read(&mut [0]).unwrap(), 0, "it was not closed");
    }

    #[test]
    fn the_pool_does_not_grow_without_end() {
        use std::io::Read;
        let (pool, now) = (Pool::with_capacity(2), Instant::now());
        let (first, mut other_end) = parked("host", now);
        pool.put(first);
        for _ in 0..2 {
            pool.put(parked("host", now).0);
        }
        assert_eq!(other_end.read(&mut [0]).unwrap(), 0, "the oldest was not closed");
    }

    #[test]
    fn a_panic_under_the_lock_leaves_the_pool_usable() {
        let (pool, now) = (Pool::default(), Instant::now());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _idle = pool.lock();
            std::panic::resume_unwind(Box::new("a bug"));
        }));
        assert!(panicked.is_err());
        let (one, _kept) = parked("host", now);
        pool.put(one);
        assert_eq!(take_alive(&pool, "host", now), Some(true));
    }

    #[test]
    fn abandoning_waits_for_nobody() {
        let (pool, now) = (Pool::default(), Instant::now());
        let (one, _kept) = parked("host", now);
        pool.put(one);
        let held = pool.lock();
        pool.abandon();
        drop(held);
        assert_eq!(take_alive(&pool, "host", now), Some(true));
    }
}
