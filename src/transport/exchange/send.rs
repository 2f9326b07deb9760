//! Sends a request: its head, then its body.
//!
//! A server may respond while it still reads. So sending stops early if bytes have arrived, and
//! continues after they are read. Neither side waits for the other to read first.

use std::fmt;
use std::time::{Duration, Instant};

use http::header::EXPECT;
use ureq::unversioned::transport::{NextTimeout, Transport as _};

use crate::trace::Event;
use crate::transport::context;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult, from_ureq};
use crate::transport::http1::{BodyFraming, HeadWriter};
use crate::transport::options::RequestHead;
use crate::transport::pool::MAX_BODY_OUTPUT;
use crate::transport::pool::PooledConnection;
use crate::wait::Deadline;

use super::body_io::{BodySource, ProgressReporter};

/// The space for the body that a head leaves in the output, however long the head is.
const BODY_ROOM: usize = 8 * 1024;
/// The time that a server has to send `100 Continue`: not all servers send it (RFC 9110 section
/// 10.1.1).
const CONTINUE_TIMEOUT: Duration = Duration::from_secs(1);

/// A request that is not sent completely.
pub(super) struct Outgoing<'a> {
    body: Option<BodySource<'a>>,
    /// The part of the body that has not been read yet.
    remaining: Unread,
    /// Whether the body has any bytes.
    has_bytes: bool,
    reporter: ProgressReporter,
    /// The body is held back until this time.
    continue_deadline: Option<Deadline>,
    /// Whether a tracer receives the events.
    traced: bool,
    /// The length of the head, until the tracer has received that it is sent.
    untraced_head: Option<usize>,
}

/// Sends head and body, until everything is sent or bytes arrive. With `Expect`, sends only the head.
/// A short head and body are sent together. `None`: nothing is left to send.
pub(super) fn begin<'a>(
    connection: &mut PooledConnection,
    request: RequestHead<'_>,
    body: Option<BodySource<'a>>,
    (reporter, traced): (&ProgressReporter, bool),
) -> TransportResult<Option<Outgoing<'a>>> {
    let framing = match body.as_ref().map(BodySource::length) {
        None => BodyFraming::None,
        Some(Some(length)) => BodyFraming::Length(length),
        Some(None) => BodyFraming::Chunked,
    };
    let remaining = match framing {
        BodyFraming::None => Unread::Length(0),
        BodyFraming::Length(length) => Unread::Length(length),
        BodyFraming::Chunked => Unread::Chunks,
    };
    let has_bytes = remaining != Unread::Length(0);
    let expects_continue = has_bytes && request.headers.contains_key(EXPECT);
    let filled = write_head(connection, request, framing, expects_continue)?;
    reporter.count(|progress| {
        progress.to_send = if let Unread::Length(length) = remaining { length } else { 0 };
    });
    let reporter = reporter.clone();
    let mut outgoing = Outgoing {
        body,
        remaining,
        has_bytes,
        reporter,
        continue_deadline: None,
        traced,
        untraced_head: traced.then_some(filled),
    };
    if expects_continue {
        let sent = transmit(connection, filled);
        outgoing.traced(connection, sent)?;
        outgoing.trace(Event::ContinueAwaited);
        outgoing.continue_deadline = Some(Deadline::after(Instant::now(), Some(CONTINUE_TIMEOUT)));
        return Ok(Some(outgoing));
    }
    let sent = outgoing.send_piece(connection, filled);
    outgoing.traced(connection, sent)?;
    let mut outgoing = Some(outgoing);
    resume(&mut outgoing, connection)?;
    Ok(outgoing)
}

/// Sends no more of a request, because its response has arrived.
pub(super) fn give_up(outgoing: &mut Option<Outgoing<'_>>) {
    if let Some(sending) = outgoing.take() {
        sending.trace(Event::RequestSent { error: Some("the response came before the end") });
    }
}

/// Continues to send until everything is sent, bytes have arrived, or the peer accepts no more.
/// Sets `outgoing` to `None`, unless bytes have arrived.
pub(super) fn resume(
    outgoing: &mut Option<Outgoing<'_>>,
    connection: &mut PooledConnection,
) -> TransportResult<()> {
    let Some(sending) = outgoing else { return Ok(()) };
    let sent = sending.send_more(connection);
    if sending.traced(connection, sent)? {
        let refused = connection.is_write_closed().then_some("the server accepts no more");
        sending.trace(Event::RequestSent { error: refused });
        *outgoing = None;
    }
    Ok(())
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("remaining", &self.remaining).finish_non_exhaustive()
    }
}

