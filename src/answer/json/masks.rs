//! Masks of JSON text in blocks of 64 bytes. A mask has a bit for each byte of a block. The lowest bit
//! is for the first byte.
//!
//! The time for a block does not depend on its content. The library chooses the instructions at run
//! time for the processor: AVX-512, AVX2, SSE or NEON.

use fearless_simd::{Simd, prelude::*, u8x64};

/// Bytes in a block.
pub(super) const BLOCK: usize = 64;

/// A bit for each byte of a block.
pub(super) type Mask = u64;

/// The bytes of a block.
#[derive(Clone, Copy)]
pub(super) struct Block<S: Simd>(u8x64<S>);

impl<S: Simd> Block<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, bytes: &[u8; BLOCK]) -> Self {
        Self(u8x64::simd_from(simd, *bytes))
    }

    /// The bytes that are equal to `byte`.
    #[inline(always)]
    pub(super) fn are(self, byte: u8) -> Mask {
        self.0.simd_eq(byte).to_bitmask()
    }

    /// The bytes that are this letter, in lower or upper case.
    #[inline(always)]
    pub(super) fn are_letter(self, lower: u8) -> Mask {
        (self.0 | 0x20).simd_eq(lower).to_bitmask()
    }

    /// The control characters.
    #[inline(always)]
    pub(super) fn control(self) -> Mask {
        self.0.simd_le(0x1f).to_bitmask()
    }

    /// The whitespace of JSON.
    #[inline(always)]
    pub(super) fn whitespace(self) -> Mask {
        let lines = self.0.simd_eq(b'\n') | self.0.simd_eq(b'\r');
        (lines | self.0.simd_eq(b' ') | self.0.simd_eq(b'\t')).to_bitmask()
    }

    /// The whitespace of JSON, in a mask that is valid only for bytes outside strings.
    #[inline(always)]
    pub(super) fn blank(self) -> Mask {
        self.0.simd_le(b' ').to_bitmask()
    }

    /// The bytes that begin a comment or a string in single quotes, which are no JSON.
    #[inline(always)]
    pub(super) fn comment_or_single_quote(self) -> Mask {
        // A slash differs from a single quote in one bit.
        ((self.0 | 0x08).simd_eq(b'/') | self.0.simd_eq(b'#')).to_bitmask()
    }

    /// The opening brackets and braces.
    #[inline(always)]
    pub(super) fn open(self) -> Mask {
        // A bracket differs from a brace in one bit.
        (self.0 | 0x20).simd_eq(b'{').to_bitmask()
    }

    /// The closing brackets and braces.
    #[inline(always)]
    pub(super) fn close(self) -> Mask {
        (self.0 | 0x20).simd_eq(b'}').to_bitmask()
    }

    /// The braces, in a mask that is valid only for brackets and braces.
    #[inline(always)]
    pub(super) fn braces(self) -> Mask {
        self.0.simd_ge(b'{').to_bitmask()
    }

    /// The decimal digits.
    #[inline(always)]
    pub(super) fn digits(self) -> Mask {
        (self.0 ^ b'0').simd_le(9).to_bitmask()
    }

    /// The hexadecimal digits, as in escapes.
    #[inline(always)]
    pub(super) fn hex_digits(self) -> Mask {
        let lower = self.0 | 0x20;
        self.digits() | (lower.simd_ge(b'a') & lower.simd_le(b'f')).to_bitmask()
    }

    /// The bytes that may follow a backslash, except `u`.
    #[inline(always)]
    pub(super) fn short_escapes(self) -> Mask {
        let bytes = self.0;
        let punctuation = bytes.simd_eq(b'"') | bytes.simd_eq(b'\\') | bytes.simd_eq(b'/');
        let lines = bytes.simd_eq(b'n') | bytes.simd_eq(b'r') | bytes.simd_eq(b't');
        (punctuation | lines | bytes.simd_eq(b'b') | bytes.simd_eq(b'f')).to_bitmask()
    }
}

