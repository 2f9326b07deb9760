//! Going over bytes sixteen at once: which of a block are of a sort.
//!
//! This is what every x86-64 processor can do. Wider blocks were no faster: most strings are short.

use wide::u8x16;

/// How many bytes a block has.
const BLOCK: usize = 16;

/// A bit for each byte of a block, the first byte's the lowest.
type Mask = u32;

/// What follows the bytes that begin here and are not of a sort. `sort` tells which of a block are.
#[inline(always)]
pub(super) fn skip_until(rest: &[u8], sort: impl Fn(&[u8; BLOCK]) -> Mask) -> &[u8] {
    let mut rest = rest;
    while let Some((block, behind)) = rest.split_first_chunk() {
        let mask = sort(block);
        if mask != 0 {
            return rest.get(mask.trailing_zeros() as usize..).unwrap_or_default();
        }
        rest = behind;
    }
    skip_until_in_tail(rest, sort)
}

/// The same for what is shorter than a block.
#[inline(never)]
fn skip_until_in_tail(rest: &[u8], sort: impl Fn(&[u8; BLOCK]) -> Mask) -> &[u8] {
    let mut block = [0; BLOCK];
    block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let end = rest.len().min(sort(&block).trailing_zeros() as usize);
    rest.get(end..).unwrap_or_default()
}

/// What follows the white space of JSON that may begin here.
#[inline(always)]
pub(super) fn skip_whitespace(rest: &[u8]) -> &[u8] {
    let mut rest = rest;
    loop {
        rest = match rest {
            [b'!'..=0xff, ..] => return rest,
            // A blank behind a colon.
            [b' ', b'!'..=0xff, ..] => return rest.get(1..).unwrap_or_default(),
            // A newline, and the indentation of the next line.
            [b' ' | b'\n' | b'\r' | b'\t', behind @ ..] => skip_until(behind, not_space),
            _ => return rest,
        };
    }
}

/// The bytes that do more in a string than stand for themselves: quotes, backslashes, control
/// characters.
#[inline(always)]
pub(super) fn string_special(block: &[u8; BLOCK]) -> Mask {
    let bytes = u8x16::new(*block);
    let control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    let quote = bytes.simd_eq(u8x16::splat(b'"'));
    let backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    (control | quote | backslash).to_bitmask()
}

/// The quotes and backslashes.
#[inline(always)]
pub(super) fn quotes_and_backslashes(block: &[u8; BLOCK]) -> Mask {
    let bytes = u8x16::new(*block);
    (bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\'))).to_bitmask()
}

/// The quotes and brackets.
#[inline(always)]
pub(super) fn quotes_and_brackets(block: &[u8; BLOCK]) -> Mask {
    let bytes = u8x16::new(*block);
    // Brackets and braces differ in one bit from each other, opening ones from closing ones in two.
    let curly = bytes | u8x16::splat(0x20);
    let brackets = curly.simd_eq(u8x16::splat(b'{')) | curly.simd_eq(u8x16::splat(b'}'));
    (brackets | bytes.simd_eq(u8x16::splat(b'"'))).to_bitmask()
}

/// The bytes that no number and no keyword has and that may stand behind one.
#[inline(always)]
pub(super) fn word_end(block: &[u8; BLOCK]) -> Mask {
    let bytes = u8x16::new(*block);
    let space = bytes.min(u8x16::splat(b' ')).simd_eq(bytes);
    // A closing bracket differs from a closing brace in one bit.
    let close = (bytes | u8x16::splat(0x20)).simd_eq(u8x16::splat(b'}'));
    (space | close | bytes.simd_eq(u8x16::splat(b','))).to_bitmask()
}

/// The bytes that are this one.
#[inline(always)]
pub(super) fn equal_to(byte: u8) -> impl Fn(&[u8; BLOCK]) -> Mask {
    move |block| u8x16::new(*block).simd_eq(u8x16::splat(byte)).to_bitmask()
}

/// The bytes that are no decimal digits.
#[inline(always)]
pub(super) fn not_digit(block: &[u8; BLOCK]) -> Mask {
    // A digit is its value in the lower half of the byte, and three in the upper.
    let values = u8x16::new(*block) ^ u8x16::splat(b'0');
    unselected(values.min(u8x16::splat(9)).simd_eq(values))
}

/// The bytes that are no blanks.
#[inline(always)]
fn not_space(block: &[u8; BLOCK]) -> Mask {
    unselected(u8x16::new(*block).simd_eq(u8x16::splat(b' ')))
}

#[inline(always)]
fn unselected(selected: u8x16) -> Mask {
    selected.to_bitmask() ^ 0xffff
}
