//! Looking up host names, so that a deadline or a cancel can leave the look-up.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;
use std::{io, thread};

use rustix::event::{PollFd, PollFlags};
use rustix::pipe::{PipeFlags, pipe_with};

use super::call::{Call, Phase};
use super::fault::{Failure, FaultKind, Outcome, words};
use super::wait;

/// The addresses of a host, at least one, in the order in which the system's resolver prefers
/// them (RFC 6724).
///
/// An IP address, with or without brackets, is no look-up at all. A name is looked up by
/// `getaddrinfo(3)` in a thread of its own, because that cannot be interrupted; a call that ends
/// before it leaves the thread to end by itself.
pub(super) fn resolve(call: &mut Call, host: &str, port: u16) -> Outcome<Vec<SocketAddr>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    call.phase = Phase::Resolving;
    let begun = Instant::now();
    call.check(begun)?;
    let addresses = look_up(call, bare, port)?;
    call.record.resolve = Some(begun.elapsed());
    Ok(addresses)
}

type Answer = io::Result<Vec<SocketAddr>>;

fn look_up(call: &Call, host: &str, port: u16) -> Outcome<Vec<SocketAddr>> {
    let (done, answer) = start(host, port)?;
    let limit = call.limit_of_work();
    if !wait::ready_one(call, PollFd::new(&done, PollFlags::IN), limit)? {
        let doing = format!("looking up {host}");
        return Err(call.timed_out(Instant::now(), &doing));
    }
    match answer.recv() {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Ok(_)) => Err(no_address(host, "it has none")),
        Ok(Err(error)) => Err(no_address(host, &reason(&error))),
        Err(_) => Err(no_address(host, "the look-up failed")),
    }
}

/// Starts the look-up. The pipe hangs up once the answer lies in the channel.
fn start(host: &str, port: u16) -> Outcome<(OwnedFd, Receiver<Answer>)> {
    let (done, signal) = pipe_with(PipeFlags::CLOEXEC)
        .map_err(|error| Failure::new(FaultKind::Internal, words(error)))?;
    let (sender, answer) = channel();
    let host = host.to_owned();
    thread::Builder::new()
        .name("sac-resolve".into())
        .spawn(move || run(&host, port, &sender, signal))
        .map_err(|error| {
            let detail = format!("no thread for looking up a name: {}", reason(&error));
            Failure::new(FaultKind::Internal, detail)
        })?;
    Ok((done, answer))
}

fn run(host: &str, port: u16, sender: &Sender<Answer>, signal: OwnedFd) {
    // Nobody may be waiting for it any more.
    let _ = sender.send((host, port).to_socket_addrs().map(Iterator::collect));
    drop(signal);
}

fn no_address(host: &str, why: &str) -> Failure {
    Failure::new(FaultKind::Resolve, format!("no address for the name {host}: {why}"))
}

/// The part of an error's text that says something to people.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    text.split(" (os error").next().unwrap_or(text).to_owned()
}
