//! The repaired text as it grows, and the containers that are open in it.

use std::ops::Range;

/// The deepest nesting of a repaired text.
pub(super) const DEEPEST: usize = 512;

/// An open container.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) object: bool,
    /// Elements or members so far.
    pub(super) count: usize,
    /// Whether a comma was read since the last of them.
    pub(super) comma: bool,
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
    text: Vec<u8>,
    frames: Vec<Frame>,
    /// The frame that was closed last, while nothing was written since.
    closed: Option<Frame>,
    deepest: usize,
}

impl Output {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: Vec::with_capacity(bytes), ..Self::default() }
    }

    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    /// The deepest nesting there was.
    pub(super) fn deepest(&self) -> usize {
        self.deepest
    }

    pub(super) fn into_text(self) -> Vec<u8> {
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

    /// The kinds of the open containers, innermost first: whether each is an object.
    pub(super) fn objects(&self) -> impl Iterator<Item = bool> {
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
            frame.comma = false;
            frame.last_value = self.text.len();
        }
    }

    /// Begins an element.
    pub(super) fn element(&mut self) {
        self.separate();
    }

    /// Begins a member, its name's content being written by the caller's hand.
    pub(super) fn member(&mut self, name: Range<usize>, write: impl FnOnce(&mut Vec<u8>)) {
        self.separate();
        self.text.push(b'"');
        write(&mut self.text);
        self.text.extend_from_slice(b"\":");
        let start = self.text.len();
        if let Some(frame) = self.frames.last_mut() {
            frame.last_value = start;
            if frame.count == 1 {
                frame.first_name = name;
            }
        }
    }

    /// Writes a scalar: the value of the member or the element that was begun.
    pub(super) fn scalar(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    pub(super) fn string(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.text.push(b'"');
        write(&mut self.text);
        self.text.push(b'"');
    }

    /// Opens a container: the value that was begun.
    pub(super) fn open(&mut self, object: bool) {
        self.text.push(if object { b'{' } else { b'[' });
        let last_value = self.text.len();
        let frame = Frame { object, count: 0, comma: false, first_name: 0..0, last_value, indent: None };
        self.frames.push(frame);
        self.deepest = self.deepest.max(self.frames.len());
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
        let first = self.top().and_then(|frame| self.text.get(frame.last_value));
        matches!(first, Some(b'{' | b'['))
    }

    /// Makes the last value of the innermost container the first element of an array that is open.
    pub(super) fn wrap_last_value(&mut self) {
        let Some(start) = self.top().map(|frame| frame.last_value) else { return };
        if start > self.text.len() {
            return;
        }
        self.text.insert(start, b'[');
        let last_value = start.saturating_add(1);
        let frame = Frame { object: false, count: 1, comma: false, first_name: 0..0, last_value, indent: None };
        self.frames.push(frame);
        self.deepest = self.deepest.max(self.frames.len());
        self.closed = None;
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
