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
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::mpsc::{Sender, channel};
    use std::time::Duration;

    use super::*;
    use crate::transport::Bounds;
    use crate::wait::{Cancel, Deadline};

    fn call(attempt: Deadline, cancel: Option<&Cancel>) -> Call {
        let bounds = Bounds {
            attempt,
            connect_timeout: None,
            read_timeout: None,
            cancel,
            max_body_bytes: 0,
        };
        Call::new(Instant::now(), &bounds)
    }

    fn brief() -> Deadline {
        Deadline::after(Instant::now(), Some(Duration::from_millis(20)))
    }

    /// A look-up that lasts until the returned sender is dropped.
    fn endless() -> (Sender<()>, impl FnOnce(&str) -> Answer + Send) {
        let (hold, held) = channel::<()>();
        let look_up = move |_: &str| {
            let _ = held.recv();
            Ok(vec![HERE])
        };
        (hold, look_up)
    }

    const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

    /// A look-up that must not be made.
    fn never(name: &str) -> Answer {
        panic!("{name} was looked up");
    }

    #[test]
    fn an_ip_address_is_not_looked_up() {
        for host in ["127.0.0.1", "::1", "[::1]", "[2001:db8::7]"] {
            let mut call = call(Deadline::NEVER, None);
            let addresses = resolve_by(never, &PerProcess::new(), &mut call, host, 80).unwrap();
            assert_eq!(addresses.len(), 1);
            assert_eq!(call.record.resolve, None, "{host} was looked up");
        }
    }

    #[test]
    fn a_deadline_leaves_a_look_up_that_does_not_end() {
        let (hold, look_up) = endless();
        let mut call = call(brief(), None);
        let failure =
            resolve_by(look_up, &PerProcess::new(), &mut call, "slow.test", 80).unwrap_err();
        assert_eq!(failure.kind, FaultKind::Timeout);
        assert!(failure.detail.ends_with("looking up slow.test"), "{}", failure.detail);
        drop(hold);
    }

    #[test]
    fn a_cancel_leaves_a_look_up_that_does_not_end() {
        let (hold, held) = channel::<()>();
        let cancel = Cancel::new().unwrap();
        let trigger = cancel.clone();
        let look_up = move |_: &str| {
            trigger.trigger();
            let _ = held.recv();
            Ok(Vec::new())
        };
        let mut call = call(Deadline::NEVER, Some(&cancel));
        let failure =
            resolve_by(look_up, &PerProcess::new(), &mut call, "slow.test", 80).unwrap_err();
        assert_eq!(failure.kind, FaultKind::Cancelled);
        drop(hold);
    }

    fn running(look_ups: &PerProcess<LookUps>) -> Vec<Arc<Running>> {
        look_ups.get(|_| LookUps::default()).lock().unwrap().clone()
    }

    #[test]
    fn calls_that_want_the_same_name_share_one_look_up() {
        let look_ups = PerProcess::new();
        let (hold, look_up) = endless();
        std::thread::scope(|scope| {
            let first = scope.spawn(|| {
                resolve_by(look_up, &look_ups, &mut call(Deadline::NEVER, None), "a.test", 80)
            });
            let shared = loop {
                match running(&look_ups).pop() {
                    Some(one) => break one,
                    None => std::thread::yield_now(),
                }
            };
            let others: Vec<_> = [(8080, Deadline::NEVER), (8081, Deadline::NEVER)]
                .map(|(port, deadline)| {
                    let look_ups = &look_ups;
                    scope.spawn(move || {
                        resolve_by(never, look_ups, &mut call(deadline, None), "A.test", port)
                    })
                })
                .into();
            // The list, the look-up's thread, three who wait, and this one.
            while Arc::strong_count(&shared) < 6 {
                std::thread::yield_now();
            }
            drop(hold);
            let at = |port| vec![with_port(HERE, port)];
            assert_eq!(first.join().unwrap().unwrap(), at(80));
            for (other, port) in others.into_iter().zip([8080, 8081]) {
                assert_eq!(other.join().unwrap().unwrap(), at(port));
            }
        });
        assert!(running(&look_ups).is_empty(), "what has ended counts on");
    }

    #[test]
    fn so_many_look_ups_run_at_once_and_the_next_call_waits_within_its_own_time() {
        let look_ups = PerProcess::new();
        let mut holds = Vec::new();
        while running(&look_ups).len() < MOST {
            let (hold, look_up) = endless();
            let name = format!("{}.test", holds.len());
            holds.push(hold);
            let moment = Deadline::after(Instant::now(), Some(Duration::from_millis(1)));
            resolve_by(look_up, &look_ups, &mut call(moment, None), &name, 80).unwrap_err();
        }
        let failure =
            resolve_by(never, &look_ups, &mut call(brief(), None), "next.test", 80).unwrap_err();
        assert_eq!(failure.kind, FaultKind::Timeout);
        let end = "waiting to look up next.test, because 32 look-ups have not ended";
        assert!(failure.detail.ends_with(end), "{}", failure.detail);

        let cancel = Cancel::new().unwrap();
        cancel.trigger();
        let mut cancelled = call(Deadline::NEVER, Some(&cancel));
        let failure = resolve_by(never, &look_ups, &mut cancelled, "next.test", 80).unwrap_err();
        assert_eq!(failure.kind, FaultKind::Cancelled);

        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let here = |_: &str| Ok(vec![HERE]);
                resolve_by(here, &look_ups, &mut call(Deadline::NEVER, None), "next.test", 0)
            });
            drop(holds.pop());
            assert_eq!(waiting.join().unwrap().unwrap(), [HERE]);
        });
    }

    #[test]
    fn a_look_up_that_dies_tells_who_waits_and_is_forgotten() {
        let look_ups = PerProcess::new();
        let dies = |_: &str| -> Answer { std::panic::resume_unwind(Box::new("a bug")) };
        let mut call = call(Deadline::NEVER, None);
        let failure = resolve_by(dies, &look_ups, &mut call, "a.test", 80).unwrap_err();
        assert_eq!(failure.detail, "no address for the name a.test: the look-up failed");
        assert!(running(&look_ups).is_empty());
    }

    #[test]
    fn localhost_is_looked_up_once() {
        let mut call = call(Deadline::NEVER, None);
        let first = resolve(&mut call, "localhost", 80).unwrap();
        let mut again = |name: &str| resolve_by(never, &LOOK_UPS, &mut call, name, 8080).unwrap();
        let expected: Vec<_> = first.iter().map(|found| with_port(*found, 8080)).collect();
        assert_eq!(again("LOCALHOST"), expected);
        // An answer that is not the machine itself is good for one connection.
        keep("localhost", &[SocketAddr::from(([192, 0, 2, 1], 80))]);
        assert_eq!(again("localhost"), expected);
    }

    #[test]
    fn any_other_name_is_looked_up_for_each_connection() {
        let look_ups = PerProcess::new();
        for last in [1, 2] {
            let address = SocketAddr::from(([127, 0, 0, last], 80));
            let here = move |_: &str| Ok(vec![address]);
            let mut call = call(Deadline::NEVER, None);
            let found = resolve_by(here, &look_ups, &mut call, "here.test", 80);
            assert_eq!(found.unwrap(), [address]);
        }
    }

    #[test]
    fn a_name_without_an_address_is_named() {
        let none = |_: &str| Ok(Vec::new());
        let mut call = call(Deadline::NEVER, None);
        let failure =
            resolve_by(none, &PerProcess::new(), &mut call, "nowhere.test", 80).unwrap_err();
        assert_eq!(failure.kind, FaultKind::Resolve);
        assert_eq!(failure.detail, "no address for the name nowhere.test: it has none");
    }
}
