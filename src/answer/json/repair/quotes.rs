//! Where a string ends: which quote closes it, which ones belong to its text, and which one opens
//! the next string because the closing quote is missing.

use super::keywords::{is_name_byte, keyword_at};
use super::lookahead::{Lookahead, Quote};
use super::source::{Source, next};

/// Maximum length of a name without its closing quote.
const MAX_NAME: usize = 512;

/// The role of a string in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StringRole {
    /// The name of a member.
    Name,
    /// The value of a member.
    MemberValue,
    /// An element of an array.
    Element,
    /// The whole document.
    Root,
}

/// How a string ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StringEnd {
    /// At its closing quote.
    Closed,
    /// At its closing quote; the text between it and `resume` is dropped.
    ClosedBeforeJunk,
    /// At `end`, where its closing quote is missing.
    Missing,
    /// At its beginning, because its opening quote is stray.
    StrayOpening,
    /// At the end of the text.
    Truncated,
}

/// A string in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StringToken {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The position at which to continue.
    pub(super) resume: usize,
    pub(super) end_kind: StringEnd,
    /// Whether there are unescaped quotes inside.
    pub(super) has_inner_quotes: bool,
}

/// The role of a quote inside a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuoteRole {
    /// The end of the string; reading continues at this position.
    Closes(usize),
    /// The end of the string; the text up to this position is dropped.
    ClosesBeforeJunk(usize),
    /// The beginning of another string: this one ends at `end`, and reading continues at `resume`.
    CloserMissing { end: usize, resume: usize },
    /// The real opening quote; the one before it is stray.
    Reopens,
    /// Text.
    Text,
}

/// Reads one string.
pub(super) struct StringReader<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    pub(super) role: StringRole,
    pub(super) quote: Quote,
    /// The beginning of its content.
    pub(super) start: usize,
    /// Double quotes before this position certainly begin or end a string.
    pub(super) trusted_until: usize,
}

