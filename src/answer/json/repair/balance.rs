//! Whether the brackets ahead are too many or too few for the open containers.
//!
//! If brackets do not match, several repairs are possible: one is missing, extra, or of the wrong
//! kind. The rest of the document decides: the right repair is the one after which the remaining
//! brackets close all containers.

use std::cell::Cell;

use super::super::check::NestingStack;
use super::lookahead::Quote;
use super::quotes::{StringReader, StringRole};
use super::source::{Source, next};

/// Limit for the number of recorded brackets: this number, or one for each so many bytes of a long
/// text, for which they take a quarter of its memory. With more brackets, the balance is unknown.
const MIN_BRACKETS: usize = 1 << 17;
const BYTES_PER_BRACKET: usize = 24;

/// Maximum number of recorded brackets for a text of this length.
fn max_brackets(length: usize) -> usize {
    length.wrapping_div(BYTES_PER_BRACKET).max(MIN_BRACKETS).min(length)
}

/// Memory in bytes that the brackets of a text of this length may take.
pub(super) fn max_memory(length: usize) -> usize {
    const EACH: usize = size_of::<u32>() + size_of::<i16>();
    let (max, minimum) = (max_brackets(length), size_of::<i16>());
    max.saturating_mul(EACH).saturating_add(max.wrapping_div(GROUP_SIZE).saturating_mul(minimum))
}

/// Number of brackets read one by one before a binary search, and number of brackets in a group.
const LINEAR_SEARCH: usize = 8;
const GROUP_SIZE: usize = 16;

/// The state of the parser when it reads the brackets ahead.
#[derive(Debug, Clone, Copy)]
pub(super) struct DocumentContext {
    pub(super) depth: usize,
    /// Whether the innermost container is an object, and whether the outermost is, if there is one.
    pub(super) object: bool,
    pub(super) outermost: Option<bool>,
    /// Whether most strings of the document are in double quotes.
    pub(super) double_quotes: bool,
}

/// The brackets from a position on.
#[derive(Debug, Default)]
pub(super) struct Balance {
    /// Their positions.
    positions: Vec<u32>,
    /// The number of open containers after each bracket.
    levels: Vec<i16>,
    /// The number of open containers before the first bracket.
    level: i16,
    /// The smallest number of open containers from the beginning of each group on.
    group_minimum: Vec<i16>,
    /// The index found last: the next one is usually near.
    cached_index: Cell<usize>,
    /// Whether the text seems to contain the end of the document.
    complete: bool,
    /// Whether some brackets were not recorded.
    is_partial: bool,
}

impl Balance {
    /// Reads all brackets from `from` on.
    pub(super) fn new(source: &Source<'_>, from: usize, context: DocumentContext) -> Self {
        let level = i16::try_from(context.depth).unwrap_or(i16::MAX);
        let mut balance = Self { level, ..Self::default() };
        let max = max_brackets(source.len());
        let mut tokens = BracketTokens {
            source,
            at: from,
            value_next: true,
            opened: NestingStack::default(),
            context,
        };
        let mut current = level;
        while let Some((at, byte)) = tokens.next_bracket() {
            let step = if matches!(byte, b'{' | b'[') { 1 } else { -1 };
            let has_room = balance.positions.len() < max && source.may_look_ahead();
            let level =
                current.checked_add(step).filter(|level| has_room && balance.add(at, *level, max));
            let Some(level) = level else { return Self { is_partial: true, ..Self::default() } };
            current = level;
        }
        let mut minimum = current;
        for group in balance.group_minimum.iter_mut().rev() {
            minimum = minimum.min(*group);
            *group = minimum;
        }
        let last = source.last_non_whitespace(from, source.content_end()).map(|(_, byte)| byte);
        let closes = |object| last == Some(if object { b'}' } else { b']' });
        balance.complete = current <= minimum && context.outermost.is_none_or(closes);
        balance
    }

    /// Adds a bracket, of at most `max`; `false` if there is no memory for it.
    fn add(&mut self, at: usize, level: i16, max: usize) -> bool {
        let Ok(position) = u32::try_from(at) else { return false };
        let has_room = make_room(&mut self.positions, max) && make_room(&mut self.levels, max);
        if !has_room || !make_room(&mut self.group_minimum, max.wrapping_div(GROUP_SIZE)) {
            return false;
        }
        if self.positions.len().is_multiple_of(GROUP_SIZE) {
            self.group_minimum.push(i16::MAX);
        }
        self.positions.push(position);
        self.levels.push(level);
        if let Some(minimum) = self.group_minimum.last_mut() {
            *minimum = level.min(*minimum);
        }
        true
    }

