//! Whether the brackets ahead are too many or too few for the containers that are open.
//!
//! Where the text contradicts itself, several readings are possible: a bracket missing, one too
//! many, one of the wrong kind. The rest of the document tells which: the one under which all that
//! is open is closed in the end.

use std::cell::Cell;

use super::quotes::{Place, StringReader};
use super::source::{Source, next};

/// How many brackets are looked at one by one before they are searched.
const NEAR: usize = 8;

/// One bracket ahead.
#[derive(Debug, Clone, Copy)]
struct Bracket {
    at: usize,
    byte: u8,
    /// How many containers are open behind it, and the fewest that are from there on.
    level: i64,
    lowest: i64,
}

/// The brackets from some place on.
#[derive(Debug)]
pub(super) struct Balance {
    level: i64,
    brackets: Vec<Bracket>,
    /// The bracket that was found last: the next one asked for is rarely far.
    last: Cell<usize>,
    /// Whether the text seems to go on to the end of the document.
    complete: bool,
}

impl Balance {
    /// Looks at all brackets from here on; `open` are the kinds of the open containers, outermost
    /// first: whether each is an object.
    pub(super) fn new(
        source: &Source<'_>,
        from: usize,
        depth: usize,
        outermost: Option<bool>,
        object: bool,
    ) -> Self {
        let level = i64::try_from(depth).unwrap_or(i64::MAX);
        let mut now = level;
        let mut opened = Vec::new();
        let mut brackets = Vec::new();
        let mut at = from;
        while !source.is_end(at) {
            let byte = source.at(at);
            at = match byte {
                b'{' | b'[' => {
                    opened.push(byte == b'{');
                    now = now.saturating_add(1);
                    brackets.push(Bracket { at, byte, level: now, lowest: 0 });
                    next(at)
                }
                b'}' | b']' => {
                    now = now.saturating_sub(1);
                    opened.pop();
                    brackets.push(Bracket { at, byte, level: now, lowest: 0 });
                    next(at)
                }
                b'"' => string_end(source, at, opened.last().copied().unwrap_or(object)),
                b'/' | b'#' => source.comment_end(at, true).unwrap_or(next(at)),
                _ => source.find(at, |byte| {
                    matches!(byte, b'{' | b'[' | b'}' | b']' | b'"' | b'/' | b'#')
                }),
            };
        }
        let last_level = now;
        let mut lowest = last_level;
        for bracket in brackets.iter_mut().rev() {
            lowest = lowest.min(bracket.level);
            bracket.lowest = lowest;
        }
        let last = source.before(from, source.content_end()).map(|(_, byte)| byte);
        let closes = |object| last == Some(if object { b'}' } else { b']' });
        let complete = last_level <= lowest && outermost.is_none_or(closes);
        Self { level, brackets, last: Cell::new(0), complete }
    }

    /// How many more containers the brackets from here on close than are open now. Negative: too
    /// few; `None` where that cannot be told, as the document does not go on to its end.
    pub(super) fn surplus(&self, at: usize, depth: usize) -> Option<i64> {
        let ahead = self.ahead(at);
        let level = self.level_before(ahead);
        let lowest = self.brackets.get(ahead).map_or(level, |bracket| bracket.lowest).min(level);
        let closed = level.checked_sub(lowest)?;
        let surplus = closed.checked_sub(i64::try_from(depth).ok()?)?;
        (self.complete || surplus > 0).then_some(surplus)
    }

    /// The first bracket from here on that closes what is open now.
    pub(super) fn next_closer(&self, source: &Source<'_>, at: usize) -> Option<u8> {
        let ahead = self.ahead(at);
        let level = self.level_before(ahead);
        for bracket in self.brackets.iter().skip(ahead) {
            if bracket.level < level {
                return Some(bracket.byte);
            }
            if !source.pay(1) {
                break;
            }
        }
        None
    }

    /// The index of the first bracket from this place on.
    fn ahead(&self, at: usize) -> usize {
        let mut index = self.last.get();
        let behind = |index: usize| {
            let last = index.checked_sub(1).and_then(|last| self.brackets.get(last));
            last.is_none_or(|bracket| bracket.at < at)
        };
        let mut steps = 0..NEAR;
        while self.brackets.get(index).is_some_and(|bracket| bracket.at < at)
            && steps.next().is_some()
        {
            index = next(index);
        }
        if !behind(index) || self.brackets.get(index).is_some_and(|bracket| bracket.at < at) {
            index = self.brackets.partition_point(|bracket| bracket.at < at);
        }
        self.last.set(index);
        index
    }

    fn level_before(&self, index: usize) -> i64 {
        let last = index.checked_sub(1).and_then(|last| self.brackets.get(last));
        last.map_or(self.level, |bracket| bracket.level)
    }
}

fn string_end(source: &Source<'_>, at: usize, object: bool) -> usize {
    let place = if object { Place::Member } else { Place::Element };
    let Some((quote, length)) = source.quote_at(at) else { return next(at) };
    let start = at.saturating_add(length);
    StringReader { source, place, quote, start, trusted: 0 }.read().resume.max(next(at))
}
