//! Looks up host names, so that a deadline or a cancel can end the wait for a lookup.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use std::{io, thread};

use arc_swap::ArcSwapOption;
use rustix::event::{PollFd, PollFlags};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::code::io_error_text;
use crate::trace::Event;
use crate::transport::context::{ExchangeContext, Phase};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult, errno_text};
use crate::transport::fork::{PerProcess, ProcessValue};
use crate::transport::socket::readiness;

/// Addresses with port 0, or the reason why there are none.
type LookupResult = Result<Vec<SocketAddr>, String>;

/// The maximum number of lookups at once. If a name server is silent, a lookup takes many seconds
/// and occupies a thread for that time.
const MAX_LOOKUPS: usize = 32;

/// The running lookups.
type Lookups = Mutex<Vec<Arc<Lookup>>>;

/// The lookups of this process. The parent's threads do not run in its child.
static LOOKUPS: PerProcess<Lookups> = PerProcess::new();

/// The system's addresses of `localhost`, if all are loopback addresses. They should always be,
/// even if a name server says otherwise (RFC 6761 section 6.3). Such a result stays true, so it is
/// looked up once.
static LOCAL_ADDRESSES: ArcSwapOption<Vec<IpAddr>> = ArcSwapOption::const_empty();

/// The addresses of a host, at least one, in the order that the system's resolver prefers (RFC
/// 6724).
///
/// An IP address, with or without brackets, needs no lookup. A name is looked up with
/// `getaddrinfo(3)` on a separate thread, because that function cannot be interrupted. If the
/// exchange ends earlier, the thread continues and exits when the lookup finishes. Exchanges that
/// need the same name at the same time share one lookup. No result is kept except that for
/// `localhost`.
pub(super) fn resolve(
    context: &mut ExchangeContext,
    host: &str,
    port: u16,
) -> TransportResult<Vec<SocketAddr>> {
    resolve_with(getaddrinfo, &LOOKUPS, context, host, port)
}

fn getaddrinfo(host: &str) -> LookupResult {
    let addresses = (host, 0).to_socket_addrs().map_err(|error| reason(&error))?;
    Ok(addresses.collect())
}

fn resolve_with(
    lookup: impl FnOnce(&str) -> LookupResult + Send + 'static,
    lookups: &PerProcess<Lookups>,
    context: &mut ExchangeContext,
    host: &str,
    port: u16,
) -> TransportResult<Vec<SocketAddr>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    context.phase = Phase::Resolving;
    let start = Instant::now();
    context.check_current(start)?;
    context.trace(|| Event::LookupStarted { host: bare });
    let outcome = look_up((lookup, lookups), context, start, bare, port);
    context.trace(|| Event::LookupDone {
        host: bare,
        addresses: outcome.as_deref().unwrap_or_default(),
        error: outcome.as_ref().err().map(|failure| &*failure.detail),
    });
    outcome
}

