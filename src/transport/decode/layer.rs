//! The input of every decoder, with its limits. External decoders hide or rename the errors of
//! their input. So the first error is kept here, where they cannot change it.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use crate::settings::DEFAULT_MAX_BODY_BYTES;
use crate::transport::context;
use crate::transport::error::{TransportError, TransportErrorKind};

use super::coding::Coding;

/// The number of bytes that a decoder reads from its input at once.
pub(super) const CHUNK: usize = 16 * 1024;
/// Timeout, deadline and cancel are checked after this many bytes have passed through a layer.
const CHECK_INTERVAL: usize = 16 * 1024;
/// The cost of a read in addition to its bytes: some decoders read three bytes at a time.
const READ_COST: usize = 64;
/// If the caller sets no limit, a body may become this many times as long as it arrived, or as long
/// as the default limit, if that is more.
const MAX_EXPANSION: u64 = 1000;
/// A coding lengthens incompressible bytes by at most this.
const MAX_CODING_OVERHEAD: u64 = 64 * 1024;
/// Bytes after the end of a coding are read up to this number, so that the connection can be
/// reused.
const MAX_TRAILING_BYTES: u64 = 64 * 1024;

/// The state that all layers of a body share.
struct Shared {
    /// The maximum number of bytes that the caller accepts, if a limit is set.
    limit: Option<u64>,
    /// The number of bytes that have arrived.
    received: Cell<u64>,
    /// The first error of any layer.
    failure: RefCell<Option<TransportError>>,
    /// Bytes follow the end of a coding.
    trailing_bytes: Cell<bool>,
}

/// The input of the decoder above. Copies share the layer.
#[derive(Clone)]
pub(super) struct LayerReader<'a>(Rc<RefCell<Layer<'a>>>);

/// The body as it arrives, or after some of its codings are decoded.
struct Layer<'a> {
    reader: Box<dyn Read + 'a>,
    coding: Option<LayerCoding<'a>>,
    /// The number of bytes that it has delivered.
    produced: u64,
    /// It has reached its end.
    ended: bool,
    /// The work since the last check.
    work: usize,
    shared: Rc<Shared>,
}

/// The coding that a layer decodes.
struct LayerCoding<'a> {
    coding: Coding,
    source: LayerReader<'a>,
    /// There is another coding above it.
    inner: bool,
}

impl<'a> LayerReader<'a> {
    /// The body as it arrives.
    pub(super) fn new(body: impl Read + 'a, limit: Option<u64>) -> Self {
        let shared = Rc::new(Shared {
            limit,
            received: Cell::default(),
            failure: RefCell::default(),
            trailing_bytes: Cell::default(),
        });
        Self::with_reader(Box::new(body), None, shared)
    }

    /// A layer whose coding `decoder` decodes. `inner`: there is another one above it.
    pub(super) fn decoded_by(
        self,
        coding: Coding,
        decoder: Box<dyn Read + 'a>,
        inner: bool,
    ) -> Self {
        let shared = self.shared();
        Self::with_reader(decoder, Some(LayerCoding { coding, source: self, inner }), shared)
    }

    fn with_reader(
        reader: Box<dyn Read + 'a>,
        coding: Option<LayerCoding<'a>>,
        shared: Rc<Shared>,
    ) -> Self {
        let layer = Layer { reader, coding, produced: 0, ended: false, work: 0, shared };
        Self(Rc::new(RefCell::new(layer)))
    }

    fn shared(&self) -> Rc<Shared> {
        Rc::clone(&self.0.borrow().shared)
    }

    /// Ends the body with this error, unless it has failed before.
    pub(super) fn fail(&self, failure: TransportError) -> io::Error {
        self.shared().fail(failure)
    }

    /// The error of the body.
    pub(super) fn failure(&self, error: &io::Error) -> TransportError {
        let failure = self.shared().failure.take();
        failure
            .unwrap_or_else(|| TransportError::new(TransportErrorKind::Internal, error.to_string()))
    }

    /// Records that bytes follow the end of a coding. They are ignored.
    pub(super) fn mark_trailing_bytes(&self) {
        self.shared().trailing_bytes.set(true);
    }

    pub(super) fn has_trailing_bytes(&self) -> bool {
        self.shared().trailing_bytes.get()
    }

    /// Whether the input is empty.
    fn was_empty(&self) -> bool {
        let layer = self.0.borrow();
        layer.ended && layer.produced == 0
    }

