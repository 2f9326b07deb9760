//! The sound beginning of a document: what the strict check had nothing against is copied as it
//! stands, so that most of a document that is cut short or damaged late costs next to nothing.

use super::super::Kind;
use super::output::Frame;
use super::source::{Source, next};
use super::strings::{self, Spelling};
use super::text::Text;
use super::walk::Walk;

/// The part that is being copied.
struct Copy {
    /// Where it begins, and where it has come to.
    start: usize,
    at: usize,
    /// The last place where the walk can go on, as all that is open is known there.
    stop: usize,
    /// Whether a name comes next in an object.
    name_next: bool,
    /// Where the stop is at an item that is counted already: how the container was before it.
    begun: Option<Frame>,
}

impl Walk<'_, '_> {
    /// Copies the beginning of the document that begins here, as far as its strings can be
    /// trusted, and opens in the output what is open there.
    pub(super) fn copy_sound(&mut self) {
        let start = self.at;
        let mut copy = Copy { start, at: start, stop: start, name_next: false, begun: None };
        while self.copy_token(&mut copy) {}
        self.out.scalar(self.source.slice(start, copy.stop));
        self.at = copy.stop;
        if let (Some(before), Some(frame)) = (copy.begun, self.out.top_mut()) {
            *frame = before;
        }
        self.out.take_back_comma();
    }

    /// Copies the container that begins here where all of it is sound; `false` where it is not, or
    /// where it has to be read for another reason.
    pub(super) fn copy_container(&mut self) -> bool {
        let source = self.source;
        let start = self.at;
        if !source.may_look_ahead() {
            return false;
        }
        // Where brackets are lost, the columns tell what belongs to the container.
        if source.next_newline(start) < source.len() && self.surplus(start) != Some(0) {
            return false;
        }
        let sound = match source.first_value(start) {
            Ok(sound) => sound,
            Err(_) => return false,
        };
        let end = start.saturating_add(sound.end);
        let content = source.slice(start, end);
        // The last bracket of a document may be one too many.
        let behind = source.skip_blank(end);
        let whole = source.is_end(behind) || matches!(source.at(behind), b'{' | b'[' | b')' | b';');
        let depth = self.out.depth().saturating_add(sound.depth);
        let last = self.out.depth() == 0 && !whole;
        let lone = sound.surrogates && has_lone_surrogate(content);
        if last || lone || depth > self.deepest {
            return false;
        }
        let object = source.at(start) == b'{';
        let first = source.skip_space(next(start));
        let name = match source.at(first) {
            b'"' => next(first)..string_end(source, next(first)).0,
            _ => first..first,
        };
        let empty = matches!(source.at(first), b'}' | b']');
        self.out.copy(content, depth, object, usize::from(!empty), name);
        self.seen.containers = next(self.seen.containers);
        self.seen.double_quoted = next(self.seen.double_quoted);
        self.seen.members = self.seen.members.saturating_add(usize::from(object && !empty));
        self.at = end;
        true
    }

    /// Goes on behind one token; `false` where the walk has to go on from the last stop.
    fn copy_token(&mut self, copy: &mut Copy) -> bool {
        let source = self.source;
        copy.at = source.skip_json_space(copy.at);
        let at = copy.at;
        if at >= self.trusted || source.is_end(at) {
            return false;
        }
        match source.at(at) {
            byte @ (b'{' | b'[') => {
                self.begin_item(copy);
                if self.out.depth() >= self.deepest {
                    return false;
                }
                copy.at = next(at);
                self.out.enter(byte == b'{', copy.at.saturating_sub(copy.start));
                self.seen.containers = next(self.seen.containers);
                copy.name_next = byte == b'{';
                copy.stop_at(copy.at);
            }
            b'}' | b']' => {
                copy.stop_at(at);
                if self.out.depth() <= 1 || self.is_out_of_column(at) {
                    return false;
                }
                copy.at = next(at);
                self.out.leave();
                copy.stop_at(copy.at);
            }
            b',' => {
                copy.name_next = self.in_object();
                copy.at = next(at);
            }
            b':' => {
                copy.name_next = false;
                copy.at = next(at);
                let value = source.skip_json_space(copy.at);
                self.out.value_at(value.saturating_sub(copy.start));
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

    /// A name or an element begins here: the walk can go on from here.
    #[inline(always)]
    fn begin_item(&mut self, copy: &mut Copy) {
        if self.out.depth() == 0 || self.in_object() && !copy.name_next {
            return;
        }
        self.at = copy.at;
        self.note_indent();
        copy.stop_at(copy.at);
        copy.begun = self.out.top().cloned();
        self.out.item_at(copy.at.saturating_sub(copy.start));
    }

    fn copy_string(&mut self, copy: &mut Copy) -> bool {
        let source = self.source;
        let start = next(copy.at);
        let (end, escaped) = string_end(source, start);
        let name = copy.name_next && self.in_object();
        let lone = escaped && has_lone_surrogate(source.slice(start, end));
        if end >= self.trusted || lone || name && self.is_name_out_of_column(copy.at) {
            if name || !self.in_object() {
                copy.stop_at(copy.at);
            }
            return false;
        }
        self.begin_item(copy);
        if name {
            self.out.name_at(start..end);
            self.seen.members = next(self.seen.members);
        }
        self.seen.double_quoted = next(self.seen.double_quoted);
        copy.at = next(end);
        true
    }
}

impl Copy {
    fn stop_at(&mut self, at: usize) {
        self.stop = at;
        self.begun = None;
    }
}

/// Where the content of a sound string ends that begins here, and whether it has escapes.
fn string_end(source: &Source<'_>, start: usize) -> (usize, bool) {
    let mut at = start;
    let mut escaped = false;
    loop {
        at = source.find_quote_before(at, source.len());
        if source.at(at) != b'\\' {
            return (at, escaped);
        }
        escaped = true;
        at = at.saturating_add(2);
    }
}

/// Whether there is an escape of half a surrogate pair.
fn has_lone_surrogate(content: &[u8]) -> bool {
    strings::write(&mut Text::default(), content, Spelling::Quoted).contains(Kind::LoneSurrogate)
}
