//! The walk through a document: what stands where, and the small steps that all of it is made of.

use super::super::Kind;
use super::ahead::Quote;
use super::balance::Balance;
use super::output::Output;
use super::quotes::{End, Place, StringReader, StringToken};
use super::report::Report;
use super::source::{Source, next};
use super::space::is_plain;
use super::strings::Spelling;

/// A walk through one text.
pub(super) struct Walk<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    /// Where it has come to.
    pub(super) at: usize,
    pub(super) out: Output,
    pub(super) report: Report,
    /// Whether the body was cut short behind this text.
    pub(super) cut: bool,
    /// Containers deeper than this become `null`.
    pub(super) deepest: usize,
    /// Double quotes before this place are what they seem to be.
    pub(super) trusted: usize,
    /// The brackets ahead, once something made it necessary to look at them.
    pub(super) balance: Option<Balance>,
    /// How many containers were open where something seems to be lost.
    pub(super) torn: Option<usize>,
    /// From where to where the last word without quotes was looked for.
    pub(super) word_stop: Option<(usize, usize)>,
    pub(super) seen: Seen,
}

/// How much there was so far of what a document is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Strings in double quotes.
    pub(super) double_quoted: usize,
    /// Strings in other quotes.
    pub(super) otherwise_quoted: usize,
    pub(super) members: usize,
    pub(super) containers: usize,
}

impl Seen {
    /// Whether strings are in double quotes, mostly.
    pub(super) fn has_double_quotes(self) -> bool {
        self.double_quoted > self.otherwise_quoted
    }

    pub(super) fn strings(self) -> usize {
        self.double_quoted.saturating_add(self.otherwise_quoted)
    }
}

impl<'s, 'a> Walk<'s, 'a> {
    /// A walk that begins here.
    pub(super) fn new(source: &'s Source<'a>, at: usize, report: Report) -> Self {
        Self {
            source,
            at,
            out: Output::default(),
            report,
            cut: false,
            deepest: super::output::DEEPEST,
            trusted: 0,
            balance: None,
            torn: None,
            word_stop: None,
            seen: Seen::default(),
        }
    }

    /// Reads one document that is an array or an object, to the end of it or of the text. Its
    /// beginning may have been copied.
    pub(super) fn document(&mut self) {
        if self.out.depth() == 0 {
            self.open();
        }
        while self.out.depth() > 0 {
            self.source.done(self.at);
            self.skip();
            if self.source.is_end(self.at) {
                self.note(Kind::Truncated);
                while self.out.depth() > 0 {
                    self.out.close();
                }
            } else {
                self.step();
            }
        }
    }

    /// Reads what stands here inside a container.
    fn step(&mut self) {
        match self.source.at(self.at) {
            b',' | b';' => self.comma(),
            b':' | b'\\' => self.stray(),
            byte @ (b'}' | b']') => self.closer(byte == b'}'),
            _ if !self.in_object() => match self.source.ellipsis_end(self.at) {
                Some(end) => self.drop_to(end, Kind::StrayText),
                None => drop(self.value(Place::Element)),
            },
            b'{' | b'[' => self.nameless_container(),
            _ => self.member(),
        }
    }

    pub(super) fn in_object(&self) -> bool {
        self.out.top().is_some_and(|frame| frame.object)
    }

    /// Reports a repair here.
    pub(super) fn note(&mut self, kind: Kind) {
        self.report.add(kind, self.at);
    }

