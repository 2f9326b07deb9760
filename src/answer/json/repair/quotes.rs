//! Where a string ends: telling the quote that closes it from those that belong to its text, and
//! from those that open the next string where the closing one is missing.

use super::keywords::{is_name_byte, keyword_at};
use super::lookahead::{Lookahead, Quote};
use super::source::{Source, next};

/// Names that are longer are not taken for one without its closing quote.
const MAX_NAME: usize = 512;

/// What kind of string is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StringRole {
    /// A member's name.
    Name,
    /// A member's value.
    MemberValue,
    /// An element of an array.
    Element,
    /// The whole document.
    Root,
}

/// Where a string ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StringEnd {
    /// At its closing quote.
    Closed,
    /// At its closing quote; something between that and `resume` is to be dropped.
    ClosedBeforeJunk,
    /// Where its closing quote is missing.
    Missing,
    /// At its beginning: the quote that opened it is one too many.
    StrayOpening,
    /// With the text.
    Truncated,
}

/// A string in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StringToken {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where to go on reading.
    pub(super) resume: usize,
    pub(super) end_kind: StringEnd,
    /// Whether there are quotes inside that nothing escapes.
    pub(super) has_inner_quotes: bool,
}

/// What one quote inside a string is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuoteRole {
    /// The end of the string; reading goes on there.
    Closes(usize),
    /// The end, but what stands up to there is to be dropped.
    ClosesBeforeJunk(usize),
    /// The beginning of something else: the string has ended before it, and reading goes on there.
    CloserMissing { end: usize, resume: usize },
    /// The real opening quote, its predecessor being stray.
    Reopens,
    /// Text.
    Text,
}

/// A string that is being read.
pub(super) struct StringReader<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    pub(super) place: StringRole,
    pub(super) quote: Quote,
    /// Where its content begins.
    pub(super) start: usize,
    /// Up to here, quotes are what they seem to be.
    pub(super) trusted_until: usize,
}

impl StringReader<'_, '_> {
    /// Reads to the end of the string.
    pub(super) fn read(&self) -> StringToken {
        // A name that was looked at before, to tell where the value before it ends.
        let seen = self.source.cached_name_end(self.start.saturating_sub(1));
        if self.place == StringRole::Name
            && let Some(end) = seen
            && !self.source.slice(self.start, end).contains(&b':')
        {
            let (start, resume, how) = (self.start, next(end), StringEnd::Closed);
            return StringToken { start, end, resume, end_kind: how, has_inner_quotes: false };
        }
        let mut from = self.start;
        let mut inner = 0_usize;
        while let Some((at, length)) = self.source.next_closing_quote(from, self.quote) {
            let after = at.saturating_add(length);
            let plain = self.place == StringRole::Root || at < self.trusted_until;
            let token = |end, resume, how| {
                let inner = inner > 0 && how == StringEnd::Closed;
                StringToken {
                    start: self.start,
                    end,
                    resume,
                    end_kind: how,
                    has_inner_quotes: inner,
                }
            };
            let verdict = if plain {
                QuoteRole::Closes(after)
            } else {
                self.classify_quote(at, after, inner)
            };
            match verdict {
                QuoteRole::Closes(resume) => return token(at, resume, StringEnd::Closed),
                QuoteRole::ClosesBeforeJunk(resume) => {
                    return token(at, resume, StringEnd::ClosedBeforeJunk);
                }
                QuoteRole::CloserMissing { end, resume } => {
                    return token(end, resume, StringEnd::Missing);
                }
                QuoteRole::Reopens => {
                    return token(self.start, self.start, StringEnd::StrayOpening);
                }
                QuoteRole::Text => inner = next(inner),
            }
            from = after;
        }
        let end = self.source.len();
        StringToken {
            start: self.start,
            end,
            resume: end,
            end_kind: StringEnd::Truncated,
            has_inner_quotes: false,
        }
    }

    /// What the quote at `at` is, `after` being the place behind it.
    pub(super) fn classify_quote(&self, at: usize, after: usize, inner: usize) -> QuoteRole {
        let source = self.source;
        if !source.may_look_ahead() {
            return QuoteRole::Closes(after);
        }
        // No name and no element of a kind that is met begins with one of these.
        let opens = !matches!(source.byte_at(after), b',' | b'}' | b']' | b':');
        if opens && let Some(verdict) = self.opens_next_string(at, after) {
            return verdict;
        }
        let behind = source.skip_whitespace_and_comments(after);
        if source.is_end(behind) {
            return QuoteRole::Closes(after);
        }
        let even = inner.is_multiple_of(2);
        let byte = source.byte_at(behind);
        if self.place == StringRole::Name {
            return self.classify_name_quote(at, after, behind);
        }
        let ends = match byte {
            b',' => self.continues_after_comma(next(behind), even),
            b'}' | b']' => self.continues_after_closer(next(behind), even),
            b':' => inner == 0,
            b'{' | b'[' => {
                even && (self.is_container(behind) || self.elements_follow(after, behind))
            }
            _ if source.quote_at(behind).is_some() => {
                return self.classify_before_quote(after, behind, even);
            }
            _ if even && self.elements_follow(after, behind) => true,
            _ => {
                let next_member = self.place == StringRole::MemberValue
                    && source.has_newline(after, behind)
                    && source.unquoted_name_end(behind).is_some();
                if !next_member && even && self.is_stray_byte(at, behind) {
                    return QuoteRole::ClosesBeforeJunk(next(behind));
                }
                next_member
            }
        };
        if ends { QuoteRole::Closes(after) } else { QuoteRole::Text }
    }

