//! Skips containers in blocks of 64 bytes. In a valid text, it is enough to count the brackets.

use fearless_simd::{Level, Simd, dispatch};

use super::masks::{BLOCK, Block, Mask, Strings, next_block};

/// The end of the container that begins at `start`.
pub(super) fn container_end(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let length = dispatch!(Level::new(), simd => length(simd, rest));
    length.map_or(bytes.len(), |length| start.saturating_add(length))
}

/// The offset after the comma with this number, counted from 1, of the container whose content begins at
/// `from`. `None` if the container has fewer commas.
pub(super) fn after_comma(bytes: &[u8], from: usize, number: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let length = dispatch!(Level::new(), simd => length_to_comma(simd, rest, number))?;
    Some(from.saturating_add(length))
}

/// The result of `find` for the first block that has one, and the offset of the block. `find` receives
/// the block, and masks of the bytes outside strings: all, the opening brackets, the closing ones.
#[inline(always)]
fn find_in_blocks<S: Simd, T>(
    simd: S,
    text: &[u8],
    mut find: impl FnMut(Block<S>, Mask, Mask, Mask) -> Option<T>,
) -> Option<(usize, T)> {
    let (mut rest, mut at) = (text, 0_usize);
    let mut strings = Strings::default();
    while let Some((bytes, after)) = next_block(rest) {
        let block = Block::new(simd, &bytes);
        let outside = strings.next(block).outside();
        if let Some(found) = find(block, outside, block.open() & outside, block.close() & outside) {
            return Some((at, found));
        }
        rest = after;
        at = at.wrapping_add(BLOCK);
    }
    None
}

#[inline(always)]
fn length_to_comma<S: Simd>(simd: S, text: &[u8], number: usize) -> Option<usize> {
    simd.vectorize(
        #[inline(always)]
        || {
            let mut commas = Commas { remaining: number, depth: 0 };
            let found = find_in_blocks(simd, text, |block, outside, open, close| {
                match commas.block(open, close, block.are(b',') & outside) {
                    None => Some(None),
                    Some(end) => end.map(|end| Some((end as usize).wrapping_add(1))),
                }
            });
            let (at, after) = found?;
            Some(at.wrapping_add(after?))
        },
    )
}

/// A count of the commas of one container.
struct Commas {
    /// Number of commas left to count, including the requested one.
    remaining: usize,
    /// Number of open containers inside.
    depth: usize,
}

impl Commas {
    /// The position of the requested comma, if it is in this block. `None` if the container ends before
    /// it.
    #[inline(always)]
    fn block(&mut self, open: Mask, close: Mask, commas: Mask) -> Option<Option<u32>> {
        if self.depth > count(close) {
            self.depth = self.depth.wrapping_add(count(open)).wrapping_sub(count(close));
            return Some(None);
        }
        let (mut brackets, mut commas) = (open | close, commas);
        while brackets != 0 {
            let bit = brackets & brackets.wrapping_neg();
            brackets ^= bit;
            let before = bit.wrapping_sub(1);
            if let Some(found) = self.find(commas & before) {
                return Some(Some(found));
            }
            commas &= !before;
            self.depth = match open & bit {
                0 => self.depth.checked_sub(1)?,
                _ => self.depth.wrapping_add(1),
            };
        }
        Some(self.find(commas))
    }

    /// Counts these commas. Returns the position of the requested one, if it is among them.
    #[inline(always)]
    fn find(&mut self, commas: Mask) -> Option<u32> {
        if self.depth > 0 {
            return None;
        }
        let (number, mut commas) = (count(commas), commas);
        if number < self.remaining {
            self.remaining = self.remaining.wrapping_sub(number);
            return None;
        }
        for _ in 1..self.remaining {
            commas &= commas.wrapping_sub(1);
        }
        Some(commas.trailing_zeros())
    }
}

/// The length of the container that the text begins with. `None` if the container does not end.
#[inline(always)]
fn length<S: Simd>(simd: S, text: &[u8]) -> Option<usize> {
    simd.vectorize(
        #[inline(always)]
        || {
            let mut depth = 0_usize;
            let found = find_in_blocks(simd, text, |_, _, open, close| {
                let end = end_of_container(open, close, depth);
                depth = depth.wrapping_add(count(open)).wrapping_sub(count(close));
                end
            });
            found.map(|(at, end)| at.wrapping_add(end))
        },
    )
}

/// The position after the bracket of a block that closes the outermost container, if there is one.
#[inline(always)]
pub(super) fn end_of_container(open: Mask, close: Mask, depth: usize) -> Option<usize> {
    if count(close) < depth {
        return None;
    }
    let (mut remaining, mut closed) = (close, 0_usize);
    while remaining != 0 {
        let bit = remaining & remaining.wrapping_neg();
        remaining ^= bit;
        closed = closed.wrapping_add(1);
        let opened = count(open & bit.wrapping_sub(1));
        if depth.wrapping_add(opened) == closed {
            return Some((bit.trailing_zeros() as usize).wrapping_add(1));
        }
    }
    None
}

#[inline(always)]
pub(super) fn count(mask: Mask) -> usize {
    mask.count_ones() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_ends_at_its_closing_bracket() {
        for wide in [0, 1, 30, 62, 63, 64, 65, 127, 200] {
            for deep in [1, 2, 31, 32, 33, 64, 100] {
                let string = format!("\"{}]}}\\\"\\\\\"", "x".repeat(wide));
                let text = format!("{}{string}, [], {{}}{}", "[".repeat(deep), "]".repeat(deep));
                let longer = format!("{text}, {text}]");
                assert_eq!(container_end(longer.as_bytes(), 0), text.len(), "{text}");
                let inner = deep.saturating_sub(1);
                assert_eq!(container_end(longer.as_bytes(), inner), text.len() - inner, "{text}");
            }
        }
        assert_eq!(container_end(b"[[]", 0), 3);
        assert_eq!(container_end(b"", 7), 0);
    }

    #[test]
    fn only_the_commas_of_the_container_are_counted() {
        for wide in [0, 1, 5, 31, 61, 62, 63, 64, 100, 200] {
            let element = |n: usize| match n % 4 {
                0 => format!("[{n},[{}]]", "1,".repeat(wide % 7) + "2"),
                1 => format!("\"{},]\\\",\"", ",".repeat(wide)),
                2 => format!("{{\"a,\":{n},\"b\":[[],{{}},1]}}"),
                _ => format!("{}{n}", " ".repeat(wide)),
            };
            let elements: Vec<_> = (0..100).map(element).collect();
            let text = format!("[[{}], 7, 8]", elements.join(","));
            let mut place = 2;
            for (number, element) in elements.iter().enumerate() {
                if number > 0 {
                    assert_eq!(after_comma(text.as_bytes(), 2, number), Some(place), "{number}");
                }
                place += element.len() + 1;
            }
            assert_eq!(after_comma(text.as_bytes(), 2, 100), None);
            assert_eq!(after_comma(text.as_bytes(), 1, 2), Some(text.len() - 3));
        }
        assert_eq!(after_comma(b"]", 0, 1), None);
    }
}
