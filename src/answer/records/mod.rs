//! Splits the body of a response into records while it arrives: server-sent events, JSON texts one after another, or
//! the elements of an array.
//!
//! Memory is limited by the longest record. A record is not copied: it is a part of the bytes that have arrived.

mod arrived;
mod events;
mod record;
mod texts;

use std::ops::Range;
use std::time::Duration;

use crate::code::Error;
use crate::request::RecordKind;

use arrived::Arrived;
use events::Events;
use record::{Step, too_large};
use texts::Texts;

pub use record::Record;

/// A text may have so many bytes more than its limit until its end is found.
const MAX_LOOKAHEAD: usize = 4096;

/// The records of a body.
#[derive(Debug)]
pub struct Records {
    arrived: Arrived,
    parser: Parser,
    limit: usize,
    /// Whether the body has ended.
    complete: bool,
    /// The current record, if it is not an event.
    text: Range<usize>,
}

#[derive(Debug)]
enum Parser {
    Events(Events),
    Texts(Texts),
}

impl Records {
    /// The records of a body. A record of more than `limit` bytes is an error.
    #[must_use]
    pub fn new(kind: RecordKind, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let parser = match kind {
            RecordKind::Events => Parser::Events(Events::new(limit)),
            RecordKind::Lines => Parser::Texts(Texts::lines()),
            RecordKind::Array => Parser::Texts(Texts::array()),
        };
        Self { arrived: Arrived::default(), parser, limit, complete: false, text: 0..0 }
    }

    /// Starts with the body of another response, which continues the events.
    pub fn restart(&mut self) {
        self.arrived = Arrived::default();
        self.complete = false;
        if let Parser::Events(events) = &mut self.parser {
            events.restart();
        }
    }

    /// The last event ID, which a new request sends to continue; empty if there is none.
    #[must_use]
    pub fn last_event_id(&self) -> &[u8] {
        match &self.parser {
            Parser::Events(events) => events.last_id(),
            Parser::Texts(_) => b"",
        }
    }

    /// The same, continued after the event with this ID.
    #[must_use]
    pub fn after_id(mut self, id: &[u8]) -> Self {
        if let Parser::Events(events) = &mut self.parser {
            events.set_last_id(id);
        }
        self
    }

    /// The delay before a new request, if an event has set one.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        match &self.parser {
            Parser::Events(events) => events.retry(),
            Parser::Texts(_) => None,
        }
    }

    /// Goes to the next record; `false` at the end of the body. `read` reads more of the body; 0 is the end.
    ///
    /// # Errors
    /// Those of `read`; `Code::TooLarge` for a record that is larger than the limit, or if there is no memory for
    /// it; `Code::NotJson` if the body ends within an array or within its last text.
    pub fn advance(
        &mut self,
        mut read: impl FnMut(&mut [u8]) -> Result<usize, Error>,
    ) -> Result<bool, Error> {
        self.arrived.restore();
        let data = loop {
            let step = match &mut self.parser {
                Parser::Events(events) => events.next(&mut self.arrived)?,
                Parser::Texts(texts) => texts.next(&mut self.arrived, self.complete)?,
            };
            if let Step::Record(data) = step {
                break data;
            }
            if self.complete {
                return Ok(false);
            }
            // What has arrived may end with whitespace, and with what the search for the end has looked at.
            let unread = self.arrived.unread().len();
            self.check_size(unread, self.limit.saturating_add(MAX_LOOKAHEAD))?;
            let filled = read(self.arrived.room()?)?;
            self.arrived.fill(filled);
            self.complete = filled == 0;
        };
        self.check_size(data.len(), self.limit)?;
        self.arrived.terminate(data.end);
        self.text = data;
        Ok(true)
    }

    /// The current record.
    #[must_use]
    pub fn record(&self) -> Record<'_> {
        match &self.parser {
            Parser::Events(events) => events.event(),
            Parser::Texts(_) => Record {
                event_type: b"\0",
                id: b"\0",
                data: self.arrived.with_nul(self.text.clone()),
            },
        }
    }

    /// Fails if a text, or what has arrived of it, is too large. Events have their own check.
    fn check_size(&self, size: usize, limit: usize) -> Result<(), Error> {
        match &self.parser {
            Parser::Texts(_) if size > limit => Err(too_large(self.limit)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod tests;
