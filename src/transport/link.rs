//! A connection in use, as ureq sees it. It goes back to the pool by itself.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::LinkBuffers;
use super::call::{self, Call, Phase};
use super::counted::Counted;
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

/// A connection on loan to one request, with all that belongs to it.
pub(super) struct Loan {
    stream: Stream,
    key: Key,
    pub(super) buffers: LinkBuffers,
    pool: Arc<Pool>,
    generation: u64,
    /// ureq has found the exchange complete and the connection fit for another.
    returnable: bool,
}

impl Loan {
    pub(super) fn new(stream: Stream, key: Key, mut buffers: LinkBuffers, pool: Arc<Pool>) -> Self {
        buffers.begin();
        let generation = fork::generation();
        Self { stream, key, buffers, pool, generation, returnable: false }
    }

    /// A connection that this process has inherited is its parent's.
    fn is_ours(&self) -> Outcome<()> {
        if self.generation != fork::generation() {
            let detail = "the connection belongs to another process";
            return Err(Failure::new(FaultKind::Closed, detail));
        }
        Ok(())
    }

    /// Reads what has come into the buffers; 0 is the end of the stream.
    fn receive(&mut self, call: &mut Call) -> Outcome<usize> {
        self.is_ours()?;
        let room = self.buffers.input_append_buf();
        if room.is_empty() {
            return Err(Failure::new(FaultKind::Protocol, "the response's headers do not end"));
        }
        let received = self.stream.read(call, room)?;
        self.buffers.input_appended(received);
        count(call, received);
        Ok(received)
    }

    /// Reads what has come; 0 is the end of the stream.
    pub(super) fn read(&mut self, call: &mut Call, buffer: &mut [u8]) -> Outcome<usize> {
        self.is_ours()?;
        let read = self.stream.read(call, buffer)?;
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
        self.is_ours()?;
        let held = bytes.len();
        let read = self.stream.read_into(call, bytes, most)?;
        count(call, read);
        if read > most {
            // The bytes behind are nobody's, and no other answer is to begin with them.
            self.returnable = false;
            bytes.truncate(held.saturating_add(most));
        }
        Ok(read.min(most))
    }

    /// Puts the connection by for another request, if it is fit for one, or else closes it.
    pub(super) fn park(mut self) {
        let fit = self.returnable
            && self.generation == fork::generation()
            && self.stream.reusable()
            && !self.buffers.unread();
        if fit {
            self.stream.settle();
            self.buffers.settle();
            let Self { stream, buffers, key, pool, .. } = self;
            pool.put(Parked { stream, buffers, key, since: Instant::now() });
        }
    }
}

fn count(call: &mut Call, received: usize) {
    let record = &mut call.record;
    record.response_bytes = record.response_bytes.saturating_add(received as u64);
}

impl fmt::Debug for Loan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan").field("key", &self.key).finish_non_exhaustive()
    }
}

/// A connection in use, as ureq sees it.
#[derive(Debug)]
pub(super) struct Link {
    /// Taken out when ureq is done with it.
    loan: Option<Loan>,
    /// What ureq is shown in the place of what has been taken out.
    nothing: LinkBuffers,
    intake: Intake,
    head_sent: bool,
    /// What a proxy needs in the head, until that is sent.
    forwarding: Option<Forwarding>,
}

impl Link {
    pub(super) fn new(stream: Stream, key: Key, buffers: LinkBuffers, pool: Arc<Pool>) -> Self {
        let forwarding = Forwarding::of(&key);
        Self {
            loan: Some(Loan::new(stream, key, buffers, pool)),
            nothing: LinkBuffers::new(),
            intake: Intake::new(),
            head_sent: false,
            forwarding,
        }
    }

    fn send(&mut self, call: &mut Call, amount: usize) -> Outcome<()> {
        call.phase = Phase::Sending;
        let head = !self.head_sent;
        let loan = on_loan(&mut self.loan)?;
        if head && loan.buffers.outgoing(amount).ends_with(b"\r\n\r\n") {
            self.head_sent = true;
            if call.body_follows && loan.buffers.hold(amount) {
                return Ok(());
            }
        }
        self.flush(call, amount, head)
    }

    fn flush(&mut self, call: &mut Call, amount: usize, head: bool) -> Outcome<()> {
        let loan = on_loan(&mut self.loan)?;
        loan.is_ours()?;
        let mut written = 0;
        let outgoing = loan.buffers.outgoing(amount);
        let forwarded = self.forwarding.take().map(|needs| needs.apply(outgoing));
        let outgoing = forwarded.as_ref().map_or(outgoing, |whole| whole.as_slice());
        let outcome = loan.stream.write_all(call, outgoing, &mut written);
        call.record.request_bytes = call.record.request_bytes.saturating_add(written);
        loan.buffers.sent(amount, head);
        outcome
    }

    fn receive(&mut self, call: &mut Call) -> Outcome<bool> {
        if on_loan(&mut self.loan)?.buffers.holds() {
            self.flush(call, 0, true)?;
        }
        call.phase = call.phase.max(Phase::Waiting);
        let loan = on_loan(&mut self.loan)?;
        loop {
            self.intake.check()?;
            let received = loan.receive(call)?;
            if received == 0 {
                return self.intake.ended().map(|()| false);
            }
            if call.record.first_byte.is_none() {
                call.record.first_byte = Some(call.elapsed());
            }
            if self.intake.pass(call, &mut loan.buffers, received)? {
                return Ok(true);
            }
        }
    }
}

fn on_loan(loan: &mut Option<Loan>) -> Outcome<&mut Loan> {
    loan.as_mut()
        .ok_or_else(|| Failure::new(FaultKind::Internal, "a connection was used after its end"))
}

impl Transport for Link {
    fn buffers(&mut self) -> &mut dyn Buffers {
        match &mut self.loan {
            Some(loan) => &mut loan.buffers,
            None => &mut self.nothing,
        }
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
        if let Some(loan) = &mut self.loan {
            loan.returnable = true;
        }
        false
    }

    fn is_tls(&self) -> bool {
        matches!(self.loan, Some(Loan { stream: Stream::Tls(_), .. }))
    }
}

/// ureq is done with it: it carries a body past ureq, or is put by.
impl Drop for Link {
    fn drop(&mut self) {
        let Some(loan) = self.loan.take() else { return };
        match self.intake {
            Intake::Counted(length) => {
                call::note(|call| call.counted = Some(Counted::new(loan, length)));
            }
            _ => loan.park(),
        }
    }
}
