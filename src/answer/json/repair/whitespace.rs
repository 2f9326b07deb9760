//! Whitespace of JSON and of other kinds, and comments.

use super::source::{Source, next};

impl Source<'_> {
    /// Length of the whitespace character at `at`; 0 if there is none. Byte order marks, zero-width
    /// spaces, control characters and U+FFFD count too, because they mean nothing outside strings.
    pub(super) fn whitespace_length(&self, at: usize) -> usize {
        let length = self.uncharged_whitespace_length(at);
        if length > 0 {
            self.charge(length);
        }
        length
    }

    fn uncharged_whitespace_length(&self, at: usize) -> usize {
        match self.byte_at(at) {
            0..=b' ' | 0x7f => usize::from(!self.is_end(at)),
            0xc2 => match self.byte_at(next(at)) {
                0x85 | 0xa0 | 0xad => 2,
                _ => 0,
            },
            first @ (0xe1..=0xe3 | 0xef) => {
                let rest = (self.byte_at(next(at)), self.byte_at(at.saturating_add(2)));
                let is_space = match first {
                    0xe1 => rest == (0x9a, 0x80),
                    0xe2 => matches!(rest, (0x80, 0x80..=0x8f | 0xa8..=0xaf) | (0x81, 0x9f..=0xaf)),
                    0xe3 => rest == (0x80, 0x80),
                    _ => matches!(rest, (0xbb, 0xbf) | (0xbf, 0xbd)),
                };
                if is_space { 3 } else { 0 }
            }
            _ => 0,
        }
    }

    /// The first position from `from` on that is not whitespace of any kind.
    pub(super) fn skip_whitespace(&self, from: usize) -> usize {
        let mut at = self.skip_json_whitespace(from);
        loop {
            match self.whitespace_length(at) {
                0 => break,
                length => at = self.skip_json_whitespace(at.saturating_add(length)),
            }
        }
        at
    }

    /// The end of the comment at `at`, if there is one. `inside` a container, a line comment must
    /// not contain the rest of the document.
    pub(super) fn comment_end(&self, at: usize, inside: bool) -> Option<usize> {
        match self.byte_at(at) {
            b'#' => self.line_comment_end(at, inside),
            b'/' if self.byte_at(next(at)) == b'/' => self.line_comment_end(at, inside),
            b'/' if self.byte_at(next(at)) == b'*' => {
                let closed = self.find_comment_end(at.saturating_add(2), b"*/");
                closed.or_else(|| self.unterminated_comment_end(at, inside))
            }
            b'<' if self.starts_with_at(at, b"<!--") => {
                self.find_comment_end(at.saturating_add(4), b"-->")
            }
            _ => None,
        }
    }

    fn line_comment_end(&self, at: usize, inside: bool) -> Option<usize> {
        let end = self.next_newline(at);
        let contains_rest = inside && end >= self.content_end() && self.has_closer_after(at);
        if contains_rest { self.unterminated_comment_end(at, inside) } else { Some(end) }
    }

    /// The end of a comment that goes on to the end of the text; `inside` a container, to the
    /// closing brackets that end the text. `None` if it would contain a string.
    fn unterminated_comment_end(&self, at: usize, inside: bool) -> Option<usize> {
        let end = if inside { self.trailing_closers(at) } else { self.len() };
        (self.next_double_quote(at) >= end).then_some(end)
    }

    /// The first position from `from` on that is neither whitespace nor part of a comment.
    pub(super) fn skip_whitespace_and_comments(&self, from: usize) -> usize {
        if is_token_start(self.byte_at(from)) {
            return from;
        }
        let mut at = self.skip_json_whitespace(from);
        if is_token_start(self.byte_at(at)) {
            return at;
        }
        at = self.skip_whitespace(at);
        while let Some(end) = self.comment_end_ahead(at) {
            at = self.skip_whitespace(end);
        }
        at
    }

    /// The same as [`Self::comment_end`], if the budget allows to look ahead.
    fn comment_end_ahead(&self, at: usize) -> Option<usize> {
        if !matches!(self.byte_at(at), b'/' | b'#' | b'<') || !self.may_look_ahead() {
            return None;
        }
        self.comment_end(at, true)
    }
}

/// Whether this byte certainly begins neither whitespace nor a comment.
pub(super) fn is_token_start(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && !matches!(byte, b'/' | b'#' | b'<')
}
