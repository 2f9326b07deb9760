//! Brackets that are missing, extra or of the wrong kind.

use std::ops::Range;

use super::super::RepairKind;
use super::lookahead::Lookahead;
use super::parser::Parser;
use super::source::next;

/// Maximum length of a value that is moved to insert a bracket before it.
const MAX_MOVED_VALUE: usize = 1 << 16;

impl Parser<'_, '_> {
    /// Opens an object whose bracket is missing; `false` if it would be nested too deeply.
    pub(super) fn open_missing_object(&mut self) -> bool {
        let fits = self.output.depth() < self.depth_limit;
        self.add_repair(if fits { RepairKind::MissingBracket } else { RepairKind::TooDeep });
        if fits {
            self.output.open(true);
            self.counts.containers = next(self.counts.containers);
        }
        fits
    }

    pub(super) fn insert_closing_brackets(&mut self, levels: usize) {
        for _ in 0..levels {
            self.add_repair(RepairKind::MissingBracket);
            // The comma read last follows the container that is closed here.
            let comma = self.output.top().is_some_and(|frame| frame.after_comma);
            self.output.close();
            if let Some(frame) = self.output.top_mut() {
                frame.after_comma = comma;
            }
        }
    }

    /// Reads a closing bracket.
    pub(super) fn closing_bracket(&mut self, object: bool) {
        let Some(frame) = self.output.top() else { return };
        if frame.object != object {
            return self.mismatched_bracket(object);
        }
        if self.output.depth() == 1 && self.document_continues(object) {
            return self.drop_until(next(self.at), RepairKind::ExtraBracket);
        }
        if self.is_surplus_bracket() {
            return self.drop_until(next(self.at), RepairKind::ExtraBracket);
        }
        self.close_by_column(object);
        if self.output.top().is_some_and(|frame| frame.after_comma) {
            self.add_repair(RepairKind::TrailingComma);
        }
        self.output.close();
        self.at = next(self.at);
    }

    /// Whether the closing bracket of the outermost container is extra, because more follows that
    /// must be inside it.
    fn document_continues(&self, object: bool) -> bool {
        let source = self.source;
        let mut at = source.skip_whitespace_and_comments(next(self.at));
        while matches!(source.byte_at(at), b'}' | b']') && source.spend(1) {
            at = source.skip_whitespace_and_comments(next(at));
        }
        let comma = source.byte_at(at) == b',';
        if comma {
            at = source.skip_whitespace_and_comments(next(at));
        }
        if object {
            return source.look_ahead(at) == Lookahead::Name
                || comma && source.unquoted_name_end(at).is_some();
        }
        let is_like_last = match source.byte_at(at) {
            b'{' => self.last_closed_is(true),
            b'[' => self.last_closed_is(false),
            _ => source.begins_value(at) && source.look_ahead(at) != Lookahead::Name,
        };
        comma && is_like_last
    }

    fn last_closed_is(&self, object: bool) -> bool {
        self.output.closed().is_some_and(|frame| frame.object == object)
    }

    /// Reads a closing bracket whose kind differs from that of the innermost container.
    fn mismatched_bracket(&mut self, object: bool) {
        let depth = self.output.depth();
        let through = self.output.levels_to_other();
        let after = next(self.at);
        let mut imbalance = |levels: usize| {
            self.surplus_at_depth(after, depth.saturating_sub(levels)).map(i64::unsigned_abs)
        };
        // The best repair closes so many levels that the rest is in balance, or nearly so.
        let repairs = [through, (depth > 1).then_some(1), Some(0)];
        let rated =
            repairs.into_iter().flatten().filter_map(|levels| Some((imbalance(levels)?, levels)));
        match rated.min_by_key(|(imbalance, _)| *imbalance) {
            Some((_, 0)) => self.drop_until(after, RepairKind::ExtraBracket),
            Some((_, 1)) => self.close_mismatched(),
            Some((_, levels)) => self.close_through(levels),
            None => match through {
                None => self.drop_until(after, RepairKind::ExtraBracket),
                Some(levels) if levels == depth && self.document_continues(object) => {
                    self.close_mismatched();
                }
                Some(levels) => self.close_through(levels),
            },
        }
    }

