//! The tokens of a text: where its names and values begin, and where its strings end.
//!
//! A walk from value to value goes from bit to bit, without a look at the bytes between them.

use fearless_simd::{Level, Simd, dispatch};

use super::masks::{BLOCK, Block, Mask, Strings, next_block, top};

/// The tokens of a valid JSON text. They take a quarter as much memory as the text.
#[derive(Debug)]
pub(super) struct Tokens {
    /// The first bytes of names and values, and the closing brackets.
    pub(super) starts: Bits,
    /// The closing quotes of names and values.
    pub(super) ends: Bits,
}

impl Tokens {
    /// The tokens of a valid text; `None` if memory is short, or if the text has 4 GiB or more.
    pub(super) fn find(text: &str) -> Option<Self> {
        if text.len() >= u32::MAX as usize {
            return None;
        }
        let mut tokens = Self {
            starts: Bits::with_capacity(text.len())?,
            ends: Bits::with_capacity(text.len())?,
        };
        dispatch!(Level::new(), simd => tokens.add(simd, text.as_bytes()));
        tokens.starts.finish();
        tokens.ends.finish();
        Some(tokens)
    }

    #[inline(always)]
    fn add<S: Simd>(&mut self, simd: S, text: &[u8]) {
        simd.vectorize(
            #[inline(always)]
            || {
                let (mut rest, mut strings, mut scalar_before) = (text, Strings::default(), 0);
                while let Some((bytes, after)) = next_block(rest) {
                    let block = Block::new(simd, &bytes);
                    let quoted = strings.next(block);
                    let (inside, outside) = (quoted.inside, quoted.outside());
                    let colon = block.are(b':') & outside;
                    let brackets = (block.open() | block.close()) & outside;
                    let blank = block.blank() & outside;
                    let scalar = outside & !(brackets | colon | block.are(b',') | blank);
                    let scalar_start = scalar & !((scalar << 1) | scalar_before);
                    scalar_before = top(scalar);
                    self.starts.push((quoted.quotes & inside) | brackets | scalar_start);
                    self.ends.push(quoted.quotes & !inside);
                    rest = after;
                }
            },
        );
    }

    /// The memory that the tokens take, in bytes.
    #[cfg(test)]
    pub(super) fn memory_size(&self) -> usize {
        self.starts.0.capacity().saturating_add(self.ends.0.capacity())
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
        let start = at.wrapping_sub(low_bits(at) as usize);
        Some(SetBits { bytes: self.0.get(byte..)?, word, start, remaining_words: MAX_WORDS })
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
    /// The bits that are left of the next eight bytes.
    word: Mask,
    /// The offset of these bytes in the text.
    start: usize,
    /// They and the bytes after them.
    bytes: &'b [u8],
    remaining_words: usize,
}

impl SetBits<'_> {
    /// The next set bit. `None` at the end of the part.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            self.remaining_words = self.remaining_words.checked_sub(1)?;
            self.bytes = self.bytes.get(size_of::<Mask>()..)?;
            self.start = self.start.wrapping_add(BLOCK);
            self.word = Mask::from_le_bytes(*self.bytes.first_chunk()?);
        }
        let bit = self.word.trailing_zeros() as usize;
        self.word &= self.word.wrapping_sub(1);
        Some(self.start.wrapping_add(bit))
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

    use super::*;

    /// The tokens of a text, found byte by byte.
    fn tokens_by_bytes(text: &str) -> (Vec<usize>, Vec<usize>) {
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
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
                    starts.push(start);
                    ends.push(at);
                    at += 1;
                }
                b'{' | b'[' | b'}' | b']' => starts.push(start),
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' => {}
                _ => {
                    starts.push(start);
                    at += text[at..].find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap();
                }
            }
        }
        (starts, ends)
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
            let tokens = Tokens::find(&text).expect("there is memory");
            let (starts, ends) = tokens_by_bytes(&text);
            prop_assert_eq!(set_bits(&tokens.starts, text.len()), starts, "starts in {}", text);
            prop_assert_eq!(set_bits(&tokens.ends, text.len()), ends, "ends in {}", text);
        }
    }

    #[test]
    fn tokens_take_a_quarter_as_much_memory_as_their_text() {
        let text = format!("[{}0]", "{\"\":0},".repeat(50_000));
        let tokens = Tokens::find(&text).expect("there is memory");
        assert!(tokens.memory_size() <= text.len() / 4 + 64, "{} bytes", tokens.memory_size());
    }
}
