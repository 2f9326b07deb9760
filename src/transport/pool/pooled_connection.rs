//! A connection in use by one request. Implements ureq's transport trait.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use crate::trace::{Event, TlsSession};
use crate::transport::context::{self, ExchangeContext, Phase};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};
use crate::transport::tls::Stream;
use crate::wait::Deadline;

use super::Pool;
use super::connection::{Connection, MAX_IDLE_TIME};
use super::forwarding::Forwarding;

/// The peer accepts more, has sent something, or has closed its side.
const READABLE_OR_WRITABLE: PollFlags = PollFlags::OUT.union(PollFlags::IN).union(PollFlags::RDHUP);

/// A connection that one request uses. Dropping it closes the connection.
pub(in crate::transport) struct PooledConnection {
    connection: Box<Connection>,
    pool: Arc<Pool>,
    /// No request may follow: this one said so, the server sent more than was asked for, or the
    /// request was not sent completely.
    not_reusable: bool,
    /// The peer accepts no more.
    write_closed: bool,
}

impl PooledConnection {
    pub(in crate::transport) fn new(
        connection: Box<Connection>,
        pool: Arc<Pool>,
        context: &ExchangeContext,
    ) -> Self {
        Self { connection, pool, not_reusable: !context.keep_alive, write_closed: false }
    }

    /// The parts of the head that a forwarding proxy needs.
    pub(in crate::transport) fn forwarding(&self) -> Option<Forwarding> {
        Forwarding::of(&self.connection.key)
    }

    /// The TLS session with the server; `None` if there is none, or only one with a proxy.
    pub(in crate::transport) fn tls_session(&self) -> Option<Arc<TlsSession>> {
        self.connection.tls_session().cloned()
    }

    /// Makes room for a request of this length, as far as it is sent in one piece.
    pub(in crate::transport) fn make_room(&mut self, wanted: usize) {
        self.connection.buffers.make_room(wanted);
    }

    /// Records the length of the head at the start of the output.
    pub(in crate::transport) fn head_written(&mut self, length: usize) {
        self.connection.buffers.head_written(length);
    }

    /// Takes input that is already here, at most `max` bytes.
    pub(in crate::transport) fn take_input(&mut self, max: usize) -> &[u8] {
        self.connection.buffers.take(max)
    }

    /// Sets how long the server allows the connection to be idle. `None`: this response did not
    /// say, so the earlier value stays.
    pub(in crate::transport) fn set_idle_timeout(&mut self, idle: Option<Duration>) {
        if let Some(idle) = idle {
            self.connection.idle = idle.min(MAX_IDLE_TIME);
        }
    }

    /// No other request may use the connection.
    pub(in crate::transport) fn forbid_reuse(&mut self) {
        self.not_reusable = true;
    }

    /// Reads what is there, or waits for it; 0 is the end of the stream.
    pub(in crate::transport) fn read(
        &mut self,
        context: &mut ExchangeContext,
        buffer: &mut [u8],
    ) -> TransportResult<usize> {
        self.check()?;
        let read = if context.never_waits {
            self.connection.stream.try_read(buffer)?.ok_or_else(|| context.must_not_wait())?
        } else {
            self.connection.stream.read(context, buffer)?
        };
        count(context, read);
        Ok(read)
    }

    /// Like [`read`](Self::read), to the end of `bytes`, within its capacity, at most `max` bytes.
    pub(in crate::transport) fn read_into(
        &mut self,
        context: &mut ExchangeContext,
        bytes: &mut Vec<u8>,
        max: usize,
    ) -> TransportResult<usize> {
        self.check()?;
        let length = bytes.len();
        let read = self.connection.stream.read_into(context, bytes, max)?;
        count(context, read);
        if read > max {
            self.forbid_reuse();
            bytes.truncate(length.saturating_add(max));
        }
        Ok(read.min(max))
    }

    /// Returns the connection to the pool if another request may use it; otherwise closes it.
    pub(in crate::transport) fn return_to_pool(self) {
        let Self { mut connection, pool, not_reusable, .. } = self;
        let reusable = !not_reusable
            && !connection.idle.is_zero()
            && connection.belongs_to_process()
            && connection.stream.is_reusable()
            && !connection.buffers.has_unread();
        if reusable {
            connection.stream.shrink();
            connection.buffers.shrink();
            let now = Instant::now();
            connection.idle_until = now.checked_add(connection.idle).unwrap_or(now);
            pool.put(connection);
        }
    }

    fn check(&self) -> TransportResult<()> {
        if self.connection.belongs_to_process() {
            return Ok(());
        }
        Err(TransportError::new(
            TransportErrorKind::Closed,
            "the connection belongs to another process",
        ))
    }

    /// Whether the first `length` bytes of the output have been sent.
    pub(in crate::transport) fn has_sent(&self, length: usize) -> bool {
        self.connection.buffers.has_sent(length)
    }

