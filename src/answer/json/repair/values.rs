//! Values: strings, and what has no quotes.

use std::ops::Range;

use super::super::Kind;
use super::ahead::{Ahead, Quote};
use super::numbers::{Number, number};
use super::quotes::{End, Place, StringReader, StringToken, Verdict};
use super::source::next;
use super::strings::Spelling;
use super::walk::Walk;
use super::words::{self, is_scalar};

/// How far the closing quote of a string may be whose opening quote is missing.
const NEAR: usize = 512;

/// A word without quotes.
struct Word {
    start: usize,
    /// Behind its first part: up to white space or a semicolon, if there is any in it.
    first: usize,
    /// Behind its last character, and where what follows it stands.
    end: usize,
    stop: usize,
    /// Whether a quote stops it, and what that would begin.
    quote: Option<Ahead>,
}

impl Walk<'_, '_> {
    /// Reads the value that stands here: an element, or the value of the member that was begun.
    /// `false` where only something stray was dropped.
    pub(super) fn value(&mut self, place: Place) -> bool {
        match self.source.at(self.at) {
            b'{' | b'[' => {
                self.begin(place);
                self.open();
                true
            }
            _ if self.source.quote_at(self.at).is_none() => self.bare(place),
            _ if self.is_stray_quote() => {
                self.drop_quote();
                false
            }
            _ => self.string(place),
        }
    }

    fn begin(&mut self, place: Place) {
        if place == Place::Element {
            self.begin_element();
        }
    }

    fn string(&mut self, place: Place) -> bool {
        let Some(token) = self.read_string(place) else { return true };
        if token.how == End::StrayOpening {
            self.at = token.start;
            return false;
        }
        let source = self.source;
        let behind = source.skip_blank(token.resume);
        if token.how == End::Closed && source.at(behind) == b':' {
            let value = source.skip_blank(next(behind));
            let none =
                source.is_end(value) || matches!(source.at(value), b',' | b'}' | b']' | b';');
            if !none {
                self.name_for_value(place, token.start..token.end);
                return true;
            }
        }
        self.write_string(place, token);
        true
    }

    fn write_string(&mut self, place: Place, token: StringToken) {
        self.begin(place);
        let spelling = if token.how == End::Cut { Spelling::Cut } else { Spelling::Quoted };
        self.write_text(token.start, token.end, spelling);
        self.at = token.resume;
    }

    /// A name where a value should be.
    fn name_for_value(&mut self, place: Place, name: Range<usize>) {
        if place == Place::Element {
            return self.name_in_array(name);
        }
        let more = self.surplus(self.at).is_some_and(|surplus| surplus > 0);
        self.tear();
        if !more || !self.open_missing() {
            self.null(Kind::MissingValue);
        }
    }

    /// A value without quotes.
    fn bare(&mut self, place: Place) -> bool {
        let source = self.source;
        let word = self.word();
        if let Some(ahead) = word.quote {
            let length = source.quote_at(word.stop).map_or(1, |(_, length)| length);
            let behind = source.skip_blank(word.stop.saturating_add(length));
            if source.at(behind) == b':' && ahead != Ahead::Name {
                self.note(Kind::MissingQuote);
                self.name_for_value(place, word.start..word.stop);
                return true;
            }
        }
        let apart = place == Place::Element && word.end < word.stop;
        if word.quote.is_none_or(|ahead| ahead == Ahead::Name || apart)
            && self.is_scalar_alone(place, &word)
            && self.scalar(place, word.first)
        {
            return true;
        }
        if self.is_before_value(&word) {
            self.drop_to(word.stop, Kind::StrayText);
            return false;
        }
        if let Some(quote) = self.closing_quote(place, word.start) {
            self.note(Kind::MissingQuote);
            let (start, resume, how) = (word.start, next(quote), End::Closed);
            let token = StringToken { start, end: quote, resume, how, inner: false };
            self.seen.double_quoted = next(self.seen.double_quoted);
            self.write_string(place, token);
            return true;
        }
        self.bare_string(place, &word);
        true
    }

    /// The word that stands here.
    fn word(&mut self) -> Word {
        let source = self.source;
        let start = self.at;
        let stop = match self.word_stop {
            Some((from, stop)) if (from..stop).contains(&start) => stop,
            _ => self.word_end(start),
        };
        self.word_stop = Some((start, stop));
        let end = source.trim_end(start, stop);
        let quote = source.quote_at(stop).map(|_| source.ahead(stop));
        Word { start, first: self.part_end(start, end), end, stop, quote }
    }

    fn part_end(&self, start: usize, end: usize) -> usize {
        let apart = |byte: u8| byte.is_ascii_whitespace() || byte == b';';
        self.source.find_before(start, end, apart)
    }

    /// What ends the word that begins here: a comma, a bracket, a quote, a newline or a comment.
    fn word_end(&self, start: usize) -> usize {
        let source = self.source;
        let mut at = start;
        loop {
            at = source.find(at, |byte| {
                matches!(byte, b',' | b'}' | b']' | b'{' | b'[' | b'\n' | b'"' | b'/' | b'#')
            });
            if !matches!(source.at(at), b'/' | b'#') {
                return at;
            }
            // What has no space before it may belong to an address; a block comment never does.
            let apart = at == start
                || source.at(at.saturating_sub(1)).is_ascii_whitespace()
                || source.at(next(at)) == b'*';
            if apart && source.comment_end(at, true).is_some() {
                return at;
            }
            at = next(at);
        }
    }

