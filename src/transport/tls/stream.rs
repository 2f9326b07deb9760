//! A byte stream: a TCP connection, or TLS over another stream.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use rustix::event::PollFlags;

use crate::trace::{Event, TlsSession};
use crate::transport::context::{ExchangeContext, Phase};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};
use crate::transport::fork;
use crate::transport::socket::{Probe, Tcp};
use crate::wait::Deadline;

use super::config::TlsContext;
use super::session::Session;

/// The byte stream of a connection, of a TLS session, or to a proxy.
///
/// A TLS session may run over another one, if the proxy also uses TLS. So the two types need each
/// other.
#[derive(Debug)]
pub(in crate::transport) enum Stream {
    Plain(Tcp),
    Tls(Box<Tls>),
}

impl Stream {
    /// Reads what is there, or waits for at least one byte; 0 is the end.
    pub(in crate::transport) fn read(
        &mut self,
        context: &ExchangeContext,
        buffer: &mut [u8],
    ) -> TransportResult<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(context, buffer),
            Self::Tls(tls) => tls.read(context, buffer),
        }
    }

    /// Like [`read`](Self::read), to the end of `bytes`, within its capacity, at most `max` bytes.
    pub(in crate::transport) fn read_into(
        &mut self,
        context: &ExchangeContext,
        bytes: &mut Vec<u8>,
        max: usize,
    ) -> TransportResult<usize> {
        match self {
            Self::Plain(tcp) => tcp.read_into(context, bytes),
            Self::Tls(tls) => tls.read_into(context, bytes, max),
        }
    }

    /// Like [`Tcp::try_read`].
    pub(in crate::transport) fn try_read(
        &mut self,
        buffer: &mut [u8],
    ) -> TransportResult<Option<usize>> {
        match self {
            Self::Plain(tcp) => tcp.try_read(buffer),
            Self::Tls(tls) => tls.try_read(buffer),
        }
    }

    /// Writes all bytes, and waits if it must.
    pub(in crate::transport) fn write_all(
        &mut self,
        context: &ExchangeContext,
        bytes: &[u8],
    ) -> TransportResult<()> {
        match self {
            Self::Plain(tcp) => tcp.write_all(context, bytes),
            Self::Tls(tls) => tls.write_all(context, bytes),
        }
    }

    /// Like [`Tcp::write_some`] and [`Tls::write_some`].
    // Inlined, because otherwise each plain request pays for a call: `Tls` calls this function too.
    #[inline]
    pub(in crate::transport) fn write_some(
        &mut self,
        bytes: &[u8],
        written: &mut u64,
    ) -> TransportResult<Option<usize>> {
        match self {
            Self::Plain(tcp) => tcp.write_some(bytes, written),
            Self::Tls(tls) => tls.write_some(bytes, written),
        }
    }

    /// Like [`Tcp::wait`].
    pub(in crate::transport) fn wait(
        &self,
        context: &ExchangeContext,
        events: PollFlags,
        until: Deadline,
    ) -> TransportResult<PollFlags> {
        match self {
            Self::Plain(tcp) => tcp.wait(context, events, until),
            Self::Tls(tls) => tls.wait(context, events, until),
        }
    }

    /// Whether another request may use it, as far as is known without a system call.
    pub(in crate::transport) fn is_reusable(&self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.is_reusable(),
            Self::Tls(tls) => tls.is_reusable(),
        }
    }

    /// Whether an idle connection is still open, and nothing has arrived on it.
    pub(in crate::transport) fn is_alive(&mut self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.probe() == Probe::Quiet,
            Self::Tls(tls) => tls.is_alive(),
        }
    }

    /// Like [`Tcp::probe`]. A session that has data for the session above counts as gone. This
    /// costs a new connection at worst.
    fn probe(&mut self) -> Probe {
        match self {
            Self::Plain(tcp) => tcp.probe(),
            Self::Tls(tls) => {
                if tls.is_alive() {
                    Probe::Quiet
                } else {
                    Probe::Gone
                }
            }
        }
    }

    /// The connection under all TLS sessions.
    pub(in crate::transport) fn tcp(&self) -> &Tcp {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.inner.tcp(),
        }
    }

    /// Frees memory that an idle connection does not need.
    pub(in crate::transport) fn shrink(&mut self) {
        if let Self::Tls(tls) = self {
            tls.session.shrink();
        }
    }

    /// Like [`Tcp::try_send`].
    fn try_send(&mut self, bytes: &[u8]) {
        match self {
            Self::Plain(tcp) => tcp.try_send(bytes),
            Self::Tls(tls) => tls.try_send(bytes),
        }
    }
}

