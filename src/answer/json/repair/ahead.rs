//! Looking ahead: quotation marks, and what the string is that one of them would begin.

use super::super::Kind;
use super::source::{Found, Source, next};
use super::words::{is_name_byte, scalar_end};

/// How far ahead a decision may look for the end of a string.
const AHEAD: usize = 512;

/// How many quotes of its kind a string may hold for its end to be found.
const MARKS: usize = 8;

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
    /// The repair that a string in these quotes is.
    pub(super) const fn kind(self) -> Option<Kind> {
        match self {
            Self::Double => None,
            Self::Single | Self::Back => Some(Kind::SingleQuotes),
            Self::SmartDouble | Self::SmartSingle => Some(Kind::SmartQuotes),
        }
    }
}

/// What a string that begins somewhere ahead turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ahead {
    /// A colon follows it: a member name.
    Name,
    /// A comma, a closing bracket or the end of the text follows it.
    Delimited,
    /// The beginning of another value follows it.
    Value,
    /// Something else follows it: what looked like its beginning is none.
    Text,
    /// Its end is too far away, or missing.
    Open,
}

impl Source<'_> {
    /// The quotation mark that stands here, and its length.
    pub(super) fn quote_at(&self, at: usize) -> Option<(Quote, usize)> {
        match self.at(at) {
            b'"' => Some((Quote::Double, 1)),
            b'\'' => Some((Quote::Single, 1)),
            b'`' => Some((Quote::Back, 1)),
            0xe2 if self.at(next(at)) == 0x80 => match self.at(at.saturating_add(2)) {
                0x98..=0x9b => Some((Quote::SmartSingle, 3)),
                0x9c..=0x9f => Some((Quote::SmartDouble, 3)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The next mark that may close a string opened by this quote, escaped ones left out.
    pub(super) fn next_mark(&self, from: usize, open: Quote) -> Option<(usize, usize)> {
        self.next_mark_before(from, self.len(), open)
    }

    fn next_mark_before(&self, from: usize, limit: usize, open: Quote) -> Option<(usize, usize)> {
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
                Some((quote, length)) if closes(open, quote) => return Some((at, length)),
                _ if self.at(at) == b'\\' => at = at.saturating_add(2),
                _ if self.is_end(at) => break,
                _ => at = next(at),
            }
        }
        None
    }

    /// What the string is that a quotation mark here would begin.
    pub(super) fn ahead(&self, at: usize) -> Ahead {
        let Some((quote, length)) = self.quote_at(at) else { return Ahead::Text };
        if !self.may_look_ahead() {
            return Ahead::Open;
        }
        let start = at.saturating_add(length);
        let Some((end, length)) = self.next_mark_before(start, start.saturating_add(AHEAD), quote)
        else {
            return Ahead::Open;
        };
        if self.has_newline(start, end) {
            return Ahead::Text;
        }
        let behind = self.skip_blank(end.saturating_add(length));
        match self.at(behind) {
            b':' => {
                self.name.set(Found { from: at, at: end });
                Ahead::Name
            }
            b',' | b'}' | b']' => Ahead::Delimited,
            _ if self.is_end(behind) => Ahead::Delimited,
            _ if self.begins_value(behind) => Ahead::Value,
            _ => Ahead::Text,
        }
    }

    /// Whether the quote here begins a string. In a document that has `double_quotes`, another
    /// quote is a stray one where no string that it would begin has an end.
    pub(super) fn is_string_at(&self, at: usize, double_quotes: bool) -> bool {
        let double = matches!(self.quote_at(at), Some((Quote::Double, _)));
        double
            || !double_quotes
            || matches!(self.ahead(at), Ahead::Name | Ahead::Delimited)
            || self.has_end(at)
    }

    /// Whether a string that a quote other than a double one begins here has an end: a quote of
    /// its kind with something that may follow a string, on the same line and before any double
    /// quote.
    fn has_end(&self, at: usize) -> bool {
        let Some((quote, length)) = self.quote_at(at) else { return false };
        if !self.may_look_ahead() {
            return false;
        }
        let start = at.saturating_add(length);
        let near = start.saturating_add(AHEAD).min(self.next_newline(start));
        let limit = near.min(self.next_double_quote(start));
        let mut from = start;
        for _ in 0..MARKS {
            let Some((mark, length)) = self.next_mark_before(from, limit, quote) else { break };
            from = mark.saturating_add(length);
            let behind = self.skip_blank(from);
            if self.is_end(behind) || matches!(self.at(behind), b',' | b':' | b'}' | b']') {
                return true;
            }
        }
        false
    }

    /// The closing quote of the name that a quote here begins, where [`Self::ahead`] saw it as the
    /// last one.
    pub(super) fn name_seen_ahead(&self, at: usize) -> Option<usize> {
        let Found { from, at: end } = self.name.get();
        (from == at).then_some(end)
    }

    /// The end of the ellipsis that stands here where a value should be: three points.
    pub(super) fn ellipsis_end(&self, at: usize) -> Option<usize> {
        let end = at.saturating_add(3);
        let alone = matches!(self.at(end), 0..=b' ' | b',' | b']' | b'}');
        (self.at(at) == b'.' && alone && self.has(at, b"...")).then_some(end)
    }

    /// Whether values stand side by side from here on, white space between them, up to a comma, a
    /// closing bracket or the end of the text.
    pub(super) fn values_follow(&self, at: usize) -> bool {
        let mut at = at;
        while self.may_look_ahead() {
            let end = match self.at(at) {
                b'{' | b'[' => self.first_value(at).ok().map(|sound| at.saturating_add(sound.end)),
                _ if self.quote_at(at).is_some() => self.string_end(at),
                _ => self.ellipsis_end(at).or_else(|| scalar_end(self, at)),
            };
            let Some(end) = end else { return false };
            let behind = self.skip_blank(end);
            match self.at(behind) {
                b',' | b'}' | b']' => return true,
                _ if self.is_end(behind) => return true,
                _ if behind == end => return false,
                _ => at = behind,
            }
        }
        false
    }

    /// The place behind the string that a quote here begins, where that is near and on the same line.
    fn string_end(&self, at: usize) -> Option<usize> {
        let (quote, length) = self.quote_at(at)?;
        let start = at.saturating_add(length);
        let (end, length) = self.next_mark_before(start, start.saturating_add(AHEAD), quote)?;
        (!self.has_newline(start, end)).then_some(end.saturating_add(length))
    }

    /// Whether what stands here can be the beginning of a value that is no bare word.
    pub(super) fn begins_value(&self, at: usize) -> bool {
        matches!(self.at(at), b'{' | b'[' | b'0'..=b'9' | b'-') || self.quote_at(at).is_some()
    }

    /// The end of the name without quotes that begins here, where a colon follows it (or a closing
    /// quote and a colon).
    pub(super) fn bare_name_end(&self, at: usize) -> Option<usize> {
        if !self.may_look_ahead() {
            return None;
        }
        let end = self.find_before(at, at.saturating_add(AHEAD), |byte| !is_name_byte(byte));
        if end == at {
            return None;
        }
        let mut behind = self.skip_space(end);
        if let Some((_, length)) = self.quote_at(behind) {
            behind = self.skip_space(behind.saturating_add(length));
        }
        let colon = self.at(behind) == b':' && !self.has(behind, b"://");
        (colon || self.has(behind, b"=>")).then_some(end)
    }
}

/// Whether a string that one kind of quote opened may be closed by another.
fn closes(open: Quote, mark: Quote) -> bool {
    open == mark
        || matches!(
            (open, mark),
            (Quote::SmartDouble, Quote::Double) | (Quote::SmartSingle, Quote::Single)
        )
}
