//! The walk through a document: members, elements, values.

use std::ops::Range;

use super::super::{Kind, Kinds};
use super::Report;
use super::balance::Balance;
use super::numbers::{Number, number};
use super::output::Output;
use super::quotes::{End, Place, StringReader, StringToken, Verdict};
use super::source::{Ahead, Quote, Source, next};
use super::strings::{self, Spelling};
use super::words;

/// A walk through one text.
pub(super) struct Walk<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    pub(super) at: usize,
    pub(super) out: Output,
    pub(super) report: Report,
    /// Whether the body was cut short behind this text.
    pub(super) cut: bool,
    /// Containers deeper than this become `null`.
    pub(super) deepest: usize,
    /// Double quotes before this place are what they seem to be.
    pub(super) trusted: usize,
    pub(super) balance: Option<Balance>,
    /// How many containers were open where something seems to be lost.
    pub(super) torn: Option<usize>,
    /// Strings in quotes, members and containers so far.
    pub(super) seen: Seen,
}

/// What a document is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) strings: usize,
    /// Strings in other than double quotes, and in double quotes.
    pub(super) odd_quotes: usize,
    pub(super) double_quotes: usize,
    pub(super) members: usize,
    pub(super) containers: usize,
}

/// Whether a value was written, or has to be looked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Done,
    Again,
}

impl Walk<'_, '_> {
    pub(super) fn note(&mut self, kind: Kind) {
        self.report.add(kind, self.at);
    }

    /// Reads one document that is an array or an object, to the end of it or of the text.
    pub(super) fn document(&mut self) {
        self.open();
        while self.out.depth() > 0 {
            self.skip();
            if self.source.is_end(self.at) {
                self.note(Kind::Truncated);
                while self.out.depth() > 0 {
                    self.out.close();
                }
            } else if self.in_object() {
                self.member();
            } else {
                self.element();
            }
        }
    }

    pub(super) fn in_object(&self) -> bool {
        self.out.top().is_some_and(|frame| frame.object)
    }

    /// Goes on to what is neither white space nor a comment.
    pub(super) fn skip(&mut self) {
        loop {
            let source = self.source;
            let plain = |byte: u8| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            self.at = source.find(self.at, plain);
            let length = source.space_length(self.at);
            if length > 0 {
                let odd = length > 1 || matches!(source.at(self.at), 0xb | 0xc);
                self.note(if odd { Kind::OddSpace } else { Kind::StrayControl });
                self.at = self.at.saturating_add(length);
            } else if let Some(end) = source.comment_end(self.at, self.out.depth() > 0) {
                self.note(Kind::Comment);
                self.at = end;
            } else {
                return;
            }
        }
    }

    fn member(&mut self) {
        match self.source.at(self.at) {
            b',' | b';' => self.comma(),
            b':' | b'\\' => self.stray(),
            byte @ (b'}' | b']') => self.closer(byte == b'}'),
            b'{' | b'[' => self.nameless_container(),
            _ if self.is_stray_quote() => self.stray_quote(),
            _ if self.source.quote_at(self.at).is_some() => self.quoted_name(),
            _ => self.bare_name(),
        }
    }

    fn element(&mut self) {
        match self.source.at(self.at) {
            b',' | b';' => self.comma(),
            b':' | b'\\' => self.stray(),
            byte @ (b'}' | b']') => self.closer(byte == b'}'),
            _ => {
                self.value(Place::Element);
            }
        }
    }

    fn comma(&mut self) {
        let extra = self.out.top().is_some_and(|frame| frame.comma || frame.count == 0);
        if extra || self.source.at(self.at) == b';' {
            self.note(Kind::ExtraComma);
        }
        if let Some(frame) = self.out.top_mut() {
            frame.comma = frame.count > 0;
        }
        self.at = next(self.at);
    }

    /// Drops one byte.
    fn stray(&mut self) {
        let colon = self.source.at(self.at) == b':';
        self.note(if colon { Kind::ExtraColon } else { Kind::StrayText });
        self.at = next(self.at);
    }

    /// Drops what stands up to there.
    pub(super) fn drop_to(&mut self, end: usize, kind: Kind) {
        self.note(kind);
        self.at = end.max(next(self.at));
    }

    pub(super) fn note_separator(&mut self) {
        if self.out.top().is_some_and(|frame| frame.count > 0 && !frame.comma) {
            self.note(Kind::MissingComma);
        }
    }

