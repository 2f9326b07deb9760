//! Passes over long parts of the text. They ask after each piece whether the work may continue. If not,
//! they end as if they had found nothing.

use super::super::RepairError;
use super::super::pieces::{self, PIECE};
use super::bounded_buffer::BoundedBuffer;
use super::source::{Source, next};

impl Source<'_> {
    /// Whether a pass over a string may continue. `at`: how far it is.
    #[inline(always)]
    pub(super) fn may_continue_at(&self, at: usize, next_check: &mut usize) -> bool {
        if at >= *next_check {
            *next_check = at.saturating_add(PIECE);
            return self.may_continue();
        }
        !self.was_stopped()
    }

    /// Where the first check of a pass over a string is.
    pub(super) const FIRST_CHECK: usize = PIECE;

    /// The position of the first of these bytes that matches.
    #[inline(always)]
    pub(super) fn position(&self, bytes: &[u8], matches: impl Fn(u8) -> bool) -> Option<usize> {
        match first_piece(bytes).iter().position(|byte| matches(*byte)) {
            None if bytes.len() > PIECE => {
                self.position_in_pieces(bytes, |piece| piece.iter().position(|byte| matches(*byte)))
            }
            found => found,
        }
    }

    /// The position of the last of these bytes that matches.
    #[inline(always)]
    pub(super) fn rposition(&self, bytes: &[u8], matches: impl Fn(u8) -> bool) -> Option<usize> {
        let start = bytes.len().saturating_sub(PIECE);
        match bytes.get(start..)?.iter().rposition(|byte| matches(*byte)) {
            None if start > 0 => self.rposition_in_pieces(bytes, matches),
            found => Some(start.saturating_add(found?)),
        }
    }

    /// The length of the bytes at the beginning that `skip` skips.
    #[inline(always)]
    pub(super) fn skipped_length(&self, bytes: &[u8], skip: impl Fn(&[u8]) -> &[u8]) -> usize {
        let piece = first_piece(bytes);
        let length = piece.len().saturating_sub(skip(piece).len());
        if length < PIECE {
            return length;
        }
        let found = self.position_in_pieces(bytes, |piece| {
            let length = piece.len().saturating_sub(skip(piece).len());
            (length < piece.len()).then_some(length)
        });
        found.unwrap_or(bytes.len())
    }

    #[cold]
    #[inline(never)]
    fn position_in_pieces(
        &self,
        bytes: &[u8],
        find: impl Fn(&[u8]) -> Option<usize>,
    ) -> Option<usize> {
        pieces::position(bytes, || self.may_continue(), find).unwrap_or_default()
    }

    #[cold]
    #[inline(never)]
    fn rposition_in_pieces(&self, bytes: &[u8], matches: impl Fn(u8) -> bool) -> Option<usize> {
        let find = |piece: &[u8]| piece.iter().rposition(|byte| matches(*byte));
        pieces::rposition(bytes, || self.may_continue(), find).unwrap_or_default()
    }

    /// Whether a byte is among these.
    pub(super) fn contains(&self, bytes: &[u8], byte: u8) -> bool {
        let find = |piece: &[u8]| piece.contains(&byte).then_some(0);
        pieces::position(bytes, || self.may_continue(), find).is_ok_and(|found| found.is_some())
    }

    /// Copies bytes. To copy many takes time, because their memory is new.
    #[inline(always)]
    pub(super) fn copy(&self, bytes: &[u8], to: &mut BoundedBuffer) {
        if bytes.len() <= PIECE {
            return to.extend_from_slice(bytes);
        }
        for piece in bytes.chunks(PIECE) {
            to.extend_from_slice(piece);
            if !self.may_continue() {
                return;
            }
        }
    }

    /// Copies the text between two positions, without charge.
    pub(super) fn copy_text(
        &self,
        start: usize,
        end: usize,
        to: &mut String,
    ) -> Result<(), RepairError> {
        pieces::push_str(to, self.text(start, end), || self.may_continue())
    }

    /// The position of the first occurrence of a short text in these bytes.
    pub(super) fn find_text(&self, bytes: &[u8], wanted: &[u8]) -> Option<usize> {
        let first = *wanted.first()?;
        let (mut at, mut next_check) = (0_usize, Self::FIRST_CHECK);
        while self.may_continue_at(at, &mut next_check) {
            let rest = bytes.get(at..)?;
            at = at.saturating_add(self.position(rest, |byte| byte == first)?);
            if bytes.get(at..)?.starts_with(wanted) {
                return Some(at);
            }
            at = next(at);
        }
        None
    }
}

/// The part of the bytes in which most searches end. The rest has a slower path.
#[inline(always)]
fn first_piece(bytes: &[u8]) -> &[u8] {
    bytes.get(..PIECE).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::budget::Budget;
    use super::*;

    /// Calls `pass` with a long text of this unit. The pass must ask about every 64 KiB, and not again after
    /// the answer that it must end.
    #[track_caller]
    fn check(name: &str, unit: &str, pass: impl Fn(&Source<'_>)) {
        const PIECES: usize = 16;
        let text = unit.repeat(PIECES * PIECE / unit.len());
        let questions = Cell::new(0);
        for (allowed, min, max) in [
            (usize::MAX, PIECES - 1, usize::MAX),
            (0, 1, 1),
            (PIECES / 2, PIECES / 2 + 1, PIECES / 2 + 1),
        ] {
            questions.set(0);
            let should_continue = || {
                questions.set(questions.get() + 1);
                questions.get() <= allowed
            };
            let budget = Budget::new(text.len(), &should_continue);
            let source = Source::new(&text, &budget);
            pass(&source);
            let asked = questions.get();
            assert!((min..=max).contains(&asked), "{name} asked {asked} times, {allowed} allowed");
            assert_eq!(source.was_stopped(), allowed < usize::MAX, "{name}");
        }
    }

    #[test]
    fn each_pass_over_a_long_text_asks_whether_to_continue() {
        let end = |source: &Source<'_>| source.len();
        check("find", "a", |source| _ = source.find(0, |byte| byte == b'x'));
        check("rfind_between", "a", |source| {
            source.rfind_between(0, end(source), |byte| byte == b'x');
        });
        check("find_quote_before", "a", |source| _ = source.find_quote_before(0, end(source)));
        check("next_newline", "a", |source| _ = source.next_newline(0));
        check("has_newline", "a", |source| _ = source.has_newline(0, end(source)));
        check("find_comment_end", "* ", |source| _ = source.find_comment_end(0, b"*/"));
        check("column", " ", |source| _ = source.column(end(source)));
        check("trim_end", "\u{a0}", |source| _ = source.trim_end(0, end(source)));
        check("content_end", "\0", |source| _ = source.content_end());
        check("has_closer_after", "a", |source| _ = source.has_closer_after(0));
        check("trailing_closers", "]", |source| _ = source.trailing_closers(0));
        for space in [" ", "\n", "\u{a0}", "\0", "\u{feff}"] {
            check("skip_whitespace", space, |source| _ = source.skip_whitespace(0));
        }
        for value in ["[", "[[],", "{\"a\":"] {
            check("first_value", value, |source| _ = source.first_value(0));
        }
    }

    #[test]
    fn each_copy_of_a_long_text_asks_whether_to_continue() {
        check("copy", "a", |source| {
            source.copy(source.text(0, source.len()).as_bytes(), &mut BoundedBuffer::default());
        });
        check("copy_text", "日本語", |source| {
            _ = source.copy_text(0, source.len(), &mut String::new());
        });
    }
}
