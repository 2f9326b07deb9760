//! Brackets that are missing, too many or of the wrong kind.

use std::ops::Range;

use super::super::Kind;
use super::ahead::Ahead;
use super::source::next;
use super::walk::Walk;

/// The longest value that is moved to put a bracket before it.
const MOVABLE: usize = 1 << 16;

impl Walk<'_, '_> {
    /// Opens an object whose bracket is missing; `false` where it would be nested too deeply.
    pub(super) fn open_missing(&mut self) -> bool {
        let shallow = self.out.depth() < self.deepest;
        self.note(if shallow { Kind::MissingBracket } else { Kind::TooDeep });
        if shallow {
            self.out.open(true);
            self.seen.containers = next(self.seen.containers);
        }
        shallow
    }

    pub(super) fn close_missing(&mut self, levels: usize) {
        for _ in 0..levels {
            self.note(Kind::MissingBracket);
            // The comma read last is the one behind what was not closed.
            let comma = self.out.top().is_some_and(|frame| frame.comma);
            self.out.close();
            if let Some(frame) = self.out.top_mut() {
                frame.comma = comma;
            }
        }
    }

    /// A closing bracket.
    pub(super) fn closer(&mut self, object: bool) {
        let Some(frame) = self.out.top() else { return };
        if frame.object != object {
            return self.wrong_closer(object);
        }
        if self.out.depth() == 1 && self.document_goes_on(object) {
            return self.drop_to(next(self.at), Kind::ExtraBracket);
        }
        if self.is_surplus() {
            return self.drop_to(next(self.at), Kind::ExtraBracket);
        }
        self.close_by_column(object);
        if self.out.top().is_some_and(|frame| frame.comma) {
            self.note(Kind::TrailingComma);
        }
        self.out.close();
        self.at = next(self.at);
    }

    /// Whether the outermost bracket that closes here is one too many, as more follows that can
    /// only be inside.
    fn document_goes_on(&self, object: bool) -> bool {
        let source = self.source;
        let mut at = source.skip_blank(next(self.at));
        while matches!(source.at(at), b'}' | b']') && source.pay(1) {
            at = source.skip_blank(next(at));
        }
        let comma = source.at(at) == b',';
        if comma {
            at = source.skip_blank(next(at));
        }
        if object {
            return source.ahead(at) == Ahead::Name || comma && source.bare_name_end(at).is_some();
        }
        let like_the_last = match source.at(at) {
            b'{' => self.last_was(true),
            b'[' => self.last_was(false),
            _ => source.begins_value(at) && source.ahead(at) != Ahead::Name,
        };
        comma && like_the_last
    }

    fn last_was(&self, object: bool) -> bool {
        self.out.closed().is_some_and(|frame| frame.object == object)
    }

    /// A closing bracket of another kind than the innermost container.
    fn wrong_closer(&mut self, object: bool) {
        let depth = self.out.depth();
        let through = self.out.levels_to_other();
        let after = next(self.at);
        let left = |levels: usize| depth.saturating_sub(levels);
        let mut misses =
            |levels: usize| self.surplus_at_depth(after, left(levels)).map(i64::unsigned_abs);
        // The reading that leaves the rest in balance, or nearest to it.
        let readings = [through, (depth > 1).then_some(1), Some(0)];
        let best =
            readings.into_iter().flatten().filter_map(|levels| Some((misses(levels)?, levels)));
        match best.min_by_key(|(miss, _)| *miss) {
            Some((_, 0)) => self.drop_to(after, Kind::ExtraBracket),
            Some((_, 1)) => self.close_wrong(),
            Some((_, levels)) => self.close_through(levels),
            None => match through {
                None => self.drop_to(after, Kind::ExtraBracket),
                Some(levels) if levels == depth && self.document_goes_on(object) => {
                    self.close_wrong();
                }
                Some(levels) => self.close_through(levels),
            },
        }
    }

    fn close_through(&mut self, levels: usize) {
        self.close_missing(levels.saturating_sub(1));
        self.out.close();
        self.at = next(self.at);
    }

