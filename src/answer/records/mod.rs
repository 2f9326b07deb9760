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

use crate::code::{Code, Error};
use crate::request::RecordKind;

use arrived::Arrived;
use events::Events;
use record::Step;
use texts::Texts;

pub use record::Record;

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
        let parser = match kind {
            RecordKind::Events => Parser::Events(Events::default()),
            RecordKind::Lines => Parser::Texts(Texts::lines()),
            RecordKind::Array => Parser::Texts(Texts::array()),
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
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
    /// Those of `read`; [`Code::TooLarge`] for a record that is larger than the limit, or if there is no memory for
    /// it; [`Code::NotJson`] if the body ends within an array or within its last text.
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
            self.check_size(self.arrived.unread().len())?;
            let filled = read(self.arrived.room()?)?;
            self.arrived.fill(filled);
            self.complete = filled == 0;
        };
        self.check_size(data.len())?;
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

    /// Fails if the current record is larger than the limit. `size`: its bytes among those that have arrived.
    fn check_size(&self, size: usize) -> Result<(), Error> {
        let collected = match &self.parser {
            Parser::Events(events) => events.size(),
            Parser::Texts(_) => 0,
        };
        if size.saturating_add(collected) <= self.limit {
            return Ok(());
        }
        let text = format!("a record is larger than the {} bytes allowed", self.limit);
        Err(Error::new(Code::TooLarge, text))
    }
}

#[cfg(test)]
mod tests;
