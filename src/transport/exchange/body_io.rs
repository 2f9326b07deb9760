//! Bodies that are not in memory: a request body is read piece by piece, a response body is written
//! piece by piece, and a callback may watch the progress.

use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;

use crate::request::{Progress, ProgressCallback};
use crate::trace::Tracer;
use crate::transport::error::{TransportError, TransportErrorKind};
use crate::transport::options::Body;
use crate::transport::response::ResponseHead;
use crate::transport::route::Route;

/// A request body that is read while it is sent.
pub trait Upload {
    /// The length in bytes, which the request declares. Without one, the request is sent in chunks
    /// (RFC 9112 section 7.1).
    fn length(&self) -> Option<u64>;

    /// Reads the next bytes. Returns 0 only at the end, which is after the declared length.
    ///
    /// # Errors
    /// Any error ends the exchange.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, BodyIoError>;
}

/// Receives the body of a response as it arrives.
pub trait Sink {
    /// Called with the response head. Says where the body goes. `plain`: the body has no content
    /// coding.
    ///
    /// # Errors
    /// Any error ends the exchange.
    fn begin(&mut self, head: &ResponseHead, plain: bool) -> Result<BodyTarget, BodyIoError>;

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

/// Where the body of a response goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyTarget {
    /// It is collected in memory.
    Memory,
    /// The sink.
    Sink,
    /// It stays open. The caller reads it after the exchange.
    Open,
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
    /// A callback did what it must not do.
    Argument(String),
}

impl From<BodyIoError> for TransportError {
    fn from(stop: BodyIoError) -> Self {
        match stop {
            BodyIoError::File(detail) => Self::new(TransportErrorKind::File, detail),
            BodyIoError::Protocol(detail) => Self::new(TransportErrorKind::Protocol, detail),
            BodyIoError::Argument(detail) => Self::new(TransportErrorKind::Argument, detail),
            BodyIoError::Cancelled => {
                Self::new(TransportErrorKind::Cancelled, "cancelled by the caller's callback")
            }
        }
    }
}

/// The optional parts of an exchange.
#[derive(Default)]
pub struct BodyHandlers<'a> {
    /// The request body, instead of one in memory.
    pub upload: Option<Box<dyn Upload>>,
    /// Receives the response body.
    pub sink: Option<&'a mut dyn Sink>,
    /// Receives the progress.
    pub progress: Option<&'a ProgressCallback>,
    /// Receives the events.
    pub tracer: Option<&'a Tracer>,
    /// Leave the content coding of the response body as it is.
    pub raw: bool,
    /// The route to the server.
    pub route: Route,
}

/// The source of a request body.
pub(super) enum BodySource<'a> {
    Memory(&'a [u8]),
    Upload(Box<dyn Upload>),
}

impl<'a> BodySource<'a> {
    /// `None` if there is no body.
    pub(super) fn new(body: Body<'a>, upload: Option<Box<dyn Upload>>) -> Option<Self> {
        match (upload, body) {
            (Some(upload), _) => Some(Self::Upload(upload)),
            (None, Body::Bytes(bytes)) => Some(Self::Memory(bytes)),
            (None, Body::None) => None,
        }
    }

    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Memory(bytes) => Some(bytes.len() as u64),
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

/// Reports progress to the callback, if there is one. All copies count for the same exchange.
#[derive(Clone, Default)]
pub(super) struct ProgressReporter(Option<Rc<Reporting>>);

struct Reporting {
    callback: ProgressCallback,
    progress: Cell<Progress>,
}

impl ProgressReporter {
    pub(super) fn new(callback: Option<&ProgressCallback>) -> Self {
        let reporting = |callback: &ProgressCallback| Reporting {
            callback: ProgressCallback::clone(callback),
            progress: Cell::default(),
        };
        Self(callback.map(reporting).map(Rc::new))
    }

    /// Changes the counts.
    pub(super) fn count(&self, change: impl FnOnce(&mut Progress)) {
        if let Some(reporting) = &self.0 {
            let mut progress = reporting.progress.get();
            change(&mut progress);
            reporting.progress.set(progress);
        }
    }

    pub(super) fn report(&self) -> Result<(), TransportError> {
        match &self.0 {
            Some(reporting) if !(reporting.callback)(reporting.progress.get()) => {
                Err(BodyIoError::Cancelled.into())
            }
            _ => Ok(()),
        }
    }
}
