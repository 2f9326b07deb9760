//! Looking up host names, so that a deadline or a cancel can leave the look-up.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;
use std::{io, thread};

use arc_swap::ArcSwapOption;
use rustix::event::{PollFd, PollFlags};
use rustix::pipe::{PipeFlags, pipe_with};

use super::call::{Call, Phase};
use super::fault::{Failure, FaultKind, Outcome, words};
use super::wait;
use crate::code::words_of;

type Answer = io::Result<Vec<SocketAddr>>;

/// What the system has said of `localhost`, if that was the machine itself. So it should always be,
/// whatever a network says (RFC 6761 section 6.3); an answer that stays true is asked for once.
static LOCAL_ADDRESSES: ArcSwapOption<Vec<IpAddr>> = ArcSwapOption::const_empty();

/// The addresses of a host, at least one, in the order in which the system's resolver prefers
/// them (RFC 6724).
///
/// An IP address, with or without brackets, is no look-up at all. A name is looked up by
/// `getaddrinfo(3)` in a thread of its own, because that cannot be interrupted; a call that ends
/// before it leaves the thread to end by itself. No answer is kept but that for `localhost`.
pub(super) fn resolve(call: &mut Call, host: &str, port: u16) -> Outcome<Vec<SocketAddr>> {
    resolve_by(getaddrinfo, call, host, port)
}

fn getaddrinfo(host: &str, port: u16) -> Answer {
    (host, port).to_socket_addrs().map(Iterator::collect)
}

fn resolve_by(
    look_up: impl FnOnce(&str, u16) -> Answer + Send + 'static,
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
    let (done, answer) = start(look_up, bare, port)?;
    let limit = call.limit_of_work();
    if wait::ready_one(call, PollFd::new(&done, PollFlags::IN), limit)?.is_empty() {
        return Err(call.timed_out(Instant::now(), &format!("looking up {bare}")));
    }
    call.record.resolve = Some(begun.elapsed());
    match answer.recv() {
        Ok(Ok(addresses)) if !addresses.is_empty() => {
            keep(bare, &addresses);
            Ok(addresses)
        }
        Ok(Ok(_)) => Err(no_address(bare, "it has none")),
        Ok(Err(error)) => Err(no_address(bare, &reason(&error))),
        Err(_) => Err(no_address(bare, "the look-up failed")),
    }
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

/// Starts the look-up. The pipe hangs up once the answer lies in the channel.
fn start(
    look_up: impl FnOnce(&str, u16) -> Answer + Send + 'static,
    host: &str,
    port: u16,
) -> Outcome<(OwnedFd, Receiver<Answer>)> {
    let (done, signal) = pipe_with(PipeFlags::CLOEXEC)
        .map_err(|error| no_address(host, &format!("no pipe for the look-up: {}", words(error))))?;
    let (sender, answer) = channel();
    let owned = host.to_owned();
    let run = move || {
        // Nobody may be waiting for it any more.
        let _ = sender.send(look_up(&owned, port));
        drop(signal);
    };
    thread::Builder::new().name("sac-resolve".into()).spawn(run).map_err(|error| {
        no_address(host, &format!("no thread for the look-up: {}", reason(&error)))
    })?;
    Ok((done, answer))
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

    /// A look-up that lasts until the returned sender is dropped.
    fn endless() -> (std::sync::mpsc::Sender<()>, impl FnOnce(&str, u16) -> Answer + Send) {
        let (hold, held) = channel::<()>();
        let look_up = move |_: &str, _: u16| {
            let _ = held.recv();
            Ok(Vec::new())
        };
        (hold, look_up)
    }

    #[test]
    fn an_ip_address_is_not_looked_up() {
        for host in ["127.0.0.1", "::1", "[::1]", "[2001:db8::7]"] {
            let mut call = call(Deadline::NEVER, None);
            let never = move |_: &str, _: u16| -> Answer { panic!("{host} was looked up") };
            let addresses = resolve_by(never, &mut call, host, 80).unwrap();
            assert_eq!(addresses.len(), 1);
            assert_eq!(call.record.resolve, None, "{host} was looked up");
        }
    }

    #[test]
    fn a_zone_becomes_the_number_of_its_interface() {
        let mut call = call(Deadline::NEVER, None);
        let number = std::fs::read_to_string("/sys/class/net/lo/ifindex").unwrap();
        let lo: u32 = number.trim().parse().unwrap();
        for host in ["fe80::1%lo".to_owned(), format!("[fe80::1%{lo}]")] {
            let found = resolve(&mut call, &host, 80).unwrap();
            let scoped = std::net::SocketAddrV6::new("fe80::1".parse().unwrap(), 80, 0, lo);
            assert_eq!(found, [SocketAddr::V6(scoped)], "{host}");
        }
        let failure = resolve(&mut call, "fe80::1%no-such-one", 80).unwrap_err();
        assert_eq!(failure.kind, FaultKind::Resolve);
    }

    #[test]
    fn a_deadline_leaves_a_look_up_that_does_not_end() {
        let (hold, look_up) = endless();
        let deadline = Deadline::after(Instant::now(), Some(Duration::from_millis(20)));
        let failure = resolve_by(look_up, &mut call(deadline, None), "slow.test", 80).unwrap_err();
        assert_eq!(failure.kind, FaultKind::Timeout);
        assert!(failure.detail.ends_with("looking up slow.test"), "{}", failure.detail);
        drop(hold);
    }

    #[test]
    fn a_cancel_leaves_a_look_up_that_does_not_end() {
        let (hold, held) = channel::<()>();
        let cancel = Cancel::new().unwrap();
        let trigger = cancel.clone();
        let look_up = move |_: &str, _: u16| {
            trigger.trigger();
            let _ = held.recv();
            Ok(Vec::new())
        };
        let mut call = call(Deadline::NEVER, Some(&cancel));
        let failure = resolve_by(look_up, &mut call, "slow.test", 80).unwrap_err();
        assert_eq!(failure.kind, FaultKind::Cancelled);
        drop(hold);
    }

    /// A look-up that must not be made.
    fn never(name: &str, _: u16) -> Answer {
        panic!("{name} was looked up again");
    }

    #[test]
    fn localhost_is_looked_up_once() {
        let mut call = call(Deadline::NEVER, None);
        let first = resolve(&mut call, "localhost", 80).unwrap();
        let again = resolve_by(never, &mut call, "LOCALHOST", 8080).unwrap();
        let expected: Vec<_> =
            first.iter().map(|address| SocketAddr::new(address.ip(), 8080)).collect();
        assert_eq!(again, expected);
        // An answer that is not the machine itself is good for one connection.
        keep("localhost", &[SocketAddr::from(([192, 0, 2, 1], 80))]);
        assert_eq!(resolve_by(never, &mut call, "localhost", 8080).unwrap(), expected);
    }

    #[test]
    fn any_other_name_is_looked_up_for_each_connection() {
        for last in [1, 2] {
            let address = SocketAddr::from(([127, 0, 0, last], 80));
            let here = move |_: &str, _: u16| Ok(vec![address]);
            let found = resolve_by(here, &mut call(Deadline::NEVER, None), "here.test", 80);
            assert_eq!(found.unwrap(), [address]);
        }
    }

    #[test]
    fn a_name_without_an_address_is_named() {
        let none = |_: &str, _: u16| Ok(Vec::new());
        let mut call = call(Deadline::NEVER, None);
        let failure = resolve_by(none, &mut call, "nowhere.test", 80).unwrap_err();
        assert_eq!(failure.kind, FaultKind::Resolve);
        assert_eq!(failure.detail, "no address for the name nowhere.test: it has none");
    }
}
