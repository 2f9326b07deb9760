//! Passes over long texts, piece by piece. The caller of a pass can end it between two pieces.

use super::RepairError;

/// Bytes between two calls of `should_continue`.
pub(super) const PIECE: usize = 1 << 16;

/// The position of the first match. `find` looks for it in one piece after another.
pub(super) fn position(
    bytes: &[u8],
    should_continue: impl Fn() -> bool,
    find: impl Fn(&[u8]) -> Option<usize>,
) -> Result<Option<usize>, RepairError> {
    let mut start = 0_usize;
    for piece in bytes.chunks(PIECE) {
        if start > 0 && !should_continue() {
            return Err(RepairError::Stopped);
        }
        if let Some(found) = find(piece) {
            return Ok(Some(start.saturating_add(found)));
        }
        start = start.saturating_add(piece.len());
    }
    Ok(None)
}

/// The position of the last match. `find` looks for it in one piece after another, from the end on.
pub(super) fn rposition(
    bytes: &[u8],
    should_continue: impl Fn() -> bool,
    find: impl Fn(&[u8]) -> Option<usize>,
) -> Result<Option<usize>, RepairError> {
    let mut end = bytes.len();
    for piece in bytes.rchunks(PIECE) {
        if end < bytes.len() && !should_continue() {
            return Err(RepairError::Stopped);
        }
        end = end.saturating_sub(piece.len());
        if let Some(found) = find(piece) {
            return Ok(Some(end.saturating_add(found)));
        }
    }
    Ok(None)
}

/// Appends a text. To copy a long text takes time, because its memory is new.
pub(super) fn push_str(
    to: &mut String,
    text: &str,
    should_continue: impl Fn() -> bool,
) -> Result<(), RepairError> {
    let mut rest = text;
    while rest.len() > PIECE {
        let (piece, after) = rest.split_at(char_boundary(rest, PIECE));
        to.push_str(piece);
        rest = after;
        if !should_continue() {
            return Err(RepairError::Stopped);
        }
    }
    to.push_str(rest);
    Ok(())
}

/// The first boundary between two characters from `at` on.
fn char_boundary(text: &str, at: usize) -> usize {
    let mut at = at;
    while !text.is_char_boundary(at) && at < text.len() {
        at = at.saturating_add(1);
    }
    at.min(text.len())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A `should_continue` that counts its calls, and the count.
    fn counted<T>(work: impl FnOnce(&dyn Fn() -> bool) -> T) -> (T, usize) {
        let calls = Cell::new(0);
        let result = work(&|| {
            calls.set(calls.get() + 1);
            true
        });
        (result, calls.get())
    }

    #[test]
    fn a_match_is_found_in_each_piece() {
        for at in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE - 1] {
            let mut bytes = vec![b' '; 3 * PIECE];
            bytes[at] = b'x';
            let find = |piece: &[u8]| piece.iter().position(|byte| *byte == b'x');
            assert_eq!(position(&bytes, || true, find), Ok(Some(at)));
            assert_eq!(rposition(&bytes, || true, find), Ok(Some(at)));
        }
        assert_eq!(position(b"", || true, |_| None), Ok(None));
        assert_eq!(rposition(b"", || true, |_| None), Ok(None));
    }

    #[test]
    fn each_pass_asks_between_two_pieces_and_ends_if_the_caller_says_so() {
        let text = "é".repeat(2 * PIECE);
        let mut copy = String::new();
        assert_eq!(counted(|go_on| position(text.as_bytes(), go_on, |_| None)), (Ok(None), 3));
        assert_eq!(counted(|go_on| rposition(text.as_bytes(), go_on, |_| None)), (Ok(None), 3));
        assert_eq!(counted(|go_on| push_str(&mut copy, &text, go_on)), (Ok(()), 3));
        assert!(copy == text, "the copy differs");
        let stopped = Err(RepairError::Stopped);
        assert_eq!(position(text.as_bytes(), || false, |_| None), stopped);
        assert_eq!(rposition(text.as_bytes(), || false, |_| None), stopped);
        assert_eq!(push_str(&mut copy, &text, || false), Err(RepairError::Stopped));
    }

    #[test]
    fn a_copy_does_not_divide_a_character() {
        let text = format!("a{}", "日".repeat(PIECE));
        let mut copy = String::new();
        assert_eq!(push_str(&mut copy, &text, || true), Ok(()));
        assert!(copy == text, "the copy differs");
    }
}
