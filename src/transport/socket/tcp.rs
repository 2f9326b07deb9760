//! A connected socket: reading, writing and probing with as few system calls as there can be.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{RecvFlags, SendFlags, recv, send};

use crate::transport::context::{ExchangeContext, WaitLimit};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult, errno_text};
use crate::wait::Deadline;

use super::readiness;

/// What a look at an idle socket shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport) enum Probe {
    /// Nothing has arrived, and the peer has not closed.
    Quiet,
    /// Something has arrived.
    Data,
    /// The peer has closed, or the connection is broken.
    Gone,
}

/// A connected stream socket in blocking mode.
#[derive(Debug)]
pub(in crate::transport) struct Tcp {
    socket: OwnedFd,
    /// `SO_RCVTIMEO` as it stands now.
    receive_timeout: Option<Duration>,
    /// The peer takes no more, but has answered: what is still to be sent is dropped.
    deaf: bool,
    /// Something was sent since the last reading, so that there is hardly anything to read yet.
    awaiting_response: bool,
}

impl Tcp {
    /// A socket that has just been connected.
    pub(in crate::transport) fn new(socket: OwnedFd) -> Self {
        Self { socket, receive_timeout: None, deaf: false, awaiting_response: false }
    }

    /// Whether it may carry another request.
    pub(in crate::transport) fn reusable(&self) -> bool {
        !self.deaf
    }

    /// Reads what there is, waiting for at least one byte; 0 is the end of the stream.
    pub(in crate::transport) fn read(
        &mut self,
        context: &ExchangeContext,
        buffer: &mut [u8],
    ) -> TransportResult<usize> {
        self.read_by(context, |socket, flags| recv(socket, &mut *buffer, flags).map(|(got, _)| got))
    }

    /// The same behind what `bytes` holds, as far as its capacity goes: no byte of it has to be
    /// there before.
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

    /// Reads within the socket's own receive timeout.
    ///
    /// The time left is rounded down, so that it is the same from one request to the next and no
    /// system call is needed to set it; whoever then wakes too early sleeps the exact remainder.
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
                Err(Errno::AGAIN | Errno::INTR) => round = at_least_a_tick,
                Err(error) => return Err(TransportError::connection_lost(error)),
            }
            now = Instant::now();
        }
    }

    /// Reads with the cancel polled beside the socket.
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

    /// Writes what goes without waiting, and counts it in `written`; returns how much that is. `None`:
    /// the peer takes no more, but has answered.
    pub(in crate::transport) fn write_some(
        &mut self,
        bytes: &[u8],
        written: &mut u64,
    ) -> TransportResult<Option<usize>> {
        const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);
        while !self.deaf {
            match send(&self.socket, bytes, FLAGS) {
                Ok(sent) => {
                    *written = written.saturating_add(sent as u64);
                    self.awaiting_response = true;
                    return Ok(Some(sent));
                }
                Err(Errno::AGAIN) => return Ok(Some(0)),
                Err(Errno::INTR) => {}
                // A server may answer and close before it has read a body that it does not
                // want (RFC 9112 section 9.6). The answer says more than the broken pipe.
                Err(Errno::PIPE | Errno::CONNRESET) if self.probe() == Probe::Data => {
                    self.deaf = true;
                }
                Err(error) => return Err(TransportError::connection_lost(error)),
            }
        }
        Ok(None)
    }

    /// Writes all of it, and waits where it must.
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

    /// Waits until the peer takes more. One that has ended its own side of the connection, and
    /// takes nothing, has given up: it can say no more than it has said.
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
            self.deaf = true;
        }
        Ok(())
    }

    /// Waits for one of these events; returns what has come, nothing where the time has.
    pub(in crate::transport) fn wait(
        &self,
        context: &ExchangeContext,
        events: PollFlags,
        until: Deadline,
    ) -> TransportResult<PollFlags> {
        readiness::wait_ready_one(context, PollFd::new(&self.socket, events), until)
    }

    /// Looks whether something has arrived, without waiting and without taking it.
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

    /// Reads what has arrived, without waiting: `None` where that is nothing, 0 at the end of the
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

    /// Sends what goes without waiting, for a last word that nobody depends on.
    pub(in crate::transport) fn try_send(&self, bytes: &[u8]) {
        let _ = send(self.socket.as_fd(), bytes, SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL));
    }

    fn set_receive_timeout(&mut self, span: Option<Duration>) -> TransportResult<()> {
        if self.receive_timeout == span {
            return Ok(());
        }
        set_socket_timeout(&self.socket, Timeout::Recv, span).map_err(|error| {
            let detail = format!("no receive timeout can be set: {}", errno_text(error));
            TransportError::new(TransportErrorKind::Internal, detail)
        })?;
        self.receive_timeout = span;
        Ok(())
    }
}

/// Three significant bits of it, in microseconds: at most a quarter less.
fn rounded_down(span: Duration) -> Duration {
    let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    let excess = (u64::BITS.saturating_sub(micros.leading_zeros())).saturating_sub(3);
    let kept = micros.checked_shr(excess).unwrap_or(0).checked_shl(excess).unwrap_or(0);
    at_least_a_tick(Duration::from_micros(kept))
}

/// A receive timeout of zero would mean none at all.
fn at_least_a_tick(span: Duration) -> Duration {
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
    fn rounding_never_lengthens_and_takes_at_most_a_quarter() {
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
