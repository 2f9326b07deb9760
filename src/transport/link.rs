//! A connection in use: a transport of ureq's kind, lent to one request.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::LinkBuffers;
use super::call::{self, Call, Phase};
use super::fault::{Failure, FaultKind, Outcome};
use super::fork;
use super::pool::{Key, LONGEST_IDLE, Pool};
use super::route::Forwarding;
use super::tcp::{Probe, Tcp};
use super::tls::Tls;

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

    fn write_all(&mut self, call: &Call, bytes: &[u8], written: &mut u64) -> Outcome<()> {
        match self {
            Self::Plain(tcp) => tcp.write_all(call, bytes, written),
            Self::Tls(tls) => tls.write_all(call, bytes, written),
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
    /// When it was opened.
    pub(super) opened: Instant,
    /// Since when it has been idle.
    pub(super) since: Instant,
    /// How long it may be idle.
    pub(super) idle: Duration,
}

impl Connection {
    pub(super) fn new(stream: Stream, key: Key) -> Self {
        let generation = fork::generation();
        let opened = Instant::now();
        let (buffers, idle) = (LinkBuffers::new(), LONGEST_IDLE);
        Self { stream, key, buffers, generation, opened, since: opened, idle }
    }

    /// Whether it has been idle for longer than the server waits.
    pub(super) fn overdue(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) > self.idle
    }

    /// Whether it is too old to carry another request: a server whose name has moved to another
    /// address is only found by a new connection.
    ///
    /// It may become older than `max_age` by a part of a tenth that differs from connection to
    /// connection: the nanosecond at which it was opened decides.
    pub(super) fn outlived(&self, max_age: Option<Duration>, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.opened);
        max_age.is_some_and(|max_age| {
            age > max_age && age > max_age.saturating_add(self.spread(max_age))
        })
    }

    fn spread(&self, max_age: Duration) -> Duration {
        const PARTS: u32 = 1023;
        let mut hasher = DefaultHasher::new();
        self.opened.hash(&mut hasher);
        let part = u32::try_from(hasher.finish() & u64::from(PARTS)).unwrap_or_default();
        let tenth = max_age.checked_div(10).unwrap_or_default();
        tenth.saturating_mul(part).checked_div(PARTS).unwrap_or_default()
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
    /// What a proxy needs in the head, until that is sent.
    forwarding: Option<Forwarding>,
    /// No request may follow: this one said so, or more has come than was asked for.
    last: bool,
    /// How old the connection may become.
    max_age: Option<Duration>,
}

impl Link {
    pub(super) fn new(connection: Box<Connection>, pool: Arc<Pool>, call: &Call) -> Self {
        let forwarding = Forwarding::of(&connection.key);
        Self { connection, pool, forwarding, last: !call.keep_alive, max_age: call.max_age }
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

    /// How long the server lets the connection be idle. It is asked each time, and what it has said
    /// once holds until it says something else.
    pub(super) fn stays_for(&mut self, idle: Option<Duration>) {
        if let Some(idle) = idle {
            self.connection.idle = idle.min(LONGEST_IDLE);
        }
    }

    /// The last reading brought more than belongs to this answer: no other is to begin with that.
    pub(super) fn has_surplus(&mut self) {
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
            self.has_surplus();
            bytes.truncate(held.saturating_add(most));
        }
        Ok(read.min(most))
    }

    /// Puts the connection by for another request, if it is fit for one, or else closes it.
    pub(super) fn park(self) {
        let Self { mut connection, pool, last, max_age, .. } = self;
        let now = Instant::now();
        let fit = !last
            && !connection.outlived(max_age, now)
            && !connection.idle.is_zero()
            && connection.is_ours()
            && connection.stream.reusable()
            && !connection.buffers.unread();
        if fit {
            connection.stream.settle();
            connection.buffers.settle();
            connection.since = now;
            pool.put(connection);
        }
    }

    fn check(&self) -> Outcome<()> {
        if self.connection.is_ours() {
            return Ok(());
        }
        Err(Failure::new(FaultKind::Closed, "the connection belongs to another process"))
    }

    fn send(&mut self, call: &mut Call, amount: usize) -> Outcome<()> {
        self.check()?;
        call.phase = Phase::Sending;
        let Connection { stream, buffers, .. } = &mut *self.connection;
        let outgoing = buffers.outgoing(amount);
        let forwarded = self.forwarding.take().map(|needs| needs.apply(outgoing));
        let outgoing = forwarded.as_ref().map_or(outgoing, |whole| whole.as_slice());
        let mut written = 0;
        let outcome = stream.write_all(call, outgoing, &mut written);
        call.record.request_bytes = call.record.request_bytes.saturating_add(written);
        buffers.wipe_head();
        outcome
    }

    fn receive(&mut self, call: &mut Call) -> Outcome<usize> {
        self.check()?;
        call.phase = call.phase.max(Phase::Waiting);
        let Connection { stream, buffers, .. } = &mut *self.connection;
        let received = stream.read(call, buffers.input_append_buf())?;
        buffers.input_appended(received);
        count(call, received);
        if received > 0 && call.record.first_byte.is_none() {
            call.record.first_byte = Some(call.elapsed());
        }
        Ok(received)
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

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        Ok(call::with(|call| self.send(call, amount))?)
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
