//! The repaired text as it grows, and the containers that are open in it.

use std::ops::Range;

use super::super::Kinds;
use super::bounded_buffer::BoundedBuffer;
use super::strings::{self, StringSource};

/// The deepest nesting of a repaired text.
pub(super) const MAX_DEPTH: usize = 512;

/// An open container.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) object: bool,
    /// How many containers are open up to the nearest one around this that is of the other kind;
    /// 0 where there is none.
    pub(super) levels_to_other_kind: usize,
    /// Elements or members so far.
    pub(super) count: usize,
    /// Whether a comma was read since the last of them.
    pub(super) after_comma: bool,
    /// Where the content of the first member's name stands in the source.
    pub(super) first_name: Range<usize>,
    /// Where the last value begins in the output.
    pub(super) last_value: usize,
    /// The column of the first element or name, where it begins a line.
    pub(super) indent: Option<usize>,
}

/// The text written so far.
#[derive(Debug, Default)]
pub(super) struct Output {
    text: BoundedBuffer,
    frames: Vec<Frame>,
    /// The frame that was closed last, while nothing was written since.
    closed: Option<Frame>,
    deepest: usize,
}

impl Output {
    /// An empty one with room for so many bytes, and for no more than so many.
    pub(super) fn new(room: usize, most: usize) -> Self {
        Self { text: BoundedBuffer::new(room, most), ..Self::default() }
    }

    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    /// The deepest nesting there was.
    pub(super) fn deepest(&self) -> usize {
        self.deepest
    }

    pub(super) fn into_text(self) -> BoundedBuffer {
        self.text
    }

    pub(super) fn top(&self) -> Option<&Frame> {
        self.frames.last()
    }

    pub(super) fn top_mut(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// The open container so many levels out of the innermost.
    pub(super) fn outer(&self, levels: usize) -> Option<&Frame> {
        self.frames.iter().rev().nth(levels)
    }

    /// Whether the outermost open container is an object.
    pub(super) fn outermost(&self) -> Option<bool> {
        self.frames.first().map(|frame| frame.object)
    }

    /// The kinds of the open containers, innermost first: whether each is an object.
    pub(super) fn objects(&self) -> impl DoubleEndedIterator<Item = bool> {
        self.frames.iter().rev().map(|frame| frame.object)
    }

    /// Makes room for an element of the open array, or for a name; at the outermost level, for a
    /// document.
    fn separate(&mut self) {
        self.closed = None;
        if let Some(frame) = self.frames.last_mut() {
            if frame.count > 0 {
                self.text.push(b',');
            }
            frame.count = frame.count.saturating_add(1);
            frame.after_comma = false;
            frame.last_value = self.text.len();
        }
    }

    /// Begins an element.
    pub(super) fn element(&mut self) {
        self.separate();
    }

    /// Begins a member whose name has this content; answers what was repaired in it. `place` is
    /// where the content stands in the source.
    pub(super) fn member(
        &mut self,
        place: Range<usize>,
        name: &[u8],
        spelling: StringSource,
    ) -> Kinds {
        self.separate();
        let kinds = self.string(name, spelling);
        self.text.push(b':');
        let start = self.text.len();
        if let Some(frame) = self.frames.last_mut() {
            frame.last_value = start;
            if frame.count == 1 {
                frame.first_name = place;
            }
        }
        kinds
    }

    /// Writes a scalar: the value of the member or the element that was begun.
    pub(super) fn scalar(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    /// Writes a string with this content; answers what was repaired in it.
    pub(super) fn string(&mut self, content: &[u8], spelling: StringSource) -> Kinds {
        self.text.push(b'"');
        let kinds = strings::write_content(&mut self.text, content, spelling);
        self.text.push(b'"');
        kinds
    }

    /// Opens a container: the value that was begun.
    pub(super) fn open(&mut self, object: bool) {
        self.text.push(if object { b'{' } else { b'[' });
        self.push(object, 0, self.text.len());
    }

    fn push(&mut self, object: bool, count: usize, last_value: usize) {
        let depth = self.frames.len();
        let around = self.frames.last();
        let other =
            around.map_or(0, |f| if f.object == object { f.levels_to_other_kind } else { depth });
        let (comma, first_name, indent) = (false, 0..0, None);
        self.frames.push(Frame {
            object,
            levels_to_other_kind: other,
            count,
            after_comma: comma,
            first_name,
            last_value,
            indent,
        });
        self.deepest = self.deepest.max(self.frames.len());
        self.closed = None;
    }

    /// How many containers are to be closed so that the nearest of the other kind than the
    /// innermost is closed with them; `None` where there is none.
    pub(super) fn levels_to_other(&self) -> Option<usize> {
        let other = self.top()?.levels_to_other_kind;
        let inside = self.depth().checked_sub(other)?;
        (other > 0).then(|| inside.saturating_add(1))
    }

    /// Writes a whole container of so many parts, the first of them having this name; with it, the
    /// text is nested so deep.
    pub(super) fn copy_container(
        &mut self,
        content: &[u8],
        depth: usize,
        object: bool,
        count: usize,
        first_name: Range<usize>,
    ) {
        self.enter(object, 0);
        if let Some(frame) = self.frames.last_mut() {
            frame.count = count;
            frame.first_name = first_name;
        }
        self.text.extend_from_slice(content);
        self.leave();
        self.deepest = self.deepest.max(depth);
    }

    /// Opens a container whose bracket is still to be copied, its inside beginning so many bytes
    /// behind the end.
    pub(super) fn enter(&mut self, object: bool, ahead: usize) {
        self.push(object, 0, self.text.len().saturating_add(ahead));
    }

    /// Closes the innermost container, whose bracket is still to be copied.
    pub(super) fn leave(&mut self) {
        self.closed = self.frames.pop();
    }

    /// Begins an element or a member that is still to be copied, so many bytes behind the end.
    pub(super) fn begin_item_at(&mut self, ahead: usize) {
        self.closed = None;
        let start = self.text.len().saturating_add(ahead);
        if let Some(frame) = self.frames.last_mut() {
            frame.count = frame.count.saturating_add(1);
            frame.after_comma = false;
            frame.last_value = start;
        }
    }

    /// The value of a member begins so many bytes behind the end.
    pub(super) fn begin_value_at(&mut self, ahead: usize) {
        let start = self.text.len().saturating_add(ahead);
        if let Some(frame) = self.frames.last_mut() {
            frame.last_value = start;
        }
    }

    /// The name of the member that was begun.
    pub(super) fn set_name(&mut self, place: Range<usize>) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.count == 1) {
            frame.first_name = place;
        }
    }

