//! The body of a response, which ends where its framing says (RFC 9112 section 6.3). It is read
//! directly into its destination.

use std::io::{self, Read};
use std::time::Instant;

use crate::transport::context::{self, ExchangeContext};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};
use crate::transport::http1::ChunkedDecoder;
use crate::transport::http1::Framing;
use crate::transport::pool::PooledConnection;

use super::send::{self, Outgoing};

/// The rest of a body, and the connection that it arrives on. At the end of the body, a reusable
/// connection returns to the pool. If the body is dropped before its end, the connection is closed.
#[derive(Debug)]
pub(super) struct FramedBody<'a> {
    /// `None` after the end.
    connection: Option<PooledConnection>,
    /// The part of the request that is not sent yet.
    outgoing: Option<Outgoing<'a>>,
    remaining: Remaining,
    persistent: bool,
}

#[derive(Debug)]
enum Remaining {
    Length(u64),
    Chunked(ChunkedDecoder),
    /// Up to the end of the connection.
    UntilClose,
}

impl<'a> FramedBody<'a> {
    pub(super) fn new(
        connection: PooledConnection,
        outgoing: Option<Outgoing<'a>>,
        framing: Framing,
        persistent: bool,
    ) -> TransportResult<Self> {
        let remaining = match framing {
            Framing::None => Remaining::Length(0),
            Framing::Length(length) => Remaining::Length(length),
            Framing::Chunked => Remaining::Chunked(ChunkedDecoder::new()),
            Framing::UntilClose => Remaining::UntilClose,
        };
        let persistent = persistent && framing != Framing::UntilClose;
        let mut framed = Self { connection: Some(connection), outgoing, remaining, persistent };
        if let Remaining::Length(0) = framed.remaining {
            framed.finish()?;
        }
        Ok(framed)
    }

    /// Reads more bytes to the end of `bytes`, within its capacity; 0 is the end.
    pub(super) fn read_into(&mut self, bytes: &mut Vec<u8>) -> TransportResult<usize> {
        let old_length = bytes.len();
        loop {
            let limit = self.remaining()?.min(bytes.capacity().saturating_sub(old_length));
            let Some(connection) = self.connection.as_mut().filter(|_| limit > 0) else {
                return Ok(0);
            };
            continue_sending(&mut self.outgoing, connection)?;
            let buffered = connection.take_input(limit);
            bytes.extend_from_slice(buffered);
            if buffered.is_empty() {
                context::with_current(|context| connection.read_into(context, bytes, limit))?;
            }
            let data_length = self.consume(bytes.get_mut(old_length..).unwrap_or_default())?;
            bytes.truncate(old_length.saturating_add(data_length));
            if data_length > 0 {
                return Ok(data_length);
            }
        }
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> TransportResult<usize> {
        loop {
            let limit = self.remaining()?.min(buffer.len());
            let Some(connection) = self.connection.as_mut().filter(|_| limit > 0) else {
                return Ok(0);
            };
            let room = buffer.get_mut(..limit).unwrap_or_default();
            continue_sending(&mut self.outgoing, connection)?;
            let buffered = connection.take_input(limit);
            let read = match buffered.len() {
                0 => context::with_current(|context| connection.read(context, room))?,
                length => {
                    room.get_mut(..length).unwrap_or_default().copy_from_slice(buffered);
                    length
                }
            };
            let data_length = self.consume(room.get_mut(..read).unwrap_or_default())?;
            if data_length > 0 {
                return Ok(data_length);
            }
        }
    }

    /// The maximum number of bytes that may follow. At the end, this is 0, and the connection is
    /// released.
    fn remaining(&mut self) -> TransportResult<usize> {
        let left = match &self.remaining {
            Remaining::Length(left) => usize::try_from(*left).unwrap_or(usize::MAX),
            Remaining::Chunked(decoder) if decoder.ended() => 0,
            Remaining::Chunked(decoder) => decoder.check().map(|()| usize::MAX)?,
            Remaining::UntilClose => usize::MAX,
        };
        if left == 0 {
            self.finish()?;
        }
        Ok(left)
    }

    /// Processes received bytes; returns how many of them, moved to the front, are part of the
    /// body.
    fn consume(&mut self, piece: &mut [u8]) -> TransportResult<usize> {
        match &mut self.remaining {
            Remaining::Length(_) | Remaining::Chunked(_) if piece.is_empty() => {
                let detail = "the server closed the connection within the body";
                return Err(TransportError::new(TransportErrorKind::Closed, detail));
            }
            Remaining::Length(left) => *left = left.saturating_sub(piece.len() as u64),
            Remaining::Chunked(decoder) => {
                let data_length = decoder.decode(piece);
                if let (true, Some(connection)) = (decoder.has_extra_bytes(), &mut self.connection)
                {
                    connection.forbid_reuse();
                }
                return Ok(data_length);
            }
            Remaining::UntilClose if piece.is_empty() => self.remaining = Remaining::Length(0),
            Remaining::UntilClose => {}
        }
        Ok(piece.len())
    }

    /// The complete response has arrived. A server that keeps the connection open may still read
    /// the request. So sending continues while it accepts more, also after its response. A server
    /// that is about to close gets no more (RFC 9112 section 9.6).
    ///
    /// # Errors
    /// Those of the caller, such as a cancel. A timeout or an error of the connection only ends the
    /// sending.
    fn finish(&mut self) -> TransportResult<()> {
        let Some(mut connection) = self.connection.take().filter(|_| self.persistent) else {
            return Ok(());
        };
        if self.outgoing.is_some() {
            context::with_current(may_send)?;
            context::update_current(ExchangeContext::response_complete);
        }
        while self.outgoing.is_some() {
            if !connection.take_input(usize::MAX).is_empty() {
                connection.forbid_reuse();
            }
            let in_time = context::with_current(|context| context.may_wait(Instant::now()));
            match in_time.and_then(|()| send::resume(&mut self.outgoing, &mut connection)) {
                Err(failure) if ends_sending(failure.kind) => return Ok(()),
                outcome => outcome?,
            }
        }
        connection.return_to_pool();
        Ok(())
    }
}

/// Whether an error after the complete response only ends the sending.
fn ends_sending(kind: TransportErrorKind) -> bool {
    matches!(
        kind,
        TransportErrorKind::Closed | TransportErrorKind::Timeout | TransportErrorKind::Tls { .. }
    )
}

/// Continues to send, until there are bytes to read.
fn continue_sending(
    outgoing: &mut Option<Outgoing<'_>>,
    connection: &mut PooledConnection,
) -> TransportResult<()> {
    if outgoing.is_some() && !connection.has_unread() {
        context::with_current(may_send)?;
        send::resume(outgoing, connection)?;
    }
    Ok(())
}

/// Fails if the exchange never waits, because to send may mean to wait.
fn may_send(context: &mut ExchangeContext) -> TransportResult<()> {
    if context.never_waits { Err(context.must_not_wait()) } else { Ok(()) }
}

/// For the content decoders.
impl Read for FramedBody<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Self::read(self, buffer).map_err(io::Error::other)
    }
}
