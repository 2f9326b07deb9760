//! Whether a text is one JSON text, by masks of 64 bytes: what it takes depends little on what is in
//! the text. Where the defect is, it does not tell; [`super::check`] does.
//!
//! The grammar is checked by what may stand next to what. A value may begin only behind an opening
//! bracket, a comma or a colon; where a value may begin, no comma, no colon, and no closing bracket
//! stand, but one that closes an empty container. In an object, what stands behind the brace or a
//! comma is a string with a colon behind it, and no other colons are there. Brackets alone are gone
//! over one by one, to tell objects from arrays.

use fearless_simd::{Level, Simd, dispatch};

use super::block::skip_whitespace;
use super::masks::{AfterRuns, BLOCK, Block, Mask, Strings, next_block, top};

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GrammarResult {
    /// It is one array or object.
    Valid,
    /// It is not, or it is a scalar.
    Unknown,
    /// The check was not to go on from this place.
    Stopped(usize),
}

const TRUE: u32 = u32::from_le_bytes(*b"true");
const NULL: u32 = u32::from_le_bytes(*b"null");
const FALS: u32 = u32::from_le_bytes(*b"fals");

/// How often the caller is asked whether the check may go on, in bytes.
const WATCH: usize = 1 << 16;

/// Checks a text, asking after every 64 KiB whether to go on.
pub(super) fn check_grammar(text: &str, may_go_on: Option<&dyn Fn() -> bool>) -> GrammarResult {
    let bytes = text.as_bytes();
    let trimmed = skip_whitespace(bytes);
    if !matches!(trimmed.first(), Some(b'{' | b'[')) {
        return GrammarResult::Unknown;
    }
    let mut check = GrammarCheck::new(trimmed);
    while check.result.is_none() {
        dispatch!(Level::new(), simd => check.check_next(simd));
        if check.result.is_none() && may_go_on.is_some_and(|may_go_on| !may_go_on()) {
            return GrammarResult::Stopped(text.len().saturating_sub(check.rest.len()));
        }
    }
    check.result.unwrap_or(GrammarResult::Unknown)
}

/// A check that is under way.
struct GrammarCheck<'t> {
    rest: &'t [u8],
    result: Option<GrammarResult>,
    carried: BlockState,
    /// Containers that are open and that [`Nest`] has no room for, some in each word.
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

    /// Goes over the next 64 KiB.
    #[inline(always)]
    fn check_next<S: Simd>(&mut self, simd: S) {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut carried = self.carried;
                for _ in 0..WATCH / BLOCK {
                    let Some((bytes, behind)) = next_block(self.rest) else {
                        self.result = Some(GrammarResult::Unknown);
                        return;
                    };
                    let block = Block::new(simd, &bytes);
                    let defects = carried.errors(simd, block, self.rest, &mut self.outer);
                    if defects != 0 {
                        self.result = Some(GrammarResult::Unknown);
                        return;
                    }
                    if let Some(end) = carried.end {
                        self.result = Some(self.after_document(end as usize));
                        return;
                    }
                    self.rest = behind;
                }
                self.carried = carried;
            },
        );
    }

    /// The outermost container ends at this place of the block: nothing but white space may follow.
    #[inline(never)]
    fn after_document(&self, end: usize) -> GrammarResult {
        let behind = self.rest.get(end.saturating_add(1)..).unwrap_or_default();
        if skip_whitespace(behind).is_empty() {
            GrammarResult::Valid
        } else {
            GrammarResult::Unknown
        }
    }
}

/// What has to be known of the blocks before.
#[derive(Clone, Copy, Default)]
struct BlockState {
    strings: Strings,
    /// Digits of an escape that began in the block before.
    escape: Mask,
    nest: NestingWord,
    /// Where in the block the outermost container ends.
    end: Option<u32>,
    expected: AfterRuns,
    behind_opening: AfterRuns,
    name: AfterRuns,
    in_name: AfterRuns,
    behind_name: AfterRuns,
    words: Scalars,
}

impl BlockState {
    /// The bytes that cannot stand where they do; of some, those behind them.
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
            let (wrong, carried) = escapes(simd, block, quoted.escaped & inside, self.escape);
            defects |= wrong;
            self.escape = carried;
        }
        if outside | quoted.quotes == 0 {
            return defects;
        }

        let space = match control & outside {
            0 => block.are(b' ') & outside,
            _ => block.whitespace() & outside,
        };
        let open = block.open() & outside;
        let close = block.close() & outside;
        let comma = block.are(b',') & outside;
        let colon = block.are(b':') & outside;
        let word = outside & !(open | close | comma | colon | space);
        let opening_quote = quoted.quotes & inside;
        let word_start = word & !((word << 1) | self.words.before);
        let value = opening_quote | word_start | open;

        let expected = self.expected.next(open | comma | colon, space);
        let behind_opening = self.behind_opening.next(open, space);
        defects |= value & !expected;
        defects |= expected & (comma | colon | (close & !behind_opening));

        let object = self.brackets(block, open, close, outer);
        let names = self.name.next((open | comma) & object, space);
        defects |= names & !(opening_quote | close);
        let name_end = self.in_name.runs(names & opening_quote, inside);
        defects |= self.behind_name.next(name_end, space) ^ colon;

        if word | self.words.before != 0 {
            defects |= self.words.next(block, text, word, word_start).unwrap_or(!0);
        }
        defects | self.nest.mismatch
    }

    /// What is in objects, and not in arrays.
    #[inline(always)]
    fn brackets<S: Simd>(
        &mut self,
        block: Block<S>,
        open: Mask,
        close: Mask,
        outer: &mut Vec<u64>,
    ) -> Mask {
        let mut object = self.nest.innermost();
        let mut brackets = open | close;
        if brackets == 0 {
            return object;
        }
        let braces = block.braces();
        while brackets != 0 {
            let bit = brackets & brackets.wrapping_neg();
            brackets ^= bit;
            if self.nest.apply_bracket(open & bit != 0, braces & bit != 0) {
                let Some(nest) = self.nest.spill(outer) else {
                    self.end = Some(bit.trailing_zeros());
                    break;
                };
                self.nest = nest;
            }
            object ^= (object ^ self.nest.innermost()) & bit.wrapping_neg();
        }
        object
    }
}

