//! The outermost level: one document or several, and the text around them.

use super::super::{RepairError, RepairKind, check};
use super::bounded_buffer::BoundedBuffer;
use super::budget::Budget;
use super::keywords;
use super::lookahead::Quote;
use super::numbers::{Number, parse_number};
use super::output::{MAX_DEPTH, Output};
use super::parser::{Parser, TokenCounts};
use super::quotes::{StringEnd, StringReader, StringRole};
use super::report::Report;
use super::source::{Source, next};
use super::strings::StringSource;
use super::wrappers::{self, Prologue, Unwrapped, event_stream_data, unescape_document};

/// A repaired text that is not checked yet.
pub(super) struct RepairedText {
    pub(super) text: BoundedBuffer,
    pub(super) report: Report,
}

/// A text to repair, and information about it.
#[derive(Clone, Copy)]
struct RepairTask<'a> {
    text: &'a str,
    /// Length of the valid beginning in bytes, if known.
    valid_prefix: Option<usize>,
    truncated: bool,
    budget: &'a Budget<'a>,
    /// Maximum length of the repaired text in bytes.
    max_length: usize,
}

/// The result of one pass over the text.
enum PassResult {
    Done(RepairedText),
    /// The nesting is too deep for the array that holds several documents.
    TooDeep,
}

/// Repairs a text that is not valid JSON. `valid_prefix` is the length of its valid beginning (see
/// [`check`]); `truncated`: its end is missing. The repaired text and intermediate copies together
/// take at most `max_length` bytes.
pub(super) fn repair_text(
    text: &str,
    valid_prefix: usize,
    truncated: bool,
    budget: &Budget<'_>,
    max_length: usize,
) -> Result<RepairedText, RepairError> {
    let (unwrapped, kind) = unwrap(text, budget)?;
    let Some(Unwrapped { data, first_offset }) = unwrapped else {
        let valid_prefix = Some(valid_prefix);
        return RepairTask { text, valid_prefix, truncated, budget, max_length }.run();
    };
    let max_length = max_length.saturating_sub(data.capacity());
    let task = RepairTask { text: &data, valid_prefix: None, truncated, budget, max_length };
    let mut repaired = task.run()?;
    // Offsets in the data are not offsets in the body.
    repaired.report.first_offset = first_offset;
    repaired.report.add(kind, first_offset);
    Ok(repaired)
}

/// The data of an event stream, or the document in an escaped text, and the kind of repair.
fn unwrap(text: &str, budget: &Budget<'_>) -> Result<(Option<Unwrapped>, RepairKind), RepairError> {
    // The steps for this do not count as steps of the repair.
    let should_continue = || budget.should_continue();
    let budget = Budget::new(text.len(), &should_continue);
    let source = Source::new(text, &budget);
    let unwrapped = match event_stream_data(&source)? {
        Some(data) => (Some(data), RepairKind::EventStream),
        None => (unescape_document(&source)?, RepairKind::Escaped),
    };
    if source.was_stopped() { Err(RepairError::Stopped) } else { Ok(unwrapped) }
}

