//! Whether the brackets ahead are too many or too few for the containers that are open.
//!
//! Where the text contradicts itself, several readings are possible: a bracket missing, one too
//! many, one of the wrong kind. The rest of the document tells which: the one under which all that
//! is open is closed in the end.

use std::cell::Cell;

use super::super::check::Open;
use super::lookahead::Quote;
use super::quotes::{StringReader, StringRole};
use super::source::{Source, next};

/// So many brackets are remembered whatever the text, and one for so many bytes of a long one: with
/// more, nothing is said about the balance. They take a quarter of the memory of a long text.
const MIN_BRACKETS: usize = 1 << 17;
const BYTES_PER_BRACKET: usize = 24;

/// How many brackets of a text of this length are remembered.
fn max_brackets(length: usize) -> usize {
    length.wrapping_div(BYTES_PER_BRACKET).max(MIN_BRACKETS).min(length)
}

/// How much memory the brackets of a text of this length may take.
pub(super) fn max_memory(length: usize) -> usize {
    const EACH: usize = size_of::<u32>() + size_of::<i16>();
    let (most, lowest) = (max_brackets(length), size_of::<i16>());
    most.saturating_mul(EACH).saturating_add(most.wrapping_div(GROUP_SIZE).saturating_mul(lowest))
}

/// How many brackets are looked at one by one before they are searched, and make a group.
const LINEAR_SEARCH: usize = 8;
const GROUP_SIZE: usize = 16;

/// Where in a document the brackets are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct DocumentContext {
    pub(super) depth: usize,
    /// Whether the innermost container is an object, and the outermost, if there is one.
    pub(super) object: bool,
    pub(super) outermost: Option<bool>,
    /// Whether the strings of the document are mostly in double quotes.
    pub(super) double_quotes: bool,
}

/// The brackets from some place on.
#[derive(Debug, Default)]
pub(super) struct Balance {
    /// Where they are.
    places: Vec<u32>,
    /// How many containers are open behind each of them, and before the first.
    levels: Vec<i16>,
    level: i16,
    /// The fewest that are open from the beginning of each group on.
    group_minimum: Vec<i16>,
    /// The bracket that was found last: the next one asked for is rarely far.
    cached_index: Cell<usize>,
    /// Whether the text seems to go on to the end of the document.
    complete: bool,
    /// Whether not all brackets were looked at.
    is_partial: bool,
}

impl Balance {
    /// Looks at all brackets from here on.
    pub(super) fn new(source: &Source<'_>, from: usize, here: DocumentContext) -> Self {
        let level = i16::try_from(here.depth).unwrap_or(i16::MAX);
        let mut balance = Self { level, ..Self::default() };
        let most = max_brackets(source.len());
        let mut tokens = BracketTokens {
            source,
            at: from,
            value_next: true,
            opened: Open::default(),
            context: here,
        };
        let mut now = level;
        while let Some((at, byte)) = tokens.next_bracket() {
            let step = if matches!(byte, b'{' | b'[') { 1 } else { -1 };
            let known = balance.places.len() < most && source.may_look_ahead();
            let level =
                now.checked_add(step).filter(|level| known && balance.add(at, *level, most));
            let Some(level) = level else { return Self { is_partial: true, ..Self::default() } };
            now = level;
        }
        let mut lowest = now;
        for group in balance.group_minimum.iter_mut().rev() {
            lowest = lowest.min(*group);
            *group = lowest;
        }
        let last = source.last_non_whitespace(from, source.content_end()).map(|(_, byte)| byte);
        let closes = |object| last == Some(if object { b'}' } else { b']' });
        balance.complete = now <= lowest && here.outermost.is_none_or(closes);
        balance
    }

    /// Adds one of at most so many brackets; `false` if there is no memory for it.
    fn add(&mut self, at: usize, level: i16, most: usize) -> bool {
        let Ok(place) = u32::try_from(at) else { return false };
        let room = make_room(&mut self.places, most) && make_room(&mut self.levels, most);
        if !room || !make_room(&mut self.group_minimum, most.wrapping_div(GROUP_SIZE)) {
            return false;
        }
        if self.places.len().is_multiple_of(GROUP_SIZE) {
            self.group_minimum.push(i16::MAX);
        }
        self.places.push(place);
        self.levels.push(level);
        if let Some(lowest) = self.group_minimum.last_mut() {
            *lowest = level.min(*lowest);
        }
        true
    }

