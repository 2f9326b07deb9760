//! What every decoder reads from, and what bounds it. Decoders come from elsewhere, and hide or
//! rename the errors of their source; so the first failure is kept here, where none can change it.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use crate::settings::DEFAULT_MAX_BODY_BYTES;
use crate::transport::context;
use crate::transport::error::{TransportError, TransportErrorKind};

use super::coding::Coding;

/// What a decoder reads from below in one go.
pub(super) const CHUNK: usize = 16 * 1024;
/// Timeout, deadline and cancel are looked at whenever so many bytes have gone through a layer.
const CHECK_INTERVAL: usize = 16 * 1024;
/// What a reading counts besides its bytes: there are decoders that read three at a time.
const READ_COST: usize = 64;
/// Without a limit of the caller's, a body may become so many times as long as it came, where that
/// is more than the usual limit.
const MAX_EXPANSION: u64 = 1000;
/// A coding makes bytes longer by this at most that cannot be made shorter.
const MAX_CODING_OVERHEAD: u64 = 64 * 1024;
/// Bytes behind the end of a coding are read up to here, so that the connection can be used again.
const MAX_TRAILING_BYTES: u64 = 64 * 1024;

/// What all layers of a body share.
struct Shared {
    /// How many bytes the caller takes, where a limit was set.
    limit: Option<u64>,
    /// How many bytes have come.
    received: Cell<u64>,
    /// The first failure, whichever layer it came from.
    failure: RefCell<Option<TransportError>>,
    /// Something is behind the end of a coding.
    surplus: Cell<bool>,
}

/// The bytes of a layer, for the decoder on top of it. Copies share the layer.
#[derive(Clone)]
pub(super) struct LayerReader<'a>(Rc<RefCell<Layer<'a>>>);

/// The body as it comes, or with one more of its codings undone.
struct Layer<'a> {
    reader: Box<dyn Read + 'a>,
    coding: Option<LayerCoding<'a>>,
    /// How many bytes it has given.
    produced: u64,
    /// It has nothing more to give.
    ended: bool,
    /// The work since the last look.
    work: usize,
    shared: Rc<Shared>,
}

/// The coding that a layer undoes.
struct LayerCoding<'a> {
    coding: Coding,
    source: LayerReader<'a>,
    /// Another coding is undone on top of it.
    inner: bool,
}

impl<'a> LayerReader<'a> {
    /// The body as it comes.
    pub(super) fn new(body: impl Read + 'a, most: Option<u64>) -> Self {
        let shared = Rc::new(Shared {
            limit: most,
            received: Cell::default(),
            failure: RefCell::default(),
            surplus: Cell::default(),
        });
        Self::with_reader(Box::new(body), None, shared)
    }

    /// The same with a coding undone, which `decoder` does. `inner`: there is another one to undo.
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
        undone: Option<LayerCoding<'a>>,
        shared: Rc<Shared>,
    ) -> Self {
        let layer = Layer { reader, coding: undone, produced: 0, ended: false, work: 0, shared };
        Self(Rc::new(RefCell::new(layer)))
    }

    fn shared(&self) -> Rc<Shared> {
        Rc::clone(&self.0.borrow().shared)
    }

    /// Ends the body with this failure, unless it has failed before.
    pub(super) fn fail(&self, failure: TransportError) -> io::Error {
        self.shared().fail(failure)
    }

    /// Why the body has failed.
    pub(super) fn failure(&self, error: &io::Error) -> TransportError {
        let failure = self.shared().failure.take();
        failure
            .unwrap_or_else(|| TransportError::new(TransportErrorKind::Internal, error.to_string()))
    }

    /// Something is behind the end of a coding, and is ignored.
    pub(super) fn mark_trailing_bytes(&self) {
        self.shared().surplus.set(true);
    }

    pub(super) fn has_surplus(&self) -> bool {
        self.shared().surplus.get()
    }

    /// Whether there never was a byte.
    fn was_empty(&self) -> bool {
        let layer = self.0.borrow();
        layer.ended && layer.produced == 0
    }

    /// Reads what is left, which no decoder wants.
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

    /// Whether the body may go on.
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
            Some(undone) => undone.check_expansion(self.produced, &self.shared)?,
        }
        Ok(read)
    }

    fn end(&mut self) -> io::Result<usize> {
        // A decoder may have taken a failure for the end.
        self.shared.check()?;
        self.ended = true;
        if let Some(undone) = &self.coding {
            undone.source.drain()?;
        }
        Ok(0)
    }

    fn fail(&mut self, error: io::Error) -> io::Result<usize> {
        self.shared.check()?;
        let failure = match (error.downcast::<TransportError>(), &self.coding) {
            (Ok(failure), _) => failure,
            (Err(_), Some(undone)) if undone.source.was_empty() => return self.end(),
            (Err(error), Some(undone)) => undone.decode_error(&error),
            (Err(error), None) => {
                TransportError::new(TransportErrorKind::Internal, error.to_string())
            }
        };
        Err(self.shared.fail(failure))
    }
}

impl Shared {
    /// Fails once the body has failed; why is known.
    fn check(&self) -> io::Result<()> {
        if self.failure.borrow().is_some() { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
    }

    fn fail(&self, failure: TransportError) -> io::Error {
        self.failure.borrow_mut().get_or_insert(failure);
        io::ErrorKind::Other.into()
    }
}

impl LayerCoding<'_> {
    /// What is wrong where the decoder fails and its source does not.
    fn decode_error(&self, error: &io::Error) -> TransportError {
        let name = self.coding.name();
        // Those of gzip and deflate tell by themselves; the others fail over what is missing.
        let tells = matches!(self.coding, Coding::Gzip | Coding::Deflate);
        let ends_early =
            error.kind() == io::ErrorKind::UnexpectedEof || !tells && self.source.0.borrow().ended;
        if ends_early {
            return TransportError::new(
                TransportErrorKind::Closed,
                format!("the {name} body ends early"),
            );
        }
        TransportError::new(TransportErrorKind::Protocol, format!("the {name} body is corrupt"))
    }

    /// Fails where more has come out than may. What the caller gets is held against the caller's own
    /// limit where it goes.
    fn check_expansion(&self, given: u64, shared: &Shared) -> io::Result<()> {
        let usual = shared.received.get().saturating_mul(MAX_EXPANSION).max(DEFAULT_MAX_BODY_BYTES);
        let most = shared.limit.unwrap_or(usual);
        let inner = most.saturating_add(most / 8).saturating_add(MAX_CODING_OVERHEAD);
        let name = self.coding.name();
        let detail = match shared.limit {
            _ if self.inner && given > inner => {
                format!("the {name} body holds another coding with more than {inner} bytes")
            }
            None if !self.inner && given > most => format!(
                "the {name} body becomes longer than {DEFAULT_MAX_BODY_BYTES} bytes and {MAX_EXPANSION} \
                 times what came; a larger max_body_bytes would allow it"
            ),
            _ => return Ok(()),
        };
        Err(shared.fail(TransportError::new(TransportErrorKind::TooLarge, detail)))
    }
}

/// The failure where a decoder has no memory.
pub(super) fn no_memory(coding: Coding) -> TransportError {
    let detail = format!("there is no memory to undo the {} coding of the body", coding.name());
    TransportError::new(TransportErrorKind::TooLarge, detail)
}

/// Reads as many of the first bytes of something as there are.
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
