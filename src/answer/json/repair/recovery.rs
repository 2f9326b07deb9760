//! Recovery from a lost part of the document: closes the containers that the lost part would have
//! closed, and drops the brackets that close the containers that it would have opened.
//!
//! The balance of the brackets ahead decides. In a text with several lines, the columns decide too.

use super::balance::{Balance, DocumentContext};
use super::output::Frame;
use super::parser::Parser;
use super::source::next;

impl Parser<'_, '_> {
    /// Records that a part of the text seems to be lost here, perhaps with brackets.
    pub(super) fn mark_loss(&mut self) {
        let depth = self.output.depth();
        self.loss_depth = Some(self.loss_depth.map_or(depth, |previous| previous.min(depth)));
    }

    /// How many more containers the brackets from `at` on close than are open; see
    /// [`Balance::surplus`].
    pub(super) fn surplus(&mut self, at: usize) -> Option<i64> {
        self.surplus_at_depth(at, self.output.depth())
    }

    pub(super) fn surplus_at_depth(&mut self, at: usize, depth: usize) -> Option<i64> {
        if !self.source.may_look_ahead() {
            return None;
        }
        if self.balance.is_none() {
            let context = DocumentContext {
                depth: self.output.depth(),
                object: self.in_object(),
                outermost: self.output.outermost(),
                double_quotes: self.counts.has_double_quotes(),
            };
            self.balance = Some(Balance::new(self.source, at, context));
        }
        self.balance.as_ref()?.surplus(at, depth)
    }

    /// How many closing brackets are missing from `at` on.
    pub(super) fn missing_brackets(&mut self, at: usize) -> usize {
        let surplus = self.surplus(at).unwrap_or(0);
        usize::try_from(surplus.saturating_neg()).unwrap_or(0)
    }

    /// Closes, before a name, the containers that the lost part would have closed.
    pub(super) fn close_lost(&mut self, at: usize) {
        self.close_by_name_column(at);
        if self.loss_depth.is_none() {
            return;
        }
        match self.surplus(at) {
            Some(0) => self.loss_depth = None,
            Some(..0) => {
                let missing = self.missing_brackets(at);
                self.close_to_object(missing);
            }
            _ => {}
        }
    }

    /// Closes at most `max` containers, but not the outermost, so that an object becomes the
    /// innermost.
    pub(super) fn close_to_object(&mut self, max: usize) {
        let max = max.min(self.output.depth().saturating_sub(1));
        if !self.source.spend(max) {
            let arrays = if self.in_object() { None } else { self.output.levels_to_other() };
            return self.insert_closing_brackets(arrays.unwrap_or(1).saturating_sub(1));
        }
        let objects = self.output.objects().take(next(max)).enumerate();
        let levels = objects.filter(|(_, object)| *object).map(|(level, _)| level).last();
        self.insert_closing_brackets(levels.unwrap_or(0));
    }

    /// Whether the closing bracket here is surplus: the bracket that it belongs to is lost, and the
    /// open containers have their own brackets ahead.
    pub(super) fn is_surplus_bracket(&mut self) -> bool {
        let too_deep = self.indent().is_some_and(|indent| self.column() >= Some(indent));
        let after_loss = self.loss_depth.is_some_and(|depth| self.output.depth() <= depth);
        if !too_deep && !after_loss {
            return false;
        }
        let surplus = self.surplus(self.at);
        if surplus == Some(0) {
            self.loss_depth = None;
        }
        surplus.is_some_and(|surplus| surplus > 0)
    }

    /// Whether a name at `at` begins a line further left than the other names of its object, while
    /// brackets are missing.
    pub(super) fn is_name_out_of_column(&mut self, at: usize) -> bool {
        let indent =
            self.output.top().filter(|frame| frame.count > 0).and_then(|frame| frame.indent);
        let is_left = indent.is_some() && self.source.column(at).is_some_and(|c| Some(c) < indent);
        is_left && self.missing_brackets(at) > 0
    }

    /// Whether a closing bracket at `at` begins a line in a column that does not fit the innermost
    /// container, while brackets are missing or surplus.
    pub(super) fn is_out_of_column(&mut self, at: usize) -> bool {
        let Some(column) = self.source.column(at) else { return false };
        let outer = self.output.outer(1).and_then(|frame| frame.indent);
        let does_not_fit = self.indent().is_some_and(|inside| column >= inside)
            || outer.is_some_and(|outer| column < outer);
        does_not_fit && self.surplus(at).is_some_and(|surplus| surplus != 0)
    }

    /// The column of the content of the innermost container, if that is further right than the
    /// content of the container around it.
    fn indent(&self) -> Option<usize> {
        let outer = self.output.outer(1).map_or(Some(0), |frame| frame.indent);
        let inside = self.output.top().and_then(|frame| frame.indent);
        inside.filter(|_| outer.is_some() && inside > outer)
    }

    /// The column of the current position, if it begins a line.
    fn column(&self) -> Option<usize> {
        self.source.column(self.at)
    }

    /// If brackets are missing and a name begins a line in the column of the names of an outer
    /// object, closes the containers that are indented more.
    fn close_by_name_column(&mut self, at: usize) {
        let indent =
            self.output.top().filter(|frame| frame.count > 0).and_then(|frame| frame.indent);
        if indent.is_none() {
            return;
        }
        let column = self.column();
        if column.is_none() || column >= indent {
            return;
        }
        let Some(level) = self.outer_level(1, column) else { return };
        let same = |frame: &Frame| frame.object && frame.indent == column;
        if self.output.outer(level).is_some_and(same) && self.missing_brackets(at) >= level {
            self.insert_closing_brackets(level);
        }
    }

    /// If brackets are missing and a closing bracket begins a line in the column of an outer
    /// container, closes the containers that are indented more.
    pub(super) fn close_by_column(&mut self, object: bool) {
        // A closing bracket is in the column of the content around its container.
        let outer = self.output.outer(1).and_then(|frame| frame.indent);
        let column = if outer.is_some() { self.column() } else { None };
        if column.is_none() || column >= outer {
            return;
        }
        let Some(level) = self.outer_level(2, column).map(|level| level.saturating_sub(1)) else {
            return;
        };
        let same = self.output.outer(level).is_some_and(|frame| frame.object == object);
        if same && self.missing_brackets(self.at) >= level {
            self.insert_closing_brackets(level);
        }
    }

    /// The nearest container, at least `min` levels out, whose content begins in this column or
    /// further left. `None` if its content begins further left. Outside the outermost container,
    /// the column is 0.
    fn outer_level(&self, min: usize, column: Option<usize>) -> Option<usize> {
        let depth = self.output.depth();
        if !self.source.spend(depth) {
            return None;
        }
        let indent = |level: usize| match self.output.outer(level) {
            Some(frame) => frame.indent,
            None => Some(0),
        };
        let level =
            (min..=depth).find(|level| indent(*level).is_some_and(|i| Some(i) <= column))?;
        (indent(level) == column).then_some(level)
    }
}
