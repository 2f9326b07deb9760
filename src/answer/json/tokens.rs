//! The tokens of a text: where its values begin, and where its strings begin and end.
//!
//! The check of a text finds them. A walk from value to value goes from bit to bit, without a look at the
//! bytes between them.

use super::masks::{AfterRuns, BLOCK, Mask, Quoted, top};

/// The tokens of a valid JSON text. They take a quarter as much memory as the text.
#[derive(Debug)]
pub(super) struct Tokens {
    /// The first bytes of values, and the closing brackets.
    pub(super) values: Bits,
    /// The quotes at which strings begin and end.
    pub(super) quotes: Bits,
    /// Whether any string has escapes.
    pub(super) has_escapes: bool,
    /// How its names are written.
    pub(super) names: NameForm,
}

impl Tokens {
    /// Tokens for a text of this length; `None` if memory is short.
    pub(super) fn with_capacity(length: usize) -> Option<Self> {
        Some(Self {
            values: Bits::with_capacity(length)?,
            quotes: Bits::with_capacity(length)?,
            has_escapes: false,
            names: NameForm::Other,
        })
    }

    /// Adds the tokens of the next block.
    #[inline(always)]
    pub(super) fn push(&mut self, tokens: BlockTokens) {
        self.values.push(tokens.values);
        self.quotes.push(tokens.quotes);
    }

    /// Ends the text.
    pub(super) fn finish(mut self, forms: &Forms) -> Self {
        self.values.finish();
        self.quotes.finish();
        self.has_escapes = forms.escapes != 0;
        self.names = forms.names();
        self
    }

    /// The memory that the tokens take, in bytes.
    #[cfg(test)]
    pub(super) fn memory_size(&self) -> usize {
        self.values.0.capacity().saturating_add(self.quotes.0.capacity())
    }
}

/// The tokens of a block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BlockTokens {
    /// See [`Tokens::values`].
    pub(super) values: Mask,
    /// See [`Tokens::quotes`].
    pub(super) quotes: Mask,
}

/// How all names of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameForm {
    /// `"name":value`, without escapes.
    Compact,
    /// `"name": value`, without escapes.
    Spaced,
    /// Otherwise.
    Other,
}

/// The forms of names and strings, found block by block. A mask that is not 0 means that there are some.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Forms {
    /// Bytes that a backslash escapes.
    escapes: Mask,
    /// Values directly after the colon.
    compact: Mask,
    /// Values after a space.
    spaced: Mask,
    other: Mask,
    /// Whether the block before ends with a name, a colon, or a space after a colon.
    after_name: Mask,
    after_colon: Mask,
    after_space: Mask,
}

impl Forms {
    /// `names`: the closing quotes of the names of a block.
    #[inline(always)]
    pub(super) fn names_of_block(&mut self, names: Mask, colon: Mask, whitespace: Mask) {
        let after_name = (names << 1) | self.after_name;
        let after_colon = (colon << 1) | self.after_colon;
        let space = after_colon & whitespace;
        let after_space = (space << 1) | self.after_space;
        self.after_name = top(names);
        self.after_colon = top(colon);
        self.after_space = top(space);
        self.compact |= after_colon ^ space;
        self.spaced |= space;
        self.other |= (after_name ^ colon) | (after_space & whitespace);
    }

    /// Adds the escapes of a block. `in_name` is the state before the block, `names` are the opening quotes
    /// of its names.
    #[inline(always)]
    pub(super) fn escapes_of_block(&mut self, quoted: Quoted, in_name: AfterRuns, names: Mask) {
        if quoted.escaped == 0 {
            return;
        }
        let mut in_name = in_name;
        self.escapes |= quoted.escaped;
        self.other |= quoted.escaped & in_name.over(names, quoted.inside);
    }

    fn names(&self) -> NameForm {
        match (self.compact, self.spaced, self.other) {
            (_, 0, 0) => NameForm::Compact,
            (0, _, 0) => NameForm::Spaced,
            _ => NameForm::Other,
        }
    }
}

/// A bit for each byte of a text.
#[derive(Debug)]
pub(super) struct Bits(Vec<u8>);

impl Bits {
    /// Zero bytes before and after the bits, so that each bit is in a window.
    const MARGIN: usize = size_of::<Mask>();

