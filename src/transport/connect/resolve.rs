//! Looking up host names, so that a deadline or a cancel can leave the look-up.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use std::{io, thread};

use arc_swap::ArcSwapOption;
use rustix::event::{PollFd, PollFlags};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::code::io_error_text;
use crate::transport::context::{ExchangeContext, Phase};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult, errno_text};
use crate::transport::fork::{PerProcess, ProcessValue};
use crate::transport::socket::readiness;

/// Addresses with port 0, or why there are none.
type LookupResult = Result<Vec<SocketAddr>, String>;

/// How many look-ups may run at once. One whose name server is silent lasts for many seconds, and
/// costs a thread for as long.
const MAX_LOOKUPS: usize = 32;

/// The look-ups that run.
type Lookups = Mutex<Vec<Arc<Lookup>>>;

/// Those of this process: the threads of a parent do not run in its child.
static LOOK_UPS: PerProcess<Lookups> = PerProcess::new();

/// What the system has said of `localhost`, if that was the machine itself. So it should always be,
/// whatever a network says (RFC 6761 section 6.3); an answer that stays true is asked for once.
static LOCAL_ADDRESSES: ArcSwapOption<Vec<IpAddr>> = ArcSwapOption::const_empty();

/// The addresses of a host, at least one, in the order in which the system's resolver prefers
/// them (RFC 6724).
///
/// An IP address, with or without brackets, is no look-up at all. A name is looked up by
/// `getaddrinfo(3)` in a separate thread, because that cannot be interrupted; a call that ends
/// before it leaves the thread, which ends with the look-up. Calls that want the same name at the
/// same time share one look-up. No answer is kept but that for `localhost`.
pub(super) fn resolve(
    context: &mut ExchangeContext,
    host: &str,
    port: u16,
) -> TransportResult<Vec<SocketAddr>> {
    resolve_with(getaddrinfo, &LOOK_UPS, context, host, port)
}

fn getaddrinfo(host: &str) -> LookupResult {
    let addresses = (host, 0).to_socket_addrs().map_err(|error| reason(&error))?;
    Ok(addresses.collect())
}

fn resolve_with(
    look_up: impl FnOnce(&str) -> LookupResult + Send + 'static,
    look_ups: &PerProcess<Lookups>,
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
    if let Some(addresses) = known_addresses(bare, port) {
        context.record.resolve = Some(start.elapsed());
        return Ok(addresses);
    }
    let running = join_or_start(look_up, look_ups, context, bare)?;
    let limit = context.work_deadline();
    if readiness::wait_ready_one(context, running.ended(), limit)?.is_empty() {
        return Err(context.timed_out(Instant::now(), &format!("looking up {bare}")));
    }
    context.record.resolve = Some(start.elapsed());
    match running.answer.get() {
        Some(Ok(addresses)) if !addresses.is_empty() => {
            remember(bare, addresses);
            Ok(addresses.iter().map(|found| with_port(*found, port)).collect())
        }
        Some(Ok(_)) => Err(no_address(bare, "it has none")),
        Some(Err(why)) => Err(no_address(bare, why)),
        None => Err(no_address(bare, "the look-up failed")),
    }
}

fn with_port(mut address: SocketAddr, port: u16) -> SocketAddr {
    address.set_port(port);
    address
}

/// What is known of the name without a look-up.
fn known_addresses(host: &str, port: u16) -> Option<Vec<SocketAddr>> {
    if !is_localhost(host) {
        return None;
    }
    let addresses = LOCAL_ADDRESSES.load_full()?;
    Some(addresses.iter().map(|&ip| SocketAddr::new(ip, port)).collect())
}

/// Keeps what is going to stay true.
fn remember(host: &str, addresses: &[SocketAddr]) {
    if is_localhost(host) && addresses.iter().all(|address| address.ip().is_loopback()) {
        let ips = addresses.iter().map(SocketAddr::ip).collect();
        LOCAL_ADDRESSES.store(Some(Arc::new(ips)));
    }
}

fn is_localhost(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
}

/// The look-up of this name that runs, or a new one. Waits while as many run as may.
fn join_or_start(
    look_up: impl FnOnce(&str) -> LookupResult + Send + 'static,
    look_ups: &PerProcess<Lookups>,
    context: &ExchangeContext,
    host: &str,
) -> TransportResult<Arc<Lookup>> {
    loop {
        let all = look_ups.get(|_| Lookups::default());
        let mut running = all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = running.iter().find(|one| one.host.eq_ignore_ascii_case(host)) {
            return Ok(Arc::clone(same));
        }
        if running.len() < MAX_LOOKUPS {
            let (fresh, ending) = Lookup::new(host, &all)?;
            running.push(Arc::clone(&fresh));
            // A failure to start drops `ending`, which locks.
            drop(running);
            return start(look_up, fresh, ending);
        }
        let others = running.clone();
        drop(running);
        wait_for_any(context, &others, host)?;
    }
}

/// Waits until one of these look-ups has ended.
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
    let doing = format!("waiting to look up {host}, because {MAX_LOOKUPS} look-ups have not ended");
    Err(context.timed_out(Instant::now(), &doing))
}

fn start(
    look_up: impl FnOnce(&str) -> LookupResult + Send + 'static,
    running: Arc<Lookup>,
    ending: LookupGuard,
) -> TransportResult<Arc<Lookup>> {
    let run = move || {
        let running = &ending.running;
        // It is set here alone.
        let _ = running.answer.set(look_up(&running.host));
    };
    match thread::Builder::new().name("sac-resolve".into()).spawn(run) {
        Ok(_) => Ok(running),
        Err(error) => {
            let why = format!("no thread for the look-up: {}", reason(&error));
            Err(no_address(&running.host, &why))
        }
    }
}

/// A look-up and those who wait for it.
#[derive(Debug)]
struct Lookup {
    host: String,
    answer: OnceLock<LookupResult>,
    /// Readable once it has ended. Nobody reads from it, so that it stays so for all.
    done: OwnedFd,
}

/// Ends a look-up when it goes, however its thread ends: takes it from the list and wakes all who
/// wait.
struct LookupGuard {
    running: Arc<Lookup>,
    all: Arc<ProcessValue<Lookups>>,
    /// A byte says that it has ended. That this end closes would not: a process that was forked
    /// meanwhile has a copy of it.
    signal: OwnedFd,
}

impl Lookup {
    fn new(
        host: &str,
        all: &Arc<ProcessValue<Lookups>>,
    ) -> TransportResult<(Arc<Self>, LookupGuard)> {
        let (done, signal) = pipe_with(PipeFlags::CLOEXEC).map_err(|error| {
            no_address(host, &format!("no pipe for the look-up: {}", errno_text(error)))
        })?;
        let running = Self { host: host.to_owned(), answer: OnceLock::new(), done };
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
        // A pipe that holds nothing takes a byte.
        let _ = rustix::io::write(&self.signal, &[0]);
    }
}

fn no_address(host: &str, why: &str) -> TransportError {
    TransportError::new(
        TransportErrorKind::Resolve,
        format!("no address for the name {host}: {why}"),
    )
}

/// The part of an error's text that says something to people.
fn reason(error: &io::Error) -> String {
    let text = io_error_text(error);
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    text.to_owned()
}

#[cfg(test)]
mod tests;