    /// Reads the rest, which no decoder uses.
    fn drain(&self) -> io::Result<()> {
        let rest = io::copy(&mut self.clone().take(MAX_TRAILING_BYTES), &mut io::sink())?;
        if rest > 0 {
            self.mark_trailing_bytes();
        }
        Ok(())
    }
}

impl Read for LayerReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Layer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        match self.check_limits().and_then(|()| self.reader.read(buffer)) {
            Ok(0) => self.end(),
            Ok(read) => self.count_output(read),
            Err(error) => self.fail(error),
        }
    }

    /// Fails if the exchange must end.
    fn check_limits(&mut self) -> io::Result<()> {
        self.shared.check()?;
        if self.work >= CHECK_INTERVAL {
            self.work = 0;
            context::check().map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn count_output(&mut self, read: usize) -> io::Result<usize> {
        self.work = self.work.saturating_add(read).saturating_add(READ_COST);
        self.produced = self.produced.saturating_add(read as u64);
        match &self.coding {
            None => self.shared.received.set(self.produced),
            Some(coding) => coding.check_expansion(self.produced, &self.shared)?,
        }
        Ok(read)
    }

    fn end(&mut self) -> io::Result<usize> {
        // A decoder may have mistaken an error for the end.
        self.shared.check()?;
        self.ended = true;
        if let Some(coding) = &self.coding {
            coding.source.drain()?;
        }
        Ok(0)
    }

    fn fail(&mut self, error: io::Error) -> io::Result<usize> {
        self.shared.check()?;
        let failure = match (error.downcast::<TransportError>(), &self.coding) {
            (Ok(failure), _) => failure,
            (Err(_), Some(coding)) if coding.source.was_empty() => return self.end(),
            (Err(error), Some(coding)) => coding.decode_error(&error),
            (Err(error), None) => {
                TransportError::new(TransportErrorKind::Internal, error.to_string())
            }
        };
        Err(self.shared.fail(failure))
    }
}

impl Shared {
    /// Fails if the body has failed; the reason is known.
    fn check(&self) -> io::Result<()> {
        if self.failure.borrow().is_some() { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
    }

    fn fail(&self, failure: TransportError) -> io::Error {
        self.failure.borrow_mut().get_or_insert(failure);
        io::ErrorKind::Other.into()
    }
}

impl LayerCoding<'_> {
    /// The error if the decoder fails, and its input does not.
    fn decode_error(&self, error: &io::Error) -> TransportError {
        let name = self.coding.name();
        // gzip and deflate report a missing end themselves; the other decoders fail at the missing
        // bytes.
        let reports_end = matches!(self.coding, Coding::Gzip | Coding::Deflate);
        let ends_early = error.kind() == io::ErrorKind::UnexpectedEof
            || !reports_end && self.source.0.borrow().ended;
        if ends_early {
            return TransportError::new(
                TransportErrorKind::Closed,
                format!("the {name} body ends early"),
            );
        }
        TransportError::new(TransportErrorKind::Protocol, format!("the {name} body is corrupt"))
    }

    /// Fails if the output is larger than allowed. The caller's own limit is checked where the
    /// output goes.
    fn check_expansion(&self, produced: u64, shared: &Shared) -> io::Result<()> {
        let default_limit =
            shared.received.get().saturating_mul(MAX_EXPANSION).max(DEFAULT_MAX_BODY_BYTES);
        let limit = shared.limit.unwrap_or(default_limit);
        let inner = limit.saturating_add(limit / 8).saturating_add(MAX_CODING_OVERHEAD);
        let name = self.coding.name();
        let detail = match shared.limit {
            _ if self.inner && produced > inner => {
                format!("the {name} body contains another coding with more than {inner} bytes")
            }
            None if !self.inner && produced > limit => format!(
                "the {name} body becomes longer than {DEFAULT_MAX_BODY_BYTES} bytes and {MAX_EXPANSION} \
                 times its received length; a larger max_body_bytes would allow it"
            ),
            _ => return Ok(()),
        };
        Err(shared.fail(TransportError::new(TransportErrorKind::TooLarge, detail)))
    }
}

/// The error if a decoder has no memory.
pub(super) fn no_memory(coding: Coding) -> TransportError {
    let detail = format!("there is no memory to decode the {} coding of the body", coding.name());
    TransportError::new(TransportErrorKind::TooLarge, detail)
}

/// Reads the first bytes of something, up to the length of the buffer.
pub(super) fn read_start<'a>(reader: &mut impl Read, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
        match reader.read(room)? {
            0 => break,
            read => filled = filled.saturating_add(read),
        }
    }
    Ok(buffer.get(..filled).unwrap_or_default())
}
