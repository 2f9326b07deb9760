//! A connected socket: reads, writes and probes with as few system calls as possible.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{RecvFlags, SendFlags, getpeername, getsockname, recv, send};

use crate::transport::context::{ExchangeContext, WaitLimit};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult, errno_text};
use crate::wait::Deadline;

use super::readiness;

/// The state of an idle socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport) enum Probe {
    /// Nothing has arrived, and the peer has not closed.
    Quiet,
    /// Bytes have arrived.
    Data,
    /// The peer has closed, or the connection is broken.
    Gone,
}

/// A connected stream socket in blocking mode.
#[derive(Debug)]
pub(in crate::transport) struct Tcp {
    socket: OwnedFd,
    /// The current value of `SO_RCVTIMEO`.
    receive_timeout: Option<Duration>,
    /// The peer accepts no more, but has responded: the rest of the output is dropped.
    write_closed: bool,
    /// Bytes were sent since the last read, so there is hardly anything to read yet.
    awaiting_response: bool,
}

impl Tcp {
    /// Wraps a socket that has just been connected.
    pub(in crate::transport) fn new(socket: OwnedFd) -> Self {
        Self { socket, receive_timeout: None, write_closed: false, awaiting_response: false }
    }

    /// The address of this side; `None` for a Unix domain socket.
    pub(in crate::transport) fn local_address(&self) -> Option<SocketAddr> {
        SocketAddr::try_from(getsockname(&self.socket).ok()?).ok()
    }

    /// The address of the peer; `None` for a Unix domain socket.
    pub(in crate::transport) fn remote_address(&self) -> Option<SocketAddr> {
        SocketAddr::try_from(getpeername(&self.socket).ok()??).ok()
    }

    /// Whether another request may use it.
    pub(in crate::transport) fn is_reusable(&self) -> bool {
        !self.write_closed
    }

    /// Reads what is there, or waits for at least one byte; 0 is the end of the stream.
    pub(in crate::transport) fn read(
        &mut self,
        context: &ExchangeContext,
        buffer: &mut [u8],
    ) -> TransportResult<usize> {
        self.read_by(context, |socket, flags| recv(socket, &mut *buffer, flags).map(|(got, _)| got))
    }

    /// Like [`read`](Self::read), into the spare capacity of `bytes`.
    pub(in crate::transport) fn read_into(
        &mut self,
        context: &ExchangeContext,
        bytes: &mut Vec<u8>,
    ) -> TransportResult<usize> {
        self.read_by(context, |socket, flags| {
            recv(socket, spare_capacity(bytes), flags).map(|(got, _)| got)
        })
    }

    fn read_by(
        &mut self,
        context: &ExchangeContext,
        take: impl FnMut(&OwnedFd, RecvFlags) -> Result<usize, Errno>,
    ) -> TransportResult<usize> {
        if context.cancel().is_some() {
            self.read_polling(context, take)
        } else {
            self.read_blocking(context, take)
        }
    }

    /// Reads with the socket's receive timeout.
    ///
    /// The remaining time is rounded down, so that it is the same for most requests and no system
    /// call is needed to set it. If the read returns too early, it continues with the exact
    /// remainder.
    fn read_blocking(
        &mut self,
        context: &ExchangeContext,
        mut take: impl FnMut(&OwnedFd, RecvFlags) -> Result<usize, Errno>,
    ) -> TransportResult<usize> {
        let mut now = Instant::now();
        let limit = context.limit(now);
        let mut round: fn(Duration) -> Duration = rounded_down;
        loop {
            context.check_within(limit, now)?;
            self.set_receive_timeout(limit.until.remaining(now).map(round))?;
            match take(&self.socket, RecvFlags::empty()) {
                Ok(received) => return Ok(received),
                Err(Errno::AGAIN | Errno::INTR) => round = at_least_one_microsecond,
                Err(error) => return Err(TransportError::connection_lost(error)),
            }
            now = Instant::now();
        }
    }

    /// Reads with a poll on the socket and the cancel.
    fn read_polling(
        &mut self,
        context: &ExchangeContext,
        mut take: impl FnMut(&OwnedFd, RecvFlags) -> Result<usize, Errno>,
    ) -> TransportResult<usize> {
        let limit = context.limit(Instant::now());
        loop {
            context.check_within(limit, Instant::now())?;
            if std::mem::take(&mut self.awaiting_response) {
                self.wait(context, PollFlags::IN, limit.until)?;
                context.check_within(limit, Instant::now())?;
            }
            match take(&self.socket, RecvFlags::DONTWAIT) {
                Ok(received) => return Ok(received),
                Err(Errno::AGAIN) => drop(self.wait(context, PollFlags::IN, limit.until)?),
                Err(Errno::INTR) => {}
                Err(error) => return Err(TransportError::connection_lost(error)),
            }
        }
    }

