//! Reading a response body: into memory, with one allocation where its length is known, or into
//! a sink, with the same buffer for all of it.

use std::io;

use super::counted::Counted;
use super::decode::{Coding, Damage, Decoded};
use super::fault::{Failure, FaultKind};
use super::stream::{Gauge, Sink};

/// A length that a server announces is believed up to here; beyond it, the buffer grows with
/// what arrives.
const ANNOUNCED_MOST: u64 = 16 * 1024 * 1024;
/// Where an unannounced body begins.
const FIRST: usize = 8 * 1024;
/// What a sink is handed in one piece, at most.
const PIECE: usize = 64 * 1024;
/// Room is made in steps of this size: safe Rust must fill it with zeros before a reading, and
/// what was just filled is still in the processor's cache when the bytes come.
const STEP: usize = 64 * 1024;

/// Why reading stopped before the end.
#[derive(Debug)]
pub(super) enum Stop {
    /// For a reason that is known.
    Known(Failure),
    /// ureq reports an error.
    Failed(ureq::Error),
}

/// A body as it comes over the connection.
pub(super) enum Raw {
    /// Read by ureq: in chunks, or up to the end of the connection.
    Framed(ureq::BodyReader<'static>),
    /// Read past it.
    Counted(Counted),
}

impl Raw {
    /// Takes the body of an answer; `counted` where ureq has been told that there is none.
    pub(super) fn new(body: ureq::Body, counted: Option<Counted>) -> Self {
        match counted {
            Some(counted) => Self::Counted(counted),
            None => Self::Framed(body.into_with_config().limit(u64::MAX).reader()),
        }
    }
}

impl io::Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Framed(raw) => raw.read(buffer),
            Self::Counted(counted) => io::Read::read(counted, buffer),
        }
    }
}

/// A body as it comes in, content coding undone.
// There is one at a time, and it does not move.
#[allow(clippy::large_enum_variant)]
pub(super) enum Incoming {
    Plain(Raw),
    Coded(Box<Decoded<Raw>>),
}

impl Incoming {
    pub(super) fn new(raw: Raw, codings: &[Coding]) -> Result<Self, Stop> {
        if codings.is_empty() {
            return Ok(Self::Plain(raw));
        }
        let decoded = Decoded::new(raw, codings).map_err(|error| Stop::Failed(error.into()))?;
        Ok(Self::Coded(Box::new(decoded)))
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        match self {
            Self::Plain(raw) => {
                io::Read::read(raw, buffer).map_err(|error| Stop::Failed(error.into()))
            }
            Self::Coded(decoded) => {
                decoded.read(buffer).map_err(|error| why(decoded.damage(&error), error))
            }
        }
    }
}

/// An error of the network passes through the decoder; all others are the coding's.
fn why(damage: Damage, error: io::Error) -> Stop {
    if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) {
        return Stop::Failed(error.into());
    }
    Stop::Known(match damage {
        Damage::EndsEarly(coding) => {
            Failure::new(FaultKind::Closed, format!("the {coding} body ends early"))
        }
        Damage::Corrupt(coding) => {
            Failure::new(FaultKind::Protocol, format!("the {coding} body is corrupt"))
        }
    })
}

/// Reads all of the body into `bytes`, at most `most` of it. `announced` is the length that the
/// server named, where no coding is undone. Whatever the outcome, `bytes` is what arrived, and has
/// room for one more byte.
pub(super) fn read(
    body: &mut Incoming,
    announced: Option<u64>,
    most: u64,
    bytes: &mut Vec<u8>,
    gauge: &mut Gauge<'_>,
) -> Result<(), Stop> {
    if announced.is_some_and(|length| length > most) {
        return Err(too_large(most));
    }
    let first = match announced {
        Some(length) => usize::try_from(length.min(ANNOUNCED_MOST)).unwrap_or(FIRST),
        None => FIRST,
    };
    // One byte more: for a NUL, and for seeing the end without growing.
    bytes.try_reserve_exact(first.saturating_add(1)).map_err(|_| no_memory(0))?;
    let mut filled = 0;
    let outcome = fill(body, most, bytes, &mut filled, gauge);
    bytes.truncate(filled);
    let trimmed = trim(bytes);
    outcome.and(trimmed)
}

