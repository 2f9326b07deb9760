//! Looking ahead: quotation marks, and the role of the string that a quotation mark would begin.

use super::super::RepairKind;
use super::keywords::{is_name_byte, scalar_end};
use super::source::{CachedSearch, Source, next};

/// Maximum distance in bytes to look for the end of a string.
const MAX_LOOKAHEAD: usize = 512;

/// Maximum number of quotes of its own kind inside a string, for its end to be found.
const MAX_QUOTES: usize = 8;

/// A kind of quotation mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    Double,
    Single,
    Back,
    SmartDouble,
    SmartSingle,
}

impl Quote {
    /// The kind of repair for a string in these quotes.
    pub(super) const fn repair_kind(self) -> Option<RepairKind> {
        match self {
            Self::Double => None,
            Self::Single | Self::Back => Some(RepairKind::SingleQuotes),
            Self::SmartDouble | Self::SmartSingle => Some(RepairKind::SmartQuotes),
        }
    }
}

/// The role of a string ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookahead {
    /// A colon follows it: a member name.
    Name,
    /// A comma, a closing bracket or the end of the text follows it.
    Delimited,
    /// The beginning of another value follows it.
    Value,
    /// Something else follows it, so the quote does not begin a string.
    Text,
    /// Its end is too far away, or missing.
    Unterminated,
}

