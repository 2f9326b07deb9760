//! What every decoder reads from, and what bounds it. Decoders come from elsewhere, and hide or
//! rename the errors of their source; so the first failure is kept here, where none can change it.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use crate::settings::DEFAULT_MAX_BODY_BYTES;
use crate::transport::call;
use crate::transport::fault::{Failure, FaultKind};

use super::coding::Coding;

/// What a decoder reads from below in one go.
pub(super) const CHUNK: usize = 16 * 1024;
/// Timeout, deadline and cancel are looked at whenever so many bytes have gone through a layer.
const LOOK: usize = 16 * 1024;
/// What a reading counts besides its bytes: there are decoders that read three at a time.
const READING: usize = 64;
/// Without a limit of the caller's, a body may become so many times as long as it came, where that
/// is more than the usual limit.
const GROWTH: u64 = 1000;
/// A coding makes bytes longer by this at most that cannot be made shorter.
const OVERHEAD: u64 = 64 * 1024;
/// Bytes behind the end of a coding are read up to here, so that the connection can be used again.
const SURPLUS: u64 = 64 * 1024;

/// What all layers of a body share.
struct Shared {
    /// How many bytes the caller takes, where a limit was set.
    most: Option<u64>,
    /// How many bytes have come.
    came: Cell<u64>,
    /// The first failure, whichever layer it came from.
    failure: RefCell<Option<Failure>>,
    /// Something is behind the end of a coding.
    surplus: Cell<bool>,
}

/// The bytes of a layer, for the decoder on top of it. Copies share the layer.
#[derive(Clone)]
pub(super) struct Source<'a>(Rc<RefCell<Layer<'a>>>);

/// The body as it comes, or with one more of its codings undone.
struct Layer<'a> {
    reader: Box<dyn Read + 'a>,
    undone: Option<Undone<'a>>,
    /// How many bytes it has given.
    given: u64,
    /// It has nothing more to give.
    ended: bool,
    /// The work since the last look.
    work: usize,
    shared: Rc<Shared>,
}

/// The coding that a layer undoes.
struct Undone<'a> {
    coding: Coding,
    source: Source<'a>,
    /// Another coding is undone on top of it.
    inner: bool,
}

impl<'a> Source<'a> {
    /// The body as it comes.
    pub(super) fn new(body: impl Read + 'a, most: Option<u64>) -> Self {
        let shared = Rc::new(Shared {
            most,
            came: Cell::default(),
            failure: RefCell::default(),
            surplus: Cell::default(),
        });
        Self::over(Box::new(body), None, shared)
    }

    /// The same with a coding undone, which `decoder` does. `inner`: there is another one to undo.
    pub(super) fn undone(self, coding: Coding, decoder: Box<dyn Read + 'a>, inner: bool) -> Self {
        let shared = self.shared();
        Self::over(decoder, Some(Undone { coding, source: self, inner }), shared)
    }

    fn over(reader: Box<dyn Read + 'a>, undone: Option<Undone<'a>>, shared: Rc<Shared>) -> Self {
        let layer = Layer { reader, undone, given: 0, ended: false, work: 0, shared };
        Self(Rc::new(RefCell::new(layer)))
    }

    fn shared(&self) -> Rc<Shared> {
        Rc::clone(&self.0.borrow().shared)
    }

    /// Ends the body with this failure, unless it has failed before.
    pub(super) fn fail(&self, failure: Failure) -> io::Error {
        self.shared().fail(failure)
    }

    /// Why the body has failed.
    pub(super) fn failure(&self, error: &io::Error) -> Failure {
        let failure = self.shared().failure.take();
        failure.unwrap_or_else(|| Failure::new(FaultKind::Internal, error.to_string()))
    }

    /// Something is behind the end of a coding, and is ignored.
    pub(super) fn note_surplus(&self) {
        self.shared().surplus.set(true);
    }

    pub(super) fn has_surplus(&self) -> bool {
        self.shared().surplus.get()
    }

    /// Whether there never was a byte.
    fn was_empty(&self) -> bool {
        let layer = self.0.borrow();
        layer.ended && layer.given == 0
    }