fn fill(
    body: &mut Incoming,
    most: u64,
    bytes: &mut Vec<u8>,
    filled: &mut usize,
    gauge: &mut Gauge<'_>,
) -> Result<(), Stop> {
    if let Incoming::Plain(Raw::Counted(counted)) = body {
        return fill_straight(counted, bytes, filled, gauge);
    }
    loop {
        if *filled == bytes.len()
            && let Err(stop) = make_room(bytes)
        {
            // Whoever has no memory needs what was taken for other things.
            (*bytes, *filled) = (Vec::new(), 0);
            return Err(stop);
        }
        let room = bytes.get_mut(*filled..).unwrap_or_default();
        let read = body.read(room)?;
        if read == 0 {
            return Ok(());
        }
        let total = filled.saturating_add(read);
        if total as u64 > most {
            *filled = usize::try_from(most).unwrap_or(total);
            return Err(too_large(most));
        }
        *filled = total;
        arrived(gauge, read)?;
    }
}

/// The same without a stop on the way, of a body whose length is known and allowed.
fn fill_straight(
    counted: &mut Counted,
    bytes: &mut Vec<u8>,
    filled: &mut usize,
    gauge: &mut Gauge<'_>,
) -> Result<(), Stop> {
    loop {
        grow(bytes)?;
        let read = counted.read_into(bytes).map_err(Stop::Known)?;
        *filled = bytes.len();
        if read == 0 {
            return Ok(());
        }
        arrived(gauge, read)?;
    }
}

/// Hands all of the body to a sink, at most as much as it takes. Returns
/// how many bytes arrived, whatever the outcome.
pub(super) fn pour(
    body: &mut Incoming,
    announced: Option<u64>,
    sink: &mut dyn Sink,
    gauge: &mut Gauge<'_>,
) -> (u64, Result<(), Stop>) {
    let (already, most) = (sink.already(), sink.most());
    let mut arrived_here = 0_u64;
    if announced.is_some_and(|length| already.saturating_add(length) > most) {
        return (0, Err(too_large(most)));
    }
    let outcome = pour_all(body, most, sink, gauge, &mut arrived_here);
    (arrived_here, outcome)
}

fn pour_all(
    body: &mut Incoming,
    most: u64,
    sink: &mut dyn Sink,
    gauge: &mut Gauge<'_>,
    arrived_here: &mut u64,
) -> Result<(), Stop> {
    let mut buffer = vec![0; PIECE];
    let room = most.saturating_sub(sink.already());
    loop {
        let read = body.read(&mut buffer)?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
            return Ok(());
        };
        *arrived_here = arrived_here.saturating_add(read as u64);
        if *arrived_here > room {
            return Err(too_large(most));
        }
        sink.take(piece).map_err(|stop| Stop::Known(stop.into()))?;
        arrived(gauge, read)?;
    }
}

/// Tells the meter of what has arrived.
fn arrived(gauge: &mut Gauge<'_>, read: usize) -> Result<(), Stop> {
    gauge.moved.received = gauge.moved.received.saturating_add(read as u64);
    gauge.report().map_err(Stop::Known)
}

/// Sees to it that there is room for more.
fn grow(bytes: &mut Vec<u8>) -> Result<(), Stop> {
    if bytes.len() == bytes.capacity() {
        let doubled = bytes.try_reserve(bytes.len().max(FIRST));
        doubled.or_else(|_| bytes.try_reserve_exact(STEP)).map_err(|_| no_memory(bytes.len()))?;
    }
    Ok(())
}

/// Lengthens by a step, within the allocation as long as that has room.
fn make_room(bytes: &mut Vec<u8>) -> Result<(), Stop> {
    grow(bytes)?;
    let longer = bytes.len().saturating_add(STEP).min(bytes.capacity());
    bytes.resize(longer, 0);
    Ok(())
}

/// An allocation that fails ends the process, unless it was only tried.
fn no_memory(arrived: usize) -> Stop {
    let detail = format!("there is no memory for more than {arrived} bytes of the response body");
    Stop::Known(Failure::new(FaultKind::TooLarge, detail))
}

fn too_large(most: u64) -> Stop {
    let detail = format!("the response body is larger than the {most} bytes allowed");
    Stop::Known(Failure::new(FaultKind::TooLarge, detail))
}

/// Leaves room for one more byte, and not much more than that.
fn trim(bytes: &mut Vec<u8>) -> Result<(), Stop> {
    let wanted = bytes.len().saturating_add(1);
    if bytes.capacity() > wanted.saturating_mul(2).max(FIRST.saturating_mul(2)) {
        bytes.shrink_to(wanted);
    }
    bytes.try_reserve_exact(1).map_err(|_| {
        let arrived = bytes.len();
        *bytes = Vec::new();
        no_memory(arrived)
    })
}