    /// Writes what the socket accepts without waiting, adds it to `written`, and returns it.
    /// `None`: the peer accepts no more, but has responded.
    pub(in crate::transport) fn write_some(
        &mut self,
        bytes: &[u8],
        written: &mut u64,
    ) -> TransportResult<Option<usize>> {
        const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);
        while !self.write_closed {
            match send(&self.socket, bytes, FLAGS) {
                Ok(sent) => {
                    *written = written.saturating_add(sent as u64);
                    self.awaiting_response = true;
                    return Ok(Some(sent));
                }
                Err(Errno::AGAIN) => return Ok(Some(0)),
                Err(Errno::INTR) => {}
                // A server may respond and close before it has read a body that it does not want
                // (RFC 9112 section 9.6). The response says more than the broken pipe.
                Err(Errno::PIPE | Errno::CONNRESET) if self.probe() == Probe::Data => {
                    self.write_closed = true;
                }
                Err(error) => return Err(TransportError::connection_lost(error)),
            }
        }
        Ok(None)
    }

    /// Writes all bytes, and waits if it must.
    pub(in crate::transport) fn write_all(
        &mut self,
        context: &ExchangeContext,
        mut bytes: &[u8],
    ) -> TransportResult<()> {
        while !bytes.is_empty() {
            let now = Instant::now();
            context.check_current(now)?;
            match self.write_some(bytes, &mut 0)? {
                None => break,
                Some(0) => self.wait_to_write(context, context.limit(now))?,
                Some(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
            }
        }
        Ok(())
    }

    /// Waits until the peer accepts more. A peer that has closed its side and accepts nothing has
    /// given up, and will send nothing more.
    fn wait_to_write(
        &mut self,
        context: &ExchangeContext,
        limit: WaitLimit,
    ) -> TransportResult<()> {
        let events = self.wait(context, PollFlags::OUT.union(PollFlags::RDHUP), limit.until)?;
        context.check_within(limit, Instant::now())?;
        if events.contains(PollFlags::RDHUP) && !events.contains(PollFlags::OUT) {
            if self.probe() != Probe::Data {
                return Err(TransportError::connection_lost(Errno::PIPE));
            }
            self.write_closed = true;
        }
        Ok(())
    }

    /// Waits for one of these events; returns those that occurred, none if the time is up.
    pub(in crate::transport) fn wait(
        &self,
        context: &ExchangeContext,
        events: PollFlags,
        until: Deadline,
    ) -> TransportResult<PollFlags> {
        readiness::wait_ready_one(context, PollFd::new(&self.socket, events), until)
    }

    /// Checks whether bytes have arrived, without waiting and without reading them.
    pub(in crate::transport) fn probe(&self) -> Probe {
        let mut byte = [0];
        loop {
            match recv(&self.socket, &mut byte, RecvFlags::PEEK.union(RecvFlags::DONTWAIT)) {
                Ok((0, _)) => return Probe::Gone,
                Ok(_) => return Probe::Data,
                Err(Errno::AGAIN) => return Probe::Quiet,
                Err(Errno::INTR) => {}
                Err(_) => return Probe::Gone,
            }
        }
    }

    /// Reads what has arrived, without waiting: `None` if that is nothing, 0 at the end of the
    /// stream.
    pub(in crate::transport) fn try_read(
        &self,
        buffer: &mut [u8],
    ) -> TransportResult<Option<usize>> {
        loop {
            match recv(&self.socket, &mut *buffer, RecvFlags::DONTWAIT) {
                Ok((read, _)) => return Ok(Some(read)),
                Err(Errno::AGAIN) => return Ok(None),
                Err(Errno::INTR) => {}
                Err(error) => return Err(TransportError::connection_lost(error)),
            }
        }
    }

    /// Sends what the socket accepts without waiting, for a last message that may get lost.
    pub(in crate::transport) fn try_send(&self, bytes: &[u8]) {
        let _ = send(self.socket.as_fd(), bytes, SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL));
    }

    fn set_receive_timeout(&mut self, span: Option<Duration>) -> TransportResult<()> {
        if self.receive_timeout == span {
            return Ok(());
        }
        set_socket_timeout(&self.socket, Timeout::Recv, span).map_err(|error| {
            let detail = format!("the receive timeout cannot be set: {}", errno_text(error));
            TransportError::new(TransportErrorKind::Internal, detail)
        })?;
        self.receive_timeout = span;
        Ok(())
    }
}

/// Keeps three significant bits of the microseconds: at most a quarter less.
fn rounded_down(span: Duration) -> Duration {
    let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    let excess = (u64::BITS.saturating_sub(micros.leading_zeros())).saturating_sub(3);
    let rounded = micros.checked_shr(excess).unwrap_or(0).checked_shl(excess).unwrap_or(0);
    at_least_one_microsecond(Duration::from_micros(rounded))
}

/// A receive timeout of zero would mean no timeout.
fn at_least_one_microsecond(span: Duration) -> Duration {
    span.max(Duration::from_micros(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_timeout_rounds_to_the_same_value_from_one_request_to_the_next() {
        let full = Duration::from_secs(30);
        let soon_after = full - Duration::from_micros(800);
        assert_eq!(rounded_down(soon_after), rounded_down(full - Duration::from_millis(90)));
    }

    #[test]
    fn rounding_never_lengthens_a_timeout_and_removes_at_most_a_quarter() {
        for micros in (1..5_000_u64).chain([999_999, 30_000_000, 86_400_000_000]) {
            let span = Duration::from_micros(micros);
            let rounded = rounded_down(span);
            assert!(rounded <= span, "{span:?} became {rounded:?}");
            assert!(rounded >= span.mul_f64(0.75), "{span:?} became {rounded:?}");
        }
    }

    #[test]
    fn a_timeout_is_never_rounded_to_none() {
        assert!(rounded_down(Duration::ZERO) > Duration::ZERO);
        assert!(rounded_down(Duration::from_nanos(3)) > Duration::ZERO);
    }
}
