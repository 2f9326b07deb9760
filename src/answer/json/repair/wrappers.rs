//! Text around a document: guards, scripts, notices and event streams.

use super::super::{RepairError, RepairKind};
use super::budget::Budget;
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
        let plain = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        if !source.slice(prologue.at, end).iter().all(plain) {
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
        let mut end = at.saturating_add(3);
        while matches!(source.byte_at(end), b'\'' | b',' | b'"') {
            end = next(end);
        }
        return Some(end);
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
    while source.byte_at(prologue.at) == b'(' {
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
        let line = source.slice(at, end).trim_ascii();
        if !is_notice(line) {
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
fn is_notice(line: &[u8]) -> bool {
    let (Some(first), Some(last)) = (line.first(), line.last()) else { return true };
    if matches!(first, b'"' | b'\'' | b'}' | b']' | b')' | b',' | b':' | b';' | b'=' | b'&')
        || matches!(last, b',' | b'{' | b'[' | b':' | b'(')
        || line.iter().any(|byte| matches!(byte, 0..=8 | 0xb | 0xc | 0xe..=0x1f | 0x7f))
    {
        return false;
    }
    let tag = line.strip_prefix(b"<").map(|rest| rest.strip_prefix(b"/").unwrap_or(rest));
    tag.is_none_or(|tag| {
        let length = tag.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = tag.get(..length).unwrap_or_default();
        NOTICE_TAGS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    })
}

fn document_after_tag(source: &Source<'_>, at: usize, end: usize) -> Option<usize> {
    if source.byte_at(at) != b'<' {
        return None;
    }
    let line = source.slice(at, end);
    let found = line.windows(2).position(|pair| matches!(pair, [b'>', b'{' | b'[']))?;
    let opener = next(at.saturating_add(found));
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

/// Unescapes a document that was escaped as a whole, like the content of a string. Returns it and
/// its offset. `None` if it was not: every quote must be escaped, and the first must follow a
/// bracket.
pub(super) fn unescape_document(
    text: &str,
    budget: &Budget<'_>,
) -> Result<Option<(String, usize)>, RepairError> {
    let document = text.trim_start();
    let inside = document.trim_start_matches(['{', '[', ' ', '\n', '\r', '\t']);
    let is_escaped = inside.len() < document.len() && inside.starts_with("\\\"");
    let escaped = |at: usize| {
        let before = document.as_bytes().get(..at).unwrap_or_default();
        before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
    };
    if !is_escaped {
        return Ok(None);
    }
    let mut next_check = 0;
    for (at, _) in document.match_indices('"') {
        budget.check_pass(at, &mut next_check)?;
        if !escaped(at) {
            return Ok(None);
        }
    }
    next_check = 0;
    let mut plain = String::new();
    plain.try_reserve(document.len()).map_err(|_| RepairError::OutOfMemory)?;
    let mut rest = document;
    while let Some((before, escape)) = rest.split_once('\\') {
        budget.check_pass(plain.len(), &mut next_check)?;
        plain.push_str(before);
        let (meaning, length) = match escape.as_bytes().first() {
            Some(b'n') => ("\n", 1),
            Some(b'r') => ("\r", 1),
            Some(b't') => ("\t", 1),
            Some(b'"') => ("\"", 1),
            Some(b'\\') => ("\\", 1),
            Some(b'/') => ("/", 1),
            _ => ("\\", 0),
        };
        plain.push_str(meaning);
        rest = escape.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    Ok(Some((plain, text.len().saturating_sub(document.len()))))
}

/// The data of a stream of server-sent events, with separate lines for each event, and the offset
/// of the stream. `None` if the text is not a stream: every line must be a field.
pub(super) fn event_stream_data(
    text: &str,
    budget: &Budget<'_>,
) -> Result<Option<(String, usize)>, RepairError> {
    let stream = text.trim_start_matches(['\u{feff}', '\n', '\r', ' ']);
    if !["data:", "event:", "id:", "retry:", ":"].iter().any(|field| stream.starts_with(field)) {
        return Ok(None);
    }
    let mut data = String::new();
    // Each line ends with a newline.
    data.try_reserve(next(stream.len())).map_err(|_| RepairError::OutOfMemory)?;
    let (mut has_data, mut next_check, mut at) = (false, 0, 0_usize);
    for line in stream.split(['\n', '\r']) {
        budget.check_pass(at, &mut next_check)?;
        at = at.saturating_add(next(line.len()));
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        match field {
            "data" => {
                has_data = true;
                let value = value.strip_prefix(' ').unwrap_or(value);
                // Some servers mark the end of the stream so.
                if value.trim() != "[DONE]" {
                    data.push_str(value);
                }
                data.push('\n');
            }
            "event" | "id" | "retry" | "" => {}
            _ if line.trim_matches(['\0', ' ', '\t']).is_empty() => {}
            _ => return Ok(None),
        }
    }
    Ok(has_data.then(|| (data, text.len().saturating_sub(stream.len()))))
}
