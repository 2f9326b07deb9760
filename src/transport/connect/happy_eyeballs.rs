//! Opens a TCP connection to the first of several addresses that accepts one.
//!
//! As RFC 8305 suggests, the address families alternate. The next address is tried after a quarter
//! of a second, while earlier attempts may still succeed. So a dead address costs that delay, not
//! the whole timeout, and an address that refuses costs nothing.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::sockopt::{set_tcp_nodelay, socket_error};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};

use crate::trace::Event;
use crate::transport::context::{ExchangeContext, Phase};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult, errno_text};
use crate::transport::socket::Tcp;
use crate::transport::socket::readiness;
use crate::wait::Deadline;

/// The delay between two attempts that RFC 8305 section 5 recommends.
const CONNECTION_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to the first of the addresses that accepts.
pub(super) fn connect(
    context: &mut ExchangeContext,
    addresses: &[SocketAddr],
) -> TransportResult<Tcp> {
    context.phase = Phase::Connecting;
    let start = Instant::now();
    let mut race = ConnectionRace { running: Vec::new(), first_failure: None, failed: 0 };
    let outcome = race.run(context, interleaved(addresses));
    for (_, peer) in &race.running {
        let address = || peer.to_string();
        context.trace(|| Event::ConnectDone { address: address(), error: Some("given up") });
    }
    let (socket, peer) = outcome?;
    let tcp = into_tcp(socket).map_err(|error| refused(error, peer, 0))?;
    context.record.connect = Some(start.elapsed());
    Ok(tcp)
}

/// The running attempts, and the failures of the others.
struct ConnectionRace {
    running: Vec<(OwnedFd, SocketAddr)>,
    first_failure: Option<(Errno, SocketAddr)>,
    failed: usize,
}

impl ConnectionRace {
    fn run(
        &mut self,
        context: &ExchangeContext,
        addresses: Vec<SocketAddr>,
    ) -> TransportResult<(OwnedFd, SocketAddr)> {
        let mut waiting = addresses.into_iter();
        let mut next_start = Instant::now();
        loop {
            let now = Instant::now();
            context.check_current(now)?;
            let failed = self.failed;
            if self.running.is_empty() || now >= next_start {
                if let Some(peer) = waiting.next() {
                    if let Some(socket) = self.start(context, peer) {
                        return Ok((socket, peer));
                    }
                    next_start = self.next_start(failed, now);
                    continue;
                }
                if self.running.is_empty() {
                    return Err(self.failure());
                }
            }
            let more = waiting.len() > 0;
            if let Some(winner) = self.wait(context, more.then_some(next_start))? {
                return Ok(winner);
            }
            if self.failed > failed {
                next_start = now;
            }
        }
    }

    /// After a failure, the next attempt starts at once.
    fn next_start(&self, failed_before: usize, now: Instant) -> Instant {
        if self.failed > failed_before {
            now
        } else {
            now.checked_add(CONNECTION_ATTEMPT_DELAY).unwrap_or(now)
        }
    }

    /// Starts an attempt; returns the socket if it connected at once.
    fn start(&mut self, context: &ExchangeContext, peer: SocketAddr) -> Option<OwnedFd> {
        context.trace(|| Event::ConnectStarted { address: peer.to_string() });
        match start_connecting(peer) {
            Ok((socket, true)) => {
                context.trace(|| Event::ConnectDone { address: peer.to_string(), error: None });
                return Some(socket);
            }
            Ok((socket, false)) => self.running.push((socket, peer)),
            Err(error) => self.record_failure(context, error, peer),
        }
        None
    }

    /// Waits for the running attempts, until the next one is due.
    fn wait(
        &mut self,
        context: &ExchangeContext,
        next_start: Option<Instant>,
    ) -> TransportResult<Option<(OwnedFd, SocketAddr)>> {
        let deadline = context.work_deadline();
        let due = next_start.map_or(Deadline::NEVER, deadline_at);
        let mut fds: Vec<PollFd<'_>> =
            self.running.iter().map(|(socket, _)| PollFd::new(socket, PollFlags::OUT)).collect();
        if let Some(cancel) = context.cancel() {
            fds.push(PollFd::from_borrowed_fd(cancel.readable_fd(), PollFlags::IN));
        }
        if !readiness::wait_ready(context, &mut fds, deadline.earlier(due))? {
            if deadline.has_passed(Instant::now()) {
                let doing = format!("connecting to {}", self.peers());
                return Err(context.timed_out(Instant::now(), &doing));
            }
            return Ok(None);
        }
        let ended: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        drop(fds);
        Ok(self.take_connected(context, &ended))
    }