impl Outgoing<'_> {
    fn trace(&self, event: Event<'_>) {
        if self.traced {
            context::update_current(|context| context.trace(|| event));
        }
    }

    /// Passes the outcome of a step on, after the tracer has received what follows from it.
    fn traced<T>(
        &mut self,
        connection: &PooledConnection,
        outcome: TransportResult<T>,
    ) -> TransportResult<T> {
        if self.untraced_head.is_some_and(|length| connection.has_sent(length)) {
            self.untraced_head = None;
            self.trace(Event::HeadSent);
        }
        if let Err(failure) = &outcome {
            self.trace(Event::RequestSent { error: Some(&failure.detail) });
        }
        outcome
    }

    /// The server wants the body.
    pub(super) fn continue_received(&mut self) {
        self.continue_deadline = None;
    }

    /// Whether nothing of the body has been sent, because the server has not asked for it yet.
    pub(super) fn awaits_continue(&self) -> bool {
        self.continue_deadline.is_some()
    }

    /// Sends more; returns whether that was the end.
    fn send_more(&mut self, connection: &mut PooledConnection) -> TransportResult<bool> {
        if let Some(until) = self.continue_deadline
            && context::with_current(|context| connection.wait_for_input(context, until))?
        {
            return Ok(connection.is_write_closed());
        }
        self.continue_deadline = None;
        if !connection.all_sent() {
            context::with_current(|context| connection.send(context))?;
        }
        while connection.all_sent()
            && self.remaining != Unread::Length(0)
            && !connection.is_write_closed()
        {
            // Even if the server reads fast, its response is noticed.
            if context::with_current(|context| connection.try_receive(context))? {
                return Ok(false);
            }
            self.send_piece(connection, 0)?;
        }
        if connection.is_write_closed() {
            return Ok(true);
        }
        if connection.all_sent() && self.has_bytes {
            self.reporter.report()?;
        }
        Ok(connection.all_sent())
    }

    /// Sends a piece of the body, after the `filled` bytes in the output.
    fn send_piece(
        &mut self,
        connection: &mut PooledConnection,
        mut filled: usize,
    ) -> TransportResult<()> {
        if self.remaining != Unread::Length(0) {
            // The previous piece is sent by now.
            self.reporter.report()?;
            let room = connection.buffers().output().get_mut(filled..).unwrap_or_default();
            let written = match self.remaining {
                Unread::Length(length) => self.read_piece(room, length)?,
                Unread::Chunks => self.read_chunk(room)?,
            };
            filled = filled.saturating_add(written);
        }
        transmit(connection, filled)
    }

    /// Reads the next bytes of a body with this many left. Returns how many.
    fn read_piece(&mut self, room: &mut [u8], length: u64) -> TransportResult<usize> {
        let limit = usize::try_from(length).unwrap_or(room.len()).min(room.len());
        let read = self.read_body(room.get_mut(..limit).unwrap_or_default())?;
        if read == 0 {
            return Err(TransportError::new(
                TransportErrorKind::Internal,
                "the body ended before its length",
            ));
        }
        self.remaining = Unread::Length(length.saturating_sub(read as u64));
        Ok(read)
    }

    /// Reads the next bytes of a body without a length, as a chunk (RFC 9112 section 7.1). Returns the
    /// length of the chunk, with its frame.
    fn read_chunk(&mut self, room: &mut [u8]) -> TransportResult<usize> {
        let width = format!("{:x}\r\n", room.len()).len();
        let end = room.len().saturating_sub(CHUNK_END.len());
        let read = self.read_body(room.get_mut(width..end).unwrap_or_default())?;
        if read == 0 {
            self.remaining = Unread::Length(0);
            return Ok(put(room, 0, LAST_CHUNK));
        }
        let size = format!("{read:x}\r\n");
        // A short chunk has a shorter size in front.
        room.copy_within(width..width.saturating_add(read), size.len());
        put(room, 0, size.as_bytes());
        Ok(put(room, size.len().saturating_add(read), CHUNK_END))
    }

    fn read_body(&mut self, room: &mut [u8]) -> TransportResult<usize> {
        let Some(body) = &mut self.body else { return Ok(0) };
        let read = body.read(room)?;
        self.reporter.count(|progress| progress.sent = progress.sent.saturating_add(read as u64));
        Ok(read)
    }
}

/// The part of a body that has not been read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unread {
    /// This many bytes.
    Length(u64),
    /// Chunks, up to the last one.
    Chunks,
}

const CHUNK_END: &[u8] = b"\r\n";
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Writes bytes to a place; returns the offset after them. There is always room for the frame of a chunk.
fn put(room: &mut [u8], place: usize, bytes: &[u8]) -> usize {
    let end = place.saturating_add(bytes.len());
    if let Some(to) = room.get_mut(place..end) {
        to.copy_from_slice(bytes);
    }
    end
}

fn transmit(connection: &mut PooledConnection, amount: usize) -> TransportResult<()> {
    connection.transmit_output(amount, NextTimeout::default()).map_err(from_ureq)
}

/// Writes the complete head to the start of the output; returns its length. Makes room for the body
/// after it, or for much of it.
fn write_head(
    connection: &mut PooledConnection,
    request: RequestHead<'_>,
    framing: BodyFraming,
    expects_continue: bool,
) -> TransportResult<usize> {
    let forwarding = connection.forwarding();
    let (origin, authorization) =
        forwarding.as_ref().map_or(("", ""), |proxy| (proxy.origin(), proxy.authorization()));
    let head = HeadWriter { request, origin, authorization, framing, expects_continue };
    let size = head.max_length();
    let body = match framing {
        BodyFraming::None => 0,
        BodyFraming::Length(length) => usize::try_from(length).unwrap_or(MAX_BODY_OUTPUT),
        BodyFraming::Chunked => MAX_BODY_OUTPUT,
    };
    connection.make_room(
        size.saturating_add(body).min(MAX_BODY_OUTPUT.max(size.saturating_add(BODY_ROOM))),
    );
    let mut room = connection.buffers().output();
    let available = room.len();
    let outcome = head.write(&mut room);
    let filled = available.saturating_sub(room.len());
    connection.head_written(filled);
    outcome.map_err(|error| {
        TransportError::new(
            TransportErrorKind::Internal,
            format!("the request cannot be sent: {error}"),
        )
    })?;
    Ok(filled)
}
