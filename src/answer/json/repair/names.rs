//! Members of objects: names, colons, and missing values.

use std::ops::Range;

use super::super::RepairKind;
use super::keywords::{self, is_scalar};
use super::lookahead::{Lookahead, Quote};
use super::parser::Parser;
use super::quotes::{QuoteRole, StringEnd, StringReader, StringRole};
use super::source::next;
use super::strings::StringSource;

impl Parser<'_, '_> {
    /// Reads the member that begins here.
    pub(super) fn member(&mut self) {
        if self.source.quote_at(self.at).is_none() {
            self.unquoted_name();
        } else if self.is_stray_quote() {
            self.drop_quote();
        } else {
            self.quoted_name();
        }
    }

    fn quoted_name(&mut self) {
        let Some(mut token) = self.read_string(StringRole::Name) else {
            return self.drop_stray_byte();
        };
        match token.end_kind {
            StringEnd::Closed | StringEnd::ClosedBeforeJunk => {}
            StringEnd::StrayOpening => {
                self.at = token.start;
                return;
            }
            // The rest of the name is unknown.
            StringEnd::Truncated => return self.drop_until(token.end, RepairKind::Truncated),
            StringEnd::Missing => {
                let colon = self.source.find_before(token.start, token.end, |byte| byte == b':');
                if colon < token.end {
                    // Because the closing quote is missing, the name contains the value.
                    token.end = colon;
                    token.resume = colon;
                } else if self
                    .source
                    .byte_at(self.source.skip_whitespace_and_comments(token.resume))
                    != b':'
                {
                    return self.drop_until(token.resume, RepairKind::Incomplete);
                }
            }
        }
        self.after_name(token.start..token.end, token.resume, StringSource::Quoted);
    }

    fn unquoted_name(&mut self) {
        let source = self.source;
        let start = self.at;
        let stop = self.unquoted_name_stop();
        let end = source.trim_end(start, stop);
        if let Some((_, length)) = source.quote_at(stop) {
            return self.partly_quoted_name(start..stop, stop.saturating_add(length));
        }
        match source.byte_at(source.skip_whitespace_and_comments(stop)) {
            b':' | b'=' => {
                self.add_repair(RepairKind::UnquotedName);
                self.after_name(start..end, stop, StringSource::Unquoted);
            }
            b',' | b'}' | b']'
                if is_scalar(source.slice(start, end), source) && self.is_unopened_array(stop) =>
            {
                self.wrap_last_value();
            }
            _ if source.is_end(stop) => self.drop_until(stop, RepairKind::Truncated),
            _ => self.drop_until(stop, RepairKind::StrayText),
        }
    }

    /// Reads a name that has no opening quote but a closing one. `after` is the position after
    /// that.
    fn partly_quoted_name(&mut self, name: Range<usize>, after: usize) {
        let source = self.source;
        self.mark_loss();
        if source.byte_at(source.skip_whitespace_and_comments(after)) == b':' {
            self.add_repair(RepairKind::MissingQuote);
            return self.after_name(name, after, StringSource::Quoted);
        }
        // It may be the end of a value whose beginning is lost.
        let (role, quote, start) = (StringRole::MemberValue, Quote::Double, name.start);
        let reader = StringReader { source, role, quote, start, trusted_until: 0 };
        let closes = matches!(reader.classify_quote(name.end, after, 0), QuoteRole::Closes(_));
        self.drop_until(if closes { after } else { name.end }, RepairKind::StrayText);
    }

    /// The end of a word in the place of a name.
    fn unquoted_name_stop(&self) -> usize {
        let source = self.source;
        let mut at = self.at;
        loop {
            at = source.find(at, |byte| {
                matches!(byte, b':' | b'=' | b',' | b';' | b'}' | b']' | b'{' | b'[')
                    || matches!(byte, b'\n' | b'"' | b'\'')
            });
            let is_apostrophe = source.byte_at(at) == b'\''
                && at > self.at
                && source.byte_at(at.saturating_sub(1)).is_ascii_alphanumeric()
                && source.byte_at(source.skip_whitespace(next(at))) != b':';
            if !is_apostrophe {
                return at;
            }
            at = next(at);
        }
    }

    /// Reads the rest of a member after its name, also if the value is missing.
    fn after_name(&mut self, name: Range<usize>, resume: usize, spelling: StringSource) {
        let source = self.source;
        let next_token = source.skip_whitespace_and_comments(resume);
        match source.byte_at(next_token) {
            b':' => {}
            b',' | b';' | b'}' | b']' if self.is_unopened_array(next_token) => {
                return self.wrap_last_value();
            }
            _ if source.is_end(next_token) => {
                return self.drop_until(next_token, RepairKind::Truncated);
            }
            _ => {}
        }
        self.close_lost(resume);
        self.record_indent();
        self.check_separator();
        self.counts.members = next(self.counts.members);
        let content = source.slice(name.start, name.end);
        let start = name.start;
        let kinds = self.output.member(name, content, spelling, source);
        self.report.add_all(kinds, start);
        self.at = resume;
        self.colon();
        while !self.member_value() {}
    }

    fn colon(&mut self) {
        self.skip_whitespace_and_comments();
        match self.source.byte_at(self.at) {
            b':' => self.at = next(self.at),
            b'=' => {
                self.add_repair(RepairKind::MissingColon);
                let arrow = self.source.byte_at(next(self.at)) == b'>';
                self.at = self.at.saturating_add(if arrow { 2 } else { 1 });
            }
            // The value is missing too, which is reported instead.
            b',' | b';' | b'}' | b']' => {}
            _ => self.add_repair(RepairKind::MissingColon),
        }
    }

    /// Reads the value of the current member; `false` if the value still follows.
    fn member_value(&mut self) -> bool {
        self.skip_whitespace_and_comments();
        let source = self.source;
        match source.byte_at(self.at) {
            _ if source.is_end(self.at) => self.write_null(RepairKind::Truncated),
            b'}' | b']' => self.write_null(RepairKind::MissingValue),
            b',' | b';' => {
                let value = source.skip_whitespace_and_comments(next(self.at));
                if self.is_value_alone(value) {
                    self.drop_until(value, RepairKind::ExtraComma);
                    return false;
                }
                self.write_null(RepairKind::MissingValue);
            }
            b':' | b'\\' => {
                self.drop_stray_byte();
                return false;
            }
            _ => return self.value(StringRole::MemberValue),
        }
        true
    }

    /// Whether a value that is not a name is at `at`.
    fn is_value_alone(&self, at: usize) -> bool {
        let source = self.source;
        if source.quote_at(at).is_some() {
            return source.look_ahead(at) == Lookahead::Delimited;
        }
        let value = source.begins_value(at) || keywords::keyword_at(source, at).is_some();
        value && source.unquoted_name_end(at).is_none()
    }

    pub(super) fn write_null(&mut self, kind: RepairKind) {
        self.add_repair(kind);
        self.output.literal("null");
    }
}
