//! The repaired text while it is written, and its open containers.

use std::ops::Range;

use super::super::RepairKinds;
use super::bounded_buffer::BoundedBuffer;
use super::source::{Source, next};
use super::strings::{self, StringSource};

/// Maximum nesting depth of a repaired text.
pub(super) const MAX_DEPTH: usize = 512;

/// An open container.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) object: bool,
    /// Depth of the nearest outer container of the other kind, counted from the root; 0 if there is
    /// none.
    pub(super) depth_of_other_kind: usize,
    /// The number of elements or members so far.
    pub(super) count: usize,
    /// Whether a comma was read after the last of them.
    pub(super) after_comma: bool,
    /// The content of the first member's name, as a range in the source.
    pub(super) first_name: Range<usize>,
    /// The position of the last value in the output.
    pub(super) last_value: usize,
    /// The column of the first element or name, if it begins a line.
    pub(super) indent: Option<usize>,
}

/// The text written so far.
#[derive(Debug, Default)]
pub(super) struct Output {
    text: BoundedBuffer,
    frames: Vec<Frame>,
    /// The container closed last, if nothing was written after it.
    closed: Option<Frame>,
    max_depth: usize,
}

impl Output {
    /// An empty output with room for `room` bytes that grows to at most `max_length` bytes.
    pub(super) fn new(room: usize, max_length: usize) -> Self {
        Self { text: BoundedBuffer::new(room, max_length), ..Self::default() }
    }

    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    /// The maximum nesting depth so far.
    pub(super) fn max_depth(&self) -> usize {
        self.max_depth
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

    /// The open container `levels` outside the innermost.
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

    /// Begins an element or a member, with a comma before it if it is not the first.
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

    /// Begins a member whose name has this content, which is at `position` in the source.
    /// Returns the repairs of the name.
    pub(super) fn member(
        &mut self,
        position: Range<usize>,
        name: &[u8],
        spelling: StringSource,
        source: &Source<'_>,
    ) -> RepairKinds {
        self.separate();
        let kinds = self.string(name, spelling, source);
        self.text.push(b':');
        let start = self.text.len();
        if let Some(frame) = self.frames.last_mut() {
            frame.last_value = start;
            if frame.count == 1 {
                frame.first_name = position;
            }
        }
        kinds
    }

    /// Writes a literal as the value of the current member or element.
    pub(super) fn literal(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Writes a text of any length that needs no change.
    pub(super) fn copy(&mut self, text: &[u8], source: &Source<'_>) {
        source.copy(text, &mut self.text);
    }

    /// Writes a string with this content. Returns its repairs.
    pub(super) fn string(
        &mut self,
        content: &[u8],
        spelling: StringSource,
        source: &Source<'_>,
    ) -> RepairKinds {
        self.text.push(b'"');
        let kinds = strings::write_content(&mut self.text, content, spelling, source);
        self.text.push(b'"');
        kinds
    }

    /// Opens a container as the current value.
    pub(super) fn open(&mut self, object: bool) {
        self.text.push(if object { b'{' } else { b'[' });
        self.push(object, 0, self.text.len());
    }

    fn push(&mut self, object: bool, count: usize, last_value: usize) {
        let depth = self.frames.len();
        let depth_of_other_kind = self.frames.last().map_or(0, |outer| {
            if outer.object == object { outer.depth_of_other_kind } else { depth }
        });
        self.frames.push(Frame {
            object,
            depth_of_other_kind,
            count,
            after_comma: false,
            first_name: 0..0,
            last_value,
            indent: None,
        });
        self.max_depth = self.max_depth.max(self.frames.len());
        self.closed = None;
    }

    /// How many containers to close, so that the nearest container of the other kind than the
    /// innermost is closed too; `None` if there is none.
    pub(super) fn levels_to_other(&self) -> Option<usize> {
        let other_depth = self.top()?.depth_of_other_kind;
        let inside = self.depth().checked_sub(other_depth)?;
        (other_depth > 0).then(|| inside.saturating_add(1))
    }

    /// Writes a complete container with `count` parts. `depth` is the maximum depth of the text
    /// with it.
    pub(super) fn copy_container(
        &mut self,
        content: &[u8],
        source: &Source<'_>,
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
        self.copy(content, source);
        self.leave();
        self.max_depth = self.max_depth.max(depth);
    }

    /// Opens a container whose bracket the caller copies later. Its content begins `offset` bytes
    /// after the current end.
    pub(super) fn enter(&mut self, object: bool, offset: usize) {
        self.push(object, 0, self.text.len().saturating_add(offset));
    }

    /// Closes the innermost container. The caller copies its bracket later.
    pub(super) fn leave(&mut self) {
        self.closed = self.frames.pop();
    }

    /// Begins an element or a member that the caller copies later, `offset` bytes after the current
    /// end.
    pub(super) fn begin_item_at(&mut self, offset: usize) {
        self.closed = None;
        let start = self.text.len().saturating_add(offset);
        if let Some(frame) = self.frames.last_mut() {
            frame.count = frame.count.saturating_add(1);
            frame.after_comma = false;
            frame.last_value = start;
        }
    }

    /// Sets the beginning of the current member's value to `offset` bytes after the current end.
    pub(super) fn begin_value_at(&mut self, offset: usize) {
        let start = self.text.len().saturating_add(offset);
        if let Some(frame) = self.frames.last_mut() {
            frame.last_value = start;
        }
    }

    /// Sets the name of the current member.
    pub(super) fn set_name(&mut self, position: Range<usize>) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.count == 1) {
            frame.first_name = position;
        }
    }

    /// Removes a comma at the end of the copied text, because the next part writes it.
    pub(super) fn pop_trailing_comma(&mut self, source: &Source<'_>) {
        self.trim_end(source);
        let comma = self.text.pop_if(b',');
        self.trim_end(source);
        if let Some(frame) = self.frames.last_mut() {
            frame.after_comma = comma;
        }
    }

    fn trim_end(&mut self, source: &Source<'_>) {
        let last = source.rposition(self.text.as_slice(), |byte| !byte.is_ascii_whitespace());
        self.text.truncate(last.map_or(0, next));
    }

    /// Closes the innermost container.
    pub(super) fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.text.push(if frame.object { b'}' } else { b']' });
            self.closed = Some(frame);
        }
    }

    /// The container closed last, if nothing was written after it.
    pub(super) fn closed(&self) -> Option<&Frame> {
        self.closed.as_ref()
    }

    /// Opens the container again that was closed last.
    pub(super) fn reopen(&mut self) {
        if let Some(frame) = self.closed.take() {
            self.text.pop();
            self.frames.push(frame);
        }
    }

    /// The length of the last value of the innermost container.
    pub(super) fn last_value_length(&self) -> usize {
        self.top().map_or(0, |frame| self.text.len().saturating_sub(frame.last_value))
    }

    /// Whether the last value of the innermost container is a container.
    pub(super) fn last_value_is_container(&self) -> bool {
        let frame = self.top().filter(|frame| frame.count > 0);
        let first = frame.and_then(|frame| self.text.get(frame.last_value));
        matches!(first, Some(b'{' | b'['))
    }

    /// Makes the last value of the innermost container the first element of an open array.
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
        self.max_depth = self.max_depth.saturating_add(1);
    }
}
