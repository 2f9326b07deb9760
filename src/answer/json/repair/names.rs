//! Members of objects: names, colons, and values that are missing.

use std::ops::Range;

use super::super::Kind;
use super::ahead::{Ahead, Quote};
use super::quotes::{End, Place, StringReader, Verdict};
use super::source::next;
use super::strings::Spelling;
use super::walk::Walk;
use super::words::{self, is_scalar};

impl Walk<'_, '_> {
    /// Reads the member that begins here.
    pub(super) fn member(&mut self) {
        if self.source.quote_at(self.at).is_none() {
            self.bare_name();
        } else if self.is_stray_quote() {
            self.drop_quote();
        } else {
            self.quoted_name();
        }
    }

    fn quoted_name(&mut self) {
        let Some(mut token) = self.read_string(Place::Name) else { return self.stray() };
        match token.how {
            End::Closed | End::ClosedBeforeStray => {}
            End::StrayOpening => {
                self.at = token.start;
                return;
            }
            // It may be the beginning of any name.
            End::Cut => return self.drop_to(token.end, Kind::Truncated),
            End::Missing => {
                let colon = self.source.find_before(token.start, token.end, |byte| byte == b':');
                if colon < token.end {
                    // The end of the text was taken for that of the name, with the value in it.
                    token.end = colon;
                    token.resume = colon;
                } else if self.source.at(self.source.skip_blank(token.resume)) != b':' {
                    return self.drop_to(token.resume, Kind::Incomplete);
                }
            }
        }
        self.after_name(token.start..token.end, token.resume, Spelling::Quoted);
    }

    fn bare_name(&mut self) {
        let source = self.source;
        let start = self.at;
        let stop = self.bare_name_stop();
        let end = source.trim_end(start, stop);
        if let Some((_, length)) = source.quote_at(stop) {
            return self.half_quoted_name(start..stop, stop.saturating_add(length));
        }
        match source.at(source.skip_blank(stop)) {
            b':' | b'=' => {
                self.note(Kind::UnquotedName);
                self.after_name(start..end, stop, Spelling::Bare);
            }
            b',' | b'}' | b']' if is_scalar(source.slice(start, end)) && self.wants_array(stop) => {
                self.wrap_last_value();
            }
            _ if source.is_end(stop) => self.drop_to(stop, Kind::Truncated),
            _ => self.drop_to(stop, Kind::StrayText),
        }
    }

    /// Something without a quote at its beginning that has one at its end.
    fn half_quoted_name(&mut self, name: Range<usize>, behind: usize) {
        let source = self.source;
        self.tear();
        if source.at(source.skip_blank(behind)) == b':' {
            self.note(Kind::MissingQuote);
            return self.after_name(name, behind, Spelling::Quoted);
        }
        // The end of a value, perhaps, whose beginning is lost.
        let (place, quote, start) = (Place::Member, Quote::Double, name.start);
        let reader = StringReader { source, place, quote, start, trusted: 0 };
        let closes = matches!(reader.judge(name.end, behind, 0), Verdict::Ends(_));
        self.drop_to(if closes { behind } else { name.end }, Kind::StrayText);
    }

    /// Where the word ends that stands where a name should be.
    fn bare_name_stop(&self) -> usize {
        let source = self.source;
        let mut at = self.at;
        loop {
            at = source.find(at, |byte| {
                matches!(byte, b':' | b'=' | b',' | b';' | b'}' | b']' | b'{' | b'[')
                    || matches!(byte, b'\n' | b'"' | b'\'')
            });
            let within = source.at(at) == b'\''
                && at > self.at
                && source.at(at.saturating_sub(1)).is_ascii_alphanumeric()
                && source.at(source.skip_space(next(at))) != b':';
            if !within {
                return at;
            }
            at = next(at);
        }
    }

    /// Goes on behind a name: a member, whether a value follows or not.
    fn after_name(&mut self, name: Range<usize>, resume: usize, spelling: Spelling) {
        let source = self.source;
        let behind = source.skip_blank(resume);
        match source.at(behind) {
            b':' => {}
            b',' | b';' | b'}' | b']' if self.wants_array(behind) => return self.wrap_last_value(),
            _ if source.is_end(behind) => return self.drop_to(behind, Kind::Truncated),
            _ => {}
        }
        self.mend(resume);
        self.note_indent();
        self.note_separator();
        self.seen.members = next(self.seen.members);
        let content = source.slice(name.start, name.end);
        let start = name.start;
        let kinds = self.out.member(name, content, spelling);
        self.report.add_all(kinds, start);
        self.at = resume;
        self.colon();
        while !self.member_value() {}
    }

    fn colon(&mut self) {
        self.skip();
        match self.source.at(self.at) {
            b':' => self.at = next(self.at),
            b'=' => {
                self.note(Kind::MissingColon);
                let arrow = self.source.at(next(self.at)) == b'>';
                self.at = self.at.saturating_add(if arrow { 2 } else { 1 });
            }
            // No value either, which says enough.
            b',' | b';' | b'}' | b']' => {}
            _ => self.note(Kind::MissingColon),
        }
    }

    /// Reads the value of the member that was begun; `false` where it is still to come.
    fn member_value(&mut self) -> bool {
        self.skip();
        let source = self.source;
        match source.at(self.at) {
            _ if source.is_end(self.at) => self.null(Kind::Truncated),
            b'}' | b']' => self.null(Kind::MissingValue),
            b',' | b';' => {
                let beyond = source.skip_blank(next(self.at));
                if self.is_value_alone(beyond) {
                    self.drop_to(beyond, Kind::ExtraComma);
                    return false;
                }
                self.null(Kind::MissingValue);
            }
            b':' | b'\\' => {
                self.stray();
                return false;
            }
            _ => return self.value(Place::Member),
        }
        true
    }

    /// Whether a value stands here that is no name.
    fn is_value_alone(&self, at: usize) -> bool {
        let source = self.source;
        if source.quote_at(at).is_some() {
            return source.ahead(at) == Ahead::Delimited;
        }
        let value = source.begins_value(at) || words::keyword_at(source, at).is_some();
        value && source.bare_name_end(at).is_none()
    }

    pub(super) fn null(&mut self, kind: Kind) {
        self.note(kind);
        self.out.scalar(b"null");
    }
}