    /// Leaves to what comes next the comma, if there is one, at the end of what was copied.
    pub(super) fn pop_trailing_comma(&mut self) {
        self.text.trim_end();
        let comma = self.text.pop_if(b',');
        self.text.trim_end();
        if let Some(frame) = self.frames.last_mut() {
            frame.after_comma = comma;
        }
    }

    /// Closes the innermost container.
    pub(super) fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.text.push(if frame.object { b'}' } else { b']' });
            self.closed = Some(frame);
        }
    }

    /// The container that was closed right before, nothing having been written since.
    pub(super) fn closed(&self) -> Option<&Frame> {
        self.closed.as_ref()
    }

    /// Takes the last close back.
    pub(super) fn reopen(&mut self) {
        if let Some(frame) = self.closed.take() {
            self.text.pop();
            self.frames.push(frame);
        }
    }

    /// How long the last value of the innermost container is.
    pub(super) fn last_value_length(&self) -> usize {
        self.top().map_or(0, |frame| self.text.len().saturating_sub(frame.last_value))
    }

    /// Whether the last value of the innermost container is a container.
    pub(super) fn last_value_is_container(&self) -> bool {
        let frame = self.top().filter(|frame| frame.count > 0);
        let first = frame.and_then(|frame| self.text.get(frame.last_value));
        matches!(first, Some(b'{' | b'['))
    }

    /// Makes the last value of the innermost container the first element of an array that is open.
    pub(super) fn wrap_last_value(&mut self) {
        let Some(start) = self.top().map(|frame| frame.last_value) else { return };
        if start > self.text.len() {
            return;
        }
        self.text.insert(start, b'[');
        self.push(false, 1, start.saturating_add(1));
    }

    /// Separates two documents.
    pub(super) fn next_document(&mut self) {
        self.closed = None;
        self.text.push(b',');
    }

    /// Puts the documents into an array.
    pub(super) fn wrap_documents(&mut self) {
        self.text.insert(0, b'[');
        self.text.push(b']');
        self.deepest = self.deepest.saturating_add(1);
    }
}
