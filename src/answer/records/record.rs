//! A record, and the steps to the next one.

use std::ops::Range;

use crate::code::{Code, Error};

/// A record. Each of its parts ends with a NUL that is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'r> {
    /// The type of an event; empty if the record is no event.
    pub event_type: &'r [u8],
    /// The last event ID so far.
    pub id: &'r [u8],
    /// The data of an event, or the text of a record.
    pub data: &'r [u8],
}

/// The next step of a reader.
pub(super) enum Step {
    /// A record. Its text is in this range of the arrived bytes; an event has its data elsewhere.
    Record(Range<usize>),
    /// More bytes must arrive. At the end of the body, there is no other record.
    More,
}

/// The error for a record of more than `limit` bytes.
pub(super) fn too_large(limit: usize) -> Error {
    Error::new(Code::TooLarge, format!("a record is larger than the {limit} bytes allowed"))
}
