//! Where a string ends: telling the quote that closes it from those that belong to its text, and
//! from those that open the next string where the closing one is missing.

use super::ahead::{Ahead, Quote};
use super::source::{Source, next};
use super::words::{is_name_byte, keyword_at};

/// Names that are longer are not taken for one without its closing quote.
const LONGEST_NAME: usize = 512;

/// What kind of string is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A member's name.
    Name,
    /// A member's value.
    Member,
    /// An element of an array.
    Element,
    /// The whole document.
    Root,
}

/// Where a string ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At its closing quote.
    Closed,
    /// At its closing quote; something between that and `resume` is to be dropped.
    ClosedBeforeStray,
    /// Where its closing quote is missing.
    Missing,
    /// At its beginning: the quote that opened it is one too many.
    StrayOpening,
    /// With the text.
    Cut,
}

/// A string in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StringToken {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where to go on reading.
    pub(super) resume: usize,
    pub(super) how: End,
    /// Whether there are quotes inside that nothing escapes.
    pub(super) inner: bool,
}

/// What one quote inside a string is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The end of the string; reading goes on there.
    Ends(usize),
    /// The end, but what stands up to there is to be dropped.
    EndsBeforeStray(usize),
    /// The beginning of something else: the string has ended before it, and reading goes on there.
    Missing { end: usize, resume: usize },
    /// The real opening quote, its predecessor being stray.
    Reopens,
    /// Text.
    Inner,
}

/// A string that is being read.
pub(super) struct StringReader<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    pub(super) place: Place,
    pub(super) quote: Quote,
    /// Where its content begins.
    pub(super) start: usize,
    /// Up to here, quotes are what they seem to be.
    pub(super) trusted: usize,
}

impl StringReader<'_, '_> {
    /// Reads to the end of the string.
    pub(super) fn read(&self) -> StringToken {
        // A name that was looked at before, to tell where the value before it ends.
        let seen = self.source.name_seen_ahead(self.start.saturating_sub(1));
        if self.place == Place::Name
            && let Some(end) = seen
            && !self.source.slice(self.start, end).contains(&b':')
        {
            let (start, resume, how) = (self.start, next(end), End::Closed);
            return StringToken { start, end, resume, how, inner: false };
        }
        let mut from = self.start;
        let mut inner = 0_usize;
        while let Some((at, length)) = self.source.next_mark(from, self.quote) {
            let after = at.saturating_add(length);
            let plain = self.place == Place::Root || at < self.trusted;
            let token = |end, resume, how| {
                let inner = inner > 0 && how == End::Closed;
                StringToken { start: self.start, end, resume, how, inner }
            };
            let verdict = if plain { Verdict::Ends(after) } else { self.judge(at, after, inner) };
            match verdict {
                Verdict::Ends(resume) => return token(at, resume, End::Closed),
                Verdict::EndsBeforeStray(resume) => {
                    return token(at, resume, End::ClosedBeforeStray);
                }
                Verdict::Missing { end, resume } => return token(end, resume, End::Missing),
                Verdict::Reopens => return token(self.start, self.start, End::StrayOpening),
                Verdict::Inner => inner = next(inner),
            }
            from = after;
        }
        let end = self.source.len();
        StringToken { start: self.start, end, resume: end, how: End::Cut, inner: false }
    }

    /// What the quote at `at` is, `after` being the place behind it.
    pub(super) fn judge(&self, at: usize, after: usize, inner: usize) -> Verdict {
        let source = self.source;
        if !source.may_look_ahead() {
            return Verdict::Ends(after);
        }
        // No name and no element of a kind that is met begins with one of these.
        let opens = !matches!(source.at(after), b',' | b'}' | b']' | b':');
        if opens && let Some(verdict) = self.opens_the_next(at, after) {
            return verdict;
        }
        let behind = source.skip_blank(after);
        if source.is_end(behind) {
            return Verdict::Ends(after);
        }
        let even = inner.is_multiple_of(2);
        let byte = source.at(behind);
        if self.place == Place::Name {
            return self.judge_name(at, after, behind);
        }
        let ends = match byte {
            b',' => self.goes_on_after_comma(next(behind), even),
            b'}' | b']' => self.goes_on_after_closer(next(behind), even),
            b':' => inner == 0,
            b'{' | b'[' => even && (self.is_container(behind) || self.stands_apart(after, behind)),
            _ if source.quote_at(behind).is_some() => {
                return self.judge_before_quote(after, behind, even);
            }
            _ if even && self.stands_apart(after, behind) => true,
            _ => {
                let next_member = self.place == Place::Member
                    && source.has_newline(after, behind)
                    && source.bare_name_end(behind).is_some();
                if !next_member && even && self.is_stray_byte(at, behind) {
                    return Verdict::EndsBeforeStray(next(behind));
                }
                next_member
            }
        };
        if ends { Verdict::Ends(after) } else { Verdict::Inner }
    }