impl RepairTask<'_> {
    fn run(self) -> Result<RepairedText, RepairError> {
        if let PassResult::Done(repaired) = self.run_with_depth(MAX_DEPTH)? {
            return Ok(repaired);
        }
        // The first of several documents is too deep.
        match self.run_with_depth(MAX_DEPTH.saturating_sub(1))? {
            PassResult::Done(repaired) => Ok(repaired),
            PassResult::TooDeep => Err(RepairError::NotJson),
        }
    }

    fn run_with_depth(self, depth_limit: usize) -> Result<PassResult, RepairError> {
        let source = Source::new(self.text, self.budget);
        let outcome = self.parse(&source, depth_limit);
        if source.was_stopped() {
            return Err(RepairError::Stopped);
        }
        outcome.ok_or(RepairError::NotJson)
    }

    fn parse(self, source: &Source<'_>, depth_limit: usize) -> Option<PassResult> {
        let prologue = wrappers::find_document(source)?;
        let mut parser = Parser::new(source, prologue.at, prologue.report);
        parser.output = Output::new(source.len(), self.max_length);
        parser.truncated = self.truncated;
        parser.depth_limit = depth_limit;
        parser.trusted_until = self.trusted_until(source, &prologue);
        let mut root = RootParser { parser, prologue, documents: 0 };
        if matches!(source.byte_at(prologue.at), b'{' | b'[') {
            root.containers()?;
        } else {
            root.scalars()?;
        }
        let RootParser { mut parser, documents, .. } = root;
        if documents > 1 {
            parser.output.wrap_documents();
            if parser.output.max_depth() > MAX_DEPTH {
                return Some(PassResult::TooDeep);
            }
        }
        Some(PassResult::Done(RepairedText {
            text: parser.output.into_text(),
            report: parser.report,
        }))
    }

    /// The end of the part in which double quotes certainly begin or end a string: the last quote
    /// before the first damage, because the damage may change the string that begins there.
    fn trusted_until(self, source: &Source<'_>, prologue: &Prologue) -> usize {
        // If text before the document is the first damage, the valid prefix is not known.
        let known = self.valid_prefix.filter(|_| prologue.report.kinds.is_empty());
        let valid_until = known.unwrap_or_else(|| {
            let document = self.text.get(prologue.at..).unwrap_or_default();
            let valid = check::check_document_while(document, &|| self.budget.should_continue());
            prologue.at.saturating_add(valid.err().unwrap_or(document.len()))
        });
        if valid_until >= source.len() {
            // Only the end is missing.
            return valid_until;
        }
        source.rfind_between(0, valid_until, |byte| byte == b'"').unwrap_or(0)
    }
}

struct RootParser<'s, 'a> {
    parser: Parser<'s, 'a>,
    prologue: Prologue,
    documents: usize,
}

impl RootParser<'_, '_> {
    /// Reads arrays and objects. `None`: the text is not JSON.
    fn containers(&mut self) -> Option<()> {
        let first = self.parser.at;
        loop {
            let before = self.parser.counts;
            let start = self.parser.at;
            self.begin_document();
            if start == first {
                self.parser.copy_valid_prefix();
            }
            self.parser.document();
            if !self.is_plausible(before, start) {
                return None;
            }
            if !self.advance_to_next_document(first)? {
                return Some(());
            }
        }
    }

    fn begin_document(&mut self) {
        if self.documents > 0 {
            self.parser.add_repair(RepairKind::SeveralDocuments);
            // Several documents become one array, which adds a level.
            self.parser.depth_limit = MAX_DEPTH.saturating_sub(1);
            self.parser.output.next_document();
        }
        self.documents = next(self.documents);
    }

    /// Whether the part just read is a document, and not a text that begins with a bracket.
    fn is_plausible(&self, before: TokenCounts, start: usize) -> bool {
        let Parser { source, counts, report, .. } = &self.parser;
        if source.byte_at(start) == b'{' {
            let has_text = report.kinds.contains(RepairKind::StrayText);
            return !has_text || counts.members > before.members;
        }
        let strings = counts.strings() > before.strings();
        let containers = counts.containers > next(before.containers);
        strings || containers || !self.text_follows()
    }

    /// Whether text follows that cannot belong to another document or to a script.
    fn text_follows(&self) -> bool {
        let source = self.parser.source;
        let at = source.skip_whitespace_and_comments(self.parser.at);
        let allowed = matches!(
            source.byte_at(at),
            b'{' | b'[' | b']' | b'}' | b')' | b';' | b',' | b'<' | b'`'
        );
        !source.is_end(at) && !allowed
    }

    /// Moves to the next document; `Some(false)` if there is none. `None`: the text is not JSON.
    fn advance_to_next_document(&mut self, first: usize) -> Option<bool> {
        let source = self.parser.source;
        let end = self.parser.at;
        let script_ended = self.skip_separators()?;
        let parser = &mut self.parser;
        if source.is_end(parser.at) {
            return Some(false);
        }
        if matches!(source.byte_at(parser.at), b'{' | b'[')
            && wrappers::begins_document(source, parser.at)
        {
            return Some(true);
        }
        let same_line = !source.has_newline(end, parser.at) && source.byte_at(parser.at) != b'<';
        if self.prologue.expects_script_end && !script_ended
            || self.prologue.after_text && same_line
        {
            return None;
        }
        parser.add_repair(RepairKind::TextAfter);
        // Skips lines that are damaged or do not begin a document.
        while let Some(line) = wrappers::next_line(source, parser.at) {
            parser.at = line;
            let object = source.byte_at(line) == b'{' && source.byte_at(first) == b'{';
            if object && wrappers::begins_document(source, line) {
                return Some(true);
            }
        }
        parser.at = source.len();
        Some(false)
    }