    /// Reads what is left, which no decoder wants.
    fn drain(&self) -> io::Result<()> {
        let rest = io::copy(&mut self.clone().take(SURPLUS), &mut io::sink())?;
        if rest > 0 {
            self.note_surplus();
        }
        Ok(())
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Layer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        match self.look().and_then(|()| self.reader.read(buffer)) {
            Ok(0) => self.end(),
            Ok(read) => self.give(read),
            Err(error) => self.fail(error),
        }
    }

    /// Whether the body may go on.
    fn look(&mut self) -> io::Result<()> {
        self.shared.check()?;
        if self.work >= LOOK {
            self.work = 0;
            call::check().map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn give(&mut self, read: usize) -> io::Result<usize> {
        self.work = self.work.saturating_add(read).saturating_add(READING);
        self.given = self.given.saturating_add(read as u64);
        match &self.undone {
            None => self.shared.came.set(self.given),
            Some(undone) => undone.bound(self.given, &self.shared)?,
        }
        Ok(read)
    }

    fn end(&mut self) -> io::Result<usize> {
        // A decoder may have taken a failure for the end.
        self.shared.check()?;
        self.ended = true;
        if let Some(undone) = &self.undone {
            undone.source.drain()?;
        }
        Ok(0)
    }

    fn fail(&mut self, error: io::Error) -> io::Result<usize> {
        self.shared.check()?;
        let failure = match (error.downcast::<Failure>(), &self.undone) {
            (Ok(failure), _) => failure,
            (Err(_), Some(undone)) if undone.source.was_empty() => return self.end(),
            (Err(error), Some(undone)) => undone.damage(&error),
            (Err(error), None) => Failure::new(FaultKind::Internal, error.to_string()),
        };
        Err(self.shared.fail(failure))
    }
}

impl Shared {
    /// Fails once the body has failed; why is known.
    fn check(&self) -> io::Result<()> {
        if self.failure.borrow().is_some() { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
    }

    fn fail(&self, failure: Failure) -> io::Error {
        self.failure.borrow_mut().get_or_insert(failure);
        io::ErrorKind::Other.into()
    }
}

impl Undone<'_> {
    /// What is wrong where the decoder fails and its source does not.
    fn damage(&self, error: &io::Error) -> Failure {
        let name = self.coding.name();
        // Those of gzip and deflate tell by themselves; the others fail over what is missing.
        let tells = matches!(self.coding, Coding::Gzip | Coding::Deflate);
        let ends_early =
            error.kind() == io::ErrorKind::UnexpectedEof || !tells && self.source.0.borrow().ended;
        if ends_early {
            return Failure::new(FaultKind::Closed, format!("the {name} body ends early"));
        }
        Failure::new(FaultKind::Protocol, format!("the {name} body is corrupt"))
    }

    /// Fails where more has come out than may. What the caller gets is held against the caller's own
    /// limit where it goes.
    fn bound(&self, given: u64, shared: &Shared) -> io::Result<()> {
        let usual = shared.came.get().saturating_mul(GROWTH).max(DEFAULT_MAX_BODY_BYTES);
        let most = shared.most.unwrap_or(usual);
        let inner = most.saturating_add(most / 8).saturating_add(OVERHEAD);
        let name = self.coding.name();
        let detail = match shared.most {
            _ if self.inner && given > inner => {
                format!("the {name} body holds another coding with more than {inner} bytes")
            }
            None if !self.inner && given > most => format!(
                "the {name} body becomes longer than {DEFAULT_MAX_BODY_BYTES} bytes and {GROWTH} \
                 times what came; a larger max_body_bytes would allow it"
            ),
            _ => return Ok(()),
        };
        Err(shared.fail(Failure::new(FaultKind::TooLarge, detail)))
    }
}

/// The failure where a decoder has no memory.
pub(super) fn no_memory(coding: Coding) -> Failure {
    let detail = format!("there is no memory to undo the {} coding of the body", coding.name());
    Failure::new(FaultKind::TooLarge, detail)
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
