//! Bodies that are not in memory: a request body is read piece by piece, a response body is written
//! piece by piece, and a callback may watch the progress.

use std::cell::Cell;
use std::io::Read;

use crate::request::Progress;
use crate::transport::error::{TransportError, TransportErrorKind};
use crate::transport::options::Body;
use crate::transport::response::ResponseHead;
use crate::transport::route::Route;

/// A request body that is read while it is sent.
pub trait Upload {
    /// The length in bytes, which the request declares.
    fn length(&self) -> u64;

    /// Reads the next bytes. Returns 0 only after the declared length.
    ///
    /// # Errors
    /// Any error ends the exchange.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, BodyIoError>;
}

/// Receives the body of a response as it arrives.
pub trait Sink {
    /// Called with the response head. Returns whether the sink accepts the body; otherwise the body
    /// is collected in memory. `plain`: the body has no content coding.
    ///
    /// # Errors
    /// Any error ends the exchange.
    fn begin(&mut self, head: &ResponseHead, plain: bool) -> Result<bool, BodyIoError>;

    /// Writes the next piece.
    ///
    /// # Errors
    /// Any error ends the exchange.
    fn write(&mut self, bytes: &[u8]) -> Result<(), BodyIoError>;

    /// Called at the regular end of the body.
    ///
    /// # Errors
    /// Any error ends the exchange.
    fn end(&mut self) -> Result<(), BodyIoError> {
        Ok(())
    }

    /// The number of bytes of the body that earlier responses have delivered.
    fn received_before(&self) -> u64 {
        0
    }

    /// The maximum number of bytes, with those from earlier responses, if a limit is set. Without a
    /// limit, only decoded bodies are limited.
    fn limit(&self) -> Option<u64> {
        None
    }
}

/// The reasons for which the caller's side ends an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyIoError {
    /// A file cannot be read or written.
    File(String),
    /// The response does not match the request.
    Protocol(String),
    /// The caller cancelled.
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

/// Receives the progress of an exchange; returning false cancels the exchange.
pub type ProgressFn<'a> = &'a dyn Fn(Progress) -> bool;

/// The optional parts of an exchange.
#[derive(Default)]
pub struct BodyHandlers<'a> {
    /// The request body, instead of one in memory.
    pub upload: Option<&'a mut dyn Upload>,
    /// Receives the response body.
    pub sink: Option<&'a mut dyn Sink>,
    /// Receives the progress.
    pub progress: Option<ProgressFn<'a>>,
    /// The route to the server.
    pub route: Route,
}

/// The source of a request body.
pub(super) enum BodySource<'a> {
    Memory(&'a [u8]),
    Upload(&'a mut dyn Upload),
}

impl<'a> BodySource<'a> {
    /// `None` if there is no body.
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

/// Reports progress to the callback. All copies count for the same exchange.
#[derive(Clone, Copy)]
pub(super) struct ProgressReporter<'a> {
    pub(super) callback: Option<ProgressFn<'a>>,
    pub(super) progress: &'a Cell<Progress>,
}

impl ProgressReporter<'_> {
    /// Changes the counts.
    pub(super) fn count(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.get();
        change(&mut progress);
        self.progress.set(progress);
    }

    pub(super) fn report(&self) -> Result<(), TransportError> {
        match self.callback {
            Some(callback) if !callback(self.progress.get()) => Err(BodyIoError::Cancelled.into()),
            _ => Ok(()),
        }
    }
}
