//! Text around a document: guards, scripts, notices and event streams.

use super::super::{RepairError, RepairKind};
use super::keywords::{self, is_name_byte};
use super::lookahead::Lookahead;
use super::report::Report;
use super::source::{Source, next};

/// The beginning of a document, and the text before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prologue {
    pub(super) at: usize,
    pub(super) report: Report,
    /// Lines of text come first, so what follows must look like a document without doubt.
    pub(super) after_text: bool,
    /// A script comes first, so its end may follow the document.
    pub(super) after_script: bool,
    /// Only the end of the script may follow the document.
    pub(super) expects_script_end: bool,
}

/// HTML elements of notices that servers write before a document.
const NOTICE_TAGS: &[&str] = &[
    "br", "b", "p", "pre", "font", "i", "em", "strong", "small", "span", "table", "tr", "th", "td",
];

/// Finds the beginning of the document. `None` if there is none.
pub(super) fn find_document(source: &Source<'_>) -> Option<Prologue> {
    let report = Report::new();
    let mut prologue = Prologue {
        at: 0,
        report,
        after_text: false,
        after_script: false,
        expects_script_end: false,
    };
    loop {
        skip_noise(source, &mut prologue);
        let at = prologue.at;
        if source.is_end(at) {
            return None;
        }
        if let Some(end) = guard_end(source, at) {
            prologue.report.add(RepairKind::Guard, at);
            prologue.at = end;
            continue;
        }
        if source.starts_with_at(at, b"```") {
            prologue.report.add(RepairKind::TextBefore, at);
            prologue.at = fence_end(source, at);
            continue;
        }
        let inside = source.skip_whitespace(next(at));
        if source.byte_at(at) == b'{' && source.starts_with_at(inside, b"```") {
            // A brace around the fence.
            prologue.report.add(RepairKind::ExtraBracket, at);
            prologue.at = inside;
            continue;
        }
        return match source.byte_at(at) {
            b'{' | b'[' | b'0'..=b'9' | b'-' | b'+' | b'.' => Some(prologue),
            _ if source.quote_at(at).is_some() => Some(prologue),
            b'<' => text_notice(source, prologue),
            _ if is_word_document(source, at) => Some(prologue),
            _ => script_wrapper(source, prologue).or_else(|| text_notice(source, prologue)),
        };
    }
}

fn skip_noise(source: &Source<'_>, prologue: &mut Prologue) {
    loop {
        let end = source.skip_whitespace(prologue.at);
        if source.skip_json_whitespace(prologue.at) < end {
            prologue.report.add(RepairKind::OddSpace, prologue.at);
        }
        prologue.at = end;
        match source.comment_end(end, false) {
            Some(comment_end) => {
                prologue.report.add(RepairKind::Comment, end);
                prologue.at = comment_end;
            }
            None => return,
        }
    }
}

/// The end of a guard against cross-site inclusion.
fn guard_end(source: &Source<'_>, at: usize) -> Option<usize> {
    if source.starts_with_at(at, b")]}") {
        let end = at.saturating_add(3);
        return Some(source.find(end, |byte| !matches!(byte, b'\'' | b',' | b'"')));
    }
    for guard in [
        &[b"for".as_slice(), b"(", b";", b";", b")", b";"] as &[&[u8]],
        &[b"while", b"(", b"1", b")", b";"],
        &[b"while", b"(", b"true", b")", b";"],
        &[b"throw", b"1", b";"],
        &[b"{", b"}", b"&&"],
    ] {
        if let Some(end) = tokens_end(source, at, guard) {
            return Some(end);
        }
    }
    None
}

/// The end of these tokens, which may have whitespace between them.
fn tokens_end(source: &Source<'_>, at: usize, tokens: &[&[u8]]) -> Option<usize> {
    let mut at = at;
    for token in tokens {
        at = source.skip_whitespace(at);
        if !source.starts_with_at(at, token) {
            return None;
        }
        at = at.saturating_add(token.len());
    }
    Some(at)
}

/// The end of the opening fence of a code block, with the name of the language and the rest of its
/// line.
fn fence_end(source: &Source<'_>, at: usize) -> usize {
    let language = at.saturating_add(3);
    let name_end = source.find(language, |byte| !byte.is_ascii_alphanumeric());
    let document = source.skip_whitespace(name_end);
    match source.byte_at(document) {
        b'{' | b'[' => document,
        _ => source.next_newline(at),
    }
}

fn is_word_document(source: &Source<'_>, at: usize) -> bool {
    let end = source.find(at, |byte| !byte.is_ascii_alphabetic());
    keywords::document_keyword(source.slice(at, end)).is_some()
        && source.skip_whitespace_and_comments(end) >= source.content_end()
}

fn is_keyword(source: &Source<'_>, at: usize) -> bool {
    keywords::keyword_at(source, at).is_some()
}