impl StringReader<'_, '_> {
    /// Reads to the end of the string.
    pub(super) fn read(&self) -> StringToken {
        // A look-ahead may already have found the end of the name.
        let cached = self.source.cached_name_end(self.start.saturating_sub(1));
        if self.role == StringRole::Name
            && let Some(end) = cached
            && !self.source.slice(self.start, end).contains(&b':')
        {
            let (start, resume, end_kind) = (self.start, next(end), StringEnd::Closed);
            return StringToken { start, end, resume, end_kind, has_inner_quotes: false };
        }
        let mut from = self.start;
        let mut inner_quotes = 0_usize;
        while let Some((at, length)) = self.source.next_closing_quote(from, self.quote) {
            let after = at.saturating_add(length);
            let is_certain = self.role == StringRole::Root || at < self.trusted_until;
            let token = |end, resume, end_kind| {
                let has_inner_quotes = inner_quotes > 0 && end_kind == StringEnd::Closed;
                StringToken { start: self.start, end, resume, end_kind, has_inner_quotes }
            };
            let role = if is_certain {
                QuoteRole::Closes(after)
            } else {
                self.classify_quote(at, after, inner_quotes)
            };
            match role {
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
                QuoteRole::Text => inner_quotes = next(inner_quotes),
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

    /// The role of the quote at `at`. `after` is the position after it; `inner_quotes` is the
    /// number of quotes before it in the string.
    pub(super) fn classify_quote(&self, at: usize, after: usize, inner_quotes: usize) -> QuoteRole {
        let source = self.source;
        if !source.may_look_ahead() {
            return QuoteRole::Closes(after);
        }
        // No string begins with one of these in practice.
        let can_open = !matches!(source.byte_at(after), b',' | b'}' | b']' | b':');
        if can_open && let Some(role) = self.opens_next_string(at, after) {
            return role;
        }
        let next_token = source.skip_whitespace_and_comments(after);
        if source.is_end(next_token) {
            return QuoteRole::Closes(after);
        }
        let even = inner_quotes.is_multiple_of(2);
        let byte = source.byte_at(next_token);
        if self.role == StringRole::Name {
            return self.classify_name_quote(at, after, next_token);
        }
        let ends = match byte {
            b',' => self.continues_after_comma(next(next_token), even),
            b'}' | b']' => self.continues_after_closer(next(next_token), even),
            b':' => inner_quotes == 0,
            b'{' | b'[' => {
                even && (self.is_container(next_token) || self.elements_follow(after, next_token))
            }
            _ if source.quote_at(next_token).is_some() => {
                return self.classify_before_quote(after, next_token, even);
            }
            _ if even && self.elements_follow(after, next_token) => true,
            _ => {
                let next_member = self.role == StringRole::MemberValue
                    && source.has_newline(after, next_token)
                    && source.unquoted_name_end(next_token).is_some();
                if !next_member && even && self.is_stray_byte(at, next_token) {
                    return QuoteRole::ClosesBeforeJunk(next(next_token));
                }
                next_member
            }
        };
        if ends { QuoteRole::Closes(after) } else { QuoteRole::Text }
    }

    /// The role of a quote that opens the next string instead of closing this one: a name or an
    /// element follows it, and a comma or an opening bracket precedes it. `None` if it does not.
    fn opens_next_string(&self, at: usize, after: usize) -> Option<QuoteRole> {
        let source = self.source;
        let (last, before) = source.last_non_whitespace(self.start, at)?;
        let own_line = source.has_newline(last, at);
        let plausible = match (self.role, source.look_ahead(at)) {
            (StringRole::Name, Lookahead::Name) => matches!(before, b',' | b'{') || own_line,
            (StringRole::Name, _) if before == b':' || matches!(before, b'[' | b'{') => {
                return self.unclosed_name_end(at);
            }
            (_, Lookahead::Name) => {
                matches!(before, b',' | b'{') || own_line || self.is_unlike_text(last, at)
            }
            (StringRole::Element, Lookahead::Delimited) => {
                matches!(before, b',' | b'[') && source.look_ahead(after) != Lookahead::Name
            }
            _ => false,
        };
        if !plausible {
            return None;
        }
        if self.role == StringRole::Name {
            let end = self.structure_start(at);
            return Some(
                self.unclosed_name_end(at).unwrap_or(QuoteRole::CloserMissing { end, resume: end }),
            );
        }
        Some(self.closer_missing_before(at))
    }

    /// Whether a name that begins at this quote is in a place that is unusual in a sentence.
    fn is_unlike_text(&self, last: usize, at: usize) -> bool {
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

    /// The role of a quote that opens the next string, while the end of this string is unknown.
    fn closer_missing_before(&self, at: usize) -> QuoteRole {
        let line = self.source.next_newline(self.start).min(at);
        let end = self.structure_start(line);
        if end > self.start {
            let content = self.source.without_escaped_quote(self.start, end);
            return QuoteRole::CloserMissing { end: content, resume: end };
        }
        let is_opener =
            matches!(self.source.byte_at(self.source.skip_whitespace(self.start)), b'{' | b'[');
        if is_opener { QuoteRole::Reopens } else { QuoteRole::CloserMissing { end, resume: end } }
    }

    /// The beginning of the brackets, commas, colons and whitespace right before `at`.
    fn structure_start(&self, at: usize) -> usize {
        self.source
            .rfind_between(self.start, at, |byte| {
                !matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':')
                    && !byte.is_ascii_whitespace()
            })
            .map_or(self.start, next)
    }

    /// The end of a name without its closing quote: the first colon that a value follows.
    fn unclosed_name_end(&self, limit: usize) -> Option<QuoteRole> {
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

    fn classify_name_quote(&self, at: usize, after: usize, next_token: usize) -> QuoteRole {
        let source = self.source;
        if at == self.start
            && source.byte_at(next_token) != b':'
            && source.look_ahead(at) == Lookahead::Name
        {
            return QuoteRole::Reopens;
        }
        if let Some((_, length)) = source.quote_at(next_token) {
            let after_second = next_token.saturating_add(length);
            if source.byte_at(source.skip_whitespace(after_second)) == b':' {
                return QuoteRole::ClosesBeforeJunk(after_second);
            }
            let value = !matches!(source.look_ahead(next_token), Lookahead::Text);
            return if value { QuoteRole::Closes(after) } else { QuoteRole::Text };
        }
        let ends = matches!(source.byte_at(next_token), b':' | b'=' | b',' | b'}' | b']')
            || source.begins_value(next_token)
            || keyword_at(source, next_token).is_some();
        if ends {
            return QuoteRole::Closes(after);
        }
        let value = source.skip_whitespace(next(next_token));
        let text = source.quote_at(value).is_some() && source.look_ahead(value) == Lookahead::Text;
        if source.begins_value(value) && !text {
            return QuoteRole::ClosesBeforeJunk(next(next_token));
        }
        QuoteRole::Text
    }

    /// Whether a comma that ends at `after` can be the one after this string.
    fn continues_after_comma(&self, after: usize, even: bool) -> bool {
        let source = self.source;
        let mut at = source.skip_whitespace_and_comments(after);
        while source.byte_at(at) == b',' && source.spend(1) {
            at = source.skip_whitespace_and_comments(next(at));
        }
        if source.is_end(at) {
            return true;
        }
        match (source.byte_at(at), self.role) {
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

    /// Whether a closing bracket that ends at `after` can be the one after this string.
    fn continues_after_closer(&self, after: usize, even: bool) -> bool {
        let source = self.source;
        let at = source.skip_whitespace_and_comments(after);
        if source.is_end(at) || matches!(source.byte_at(at), b',' | b'}' | b']' | b')' | b';') {
            return true;
        }
        even && (source.begins_value(at) || source.has_newline(after, at))
    }

    /// Whether the next elements follow at `at`, separated by whitespace instead of commas.
    fn elements_follow(&self, after: usize, at: usize) -> bool {
        let element = self.role == StringRole::Element || self.source.ellipsis_end(at).is_some();
        element && at > after && self.source.values_follow(at)
    }

    /// The role of a quote that is followed by another one at `next_token`.
    fn classify_before_quote(&self, after: usize, next_token: usize, even: bool) -> QuoteRole {
        let source = self.source;
        let length = source.quote_at(next_token).map_or(1, |(_, length)| length);
        let after_second = next_token.saturating_add(length);
        let lookahead = source.look_ahead(next_token);
        if lookahead == Lookahead::Name {
            return QuoteRole::Closes(after);
        }
        let delimiter = source.skip_whitespace_and_comments(after_second);
        let delimited = match source.byte_at(delimiter) {
            b',' => self.continues_after_comma(next(delimiter), even),
            b'}' | b']' => self.continues_after_closer(next(delimiter), even),
            _ => source.is_end(delimiter),
        };
        if delimited {
            // The second quote closes the string; the first is stray, or closes a quotation.
            let stray =
                even && !(self.role == StringRole::Element && lookahead == Lookahead::Delimited);
            return if stray { QuoteRole::ClosesBeforeJunk(after_second) } else { QuoteRole::Text };
        }
        let element = self.role == StringRole::Element && lookahead == Lookahead::Delimited;
        if even && (element || self.elements_follow(after, next_token)) {
            QuoteRole::Closes(after)
        } else {
            QuoteRole::Text
        }
    }

    /// Whether a single stray byte, inserted or in the place of a comma, separates this quote from
    /// a delimiter or the next string.
    fn is_stray_byte(&self, at: usize, next_token: usize) -> bool {
        let source = self.source;
        // A quotation opens after a space or a symbol; a string rarely closes there.
        let before = source.byte_at(at.saturating_sub(1));
        if at > self.start && matches!(before, b' ' | b'=' | b'(' | b'\n') {
            return false;
        }
        let after_stray = source.skip_whitespace_and_comments(next(next_token));
        match source.byte_at(after_stray) {
            b',' => self.continues_after_comma(next(after_stray), true),
            b'}' | b']' => self.continues_after_closer(next(after_stray), true),
            _ => match source.look_ahead(after_stray) {
                Lookahead::Name => true,
                Lookahead::Delimited => self.role == StringRole::Element,
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

    /// Whether one bare word is at `at`, and the end of an element after it.
    fn is_unquoted_element(&self, at: usize) -> bool {
        let end = self.source.find(at, |byte| !is_name_byte(byte));
        let next_token = self.source.skip_whitespace(end);
        end > at && matches!(self.source.byte_at(next_token), b',' | b']')
    }
}
