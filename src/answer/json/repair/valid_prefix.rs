//! Copies the valid beginning of a document unchanged, so that the parser reads only the rest of a
//! truncated document or of one that is damaged near its end.

use super::super::RepairKind;
use super::bounded_buffer::BoundedBuffer;
use super::output::Frame;
use super::parser::Parser;
use super::source::{Source, next};
use super::strings::{self, StringSource};

/// The state of a copy.
struct PrefixCopy {
    /// Its beginning, and the current position.
    start: usize,
    at: usize,
    /// The last position at which the parser can continue, because the open containers are known.
    resume_at: usize,
    /// Whether a name comes next in an object.
    name_next: bool,
    /// The container before the item at `resume_at`, if that item is already counted.
    frame_before: Option<Frame>,
}

impl Parser<'_, '_> {
    /// Copies the beginning of the document that begins here, as far as its strings can be trusted.
    /// Opens in the output the containers that are open at its end.
    pub(super) fn copy_valid_prefix(&mut self) {
        let start = self.at;
        let mut copy =
            PrefixCopy { start, at: start, resume_at: start, name_next: false, frame_before: None };
        while self.copy_token(&mut copy) {}
        self.output.copy(self.source.slice(start, copy.resume_at), self.source);
        self.at = copy.resume_at;
        if let (Some(before), Some(frame)) = (copy.frame_before, self.output.top_mut()) {
            *frame = before;
        }
        self.output.pop_trailing_comma(self.source);
    }

    /// Copies the container that begins here if all of it is valid. `false` if it is not, or if the
    /// parser must read it for another reason.
    pub(super) fn copy_container(&mut self) -> bool {
        let source = self.source;
        let start = self.at;
        if !source.may_look_ahead() {
            return false;
        }
        // If brackets are lost, the columns decide what belongs to the container.
        if source.next_newline(start) < source.len() && self.surplus(start) != Some(0) {
            return false;
        }
        let Ok(value) = source.first_value(start) else { return false };
        let end = start.saturating_add(value.end);
        let content = source.slice(start, end);
        // The last bracket of a document may be extra.
        let after = source.skip_whitespace_and_comments(end);
        let ends_document =
            source.is_end(after) || matches!(source.byte_at(after), b'{' | b'[' | b')' | b';');
        let depth = self.output.depth().saturating_add(value.depth);
        let is_uncertain = self.output.depth() == 0 && !ends_document;
        let lone_surrogate = value.has_surrogate_escapes && has_lone_surrogate(content, source);
        if is_uncertain || lone_surrogate || depth > self.depth_limit {
            return false;
        }
        let object = source.byte_at(start) == b'{';
        let first = source.skip_whitespace(next(start));
        let name = match source.byte_at(first) {
            b'"' => next(first)..string_end(source, next(first)).0,
            _ => first..first,
        };
        let empty = matches!(source.byte_at(first), b'}' | b']');
        self.output.copy_container(content, source, depth, object, usize::from(!empty), name);
        self.counts.containers = next(self.counts.containers);
        self.counts.double_quoted = next(self.counts.double_quoted);
        self.counts.members = self.counts.members.saturating_add(usize::from(object && !empty));
        self.at = end;
        true
    }

    /// Copies one token; `false` if the parser must continue from `resume_at`.
    fn copy_token(&mut self, copy: &mut PrefixCopy) -> bool {
        let source = self.source;
        copy.at = source.skip_json_whitespace(copy.at);
        let at = copy.at;
        if at >= self.trusted_until || source.is_end(at) {
            return false;
        }
        match source.byte_at(at) {
            byte @ (b'{' | b'[') => {
                self.begin_item(copy);
                if self.output.depth() >= self.depth_limit {
                    return false;
                }
                copy.at = next(at);
                self.output.enter(byte == b'{', copy.at.saturating_sub(copy.start));
                self.counts.containers = next(self.counts.containers);
                copy.name_next = byte == b'{';
                copy.set_resume(copy.at);
            }
            b'}' | b']' => {
                copy.set_resume(at);
                if self.output.depth() <= 1 || self.is_out_of_column(at) {
                    return false;
                }
                copy.at = next(at);
                self.output.leave();
                copy.set_resume(copy.at);
            }
            b',' => {
                copy.name_next = self.in_object();
                copy.at = next(at);
            }
            b':' => {
                copy.name_next = false;
                copy.at = next(at);
                let value = source.skip_json_whitespace(copy.at);
                self.output.begin_value_at(value.saturating_sub(copy.start));
            }
            b'"' => return self.copy_string(copy),
            _ => {
                self.begin_item(copy);
                copy.at = source.find(at, |byte| {
                    matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')
                });
            }
        }
        true
    }

    /// Begins a name or an element, at which the parser can continue.
    #[inline(always)]
    fn begin_item(&mut self, copy: &mut PrefixCopy) {
        if self.output.depth() == 0 || self.in_object() && !copy.name_next {
            return;
        }
        self.at = copy.at;
        self.record_indent();
        copy.set_resume(copy.at);
        copy.frame_before = self.output.top().cloned();
        self.output.begin_item_at(copy.at.saturating_sub(copy.start));
    }

    fn copy_string(&mut self, copy: &mut PrefixCopy) -> bool {
        let source = self.source;
        let start = next(copy.at);
        let (end, escaped) = string_end(source, start);
        let is_name = copy.name_next && self.in_object();
        let lone_surrogate = escaped && has_lone_surrogate(source.slice(start, end), source);
        if end >= self.trusted_until
            || lone_surrogate
            || is_name && self.is_name_out_of_column(copy.at)
        {
            if is_name || !self.in_object() {
                copy.set_resume(copy.at);
            }
            return false;
        }
        self.begin_item(copy);
        if is_name {
            self.output.set_name(start..end);
            self.counts.members = next(self.counts.members);
        }
        self.counts.double_quoted = next(self.counts.double_quoted);
        copy.at = next(end);
        true
    }
}

impl PrefixCopy {
    fn set_resume(&mut self, at: usize) {
        self.resume_at = at;
        self.frame_before = None;
    }
}

/// The end of the content of a valid string that begins at `start`, and whether it has escapes.
fn string_end(source: &Source<'_>, start: usize) -> (usize, bool) {
    let mut at = start;
    let mut escaped = false;
    loop {
        at = source.find_quote_before(at, source.len());
        if source.byte_at(at) != b'\\' {
            return (at, escaped);
        }
        escaped = true;
        at = at.saturating_add(2);
    }
}

/// Whether there is an escaped half of a surrogate pair.
fn has_lone_surrogate(content: &[u8], source: &Source<'_>) -> bool {
    strings::write_content(&mut BoundedBuffer::default(), content, StringSource::Quoted, source)
        .contains(RepairKind::LoneSurrogate)
}
