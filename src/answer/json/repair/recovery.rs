//! Mending what was lost in a document: closing what the lost part would have closed, and leaving
//! out the brackets that close what it would have opened.
//!
//! What tells is the balance of the brackets ahead; in a text on several lines, the columns too.

use super::balance::{Balance, DocumentContext};
use super::output::Frame;
use super::parser::Parser;
use super::source::next;

impl Parser<'_, '_> {
    /// Something seems to be lost here, brackets perhaps among it.
    pub(super) fn mark_loss(&mut self) {
        let depth = self.output.depth();
        self.loss_depth = Some(self.loss_depth.map_or(depth, |torn| torn.min(depth)));
    }

    /// How many more containers the brackets from here on close than are open; see
    /// [`Balance::surplus`].
    pub(super) fn surplus(&mut self, at: usize) -> Option<i64> {
        self.surplus_at_depth(at, self.output.depth())
    }

    pub(super) fn surplus_at_depth(&mut self, at: usize, depth: usize) -> Option<i64> {
        if !self.source.may_look_ahead() {
            return None;
        }
        if self.balance.is_none() {
            let here = DocumentContext {
                depth: self.output.depth(),
                object: self.in_object(),
                outermost: self.output.outermost(),
                double_quotes: self.counts.has_double_quotes(),
            };
            self.balance = Some(Balance::new(self.source, at, here));
        }
        self.balance.as_ref()?.surplus(at, depth)
    }

    /// How many brackets are missing from here on.
    pub(super) fn missing_brackets(&mut self, at: usize) -> usize {
        let surplus = self.surplus(at).unwrap_or(0);
        usize::try_from(surplus.saturating_neg()).unwrap_or(0)
    }

    /// Closes, before a name, what the part that was lost would have closed.
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

    /// Closes so many containers at most that an object is the innermost then, and some is left.
    pub(super) fn close_to_object(&mut self, most: usize) {
        let most = most.min(self.output.depth().saturating_sub(1));
        if !self.source.spend(most) {
            let arrays = if self.in_object() { None } else { self.output.levels_to_other() };
            return self.insert_closing_brackets(arrays.unwrap_or(1).saturating_sub(1));
        }
        let objects = self.output.objects().take(next(most)).enumerate();
        let levels = objects.filter(|(_, object)| *object).map(|(level, _)| level).last();
        self.insert_closing_brackets(levels.unwrap_or(0));
    }

    /// Whether the closing bracket here is left over: its like, which closed or opened something
    /// before, is lost, and all that is open has brackets of its own ahead.
    pub(super) fn is_surplus_bracket(&mut self) -> bool {
        let too_deep = self.indent().is_some_and(|indent| self.column() >= Some(indent));
        let behind_tear = self.loss_depth.is_some_and(|torn| self.output.depth() <= torn);
        if !too_deep && !behind_tear {
            return false;
        }
        let surplus = self.surplus(self.at);
        if surplus == Some(0) {
            self.loss_depth = None;
        }
        surplus.is_some_and(|surplus| surplus > 0)
    }

    /// Whether a name here begins a line further left than the others of its object, while
    /// brackets are missing.
    pub(super) fn is_name_out_of_column(&mut self, at: usize) -> bool {
        let indent =
            self.output.top().filter(|frame| frame.count > 0).and_then(|frame| frame.indent);
        let left = indent.is_some() && self.source.column(at).is_some_and(|c| Some(c) < indent);
        left && self.missing_brackets(at) > 0
    }

    /// Whether a closing bracket here begins a line in another column than that of the innermost
    /// container would, while brackets are missing or left over.
    pub(super) fn is_out_of_column(&mut self, at: usize) -> bool {
        let Some(column) = self.source.column(at) else { return false };
        let around = self.output.outer(1).and_then(|frame| frame.indent);
        let odd = self.indent().is_some_and(|inside| column >= inside)
            || around.is_some_and(|around| column < around);
        odd && self.surplus(at).is_some_and(|surplus| surplus != 0)
    }

    /// The column of what is in the innermost container, where that is further right than what
    /// the container itself is among.
    fn indent(&self) -> Option<usize> {
        let around = self.output.outer(1).map_or(Some(0), |frame| frame.indent);
        let inside = self.output.top().and_then(|frame| frame.indent);
        inside.filter(|_| around.is_some() && inside > around)
    }

    /// The column of what begins a line here.
    fn column(&self) -> Option<usize> {
        self.source.column(self.at)
    }

    /// Where a name begins a line further left than the others of its object, in the column of
    /// those of an outer one, and brackets are missing: closes what is indented more.
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

    /// Where a closing bracket begins a line further left than that of the innermost container
    /// would, in the column of an outer one's, and brackets are missing: closes what is indented
    /// more.
    pub(super) fn close_by_column(&mut self, object: bool) {
        // A closing bracket stands in the column of what its container is a part of.
        let around = self.output.outer(1).and_then(|frame| frame.indent);
        let column = if around.is_some() { self.column() } else { None };
        if column.is_none() || column >= around {
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

    /// The nearest container, so many levels out at least, whose parts begin in this column or
    /// further left. Around the outermost one, everything begins in the first column.
    fn outer_level(&self, least: usize, column: Option<usize>) -> Option<usize> {
        let depth = self.output.depth();
        if !self.source.spend(depth) {
            return None;
        }
        let indent = |level: usize| match self.output.outer(level) {
            Some(frame) => frame.indent,
            None => Some(0),
        };
        let level =
            (least..=depth).find(|level| indent(*level).is_some_and(|i| Some(i) <= column))?;
        (indent(level) == column).then_some(level)
    }
}
