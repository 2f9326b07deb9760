//! A connection in use: a transport of ureq's kind, lent to one request.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use crate::wait::Deadline;

use super::buffers::LinkBuffers;
use super::call::{self, Call, Phase};
use super::fault::{Failure, FaultKind, Outcome};
use super::fork;
use super::pool::{Key, LONGEST_IDLE, Pool};
use super::route::Forwarding;
use super::tcp::{Probe, Tcp};
use super::tls::Tls;

/// The peer takes more, or has sent something, or has ended its side.
const EITHER_WAY: PollFlags = PollFlags::OUT.union(PollFlags::IN).union(PollFlags::RDHUP);

/// What carries the bytes.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(Tcp),
    Tls(Box<Tls>),
}

impl Stream {
    fn read(&mut self, call: &Call, buffer: &mut [u8]) -> Outcome<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(call, buffer),
            Self::Tls(tls) => tls.read(call, buffer),
        }
    }

    /// The same behind what `bytes` holds, within its capacity, and at most so much.
    fn read_into(&mut self, call: &Call, bytes: &mut Vec<u8>, most: usize) -> Outcome<usize> {
        match self {
            Self::Plain(tcp) => tcp.read_into(call, bytes),
            Self::Tls(tls) => tls.read_into(call, bytes, most),
        }
    }

    /// As [`Tcp::write_some`], and [`Tls::write_some`].
    fn write_some(&mut self, bytes: &[u8], written: &mut u64) -> Outcome<Option<usize>> {
        match self {
            Self::Plain(tcp) => tcp.write_some(bytes, written),
            Self::Tls(tls) => tls.write_some(bytes, written),
        }
    }

    /// As [`Tcp::try_read`].
    fn try_read(&mut self, buffer: &mut [u8]) -> Outcome<Option<usize>> {
        match self {
            Self::Plain(tcp) => tcp.try_read(buffer),
            Self::Tls(tls) => tls.try_read(buffer),
        }
    }

    /// As [`Tcp::wait`].
    fn wait(&self, call: &Call, events: PollFlags, until: Deadline) -> Outcome<PollFlags> {
        match self {
            Self::Plain(tcp) => tcp.wait(call, events, until),
            Self::Tls(tls) => tls.wait(call, events, until),
        }
    }

    /// Whether it may carry another request, as far as memory tells.
    fn reusable(&self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.reusable(),
            Self::Tls(tls) => tls.reusable(),
        }
    }

    /// Whether an idle connection still lives, and nothing has arrived on it.
    pub(super) fn alive(&mut self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.probe() == Probe::Quiet,
            Self::Tls(tls) => tls.alive(),
        }
    }

    fn settle(&mut self) {
        if let Self::Tls(tls) = self {
            tls.settle();
        }
    }
}

/// A connection, with all that stays with it from one request to the next.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: Stream,
    pub(super) key: Key,
    buffers: LinkBuffers,
    /// The process that opened it.
    generation: u64,
    pub(super) age: Age,
    /// How long it may be idle.
    idle: Duration,
    /// When it has been idle for too long.
    pub(super) idle_until: Instant,
}

/// How old a connection may become. The end is worked out once, for each request asks for it.
#[derive(Debug)]
pub(super) struct Age {
    pub(super) opened: Instant,
    max: Option<Duration>,
    end: Option<Instant>,
}

impl Age {
    pub(super) fn since(opened: Instant) -> Self {
        Self { opened, max: None, end: None }
    }

    /// Whether it is too old to carry another request: a server whose name has moved to another
    /// address is only found by a new connection.
    ///
    /// It may become older than `max` by a part of a tenth that differs from connection to
    /// connection: the nanosecond at which it was opened decides.
    #[inline]
    pub(super) fn exceeds(&mut self, max: Option<Duration>, now: Instant) -> bool {
        if self.max != max {
            self.work_out(max);
        }
        self.end.is_some_and(|end| now > end)
    }

    #[cold]
    fn work_out(&mut self, max: Option<Duration>) {
        self.max = max;
        let longest = max.map(|max| max.saturating_add(self.spread(max)));
        self.end = longest.and_then(|longest| self.opened.checked_add(longest));
    }

    fn spread(&self, max: Duration) -> Duration {
        const PARTS: u32 = 1023;
        let mut hasher = DefaultHasher::new();
        self.opened.hash(&mut hasher);
        let part = u32::try_from(hasher.finish() & u64::from(PARTS)).unwrap_or_default();
        let tenth = max.checked_div(10).unwrap_or_default();
        tenth.saturating_mul(part).checked_div(PARTS).unwrap_or_default()
    }
}

impl Connection {
    pub(super) fn new(stream: Stream, key: Key) -> Self {
        let (generation, opened) = (fork::generation(), Instant::now());
        Self {
            stream,
            key,
            buffers: LinkBuffers::new(),
            generation,
            age: Age::since(opened),
            idle: LONGEST_IDLE,
            idle_until: opened,
        }
    }

    /// Whether another request is in time.
    pub(super) fn in_time(&mut self, max_age: Option<Duration>, now: Instant) -> bool {
        now <= self.idle_until && !self.age.exceeds(max_age, now)
    }

    /// One that this process has inherited is its parent's.
    fn is_ours(&self) -> bool {
        self.generation == fork::generation()
    }
}

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
        loop {
            call.check_within(limit, now)?;
            let written = self.write(call)?;
            if self.sent() || self.deaf {
                break;
            }
            if written {
                limit = call.limit(Instant::now());
            }
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
        call.record.request_bytes = call.record.request_bytes.saturating_add(written);
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
