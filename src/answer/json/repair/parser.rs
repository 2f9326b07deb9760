//! The parser: its position in the document, and the steps that the other files share.

use super::super::RepairKind;
use super::balance::Balance;
use super::lookahead::Quote;
use super::output::Output;
use super::quotes::{StringEnd, StringReader, StringRole, StringToken};
use super::report::Report;
use super::source::{Source, next};
use super::strings::StringSource;
use super::whitespace::is_token_start;

/// The parser of one text.
pub(super) struct Parser<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    /// The current position.
    pub(super) at: usize,
    pub(super) output: Output,
    pub(super) report: Report,
    /// Whether the end of the body is missing after this text.
    pub(super) truncated: bool,
    /// Containers deeper than this become `null`.
    pub(super) depth_limit: usize,
    /// Double quotes before this position certainly begin or end a string.
    pub(super) trusted_until: usize,
    /// The brackets ahead, read when a decision first needs them.
    pub(super) balance: Option<Balance>,
    /// The nesting depth at which a part of the text seems to be lost.
    pub(super) loss_depth: Option<usize>,
    /// Start and end of the last word without quotes.
    pub(super) word_end_cache: Option<(usize, usize)>,
    pub(super) counts: TokenCounts,
}

/// The numbers of strings, members and containers read so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TokenCounts {
    /// Strings in double quotes.
    pub(super) double_quoted: usize,
    /// Strings in other quotes.
    pub(super) other_quoted: usize,
    pub(super) members: usize,
    pub(super) containers: usize,
}

impl TokenCounts {
    /// Whether most strings are in double quotes.
    pub(super) fn has_double_quotes(self) -> bool {
        self.double_quoted > self.other_quoted
    }

    pub(super) fn strings(self) -> usize {
        self.double_quoted.saturating_add(self.other_quoted)
    }
}

impl<'s, 'a> Parser<'s, 'a> {
    /// A parser that begins at `at`.
    pub(super) fn new(source: &'s Source<'a>, at: usize, report: Report) -> Self {
        Self {
            source,
            at,
            output: Output::default(),
            report,
            truncated: false,
            depth_limit: super::output::MAX_DEPTH,
            trusted_until: 0,
            balance: None,
            loss_depth: None,
            word_end_cache: None,
            counts: TokenCounts::default(),
        }
    }

    /// Reads one document that is an array or an object, to its end or the end of the text. Its
    /// beginning may already be copied.
    pub(super) fn document(&mut self) {
        if self.output.depth() == 0 {
            self.open();
        }
        while self.output.depth() > 0 {
            self.source.done(self.at);
            self.skip_whitespace_and_comments();
            if self.source.is_end(self.at) {
                self.add_repair(RepairKind::Truncated);
                while self.output.depth() > 0 {
                    self.output.close();
                }
            } else {
                self.step();
            }
        }
    }

    /// Reads the next token inside a container.
    fn step(&mut self) {
        match self.source.byte_at(self.at) {
            b',' | b';' => self.comma(),
            b':' | b'\\' => self.drop_stray_byte(),
            byte @ (b'}' | b']') => self.closing_bracket(byte == b'}'),
            _ if !self.in_object() => match self.source.ellipsis_end(self.at) {
                Some(end) => self.drop_until(end, RepairKind::StrayText),
                None => drop(self.value(StringRole::Element)),
            },
            b'{' | b'[' => self.nameless_container(),
            _ => self.member(),
        }
    }

    pub(super) fn in_object(&self) -> bool {
        self.output.top().is_some_and(|frame| frame.object)
    }

    /// Reports a repair at the current position.
    pub(super) fn add_repair(&mut self, kind: RepairKind) {
        self.report.add(kind, self.at);
    }

    /// Skips whitespace and comments, and reports what is not JSON whitespace.
    pub(super) fn skip_whitespace_and_comments(&mut self) {
        let source = self.source;
        source.charge(1);
        while !is_token_start(source.byte_at(self.at)) {
            self.at = source.skip_json_whitespace(self.at);
            if is_token_start(source.byte_at(self.at)) {
                return;
            }
            let length = source.whitespace_length(self.at);
            if length > 0 {
                let is_space = length > 1 || matches!(source.byte_at(self.at), 0xb | 0xc);
                self.add_repair(if is_space {
                    RepairKind::OddSpace
                } else {
                    RepairKind::StrayControl
                });
                self.at = self.at.saturating_add(length);
            } else if let Some(end) = source.comment_end(self.at, self.output.depth() > 0) {
                self.add_repair(RepairKind::Comment);
                self.at = end;
            } else {
                return;
            }
        }
    }

    fn comma(&mut self) {
        let extra = self.output.top().is_some_and(|frame| frame.after_comma || frame.count == 0);
        if extra || self.source.byte_at(self.at) == b';' {
            self.add_repair(RepairKind::ExtraComma);
        }
        if let Some(frame) = self.output.top_mut() {
            frame.after_comma = frame.count > 0;
        }
        self.at = next(self.at);
    }