    /// Removes the attempts that have finished. The first that is connected wins.
    fn take_connected(
        &mut self,
        context: &ExchangeContext,
        ended: &[bool],
    ) -> Option<(OwnedFd, SocketAddr)> {
        let mut winner = None;
        let attempts = std::mem::take(&mut self.running);
        for ((socket, peer), &ended) in attempts.into_iter().zip(ended) {
            if !ended || winner.is_some() {
                self.running.push((socket, peer));
                continue;
            }
            match socket_error(&socket).and_then(|pending| pending) {
                Ok(()) => {
                    context.trace(|| Event::ConnectDone { address: peer.to_string(), error: None });
                    winner = Some((socket, peer));
                }
                Err(error) => self.record_failure(context, error, peer),
            }
        }
        winner
    }

    fn record_failure(&mut self, context: &ExchangeContext, error: Errno, peer: SocketAddr) {
        if let Some(tracer) = &context.tracer {
            let (address, reason) = (peer.to_string(), errno_text(error));
            tracer.record(&Event::ConnectDone { address, error: Some(&reason) });
        }
        self.failed = self.failed.saturating_add(1);
        self.first_failure.get_or_insert((error, peer));
    }

    fn failure(&self) -> TransportError {
        match self.first_failure {
            Some((error, peer)) => refused(error, peer, self.failed.saturating_sub(1)),
            None => TransportError::new(
                TransportErrorKind::Connect,
                "there is no address to connect to",
            ),
        }
    }

    fn peers(&self) -> String {
        let peers: Vec<String> = self.running.iter().map(|(_, peer)| peer.to_string()).collect();
        peers.join(" and ")
    }
}

fn deadline_at(instant: Instant) -> Deadline {
    Deadline::after(instant, Some(Duration::ZERO))
}

fn refused(error: Errno, peer: SocketAddr, others: usize) -> TransportError {
    let kind = if error == Errno::TIMEDOUT {
        TransportErrorKind::Timeout
    } else {
        TransportErrorKind::Connect
    };
    let others = match others {
        0 => String::new(),
        1 => " and 1 more address".into(),
        more => format!(" and {more} more addresses"),
    };
    TransportError::new(kind, format!("{} ({peer}{others})", errno_text(error)))
}

/// Starts to connect, without waiting for the outcome; `true` if the socket is connected already.
fn start_connecting(peer: SocketAddr) -> Result<(OwnedFd, bool), Errno> {
    let family = if peer.is_ipv6() { AddressFamily::INET6 } else { AddressFamily::INET };
    let flags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    match rustix::net::connect(&socket, &peer) {
        Ok(()) => Ok((socket, true)),
        // An interrupted connect continues by itself, like one that is in progress.
        Err(Errno::INPROGRESS | Errno::INTR) => Ok((socket, false)),
        Err(error) => Err(error),
    }
}

/// Prepares a connected socket for use.
fn into_tcp(socket: OwnedFd) -> Result<Tcp, Errno> {
    set_tcp_nodelay(&socket, true)?;
    ioctl_fionbio(socket.as_fd(), false)?;
    Ok(Tcp::new(socket))
}

/// Alternates the address families, each in its own order, beginning with the family of the first
/// address (RFC 8305 section 4).
fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let mut preferred = addresses.iter().filter(|address| address.is_ipv6() == first_is_v6);
    let mut other = addresses.iter().filter(|address| address.is_ipv6() != first_is_v6);
    let mut order = Vec::with_capacity(addresses.len());
    loop {
        let pair = (preferred.next(), other.next());
        if let (None, None) = pair {
            return order;
        }
        order.extend([pair.0, pair.1].into_iter().flatten().copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::tests::server::{refusing_port, silent_port};

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn context() -> ExchangeContext {
        let limits = crate::transport::ExchangeLimits {
            deadline: Deadline::NEVER,
            connect_timeout: None,
            read_timeout: None,
            cancel: None,
            max_body_bytes: 0,
        };
        ExchangeContext::with_limits(Instant::now(), &limits)
    }

    #[test]
    fn after_an_address_that_refuses_or_is_silent_the_next_is_tried() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let good = listener.local_addr().unwrap();
        let (refusing, silent) = (refusing_port(), silent_port());
        let (refusing, silent) = (refusing.address, silent.address);
        for list in [vec![refusing, good], vec![silent, good], vec![silent, refusing, good]] {
            connect(&mut context(), &list).unwrap();
            let (_, peer) = listener.accept().unwrap();
            assert!(peer.ip().is_loopback());
        }
    }

    #[test]
    fn if_all_addresses_refuse_the_error_names_the_first() {
        let (one, other) = (refusing_port(), refusing_port());
        let (one, other) = (one.address, other.address);
        let failure = connect(&mut context(), &[one, other]).unwrap_err();
        assert_eq!(failure.kind, TransportErrorKind::Connect);
        assert_eq!(failure.detail, format!("connection refused ({one} and 1 more address)"));
    }

    #[test]
    fn the_address_families_alternate() {
        let given = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let expected = addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(interleaved(&given), expected);
    }
}