/// The first block of a text, and the text after it. The last block is filled with spaces. `None` at
/// the end of the text.
#[inline(always)]
pub(super) fn next_block(rest: &[u8]) -> Option<([u8; BLOCK], &[u8])> {
    match rest.split_first_chunk() {
        Some((block, after)) => Some((*block, after)),
        None if rest.is_empty() => None,
        None => Some((last_block(rest), &[])),
    }
}

#[inline(never)]
fn last_block(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [b' '; BLOCK];
    block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    block
}

/// The strings of a text, found block by block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Strings {
    /// One if a backslash at the end of the last block escapes the first byte of the next one.
    escaped: Mask,
    /// All ones if the next block begins in a string.
    inside: Mask,
}

/// The strings of a block.
#[derive(Clone, Copy)]
pub(super) struct Quoted {
    /// The quotes at which strings begin and end.
    pub(super) quotes: Mask,
    /// The bytes of strings, with the opening quotes and without the closing ones.
    pub(super) inside: Mask,
    /// The bytes that a backslash escapes.
    pub(super) escaped: Mask,
}

impl Quoted {
    /// The bytes outside strings.
    #[inline(always)]
    pub(super) fn outside(self) -> Mask {
        !(self.inside | self.quotes)
    }
}

impl Strings {
    #[inline(always)]
    pub(super) fn next<S: Simd>(&mut self, block: Block<S>) -> Quoted {
        let escaped = self.escapes(block.are(b'\\'));
        let quotes = block.are(b'"') & !escaped;
        let inside = running_parity(quotes) ^ self.inside;
        self.inside = 0_u64.wrapping_sub(top(inside));
        Quoted { quotes, inside, escaped }
    }

    /// The bytes that backslashes escape.
    #[inline(always)]
    fn escapes(&mut self, backslashes: Mask) -> Mask {
        if backslashes == 0 {
            return std::mem::take(&mut self.escaped);
        }
        // In a run of backslashes, every second one escapes the next byte. The subtraction finds them
        // from the position of the run's first byte: even or odd.
        const ODD: Mask = 0xaaaa_aaaa_aaaa_aaaa;
        let first = backslashes & !self.escaped;
        let both = ((first << 1) | ODD).wrapping_sub(first) ^ ODD;
        let escaped = both ^ (backslashes | self.escaped);
        self.escaped = top(both & backslashes);
        escaped
    }
}

/// Sets each bit for which the number of set bits up to and including it is odd.
#[inline(always)]
fn running_parity(mask: Mask) -> Mask {
    [1, 2, 4, 8, 16, 32].iter().fold(mask, |mask, shift| mask ^ mask.wrapping_shl(*shift))
}

/// The bit of the last byte of a block, as the lowest bit of the next block.
#[inline(always)]
pub(super) fn top(mask: Mask) -> Mask {
    mask >> 63
}

/// Finds the bytes after runs of bytes, across blocks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AfterRuns {
    next: Mask,
}

impl AfterRuns {
    /// Starts with a run that continues in the first block.
    pub(super) const IN_RUN: Self = Self { next: 1 };

    /// The first bytes after the runs of `over` bytes that begin at the `from` bytes. If no run begins at
    /// a `from` byte, it is that byte itself.
    #[inline(always)]
    pub(super) fn runs(&mut self, from: Mask, over: Mask) -> Mask {
        let (sum, carry) = (from | self.next).overflowing_add(over);
        self.next = u64::from(carry);
        sum & !over
    }