/// A call around the document, an assignment before it, or parentheses.
fn script_wrapper(source: &Source<'_>, prologue: Prologue) -> Option<Prologue> {
    let mut prologue = prologue;
    prologue.report.add(RepairKind::ScriptWrapper, prologue.at);
    prologue.after_script = true;
    prologue.expects_script_end = true;
    let mut at = prologue.at;
    if source.starts_with_at(at, b"typeof ") {
        at = guarded_call(source, at)?;
    }
    let mut declared = false;
    for word in ["var ", "let ", "const ", "return ", "export default "] {
        if source.starts_with_at(at, word.as_bytes()) {
            declared = true;
            at = source.skip_whitespace(at.saturating_add(word.len()));
        }
    }
    let name = path_end(source, at);
    let mut value = source.skip_whitespace(name);
    if source.starts_with_at(value, b"&&") {
        value = source.skip_whitespace(value.saturating_add(2));
        value = source.skip_whitespace(path_end(source, value));
    }
    let call = source.byte_at(value) == b'(' && !source.has_newline(name, value);
    let assigned =
        name > at && source.byte_at(value) == b'=' && source.byte_at(next(value)) != b'=';
    let returned = declared && name == at;
    if call || assigned {
        value = next(value);
    } else if !returned {
        return None;
    }
    skip_to(source, &mut prologue, value);
    let document = match source.byte_at(prologue.at) {
        b'{' | b'[' => begins_document(source, prologue.at),
        _ if source.quote_at(prologue.at).is_some() => call || declared,
        _ => declared && (source.begins_value(prologue.at) || is_keyword(source, prologue.at)),
    };
    document.then_some(prologue)
}

fn skip_to(source: &Source<'_>, prologue: &mut Prologue, at: usize) {
    prologue.at = at;
    skip_noise(source, prologue);
    // Parentheses around the argument, for example for `eval`.
    while source.starts_with_at(prologue.at, b"(") {
        prologue.at = next(prologue.at);
        skip_noise(source, prologue);
    }
}

/// The call in `typeof f === "function" && f(…`.
fn guarded_call(source: &Source<'_>, at: usize) -> Option<usize> {
    let line = source.slice(at, at.saturating_add(256).min(source.len()));
    let operator = line.windows(2).position(|window| window == b"&&")?;
    Some(source.skip_whitespace(at.saturating_add(operator).saturating_add(2)))
}

/// The end of a path of names: `a.b_1["c"].$`.
fn path_end(source: &Source<'_>, at: usize) -> usize {
    let first = source.byte_at(at);
    if !(first.is_ascii_alphabetic() || matches!(first, b'_' | b'$')) {
        return at;
    }
    source.find(at, |byte| !(is_name_byte(byte) || matches!(byte, b'[' | b']')) || byte >= 0x80)
}

/// Whether a bracket begins something that looks like a document.
pub(super) fn begins_document(source: &Source<'_>, at: usize) -> bool {
    let inside = source.skip_whitespace_and_comments(next(at));
    if source.is_end(inside) || matches!(source.byte_at(inside), b'{' | b'[' | b'}' | b']' | b',') {
        return true;
    }
    if source.byte_at(at) == b'{' {
        return source.quote_at(inside).is_some() || source.unquoted_name_end(inside).is_some();
    }
    source.begins_value(inside) || keywords::keyword_at(source, inside).is_some()
}

/// Skips lines of text before a document that begins on its own line or right after a tag.
fn text_notice(source: &Source<'_>, prologue: Prologue) -> Option<Prologue> {
    let mut prologue = Prologue { after_text: true, ..prologue };
    prologue.report.add(RepairKind::TextBefore, prologue.at);
    let mut at = prologue.at;
    loop {
        let end = source.next_newline(at);
        if !is_notice(source, at, end) {
            return None;
        }
        if let Some(found) = document_after_tag(source, at, end) {
            prologue.at = found;
            return Some(prologue);
        }
        let next_line = next_line(source, at)?;
        at = next_line;
        if matches!(source.byte_at(at), b'{' | b'[') && begins_document(source, at) {
            prologue.at = at;
            return Some(prologue);
        }
    }
}

/// The first character of the next line that is not blank.
pub(super) fn next_line(source: &Source<'_>, at: usize) -> Option<usize> {
    let end = source.next_newline(at);
    let start = source.skip_whitespace(end);
    (!source.is_end(start)).then_some(start)
}

/// Whether a line looks like text for people, and not like a part of a document or of a page.
fn is_notice(source: &Source<'_>, start: usize, end: usize) -> bool {
    let Some((_, last)) = source.last_non_whitespace(start, end) else { return true };
    let first = source.find_before(start, end, |byte| !byte.is_ascii_whitespace());
    if matches!(
        source.byte_at(first),
        b'"' | b'\'' | b'}' | b']' | b')' | b',' | b':' | b';' | b'=' | b'&'
    ) || matches!(last, b',' | b'{' | b'[' | b':' | b'(')
        || source.find_before(first, end, is_control) < end
    {
        return false;
    }
    if source.byte_at(first) != b'<' {
        return true;
    }
    let slash = usize::from(source.byte_at(next(first)) == b'/');
    let tag = next(first).saturating_add(slash);
    let tag_end = source.find_before(tag, end, |byte| !byte.is_ascii_alphanumeric());
    let name = source.slice(tag, tag_end);
    NOTICE_TAGS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// Whether this is a control character that does not belong to a text of lines.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0xb | 0xc | 0xe..=0x1f | 0x7f)
}

