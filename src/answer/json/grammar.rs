//! Checks whether a text is one JSON text, with masks of 64 bytes. The time depends little on the
//! content. This check does not find the position of a defect; [`super::check`] does.
//!
//! The check tests which tokens are next to each other:
//! - A value begins only after an opening bracket, a comma or a colon.
//! - A value must begin there. Only the closing bracket of an empty container may be there instead.
//! - In an object, a string and a colon follow the opening brace and each comma. There are no other
//!   colons.
//!
//! Only brackets are checked one by one, to distinguish objects from arrays.

use fearless_simd::{Level, Simd, dispatch};

use super::block::skip_whitespace;
use super::masks::{AfterRuns, BLOCK, Block, Mask, Strings, next_block, top};
use super::pieces::PIECE;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GrammarResult {
    /// The text is one array or object.
    Valid,
    /// The text is invalid, or it is a scalar.
    Unknown,
    /// The check was stopped at this offset.
    Stopped(usize),
}

const TRUE: u32 = u32::from_le_bytes(*b"true");
const NULL: u32 = u32::from_le_bytes(*b"null");
const FALS: u32 = u32::from_le_bytes(*b"fals");

/// Checks a text. Calls `should_continue` after every 64 KiB, and stops if it returns `false`.
pub(super) fn check_grammar(text: &str, should_continue: &dyn Fn() -> bool) -> GrammarResult {
    GrammarCheck::new(text.as_bytes()).run(should_continue)
}

/// A check in progress.
struct GrammarCheck<'t> {
    rest: &'t [u8],
    result: Option<GrammarResult>,
    carried: BlockState,
    /// The outer open containers, if [`NestingWord`] has no room for them. Each word contains several.
    outer: Vec<u64>,
}

impl<'t> GrammarCheck<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self {
            rest: text,
            result: None,
            carried: BlockState { expected: AfterRuns::IN_RUN, ..BlockState::default() },
            outer: Vec::new(),
        }
    }

    fn run(&mut self, should_continue: &dyn Fn() -> bool) -> GrammarResult {
        let length = self.rest.len();
        if !matches!(skip_whitespace(self.rest).first(), Some(b'{' | b'[')) {
            return GrammarResult::Unknown;
        }
        loop {
            dispatch!(Level::new(), simd => self.check_next(simd));
            if let Some(result) = self.result {
                return result;
            }
            if !should_continue() {
                return GrammarResult::Stopped(length.saturating_sub(self.rest.len()));
            }
        }
    }

    /// Checks the next 64 KiB.
    #[inline(always)]
    fn check_next<S: Simd>(&mut self, simd: S) {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut carried = self.carried;
                for _ in 0..PIECE / BLOCK {
                    let Some((bytes, after)) = next_block(self.rest) else {
                        self.result = Some(GrammarResult::Unknown);
                        return;
                    };
                    let block = Block::new(simd, &bytes);
                    if carried.errors(simd, block, self.rest, &mut self.outer) != 0 {
                        self.result = Some(GrammarResult::Unknown);
                        return;
                    }
                    if let Some(end) = carried.end {
                        self.carried = carried;
                        self.result = Some(self.after_document(end as usize));
                        return;
                    }
                    self.rest = after;
                }
                self.carried = carried;
            },
        );
    }

    /// The outermost container ends at this position of the block. Only whitespace may follow.
    #[inline(never)]
    fn after_document(&self, end: usize) -> GrammarResult {
        let after = self.rest.get(end.saturating_add(1)..).unwrap_or_default();
        if skip_whitespace(after).is_empty() {
            GrammarResult::Valid
        } else {
            GrammarResult::Unknown
        }
    }
}

/// The state from the blocks before.
#[derive(Clone, Copy, Default)]
struct BlockState {
    strings: Strings,
    /// The digits of an escape that began in the previous block.
    escape: Mask,
    nesting: NestingWord,
    /// The position in the block at which the outermost container ends.
    end: Option<u32>,
    expected: AfterRuns,
    after_opening: AfterRuns,
    name: AfterRuns,
    in_name: AfterRuns,
    after_name: AfterRuns,
    scalars: Scalars,
}