    /// Whether the quote does not close this string but opens the next one: a name or an element
    /// stands right behind it, and a comma or an opening bracket before it.
    fn opens_the_next(&self, at: usize, after: usize) -> Option<Verdict> {
        let source = self.source;
        let (last, before) = source.before(self.start, at)?;
        let own_line = source.has_newline(last, at);
        let plausible = match (self.place, source.ahead(at)) {
            (Place::Name, Ahead::Name) => matches!(before, b',' | b'{') || own_line,
            (Place::Name, _) if before == b':' || matches!(before, b'[' | b'{') => {
                return self.name_end(at);
            }
            (_, Ahead::Name) => matches!(before, b',' | b'{') || own_line || self.is_torn(last, at),
            (Place::Element, Ahead::Delimited) => {
                matches!(before, b',' | b'[') && source.ahead(after) != Ahead::Name
            }
            _ => false,
        };
        if !plausible {
            return None;
        }
        if self.place == Place::Name {
            let end = self.structure_start(at);
            return Some(self.name_end(at).unwrap_or(Verdict::Missing { end, resume: end }));
        }
        Some(self.missing_at(at))
    }

    /// Whether a name that begins at this quote stands where no sentence would have one.
    fn is_torn(&self, last: usize, at: usize) -> bool {
        let source = self.source;
        let gap = at.saturating_sub(next(last));
        if gap == 1 || matches!(source.at(last), b'=' | b'(') {
            return false;
        }
        let Some((quote, length)) = source.quote_at(at) else { return false };
        let end = source.next_mark(at.saturating_add(length), quote).map_or(at, |(end, _)| end);
        let colon = source.skip_blank(next(end));
        let value = source.skip_blank(next(colon));
        source.begins_value(value) || keyword_at(source, value).is_some()
    }

    /// The verdict for a string that ended somewhere before this quote, which opens the next.
    fn missing_at(&self, at: usize) -> Verdict {
        let line = self.source.next_newline(self.start).min(at);
        let end = self.structure_start(line);
        if end > self.start {
            let content = self.source.without_escaped_quote(self.start, end);
            return Verdict::Missing { end: content, resume: end };
        }
        let opener = matches!(self.source.at(self.source.skip_space(self.start)), b'{' | b'[');
        if opener { Verdict::Reopens } else { Verdict::Missing { end, resume: end } }
    }

