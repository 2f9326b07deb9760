//! Sends a request: its head, then its body.
//!
//! A server may respond while it still reads. So sending stops early if bytes have arrived, and
//! continues after they are read. Neither side waits for the other to read first.

use std::fmt;
use std::time::{Duration, Instant};

use http::header::EXPECT;
use ureq::unversioned::transport::{NextTimeout, Transport as _};

use crate::transport::context;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult, from_ureq};
use crate::transport::http1::HeadWriter;
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
    /// Bytes of the body that have not been read yet.
    remaining: u64,
    reporter: ProgressReporter<'a>,
    /// The body is held back until this time.
    continue_deadline: Option<Deadline>,
}

/// Sends head and body, until everything is sent or bytes arrive. With `Expect`, sends only the head.
/// A short head and body are sent together. `None`: nothing is left to send.
pub(super) fn begin<'a>(
    connection: &mut PooledConnection,
    request: RequestHead<'_>,
    body: Option<BodySource<'a>>,
    reporter: ProgressReporter<'a>,
) -> TransportResult<Option<Outgoing<'a>>> {
    let length = body.as_ref().map(BodySource::length);
    let remaining = length.unwrap_or(0);
    let expects_continue = remaining > 0 && request.headers.contains_key(EXPECT);
    let filled = write_head(connection, request, length, expects_continue)?;
    reporter.count(|progress| progress.to_send = remaining);
    let mut outgoing = Outgoing { body, remaining, reporter, continue_deadline: None };
    if expects_continue {
        transmit(connection, filled)?;
        outgoing.continue_deadline = Some(Deadline::after(Instant::now(), Some(CONTINUE_TIMEOUT)));
        return Ok(Some(outgoing));
    }
    outgoing.send_piece(connection, filled)?;
    let mut outgoing = Some(outgoing);
    resume(&mut outgoing, connection)?;
    Ok(outgoing)
}

/// Continues to send until everything is sent, bytes have arrived, or the peer accepts no more.
/// Sets `outgoing` to `None`, unless bytes have arrived.
pub(super) fn resume(
    outgoing: &mut Option<Outgoing<'_>>,
    connection: &mut PooledConnection,
) -> TransportResult<()> {
    if let Some(sending) = outgoing
        && sending.send_more(connection)?
    {
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
        while connection.all_sent() && self.remaining > 0 && !connection.is_write_closed() {
            // Even if the server reads fast, its response is noticed.
            if context::with_current(|context| connection.try_receive(context))? {
                return Ok(false);
            }
            self.send_piece(connection, 0)?;
        }
        if connection.is_write_closed() {
            return Ok(true);
        }
        if connection.all_sent() && self.reporter.progress.get().to_send > 0 {
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
        if let Some(body) = &mut self.body
            && self.remaining > 0
        {
            // The previous piece is sent by now.
            self.reporter.report()?;
            let room = connection.buffers().output().get_mut(filled..).unwrap_or_default();
            let limit = usize::try_from(self.remaining).unwrap_or(room.len()).min(room.len());
            let read = body.read(room.get_mut(..limit).unwrap_or_default())?;
            if read == 0 {
                return Err(TransportError::new(
                    TransportErrorKind::Internal,
                    "the body ended before its length",
                ));
            }
            self.reporter
                .count(|progress| progress.sent = progress.sent.saturating_add(read as u64));
            self.remaining = self.remaining.saturating_sub(read as u64);
            filled = filled.saturating_add(read);
        }
        transmit(connection, filled)
    }
}

fn transmit(connection: &mut PooledConnection, amount: usize) -> TransportResult<()> {
    connection.transmit_output(amount, NextTimeout::default()).map_err(from_ureq)
}

/// Writes the complete head to the start of the output; returns its length. Makes room for the body
/// after it, or for much of it.
fn write_head(
    connection: &mut PooledConnection,
    request: RequestHead<'_>,
    length: Option<u64>,
    expects_continue: bool,
) -> TransportResult<usize> {
    let forwarding = connection.forwarding();
    let (origin, authorization) =
        forwarding.as_ref().map_or(("", ""), |proxy| (proxy.origin(), proxy.authorization()));
    let head = HeadWriter { request, origin, authorization, length, expects_continue };
    let size = head.max_length();
    let body = usize::try_from(length.unwrap_or(0)).unwrap_or(MAX_BODY_OUTPUT);
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
