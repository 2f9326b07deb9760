//! Finds the end of a JSON text of which the rest may still arrive, in blocks of 64 bytes, or the first sign that the
//! text is damaged.
//!
//! A valid text has none of the signs, so damage never changes where a valid text ends.

use fearless_simd::{Level, Simd, dispatch};

use super::masks::{AfterRuns, BLOCK, Block, Mask, Quoted, Strings, next_block};
use super::separator::{RECORD_SEPARATOR, Separator};

/// A text continues after more whitespace than this, so that the time for whitespace is limited.
const MAX_BLANKS: usize = 256;

/// A search for the end of a text. Each search continues where the last one stopped.
#[derive(Debug, Clone)]
pub(super) struct Structure {
    form: Form,
    separator: Separator,
    /// The state at `scanned`.
    state: State,
    /// The blocks before this offset have no end.
    scanned: usize,
    /// The separators before this offset do not end the text.
    passed: usize,
}

/// How a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With the bracket that closes its first one.
    Container,
    /// With the quote that closes its first one.
    String,
    /// Before whitespace, a comma or a closing bracket.
    Word,
}

/// What a search has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The end of the text.
    End(usize),
    /// No valid text begins like this.
    Damage,
    /// The end of the bytes.
    Nothing,
}

/// What a block has, in the order of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InBlock {
    End,
    Damage,
    /// A separator, which may end the text.
    Separator,
}

/// The state between two blocks.
#[derive(Debug, Clone, Copy)]
struct State {
    strings: Strings,
    after_separator: AfterRuns,
    after_colon: AfterRuns,
    after_string: AfterRuns,
    brackets: Brackets,
}

impl Structure {
    /// A search in a text that begins with this byte, which is not whitespace.
    pub(super) fn new(first: u8, separator: Separator) -> Self {
        let form = match first {
            b'{' | b'[' => Form::Container,
            b'"' => Form::String,
            _ => Form::Word,
        };
        let state = State {
            strings: Strings::default(),
            // The first byte is where a value may begin.
            after_separator: AfterRuns::IN_RUN,
            after_colon: AfterRuns::default(),
            after_string: AfterRuns::default(),
            brackets: Brackets::default(),
        };
        Self { form, separator, state, scanned: 0, passed: 0 }
    }

    /// Whether a text that ends here is cut.
    pub(super) fn is_open(&self) -> bool {
        self.form != Form::Word
    }

    /// The end of a text, or a sign of damage. `text`: the bytes so far, from the first one on. `complete`: no more will
    /// arrive.
    pub(super) fn find(&mut self, text: &[u8], complete: bool) -> Found {
        loop {
            match dispatch!(Level::new(), simd => self.search(simd, text)) {
                None => return Found::Nothing,
                Some((end, InBlock::End)) => return Found::End(end),
                Some((_, InBlock::Damage)) => return Found::Damage,
                Some((at, InBlock::Separator)) => match continues(text, at, complete) {
                    Some(Some(passed)) => self.passed = passed,
                    Some(None) => return Found::End(at),
                    None => return Found::Nothing,
                },
            }
        }
    }