fn document_after_tag(source: &Source<'_>, at: usize, end: usize) -> Option<usize> {
    if source.byte_at(at) != b'<' {
        return None;
    }
    let line = source.slice(at, end);
    let found = [b">{", b">["].into_iter().filter_map(|tag_end| source.find_text(line, tag_end));
    let opener = next(at.saturating_add(found.min()?));
    let inside = source.skip_whitespace(next(opener));
    let document = match source.byte_at(opener) {
        b'{' => source.look_ahead(inside) == Lookahead::Name,
        _ => {
            matches!(source.byte_at(inside), b'{' | b'[')
                || source.look_ahead(inside) == Lookahead::Delimited
        }
    };
    document.then_some(opener)
}

/// A text that was in another one.
pub(super) struct Unwrapped {
    pub(super) data: String,
    /// The offset at which it begins in the other one.
    pub(super) first_offset: usize,
}

impl Unwrapped {
    /// An empty text with room for all from `start` on.
    fn new(source: &Source<'_>, start: usize) -> Result<Self, RepairError> {
        let mut data = String::new();
        // A newline may follow the last line.
        let room = next(source.len().saturating_sub(start));
        data.try_reserve(room).map_err(|_| RepairError::OutOfMemory)?;
        Ok(Self { data, first_offset: start })
    }
}

/// Unescapes a document that was escaped as a whole, like the content of a string. `None` if it was
/// not: every quote must be escaped, and the first must follow a bracket.
pub(super) fn unescape_document(source: &Source<'_>) -> Result<Option<Unwrapped>, RepairError> {
    let start = source.skip_whitespace(0);
    let is_outside = |byte| matches!(byte, b'{' | b'[' | b' ' | b'\n' | b'\r' | b'\t');
    let inside = source.find(start, |byte| !is_outside(byte));
    if inside == start || !source.starts_with_at(inside, b"\\\"") {
        return Ok(None);
    }
    let mut plain = Unwrapped::new(source, start)?;
    let mut at = start;
    while !source.is_end(at) {
        let end = source.find_quote_before(at, source.len());
        source.copy_text(at, end, &mut plain.data)?;
        if source.byte_at(end) == b'"' {
            return Ok(None);
        }
        if source.is_end(end) {
            break;
        }
        let (meaning, length) = match source.byte_at(next(end)) {
            b'n' => ("\n", 2),
            b'r' => ("\r", 2),
            b't' => ("\t", 2),
            b'"' => ("\"", 2),
            b'\\' => ("\\", 2),
            b'/' => ("/", 2),
            _ => ("\\", 1),
        };
        plain.data.push_str(meaning);
        at = end.saturating_add(length);
    }
    Ok(Some(plain))
}

/// Maximum length of a value that marks the end of a stream, with whitespace around it.
const MAX_END_MARK: usize = 64;

/// The data of a stream of server-sent events, with separate lines for each event. `None` if the text
/// is not a stream: every line must be a field.
pub(super) fn event_stream_data(source: &Source<'_>) -> Result<Option<Unwrapped>, RepairError> {
    const FIELDS: [&str; 5] = ["data:", "event:", "id:", "retry:", ":"];
    let start = source.skip_whitespace(0);
    if !FIELDS.iter().any(|field| source.starts_with_at(start, field.as_bytes())) {
        return Ok(None);
    }
    let mut stream = Unwrapped::new(source, start)?;
    let (mut has_data, mut at) = (false, start);
    while !source.is_end(at) {
        let end = source.find(at, |byte| matches!(byte, b'\n' | b'\r'));
        // No field has a longer name.
        let colon = source.find_before(at, end.min(at.saturating_add(6)), |byte| byte == b':');
        match source.slice(at, colon) {
            b"data" => {
                has_data = true;
                copy_event_value(source, next(colon), end, &mut stream.data)?;
                stream.data.push('\n');
            }
            b"event" | b"id" | b"retry" | b"" => {}
            _ if source.find_before(at, end, |byte| !matches!(byte, 0 | b' ' | b'\t')) >= end => {}
            _ => return Ok(None),
        }
        at = next(end);
    }
    Ok(has_data.then_some(stream))
}

fn copy_event_value(
    source: &Source<'_>,
    start: usize,
    end: usize,
    data: &mut String,
) -> Result<(), RepairError> {
    let start = start.saturating_add(usize::from(source.byte_at(start) == b' ')).min(end);
    // Some servers mark the end of the stream so.
    let is_end_mark =
        end.saturating_sub(start) <= MAX_END_MARK && source.text(start, end).trim() == "[DONE]";
    if is_end_mark { Ok(()) } else { source.copy_text(start, end, data) }
}