    /// Whether another quote than a double one stands here, in a document that has double ones,
    /// and no string that it would begin has an end.
    fn is_stray_quote(&self) -> bool {
        let odd = matches!(self.source.quote_at(self.at), Some((quote, _)) if quote != Quote::Double);
        odd && self.seen.double_quotes > self.seen.odd_quotes
            && !matches!(self.source.ahead(self.at), Ahead::Name | Ahead::Delimited)
    }

    fn stray_quote(&mut self) {
        let length = self.source.quote_at(self.at).map_or(1, |(_, length)| length);
        self.drop_to(self.at.saturating_add(length), Kind::ExtraQuote);
    }

    /// Something seems to be lost here, brackets perhaps among it.
    pub(super) fn tear(&mut self) {
        let depth = self.out.depth();
        self.torn = Some(self.torn.map_or(depth, |torn| torn.min(depth)));
    }

    fn read_string(&mut self, place: Place) -> Option<StringToken> {
        let source = self.source;
        let (quote, length) = source.quote_at(self.at)?;
        let start = self.at.saturating_add(length);
        let mut token =
            StringReader { source, place, quote, start, trusted: self.trusted }.read();
        match quote {
            Quote::Double => {}
            Quote::Single | Quote::Back => self.note(Kind::SingleQuotes),
            Quote::SmartDouble | Quote::SmartSingle => self.note(Kind::SmartQuotes),
        }
        let seen = &mut self.seen;
        if quote == Quote::Double {
            seen.double_quotes = next(seen.double_quotes);
        } else {
            seen.odd_quotes = next(seen.odd_quotes);
        }
        match token.how {
            End::Closed | End::Cut => {}
            End::ClosedBeforeStray => self.report.add(Kind::StrayText, token.end),
            End::Missing => {
                self.tear();
                self.report.add(Kind::MissingQuote, token.end);
            }
            End::StrayOpening => self.note(Kind::ExtraQuote),
        }
        if token.inner {
            self.tear();
        }
        if token.how == End::Cut
            && let Some(end) = self.without_closers(token.start)
        {
            self.report.add(Kind::MissingQuote, end);
            token = StringToken { end, resume: end, how: End::Missing, ..token };
        }
        Some(token)
    }

    /// Where the text from here on ends with exactly the brackets that close all that is open, the
    /// place before them.
    fn without_closers(&self, start: usize) -> Option<usize> {
        if self.cut {
            return None;
        }
        let mut end = self.source.len();
        for object in self.out.objects() {
            let (at, byte) = self.source.before(start, end)?;
            if byte != (if object { b'}' } else { b']' }) {
                return None;
            }
            end = at;
        }
        let content = self.source.before(start, end).map_or(start, |(at, _)| next(at));
        let escaped = self.source.slice(start, content).ends_with(b"\\\"");
        Some(if escaped { content.saturating_sub(2) } else { content })
    }

    fn quoted_name(&mut self) {
        let Some(mut token) = self.read_string(Place::Name) else { return self.stray() };
        match token.how {
            End::StrayOpening => {
                self.at = token.start;
                return;
            }
            End::Cut => return self.drop_to(token.end, Kind::Truncated),
            End::Missing => {
                let colon = self.source.find(token.start, |byte| byte == b':');
                if colon < token.end {
                    // The end of the text was taken for that of the name, with the value in it.
                    token.end = colon;
                    token.resume = colon;
                } else if self.source.at(self.source.skip_blank(token.resume)) != b':' {
                    return self.drop_to(token.resume, Kind::Incomplete);
                }
            }
            End::Closed | End::ClosedBeforeStray => {}
        }
        self.seen.strings = next(self.seen.strings);
        self.after_name(token.start..token.end, token.resume, Spelling::Quoted);
    }

    fn bare_name(&mut self) {
        let source = self.source;
        let stop = self.bare_name_stop();
        let end = source.before(self.at, stop).map_or(stop, |(last, _)| next(last));
        let name = self.at..end;
        if let Some((_, length)) = source.quote_at(stop) {
            let behind = stop.saturating_add(length);
            if source.at(source.skip_blank(behind)) == b':' {
                self.report.add(Kind::MissingQuote, self.at);
                self.tear();
                return self.after_name(self.at..stop, behind, Spelling::Quoted);
            }
            self.tear();
            let reader = StringReader {
                source,
                place: Place::Member,
                quote: Quote::Double,
                start: self.at,
                trusted: 0,
            };
            let closes = matches!(reader.judge(stop, behind, 0), Verdict::Ends(_));
            return self.drop_to(if closes { behind } else { stop }, Kind::StrayText);
        }
        match source.at(source.skip_blank(stop)) {
            b':' | b'=' => {
                self.note(Kind::UnquotedName);
                self.after_name(name, stop, Spelling::Bare);
            }
            b',' | b'}' | b']' if self.wants_array(stop) && is_scalar(source.slice(self.at, end)) => {
                self.wrap_last_value();
            }
            _ if source.is_end(stop) => self.drop_to(stop, Kind::Truncated),
            _ => self.drop_to(stop, Kind::StrayText),
        }
    }