    /// The first finding. Keeps the state after the last whole block without one.
    #[inline(always)]
    fn search<S: Simd>(&mut self, simd: S, text: &[u8]) -> Option<(usize, InBlock)> {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut rest = text.get(self.scanned..)?;
                while let Some((bytes, after)) = next_block(rest) {
                    let mut state = self.state;
                    let found = self.search_block(Block::new(simd, &bytes), &mut state, rest.len());
                    if let Some((at, found)) = found {
                        return Some((self.scanned.wrapping_add(at), found));
                    }
                    if rest.len() < BLOCK {
                        return None;
                    }
                    self.state = state;
                    self.scanned = self.scanned.wrapping_add(BLOCK);
                    rest = after;
                }
                None
            },
        )
    }

    /// The same in the block at `scanned`. `left`: the bytes from there on.
    #[inline(always)]
    fn search_block<S: Simd>(
        &self,
        block: Block<S>,
        state: &mut State,
        left: usize,
    ) -> Option<(usize, InBlock)> {
        let quoted = state.strings.next(block);
        match self.form {
            Form::Container => self.in_container(block, quoted, state),
            Form::String => {
                let end = first(quoted.quotes & !quoted.inside);
                let damage = first(block.are(b'\n') & quoted.inside);
                match damage < end {
                    true => Some((damage, InBlock::Damage)),
                    false => (end < BLOCK).then(|| (end.wrapping_add(1), InBlock::End)),
                }
            }
            Form::Word => {
                let ends = block.whitespace() | block.close() | block.are(b',');
                let end = first(ends & quoted.outside());
                (end < left.min(BLOCK)).then_some((end, InBlock::End))
            }
        }
    }

    /// The first finding in a block of a container.
    #[inline(always)]
    fn in_container<S: Simd>(
        &self,
        block: Block<S>,
        quoted: Quoted,
        state: &mut State,
    ) -> Option<(usize, InBlock)> {
        let (outside, blank, line_ends) = (quoted.outside(), block.blank(), block.are(b'\n'));
        let (open, close) = (block.open() & outside, block.close() & outside);
        let (comma, colon) = (block.are(b',') & outside, block.are(b':') & outside);
        let after_separator = state.after_separator.next(open | comma | colon, blank);
        let after_colon = state.after_colon.next(colon, blank);
        let after_string = state.after_string.next(quoted.quotes & !quoted.inside, blank);
        let beginnings = open | (quoted.quotes & quoted.inside);
        // A line end in a string, a value without a separator before it, something else than a separator after a
        // string, and what begins a comment or a string in single quotes.
        let damage = (line_ends & quoted.inside)
            | (beginnings & !after_separator)
            | (after_string & !(comma | colon | close))
            | (block.comment_or_single_quote() & outside);
        let damage = first(damage);
        let separator = first(self.separators(block, line_ends & !quoted.inside));
        let bracket = state.brackets.next(open, close, block.braces(), after_colon);
        let limit = damage.min(separator);
        match bracket {
            Some((at, InBlock::End)) if at < limit => Some((at.wrapping_add(1), InBlock::End)),
            Some((at, found)) if at < limit => Some((at, found)),
            _ if limit == BLOCK => None,
            _ if damage <= separator => Some((damage, InBlock::Damage)),
            _ => Some((separator, InBlock::Separator)),
        }
    }

    /// The separators of a block that were not passed.
    #[inline(always)]
    fn separators<S: Simd>(&self, block: Block<S>, line_ends: Mask) -> Mask {
        if self.separator == Separator::Comma {
            return 0;
        }
        let passed = self.passed.saturating_sub(self.scanned);
        let new = u32::try_from(passed).ok().and_then(|passed| Mask::MAX.checked_shl(passed));
        (line_ends | block.are(RECORD_SEPARATOR)) & new.unwrap_or(0)
    }
}

/// Whether a container that is open at a separator continues after it: then the end of the whitespace there.
fn continues(text: &[u8], at: usize, complete: bool) -> Option<Option<usize>> {
    let (before, after) = text.split_at_checked(at)?;
    if after.first() == Some(&RECORD_SEPARATOR) {
        return Some(None);
    }
    let blanks =
        after.iter().take(MAX_BLANKS).take_while(|byte| byte.is_ascii_whitespace()).count();
    let last = before.iter().rev().take(MAX_BLANKS).find(|byte| !byte.is_ascii_whitespace());
    let continues = match after.get(blanks) {
        _ if blanks == MAX_BLANKS => true,
        _ if last.is_none_or(|last| b"{[,:".contains(last)) => true,
        Some(next) => b",:}]".contains(next),
        None if complete => false,
        None => return None,
    };
    Some(continues.then_some(at.saturating_add(blanks)))
}

/// The kinds of the open containers.
#[derive(Debug, Clone, Copy, Default)]
struct Brackets {
    depth: usize,
    /// A bit for each of the outermost containers: 1 for an object. The lowest bit is for the innermost of them.
    objects: u64,
}

/// The levels of which the kind is known. Deeper brackets are only counted.
const KNOWN: usize = 64;

impl Brackets {
    /// The first bracket of a block that ends the text, or that is not where such a bracket belongs.
    #[inline(always)]
    fn next(
        &mut self,
        open: Mask,
        close: Mask,
        braces: Mask,
        after_colon: Mask,
    ) -> Option<(usize, InBlock)> {
        let mut rest = open | close;
        while rest != 0 {
            let bit = rest & rest.wrapping_neg();
            rest ^= bit;
            let at = bit.trailing_zeros() as usize;
            let (is_brace, in_object) = (braces & bit != 0, self.objects & 1 == 1);
            if open & bit != 0 {
                if self.depth < KNOWN {
                    // In an object, a value is after a colon. In an array, it is not.
                    if in_object != (after_colon & bit != 0) {
                        return Some((at, InBlock::Damage));
                    }
                    self.objects = (self.objects << 1) | u64::from(is_brace);
                }
                self.depth = self.depth.wrapping_add(1);
                continue;
            }
            self.depth = self.depth.wrapping_sub(1);
            if self.depth < KNOWN {
                if in_object != is_brace {
                    return Some((at, InBlock::Damage));
                }
                self.objects >>= 1;
            }
            if self.depth == 0 {
                return Some((at, InBlock::End));
            }
        }
        None
    }
}

/// The position of the first bit; 64 if there is none.
#[inline(always)]
fn first(mask: Mask) -> usize {
    mask.trailing_zeros() as usize
}