impl BlockState {
    /// The bytes that the grammar does not allow at their position. For some defects, it is the next
    /// byte.
    #[inline(always)]
    fn errors<S: Simd>(
        &mut self,
        simd: S,
        block: Block<S>,
        text: &[u8],
        outer: &mut Vec<u64>,
    ) -> Mask {
        let quoted = self.strings.next(block);
        let (inside, outside) = (quoted.inside, quoted.outside());
        let control = block.control();
        let mut defects = control & inside;
        if quoted.escaped | self.escape != 0 {
            let (invalid, carried) = escapes(simd, block, quoted.escaped & inside, self.escape);
            defects |= invalid;
            self.escape = carried;
        }
        if outside | quoted.quotes == 0 {
            return defects;
        }

        let whitespace = match control & outside {
            0 => block.are(b' ') & outside,
            _ => block.whitespace() & outside,
        };
        let open = block.open() & outside;
        let close = block.close() & outside;
        let comma = block.are(b',') & outside;
        let colon = block.are(b':') & outside;
        let scalar = outside & !(open | close | comma | colon | whitespace);
        let opening_quote = quoted.quotes & inside;
        let scalar_start = scalar & !((scalar << 1) | self.scalars.before);
        let value = opening_quote | scalar_start | open;

        let expected = self.expected.next(open | comma | colon, whitespace);
        let after_opening = self.after_opening.next(open, whitespace);
        defects |= value & !expected;
        defects |= expected & (comma | colon | (close & !after_opening));

        let object = self.brackets(block, open, close, outer);
        let names = self.name.next((open | comma) & object, whitespace);
        defects |= names & !(opening_quote | close);
        let name_end = self.in_name.runs(names & opening_quote, inside);
        defects |= self.after_name.next(name_end, whitespace) ^ colon;

        if scalar | self.scalars.before != 0 {
            defects |= self.scalars.next(block, text, scalar, scalar_start).unwrap_or(!0);
        }
        defects | self.nesting.mismatch
    }

    /// The bytes that are directly in objects, and not in arrays.
    #[inline(always)]
    fn brackets<S: Simd>(
        &mut self,
        block: Block<S>,
        open: Mask,
        close: Mask,
        outer: &mut Vec<u64>,
    ) -> Mask {
        let mut object = self.nesting.innermost();
        let mut brackets = open | close;
        if brackets == 0 {
            return object;
        }
        let braces = block.braces();
        while brackets != 0 {
            let bit = brackets & brackets.wrapping_neg();
            brackets ^= bit;
            if self.nesting.apply_bracket(open & bit != 0, braces & bit != 0) {
                let Some(nesting) = self.nesting.spill(outer) else {
                    self.end = Some(bit.trailing_zeros());
                    break;
                };
                self.nesting = nesting;
            }
            object ^= (object ^ self.nesting.innermost()) & bit.wrapping_neg();
        }
        object
    }
}

/// The bytes of invalid escapes, and the expected digits of an escape that continues in the next block.
#[inline(always)]
fn escapes<S: Simd>(simd: S, block: Block<S>, escaped: Mask, carried: Mask) -> (Mask, Mask) {
    simd.vectorize(
        #[inline(always)]
        || {
            let units = block.are(b'u') & escaped;
            let hex = (units << 1) | (units << 2) | (units << 3) | (units << 4) | carried;
            let carried = (units >> 63) | (units >> 62) | (units >> 61) | (units >> 60);
            let unknown = escaped & !(units | block.short_escapes());
            (unknown | (hex & !block.hex_digits()), carried)
        },
    )
}

/// The open containers: one bit for each, 1 for an object. The lowest bit is the innermost container.
#[derive(Clone, Copy)]
struct NestingWord {
    /// The bits of the innermost containers, and a 1 above them.
    word: u64,
    /// Not 0 if a bracket has closed a container of the other kind.
    mismatch: Mask,
}

impl Default for NestingWord {
    fn default() -> Self {
        Self { word: 1, mismatch: 0 }
    }
}

impl NestingWord {
    /// The word is full from this value on.
    const FULL: u64 = 1 << 63;

    /// All ones if the innermost container is an object.
    #[inline(always)]
    fn innermost(&self) -> Mask {
        0_u64.wrapping_sub(self.word & 1)
    }

    /// Opens or closes a container. Returns whether the word is now empty or full.
    #[inline(always)]
    fn apply_bracket(&mut self, opens: bool, brace: bool) -> bool {
        let (opens, brace) = (u64::from(opens), u64::from(brace));
        self.mismatch |= (self.word ^ brace) & (opens ^ 1);
        self.word = if opens != 0 { (self.word << 1) | brace } else { self.word >> 1 };
        self.word.wrapping_sub(2) >= Self::FULL.wrapping_sub(2)
    }

