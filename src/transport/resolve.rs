//! Looking up host names, so that a deadline or a cancel can leave the look-up.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use std::{io, thread};

use arc_swap::ArcSwapOption;
use rustix::event::{PollFd, PollFlags};
use rustix::pipe::{PipeFlags, pipe_with};

use super::call::{Call, Phase};
use super::fault::{Failure, FaultKind, Outcome, words};
use super::fork::{Held, PerProcess};
use super::wait;
use crate::code::words_of;

/// Addresses with port 0, or why there are none.
type Answer = Result<Vec<SocketAddr>, String>;

/// How many look-ups may run at once. One whose name server is silent lasts for many seconds, and
/// costs a thread for as long.
const MOST: usize = 32;

/// The look-ups that run.
type LookUps = Mutex<Vec<Arc<Running>>>;

/// Those of this process: the threads of a parent do not run in its child.
static LOOK_UPS: PerProcess<LookUps> = PerProcess::new();

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
pub(super) fn resolve(call: &mut Call, host: &str, port: u16) -> Outcome<Vec<SocketAddr>> {
    resolve_by(getaddrinfo, &LOOK_UPS, call, host, port)
}

fn getaddrinfo(host: &str) -> Answer {
    let addresses = (host, 0).to_socket_addrs().map_err(|error| reason(&error))?;
    Ok(addresses.collect())
}

fn resolve_by(
    look_up: impl FnOnce(&str) -> Answer + Send + 'static,
    look_ups: &PerProcess<LookUps>,
    call: &mut Call,
    host: &str,
    port: u16,
) -> Outcome<Vec<SocketAddr>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    call.phase = Phase::Resolving;
    let begun = Instant::now();
    call.check(begun)?;
    if let Some(addresses) = kept(bare, port) {
        call.record.resolve = Some(begun.elapsed());
        return Ok(addresses);
    }
    let running = started(look_up, look_ups, call, bare)?;
    let limit = call.limit_of_work();
    if wait::ready_one(call, running.ended(), limit)?.is_empty() {
        return Err(call.timed_out(Instant::now(), &format!("looking up {bare}")));
    }
    call.record.resolve = Some(begun.elapsed());
    match running.answer.get() {
        Some(Ok(addresses)) if !addresses.is_empty() => {
            keep(bare, addresses);
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
fn kept(host: &str, port: u16) -> Option<Vec<SocketAddr>> {
    if !is_local(host) {
        return None;
    }
    let kept = LOCAL_ADDRESSES.load_full()?;
    Some(kept.iter().map(|&ip| SocketAddr::new(ip, port)).collect())
}

/// Keeps what is going to stay true.
fn keep(host: &str, addresses: &[SocketAddr]) {
    if is_local(host) && addresses.iter().all(|address| address.ip().is_loopback()) {
        let ips = addresses.iter().map(SocketAddr::ip).collect();
        LOCAL_ADDRESSES.store(Some(Arc::new(ips)));
    }
}

fn is_local(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
}

/// The look-up of this name that runs, or a new one. Waits while as many run as may.
fn started(
    look_up: impl FnOnce(&str) -> Answer + Send + 'static,
    look_ups: &PerProcess<LookUps>,
    call: &Call,
    host: &str,
) -> Outcome<Arc<Running>> {
    loop {
        let all = look_ups.get(|_| LookUps::default());
        let mut running = all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = running.iter().find(|one| one.host.eq_ignore_ascii_case(host)) {
            return Ok(Arc::clone(same));
        }
        if running.len() < MOST {
            let (fresh, ending) = Running::new(host, &all)?;
            running.push(Arc::clone(&fresh));
            // A failure to start drops `ending`, which locks.
            drop(running);
            return start(look_up, fresh, ending);
        }
        let others = running.clone();
        drop(running);
        wait_for_any(call, &others, host)?;
    }
}

/// Waits until one of these look-ups has ended.
fn wait_for_any(call: &Call, others: &[Arc<Running>], host: &str) -> Outcome<()> {
    let mut fds: Vec<PollFd<'_>> = others.iter().map(|other| other.ended()).collect();
    if let Some(cancel) = call.cancel() {
        fds.push(PollFd::from_borrowed_fd(cancel.readable(), PollFlags::IN));
    }
    if wait::ready(call, &mut fds, call.limit_of_work())? {
        return Ok(());
    }
    let doing = format!("waiting to look up {host}, because {MOST} look-ups have not ended");
    Err(call.timed_out(Instant::now(), &doing))
}

fn start(
    look_up: impl FnOnce(&str) -> Answer + Send + 'static,
    running: Arc<Running>,
    ending: Ending,
) -> Outcome<Arc<Running>> {
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
struct Running {
    host: String,
    answer: OnceLock<Answer>,
    /// Readable once it has ended. Nobody reads from it, so that it stays so for all.
    done: OwnedFd,
}

/// Ends a look-up when it goes, however its thread ends: takes it from the list and wakes all who
/// wait.
struct Ending {
    running: Arc<Running>,
    all: Arc<Held<LookUps>>,
    /// A byte says that it has ended. That this end closes would not: a process that was forked
    /// meanwhile has a copy of it.
    signal: OwnedFd,
}

impl Running {
    fn new(host: &str, all: &Arc<Held<LookUps>>) -> Outcome<(Arc<Self>, Ending)> {
        let (done, signal) = pipe_with(PipeFlags::CLOEXEC).map_err(|error| {
            no_address(host, &format!("no pipe for the look-up: {}", words(error)))
        })?;
        let running = Self { host: host.to_owned(), answer: OnceLock::new(), done };
        let running = Arc::new(running);
        let ending = Ending { running: Arc::clone(&running), all: Arc::clone(all), signal };
        Ok((running, ending))
    }

    fn ended(&self) -> PollFd<'_> {
        PollFd::new(&self.done, PollFlags::IN)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let mut running = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|one| !Arc::ptr_eq(one, &self.running));
        drop(running);
        // A pipe that holds nothing takes a byte.
        let _ = rustix::io::write(&self.signal, &[0]);
    }
}

fn no_address(host: &str, why: &str) -> Failure {
    Failure::new(FaultKind::Resolve, format!("no address for the name {host}: {why}"))
}

/// The part of an error's text that says something to people.
fn reason(error: &io::Error) -> String {
    let text = words_of(error);
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    text.to_owned()
}

#[cfg(test)]
mod tests;