/// A TLS session over another stream.
pub(in crate::transport) struct Tls {
    session: Session,
    inner: Stream,
    /// What the handshake has agreed on. Responses share it, and the connection may end before them.
    details: Arc<TlsSession>,
    generation: u64,
}

impl Tls {
    /// Performs the handshake. Its last message may be sent together with the first request.
    pub(in crate::transport) fn handshake(
        context: &mut ExchangeContext,
        inner: Stream,
        tls_context: &TlsContext,
        host: &str,
    ) -> TransportResult<Self> {
        context.phase = Phase::Handshake;
        context.trace(|| Event::TlsStarted);
        let outcome = Self::new_session(context, inner, tls_context, host);
        context.trace(|| Event::TlsDone {
            session: outcome.as_ref().ok().map(|tls| &*tls.details),
            error: outcome.as_ref().err().map(|failure| &*failure.detail),
        });
        outcome
    }

    fn new_session(
        context: &mut ExchangeContext,
        inner: Stream,
        tls_context: &TlsContext,
        host: &str,
    ) -> TransportResult<Self> {
        let start = Instant::now();
        let session = Session::new(tls_context, host, &mut context.record.reloads)?;
        let details = Arc::default();
        let mut tls = Self { session, inner, details, generation: fork::generation() };
        tls.complete_handshake(context).map_err(handshake_error)?;
        tls.details = Arc::new(tls.session.details());
        context.record.tls = Some(start.elapsed());
        Ok(tls)
    }

    /// What the handshake has agreed on.
    pub(in crate::transport) fn details(&self) -> &Arc<TlsSession> {
        &self.details
    }

    fn complete_handshake(&mut self, context: &ExchangeContext) -> TransportResult<()> {
        while self.session.is_handshaking() {
            self.flush(context)?;
            self.read_records(context)?;
        }
        Ok(())
    }

    /// Reads what is there, or waits for at least one byte; 0 is the end that the peer announced.
    fn read(&mut self, context: &ExchangeContext, buffer: &mut [u8]) -> TransportResult<usize> {
        while !self.session.has_plaintext() {
            if self.session.is_closed() {
                return self.session.end().map(|()| 0);
            }
            self.read_records(context)?;
            // The rest of a half-sent record comes first.
            if self.session.wants_flush() {
                self.flush(context)?;
            }
        }
        self.session.read_plaintext(buffer)
    }

    /// Reads what has arrived, without waiting: `None` if that is nothing, 0 at the end that the
    /// peer announced.
    fn try_read(&mut self, buffer: &mut [u8]) -> TransportResult<Option<usize>> {
        while !self.session.has_plaintext() {
            if self.session.is_closed() {
                return self.session.end().map(|()| Some(0));
            }
            if !self.session.has_received() {
                match self.inner.try_read(self.session.read_buffer())? {
                    None => return Ok(None),
                    Some(received) => self.session.add_received(received)?,
                }
            }
            self.process_records()?;
        }
        self.session.read_plaintext(buffer).map(Some)
    }

    /// Like [`read`](Self::read), to the end of `bytes`, at most `max` bytes.
    fn read_into(
        &mut self,
        context: &ExchangeContext,
        bytes: &mut Vec<u8>,
        max: usize,
    ) -> TransportResult<usize> {
        /// The size of a record (RFC 8446 section 5.1), so that no more zeros are written than
        /// bytes arrive.
        const STEP: usize = 16 * 1024;
        let length = bytes.len();
        bytes.resize(length.saturating_add(max.min(STEP)), 0);
        let outcome = self.read(context, bytes.get_mut(length..).unwrap_or_default());
        bytes.truncate(length.saturating_add(*outcome.as_ref().unwrap_or(&0)));
        outcome
    }