    fn with_capacity(length: usize) -> Option<Self> {
        let words = length.div_ceil(BLOCK).saturating_mul(size_of::<Mask>());
        let mut bits = Vec::new();
        bits.try_reserve_exact(words.saturating_add(2 * Self::MARGIN)).ok()?;
        bits.extend_from_slice(&[0; Self::MARGIN]);
        Some(Self(bits))
    }

    /// Adds the bits of the next block. There is room for all blocks.
    #[inline(always)]
    fn push(&mut self, mask: Mask) {
        self.0.extend_from_slice(&mask.to_le_bytes());
    }

    fn finish(&mut self) {
        self.0.extend_from_slice(&[0; Self::MARGIN]);
    }

    /// The eight bytes from this one on, as a number.
    #[inline(always)]
    fn word(&self, byte: usize) -> Option<Mask> {
        Some(Mask::from_le_bytes(*self.0.get(byte..)?.first_chunk()?))
    }

    /// The first set bit at `at` or after it.
    #[inline(always)]
    pub(super) fn next(&self, at: usize) -> Option<usize> {
        let byte = at.wrapping_shr(3).wrapping_add(Self::MARGIN);
        match self.word(byte)?.wrapping_shr(low_bits(at)) {
            0 => self.next_far(byte.wrapping_add(size_of::<Mask>())),
            window => Some(at.wrapping_add(window.trailing_zeros() as usize)),
        }
    }

    /// The first set bit from this byte on.
    #[inline(never)]
    fn next_far(&self, byte: usize) -> Option<usize> {
        let mut byte = byte;
        loop {
            let word = self.word(byte)?;
            if word != 0 {
                let bit = byte.wrapping_shl(3).wrapping_add(word.trailing_zeros() as usize);
                return bit.checked_sub(Self::MARGIN.wrapping_shl(3));
            }
            byte = byte.wrapping_add(size_of::<Mask>());
        }
    }

    /// The set bits from `at` on, one by one.
    #[inline(always)]
    pub(super) fn from(&self, at: usize) -> Option<SetBits<'_>> {
        let byte = at.wrapping_shr(3).wrapping_add(Self::MARGIN);
        let word = self.word(byte)?.wrapping_shr(low_bits(at)).wrapping_shl(low_bits(at));
        Some(SetBits { bytes: &self.0, byte, word, remaining_words: MAX_WORDS })
    }

    /// The last set bit before `at`.
    #[inline(always)]
    pub(super) fn previous(&self, at: usize) -> Option<usize> {
        // The last of these eight bytes has the bit at `at`.
        let byte = at.wrapping_shr(3).wrapping_add(1);
        let window =
            self.word(byte)?.wrapping_shl(7_u32.wrapping_sub(low_bits(at))).wrapping_shl(1);
        match window {
            0 => self.previous_far(byte),
            window => at.checked_sub(window.leading_zeros() as usize)?.checked_sub(1),
        }
    }

    /// The last set bit before this byte.
    #[inline(never)]
    fn previous_far(&self, byte: usize) -> Option<usize> {
        let mut byte = byte;
        loop {
            byte = byte.checked_sub(size_of::<Mask>())?;
            if let Some(last) = self.word(byte)?.checked_ilog2() {
                let bit = byte.wrapping_shl(3).wrapping_add(last as usize);
                return bit.checked_sub(Self::MARGIN.wrapping_shl(3));
            }
        }
    }
}

/// In objects with a greater length in bytes, a full search is better, because it can make an index.
pub(super) const MAX_LENGTH: usize = 8 * 1024;
/// Words in which [`SetBits`] looks for bits.
const MAX_WORDS: usize = MAX_LENGTH / BLOCK;

/// The set bits from a place on, in a part of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct SetBits<'b> {
    bytes: &'b [u8],
    /// The bits that are left of the eight bytes at `byte`.
    word: Mask,
    byte: usize,
    remaining_words: usize,
}

impl SetBits<'_> {
    /// The next set bit. `None` at the end of the part.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            self.remaining_words = self.remaining_words.checked_sub(1)?;
            self.byte = self.byte.wrapping_add(size_of::<Mask>());
            self.word = Mask::from_le_bytes(*self.bytes.get(self.byte..)?.first_chunk()?);
        }
        let bit = self.word.trailing_zeros() as usize;
        self.word &= self.word.wrapping_sub(1);
        Some(self.byte.wrapping_sub(Bits::MARGIN).wrapping_shl(3).wrapping_add(bit))
    }
}

