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

/// The maximum number of idle connections, enough for the threads of a large program. If there are
/// more, the one that has been idle for longest is closed.
const MAX_IDLE: usize = 512;

/// The connections that no request is using, in the order in which they became idle.
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

    /// Takes the newest of the connections that match. The caller checks outside the lock whether
    /// it is still open.
    pub(super) fn take(
        &self,
        matches: impl Fn(&PoolKey) -> bool,
        now: Instant,
    ) -> Option<Box<Connection>> {
        let mut idle = self.lock();
        let expired = take_expired(&mut idle, now);
        let newest = idle.iter().rposition(|connection| matches(&connection.key));
        let found = newest.and_then(|index| idle.remove(index));
        drop(idle);
        // Closing is a system call, so it happens after the lock is released.
        drop(expired);
        found
    }

    /// Adds an idle connection.
    pub(super) fn put(&self, connection: Box<Connection>) {
        let mut idle = self.lock();
        idle.push_back(connection);
        let surplus = if idle.len() > self.max_idle { idle.pop_front() } else { None };
        drop(idle);
        drop(surplus);
    }

    /// Closes all connections.
    pub(super) fn close_idle(&self) {
        let idle = std::mem::take(&mut *self.lock());
        // Closing is a system call, so it happens after the lock is released.
        drop(idle);
    }

    /// Closes all connections, in the child after a `fork`. Does not wait for the lock: if another
    /// thread held it at the fork, the connections stay open until the child exits.
    pub(super) fn abandon(&self) {
        let idle = match self.idle.try_lock() {
            Ok(mut idle) => std::mem::take(&mut *idle),
            Err(TryLockError::Poisoned(poisoned)) => std::mem::take(&mut *poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => return,
        };
        drop(idle);
    }

    /// A panic in another thread cannot leave the list inconsistent, so the poison is ignored.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Box<Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the connections that have been idle for too long, from the oldest on.
fn take_expired(idle: &mut VecDeque<Box<Connection>>, now: Instant) -> VecDeque<Box<Connection>> {
    match idle.iter().take_while(|connection| now > connection.idle_until).count() {
        0 => VecDeque::new(),
        old => idle.drain(..old).collect(),
    }
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

    /// An idle connection, and its other end.
    fn idle_connection(authority: &str, since: Instant) -> (Box<Connection>, TcpStream) {
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
        let matches = |key: &PoolKey| key.matches(&wanted, &ConnectionSpec::default());
        pool.take(matches, now).map(|mut connection| connection.stream.is_alive())
    }

    #[test]
    fn the_connection_used_last_is_taken_first() {
        let (pool, now) = (Pool::default(), Instant::now());
        let (older, other_end) = idle_connection("host", now);
        drop(other_end);
        let (newer, _kept) = idle_connection("host", now);
        pool.put(older);
        pool.put(newer);
        assert_eq!(
            take_alive(&pool, "host", now),
            Some(true),
            "the older connection was used first"
        );
        assert_eq!(take_alive(&pool, "host", now), Some(false));
        assert_eq!(take_alive(&pool, "host", now), None);
    }

    #[test]
    fn hosts_are_compared_without_case_and_with_their_port() {
        let (pool, now) = (Pool::default(), Instant::now());
        let (one, _kept) = idle_connection("one:80", now);
        pool.put(one);
        assert_eq!(take_alive(&pool, "other:80", now), None);
        assert_eq!(take_alive(&pool, "one:81", now), None);
        assert_eq!(take_alive(&pool, "ONE:80", now), Some(true));
    }

    #[test]
    fn a_connection_idle_for_too_long_is_closed_and_not_used() {
        use std::io::Read;
        let (pool, then) = (Pool::default(), Instant::now());
        let (old, mut other_end) = idle_connection("host", then);
        pool.put(old);
        let later = then + MAX_IDLE_TIME + Duration::from_secs(1);
        assert_eq!(take_alive(&pool, "another", later), None);
        assert_eq!(other_end.read(&mut [0]).unwrap(), 0, "the connection was not closed");
    }

    #[test]
    fn the_size_of_the_pool_is_limited() {
        use std::io::Read;
        let (pool, now) = (Pool::with_capacity(2), Instant::now());
        let (first, mut other_end) = idle_connection("host", now);
        pool.put(first);
        for _ in 0..2 {
            pool.put(idle_connection("host", now).0);
        }
        assert_eq!(other_end.read(&mut [0]).unwrap(), 0, "the oldest connection was not closed");
    }

    #[test]
    fn a_panic_under_the_lock_leaves_the_pool_usable() {
        let (pool, now) = (Pool::default(), Instant::now());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _idle = pool.lock();
            std::panic::resume_unwind(Box::new("a bug"));
        }));
        assert!(panicked.is_err());
        let (one, _kept) = idle_connection("host", now);
        pool.put(one);
        assert_eq!(take_alive(&pool, "host", now), Some(true));
    }

    #[test]
    fn abandoning_does_not_wait_for_the_lock() {
        let (pool, now) = (Pool::default(), Instant::now());
        let (one, _kept) = idle_connection("host", now);
        pool.put(one);
        let guard = pool.lock();
        pool.abandon();
        drop(guard);
        assert_eq!(take_alive(&pool, "host", now), Some(true));
    }
}
