//! The idle connections of a client family.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use http::uri::Authority;

use super::link::Connection;
use super::route::Route;
use super::tls::Setup;

/// A connection that has been idle for longer is not worth the risk that the server is just
/// closing it.
pub(super) const LONGEST_IDLE: Duration = Duration::from_secs(60);
/// Beyond this many, the one idle for longest goes: enough for the threads of a large program.
const MAX_IDLE: usize = 512;

/// Everything that decides whether a connection is good enough for a request, the server's name
/// aside. All of it is compared: a field that is added here needs nothing else to count.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Way {
    pub(super) route: Route,
    /// How TLS is spoken with the server; for https only.
    pub(super) tls: Option<Arc<Setup>>,
    /// How TLS is spoken with the proxy, if it is spoken with one.
    pub(super) proxy_tls: Option<Arc<Setup>>,
}

/// What two requests must have in common to share a connection.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) authority: Authority,
    pub(super) way: Way,
}

impl Key {
    /// Whether a connection of this key can carry such a request.
    pub(super) fn suits(&self, authority: &Authority, way: &Way) -> bool {
        self.way == *way && same_authority(&self.authority, authority)
    }
}

/// Mostly they share their memory, for they come from the same base URL.
fn same_authority(one: &Authority, other: &Authority) -> bool {
    std::ptr::eq(one.as_str(), other.as_str()) || one == other
}

/// The connections that no request uses at the moment, in the order in which they came.
#[derive(Debug)]
pub(super) struct Pool {
    idle: Mutex<VecDeque<Box<Connection>>>,
    most: usize,
}

impl Default for Pool {
    fn default() -> Self {
        Self::holding(MAX_IDLE)
    }
}

impl Pool {
    fn holding(most: usize) -> Self {
        Self { idle: Mutex::new(VecDeque::new()), most }
    }

    /// The connection that came last, of those that suit. Whether it still lives is the caller's
    /// to see, outside the lock.
    pub(super) fn take(
        &self,
        suits: impl Fn(&Key) -> bool,
        now: Instant,
    ) -> Option<Box<Connection>> {
        let mut idle = self.lock();
        let expired = expired(&mut idle, now);
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
        let surplus = if idle.len() > self.most { idle.pop_front() } else { None };
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
fn expired(idle: &mut VecDeque<Box<Connection>>, now: Instant) -> VecDeque<Box<Connection>> {
    let old = idle.iter().take_while(|connection| now > connection.idle_until).count();
    idle.drain(..old).collect()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::transport::link::{Age, Stream};
    use crate::transport::tcp::Tcp;

    fn key(authority: &str) -> Key {
        Key { authority: authority.parse().unwrap(), way: Way::default() }
    }

    /// A connection, and its other end.
    fn parked(authority: &str, since: Instant) -> (Box<Connection>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (other_end, _) = listener.accept().unwrap();
        let stream = Stream::Plain(Tcp::new(stream.into()));
        let mut connection = Box::new(Connection::new(stream, key(authority)));
        connection.idle_until = since + LONGEST_IDLE;
        (connection, other_end)
    }

    fn take_alive(pool: &Pool, authority: &str, now: Instant) -> Option<bool> {
        let wanted = key(authority).authority;
        let suits = |key: &Key| key.suits(&wanted, &Way::default());
        pool.take(suits, now).map(|mut connection| connection.stream.alive())
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
        let later = then + LONGEST_IDLE + Duration::from_secs(1);
        assert_eq!(take_alive(&pool, "another", later), None);
        assert_eq!(other_end.read(&mut [0]).unwrap(), 0, "it was not closed");
    }

    #[test]
    fn connections_become_too_old_one_after_the_other() {
        let (max, now) = (Duration::from_secs(300), Instant::now());
        let seconds = Duration::from_secs;
        let mut outlived = 0;
        for moment in 0..1000 {
            let opened = now + Duration::from_nanos(moment);
            let mut age = Age::since(opened);
            assert!(!age.exceeds(None, opened + seconds(3600)));
            assert!(!age.exceeds(Some(max), opened + max));
            assert!(age.exceeds(Some(max), opened + max + seconds(31)));
            outlived += u32::from(age.exceeds(Some(max), opened + max + seconds(15)));
            // Each client of a family has its own limit.
            assert!(age.exceeds(Some(seconds(1)), opened + seconds(2)));
            assert!(!age.exceeds(Some(Duration::MAX), opened + seconds(3600)));
        }
        assert!((300..700).contains(&outlived), "{outlived} of 1000 are too old half-way");
    }

    #[test]
    fn the_pool_does_not_grow_without_end() {
        use std::io::Read;
        let (pool, now) = (Pool::holding(2), Instant::now());
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