    /// Moves containers from a full word to `outer`, or from `outer` to an empty word. `None` if no
    /// container is open.
    #[cold]
    #[inline(never)]
    fn spill(mut self, outer: &mut Vec<u64>) -> Option<Self> {
        if self.word < Self::FULL {
            self.word = outer.pop()?;
            return Some(self);
        }
        match outer.try_reserve(1) {
            Ok(()) => outer.push(self.word >> 32),
            Err(_) => self.mismatch = 1,
        }
        self.word = (self.word & u64::from(u32::MAX)) | (1 << 32);
        Some(self)
    }
}

/// Numbers and literals, across blocks.
#[derive(Clone, Copy, Default)]
struct Scalars {
    /// The last byte of the previous block, if it was part of a scalar.
    before: Mask,
    /// The bytes of a literal that began in the previous block.
    literal: Mask,
    after_literal: Mask,
    after_minus: Mask,
    after_zero: Mask,
    after_point: Mask,
    after_exponent_letter: Mask,
    after_sign: Mask,
    whole: AfterRuns,
    fraction: AfterRuns,
}

impl Scalars {
    #[inline(always)]
    fn next<S: Simd>(
        &mut self,
        block: Block<S>,
        text: &[u8],
        scalar: Mask,
        scalar_start: Mask,
    ) -> Option<Mask> {
        self.before = top(scalar);
        let digits = block.digits() & scalar;
        let mut others = scalar & !digits;
        let mut defects = 0;
        let mut whole_start = scalar_start;
        let mut minus = 0;
        if others | self.literal | self.after_literal | self.after_minus != 0 {
            minus = block.are(b'-') & others;
            let literal = self.literal_bytes(text, scalar_start & others & !minus)?;
            defects = ((literal << 1) | self.after_literal) & scalar & !literal;
            self.after_literal = top(literal);
            let first_minus = minus & scalar_start;
            whole_start = (scalar_start & digits) | (first_minus << 1) | self.after_minus;
            self.after_minus = top(first_minus);
            others &= !(literal | first_minus);
        }
        let whole_end = self.whole.runs(whole_start, digits);
        let zero = whole_start & block.are(b'0');
        defects |= (whole_start & !digits) | (((zero << 1) | self.after_zero) & digits);
        self.after_zero = top(zero);
        if others | self.after_point | self.after_exponent_letter | self.after_sign == 0 {
            self.fraction.runs(0, digits);
            return Some(defects);
        }
        let point = block.are(b'.') & others;
        let fraction_start = (point << 1) | self.after_point;
        self.after_point = top(point);
        let fraction_end = self.fraction.runs(fraction_start, digits);
        defects |= (point & !whole_end) | (fraction_start & !digits);
        let others = others & !point;
        if others | self.after_exponent_letter | self.after_sign == 0 {
            return Some(defects);
        }
        let exponent_letter = block.are_letter(b'e') & others;
        let after_exponent_letter = (exponent_letter << 1) | self.after_exponent_letter;
        self.after_exponent_letter = top(exponent_letter);
        let sign = after_exponent_letter & (minus | block.are(b'+')) & others;
        let exponent_start = (after_exponent_letter & !sign) | (sign << 1) | self.after_sign;
        self.after_sign = top(sign);
        defects |= (exponent_letter & !(whole_end | fraction_end)) | (exponent_start & !digits);
        Some(defects | (others & !(exponent_letter | sign)))
    }

    /// The bytes of the literals that begin at `starts`. `None` if one of them is not a literal.
    #[inline(always)]
    fn literal_bytes(&mut self, text: &[u8], starts: Mask) -> Option<Mask> {
        let mut literal = std::mem::take(&mut self.literal);
        let mut remaining = starts;
        while remaining != 0 {
            let at = remaining.trailing_zeros();
            remaining &= remaining.wrapping_sub(1);
            let (first, after) = text.get(at as usize..)?.split_first_chunk()?;
            let length = match u32::from_le_bytes(*first) {
                TRUE | NULL => 0xf_u64,
                FALS if after.first() == Some(&b'e') => 0x1f,
                _ => return None,
            };
            literal |= length.wrapping_shl(at);
            // The literal may continue in the next block.
            if at >= 60 {
                self.literal = length.wrapping_shr(64_u32.wrapping_sub(at));
            }
        }
        Some(literal)
    }
}
