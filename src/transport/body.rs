//! Reading a response body: into memory, with one allocation where its length is known, or into
//! a sink, with the same buffer for all of it.

use super::decode::{Coding, Decoded};
use super::fault::{Failure, FaultKind, Outcome};
use super::framed::Framed;
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

/// A body as it comes in, content coding undone.
// There is one at a time, and it does not move.
#[allow(clippy::large_enum_variant)]
pub(super) enum Incoming<'a> {
    Plain(Framed<'a>),
    Coded(Decoded<'a>),
}

impl<'a> Incoming<'a> {
    /// `most`: what the caller takes, where a limit was set.
    pub(super) fn new(framed: Framed<'a>, codings: &[Coding], most: Option<u64>) -> Self {
        if codings.is_empty() {
            return Self::Plain(framed);
        }
        Self::Coded(Decoded::new(framed, codings, most))
    }

    fn read(&mut self, buffer: &mut [u8]) -> Outcome<usize> {
        match self {
            Self::Plain(framed) => framed.read(buffer),
            Self::Coded(decoded) => decoded.read(buffer),
        }
    }
}

/// Reads all of the body into `bytes`, at most `most` of it. `announced` is the length that the
/// server named, where no coding is undone. Whatever the outcome, `bytes` is what arrived, and has
/// room for one more byte.
pub(super) fn read(
    body: &mut Incoming<'_>,
    announced: Option<u64>,
    most: u64,
    bytes: &mut Vec<u8>,
    gauge: Gauge<'_>,
) -> Outcome<()> {
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
    body: &mut Incoming<'_>,
    most: u64,
    bytes: &mut Vec<u8>,
    filled: &mut usize,
    gauge: Gauge<'_>,
) -> Outcome<()> {
    if let Incoming::Plain(framed) = body {
        return fill_straight(framed, most, bytes, filled, gauge);
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

/// The same without a stop on the way.
fn fill_straight(
    framed: &mut Framed<'_>,
    most: u64,
    bytes: &mut Vec<u8>,
    filled: &mut usize,
    gauge: Gauge<'_>,
) -> Outcome<()> {
    loop {
        if let Err(failure) = grow(bytes) {
            (*bytes, *filled) = (Vec::new(), 0);
            return Err(failure);
        }
        let read = framed.read_into(bytes)?;
        *filled = bytes.len();
        if read == 0 {
            return Ok(());
        }
        if *filled as u64 > most {
            *filled = usize::try_from(most).unwrap_or(*filled);
            return Err(too_large(most));
        }
        arrived(gauge, read)?;
    }
}

/// Hands all of the body to a sink, at most as much as it takes. Returns
/// how many bytes arrived, whatever the outcome.
pub(super) fn pour(
    body: &mut Incoming<'_>,
    announced: Option<u64>,
    sink: &mut dyn Sink,
    gauge: Gauge<'_>,
) -> (u64, Outcome<()>) {
    let (already, most) = (sink.already(), sink.most().unwrap_or(u64::MAX));
    let mut arrived_here = 0_u64;
    if announced.is_some_and(|length| already.saturating_add(length) > most) {
        return (0, Err(too_large(most)));
    }
    let outcome = pour_all(body, most, sink, gauge, &mut arrived_here);
    (arrived_here, outcome)
}

fn pour_all(
    body: &mut Incoming<'_>,
    most: u64,
    sink: &mut dyn Sink,
    gauge: Gauge<'_>,
    arrived_here: &mut u64,
) -> Outcome<()> {
    let mut buffer = vec![0; PIECE];
    let room = most.saturating_sub(sink.already());
    loop {
        let read = body.read(&mut buffer)?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
            return Ok(sink.end()?);
        };
        *arrived_here = arrived_here.saturating_add(read as u64);
        if *arrived_here > room {
            return Err(too_large(most));
        }
        sink.take(piece)?;
        arrived(gauge, read)?;
    }
}

/// Tells the meter of what has arrived.
fn arrived(gauge: Gauge<'_>, read: usize) -> Outcome<()> {
    gauge.count(|moved| moved.received = moved.received.saturating_add(read as u64));
    gauge.report()
}

/// Sees to it that there is room for more.
fn grow(bytes: &mut Vec<u8>) -> Outcome<()> {
    if bytes.len() == bytes.capacity() {
        let doubled = bytes.try_reserve(bytes.len().max(FIRST));
        doubled.or_else(|_| bytes.try_reserve_exact(STEP)).map_err(|_| no_memory(bytes.len()))?;
    }
    Ok(())
}

/// Lengthens by a step, within the allocation as long as that has room.
fn make_room(bytes: &mut Vec<u8>) -> Outcome<()> {
    grow(bytes)?;
    let longer = bytes.len().saturating_add(STEP).min(bytes.capacity());
    bytes.resize(longer, 0);
    Ok(())
}

/// An allocation that fails ends the process, unless it was only tried.
fn no_memory(arrived: usize) -> Failure {
    let detail = format!("there is no memory for more than {arrived} bytes of the response body");
    Failure::new(FaultKind::TooLarge, detail)
}

fn too_large(most: u64) -> Failure {
    let detail = format!("the response body is larger than the {most} bytes allowed");
    Failure::new(FaultKind::TooLarge, detail)
}

/// Leaves room for one more byte, and not much more than that.
fn trim(bytes: &mut Vec<u8>) -> Outcome<()> {
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
