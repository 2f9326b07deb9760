//! A connection in use: a transport of ureq's kind, lent to one request.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use crate::wait::Deadline;

use super::call::{self, Call, Phase};
use super::connection::{Connection, LONGEST_IDLE};
use super::fault::{Failure, FaultKind, Outcome};
use super::pool::Pool;
use super::route::Forwarding;
use super::tls::Stream;

/// The peer takes more, or has sent something, or has ended its side.
const EITHER_WAY: PollFlags = PollFlags::OUT.union(PollFlags::IN).union(PollFlags::RDHUP);

/// A connection lent to one request. Dropped, it is closed.
pub(super) struct Link {
    connection: Box<Connection>,
    pool: Arc<Pool>,
    /// No request may follow: this one said so, more has come than was asked for, or less was sent than
    /// announced.
    last: bool,
    /// The peer takes no more.
    deaf: bool,
}

impl Link {
    pub(super) fn new(connection: Box<Connection>, pool: Arc<Pool>, call: &Call) -> Self {
        Self { connection, pool, last: !call.keep_alive, deaf: false }
    }

    /// What a proxy needs in the head, where one passes it on.
    pub(super) fn forwarding(&self) -> Option<Forwarding> {
        Forwarding::of(&self.connection.key)
    }

    /// Makes room for a request of this length, as far as it goes out in one piece.
    pub(super) fn make_room(&mut self, wanted: usize) {
        self.connection.buffers.make_room(wanted);
    }

    /// So much of the request's head stands in the output.
    pub(super) fn head_written(&mut self, length: usize) {
        self.connection.buffers.head_written(length);
    }

    /// What has come and is nobody's yet, at most so much.
    pub(super) fn take(&mut self, most: usize) -> &[u8] {
        self.connection.buffers.take(most)
    }

    /// Takes note of how long the server lets the connection be idle; `None`: it did not say, and what
    /// it said before still holds.
    pub(super) fn stays_for(&mut self, idle: Option<Duration>) {
        if let Some(idle) = idle {
            self.connection.idle = idle.min(LONGEST_IDLE);
        }
    }

    /// No other request may use the connection.
    pub(super) fn make_unfit(&mut self) {
        self.last = true;
    }

    /// Reads what has come; 0 is the end of the stream.
    pub(super) fn read(&mut self, call: &mut Call, buffer: &mut [u8]) -> Outcome<usize> {
        self.check()?;
        let read = self.connection.stream.read(call, buffer)?;
        count(call, read);
        Ok(read)
    }

    /// The same behind what `bytes` holds, within its capacity, and at most so much.
    pub(super) fn read_into(
        &mut self,
        call: &mut Call,
        bytes: &mut Vec<u8>,
        most: usize,
    ) -> Outcome<usize> {
        self.check()?;
        let held = bytes.len();
        let read = self.connection.stream.read_into(call, bytes, most)?;
        count(call, read);
        if read > most {
            self.make_unfit();
            bytes.truncate(held.saturating_add(most));
        }
        Ok(read.min(most))
    }

    /// Puts the connection by for another request, if it is fit for one, or else closes it.
    pub(super) fn park(self) {
        let Self { mut connection, pool, last, .. } = self;
        let fit = !last
            && !connection.idle.is_zero()
            && connection.is_ours()
            && connection.stream.reusable()
            && !connection.buffers.unread();
        if fit {
            connection.stream.settle();
            connection.buffers.settle();
            let now = Instant::now();
            connection.idle_until = now.checked_add(connection.idle).unwrap_or(now);
            pool.put(connection);
        }
    }

    fn check(&self) -> Outcome<()> {
        if self.connection.is_ours() {
            return Ok(());
        }
        Err(Failure::new(FaultKind::Closed, "the connection belongs to another process"))
    }

    /// Whether all of the output has been sent that was to be.
    pub(super) fn sent(&self) -> bool {
        self.connection.buffers.unsent().is_empty()
    }

    /// Whether the peer takes no more of a request.
    pub(super) fn deaf(&self) -> bool {
        self.deaf
    }

    /// Whether something has come that nobody has consumed.
    pub(super) fn unread(&self) -> bool {
        self.connection.buffers.unread()
    }