impl Source<'_> {
    /// The quotation mark at `at`, and its length.
    pub(super) fn quote_at(&self, at: usize) -> Option<(Quote, usize)> {
        match self.byte_at(at) {
            b'"' => Some((Quote::Double, 1)),
            b'\'' => Some((Quote::Single, 1)),
            b'`' => Some((Quote::Back, 1)),
            0xe2 if self.byte_at(next(at)) == 0x80 => match self.byte_at(at.saturating_add(2)) {
                0x98..=0x9b => Some((Quote::SmartSingle, 3)),
                0x9c..=0x9f => Some((Quote::SmartDouble, 3)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The next mark without a backslash that may close a string opened by this quote, and its
    /// length.
    pub(super) fn next_closing_quote(&self, from: usize, open: Quote) -> Option<(usize, usize)> {
        self.next_closing_quote_before(from, self.len(), open)
    }

    fn next_closing_quote_before(
        &self,
        from: usize,
        limit: usize,
        open: Quote,
    ) -> Option<(usize, usize)> {
        let (first, second) = match open {
            Quote::Double => (b'"', b'"'),
            Quote::Single => (b'\'', b'\''),
            Quote::Back => (b'`', b'`'),
            Quote::SmartDouble => (b'"', 0xe2),
            Quote::SmartSingle => (b'\'', 0xe2),
        };
        let mut at = from;
        while at < limit {
            at = match open {
                Quote::Double => self.find_quote_before(at, limit),
                _ => self.find_before(at, limit, |byte| [b'\\', first, second].contains(&byte)),
            };
            match self.quote_at(at) {
                _ if at >= limit => break,
                Some((quote, length)) if can_close(open, quote) => return Some((at, length)),
                _ if self.byte_at(at) == b'\\' => at = at.saturating_add(2),
                _ if self.is_end(at) => break,
                _ => at = next(at),
            }
        }
        None
    }

    /// The role of the string that a quotation mark at `at` would begin.
    pub(super) fn look_ahead(&self, at: usize) -> Lookahead {
        let Some((quote, length)) = self.quote_at(at) else { return Lookahead::Text };
        if !self.may_look_ahead() {
            return Lookahead::Unterminated;
        }
        let start = at.saturating_add(length);
        let Some((end, length)) =
            self.next_closing_quote_before(start, start.saturating_add(MAX_LOOKAHEAD), quote)
        else {
            return Lookahead::Unterminated;
        };
        if self.has_newline(start, end) {
            return Lookahead::Text;
        }
        let next_token = self.skip_whitespace_and_comments(end.saturating_add(length));
        match self.byte_at(next_token) {
            b':' => {
                self.last_name.set(CachedSearch { from: at, at: end });
                Lookahead::Name
            }
            b',' | b'}' | b']' => Lookahead::Delimited,
            _ if self.is_end(next_token) => Lookahead::Delimited,
            _ if self.begins_value(next_token) => Lookahead::Value,
            _ => Lookahead::Text,
        }
    }

    /// Whether the quote at `at` begins a string. In a document with `double_quotes`, another quote
    /// is stray if the string that it would begin has no end.
    pub(super) fn is_string_at(&self, at: usize, double_quotes: bool) -> bool {
        let double = matches!(self.quote_at(at), Some((Quote::Double, _)));
        double
            || !double_quotes
            || matches!(self.look_ahead(at), Lookahead::Name | Lookahead::Delimited)
            || self.is_terminated(at)
    }

    /// Whether a string in other than double quotes that begins at `at` has an end: a quote of its
    /// kind, followed by something that may follow a string, on the same line and before any double
    /// quote.
    fn is_terminated(&self, at: usize) -> bool {
        let Some((quote, length)) = self.quote_at(at) else { return false };
        if !self.may_look_ahead() {
            return false;
        }
        let start = at.saturating_add(length);
        let near = start.saturating_add(MAX_LOOKAHEAD).min(self.next_newline(start));
        let limit = near.min(self.next_double_quote(start));
        let mut from = start;
        for _ in 0..MAX_QUOTES {
            let Some((mark, length)) = self.next_closing_quote_before(from, limit, quote) else {
                break;
            };
            from = mark.saturating_add(length);
            let next_token = self.skip_whitespace_and_comments(from);
            if self.is_end(next_token)
                || matches!(self.byte_at(next_token), b',' | b':' | b'}' | b']')
            {
                return true;
            }
        }
        false
    }

    /// The closing quote of the name that begins at `at`, if it is the last name that
    /// [`Self::look_ahead`] found.
    pub(super) fn cached_name_end(&self, at: usize) -> Option<usize> {
        let CachedSearch { from, at: end } = self.last_name.get();
        (from == at).then_some(end)
    }

    /// The end of an ellipsis (three points) in the place of a value.
    pub(super) fn ellipsis_end(&self, at: usize) -> Option<usize> {
        let end = at.saturating_add(3);
        let alone = matches!(self.byte_at(end), 0..=b' ' | b',' | b']' | b'}');
        (self.byte_at(at) == b'.' && alone && self.starts_with_at(at, b"...")).then_some(end)
    }

    /// Whether values separated by whitespace follow from `at` on, up to a comma, a closing bracket
    /// or the end of the text.
    pub(super) fn values_follow(&self, at: usize) -> bool {
        let mut at = at;
        while self.may_look_ahead() {
            let end = match self.byte_at(at) {
                b'{' | b'[' => self.first_value(at).ok().map(|value| at.saturating_add(value.end)),
                _ if self.quote_at(at).is_some() => self.string_end(at),
                _ => self.ellipsis_end(at).or_else(|| scalar_end(self, at)),
            };
            let Some(end) = end else { return false };
            let next_token = self.skip_whitespace_and_comments(end);
            match self.byte_at(next_token) {
                b',' | b'}' | b']' => return true,
                _ if self.is_end(next_token) => return true,
                _ if next_token == end => return false,
                _ => at = next_token,
            }
        }
        false
    }

    /// The position after the string that begins at `at`, if that is near and on the same line.
    fn string_end(&self, at: usize) -> Option<usize> {
        let (quote, length) = self.quote_at(at)?;
        let start = at.saturating_add(length);
        let (end, length) =
            self.next_closing_quote_before(start, start.saturating_add(MAX_LOOKAHEAD), quote)?;
        (!self.has_newline(start, end)).then_some(end.saturating_add(length))
    }

    /// Whether a value other than a bare word can begin at `at`.
    pub(super) fn begins_value(&self, at: usize) -> bool {
        matches!(self.byte_at(at), b'{' | b'[' | b'0'..=b'9' | b'-') || self.quote_at(at).is_some()
    }

    /// The end of the name without quotes at `at`, if a colon follows it (or a closing quote and a
    /// colon).
    pub(super) fn unquoted_name_end(&self, at: usize) -> Option<usize> {
        if !self.may_look_ahead() {
            return None;
        }
        let end =
            self.find_before(at, at.saturating_add(MAX_LOOKAHEAD), |byte| !is_name_byte(byte));
        if end == at {
            return None;
        }
        let mut next_token = self.skip_whitespace(end);
        if let Some((_, length)) = self.quote_at(next_token) {
            next_token = self.skip_whitespace(next_token.saturating_add(length));
        }
        let colon = self.byte_at(next_token) == b':' && !self.starts_with_at(next_token, b"://");
        (colon || self.starts_with_at(next_token, b"=>")).then_some(end)
    }
}

/// Whether `mark` may close a string that `open` opened.
fn can_close(open: Quote, mark: Quote) -> bool {
    open == mark
        || matches!(
            (open, mark),
            (Quote::SmartDouble, Quote::Double) | (Quote::SmartSingle, Quote::Single)
        )
}