    /// The beginning of the brackets, commas and white space that end right before this place.
    fn structure_start(&self, at: usize) -> usize {
        self.source
            .last(self.start, at, |byte| {
                !matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':')
                    && !byte.is_ascii_whitespace()
            })
            .map_or(self.start, next)
    }

    /// Where a name without its closing quote ends: at the first colon that a value follows.
    fn name_end(&self, limit: usize) -> Option<Verdict> {
        let source = self.source;
        let length = limit.saturating_sub(self.start);
        if length > LONGEST_NAME {
            return None;
        }
        let content = source.slice(self.start, limit).iter().enumerate();
        let colons = content.filter(|(_, byte)| **byte == b':').map(|(at, _)| at);
        let colon = colons.map(|at| self.start.saturating_add(at)).find(|colon| {
            let value = source.skip_space(next(*colon));
            source.begins_value(value) || keyword_at(source, value).is_some()
        })?;
        Some(Verdict::Missing { end: self.structure_start(colon), resume: colon })
    }

    fn judge_name(&self, at: usize, after: usize, behind: usize) -> Verdict {
        let source = self.source;
        if at == self.start && source.at(behind) != b':' && source.ahead(at) == Ahead::Name {
            return Verdict::Reopens;
        }
        if let Some((_, length)) = source.quote_at(behind) {
            let beyond = behind.saturating_add(length);
            if source.at(source.skip_space(beyond)) == b':' {
                return Verdict::EndsBeforeStray(beyond);
            }
            let value = !matches!(source.ahead(behind), Ahead::Text);
            return if value { Verdict::Ends(after) } else { Verdict::Inner };
        }
        let ends = matches!(source.at(behind), b':' | b'=' | b',' | b'}' | b']')
            || source.begins_value(behind)
            || keyword_at(source, behind).is_some();
        if ends {
            return Verdict::Ends(after);
        }
        let value = source.skip_space(next(behind));
        let text = source.quote_at(value).is_some() && source.ahead(value) == Ahead::Text;
        if source.begins_value(value) && !text {
            return Verdict::EndsBeforeStray(next(behind));
        }
        Verdict::Inner
    }

    /// Whether a comma that ends here can be the one behind this string.
    fn goes_on_after_comma(&self, after: usize, even: bool) -> bool {
        let source = self.source;
        let mut at = source.skip_blank(after);
        while source.at(at) == b',' && source.pay(1) {
            at = source.skip_blank(next(at));
        }
        if source.is_end(at) {
            return true;
        }
        match (source.at(at), self.place) {
            (b'}' | b']', _) => true,
            (b'{' | b'[', _) => even || self.is_container(at),
            (b'0'..=b'9' | b'-', Place::Element) => even,
            _ if source.ellipsis_end(at).is_some() => even,
            _ if source.quote_at(at).is_some() => match source.ahead(at) {
                Ahead::Name | Ahead::Open => true,
                Ahead::Delimited | Ahead::Value => even,
                Ahead::Text => false,
            },
            (_, Place::Member) => source.bare_name_end(at).is_some(),
            _ => even && self.is_bare_element(at),
        }
    }

    /// Whether a closing bracket that ends here can be the one behind this string.
    fn goes_on_after_closer(&self, after: usize, even: bool) -> bool {
        let source = self.source;
        let at = source.skip_blank(after);
        if source.is_end(at) || matches!(source.at(at), b',' | b'}' | b']' | b')' | b';') {
            return true;
        }
        even && (source.begins_value(at) || source.has_newline(after, at))
    }

    /// Whether white space and then the elements that follow this one stand here, without commas.
    fn stands_apart(&self, after: usize, at: usize) -> bool {
        let element = self.place == Place::Element || self.source.ellipsis_end(at).is_some();
        element && at > after && self.source.values_follow(at)
    }

    /// What a quote is that another one follows.
    fn judge_before_quote(&self, after: usize, behind: usize, even: bool) -> Verdict {
        let source = self.source;
        let length = source.quote_at(behind).map_or(1, |(_, length)| length);
        let beyond = behind.saturating_add(length);
        let ahead = source.ahead(behind);
        if ahead == Ahead::Name {
            return Verdict::Ends(after);
        }
        let delimiter = source.skip_blank(beyond);
        let delimited = match source.at(delimiter) {
            b',' => self.goes_on_after_comma(next(delimiter), even),
            b'}' | b']' => self.goes_on_after_closer(next(delimiter), even),
            _ => source.is_end(delimiter),
        };
        if delimited {
            // The second of the two closes: the first is stray, or closes a quotation.
            let stray = even && !(self.place == Place::Element && ahead == Ahead::Delimited);
            return if stray { Verdict::EndsBeforeStray(beyond) } else { Verdict::Inner };
        }
        let element = self.place == Place::Element && ahead == Ahead::Delimited;
        if even && (element || self.stands_apart(after, behind)) {
            Verdict::Ends(after)
        } else {
            Verdict::Inner
        }
    }

    /// Whether one byte, put in or put in place of a comma, is all that separates this quote from
    /// what has to follow a closing one.
    fn is_stray_byte(&self, at: usize, behind: usize) -> bool {
        let source = self.source;
        // A quotation opens after a space or a sign; a string rarely closes there.
        let before = source.at(at.saturating_sub(1));
        if at > self.start && matches!(before, b' ' | b'=' | b'(' | b'\n') {
            return false;
        }
        let beyond = source.skip_blank(next(behind));
        match source.at(beyond) {
            b',' => self.goes_on_after_comma(next(beyond), true),
            b'}' | b']' => self.goes_on_after_closer(next(beyond), true),
            _ => match source.ahead(beyond) {
                Ahead::Name => true,
                Ahead::Delimited => self.place == Place::Element,
                _ => false,
            },
        }
    }

    fn is_container(&self, at: usize) -> bool {
        let inside = self.source.skip_space(next(at));
        match self.source.at(at) {
            b'{' => self.source.at(inside) == b'}' || self.source.ahead(inside) == Ahead::Name,
            _ => {
                matches!(self.source.at(inside), b']' | b'{' | b'[')
                    || self.source.ahead(inside) == Ahead::Delimited
            }
        }
    }

    /// Whether one bare word stands here, and an element's end behind it.
    fn is_bare_element(&self, at: usize) -> bool {
        let end = self.source.find(at, |byte| !is_name_byte(byte));
        let behind = self.source.skip_space(end);
        end > at && matches!(self.source.at(behind), b',' | b']')
    }
}