    /// Sends what is to be sent of the output, and waits where it must: until all has been sent, or
    /// something has come that is to be read before, or the peer takes no more.
    pub(super) fn send(&mut self, call: &mut Call) -> Outcome<()> {
        self.check()?;
        call.phase = call.phase.max(Phase::Sending);
        let mut now = Instant::now();
        let mut limit = call.limit(now);
        call.check(now)?;
        loop {
            let written = self.write(call)?;
            if self.sent() || self.deaf {
                break;
            }
            // Time is checked after a write, for a socket takes a little before a poll reports it.
            if written {
                limit = call.limit(now);
            }
            call.check_within(limit, now)?;
            let come = self.connection.stream.wait(call, EITHER_WAY, limit.until)?;
            now = Instant::now();
            if !come.difference(PollFlags::OUT).is_empty() && self.look(call)? {
                break;
            }
        }
        Ok(())
    }

    /// Writes what goes without waiting; whether that is something.
    fn write(&mut self, call: &mut Call) -> Outcome<bool> {
        let Connection { stream, buffers, .. } = &mut *self.connection;
        let mut written = 0;
        let outcome = stream.write_some(buffers.unsent(), &mut written);
        call.taken(written);
        match outcome {
            Ok(Some(taken)) => buffers.sent(taken),
            Ok(None) => self.deaf = true,
            // What has come of an answer says more.
            Err(failure) if failure.kind == FaultKind::Closed && call.answered() => {
                self.deaf = true;
            }
            Err(failure) => return Err(failure),
        }
        self.last |= self.deaf;
        Ok(written > 0)
    }

    /// Takes what has come, without waiting; whether that is something. At the end of the stream, the
    /// peer takes no more either.
    pub(super) fn look(&mut self, call: &mut Call) -> Outcome<bool> {
        self.check()?;
        let Connection { stream, buffers, .. } = &mut *self.connection;
        let came = stream.try_read(buffers.input_append_buf())?;
        if came == Some(0) {
            (self.deaf, self.last) = (true, true);
        }
        let came = came.unwrap_or(0);
        self.arrived(call, came);
        Ok(came > 0)
    }

    /// Waits until something has come, at most until then; whether something has.
    pub(super) fn look_until(&mut self, call: &mut Call, until: Deadline) -> Outcome<bool> {
        let limit = call.limit(Instant::now());
        loop {
            self.connection.stream.wait(call, PollFlags::IN, limit.until.earlier(until))?;
            if self.look(call)? || self.deaf {
                return Ok(true);
            }
            let now = Instant::now();
            call.check_within(limit, now)?;
            if until.passed(now) {
                return Ok(false);
            }
        }
    }

    fn receive(&mut self, call: &mut Call) -> Outcome<usize> {
        self.check()?;
        call.phase = call.phase.max(Phase::Waiting);
        let Connection { stream, buffers, .. } = &mut *self.connection;
        let received = stream.read(call, buffers.input_append_buf())?;
        self.arrived(call, received);
        Ok(received)
    }

    /// So much has come into the input.
    fn arrived(&mut self, call: &mut Call, received: usize) {
        self.connection.buffers.input_appended(received);
        count(call, received);
        if received > 0 && call.record.first_byte.is_none() {
            call.record.first_byte = Some(call.elapsed());
        }
    }
}

fn count(call: &mut Call, received: usize) {
    let record = &mut call.record;
    record.response_bytes = record.response_bytes.saturating_add(received as u64);
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("connection", &self.connection).finish_non_exhaustive()
    }
}

/// The timeouts are the call's, which the stream knows.
impl Transport for Link {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.connection.buffers
    }

    /// Returns early where something has come that is to be read before the rest is sent.
    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        self.connection.buffers.fill(amount);
        Ok(call::with(|call| self.send(call))?)
    }

    /// `false` at the end of the stream.
    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        Ok(call::with(|call| self.receive(call))? > 0)
    }

    fn is_open(&mut self) -> bool {
        self.connection.stream.alive()
    }

    fn is_tls(&self) -> bool {
        matches!(self.connection.stream, Stream::Tls(_))
    }
}