    /// Whether the quote does not close this string but opens the next one: a name or an element
    /// stands right behind it, and a comma or an opening bracket before it.
    fn opens_next_string(&self, at: usize, after: usize) -> Option<QuoteRole> {
        let source = self.source;
        let (last, before) = source.last_non_whitespace(self.start, at)?;
        let own_line = source.has_newline(last, at);
        let plausible = match (self.place, source.look_ahead(at)) {
            (StringRole::Name, Lookahead::Name) => matches!(before, b',' | b'{') || own_line,
            (StringRole::Name, _) if before == b':' || matches!(before, b'[' | b'{') => {
                return self.name_end(at);
            }
            (_, Lookahead::Name) => {
                matches!(before, b',' | b'{') || own_line || self.is_broken(last, at)
            }
            (StringRole::Element, Lookahead::Delimited) => {
                matches!(before, b',' | b'[') && source.look_ahead(after) != Lookahead::Name
            }
            _ => false,
        };
        if !plausible {
            return None;
        }
        if self.place == StringRole::Name {
            let end = self.structure_start(at);
            return Some(
                self.name_end(at).unwrap_or(QuoteRole::CloserMissing { end, resume: end }),
            );
        }
        Some(self.missing_at(at))
    }

    /// Whether a name that begins at this quote stands where no sentence would have one.
    fn is_broken(&self, last: usize, at: usize) -> bool {
        let source = self.source;
        let gap = at.saturating_sub(next(last));
        if gap == 1 || matches!(source.byte_at(last), b'=' | b'(') {
            return false;
        }
        let Some((quote, length)) = source.quote_at(at) else { return false };
        let end =
            source.next_closing_quote(at.saturating_add(length), quote).map_or(at, |(end, _)| end);
        let colon = source.skip_whitespace_and_comments(next(end));
        let value = source.skip_whitespace_and_comments(next(colon));
        source.begins_value(value) || keyword_at(source, value).is_some()
    }

    /// The verdict for a string that ended somewhere before this quote, which opens the next.
    fn missing_at(&self, at: usize) -> QuoteRole {
        let line = self.source.next_newline(self.start).min(at);
        let end = self.structure_start(line);
        if end > self.start {
            let content = self.source.without_escaped_quote(self.start, end);
            return QuoteRole::CloserMissing { end: content, resume: end };
        }
        let opener =
            matches!(self.source.byte_at(self.source.skip_whitespace(self.start)), b'{' | b'[');
        if opener { QuoteRole::Reopens } else { QuoteRole::CloserMissing { end, resume: end } }
    }