/// The escapes that are none, and where the digits of one have to be that goes on in the next block.
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

/// The containers that are open: a bit for each, the innermost's the lowest, set for an object.
#[derive(Clone, Copy)]
struct NestingWord {
    /// The innermost ones, and one more bit above them.
    word: u64,
    /// Set if a bracket has closed a container of the other kind.
    mismatch: Mask,
}

impl Default for NestingWord {
    fn default() -> Self {
        Self { word: 1, mismatch: 0 }
    }
}

impl NestingWord {
    /// The word holds no more from here on.
    const FULL: u64 = 1 << 63;

    /// All ones in an object.
    #[inline(always)]
    fn innermost(&self) -> Mask {
        0_u64.wrapping_sub(self.word & 1)
    }

    /// Goes over a bracket. Whether the word is now empty or full.
    #[inline(always)]
    fn apply_bracket(&mut self, opens: bool, brace: bool) -> bool {
        let (opens, brace) = (u64::from(opens), u64::from(brace));
        self.mismatch |= (self.word ^ brace) & (opens ^ 1);
        self.word = if opens != 0 { (self.word << 1) | brace } else { self.word >> 1 };
        self.word.wrapping_sub(2) >= Self::FULL.wrapping_sub(2)
    }

    /// The same with room in the word, or with something in it. `None` where no container is open any
    /// more.
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

/// Numbers and keywords, and the escapes of strings, from block to block.
#[derive(Clone, Copy, Default)]
struct Scalars {
    /// The last byte of the block before, if it was part of a word.
    before: Mask,
    /// Bytes of a keyword that began in the block before.
    keyword: Mask,
    behind_keyword: Mask,
    behind_minus: Mask,
    behind_zero: Mask,
    behind_point: Mask,
    behind_power: Mask,
    behind_sign: Mask,
    whole: AfterRuns,
    fraction: AfterRuns,
}

impl Scalars {
    #[inline(always)]
    fn next<S: Simd>(
        &mut self,
        block: Block<S>,
        text: &[u8],
        word: Mask,
        word_start: Mask,
    ) -> Option<Mask> {
        self.before = top(word);
        let digits = block.digits() & word;
        let mut others = word & !digits;
        let mut defects = 0;
        let mut whole_start = word_start;
        let mut minus = 0;
        if others | self.keyword | self.behind_keyword | self.behind_minus != 0 {
            minus = block.are(b'-') & others;
            let keyword = self.keyword_bytes(text, word_start & others & !minus)?;
            defects = ((keyword << 1) | self.behind_keyword) & word & !keyword;
            self.behind_keyword = top(keyword);
            let first_minus = minus & word_start;
            whole_start = (word_start & digits) | (first_minus << 1) | self.behind_minus;
            self.behind_minus = top(first_minus);
            others &= !(keyword | first_minus);
        }
        let whole_end = self.whole.runs(whole_start, digits);
        let zero = whole_start & block.are(b'0');
        defects |= (whole_start & !digits) | (((zero << 1) | self.behind_zero) & digits);
        self.behind_zero = top(zero);
        if others | self.behind_point | self.behind_power | self.behind_sign == 0 {
            self.fraction.runs(0, digits);
            return Some(defects);
        }
        let point = block.are(b'.') & others;
        let fraction_start = (point << 1) | self.behind_point;
        self.behind_point = top(point);
        let fraction_end = self.fraction.runs(fraction_start, digits);
        defects |= (point & !whole_end) | (fraction_start & !digits);
        let others = others & !point;
        if others | self.behind_power | self.behind_sign == 0 {
            return Some(defects);
        }
        let power = block.are_letter(b'e') & others;
        let behind_power = (power << 1) | self.behind_power;
        self.behind_power = top(power);
        let sign = behind_power & (minus | block.are(b'+')) & others;
        let power_start = (behind_power & !sign) | (sign << 1) | self.behind_sign;
        self.behind_sign = top(sign);
        defects |= (power & !(whole_end | fraction_end)) | (power_start & !digits);
        Some(defects | (others & !(power | sign)))
    }

    /// The bytes of keywords, of which these are the first ones; `None` where these are none.
    #[inline(always)]
    fn keyword_bytes(&mut self, text: &[u8], starts: Mask) -> Option<Mask> {
        let mut keyword = std::mem::take(&mut self.keyword);
        let mut left = starts;
        while left != 0 {
            let at = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            let (first, behind) = text.get(at as usize..)?.split_first_chunk()?;
            let length = match u32::from_le_bytes(*first) {
                TRUE | NULL => 0xf_u64,
                FALS if behind.first() == Some(&b'e') => 0x1f,
                _ => return None,
            };
            keyword |= length.wrapping_shl(at);
            // Beyond: the rest of it is in the next block.
            if at >= 60 {
                self.keyword = length.wrapping_shr(64_u32.wrapping_sub(at));
            }
        }
        Some(keyword)
    }
}