    fn close_through(&mut self, levels: usize) {
        self.insert_closing_brackets(levels.saturating_sub(1));
        self.output.close();
        self.at = next(self.at);
    }

    fn close_mismatched(&mut self) {
        self.add_repair(RepairKind::WrongBracket);
        self.output.close();
        self.at = next(self.at);
    }

    /// Reads a container that is in the place of a name.
    pub(super) fn nameless_container(&mut self) {
        if self.is_next_line() {
            return self.insert_closing_brackets(self.output.depth());
        }
        let surplus = self.surplus(self.at);
        let in_array = self.output.outer(1).is_some_and(|frame| !frame.object);
        let object = self.source.byte_at(self.at) == b'{';
        if object && in_array && surplus.is_none_or(|surplus| surplus < 0) {
            return self.insert_closing_brackets(1);
        }
        if self.output.last_value_is_container() && surplus.is_none_or(|surplus| surplus >= 0) {
            return self.wrap_last_value();
        }
        if in_array && object {
            return self.insert_closing_brackets(1);
        }
        self.drop_until(next(self.at), RepairKind::ExtraBracket);
    }

    /// Whether another document seems to begin here, in a stream that has one object on each line.
    fn is_next_line(&self) -> bool {
        let objects = self.source.byte_at(self.at) == b'{' && self.output.outermost() == Some(true);
        let comma = self.output.top().is_some_and(|frame| frame.after_comma);
        objects && !comma && self.source.column(self.at) == Some(0)
    }

    /// Whether the value before `at` is the first element of an array without an opening bracket:
    /// its closing bracket follows.
    pub(super) fn is_unopened_array(&mut self, at: usize) -> bool {
        let has_value = self.output.top().is_some_and(|frame| frame.count > 0);
        has_value
            && self.surplus(at).is_some_and(|surplus| surplus > 0)
            && self.balance.as_ref().and_then(|balance| balance.next_closer(self.source, at))
                == Some(b']')
    }

    /// Makes the last value the first element of an array.
    pub(super) fn wrap_last_value(&mut self) {
        let length = self.output.last_value_length();
        if length > MAX_MOVED_VALUE
            || !self.source.spend(length)
            || self.output.depth() >= self.depth_limit
        {
            return self.drop_until(next(self.at), RepairKind::StrayText);
        }
        self.add_repair(RepairKind::MissingBracket);
        self.output.wrap_last_value();
    }

    /// Reads a name and a colon inside an array.
    pub(super) fn name_in_array(&mut self, name: Range<usize>) {
        let surplus = self.surplus(self.at);
        let in_object = self.output.outer(1).is_some_and(|frame| frame.object);
        match surplus {
            Some(1..) => {
                let first = self.output.closed().filter(|frame| frame.object);
                let same = |frame: &Range<usize>| {
                    self.source.slice(frame.start, frame.end)
                        == self.source.slice(name.start, name.end)
                };
                if first.is_some_and(|frame| !same(&frame.first_name)) {
                    self.add_repair(RepairKind::ExtraBracket);
                    self.output.reopen();
                } else {
                    self.open_object();
                }
            }
            Some(0) if self.next_closing_bracket() == Some(b']') => self.name_as_element(name),
            Some(..0) if self.output.levels_to_other().is_some() => {
                // Closes all arrays inside the nearest object, but not the object.
                let inside = self.output.levels_to_other().unwrap_or(1).saturating_sub(1);
                let missing = self.missing_brackets(self.at);
                self.close_to_object(missing.max(inside));
            }
            _ if in_object => self.insert_closing_brackets(1),
            _ => self.open_object(),
        }
    }

    fn next_closing_bracket(&self) -> Option<u8> {
        self.balance.as_ref().and_then(|balance| balance.next_closer(self.source, self.at))
    }

    fn open_object(&mut self) {
        if self.output.depth() >= self.depth_limit {
            return self.drop_until(next(self.at), RepairKind::TooDeep);
        }
        self.begin_element();
        self.open_missing_object();
    }

    fn name_as_element(&mut self, name: Range<usize>) {
        self.begin_element();
        self.write_text(name.start, name.end, super::strings::StringSource::Quoted);
        self.add_repair(RepairKind::ExtraColon);
        self.at = next(self.source.find(name.end, |byte| byte == b':'));
    }
}
