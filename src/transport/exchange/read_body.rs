//! Reads a response body: into memory, with one allocation if its length is known, or into a sink,
//! with one buffer for all of it.

use crate::transport::context;
use crate::transport::decode::{Coding, Decoded};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};

use super::body_io::{ProgressReporter, Sink};
use super::framed_body::FramedBody;

/// The maximum Content-Length for which memory is allocated at once. For a longer body, the buffer
/// grows as bytes arrive.
const MAX_PREALLOCATED: u64 = 16 * 1024 * 1024;
/// The first allocation for a body of unknown length.
const INITIAL_CAPACITY: usize = 8 * 1024;
/// The maximum size of a piece for a sink.
const SINK_CHUNK: usize = 64 * 1024;
/// The buffer grows in steps of this size. Safe Rust fills new bytes with zeros, and these are
/// still in the processor's cache when the data arrives.
const GROWTH_STEP: usize = 64 * 1024;

/// The maximum length of the rest of a body that the caller does not read, and that is still worth
/// reading.
const MAX_FORGOTTEN: usize = 16 * 1024;
/// The size of a piece of it.
const FORGOTTEN_CHUNK: usize = 1024;

/// A body as it arrives, after content decoding.
// There is only one at a time, and it does not move.
#[allow(clippy::large_enum_variant)]
pub(super) enum ResponseReader<'a> {
    Plain(FramedBody<'a>),
    Coded(Decoded<'a>),
}

impl<'a> ResponseReader<'a> {
    /// `limit`: the maximum number of bytes that the caller accepts, if set.
    pub(super) fn new(framed: FramedBody<'a>, codings: &[Coding], limit: Option<u64>) -> Self {
        if codings.is_empty() {
            return Self::Plain(framed);
        }
        Self::Coded(Decoded::new(framed, codings, limit))
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> TransportResult<usize> {
        match self {
            Self::Plain(framed) => framed.read(buffer),
            Self::Coded(decoded) => decoded.read(buffer),
        }
    }

    /// Reads the rest of the body and forgets it, if all of it has arrived and it is short. Then its
    /// connection is kept for later requests. Does not wait.
    pub(super) fn release(&mut self) {
        context::update_current(|context| context.never_waits = true);
        let (mut buffer, mut forgotten) = ([0; FORGOTTEN_CHUNK], 0_usize);
        while forgotten < MAX_FORGOTTEN {
            match self.read(&mut buffer) {
                // At the end, the body has released the connection. An error closes it.
                Ok(0) | Err(_) => break,
                Ok(read) => forgotten = forgotten.saturating_add(read),
            }
        }
    }

    /// Makes room in `bytes` after the first `filled` bytes, if there is none. A plain body is read
    /// directly into the capacity. Content decoding writes to a slice, which must exist.
    fn make_room(&self, bytes: &mut Vec<u8>, filled: usize) -> TransportResult<()> {
        if filled < bytes.len() {
            return Ok(());
        }
        grow(bytes)?;
        if let Self::Coded(_) = self {
            let longer = bytes.len().saturating_add(GROWTH_STEP).min(bytes.capacity());
            bytes.resize(longer, 0);
        }
        Ok(())
    }

    /// Reads more bytes after the first `filled` bytes of `bytes`; 0 is the end.
    fn read_more(&mut self, bytes: &mut Vec<u8>, filled: usize) -> TransportResult<usize> {
        match self {
            Self::Plain(framed) => framed.read_into(bytes),
            Self::Coded(decoded) => decoded.read(bytes.get_mut(filled..).unwrap_or_default()),
        }
    }
}

/// Reads the complete body into `bytes`, at most `limit` bytes. `content_length` is the length that
/// the server declared, if the body has no content coding. Also after a failure, `bytes` contains
/// what arrived, and has capacity for one more byte.
pub(super) fn read(
    body: &mut ResponseReader<'_>,
    content_length: Option<u64>,
    limit: u64,
    bytes: &mut Vec<u8>,
    reporter: &ProgressReporter,
) -> TransportResult<()> {
    if content_length.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let first = match content_length {
        Some(length) => usize::try_from(length.min(MAX_PREALLOCATED)).unwrap_or(INITIAL_CAPACITY),
        None => INITIAL_CAPACITY,
    };
    // One more byte: for a NUL, and to detect the end without growing.
    bytes.try_reserve_exact(first.saturating_add(1)).map_err(|_| out_of_memory(0))?;
    let mut filled = 0;
    let outcome = fill(body, limit, bytes, &mut filled, reporter);
    bytes.truncate(filled);
    let trimmed = trim(bytes);
    outcome.and(trimmed)
}

fn fill(
    body: &mut ResponseReader<'_>,
    limit: u64,
    bytes: &mut Vec<u8>,
    filled: &mut usize,
    reporter: &ProgressReporter,
) -> TransportResult<()> {
    loop {
        if let Err(failure) = body.make_room(bytes, *filled) {
            // A process without memory needs these bytes for something else.
            (*bytes, *filled) = (Vec::new(), 0);
            return Err(failure);
        }
        let read = body.read_more(bytes, *filled)?;
        if read == 0 {
            return Ok(());
        }
        let total = filled.saturating_add(read);
        if total as u64 > limit {
            *filled = usize::try_from(limit).unwrap_or(total);
            return Err(too_large(limit));
        }
        *filled = total;
        report_received(reporter, read)?;
    }
}

/// Writes the complete body to a sink, up to the sink's limit. Returns how many bytes arrived,
/// also after a failure.
pub(super) fn read_to_sink(
    body: &mut ResponseReader<'_>,
    content_length: Option<u64>,
    sink: &mut dyn Sink,
    reporter: &ProgressReporter,
) -> (u64, TransportResult<()>) {
    let (before, limit) = (sink.received_before(), sink.limit().unwrap_or(u64::MAX));
    let mut received = 0_u64;
    if content_length.is_some_and(|length| before.saturating_add(length) > limit) {
        return (0, Err(too_large(limit)));
    }
    let outcome = copy_to_sink(body, limit, sink, reporter, &mut received);
    (received, outcome)
}

fn copy_to_sink(
    body: &mut ResponseReader<'_>,
    limit: u64,
    sink: &mut dyn Sink,
    reporter: &ProgressReporter,
    received: &mut u64,
) -> TransportResult<()> {
    let mut buffer = vec![0; SINK_CHUNK];
    let room = limit.saturating_sub(sink.received_before());
    loop {
        let read = body.read(&mut buffer)?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
            return Ok(sink.end()?);
        };
        *received = received.saturating_add(read as u64);
        if *received > room {
            return Err(too_large(limit));
        }
        sink.write(piece)?;
        report_received(reporter, read)?;
    }
}

/// Reports received bytes to the progress callback.
pub(super) fn report_received(reporter: &ProgressReporter, read: usize) -> TransportResult<()> {
    reporter.count(|progress| progress.received = progress.received.saturating_add(read as u64));
    reporter.report()
}

/// Makes room for more bytes, if there is none.
fn grow(bytes: &mut Vec<u8>) -> TransportResult<()> {
    if bytes.len() == bytes.capacity() {
        let doubled = bytes.try_reserve(bytes.len().max(INITIAL_CAPACITY));
        doubled
            .or_else(|_| bytes.try_reserve_exact(GROWTH_STEP))
            .map_err(|_| out_of_memory(bytes.len()))?;
    }
    Ok(())
}

/// Without `try_reserve`, a failed allocation would end the process.
fn out_of_memory(received: usize) -> TransportError {
    let detail = format!("there is no memory for more than {received} bytes of the response body");
    TransportError::new(TransportErrorKind::TooLarge, detail)
}

fn too_large(limit: u64) -> TransportError {
    let detail = format!("the response body is larger than the {limit} bytes allowed");
    TransportError::new(TransportErrorKind::TooLarge, detail)
}

/// Leaves capacity for one more byte, and not much more than that.
fn trim(bytes: &mut Vec<u8>) -> TransportResult<()> {
    let wanted = bytes.len().saturating_add(1);
    if bytes.capacity() > wanted.saturating_mul(2).max(INITIAL_CAPACITY.saturating_mul(2)) {
        bytes.shrink_to(wanted);
    }
    bytes.try_reserve_exact(1).map_err(|_| {
        let received = bytes.len();
        *bytes = Vec::new();
        out_of_memory(received)
    })
}

/// Adds to an error of a connection how much of the body has arrived.
pub(super) fn with_received_length(
    mut failure: TransportError,
    content_length: Option<u64>,
    received: u64,
) -> TransportError {
    if let (TransportErrorKind::Closed, Some(content_length)) = (failure.kind, content_length) {
        failure.detail = format!(
            "the server closed the connection after {received} of {content_length} body bytes"
        );
    }
    failure
}