    fn close_wrong(&mut self) {
        self.note(Kind::WrongBracket);
        self.out.close();
        self.at = next(self.at);
    }

    /// A container where a name should be.
    pub(super) fn nameless_container(&mut self) {
        if self.is_next_line() {
            return self.close_missing(self.out.depth());
        }
        let surplus = self.surplus(self.at);
        let in_array = self.out.outer(1).is_some_and(|frame| !frame.object);
        let object = self.source.at(self.at) == b'{';
        if object && in_array && surplus.is_none_or(|surplus| surplus < 0) {
            return self.close_missing(1);
        }
        if self.out.last_value_is_container() && surplus.is_none_or(|surplus| surplus >= 0) {
            return self.wrap_last_value();
        }
        if in_array && object {
            return self.close_missing(1);
        }
        self.drop_to(next(self.at), Kind::ExtraBracket);
    }

    /// Whether another document seems to begin here, on a line of its own, in a stream of objects
    /// that has one on each line.
    fn is_next_line(&self) -> bool {
        let objects = self.source.at(self.at) == b'{' && self.out.outermost() == Some(true);
        let comma = self.out.top().is_some_and(|frame| frame.comma);
        objects && !comma && self.source.column(self.at) == Some(0)
    }

    /// Whether the value before this place is the first of an array whose opening bracket is
    /// missing: what follows it is closed as one.
    pub(super) fn wants_array(&mut self, at: usize) -> bool {
        let some = self.out.top().is_some_and(|frame| frame.count > 0);
        some && self.surplus(at).is_some_and(|surplus| surplus > 0)
            && self.balance.as_ref().and_then(|balance| balance.next_closer(self.source, at))
                == Some(b']')
    }

    /// Makes the last value the first of an array.
    pub(super) fn wrap_last_value(&mut self) {
        let length = self.out.last_value_length();
        if length > MOVABLE || !self.source.pay(length) || self.out.depth() >= self.deepest {
            return self.drop_to(next(self.at), Kind::StrayText);
        }
        self.note(Kind::MissingBracket);
        self.out.wrap_last_value();
    }

    /// A name and a colon inside an array.
    pub(super) fn name_in_array(&mut self, name: Range<usize>) {
        let surplus = self.surplus(self.at);
        let in_object = self.out.outer(1).is_some_and(|frame| frame.object);
        match surplus {
            Some(1..) => {
                let first = self.out.closed().filter(|frame| frame.object);
                let same = |frame: &Range<usize>| {
                    self.source.slice(frame.start, frame.end)
                        == self.source.slice(name.start, name.end)
                };
                if first.is_some_and(|frame| !same(&frame.first_name)) {
                    self.note(Kind::ExtraBracket);
                    self.out.reopen();
                } else {
                    self.open_object();
                }
            }
            Some(0) if self.next_closer() == Some(b']') => self.name_as_element(name),
            Some(..0) if self.out.levels_to_other().is_some() => {
                // All arrays up to the next object, not the object itself.
                let inside = self.out.levels_to_other().unwrap_or(1).saturating_sub(1);
                let missing = self.missing(self.at);
                self.close_to_object(missing.max(inside));
            }
            _ if in_object => self.close_missing(1),
            _ => self.open_object(),
        }
    }

    fn next_closer(&self) -> Option<u8> {
        self.balance.as_ref().and_then(|balance| balance.next_closer(self.source, self.at))
    }

    fn open_object(&mut self) {
        if self.out.depth() >= self.deepest {
            return self.drop_to(next(self.at), Kind::TooDeep);
        }
        self.begin_element();
        self.open_missing();
    }

    fn name_as_element(&mut self, name: Range<usize>) {
        self.begin_element();
        self.write_text(name.start, name.end, super::strings::Spelling::Quoted);
        self.note(Kind::ExtraColon);
        self.at = next(self.source.find(name.end, |byte| byte == b':'));
    }
}