    /// Whether the output has been sent.
    pub(in crate::transport) fn all_sent(&self) -> bool {
        self.connection.buffers.unsent().is_empty()
    }

    /// Whether the peer accepts no more of a request.
    pub(in crate::transport) fn is_write_closed(&self) -> bool {
        self.write_closed
    }

    /// Whether there is unread input.
    pub(in crate::transport) fn has_unread(&self) -> bool {
        self.connection.buffers.has_unread()
    }

    /// Sends the output, and waits if it must: until everything is sent, there is something to
    /// read, or the peer accepts no more.
    pub(in crate::transport) fn send(
        &mut self,
        context: &mut ExchangeContext,
    ) -> TransportResult<()> {
        self.check()?;
        context.phase = context.phase.max(Phase::Sending);
        let mut now = Instant::now();
        let mut limit = context.limit(now);
        context.check_current(now)?;
        loop {
            let written = self.write(context)?;
            if self.all_sent() || self.write_closed {
                break;
            }
            // The time is checked after a write, because a socket accepts some bytes before a poll
            // reports it.
            if written {
                limit = context.limit(now);
            }
            context.check_within(limit, now)?;
            let events = self.connection.stream.wait(context, READABLE_OR_WRITABLE, limit.until)?;
            now = Instant::now();
            if !events.difference(PollFlags::OUT).is_empty() && self.try_receive(context)? {
                break;
            }
        }
        Ok(())
    }

    /// Writes what the socket accepts without waiting; returns whether that is something.
    fn write(&mut self, context: &mut ExchangeContext) -> TransportResult<bool> {
        let Connection { stream, buffers, .. } = &mut *self.connection;
        let mut written = 0;
        let outcome = stream.write_some(buffers.unsent(), &mut written);
        context.count_sent(written);
        match outcome {
            Ok(Some(length)) => buffers.sent(length),
            Ok(None) => self.write_closed = true,
            // The part of the response that has arrived says more than this error.
            Err(failure)
                if failure.kind == TransportErrorKind::Closed && context.response_started() =>
            {
                self.write_closed = true;
            }
            Err(failure) => return Err(failure),
        }
        self.not_reusable |= self.write_closed;
        Ok(written > 0)
    }

    /// Reads what has arrived, without waiting; returns whether that is something. At the end of
    /// the stream, the peer accepts no more either.
    pub(in crate::transport) fn try_receive(
        &mut self,
        context: &mut ExchangeContext,
    ) -> TransportResult<bool> {
        self.check()?;
        let Connection { stream, buffers, .. } = &mut *self.connection;
        let received = stream.try_read(buffers.input_append_buf())?;
        if received == Some(0) {
            (self.write_closed, self.not_reusable) = (true, true);
        }
        let received = received.unwrap_or(0);
        self.count_input(context, received);
        Ok(received > 0)
    }

    /// Waits until bytes arrive, at most until `until`; returns whether some have.
    pub(in crate::transport) fn wait_for_input(
        &mut self,
        context: &mut ExchangeContext,
        until: Deadline,
    ) -> TransportResult<bool> {
        let limit = context.limit(Instant::now());
        loop {
            self.connection.stream.wait(context, PollFlags::IN, limit.until.earlier(until))?;
            if self.try_receive(context)? || self.write_closed {
                return Ok(true);
            }
            let now = Instant::now();
            context.check_within(limit, now)?;
            if until.has_passed(now) {
                return Ok(false);
            }
        }
    }

    fn receive(&mut self, context: &mut ExchangeContext) -> TransportResult<usize> {
        self.check()?;
        context.phase = context.phase.max(Phase::Waiting);
        let Connection { stream, buffers, .. } = &mut *self.connection;
        let received = stream.read(context, buffers.input_append_buf())?;
        self.count_input(context, received);
        Ok(received)
    }

    /// Counts received bytes in the input.
    fn count_input(&mut self, context: &mut ExchangeContext, received: usize) {
        self.connection.buffers.input_appended(received);
        count(context, received);
        if received > 0 && context.record.first_byte.is_none() {
            context.record.first_byte = Some(context.elapsed());
            context.trace(|| Event::FirstByte);
        }
    }
}

fn count(context: &mut ExchangeContext, received: usize) {
    let record = &mut context.record;
    record.response_bytes = record.response_bytes.saturating_add(received as u64);
}

impl fmt::Debug for PooledConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PooledConnection")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}

/// The timeouts of the context apply, not ureq's.
impl Transport for PooledConnection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.connection.buffers
    }

    /// Returns early if there is something to read before the rest is sent.
    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        self.connection.buffers.fill(amount);
        Ok(context::with_current(|context| self.send(context))?)
    }

    /// `false` at the end of the stream.
    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        Ok(context::with_current(|context| self.receive(context))? > 0)
    }

    fn is_open(&mut self) -> bool {
        self.connection.stream.is_alive()
    }

    fn is_tls(&self) -> bool {
        matches!(self.connection.stream, Stream::Tls(_))
    }
}
