//! Searches bytes in blocks of 16.
//!
//! Every x86-64 processor has the instructions for this. Wider blocks were not faster, because most
//! strings are short.

use wide::u8x16;

/// Bytes in a block.
const BLOCK: usize = 16;

/// A bit for each byte of a block. The lowest bit is for the first byte.
type Mask = u32;

/// The rest of the text from the first byte that `select` selects. `select` returns the mask of a block.
#[inline(always)]
pub(super) fn skip_until(rest: &[u8], select: impl Fn(&[u8; BLOCK]) -> Mask) -> &[u8] {
    let mut rest = rest;
    while let Some((block, after)) = rest.split_first_chunk() {
        let mask = select(block);
        if mask != 0 {
            return rest.get(mask.trailing_zeros() as usize..).unwrap_or_default();
        }
        rest = after;
    }
    skip_until_in_tail(rest, select)
}

/// The same for a text that is shorter than a block.
#[inline(never)]
fn skip_until_in_tail(rest: &[u8], select: impl Fn(&[u8; BLOCK]) -> Mask) -> &[u8] {
    let mut block = [0; BLOCK];
    block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let end = rest.len().min(select(&block).trailing_zeros() as usize);
    rest.get(end..).unwrap_or_default()
}

/// The rest of the text after the JSON whitespace that it may begin with.
#[inline(always)]
pub(super) fn skip_whitespace(rest: &[u8]) -> &[u8] {
    let mut rest = rest;
    loop {
        rest = match rest {
            [b'!'..=0xff, ..] => return rest,
            // A space after a colon.
            [b' ', b'!'..=0xff, ..] => return rest.get(1..).unwrap_or_default(),
            // A newline, and the indentation of the next line.
            [b' ' | b'\n' | b'\r' | b'\t', after @ ..] => skip_until(after, not_space),
            _ => return rest,
        };
        if matches!(rest, [b'\n' | b'\r' | b'\t', ..]) {
            return skip_lines(rest);
        }
    }
}

/// The same for several lines.
#[cold]
#[inline(never)]
fn skip_lines(rest: &[u8]) -> &[u8] {
    skip_until(rest, not_whitespace)
}

/// The bytes with a special meaning in a string: quotes, backslashes and control characters.
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
    // A bracket differs from a brace in one bit. An opening one differs from a closing one in two.
    let curly = bytes | u8x16::splat(0x20);
    let brackets = curly.simd_eq(u8x16::splat(b'{')) | curly.simd_eq(u8x16::splat(b'}'));
    (brackets | bytes.simd_eq(u8x16::splat(b'"'))).to_bitmask()
}

/// The bytes that can follow a number or a literal: whitespace, commas and closing brackets.
#[inline(always)]
pub(super) fn word_end(block: &[u8; BLOCK]) -> Mask {
    let bytes = u8x16::new(*block);
    let whitespace = bytes.min(u8x16::splat(b' ')).simd_eq(bytes);
    // A closing bracket differs from a closing brace in one bit.
    let close = (bytes | u8x16::splat(0x20)).simd_eq(u8x16::splat(b'}'));
    (whitespace | close | bytes.simd_eq(u8x16::splat(b','))).to_bitmask()
}

/// The bytes that are equal to `byte`.
#[inline(always)]
pub(super) fn equal_to(byte: u8) -> impl Fn(&[u8; BLOCK]) -> Mask {
    move |block| u8x16::new(*block).simd_eq(u8x16::splat(byte)).to_bitmask()
}

/// The bytes that are not decimal digits.
#[inline(always)]
pub(super) fn not_digit(block: &[u8; BLOCK]) -> Mask {
    // The lower half of a digit's byte is its value. The upper half is three.
    let values = u8x16::new(*block) ^ u8x16::splat(b'0');
    unselected(values.min(u8x16::splat(9)).simd_eq(values))
}

/// The bytes that are not spaces.
#[inline(always)]
fn not_space(block: &[u8; BLOCK]) -> Mask {
    unselected(u8x16::new(*block).simd_eq(u8x16::splat(b' ')))
}

/// The bytes that are not JSON whitespace.
#[inline(always)]
fn not_whitespace(block: &[u8; BLOCK]) -> Mask {
    let bytes = u8x16::new(*block);
    let blank = bytes.simd_eq(u8x16::splat(b' ')) | bytes.simd_eq(u8x16::splat(b'\t'));
    let line = bytes.simd_eq(u8x16::splat(b'\n')) | bytes.simd_eq(u8x16::splat(b'\r'));
    unselected(blank | line)
}

#[inline(always)]
fn unselected(selected: u8x16) -> Mask {
    selected.to_bitmask() ^ 0xffff
}
