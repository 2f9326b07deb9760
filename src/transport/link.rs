//! A connection in use, as ureq sees it. It goes back to the pool by itself.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::LinkBuffers;
use super::call::{self, Call, Phase};
use super::fault::{Failure, FaultKind, Outcome};
use super::fork;
use super::intake::Intake;
use super::pool::{Key, Parked, Pool};
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

/// A connection on loan to one request.
pub(super) struct Link {
    /// Taken out when the connection is put by.
    carrier: Option<(Stream, Key)>,
    buffers: LinkBuffers,
    intake: Intake,
    pool: Arc<Pool>,
    generation: u64,
    head_sent: bool,
    /// What a proxy needs in the head, until that is sent.
    forwarding: Option<Forwarding>,
    /// ureq has found the exchange complete and the connection fit for another.
    returnable: bool,
}

impl Link {
    pub(super) fn new(stream: Stream, key: Key, mut buffers: LinkBuffers, pool: Arc<Pool>) -> Self {
        buffers.begin();
        let forwarding = Forwarding::of(&key);
        Self {
            forwarding,
            carrier: Some((stream, key)),
            buffers,
            intake: Intake::new(),
            pool,
            generation: fork::generation(),
            head_sent: false,
            returnable: false,
        }
    }

    fn send(&mut self, call: &mut Call, amount: usize) -> Outcome<()> {
        call.phase = Phase::Sending;
        let head = !self.head_sent;
        if head && self.buffers.outgoing(amount).ends_with(b"\r\n\r\n") {
            self.head_sent = true;
            if call.body_follows && self.buffers.hold(amount) {
                return Ok(());
            }
        }
        self.flush(call, amount, head)
    }

    fn flush(&mut self, call: &mut Call, amount: usize, head: bool) -> Outcome<()> {
        let mut written = 0;
        let outgoing = self.buffers.outgoing(amount);
        let forwarded = self.forwarding.take().map(|needs| needs.apply(outgoing));
        let outgoing = forwarded.as_ref().map_or(outgoing, |whole| whole.as_slice());
        let outcome = match stream(&mut self.carrier, self.generation) {
            Ok(stream) => stream.write_all(call, outgoing, &mut written),
            Err(failure) => Err(failure),
        };
        call.record.request_bytes = call.record.request_bytes.saturating_add(written);
        self.buffers.sent(amount, head);
        outcome
    }

    fn receive(&mut self, call: &mut Call) -> Outcome<bool> {
        if self.buffers.holds() {
            self.flush(call, 0, true)?;
        }
        call.phase = call.phase.max(Phase::Waiting);
        loop {
            self.intake.check()?;
            let stream = stream(&mut self.carrier, self.generation)?;
            let room = self.buffers.input_append_buf();
            if room.is_empty() {
                let detail = "the response's headers do not end";
                return Err(Failure::new(FaultKind::Protocol, detail));
            }
            let received = stream.read(call, room)?;
            if received == 0 {
                return self.intake.ended().map(|()| false);
            }
            self.buffers.input_appended(received);
            let bytes = call.record.response_bytes.saturating_add(received as u64);
            call.record.response_bytes = bytes;
            if call.record.first_byte.is_none() {
                call.record.first_byte = Some(call.elapsed());
            }
            if self.intake.pass(call, &mut self.buffers, received)? {
                return Ok(true);
            }
        }
    }
}

/// The stream, unless this process has inherited it: it is the parent's then.
fn stream(carrier: &mut Option<(Stream, Key)>, generation: u64) -> Outcome<&mut Stream> {
    match carrier {
        Some((stream, _)) if generation == fork::generation() => Ok(stream),
        _ => Err(Failure::new(FaultKind::Closed, "the connection belongs to another process")),
    }
}

impl Transport for Link {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        Ok(call::with(|call| self.send(call, amount))?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        Ok(call::with(|call| self.receive(call))?)
    }

    /// ureq asks when an exchange is complete. The connection is noted as fit for another one,
    /// but never given to ureq's own pool, which would hold a lock in system calls.
    fn is_open(&mut self) -> bool {
        self.returnable = true;
        false
    }

    fn is_tls(&self) -> bool {
        matches!(self.carrier, Some((Stream::Tls(_), _)))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let Some((mut stream, key)) = self.carrier.take() else { return };
        let fit = self.returnable
            && self.generation == fork::generation()
            && stream.reusable()
            && !self.buffers.unread();
        if !fit {
            return;
        }
        stream.settle();
        let mut buffers = std::mem::replace(&mut self.buffers, LinkBuffers::new());
        buffers.settle();
        self.pool.put(Parked { stream, buffers, key, since: Instant::now() });
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("key", &self.carrier.as_ref().map(|(_, key)| key)).finish()
    }
}