    /// Encrypts and writes all bytes, and waits if it must.
    fn write_all(&mut self, context: &ExchangeContext, bytes: &[u8]) -> TransportResult<()> {
        self.session.encrypt(bytes)?;
        self.write_records(context)
    }

    /// Writes what the session has to send.
    fn flush(&mut self, context: &ExchangeContext) -> TransportResult<()> {
        self.session.take_records()?;
        self.write_records(context)
    }

    /// Writes the records that are ready, in one piece.
    fn write_records(&mut self, context: &ExchangeContext) -> TransportResult<()> {
        let outcome = self.inner.write_all(context, self.session.unsent_records());
        self.session.forget_records();
        outcome
    }

    /// Encrypts all bytes, and writes what the socket accepts without waiting. Returns their length
    /// after the records have been sent, and 0 before: the caller then calls again with the same
    /// bytes. `written` counts the plain bytes whose records the system has accepted.
    fn write_some(&mut self, bytes: &[u8], written: &mut u64) -> TransportResult<Option<usize>> {
        if !self.session.has_pending_records() {
            self.session.encrypt(bytes)?;
        }
        let mut sent = 0;
        let accepted = self.inner.write_some(self.session.unsent_records(), &mut sent);
        *written = written.saturating_add(self.session.plaintext_written(sent));
        let Some(accepted) = accepted? else { return Ok(None) };
        Ok(Some(if self.session.records_sent(accepted) { bytes.len() } else { 0 }))
    }

    /// Waits for one of these events; returns those that occurred. Decrypted bytes count as
    /// readable.
    fn wait(
        &self,
        context: &ExchangeContext,
        events: PollFlags,
        until: Deadline,
    ) -> TransportResult<PollFlags> {
        if self.session.has_plaintext() || self.session.has_received() {
            return Ok(PollFlags::IN);
        }
        self.inner.wait(context, events, until)
    }

    /// Receives the next piece, and waits for it if needed.
    fn read_records(&mut self, context: &ExchangeContext) -> TransportResult<()> {
        if !self.session.has_received() {
            let received = self.inner.read(context, self.session.read_buffer())?;
            self.session.add_received(received)?;
        }
        self.process_records()
    }

    /// Processes received bytes. The alert of a failed session is sent if the socket accepts it at
    /// once.
    fn process_records(&mut self) -> TransportResult<()> {
        self.session.process_records(|alert| self.inner.try_send(alert))
    }

    /// Sends what the socket accepts without waiting, for a last message that may get lost.
    fn try_send(&mut self, bytes: &[u8]) {
        if !self.session.has_pending_records() && self.session.encrypt(bytes).is_ok() {
            self.inner.try_send(self.session.unsent_records());
            self.session.forget_records();
        }
    }

    /// Whether another request may use it, as far as is known without a system call.
    fn is_reusable(&self) -> bool {
        self.session.is_quiet() && self.inner.is_reusable()
    }

    /// Whether an idle session is still open. A server may send session tickets at any time (RFC
    /// 8446 section 4.6.1), so received bytes do not mean the end.
    fn is_alive(&mut self) -> bool {
        match self.inner.probe() {
            Probe::Gone => return false,
            Probe::Quiet => {}
            Probe::Data => match self.inner.try_read(self.session.read_buffer()) {
                Ok(Some(read @ 1..)) if self.session.add_received(read).is_ok() => {}
                _ => return false,
            },
        }
        while self.session.has_received() {
            if self.process_records().is_err() || !self.is_reusable() {
                return false;
            }
        }
        true
    }
}

impl Drop for Tls {
    /// Ends the session, unless it belongs to a parent process.
    fn drop(&mut self) {
        if self.generation == fork::generation()
            && let Some(record) = self.session.close_notify()
        {
            self.inner.try_send(record);
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("inner", &self.inner).finish_non_exhaustive()
    }
}

/// A connection lost during the handshake is an error of TLS.
fn handshake_error(failure: TransportError) -> TransportError {
    if failure.kind != TransportErrorKind::Closed {
        return failure;
    }
    let detail = format!("the TLS handshake failed: {}", failure.detail);
    TransportError::new(TransportErrorKind::Tls { certificate: false }, detail)
}