/// The lowest three bits: the position of a bit in its byte.
#[inline(always)]
fn low_bits(at: usize) -> u32 {
    (at & 7) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::super::grammar::find_tokens;
    use super::*;

    /// The tokens of a text, found byte by byte.
    fn tokens_by_bytes(text: &str) -> (Vec<usize>, Vec<usize>) {
        let (mut values, mut quotes) = (Vec::new(), Vec::new());
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let start = at;
            at += 1;
            match byte {
                b'"' => {
                    while bytes[at] != b'"' {
                        at += if bytes[at] == b'\\' { 2 } else { 1 };
                    }
                    quotes.extend([start, at]);
                    at += 1;
                    if !text[at..].trim_start().starts_with(':') {
                        values.push(start);
                    }
                }
                b'{' | b'[' | b'}' | b']' => values.push(start),
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' => {}
                _ => {
                    values.push(start);
                    at += text[at..].find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap();
                }
            }
        }
        (values, quotes)
    }

    fn set_bits(bits: &Bits, length: usize) -> Vec<usize> {
        let forward: Vec<_> =
            std::iter::successors(bits.next(0), |bit| bits.next(bit + 1)).collect();
        let mut backward: Vec<_> =
            std::iter::successors(bits.previous(length), |bit| bits.previous(*bit)).collect();
        backward.reverse();
        assert_eq!(forward, backward, "a search forward and one backward find different bits");
        forward
    }

    fn json() -> impl Strategy<Value = String> {
        let space = || prop::sample::select(vec!["", "", " ", "\n", "\r\n\t    "]);
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("-1.5e+7".to_owned()),
            "\"([a-z,:{}\\[\\]]|\\\\\"|\\\\\\\\){0,90}\"",
        ];
        leaf.prop_recursive(5, 60, 8, move |inner| {
            let value =
                (space(), inner, space()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
            let name = (space(), "\"([a-z:,]|\\\\\"){0,90}\"", space());
            let member = (name, value.clone())
                .prop_map(|((a, name, b), value)| format!("{a}{name}{b}:{value}"));
            prop_oneof![
                prop::collection::vec(value, 0..8).prop_map(|all| format!("[{}]", all.join(","))),
                prop::collection::vec(member, 0..8)
                    .prop_map(|all| format!("{{{}}}", all.join(","))),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(8), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn all_tokens_of_a_text_are_found(text in json(), before in "[ \n]{0,80}") {
            let text = format!("{before}[{text}]");
            let tokens = find_tokens(&text).expect("the text is valid");
            let (values, quotes) = tokens_by_bytes(&text);
            prop_assert_eq!(set_bits(&tokens.values, text.len()), values, "values of {}", text);
            prop_assert_eq!(set_bits(&tokens.quotes, text.len()), quotes, "quotes of {}", text);
            prop_assert_eq!(tokens.has_escapes, text.contains('\\'));
        }
    }

    #[test]
    fn the_form_of_names_is_found_across_blocks() {
        for length in (0..130).step_by(3) {
            let start = format!("[\"{}\",", "x".repeat(length));
            for (members, form) in [
                ("{}", NameForm::Compact),
                ("{\"a\":1,\"bc\":\"\\n\"}", NameForm::Compact),
                ("{\"a\": 1, \"bc\": {}}", NameForm::Spaced),
                ("{\"a\": 1, \"bc\":{}}", NameForm::Other),
                ("{\"a\":  1}", NameForm::Other),
                ("{\"a\" :1}", NameForm::Other),
                ("{\"a\\n\":1}", NameForm::Other),
                (
                    "{\"a\\\"bcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\":1}",
                    NameForm::Other,
                ),
                (
                    "{\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\\n\":1}",
                    NameForm::Other,
                ),
            ] {
                let text = format!("{start}{members}]");
                assert_eq!(find_tokens(&text).map(|tokens| tokens.names), Some(form), "{text}");
            }
        }
    }

    #[test]
    fn tokens_take_a_quarter_as_much_memory_as_their_text() {
        let text = format!("[{}0]", "{\"\":0},".repeat(50_000));
        let tokens = find_tokens(&text).expect("the text is valid");
        assert!(tokens.memory_size() <= text.len() / 4 + 64, "{} bytes", tokens.memory_size());
    }
}
