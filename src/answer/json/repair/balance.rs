//! Whether the brackets ahead are too many or too few for the containers that are open.
//!
//! Where the text contradicts itself, several readings are possible: a bracket missing, one too
//! many, one of the wrong kind. The rest of the document tells which: the one under which all that
//! is open is closed in the end.

use std::cell::Cell;

use super::ahead::Quote;
use super::quotes::{Place, StringReader};
use super::source::{Source, next};

/// So many brackets are remembered whatever the text, and one for so many bytes of a long one: with
/// more, nothing is said about the balance.
const FEW: usize = 1 << 15;
const BYTES_PER_BRACKET: usize = 24;

/// How many brackets of a text of so many bytes are remembered.
const fn most(length: usize) -> usize {
    let some = length.wrapping_div(BYTES_PER_BRACKET);
    if some > FEW { some } else { FEW }
}

/// How much memory the brackets take of a text of so many bytes: half as much, or a little.
pub(super) const fn memory(length: usize) -> usize {
    most(length).saturating_mul(size_of::<Bracket>())
}

/// How many brackets are looked at one by one before they are searched.
const NEAR: usize = 8;

/// One bracket ahead.
#[derive(Debug, Clone, Copy)]
struct Bracket {
    at: u32,
    /// How many containers are open behind it, and the fewest that are from there on.
    level: i32,
    lowest: i32,
}

/// Where in a document the brackets are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here {
    pub(super) depth: usize,
    /// Whether the innermost container is an object, and the outermost, if there is one.
    pub(super) object: bool,
    pub(super) outermost: Option<bool>,
    /// Whether the strings of the document are mostly in double quotes.
    pub(super) double_quotes: bool,
}

/// The brackets from some place on.
#[derive(Debug)]
pub(super) struct Balance {
    level: i32,
    brackets: Vec<Bracket>,
    /// The bracket that was found last: the next one asked for is rarely far.
    last: Cell<usize>,
    /// Whether the text seems to go on to the end of the document.
    complete: bool,
    /// Whether there are so many brackets that not all were looked at.
    unknown: bool,
}

impl Balance {
    /// Looks at all brackets from here on.
    pub(super) fn new(source: &Source<'_>, from: usize, here: Here) -> Self {
        let level = i32::try_from(here.depth).unwrap_or(i32::MAX);
        let mut brackets = Vec::new();
        let mut tokens = Tokens { source, at: from, value_next: true, opened: Vec::new(), here };
        let mut now = level;
        let most = most(source.len());
        let mut unknown = false;
        while let Some((at, byte)) = tokens.next_bracket() {
            unknown = brackets.len() >= most || !make_room(&mut brackets, most);
            let Some(at) = u32::try_from(at).ok().filter(|_| !unknown) else {
                unknown = true;
                break;
            };
            let step = if matches!(byte, b'{' | b'[') { 1 } else { -1 };
            now = now.saturating_add(step);
            brackets.push(Bracket { at, level: now, lowest: 0 });
        }
        let mut lowest = now;
        for bracket in brackets.iter_mut().rev() {
            lowest = lowest.min(bracket.level);
            bracket.lowest = lowest;
        }
        let last = source.before(from, source.content_end()).map(|(_, byte)| byte);
        let closes = |object| last == Some(if object { b'}' } else { b']' });
        let complete = now <= lowest && here.outermost.is_none_or(closes);
        Self { level, brackets, last: Cell::new(0), complete, unknown }
    }

    /// How many more containers the brackets from here on close than are open now. Negative: too
    /// few; `None` where that cannot be told, as the document does not go on to its end.
    pub(super) fn surplus(&self, at: usize, depth: usize) -> Option<i64> {
        if self.unknown {
            return None;
        }
        let ahead = self.ahead(at);
        let level = self.level_before(ahead);
        let lowest = self.brackets.get(ahead).map_or(level, |bracket| bracket.lowest).min(level);
        let closed = i64::from(level).checked_sub(i64::from(lowest))?;
        let surplus = closed.checked_sub(i64::try_from(depth).ok()?)?;
        (self.complete || surplus > 0).then_some(surplus)
    }

    /// The first bracket from here on that closes what is open now.
    pub(super) fn next_closer(&self, source: &Source<'_>, at: usize) -> Option<u8> {
        let ahead = self.ahead(at);
        let level = self.level_before(ahead);
        for bracket in self.brackets.iter().skip(ahead) {
            if bracket.level < level {
                return Some(source.at(bracket.at as usize));
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
            last.is_none_or(|bracket| (bracket.at as usize) < at)
        };
        let mut steps = 0..NEAR;
        while self.brackets.get(index).is_some_and(|bracket| (bracket.at as usize) < at)
            && steps.next().is_some()
        {
            index = next(index);
        }
        if !behind(index)
            || self.brackets.get(index).is_some_and(|bracket| (bracket.at as usize) < at)
        {
            index = self.brackets.partition_point(|bracket| (bracket.at as usize) < at);
        }
        self.last.set(index);
        index
    }

    fn level_before(&self, index: usize) -> i32 {
        let last = index.checked_sub(1).and_then(|last| self.brackets.get(last));
        last.map_or(self.level, |bracket| bracket.level)
    }
}

/// Whether there is room for one more bracket, and for half as many again but no more than so many.
fn make_room(brackets: &mut Vec<Bracket>, most: usize) -> bool {
    let length = brackets.len();
    let more = length.wrapping_shr(1).max(64).min(most.saturating_sub(length));
    length < brackets.capacity() || brackets.try_reserve_exact(more).is_ok()
}

/// The brackets of a text, those in strings and comments left out.
struct Tokens<'s, 'a> {
    source: &'s Source<'a>,
    at: usize,
    /// Whether a value or a name may begin here.
    value_next: bool,
    /// What was opened on the way: whether each is an object.
    opened: Vec<bool>,
    here: Here,
}

impl Tokens<'_, '_> {
    fn next_bracket(&mut self) -> Option<(usize, u8)> {
        let source = self.source;
        while !source.is_end(self.at) {
            let at = self.at;
            let byte = source.at(at);
            match byte {
                b'{' | b'[' | b'}' | b']' => {
                    self.at = next(at);
                    self.value_next = matches!(byte, b'{' | b'[');
                    match byte {
                        b'{' | b'[' => self.opened.push(byte == b'{'),
                        _ => drop(self.opened.pop()),
                    }
                    return Some((at, byte));
                }
                b',' | b':' => {
                    self.value_next = true;
                    self.at = next(at);
                }
                b' ' | b'\n' | b'\r' | b'\t' => self.at = source.skip_space(at),
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
                self.value_next && self.source.is_string_at(self.at, self.here.double_quotes)
            }
            None => false,
        }
    }

    fn skip_string(&mut self) {
        let source = self.source;
        let object = self.opened.last().copied().unwrap_or(self.here.object);
        let place = if object { Place::Member } else { Place::Element };
        if let Some((quote, length)) = source.quote_at(self.at) {
            let start = self.at.saturating_add(length);
            let token = StringReader { source, place, quote, start, trusted: 0 }.read();
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