    /// Where the word ends that stands where a name should be.
    fn bare_name_stop(&self) -> usize {
        let source = self.source;
        let mut at = self.at;
        loop {
            at = source.find(at, |byte| {
                matches!(
                    byte,
                    b':' | b'=' | b',' | b';' | b'}' | b']' | b'{' | b'[' | b'\n' | b'"' | b'\''
                )
            });
            let apostrophe = at > self.at && source.at(at) == b'\'' && source.at(at.saturating_sub(1)).is_ascii_alphanumeric();
            if !apostrophe || source.at(source.skip_space(next(at))) == b':' {
                return at;
            }
            at = next(at);
        }
    }

    /// Goes on behind a name: a member if a value follows.
    fn after_name(&mut self, name: Range<usize>, resume: usize, spelling: Spelling) {
        let source = self.source;
        let behind = source.skip_blank(resume);
        match source.at(behind) {
            _ if source.is_end(behind) => return self.drop_to(behind, Kind::Truncated),
            b',' | b';' | b'}' | b']' if self.wants_array(behind) => return self.wrap_last_value(),
            _ => {}
        }
        self.mend(resume);
        self.note_indent();
        self.note_separator();
        self.seen.members = next(self.seen.members);
        let bytes = source.slice(name.start, name.end);
        let mut kinds = Kinds::new();
        self.out.member(name.clone(), |text| kinds = strings::write(text, bytes, spelling));
        self.report.add_all(kinds, name.start);
        self.at = resume;
        self.skip();
        match source.at(self.at) {
            b':' => self.at = next(self.at),
            b'=' => {
                self.note(Kind::MissingColon);
                let arrow = source.at(next(self.at)) == b'>';
                self.at = self.at.saturating_add(if arrow { 2 } else { 1 });
            }
            b',' | b';' | b'}' | b']' => {}
            _ => self.note(Kind::MissingColon),
        }
        while self.member_value() == Step::Again {}
    }

    fn member_value(&mut self) -> Step {
        self.skip();
        let source = self.source;
        match source.at(self.at) {
            _ if source.is_end(self.at) => self.null(Kind::Truncated),
            b'}' | b']' => self.null(Kind::MissingValue),
            b',' | b';' => {
                let beyond = source.skip_blank(next(self.at));
                let value = matches!(source.ahead(beyond), Ahead::Delimited)
                    || source.quote_at(beyond).is_none()
                        && (source.begins_value(beyond)
                            || words::keyword_at(source, beyond).is_some())
                        && source.bare_name_end(beyond).is_none();
                if value {
                    self.note(Kind::ExtraComma);
                    self.at = beyond;
                    return Step::Again;
                }
                self.null(Kind::MissingValue);
            }
            b':' | b'\\' => {
                self.stray();
                return Step::Again;
            }
            _ => return self.value(Place::Member),
        }
        Step::Done
    }

    fn null(&mut self, kind: Kind) {
        self.note(kind);
        self.out.scalar(b"null");
    }

    fn value(&mut self, place: Place) -> Step {
        match self.source.at(self.at) {
            b'{' | b'[' => {
                if place == Place::Element {
                    self.begin_element();
                }
                self.open();
                Step::Done
            }
            _ if self.is_stray_quote() => {
                self.stray_quote();
                Step::Again
            }
            _ if self.source.quote_at(self.at).is_some() => self.string(place),
            _ => self.bare(place),
        }
    }

    /// Remembers the column of the first thing in a container.
    fn note_indent(&mut self) {
        let first = self.out.top().is_some_and(|frame| frame.count == 0);
        let column = if first { self.source.column(self.at) } else { None };
        if let Some(frame) = self.out.top_mut().filter(|_| first) {
            frame.indent = column;
        }
    }

    pub(super) fn begin_element(&mut self) {
        self.note_separator();
        self.note_indent();
        self.out.element();
    }

    /// Opens the container that begins here.
    fn open(&mut self) {
        if self.out.depth() >= self.deepest {
            self.note(Kind::TooDeep);
            self.out.scalar(b"null");
            self.skip_container();
            return;
        }
        self.out.open(self.source.at(self.at) == b'{');
        self.seen.containers = next(self.seen.containers);
        self.at = next(self.at);
    }