    /// How many more containers the brackets from here on close than are open now. Negative: too
    /// few; `None` where that cannot be told, as the document does not go on to its end.
    pub(super) fn surplus(&self, at: usize, depth: usize) -> Option<i64> {
        if self.is_partial {
            return None;
        }
        let ahead = self.next_index(at);
        let level = self.level_before(ahead);
        let group = next(ahead.wrapping_div(GROUP_SIZE));
        let near = self.levels.get(ahead..self.levels.len().min(group.saturating_mul(GROUP_SIZE)));
        let lowest = near.unwrap_or_default().iter().chain(self.group_minimum.get(group)).min();
        let closed =
            i64::from(level).checked_sub(i64::from(level.min(*lowest.unwrap_or(&level))))?;
        let surplus = closed.checked_sub(i64::try_from(depth).ok()?)?;
        (self.complete || surplus > 0).then_some(surplus)
    }

    /// The first bracket from here on that closes what is open now.
    pub(super) fn next_closer(&self, source: &Source<'_>, at: usize) -> Option<u8> {
        let ahead = self.next_index(at);
        let level = self.level_before(ahead);
        let mut from_here = self.places.iter().zip(&self.levels).skip(ahead);
        let closer = from_here.find(|(_, now)| **now < level || !source.spend(1));
        closer.filter(|(_, now)| **now < level).map(|(at, _)| source.byte_at(*at as usize))
    }

    fn level_before(&self, index: usize) -> i16 {
        let last = index.checked_sub(1).and_then(|last| self.levels.get(last));
        last.copied().unwrap_or(self.level)
    }

    /// The index of the first bracket from this place on.
    fn next_index(&self, at: usize) -> usize {
        let mut index = self.cached_index.get();
        let is_before = |bracket: &u32| (*bracket as usize) < at;
        let behind = |index: usize| {
            let last = index.checked_sub(1).and_then(|last| self.places.get(last));
            last.is_none_or(is_before)
        };
        let mut steps = 0..LINEAR_SEARCH;
        while self.places.get(index).is_some_and(is_before) && steps.next().is_some() {
            index = next(index);
        }
        if !behind(index) || self.places.get(index).is_some_and(is_before) {
            index = self.places.partition_point(is_before);
        }
        self.cached_index.set(index);
        index
    }
}

/// Makes room for one more, and for half as many again but no more than so many in all.
fn make_room<T>(list: &mut Vec<T>, most: usize) -> bool {
    let length = list.len();
    let more = length.wrapping_shr(1).max(64).min(most.saturating_sub(length)).max(1);
    length < list.capacity() || list.try_reserve_exact(more).is_ok()
}

/// The brackets of a text, those in strings and comments left out.
struct BracketTokens<'s, 'a> {
    source: &'s Source<'a>,
    at: usize,
    /// Whether a value or a name may begin here.
    value_next: bool,
    /// What was opened on the way.
    opened: Open,
    context: DocumentContext,
}

impl BracketTokens<'_, '_> {
    fn next_bracket(&mut self) -> Option<(usize, u8)> {
        let source = self.source;
        while !source.is_end(self.at) {
            let at = self.at;
            let byte = source.byte_at(at);
            match byte {
                b'{' | b'[' | b'}' | b']' => {
                    self.at = next(at);
                    self.value_next = matches!(byte, b'{' | b'[');
                    match byte {
                        // Without memory, a string is read as one in the container around.
                        b'{' | b'[' => drop(self.opened.push(byte == b'{')),
                        _ if self.opened.innermost().is_some() => self.opened.pop(),
                        _ => {}
                    }
                    return Some((at, byte));
                }
                b',' | b':' => {
                    self.value_next = true;
                    self.at = next(at);
                }
                b' ' | b'\n' | b'\r' | b'\t' => self.at = source.skip_whitespace(at),
                b'/' | b'#' => self.at = source.comment_end(at, true).unwrap_or(next(at)),
                _ if self.is_string() => self.skip_string(),
                _ => self.skip_word(),
            }
        }
        None
    }

    fn is_string(&self) -> bool {
        match self.source.quote_at(self.at) {
            Some((Quote::Double, _)) => true,
            // An apostrophe stands within a word.
            Some(_) => {
                self.value_next && self.source.is_string_at(self.at, self.context.double_quotes)
            }
            None => false,
        }
    }

    fn skip_string(&mut self) {
        let source = self.source;
        let object = self.opened.innermost().unwrap_or(self.context.object);
        let place = if object { StringRole::MemberValue } else { StringRole::Element };
        if let Some((quote, length)) = source.quote_at(self.at) {
            let start = self.at.saturating_add(length);
            let token = StringReader { source, place, quote, start, trusted_until: 0 }.read();
            self.at = token.resume.max(next(self.at));
            self.value_next = false;
        }
    }

    fn skip_word(&mut self) {
        self.value_next = false;
        self.at = self.source.find(next(self.at), |byte| {
            matches!(byte, b'{' | b'[' | b'}' | b']' | b'"' | b'/' | b'#' | b',' | b':')
        });
    }
}