    /// How many more containers the brackets from `at` on close than the `depth` that are open.
    /// Negative: brackets are missing. `None`: unknown, because the document has no end.
    pub(super) fn surplus(&self, at: usize, depth: usize) -> Option<i64> {
        if self.is_partial {
            return None;
        }
        let index = self.next_index(at);
        let level = self.level_before(index);
        let group = next(index.wrapping_div(GROUP_SIZE));
        let near = self.levels.get(index..self.levels.len().min(group.saturating_mul(GROUP_SIZE)));
        let minimum = near.unwrap_or_default().iter().chain(self.group_minimum.get(group)).min();
        let closed =
            i64::from(level).checked_sub(i64::from(level.min(*minimum.unwrap_or(&level))))?;
        let surplus = closed.checked_sub(i64::try_from(depth).ok()?)?;
        (self.complete || surplus > 0).then_some(surplus)
    }

    /// The first bracket from `at` on that closes a container that is open there.
    pub(super) fn next_closer(&self, source: &Source<'_>, at: usize) -> Option<u8> {
        let index = self.next_index(at);
        let level = self.level_before(index);
        let mut brackets = self.positions.iter().zip(&self.levels).skip(index);
        let closer = brackets.find(|(_, after)| **after < level || !source.spend(1));
        closer.filter(|(_, after)| **after < level).map(|(at, _)| source.byte_at(*at as usize))
    }

    fn level_before(&self, index: usize) -> i16 {
        let last = index.checked_sub(1).and_then(|last| self.levels.get(last));
        last.copied().unwrap_or(self.level)
    }

    /// The index of the first bracket from `at` on.
    fn next_index(&self, at: usize) -> usize {
        let mut index = self.cached_index.get();
        let is_before = |bracket: &u32| (*bracket as usize) < at;
        let follows_smaller = |index: usize| {
            let last = index.checked_sub(1).and_then(|last| self.positions.get(last));
            last.is_none_or(is_before)
        };
        let mut steps = 0..LINEAR_SEARCH;
        while self.positions.get(index).is_some_and(is_before) && steps.next().is_some() {
            index = next(index);
        }
        if !follows_smaller(index) || self.positions.get(index).is_some_and(is_before) {
            index = self.positions.partition_point(is_before);
        }
        self.cached_index.set(index);
        index
    }
}

/// Makes room for one more item. Grows by half, up to `max` items in total.
fn make_room<T>(list: &mut Vec<T>, max: usize) -> bool {
    let length = list.len();
    let more = length.wrapping_shr(1).max(64).min(max.saturating_sub(length)).max(1);
    length < list.capacity() || list.try_reserve_exact(more).is_ok()
}

/// Iterates over the brackets of a text outside strings and comments.
struct BracketTokens<'s, 'a> {
    source: &'s Source<'a>,
    at: usize,
    /// Whether a value or a name may begin here.
    value_next: bool,
    /// The containers opened since the beginning.
    opened: NestingStack,
    context: DocumentContext,
}

impl BracketTokens<'_, '_> {
    fn next_bracket(&mut self) -> Option<(usize, u8)> {
        let source = self.source;
        while !source.is_end(self.at) {
            let at = self.at;
            let byte = source.byte_at(at);
            source.charge(1);
            match byte {
                b'{' | b'[' | b'}' | b']' => {
                    self.at = next(at);
                    self.value_next = matches!(byte, b'{' | b'[');
                    match byte {
                        // Without memory, strings are read as if they were in the outer container.
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
            // Inside a word, it is an apostrophe.
            Some(_) => {
                self.value_next && self.source.is_string_at(self.at, self.context.double_quotes)
            }
            None => false,
        }
    }

    fn skip_string(&mut self) {
        let source = self.source;
        let object = self.opened.innermost().unwrap_or(self.context.object);
        let role = if object { StringRole::MemberValue } else { StringRole::Element };
        if let Some((quote, length)) = source.quote_at(self.at) {
            let start = self.at.saturating_add(length);
            let token = StringReader { source, role, quote, start, trusted_until: 0 }.read();
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
