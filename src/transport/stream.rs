//! Bodies that do not lie in memory: what is sent is read piece by piece, what arrives is handed
//! on piece by piece, and somebody may watch.

use std::cell::Cell;
use std::io::Read;

use crate::request::Moved;

use super::fault::{Failure, FaultKind};
use super::{Body, Head, Route};

/// A body that is read while it is sent.
pub trait Upload {
    /// Its length in bytes, which is announced to the server.
    fn length(&self) -> u64;

    /// Reads the next bytes; never 0 before the length is reached.
    ///
    /// # Errors
    /// Any ends the exchange.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Stop>;
}

/// Takes the body of an answer as it arrives.
pub trait Sink {
    /// The head has arrived. Says whether it takes the body, which otherwise is collected in
    /// memory. `plain`: no content coding is going to be undone.
    ///
    /// # Errors
    /// Any ends the exchange.
    fn open(&mut self, head: &Head, plain: bool) -> Result<bool, Stop>;

    /// Takes the next piece.
    ///
    /// # Errors
    /// Any ends the exchange.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Stop>;

    /// The body has come to its regular end.
    ///
    /// # Errors
    /// Any ends the exchange.
    fn end(&mut self) -> Result<(), Stop> {
        Ok(())
    }

    /// How many bytes of the body it has from earlier answers.
    fn already(&self) -> u64 {
        0
    }

    /// How many bytes it takes at most, those from earlier answers included, where a limit was
    /// set. Without one, only what comes out of a content coding has a limit.
    fn most(&self) -> Option<u64> {
        None
    }
}

/// Why the caller's side of a stream ends an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// A file cannot be read or written.
    File(String),
    /// The answer does not fit to what was asked for.
    Protocol(String),
    /// The caller said so.
    Cancelled,
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::File(detail) => Self::new(FaultKind::File, detail),
            Stop::Protocol(detail) => Self::new(FaultKind::Protocol, detail),
            Stop::Cancelled => {
                Self::new(FaultKind::Cancelled, "cancelled by the caller's callback")
            }
        }
    }
}

/// Is told how far an exchange has come; false cancels it.
pub type Meter<'a> = &'a dyn Fn(Moved) -> bool;

/// What an exchange may have besides.
#[derive(Default)]
pub struct Extras<'a> {
    /// A body in place of one in memory.
    pub upload: Option<&'a mut dyn Upload>,
    /// Takes the body of the answer.
    pub sink: Option<&'a mut dyn Sink>,
    /// Watches.
    pub meter: Option<Meter<'a>>,
    /// The way to the server.
    pub route: Route,
}

/// Where the bytes of a body to be sent come from.
pub(super) enum Origin<'a> {
    Memory(&'a [u8]),
    Upload(&'a mut dyn Upload),
}

impl<'a> Origin<'a> {
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

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        match self {
            Self::Memory(bytes) => bytes
                .read(buffer)
                .map_err(|error| Failure::new(FaultKind::Internal, error.to_string())),
            Self::Upload(upload) => upload.read(buffer).map_err(Failure::from),
        }
    }
}

/// Tells the meter how far things have come. A copy counts for the same exchange.
#[derive(Clone, Copy)]
pub(super) struct Gauge<'a> {
    pub(super) meter: Option<Meter<'a>>,
    pub(super) moved: &'a Cell<Moved>,
}

impl Gauge<'_> {
    /// Counts something.
    pub(super) fn count(&self, change: impl FnOnce(&mut Moved)) {
        let mut moved = self.moved.get();
        change(&mut moved);
        self.moved.set(moved);
    }

    pub(super) fn report(&self) -> Result<(), Failure> {
        match self.meter {
            Some(meter) if !meter(self.moved.get()) => Err(Stop::Cancelled.into()),
            _ => Ok(()),
        }
    }
}
