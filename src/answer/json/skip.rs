//! Going over containers, 64 bytes at a time: brackets in a valid text need only be counted.

use fearless_simd::{Level, Simd, dispatch};

use super::masks::{BLOCK, Block, Mask, Strings, next_block};

/// Where the container ends that begins here.
pub(super) fn container_end(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let length = dispatch!(Level::new(), simd => length(simd, rest));
    length.map_or(bytes.len(), |length| start.saturating_add(length))
}

/// How long the container is that the text begins with; `None` where it does not end.
#[inline(always)]
fn length<S: Simd>(simd: S, text: &[u8]) -> Option<usize> {
    simd.vectorize(
        #[inline(always)]
        || {
            let (mut rest, mut at, mut depth) = (text, 0_usize, 0_usize);
            let mut strings = Strings::default();
            while let Some((bytes, behind)) = next_block(rest) {
                let block = Block::new(simd, &bytes);
                let outside = strings.next(block).outside();
                let open = block.open() & outside;
                let close = block.close() & outside;
                if let Some(end) = end(open, close, depth) {
                    return Some(at.wrapping_add(end));
                }
                depth = depth.wrapping_add(count(open)).wrapping_sub(count(close));
                rest = behind;
                at = at.wrapping_add(BLOCK);
            }
            None
        },
    )
}

/// Behind which of a block's brackets no container is open any more.
#[inline(always)]
fn end(open: Mask, close: Mask, depth: usize) -> Option<usize> {
    if count(close) < depth {
        return None;
    }
    let (mut left, mut closed) = (close, 0_usize);
    while left != 0 {
        let bit = left & left.wrapping_neg();
        left ^= bit;
        closed = closed.wrapping_add(1);
        let opened = count(open & bit.wrapping_sub(1));
        if depth.wrapping_add(opened) == closed {
            return Some((bit.trailing_zeros() as usize).wrapping_add(1));
        }
    }
    None
}

#[inline(always)]
fn count(mask: Mask) -> usize {
    mask.count_ones() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_ends_where_its_brackets_are_even() {
        for wide in [0, 1, 30, 62, 63, 64, 65, 127, 200] {
            for deep in [1, 2, 31, 32, 33, 64, 100] {
                let string = format!("\"{}]}}\\\"\\\\\"", "x".repeat(wide));
                let text = format!("{}{string}, [], {{}}{}", "[".repeat(deep), "]".repeat(deep));
                let more = format!("{text}, {text}]");
                assert_eq!(container_end(more.as_bytes(), 0), text.len(), "{text}");
                let inner = deep.saturating_sub(1);
                assert_eq!(container_end(more.as_bytes(), inner), text.len() - inner, "{text}");
            }
        }
        assert_eq!(container_end(b"[[]", 0), 3);
        assert_eq!(container_end(b"", 7), 0);
    }
}