    /// Goes on behind the container that begins here, whatever is in it.
    fn skip_container(&mut self) {
        let mut depth = 0_usize;
        loop {
            self.at = self.source.find(self.at, |byte| {
                matches!(byte, b'{' | b'[' | b'}' | b']' | b'"')
            });
            match self.source.at(self.at) {
                b'{' | b'[' => depth = next(depth),
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => {
                    let end = self.source.next_mark(next(self.at), Quote::Double);
                    self.at = end.map_or(self.source.len(), |(at, _)| at);
                }
                _ => return,
            }
            self.at = next(self.at);
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self, place: Place) -> Step {
        let Some(token) = self.read_string(place) else { return Step::Done };
        if token.how == End::StrayOpening {
            self.at = token.start;
            return Step::Again;
        }
        let source = self.source;
        let behind = source.skip_blank(token.resume);
        if token.how == End::Closed && source.at(behind) == b':' {
            let value = source.skip_blank(next(behind));
            let delimited =
                source.is_end(value) || matches!(source.at(value), b',' | b'}' | b']' | b';');
            if !delimited {
                return self.name_for_value(place, token.start..token.end);
            }
        }
        self.seen.strings = next(self.seen.strings);
        self.write_string(place, token);
        Step::Done
    }

    fn write_string(&mut self, place: Place, token: StringToken) {
        if place == Place::Element {
            self.begin_element();
        }
        let spelling = if token.how == End::Cut { Spelling::Cut } else { Spelling::Quoted };
        if token.how == End::Cut {
            self.report.add(Kind::Truncated, token.end);
        }
        self.write_text(token.start, token.end, spelling);
        self.at = token.resume;
    }

    pub(super) fn write_text(&mut self, start: usize, end: usize, spelling: Spelling) {
        let bytes = self.source.slice(start, end);
        let mut kinds = Kinds::new();
        self.out.string(|text| kinds = strings::write(text, bytes, spelling));
        self.report.add_all(kinds, start);
    }

    /// A value without quotes.
    fn bare(&mut self, place: Place) -> Step {
        let source = self.source;
        let start = self.at;
        let stop = self.word_end(start, place);
        let quote = source.quote_at(stop);
        if let Some((_, length)) = quote {
            let behind = stop.saturating_add(length);
            if source.at(source.skip_blank(behind)) == b':' && source.ahead(stop) != Ahead::Name {
                self.report.add(Kind::MissingQuote, start);
                return self.name_for_value(place, start..stop);
            }
        }
        let end = source.before(start, stop).map_or(stop, |(last, _)| next(last));
        let word = source.slice(start, end);
        if quote.is_none() || source.ahead(stop) == Ahead::Name {
            if self.scalar(place, word, stop) {
                return Step::Done;
            }
            if let Some(end) = self.scalar_before_another(place, start, end) {
                return end;
            }
        }
        let opener = source.skip_space(stop);
        let near = opener == stop || word.len() <= 1;
        if matches!(source.at(opener), b'{' | b'[') && near || (quote.is_some() && word.len() <= 1) {
            let inside = source.skip_space(next(opener));
            let opens = quote.is_some() && source.ahead(stop) == Ahead::Delimited
                || quote.is_none()
                    && (matches!(source.ahead(inside), Ahead::Name | Ahead::Delimited)
                        || matches!(source.at(inside), b'{' | b'[' | b'}' | b']')
                        || source.at(opener) == b'[' && source.begins_value(inside));
            if opens {
                self.drop_to(stop, Kind::StrayText);
                return Step::Again;
            }
        }
        if let Some(quote) = self.closing_quote(place, start) {
            self.report.add(Kind::MissingQuote, start);
            let resume = next(quote);
            let how = End::Closed;
            let token = StringToken { start, end: quote, resume, how, inner: false };
            self.seen.strings = next(self.seen.strings);
            self.write_string(place, token);
            return Step::Done;
        }
        self.bare_string(place, start, stop);
        Step::Done
    }

    /// The end of the word without quotes that begins here.
    fn word_end(&self, start: usize, place: Place) -> usize {
        let source = self.source;
        let mut at = start;
        loop {
            at = source.find(at, |byte| {
                matches!(byte, b',' | b'}' | b']' | b'{' | b'[' | b'\n' | b'"' | b'\'' | b'/' | b'#')
            });
            let apart = at == start || source.at(at.saturating_sub(1)).is_ascii_whitespace();
            let comment = matches!(source.at(at), b'/' | b'#')
                && (apart || source.at(next(at)) == b'*')
                && source.comment_end(at, true).is_some();
            let apostrophe = source.at(at) == b'\'' && at > start && place != Place::Name;
            if comment || !(apostrophe || matches!(source.at(at), b'/' | b'#')) {
                return at;
            }
            at = next(at);
        }
    }

    /// Writes a keyword or a number.
    fn scalar(&mut self, place: Place, word: &[u8], stop: usize) -> bool {
        let at_end = self.source.is_end(stop);
        let mut respelled = String::new();
        let (text, kind): (&[u8], _) = if let Some(json) = words::keyword(word) {
            (json.as_bytes(), (!words::is_json(word)).then_some(Kind::ForeignKeyword))
        } else if let Some(json) = words::completed(word).filter(|_| at_end) {
            (json.as_bytes(), Some(Kind::Truncated))
        } else {
            match number(word) {
                Number::Exact | Number::Respelled(_) if at_end && self.cut => {
                    (b"null".as_slice(), Some(Kind::CutNumber))
                }
                Number::Exact => (word, None),
                Number::Respelled(text) => {
                    respelled = text;
                    (respelled.as_bytes(), Some(Kind::Number))
                }
                Number::Unfinished if at_end => (b"null".as_slice(), Some(Kind::CutNumber)),
                Number::Unfinished | Number::None => return false,
            }
        };
        if place == Place::Element {
            self.begin_element();
        }
        if let Some(kind) = kind {
            self.note(kind);
        }
        self.out.scalar(text);
        drop(respelled);
        self.at = stop;
        true
    }

    /// Writes a keyword or number that another value, or the next name, follows with nothing but
    /// white space between.
    fn scalar_before_another(&mut self, place: Place, start: usize, end: usize) -> Option<Step> {
        let source = self.source;
        let first = source.find(start, |byte| byte.is_ascii_whitespace()).min(end);
        let rest = source.skip_space(first);
        if first >= end || rest >= end {
            return None;
        }
        let another = match place {
            Place::Member => source.bare_name_end(rest).is_some(),
            _ => is_scalar(source.slice(rest, source.find(rest, |b| b.is_ascii_whitespace()).min(end))),
        };
        (another && self.scalar(place, source.slice(start, first), first)).then_some(Step::Done)
    }

    /// The quote that closes the string whose opening quote is missing here.
    fn closing_quote(&self, place: Place, start: usize) -> Option<usize> {
        let source = self.source;
        let quote = source.next_double_quote(start);
        let near = quote < start.saturating_add(512) && !source.is_end(quote);
        if !near || source.next_newline(start) < quote || !source.pay(quote.saturating_sub(start)) {
            return None;
        }
        let (_, before) = source.before(start, quote)?;
        if matches!(before, b',' | b':' | b'[' | b'{') && source.ahead(quote) != Ahead::Text {
            return None;
        }
        let reader = StringReader { source, place, quote: Quote::Double, start, trusted: 0 };
        matches!(reader.judge(quote, next(quote), 0), Verdict::Ends(_)).then_some(quote)
    }

    /// Writes a word as a string, quotes inside it included.
    fn bare_string(&mut self, place: Place, start: usize, stop: usize) {
        let source = self.source;
        let mut stop = stop;
        if source.quote_at(stop).is_some() && source.ahead(stop) != Ahead::Name
            || matches!(source.at(stop), b'{' | b'[')
        {
            stop = source.find(stop, |byte| matches!(byte, b',' | b'}' | b']' | b'\n'));
        }
        let end = source.before(start, stop).map_or(stop, |(last, _)| next(last));
        if end <= start {
            return self.drop_to(next(start), Kind::StrayText);
        }
        let junk = self.out.top().is_some_and(|frame| frame.count > 0 && !frame.comma);
        if place == Place::Element && junk && end == next(start) {
            return self.drop_to(stop, Kind::StrayText);
        }
        if place == Place::Element {
            self.begin_element();
        }
        let digit = source.at(start).is_ascii_digit();
        self.note(if digit { Kind::Number } else { Kind::UnquotedValue });
        if source.is_end(stop) {
            self.report.add(Kind::Truncated, stop);
        }
        self.write_text(start, end, Spelling::Bare);
        self.at = stop;
    }

    /// A name where a value should be.
    fn name_for_value(&mut self, place: Place, name: Range<usize>) -> Step {
        if place == Place::Member {
            let more = self.surplus(self.at).is_some_and(|surplus| surplus > 0);
            self.tear();
            if !more || !self.open_missing() {
                self.null(Kind::MissingValue);
            }
            return Step::Done;
        }
        self.name_in_array(name);
        Step::Done
    }
}

/// Whether a word is a value that needs no quotes.
fn is_scalar(word: &[u8]) -> bool {
    words::keyword(word).is_some() || matches!(number(word), Number::Exact | Number::Respelled(_))
}
