//! A byte stream: a TCP connection, or TLS over another stream.

use std::fmt;
use std::io::{self, BufRead, Read, Write};
use std::time::Instant;

use rustix::event::PollFlags;
use rustls::ClientConnection;
use rustls::pki_types::ServerName;

use crate::transport::context::{ExchangeContext, Phase};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};
use crate::transport::fork;
use crate::transport::socket::{Probe, Tcp};
use crate::wait::Deadline;

use super::config::TlsContext;
use super::error::ServerInfo;
use super::record_buffer::RecordBuffer;

/// The size of the record buffer that an idle connection keeps.
const MAX_IDLE_RECORDS: usize = 8 * 1024;

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

    /// Frees memory that an idle connection does not need.
    pub(in crate::transport) fn shrink(&mut self) {
        if let Self::Tls(tls) = self {
            tls.shrink();
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

/// A TLS session, and the stream below it.
pub(in crate::transport) struct Tls {
    session: ClientConnection,
    peer: ServerInfo,
    inner: Stream,
    record_buffer: RecordBuffer,
    /// The records that are ready, and how much of them has been sent.
    pending_records: Vec<u8>,
    sent: usize,
    /// Plain bytes in these records that are not counted as written yet.
    plaintext_pending: u64,
    /// Decrypted bytes that wait in the session.
    plaintext_available: usize,
    /// The peer has ended the session, or the session has failed.
    closed: bool,
    /// The error of the session. It is reported after the bytes that were decrypted before it.
    failure: Option<TransportError>,
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
        let start = Instant::now();
        let shows_certificate = tls_context.settings().client_cert.is_some();
        let peer = ServerInfo { name: server_name(host)?, shows_certificate };
        let mut session = ClientConnection::new(tls_context.config()?, peer.name.clone())
            .map_err(|error| peer.explain(error))?;
        session.set_buffer_limit(None);
        let mut tls = Self {
            session,
            peer,
            inner,
            record_buffer: RecordBuffer::new(),
            pending_records: Vec::new(),
            sent: 0,
            plaintext_pending: 0,
            plaintext_available: 0,
            closed: false,
            failure: None,
            generation: fork::generation(),
        };
        tls.complete_handshake(context).map_err(handshake_error)?;
        context.record.tls = Some(start.elapsed());
        Ok(tls)
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
        while self.plaintext_available == 0 {
            if self.closed {
                return self.end().map(|()| 0);
            }
            self.read_records(context)?;
            // The rest of a half-sent record comes first.
            if self.session.wants_write() && self.pending_records.is_empty() {
                self.flush(context)?;
            }
        }
        self.read_plaintext(buffer)
    }

    /// Reads what has arrived, without waiting: `None` if that is nothing, 0 at the end that the
    /// peer announced.
    fn try_read(&mut self, buffer: &mut [u8]) -> TransportResult<Option<usize>> {
        while self.plaintext_available == 0 {
            if self.closed {
                return self.end().map(|()| Some(0));
            }
            if self.record_buffer.is_empty() {
                match self.inner.try_read(self.record_buffer.read_buffer())? {
                    None => return Ok(None),
                    Some(received) => self.add_received(received)?,
                }
            }
            self.process_records()?;
        }
        self.read_plaintext(buffer).map(Some)
    }

    /// Reads decrypted bytes that wait in the session.
    fn read_plaintext(&mut self, buffer: &mut [u8]) -> TransportResult<usize> {
        let read = self.session.reader().read(buffer).map_err(|error| internal(&error))?;
        self.plaintext_available = self.plaintext_available.saturating_sub(read);
        if self.plaintext_available == 0 && self.failure.is_some() {
            self.plaintext_available = self.remaining_plaintext();
        }
        Ok(read)
    }

    /// The number of bytes decrypted before the session failed, or at least of the first piece of
    /// them.
    fn remaining_plaintext(&mut self) -> usize {
        self.session.reader().fill_buf().map_or(0, <[u8]>::len)
    }

    /// Fails if the session has failed.
    fn end(&self) -> TransportResult<()> {
        self.failure.clone().map_or(Ok(()), Err)
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
        self.session.writer().write_all(bytes).map_err(|error| internal(&error))?;
        self.flush(context)
    }

    /// Writes the records that are ready, in one piece.
    fn flush(&mut self, context: &ExchangeContext) -> TransportResult<()> {
        take_records(&mut self.session, &mut self.pending_records)?;
        let unsent = self.pending_records.get(self.sent..).unwrap_or_default();
        let outcome = self.inner.write_all(context, unsent);
        self.all_sent();
        outcome
    }

    /// Encrypts all bytes, and writes what the socket accepts without waiting. Returns their length
    /// after the records have been sent, and 0 before: the caller then calls again with the same
    /// bytes. `written` counts the plain bytes whose records the system has accepted.
    fn write_some(&mut self, bytes: &[u8], written: &mut u64) -> TransportResult<Option<usize>> {
        if self.pending_records.is_empty() {
            self.session.writer().write_all(bytes).map_err(|error| internal(&error))?;
            take_records(&mut self.session, &mut self.pending_records)?;
            self.plaintext_pending = bytes.len() as u64;
        }
        let unsent = self.pending_records.get(self.sent..).unwrap_or_default();
        let mut sent = 0;
        let accepted = self.inner.write_some(unsent, &mut sent);
        let plain = sent.min(self.plaintext_pending);
        self.plaintext_pending = self.plaintext_pending.saturating_sub(plain);
        *written = written.saturating_add(plain);
        let Some(accepted) = accepted? else { return Ok(None) };
        self.sent = self.sent.saturating_add(accepted);
        if self.sent < self.pending_records.len() {
            return Ok(Some(0));
        }
        self.all_sent();
        Ok(Some(bytes.len()))
    }

    fn all_sent(&mut self) {
        self.pending_records.clear();
        self.sent = 0;
    }

    /// Waits for one of these events; returns those that occurred. Decrypted bytes count as
    /// readable.
    fn wait(
        &self,
        context: &ExchangeContext,
        events: PollFlags,
        until: Deadline,
    ) -> TransportResult<PollFlags> {
        if self.plaintext_available > 0 || !self.record_buffer.is_empty() {
            return Ok(PollFlags::IN);
        }
        self.inner.wait(context, events, until)
    }

    /// Receives the next piece, and waits for it if needed.
    fn read_records(&mut self, context: &ExchangeContext) -> TransportResult<()> {
        if self.record_buffer.is_empty() {
            let received = self.inner.read(context, self.record_buffer.read_buffer())?;
            self.add_received(received)?;
        }
        self.process_records()
    }

    /// Processes received bytes; 0 is an end that the peer did not announce.
    fn add_received(&mut self, amount: usize) -> TransportResult<()> {
        if amount == 0 {
            self.closed = true;
            let detail = "the server closed the connection without ending TLS";
            return Err(TransportError::new(TransportErrorKind::Closed, detail));
        }
        self.record_buffer.filled(amount);
        Ok(())
    }

    /// Passes a piece of the received bytes to the session.
    fn process_records(&mut self) -> TransportResult<()> {
        self.record_buffer
            .read_into_session(&mut self.session)
            .map_err(|error| internal(&error))?;
        match self.session.process_new_packets() {
            Ok(state) => {
                self.plaintext_available = state.plaintext_bytes_to_read();
                self.closed |= state.peer_has_closed();
                Ok(())
            }
            Err(error) => {
                self.send_alert();
                self.failure = Some(self.peer.explain(error));
                // Records arrive in order. Those before the broken one are valid, and may be a
                // complete response.
                self.plaintext_available = self.remaining_plaintext();
                if self.plaintext_available > 0 { Ok(()) } else { self.end() }
            }
        }
    }

    /// Sends the alert that the session has prepared, if the socket accepts it at once.
    fn send_alert(&mut self) {
        self.closed = true;
        if self.pending_records.is_empty()
            && take_records(&mut self.session, &mut self.pending_records).is_ok()
        {
            self.inner.try_send(&self.pending_records);
        }
    }

    /// Sends what the socket accepts without waiting, for a last message that may get lost.
    fn try_send(&mut self, bytes: &[u8]) {
        if self.pending_records.is_empty()
            && self.session.writer().write_all(bytes).is_ok()
            && take_records(&mut self.session, &mut self.pending_records).is_ok()
        {
            self.inner.try_send(&self.pending_records);
            self.pending_records.clear();
        }
    }

    /// Whether another request may use it, as far as is known without a system call.
    fn is_reusable(&self) -> bool {
        !self.closed
            && self.plaintext_available == 0
            && self.pending_records.is_empty()
            && self.inner.is_reusable()
    }

    /// Whether an idle session is still open. A server may send session tickets at any time (RFC
    /// 8446 section 4.6.1), so received bytes do not mean the end.
    fn is_alive(&mut self) -> bool {
        match self.inner.probe() {
            Probe::Gone => return false,
            Probe::Quiet => {}
            Probe::Data => match self.inner.try_read(self.record_buffer.read_buffer()) {
                Ok(Some(read)) if read > 0 => self.record_buffer.filled(read),
                _ => return false,
            },
        }
        while !self.record_buffer.is_empty() {
            if self.process_records().is_err() || !self.is_reusable() {
                return false;
            }
        }
        true
    }

    /// Frees memory that an idle connection does not need.
    fn shrink(&mut self) {
        self.record_buffer.shrink();
        if self.pending_records.capacity() > MAX_IDLE_RECORDS {
            self.pending_records = Vec::new();
        }
    }
}

impl Drop for Tls {
    /// Sends `close_notify` (RFC 8446 section 6.1), unless the session belongs to a parent process.
    fn drop(&mut self) {
        let same_process = self.generation == fork::generation();
        // After half a record, no other record can follow.
        if !same_process
            || self.closed
            || !self.pending_records.is_empty()
            || self.session.is_handshaking()
        {
            return;
        }
        self.session.send_close_notify();
        if take_records(&mut self.session, &mut self.pending_records).is_ok() {
            self.inner.try_send(&self.pending_records);
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("inner", &self.inner).finish_non_exhaustive()
    }
}

/// Appends the records that are ready to `outgoing`.
fn take_records(session: &mut ClientConnection, outgoing: &mut Vec<u8>) -> TransportResult<()> {
    while session.wants_write() {
        session.write_tls(outgoing).map_err(|error| internal(&error))?;
    }
    Ok(())
}

fn server_name(host: &str) -> TransportResult<ServerName<'static>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    // A zone is known only on this machine (RFC 6874 section 1).
    let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
    ServerName::try_from(bare.to_owned()).map_err(|_| {
        let detail = format!("no certificate can be valid for the name {bare}");
        TransportError::new(TransportErrorKind::Tls { certificate: false }, detail)
    })
}

/// A connection lost during the handshake is an error of TLS.
fn handshake_error(failure: TransportError) -> TransportError {
    if failure.kind != TransportErrorKind::Closed {
        return failure;
    }
    let detail = format!("the TLS handshake failed: {}", failure.detail);
    TransportError::new(TransportErrorKind::Tls { certificate: false }, detail)
}

fn internal(error: &io::Error) -> TransportError {
    TransportError::new(
        TransportErrorKind::Internal,
        format!("the TLS session cannot be used: {error}"),
    )
}