    /// Skips what may stand between documents or after the last one. Returns whether a script ended
    /// there. `None`: the beginning of the document is lost.
    fn skip_separators(&mut self) -> Option<bool> {
        let parser = &mut self.parser;
        let mut script_ended = false;
        loop {
            parser.skip_whitespace_and_comments();
            match parser.source.byte_at(parser.at) {
                b'}' | b']' if self.prologue.after_text => return None,
                b'}' | b']' => parser.drop_until(next(parser.at), RepairKind::ExtraBracket),
                b',' if self.prologue.after_text => return None,
                b',' => parser.drop_until(next(parser.at), RepairKind::ExtraComma),
                b'`' if parser.source.starts_with_at(parser.at, b"```") => {
                    parser.drop_until(parser.at.saturating_add(3), RepairKind::TextAfter);
                }
                b')' | b';' => {
                    script_ended = true;
                    if !self.prologue.after_script {
                        parser.add_repair(RepairKind::TextAfter);
                    }
                    parser.at = next(parser.at);
                }
                _ => return Some(script_ended),
            }
        }
    }

    /// Reads strings, numbers, keywords: one, or one on each line. `None`: the text is not JSON.
    fn scalars(&mut self) -> Option<()> {
        loop {
            self.begin_document();
            if self.parser.source.quote_at(self.parser.at).is_some() {
                self.string()?;
            } else {
                self.word()?;
            }
            let parser = &mut self.parser;
            let end = parser.at;
            parser.skip_whitespace_and_comments();
            while self.prologue.after_script
                && matches!(parser.source.byte_at(parser.at), b')' | b';')
            {
                parser.at = next(parser.at);
                parser.skip_whitespace_and_comments();
            }
            if parser.source.is_end(parser.at) {
                return Some(());
            }
            let separator =
                parser.source.find_before(end, parser.at, |byte| matches!(byte, b'\n' | 0x1e));
            let separated = separator < parser.at;
            if self.prologue.after_script || !separated {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        let parser = &mut self.parser;
        let source = parser.source;
        let (quote, length) = source.quote_at(parser.at)?;
        let start = parser.at.saturating_add(length);
        let token =
            StringReader { source, role: StringRole::Root, quote, start, trusted_until: 0 }.read();
        let truncated = token.end_kind == StringEnd::Truncated;
        if truncated && quote != Quote::Double {
            // An apostrophe, or a quotation in a text.
            return None;
        }
        if let Some(kind) = quote.repair_kind() {
            parser.add_repair(kind);
        }
        if truncated {
            parser.report.add(RepairKind::Truncated, token.end);
        }
        let spelling = if truncated { StringSource::Truncated } else { StringSource::Quoted };
        parser.write_text(token.start, token.end, spelling);
        parser.at = token.resume;
        Some(())
    }

    fn word(&mut self) -> Option<()> {
        let parser = &mut self.parser;
        let source = parser.source;
        let end = source.find(parser.at, |byte| {
            byte.is_ascii_whitespace() || matches!(byte, b';' | b')' | 0 | 0x1e)
        });
        let word = source.slice(parser.at, end);
        if let Some(json) = keywords::document_keyword(word) {
            if !keywords::is_json_keyword(word) {
                parser.add_repair(RepairKind::ForeignKeyword);
            }
            parser.output.literal(json);
        } else {
            match parse_number(word, source) {
                Number::Exact | Number::Converted(_) if parser.truncated && source.is_end(end) => {
                    parser.write_null(RepairKind::CutNumber);
                }
                Number::Exact => parser.output.copy(word, source),
                Number::Converted(parts) => {
                    parser.add_repair(RepairKind::Number);
                    parts.into_iter().for_each(|part| parser.output.copy(part, source));
                }
                Number::Incomplete | Number::Invalid => return None,
            }
        }
        parser.at = end;
        Some(())
    }
}