    /// Writes the keyword or the number that ends there; `false` where it is neither.
    fn scalar(&mut self, place: Place, end: usize) -> bool {
        let word = self.source.slice(self.at, end);
        let Some((json, kind)) = self.meaning(word, end) else { return false };
        self.begin(place);
        if let Some(kind) = kind {
            self.note(kind);
        }
        json.into_iter().for_each(|part| self.out.scalar(part));
        self.at = end;
        true
    }

    /// What JSON has for a keyword or a number, in parts, and the repair that this is.
    fn meaning<'w>(&self, word: &'w [u8], end: usize) -> Option<([&'w [u8]; 3], Option<Kind>)> {
        let whole = |text: &'w [u8]| [text, b"", b""];
        let null = |kind| Some((whole(b"null"), Some(kind)));
        let at_end = self.source.is_end(end);
        let digit = word.first().is_some_and(u8::is_ascii_digit);
        if let Some(json) = if digit { None } else { words::keyword(word) } {
            let kind = (!words::is_json(word)).then_some(Kind::ForeignKeyword);
            return Some((whole(json.as_bytes()), kind));
        }
        if let Some(json) = if at_end { words::completed(word) } else { None } {
            return Some((whole(json.as_bytes()), Some(Kind::Truncated)));
        }
        match number(word) {
            Number::Exact | Number::Respelled(_) if at_end && self.cut => null(Kind::CutNumber),
            Number::Exact => Some((whole(word), None)),
            Number::Respelled(parts) => Some((parts, Some(Kind::Number))),
            Number::Unfinished if at_end => null(Kind::CutNumber),
            Number::Unfinished | Number::None => None,
        }
    }

    /// Whether the first part of a word may be a keyword or a number: nothing follows it in the
    /// word, or another value, or the next name.
    fn is_scalar_alone(&self, place: Place, word: &Word) -> bool {
        let source = self.source;
        let rest = source.skip_space(word.first);
        match place {
            _ if word.first >= word.end || source.at(rest) == b';' => true,
            _ if source.ellipsis_end(rest).is_some() => true,
            Place::Member => source.bare_name_end(rest).is_some(),
            _ => is_scalar(source.slice(rest, self.part_end(rest, word.end))),
        }
    }

    /// Whether the word is a stray character before a string, or stands before a container.
    fn is_before_value(&self, word: &Word) -> bool {
        let source = self.source;
        let short = word.end <= next(word.start);
        if let Some(ahead) = word.quote {
            return short && ahead == Ahead::Delimited;
        }
        let opener = source.skip_space(word.stop);
        let near = opener == word.stop || short;
        if !near || !matches!(source.at(opener), b'{' | b'[') {
            return false;
        }
        let inside = source.skip_space(next(opener));
        matches!(source.ahead(inside), Ahead::Name | Ahead::Delimited)
            || matches!(source.at(inside), b'{' | b'[' | b'}' | b']')
            || source.at(opener) == b'[' && source.begins_value(inside)
    }

    /// The quote that closes the string whose opening quote is missing here.
    fn closing_quote(&self, place: Place, start: usize) -> Option<usize> {
        let source = self.source;
        if !source.may_look_ahead() {
            return None;
        }
        let at = source.next_double_quote(start);
        let length = at.saturating_sub(start);
        let same_line = source.next_newline(start) >= at;
        if source.is_end(at) || length > NEAR || !same_line {
            return None;
        }
        let (_, before) = source.before(start, at)?;
        if matches!(before, b',' | b':' | b'[' | b'{') && source.ahead(at) != Ahead::Text {
            return None;
        }
        let reader = StringReader { source, place, quote: Quote::Double, start, trusted: 0 };
        matches!(reader.judge(at, next(at), 0), Verdict::Ends(_)).then_some(at)
    }

    /// Writes a word as a string, quotes and brackets inside it included.
    fn bare_string(&mut self, place: Place, word: &Word) {
        let source = self.source;
        let inner = word.quote.is_some_and(|ahead| ahead != Ahead::Name)
            || matches!(source.at(word.stop), b'{' | b'[');
        let stop = match inner {
            true => source.find(word.stop, |byte| matches!(byte, b',' | b'}' | b']' | b'\n')),
            false => word.stop,
        };
        let end = source.trim_end(word.start, stop);
        let behind_value = self.out.top().is_some_and(|frame| frame.count > 0 && !frame.comma);
        let stray = place == Place::Element && behind_value && end <= next(word.start);
        if stray || end <= word.start {
            return self.drop_to(stop, Kind::StrayText);
        }
        self.begin(place);
        let digit = source.at(word.start).is_ascii_digit();
        self.note(if digit { Kind::Number } else { Kind::UnquotedValue });
        if source.is_end(stop) {
            self.report.add(Kind::Truncated, stop);
        }
        self.write_text(word.start, end, Spelling::Bare);
        self.at = stop;
    }
}
