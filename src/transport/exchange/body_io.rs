//! Bodies that do not lie in memory: what is sent is read piece by piece, what arrives is handed
//! on piece by piece, and somebody may watch.

use std::cell::Cell;
use std::io::Read;

use crate::request::Progress;
use crate::transport::error::{TransportError, TransportErrorKind};
use crate::transport::options::Body;
use crate::transport::response::ResponseHead;
use crate::transport::route::Route;

/// A body that is read while it is sent.
pub trait Upload {
    /// Its length in bytes, which is announced to the server.
    fn length(&self) -> u64;

    /// Reads the next bytes; never 0 before the length is reached.
    ///
    /// # Errors
    /// Any ends the exchange.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, BodyIoError>;
}

/// Takes the body of an answer as it arrives.
pub trait Sink {
    /// The head has arrived. Says whether it takes the body, which otherwise is collected in
    /// memory. `plain`: no content coding is going to be undone.
    ///
    /// # Errors
    /// Any ends the exchange.
    fn begin(&mut self, head: &ResponseHead, plain: bool) -> Result<bool, BodyIoError>;

    /// Takes the next piece.
    ///
    /// # Errors
    /// Any ends the exchange.
    fn write(&mut self, bytes: &[u8]) -> Result<(), BodyIoError>;

    /// The body has come to its regular end.
    ///
    /// # Errors
    /// Any ends the exchange.
    fn end(&mut self) -> Result<(), BodyIoError> {
        Ok(())
    }

    /// How many bytes of the body it has from earlier answers.
    fn received_before(&self) -> u64 {
        0
    }

    /// How many bytes it takes at most, those from earlier answers included, where a limit was
    /// set. Without one, only what comes out of a content coding has a limit.
    fn limit(&self) -> Option<u64> {
        None
    }
}

/// Why the caller's side of a stream ends an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyIoError {
    /// A file cannot be read or written.
    File(String),
    /// The answer does not fit to what was asked for.
    Protocol(String),
    /// The caller said so.
    Cancelled,
}

impl From<BodyIoError> for TransportError {
    fn from(stop: BodyIoError) -> Self {
        match stop {
            BodyIoError::File(detail) => Self::new(TransportErrorKind::File, detail),
            BodyIoError::Protocol(detail) => Self::new(TransportErrorKind::Protocol, detail),
            BodyIoError::Cancelled => {
                Self::new(TransportErrorKind::Cancelled, "cancelled by the caller's callback")
            }
        }
    }
}

/// Is told how far an exchange has come; false cancels it.
pub type ProgressFn<'a> = &'a dyn Fn(Progress) -> bool;

/// What an exchange may have besides.
#[derive(Default)]
pub struct BodyHandlers<'a> {
    /// A body in place of one in memory.
    pub upload: Option<&'a mut dyn Upload>,
    /// Takes the body of the answer.
    pub sink: Option<&'a mut dyn Sink>,
    /// Watches.
    pub progress: Option<ProgressFn<'a>>,
    /// The way to the server.
    pub route: Route,
}

/// Where the bytes of a body to be sent come from.
pub(super) enum BodySource<'a> {
    Memory(&'a [u8]),
    Upload(&'a mut dyn Upload),
}

impl<'a> BodySource<'a> {
    /// None where there is no body.
    pub(super) fn new(body: Body<'a>, upload: Option<&'a mut (dyn Upload + '_)>) -> Option<Self> {
        match (upload, body) {
            (Some(upload), _) => Some(Self::Upload(upload)),
            (None, Body::Bytes(bytes)) => Some(Self::Memory(bytes)),
            (None, Body::None) => None,
        }
    }

    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Upload(upload) => upload.length(),
        }
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, TransportError> {
        match self {
            Self::Memory(bytes) => bytes.read(buffer).map_err(|error| {
                TransportError::new(TransportErrorKind::Internal, error.to_string())
            }),
            Self::Upload(upload) => upload.read(buffer).map_err(TransportError::from),
        }
    }
}

/// Tells the meter how far things have come. A copy counts for the same exchange.
#[derive(Clone, Copy)]
pub(super) struct ProgressReporter<'a> {
    pub(super) meter: Option<ProgressFn<'a>>,
    pub(super) progress: &'a Cell<Progress>,
}

impl ProgressReporter<'_> {
    /// Counts something.
    pub(super) fn count(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.get();
        change(&mut progress);
        self.progress.set(progress);
    }

    pub(super) fn report(&self) -> Result<(), TransportError> {
        match self.meter {
            Some(meter) if !meter(self.progress.get()) => Err(BodyIoError::Cancelled.into()),
            _ => Ok(()),
        }
    }
}