    /// Goes on to what is neither white space nor a comment.
    pub(super) fn skip(&mut self) {
        let source = self.source;
        while !is_plain(source.at(self.at)) {
            self.at = source.skip_json_space(self.at);
            if is_plain(source.at(self.at)) {
                return;
            }
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

    /// Drops one sign that means nothing here.
    pub(super) fn stray(&mut self) {
        let colon = self.source.at(self.at) == b':';
        self.drop_to(next(self.at), if colon { Kind::ExtraColon } else { Kind::StrayText });
    }

    /// Drops what stands up to there, one character at least.
    pub(super) fn drop_to(&mut self, end: usize, kind: Kind) {
        self.note(kind);
        self.at = end.max(next(self.at));
        while matches!(self.source.at(self.at), 0x80..0xc0) {
            self.at = next(self.at);
        }
    }

    /// Begins an element of the innermost array.
    pub(super) fn begin_element(&mut self) {
        self.note_separator();
        self.note_indent();
        self.out.element();
    }

    pub(super) fn note_separator(&mut self) {
        if self.out.top().is_some_and(|frame| frame.count > 0 && !frame.comma) {
            self.note(Kind::MissingComma);
        }
    }

    /// Remembers the column of the first thing in a container.
    pub(super) fn note_indent(&mut self) {
        let first = self.out.top().is_some_and(|frame| frame.count == 0);
        let column = if first { self.source.column(self.at) } else { None };
        if let Some(frame) = self.out.top_mut().filter(|_| first) {
            frame.indent = column;
        }
    }

    /// Opens the container that begins here: the value of the member or element that was begun.
    pub(super) fn open(&mut self) {
        if self.out.depth() >= self.deepest {
            self.note(Kind::TooDeep);
            self.out.scalar(b"null");
            return self.skip_container();
        }
        if self.copy_container() {
            return;
        }
        self.out.open(self.source.at(self.at) == b'{');
        self.seen.containers = next(self.seen.containers);
        self.at = next(self.at);
    }

    /// Goes on behind the container that begins here, whatever is in it.
    fn skip_container(&mut self) {
        let source = self.source;
        let mut depth = 0_usize;
        loop {
            self.at = source.find(self.at, |byte| matches!(byte, b'{' | b'[' | b'}' | b']' | b'"'));
            match source.at(self.at) {
                b'{' | b'[' => depth = next(depth),
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => {
                    let end = source.next_mark(next(self.at), Quote::Double);
                    self.at = end.map_or(source.len(), |(at, _)| at);
                }
                _ => return,
            }
            self.at = next(self.at);
            if depth == 0 {
                return;
            }
        }
    }

    /// Whether a quote other than a double one stands here in a document that has double ones, and
    /// no string that it would begin has an end.
    pub(super) fn is_stray_quote(&self) -> bool {
        !self.source.is_string_at(self.at, self.seen.has_double_quotes())
    }

    pub(super) fn drop_quote(&mut self) {
        let length = self.source.quote_at(self.at).map_or(1, |(_, length)| length);
        self.drop_to(self.at.saturating_add(length), Kind::ExtraQuote);
    }

    /// Reads the string that begins here to its end, and reports what is wrong with it.
    pub(super) fn read_string(&mut self, place: Place) -> Option<StringToken> {
        let source = self.source;
        let (quote, length) = source.quote_at(self.at)?;
        let start = self.at.saturating_add(length);
        let reader = StringReader { source, place, quote, start, trusted: self.trusted };
        let mut token = reader.read();
        if let Some(kind) = quote.kind() {
            self.note(kind);
        }
        let count = match quote {
            Quote::Double => &mut self.seen.double_quoted,
            _ => &mut self.seen.otherwise_quoted,
        };
        *count = next(*count);
        if token.how == End::Cut
            && let Some(end) = self.without_closers(start)
        {
            token = StringToken { end, resume: end, how: End::Missing, ..token };
        }
        match token.how {
            End::Closed => {}
            End::ClosedBeforeStray => self.report.add(Kind::StrayText, token.end),
            End::Missing => self.report.add(Kind::MissingQuote, token.end),
            End::StrayOpening => self.note(Kind::ExtraQuote),
            End::Cut => self.report.add(Kind::Truncated, token.end),
        }
        if token.inner || token.how == End::Missing {
            self.tear();
        }
        Some(token)
    }

    /// Where the text from here on ends with exactly the brackets that close all that is open: the
    /// place before them.
    fn without_closers(&self, start: usize) -> Option<usize> {
        if self.cut || !self.source.may_look_ahead() {
            return None;
        }
        let mut end = self.source.len();
        for object in self.out.objects().rev() {
            let (at, byte) = self.source.before(start, end)?;
            if byte != (if object { b'}' } else { b']' }) {
                return None;
            }
            end = at;
        }
        let content = self.source.before(start, end).map_or(start, |(at, _)| next(at));
        Some(self.source.without_escaped_quote(start, content))
    }

    /// Writes a string with this content.
    pub(super) fn write_text(&mut self, start: usize, end: usize, spelling: Spelling) {
        let bytes = self.source.slice(start, end);
        let kinds = self.out.string(bytes, spelling);
        self.report.add_all(kinds, start);
    }
}