    /// Drops one byte that has no meaning here.
    pub(super) fn drop_stray_byte(&mut self) {
        let colon = self.source.byte_at(self.at) == b':';
        self.drop_until(
            next(self.at),
            if colon { RepairKind::ExtraColon } else { RepairKind::StrayText },
        );
    }

    /// Drops the text up to `end`, at least one character.
    pub(super) fn drop_until(&mut self, end: usize, kind: RepairKind) {
        self.add_repair(kind);
        self.at = end.max(next(self.at));
        while matches!(self.source.byte_at(self.at), 0x80..0xc0) {
            self.at = next(self.at);
        }
    }

    /// Begins an element of the innermost array.
    pub(super) fn begin_element(&mut self) {
        self.check_separator();
        self.record_indent();
        self.output.element();
    }

    pub(super) fn check_separator(&mut self) {
        if self.output.top().is_some_and(|frame| frame.count > 0 && !frame.after_comma) {
            self.add_repair(RepairKind::MissingComma);
        }
    }

    /// Records the column of the first element or name in a container.
    pub(super) fn record_indent(&mut self) {
        let first = self.output.top().is_some_and(|frame| frame.count == 0);
        let column = if first { self.source.column(self.at) } else { None };
        if let Some(frame) = self.output.top_mut().filter(|_| first) {
            frame.indent = column;
        }
    }

    /// Opens the container that begins here, as the value of the current member or element.
    pub(super) fn open(&mut self) {
        if self.output.depth() >= self.depth_limit {
            self.add_repair(RepairKind::TooDeep);
            self.output.literal("null");
            return self.skip_container();
        }
        if self.copy_container() {
            return;
        }
        self.output.open(self.source.byte_at(self.at) == b'{');
        self.counts.containers = next(self.counts.containers);
        self.at = next(self.at);
    }

    /// Skips the container that begins here, with its content.
    fn skip_container(&mut self) {
        let source = self.source;
        let mut depth = 0_usize;
        loop {
            self.at = source.find(self.at, |byte| matches!(byte, b'{' | b'[' | b'}' | b']' | b'"'));
            match source.byte_at(self.at) {
                b'{' | b'[' => depth = next(depth),
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => {
                    let end = source.next_closing_quote(next(self.at), Quote::Double);
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

    /// Whether the quote here is stray: it is not a double quote, the document uses double quotes,
    /// and the string that it would begin has no end.
    pub(super) fn is_stray_quote(&self) -> bool {
        !self.source.is_string_at(self.at, self.counts.has_double_quotes())
    }

    pub(super) fn drop_quote(&mut self) {
        let length = self.source.quote_at(self.at).map_or(1, |(_, length)| length);
        self.drop_until(self.at.saturating_add(length), RepairKind::ExtraQuote);
    }

    /// Reads the string that begins here to its end, and reports its damage.
    pub(super) fn read_string(&mut self, role: StringRole) -> Option<StringToken> {
        let source = self.source;
        let (quote, length) = source.quote_at(self.at)?;
        let start = self.at.saturating_add(length);
        let reader = StringReader { source, role, quote, start, trusted_until: self.trusted_until };
        let mut token = reader.read();
        if let Some(kind) = quote.repair_kind() {
            self.add_repair(kind);
        }
        let count = match quote {
            Quote::Double => &mut self.counts.double_quoted,
            _ => &mut self.counts.other_quoted,
        };
        *count = next(*count);
        if token.end_kind == StringEnd::Truncated
            && let Some(end) = self.without_closers(start)
        {
            token = StringToken { end, resume: end, end_kind: StringEnd::Missing, ..token };
        }
        match token.end_kind {
            StringEnd::Closed => {}
            StringEnd::ClosedBeforeJunk => self.report.add(RepairKind::StrayText, token.end),
            StringEnd::Missing => self.report.add(RepairKind::MissingQuote, token.end),
            StringEnd::StrayOpening => self.add_repair(RepairKind::ExtraQuote),
            StringEnd::Truncated => self.report.add(RepairKind::Truncated, token.end),
        }
        if token.has_inner_quotes || token.end_kind == StringEnd::Missing {
            self.mark_loss();
        }
        Some(token)
    }

    /// If the text ends with exactly the brackets that close all open containers, the position
    /// before them.
    fn without_closers(&self, start: usize) -> Option<usize> {
        if self.truncated || !self.source.may_look_ahead() {
            return None;
        }
        let mut end = self.source.len();
        for object in self.output.objects().rev() {
            let (at, byte) = self.source.last_non_whitespace(start, end)?;
            if byte != (if object { b'}' } else { b']' }) {
                return None;
            }
            end = at;
        }
        let content = self.source.last_non_whitespace(start, end).map_or(start, |(at, _)| next(at));
        Some(self.source.without_escaped_quote(start, content))
    }

    /// Writes a string with this content.
    pub(super) fn write_text(&mut self, start: usize, end: usize, spelling: StringSource) {
        let bytes = self.source.slice(start, end);
        let kinds = self.output.string(bytes, spelling, self.source);
        self.report.add_all(kinds, start);
    }
}
