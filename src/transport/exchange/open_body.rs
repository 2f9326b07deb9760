//! A response body that the caller reads piece by piece, after the exchange has returned its head.

use std::fmt;
use std::time::{Duration, Instant};

use crate::transport::context::{self, ExchangeContext};
use crate::transport::error::{ExchangeError, TransportError, TransportErrorKind, TransportResult};
use crate::transport::fork;
use crate::transport::result::ExchangeRecord;
use crate::wait::Deadline;

use super::body_io::ProgressReporter;
use super::read_body::{ResponseReader, report_received, with_received_length};

/// The body of a response whose head has arrived. Read to its end, its connection is kept for later
/// requests. Dropped earlier, its connection is closed.
///
/// The rest of a request that its server has begun to answer is sent while the body is read.
pub struct OpenBody<'a> {
    reader: ResponseReader<'a>,
    /// `None` before the exchange ends, and during a read.
    context: Option<ExchangeContext>,
    content_length: Option<u64>,
    received: u64,
    reporter: ProgressReporter,
    /// The process that has opened it. Another one must not take bytes from its connection.
    generation: u64,
}

impl fmt::Debug for OpenBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenBody").field("received", &self.received).finish_non_exhaustive()
    }
}

impl Drop for OpenBody<'_> {
    fn drop(&mut self) {
        if let (Some(context), true) = (self.context.take(), self.generation == fork::generation())
            && context::may_enter().is_ok()
        {
            let _entered = context::enter(context);
            self.reader.release();
        }
    }
}

impl<'a> OpenBody<'a> {
    pub(super) fn new(
        reader: ResponseReader<'a>,
        content_length: Option<u64>,
        reporter: ProgressReporter,
    ) -> Self {
        let generation = fork::generation();
        Self { reader, context: None, content_length, received: 0, reporter, generation }
    }

    /// Continues the exchange that has read the head.
    pub(super) fn set_context(&mut self, context: Option<ExchangeContext>) {
        self.context = context;
    }

    /// Sets the end of all reads.
    pub fn set_deadline(&mut self, deadline: Deadline) {
        if let Some(context) = &mut self.context {
            context.attempt = deadline;
        }
    }

    /// Sets the maximum time without a byte from the server.
    pub fn set_read_timeout(&mut self, timeout: Option<Duration>) {
        if let Some(context) = &mut self.context {
            context.read_timeout = timeout;
        }
    }

    /// The maximum time without a byte from the server.
    #[cfg(test)]
    pub fn read_timeout(&self) -> Option<Duration> {
        self.context.as_ref().and_then(|context| context.read_timeout)
    }

    /// Reads the next bytes; 0 is the end. Waits for them if there are none yet.
    ///
    /// # Errors
    /// Same as an exchange. After an error, no more bytes can be read.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ExchangeError> {
        context::may_enter().map_err(|failure| failure.with_partial_response(None, Vec::new()))?;
        let Some(context) = self.context.take() else {
            let detail = "the body has failed before";
            let failure = TransportError::new(TransportErrorKind::Internal, detail);
            return Err(failure.with_partial_response(None, Vec::new()));
        };
        let entered = context::enter(context);
        let outcome = self.read_in_context(buffer);
        self.context = entered.leave();
        let (length, received) = (self.content_length, self.received);
        outcome.map_err(|failure| {
            with_received_length(failure, length, received).with_partial_response(None, Vec::new())
        })
    }

    fn read_in_context(&mut self, buffer: &mut [u8]) -> TransportResult<usize> {
        if self.generation != fork::generation() {
            let detail = "the parent process has opened the stream, and only it can read it";
            return Err(TransportError::new(TransportErrorKind::Argument, detail));
        }
        context::with_current(|context| context.check_current(Instant::now()))?;
        let read = self.reader.read(buffer)?;
        self.received = self.received.saturating_add(read as u64);
        if read > 0 {
            report_received(&self.reporter, read)?;
        }
        Ok(read)
    }

    /// The bytes that were sent and received since the last call.
    pub fn take_byte_counts(&mut self) -> (u64, u64) {
        let Some(context) = &mut self.context else { return (0, 0) };
        let ExchangeRecord { request_bytes, response_bytes, .. } = &mut context.record;
        (std::mem::take(request_bytes), std::mem::take(response_bytes))
    }
}
