//! Reading a response body into memory: one allocation where its length is known.

use std::io::Read;

use super::fault::{Failure, FaultKind};

/// A length that a server announces is believed up to here; beyond it, the buffer grows with
/// what arrives.
const ANNOUNCED_MOST: u64 = 16 * 1024 * 1024;
/// Where an unannounced body begins.
const FIRST: usize = 8 * 1024;
/// Room is made in steps of this size: safe Rust must fill it with zeros before a reading, and
/// what was just filled is still in the processor's cache when the bytes come.
const STEP: usize = 64 * 1024;

/// Why reading stopped before the end.
#[derive(Debug)]
pub(super) enum Stop {
    /// More than the limit came, or was announced.
    TooLarge(Failure),
    /// ureq reports an error.
    Failed(ureq::Error),
}

/// Reads all of the body into `bytes`, at most `most` of it. Whatever the outcome, `bytes` is what
/// arrived, and has room for one more byte.
pub(super) fn read(body: ureq::Body, most: u64, bytes: &mut Vec<u8>) -> Result<(), Stop> {
    let announced = body.content_length();
    if announced.is_some_and(|length| length > most) {
        bytes.reserve_exact(1);
        return Err(too_large(most));
    }
    let first = match announced {
        Some(length) => usize::try_from(length.min(ANNOUNCED_MOST)).unwrap_or(FIRST),
        None => FIRST,
    };
    // One byte more: for a NUL, and for seeing the end without growing.
    bytes.reserve_exact(first.saturating_add(1));
    let mut filled = 0;
    let outcome = fill(body, most, bytes, &mut filled);
    bytes.truncate(filled);
    trim(bytes);
    outcome
}

fn fill(body: ureq::Body, most: u64, bytes: &mut Vec<u8>, filled: &mut usize) -> Result<(), Stop> {
    let mut body = body.into_with_config().limit(u64::MAX).reader();
    loop {
        if *filled == bytes.len() {
            make_room(bytes);
        }
        let room = bytes.get_mut(*filled..).unwrap_or_default();
        let read = body.read(room).map_err(|error| Stop::Failed(error.into()))?;
        if read == 0 {
            return Ok(());
        }
        let total = filled.saturating_add(read);
        if total as u64 > most {
            *filled = usize::try_from(most).unwrap_or(total);
            return Err(too_large(most));
        }
        *filled = total;
    }
}

/// Lengthens by a step, within the allocation as long as that has room.
fn make_room(bytes: &mut Vec<u8>) {
    if bytes.len() == bytes.capacity() {
        bytes.reserve(bytes.len().max(FIRST));
    }
    let longer = bytes.len().saturating_add(STEP).min(bytes.capacity());
    bytes.resize(longer, 0);
}

fn too_large(most: u64) -> Stop {
    let detail = format!("the response body is larger than the {most} bytes allowed");
    Stop::TooLarge(Failure::new(FaultKind::TooLarge, detail))
}

/// Leaves room for one more byte, and not much more than that.
fn trim(bytes: &mut Vec<u8>) {
    let wanted = bytes.len().saturating_add(1);
    if bytes.capacity() > wanted.saturating_mul(2).max(FIRST.saturating_mul(2)) {
        bytes.shrink_to(wanted);
    }
    bytes.reserve_exact(1);
}