    /// The next bytes after `these`, skipping the `over` bytes.
    #[inline(always)]
    pub(super) fn next(&mut self, these: Mask, over: Mask) -> Mask {
        let after = self.runs(these << 1, over);
        self.next |= top(these);
        after
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    type Reference = fn(u8) -> bool;

    /// The masks of a block, each with a function that says whether a byte is in it.
    #[inline(always)]
    fn masks<S: Simd>(simd: S, bytes: &[u8; BLOCK]) -> [(&'static str, Mask, Reference); 10] {
        let block = Block::new(simd, bytes);
        [
            ("quotes", block.are(b'"'), |byte| byte == b'"'),
            ("letters", block.are_letter(b'e'), |byte| matches!(byte, b'e' | b'E')),
            ("control", block.control(), |byte| byte < b' '),
            ("whitespace", block.whitespace(), |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')),
            ("comments", block.comment_or_single_quote(), |byte| b"/'#".contains(&byte)),
            ("open", block.open(), |byte| matches!(byte, b'[' | b'{')),
            ("close", block.close(), |byte| matches!(byte, b']' | b'}')),
            ("digits", block.digits(), |byte| byte.is_ascii_digit()),
            ("hex digits", block.hex_digits(), |byte| byte.is_ascii_hexdigit()),
            ("escapes", block.short_escapes(), |byte| b"\"\\/bfnrt".contains(&byte)),
        ]
    }

    #[test]
    fn masks_are_the_same_at_each_instruction_level() {
        for level in [Level::baseline(), Level::new()] {
            for first in (0..=u8::MAX).step_by(BLOCK) {
                let bytes = std::array::from_fn(|place| first + u8::try_from(place).unwrap());
                let found = dispatch!(level, simd => masks(simd, &bytes));
                for (name, mask, is_in) in found {
                    for (place, byte) in bytes.into_iter().enumerate() {
                        let in_mask = mask >> place & 1 == 1;
                        assert_eq!(in_mask, is_in(byte), "{name}: {byte:#x}, {level:?}");
                    }
                }
                let braces = dispatch!(level, simd => Block::new(simd, &bytes).braces());
                for (place, byte) in bytes.into_iter().enumerate() {
                    match byte {
                        b'{' | b'}' => assert_eq!(braces >> place & 1, 1),
                        b'[' | b']' => assert_eq!(braces >> place & 1, 0),
                        _ => {}
                    }
                }
            }
        }
    }

    /// For each byte, found byte by byte: whether it is in a string, is a quote, and is escaped.
    fn quoted_by_bytes(text: &[u8]) -> Vec<(bool, bool, bool)> {
        let (mut inside, mut escaped) = (false, false);
        let each = text.iter().map(|byte| {
            let was_escaped = std::mem::take(&mut escaped);
            let quote = *byte == b'"' && !was_escaped;
            escaped = *byte == b'\\' && !was_escaped;
            inside ^= quote;
            (inside, quote, was_escaped)
        });
        each.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(64), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn strings_are_found_across_blocks(
            pieces in prop::collection::vec(prop::sample::select(vec!["\"", "\\", "\\\\", "a", "0123456789", "é"]), 0..200),
        ) {
            let text = pieces.concat();
            for level in [Level::baseline(), Level::new()] {
                let (mut strings, mut rest) = (Strings::default(), text.as_bytes());
                let mut found = Vec::new();
                while let Some((bytes, after)) = next_block(rest) {
                    let quoted = dispatch!(level, simd => strings.next(Block::new(simd, &bytes)));
                    let is_in = |mask: Mask, place: usize| mask >> place & 1 == 1;
                    found.extend((0..BLOCK.min(rest.len())).map(|place| {
                        let Quoted { quotes, inside, escaped } = quoted;
                        (is_in(inside, place), is_in(quotes, place), is_in(escaped, place))
                    }));
                    rest = after;
                }
                prop_assert_eq!(&found, &quoted_by_bytes(text.as_bytes()));
            }
        }

        #[test]
        fn bytes_after_runs_are_found_across_blocks(
            blocks in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>()), 1..6), in_run in any::<bool>(),
        ) {
            let mut after = if in_run { AfterRuns::IN_RUN } else { AfterRuns::default() };
            let mut pending = in_run;
            for (these, a, b) in blocks {
                // Long runs that do not overlap `these`.
                let over = (a | b) & !these;
                let found = after.next(these, over);
                for place in 0..BLOCK {
                    let is_over = over >> place & 1 == 1;
                    prop_assert_eq!(found >> place & 1 == 1, pending && !is_over, "at {}", place);
                    pending = (pending && is_over) || these >> place & 1 == 1;
                }
            }
        }
    }
}
