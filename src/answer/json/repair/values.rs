//! Values: strings, and words without quotes.

use std::ops::Range;

use super::super::RepairKind;
use super::keywords::{self, is_scalar};
use super::lookahead::{Lookahead, Quote};
use super::numbers::{Number, parse_number};
use super::parser::Parser;
use super::quotes::{QuoteRole, StringEnd, StringReader, StringRole, StringToken};
use super::source::next;
use super::strings::StringSource;

/// Maximum distance in bytes to the closing quote of a string without an opening quote.
const MAX_QUOTE_DISTANCE: usize = 512;

/// A word without quotes.
struct Word {
    start: usize,
    /// The end of its first part: up to whitespace or a semicolon, if it contains any.
    first_part_end: usize,
    /// The end of its last character, and the position of the byte that ends it.
    end: usize,
    stop: usize,
    /// The role of the string that would begin at `stop`, if a quote is there.
    quote: Option<Lookahead>,
}

impl Parser<'_, '_> {
    /// Reads a value: an element, or the value of the current member. `false` if it only dropped
    /// something stray.
    pub(super) fn value(&mut self, role: StringRole) -> bool {
        match self.source.byte_at(self.at) {
            b'{' | b'[' => {
                self.begin(role);
                self.open();
                true
            }
            _ if self.source.quote_at(self.at).is_none() => self.unquoted_value(role),
            _ if self.is_stray_quote() => {
                self.drop_quote();
                false
            }
            _ => self.string(role),
        }
    }

    fn begin(&mut self, role: StringRole) {
        if role == StringRole::Element {
            self.begin_element();
        }
    }

    fn string(&mut self, role: StringRole) -> bool {
        let Some(token) = self.read_string(role) else { return true };
        if token.end_kind == StringEnd::StrayOpening {
            self.at = token.start;
            return false;
        }
        let source = self.source;
        let next_token = source.skip_whitespace_and_comments(token.resume);
        if token.end_kind == StringEnd::Closed && source.byte_at(next_token) == b':' {
            let value = source.skip_whitespace_and_comments(next(next_token));
            let is_missing =
                source.is_end(value) || matches!(source.byte_at(value), b',' | b'}' | b']' | b';');
            if !is_missing {
                self.name_as_value(role, token.start..token.end);
                return true;
            }
        }
        self.write_string(role, token);
        true
    }

    fn write_string(&mut self, role: StringRole, token: StringToken) {
        self.begin(role);
        let spelling = if token.end_kind == StringEnd::Truncated {
            StringSource::Truncated
        } else {
            StringSource::Quoted
        };
        self.write_text(token.start, token.end, spelling);
        self.at = token.resume;
    }

    /// Reads a name in the place of a value.
    fn name_as_value(&mut self, role: StringRole, name: Range<usize>) {
        if role == StringRole::Element {
            return self.name_in_array(name);
        }
        let has_surplus = self.surplus(self.at).is_some_and(|surplus| surplus > 0);
        self.mark_loss();
        if !has_surplus || !self.open_missing_object() {
            self.write_null(RepairKind::MissingValue);
        }
    }

    /// Reads a value without quotes.
    fn unquoted_value(&mut self, role: StringRole) -> bool {
        let source = self.source;
        let word = self.word();
        if let Some(lookahead) = word.quote {
            let length = source.quote_at(word.stop).map_or(1, |(_, length)| length);
            let next_token = source.skip_whitespace_and_comments(word.stop.saturating_add(length));
            if source.byte_at(next_token) == b':' && lookahead != Lookahead::Name {
                self.add_repair(RepairKind::MissingQuote);
                self.name_as_value(role, word.start..word.stop);
                return true;
            }
        }
        let apart = role == StringRole::Element && word.end < word.stop;
        if word.quote.is_none_or(|lookahead| lookahead == Lookahead::Name || apart)
            && self.is_scalar_alone(role, &word)
            && self.scalar(role, word.first_part_end)
        {
            return true;
        }
        if self.is_before_value(&word) {
            self.drop_until(word.stop, RepairKind::StrayText);
            return false;
        }
        if let Some(quote) = self.closing_quote(role, word.start) {
            self.add_repair(RepairKind::MissingQuote);
            let (start, resume, end_kind) = (word.start, next(quote), StringEnd::Closed);
            let token =
                StringToken { start, end: quote, resume, end_kind, has_inner_quotes: false };
            self.counts.double_quoted = next(self.counts.double_quoted);
            self.write_string(role, token);
            return true;
        }
        self.unquoted_string(role, &word);
        true
    }

    /// The word at the current position.
    fn word(&mut self) -> Word {
        let source = self.source;
        let start = self.at;
        let stop = match self.word_end_cache {
            Some((from, stop)) if (from..stop).contains(&start) => stop,
            _ => self.word_end(start),
        };
        self.word_end_cache = Some((start, stop));
        let end = source.trim_end(start, stop);
        let quote = source.quote_at(stop).map(|_| source.look_ahead(stop));
        Word { start, first_part_end: self.part_end(start, end), end, stop, quote }
    }

    fn part_end(&self, start: usize, end: usize) -> usize {
        let apart = |byte: u8| byte.is_ascii_whitespace() || byte == b';';
        self.source.find_before(start, end, apart)
    }

    /// The end of the word at `start`: a comma, a bracket, a quote, a newline or a comment.
    fn word_end(&self, start: usize) -> usize {
        let source = self.source;
        let mut at = start;
        loop {
            at = source.find(at, |byte| {
                matches!(byte, b',' | b'}' | b']' | b'{' | b'[' | b'\n' | b'"' | b'/' | b'#')
            });
            if !matches!(source.byte_at(at), b'/' | b'#') {
                return at;
            }
            // Without a space before it, it may belong to a URL, unless it is a block comment.
            let apart = at == start
                || source.byte_at(at.saturating_sub(1)).is_ascii_whitespace()
                || source.byte_at(next(at)) == b'*';
            if apart && source.comment_end(at, true).is_some() {
                return at;
            }
            at = next(at);
        }
    }