    /// The beginning of the brackets, commas and white space that end right before this place.
    fn structure_start(&self, at: usize) -> usize {
        self.source
            .rfind_between(self.start, at, |byte| {
                !matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':')
                    && !byte.is_ascii_whitespace()
            })
            .map_or(self.start, next)
    }

    /// Where a name without its closing quote ends: at the first colon that a value follows.
    fn name_end(&self, limit: usize) -> Option<QuoteRole> {
        let source = self.source;
        let length = limit.saturating_sub(self.start);
        if length > MAX_NAME {
            return None;
        }
        let content = source.slice(self.start, limit).iter().enumerate();
        let colons = content.filter(|(_, byte)| **byte == b':').map(|(at, _)| at);
        let colon = colons.map(|at| self.start.saturating_add(at)).find(|colon| {
            let value = source.skip_whitespace(next(*colon));
            source.begins_value(value) || keyword_at(source, value).is_some()
        })?;
        Some(QuoteRole::CloserMissing { end: self.structure_start(colon), resume: colon })
    }

    fn classify_name_quote(&self, at: usize, after: usize, behind: usize) -> QuoteRole {
        let source = self.source;
        if at == self.start
            && source.byte_at(behind) != b':'
            && source.look_ahead(at) == Lookahead::Name
        {
            return QuoteRole::Reopens;
        }
        if let Some((_, length)) = source.quote_at(behind) {
            let beyond = behind.saturating_add(length);
            if source.byte_at(source.skip_whitespace(beyond)) == b':' {
                return QuoteRole::ClosesBeforeJunk(beyond);
            }
            let value = !matches!(source.look_ahead(behind), Lookahead::Text);
            return if value { QuoteRole::Closes(after) } else { QuoteRole::Text };
        }
        let ends = matches!(source.byte_at(behind), b':' | b'=' | b',' | b'}' | b']')
            || source.begins_value(behind)
            || keyword_at(source, behind).is_some();
        if ends {
            return QuoteRole::Closes(after);
        }
        let value = source.skip_whitespace(next(behind));
        let text = source.quote_at(value).is_some() && source.look_ahead(value) == Lookahead::Text;
        if source.begins_value(value) && !text {
            return QuoteRole::ClosesBeforeJunk(next(behind));
        }
        QuoteRole::Text
    }

    /// Whether a comma that ends here can be the one behind this string.
    fn continues_after_comma(&self, after: usize, even: bool) -> bool {
        let source = self.source;
        let mut at = source.skip_whitespace_and_comments(after);
        while source.byte_at(at) == b',' && source.spend(1) {
            at = source.skip_whitespace_and_comments(next(at));
        }
        if source.is_end(at) {
            return true;
        }
        match (source.byte_at(at), self.place) {
            (b'}' | b']', _) => true,
            (b'{' | b'[', _) => even || self.is_container(at),
            (b'0'..=b'9' | b'-', StringRole::Element) => even,
            _ if source.ellipsis_end(at).is_some() => even,
            _ if source.quote_at(at).is_some() => match source.look_ahead(at) {
                Lookahead::Name | Lookahead::Unterminated => true,
                Lookahead::Delimited | Lookahead::Value => even,
                Lookahead::Text => false,
            },
            (_, StringRole::MemberValue) => source.unquoted_name_end(at).is_some(),
            _ => even && self.is_unquoted_element(at),
        }
    }

    /// Whether a closing bracket that ends here can be the one behind this string.
    fn continues_after_closer(&self, after: usize, even: bool) -> bool {
        let source = self.source;
        let at = source.skip_whitespace_and_comments(after);
        if source.is_end(at) || matches!(source.byte_at(at), b',' | b'}' | b']' | b')' | b';') {
            return true;
        }
        even && (source.begins_value(at) || source.has_newline(after, at))
    }

    /// Whether white space and then the elements that follow this one stand here, without commas.
    fn elements_follow(&self, after: usize, at: usize) -> bool {
        let element = self.place == StringRole::Element || self.source.ellipsis_end(at).is_some();
        element && at > after && self.source.values_follow(at)
    }

    /// What a quote is that another one follows.
    fn classify_before_quote(&self, after: usize, behind: usize, even: bool) -> QuoteRole {
        let source = self.source;
        let length = source.quote_at(behind).map_or(1, |(_, length)| length);
        let beyond = behind.saturating_add(length);
        let ahead = source.look_ahead(behind);
        if ahead == Lookahead::Name {
            return QuoteRole::Closes(after);
        }
        let delimiter = source.skip_whitespace_and_comments(beyond);
        let delimited = match source.byte_at(delimiter) {
            b',' => self.continues_after_comma(next(delimiter), even),
            b'}' | b']' => self.continues_after_closer(next(delimiter), even),
            _ => source.is_end(delimiter),
        };
        if delimited {
            // The second of the two closes: the first is stray, or closes a quotation.
            let stray =
                even && !(self.place == StringRole::Element && ahead == Lookahead::Delimited);
            return if stray { QuoteRole::ClosesBeforeJunk(beyond) } else { QuoteRole::Text };
        }
        let element = self.place == StringRole::Element && ahead == Lookahead::Delimited;
        if even && (element || self.elements_follow(after, behind)) {
            QuoteRole::Closes(after)
        } else {
            QuoteRole::Text
        }
    }

    /// Whether one byte, put in or put in place of a comma, is all that separates this quote from
    /// what has to follow a closing one.
    fn is_stray_byte(&self, at: usize, behind: usize) -> bool {
        let source = self.source;
        // A quotation opens after a space or a sign; a string rarely closes there.
        let before = source.byte_at(at.saturating_sub(1));
        if at > self.start && matches!(before, b' ' | b'=' | b'(' | b'\n') {
            return false;
        }
        let beyond = source.skip_whitespace_and_comments(next(behind));
        match source.byte_at(beyond) {
            b',' => self.continues_after_comma(next(beyond), true),
            b'}' | b']' => self.continues_after_closer(next(beyond), true),
            _ => match source.look_ahead(beyond) {
                Lookahead::Name => true,
                Lookahead::Delimited => self.place == StringRole::Element,
                _ => false,
            },
        }
    }

    fn is_container(&self, at: usize) -> bool {
        let inside = self.source.skip_whitespace(next(at));
        match self.source.byte_at(at) {
            b'{' => {
                self.source.byte_at(inside) == b'}'
                    || self.source.look_ahead(inside) == Lookahead::Name
            }
            _ => {
                matches!(self.source.byte_at(inside), b']' | b'{' | b'[')
                    || self.source.look_ahead(inside) == Lookahead::Delimited
            }
        }
    }

    /// Whether one bare word stands here, and an element's end behind it.
    fn is_unquoted_element(&self, at: usize) -> bool {
        let end = self.source.find(at, |byte| !is_name_byte(byte));
        let behind = self.source.skip_whitespace(end);
        end > at && matches!(self.source.byte_at(behind), b',' | b']')
    }
}