fn look_up(
    (lookup, lookups): (impl FnOnce(&str) -> LookupResult + Send + 'static, &PerProcess<Lookups>),
    context: &mut ExchangeContext,
    start: Instant,
    bare: &str,
    port: u16,
) -> TransportResult<Vec<SocketAddr>> {
    if let Some(addresses) = known_addresses(bare, port) {
        context.record.resolve = Some(start.elapsed());
        return Ok(addresses);
    }
    let running = join_or_start(lookup, lookups, context, bare)?;
    let limit = context.work_deadline();
    if readiness::wait_ready_one(context, running.ended(), limit)?.is_empty() {
        return Err(context.timed_out(Instant::now(), &format!("looking up {bare}")));
    }
    context.record.resolve = Some(start.elapsed());
    match running.result.get() {
        Some(Ok(addresses)) if !addresses.is_empty() => {
            remember(bare, addresses);
            Ok(addresses.iter().map(|found| with_port(*found, port)).collect())
        }
        Some(Ok(_)) => Err(no_address(bare, "it has none")),
        Some(Err(why)) => Err(no_address(bare, why)),
        None => Err(no_address(bare, "the lookup failed")),
    }
}

fn with_port(mut address: SocketAddr, port: u16) -> SocketAddr {
    address.set_port(port);
    address
}

/// The addresses that are known without a lookup.
fn known_addresses(host: &str, port: u16) -> Option<Vec<SocketAddr>> {
    if !is_localhost(host) {
        return None;
    }
    let addresses = LOCAL_ADDRESSES.load_full()?;
    Some(addresses.iter().map(|&ip| SocketAddr::new(ip, port)).collect())
}

/// Keeps a result that stays true.
fn remember(host: &str, addresses: &[SocketAddr]) {
    if is_localhost(host) && addresses.iter().all(|address| address.ip().is_loopback()) {
        let ips = addresses.iter().map(SocketAddr::ip).collect();
        LOCAL_ADDRESSES.store(Some(Arc::new(ips)));
    }
}

fn is_localhost(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
}

/// The running lookup of this name, or a new one. Waits while the maximum number is running.
fn join_or_start(
    lookup: impl FnOnce(&str) -> LookupResult + Send + 'static,
    lookups: &PerProcess<Lookups>,
    context: &ExchangeContext,
    host: &str,
) -> TransportResult<Arc<Lookup>> {
    loop {
        let all = lookups.get(|_| Lookups::default());
        let mut running = all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = running.iter().find(|one| one.host.eq_ignore_ascii_case(host)) {
            return Ok(Arc::clone(same));
        }
        if running.len() < MAX_LOOKUPS {
            let (fresh, ending) = Lookup::new(host, &all)?;
            running.push(Arc::clone(&fresh));
            // If the thread cannot start, `ending` is dropped, which takes the lock.
            drop(running);
            return start(lookup, fresh, ending);
        }
        let others = running.clone();
        drop(running);
        wait_for_any(context, &others, host)?;
    }
}

/// Waits until one of these lookups has finished.
fn wait_for_any(
    context: &ExchangeContext,
    others: &[Arc<Lookup>],
    host: &str,
) -> TransportResult<()> {
    let mut fds: Vec<PollFd<'_>> = others.iter().map(|other| other.ended()).collect();
    if let Some(cancel) = context.cancel() {
        fds.push(PollFd::from_borrowed_fd(cancel.readable_fd(), PollFlags::IN));
    }
    if readiness::wait_ready(context, &mut fds, context.work_deadline())? {
        return Ok(());
    }
    let doing =
        format!("waiting to look up {host}, because {MAX_LOOKUPS} lookups have not finished");
    Err(context.timed_out(Instant::now(), &doing))
}

fn start(
    lookup: impl FnOnce(&str) -> LookupResult + Send + 'static,
    running: Arc<Lookup>,
    ending: LookupGuard,
) -> TransportResult<Arc<Lookup>> {
    let run = move || {
        let running = &ending.running;
        // This is the only place that sets it.
        let _ = running.result.set(lookup(&running.host));
    };
    match thread::Builder::new().name("sac-resolve".into()).spawn(run) {
        Ok(_) => Ok(running),
        Err(error) => {
            let why = format!("no thread for the lookup: {}", reason(&error));
            Err(no_address(&running.host, &why))
        }
    }
}

/// A lookup, shared by all who wait for it.
#[derive(Debug)]
struct Lookup {
    host: String,
    result: OnceLock<LookupResult>,
    /// Readable once the lookup has finished. No one reads from it, so it stays readable for all.
    done: OwnedFd,
}

/// Finishes a lookup when it is dropped, however the thread ends: removes it from the list and
/// wakes all who wait.
struct LookupGuard {
    running: Arc<Lookup>,
    all: Arc<ProcessValue<Lookups>>,
    /// A byte in the pipe says that the lookup has finished. Closing this end would not be enough,
    /// because a process forked in the meantime has a copy of it.
    signal: OwnedFd,
}

impl Lookup {
    fn new(
        host: &str,
        all: &Arc<ProcessValue<Lookups>>,
    ) -> TransportResult<(Arc<Self>, LookupGuard)> {
        let (done, signal) = pipe_with(PipeFlags::CLOEXEC).map_err(|error| {
            no_address(host, &format!("no pipe for the lookup: {}", errno_text(error)))
        })?;
        let running = Self { host: host.to_owned(), result: OnceLock::new(), done };
        let running = Arc::new(running);
        let ending = LookupGuard { running: Arc::clone(&running), all: Arc::clone(all), signal };
        Ok((running, ending))
    }

    fn ended(&self) -> PollFd<'_> {
        PollFd::new(&self.done, PollFlags::IN)
    }
}

impl Drop for LookupGuard {
    fn drop(&mut self) {
        let mut running = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|one| !Arc::ptr_eq(one, &self.running));
        drop(running);
        // An empty pipe always has space for a byte.
        let _ = rustix::io::write(&self.signal, &[0]);
    }
}

fn no_address(host: &str, why: &str) -> TransportError {
    TransportError::new(
        TransportErrorKind::Resolve,
        format!("no address for the name {host}: {why}"),
    )
}

/// The part of the error's text that helps a reader.
fn reason(error: &io::Error) -> String {
    let text = io_error_text(error);
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    text.to_owned()
}

#[cfg(test)]
mod tests;