    /// Writes the keyword or the number that ends at `end`; `false` if it is neither.
    fn scalar(&mut self, role: StringRole, end: usize) -> bool {
        let word = self.source.slice(self.at, end);
        let Some((json, kind)) = self.json_literal(word, end) else { return false };
        self.begin(role);
        if let Some(kind) = kind {
            self.add_repair(kind);
        }
        json.into_iter().for_each(|part| self.output.copy(part, self.source));
        self.at = end;
        true
    }

    /// The JSON value of a keyword or a number, in parts, and the kind of repair.
    fn json_literal<'w>(
        &self,
        word: &'w [u8],
        end: usize,
    ) -> Option<([&'w [u8]; 3], Option<RepairKind>)> {
        let single = |text: &'w [u8]| [text, b"", b""];
        let null = |kind| Some((single(b"null"), Some(kind)));
        let at_end = self.source.is_end(end);
        let digit = word.first().is_some_and(u8::is_ascii_digit);
        if let Some(json) = if digit { None } else { keywords::keyword(word) } {
            let kind = (!keywords::is_json_keyword(word)).then_some(RepairKind::ForeignKeyword);
            return Some((single(json.as_bytes()), kind));
        }
        if let Some(json) = if at_end { keywords::keyword_by_prefix(word) } else { None } {
            return Some((single(json.as_bytes()), Some(RepairKind::Truncated)));
        }
        match parse_number(word, self.source) {
            Number::Exact | Number::Converted(_) if at_end && self.truncated => {
                null(RepairKind::CutNumber)
            }
            Number::Exact => Some((single(word), None)),
            Number::Converted(parts) => Some((parts, Some(RepairKind::Number))),
            Number::Incomplete if at_end => null(RepairKind::CutNumber),
            Number::Incomplete | Number::Invalid => None,
        }
    }

    /// Whether the first part of a word may be a keyword or a number, because the rest of the word
    /// is empty, another value, or the next name.
    fn is_scalar_alone(&self, role: StringRole, word: &Word) -> bool {
        let source = self.source;
        let rest = source.skip_whitespace(word.first_part_end);
        match role {
            _ if word.first_part_end >= word.end || source.byte_at(rest) == b';' => true,
            _ if source.ellipsis_end(rest).is_some() => true,
            StringRole::MemberValue => source.unquoted_name_end(rest).is_some(),
            _ => is_scalar(source.slice(rest, self.part_end(rest, word.end)), source),
        }
    }

    /// Whether the word is a stray character before a string, or a stray word before a container.
    fn is_before_value(&self, word: &Word) -> bool {
        let source = self.source;
        let short = word.end <= next(word.start);
        if let Some(lookahead) = word.quote {
            return short && lookahead == Lookahead::Delimited;
        }
        let opener = source.skip_whitespace(word.stop);
        let is_near = opener == word.stop || short;
        if !is_near || !matches!(source.byte_at(opener), b'{' | b'[') {
            return false;
        }
        let inside = source.skip_whitespace(next(opener));
        matches!(source.look_ahead(inside), Lookahead::Name | Lookahead::Delimited)
            || matches!(source.byte_at(inside), b'{' | b'[' | b'}' | b']')
            || source.byte_at(opener) == b'[' && source.begins_value(inside)
    }

    /// The closing quote of a string at `start` whose opening quote is missing.
    fn closing_quote(&self, role: StringRole, start: usize) -> Option<usize> {
        let source = self.source;
        if !source.may_look_ahead() {
            return None;
        }
        let at = source.next_double_quote(start);
        let length = at.saturating_sub(start);
        let same_line = source.next_newline(start) >= at;
        if source.is_end(at) || length > MAX_QUOTE_DISTANCE || !same_line {
            return None;
        }
        let (_, before) = source.last_non_whitespace(start, at)?;
        if matches!(before, b',' | b':' | b'[' | b'{') && source.look_ahead(at) != Lookahead::Text {
            return None;
        }
        let reader = StringReader { source, role, quote: Quote::Double, start, trusted_until: 0 };
        matches!(reader.classify_quote(at, next(at), 0), QuoteRole::Closes(_)).then_some(at)
    }

    /// Writes a word as a string, with quotes and brackets inside it.
    fn unquoted_string(&mut self, role: StringRole, word: &Word) {
        let source = self.source;
        let inner = word.quote.is_some_and(|lookahead| lookahead != Lookahead::Name)
            || matches!(source.byte_at(word.stop), b'{' | b'[');
        let stop = match inner {
            true => source.find(word.stop, |byte| matches!(byte, b',' | b'}' | b']' | b'\n')),
            false => word.stop,
        };
        let end = source.trim_end(word.start, stop);
        let after_value =
            self.output.top().is_some_and(|frame| frame.count > 0 && !frame.after_comma);
        let stray = role == StringRole::Element && after_value && end <= next(word.start);
        if stray || end <= word.start {
            return self.drop_until(stop, RepairKind::StrayText);
        }
        self.begin(role);
        let digit = source.byte_at(word.start).is_ascii_digit();
        self.add_repair(if digit { RepairKind::Number } else { RepairKind::UnquotedValue });
        if source.is_end(stop) {
            self.report.add(RepairKind::Truncated, stop);
        }
        self.write_text(word.start, end, StringSource::Unquoted);
        self.at = stop;
    }
}
