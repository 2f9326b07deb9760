//! The outermost level: one document or several, and what may stand around them.

use super::super::{Kind, Unrepaired, check};
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
use super::wrappers::{self, Prologue, event_stream_data, unescape_document};

/// A text that was repaired, not checked yet.
pub(super) struct RepairedText {
    pub(super) text: BoundedBuffer,
    pub(super) report: Report,
}

/// A text to repair, and what is known of it.
#[derive(Clone, Copy)]
struct RepairTask<'a> {
    text: &'a str,
    /// How many of its first bytes are sound, where that was found out.
    valid_prefix: Option<usize>,
    cut: bool,
    budget: &'a Budget<'a>,
    /// How long what becomes of it may be.
    most: usize,
}

/// What came of one try.
enum PassResult {
    Done(RepairedText),
    /// The array that several documents became is too deep.
    TooDeep,
}

/// Repairs a text that is not valid JSON. `sound` are so many of its first bytes (see [`check`]);
/// `cut`: it was cut short. What becomes of it, with what is copied of it on the way, takes at most
/// `most` bytes.
pub(super) fn repair_text(
    text: &str,
    sound: usize,
    cut: bool,
    budget: &Budget<'_>,
    most: usize,
) -> Result<RepairedText, Unrepaired> {
    let (taken, kind) = match event_stream_data(text)? {
        Some(data) => (Some(data), Kind::EventStream),
        None => (unescape_document(text)?, Kind::Escaped),
    };
    let Some((data, first)) = taken else {
        return RepairTask { text, valid_prefix: Some(sound), cut, budget, most }.run();
    };
    let most = most.saturating_sub(data.capacity());
    let mut fixed = RepairTask { text: &data, valid_prefix: None, cut, budget, most }.run()?;
    // Where things are in the data says nothing of where they were in the stream.
    fixed.report.first_offset = first;
    fixed.report.add(kind, first);
    Ok(fixed)
}

impl RepairTask<'_> {
    fn run(self) -> Result<RepairedText, Unrepaired> {
        if let PassResult::Done(fixed) = self.run_with_depth(MAX_DEPTH)? {
            return Ok(fixed);
        }
        // It is the first of the documents that is too deep.
        match self.run_with_depth(MAX_DEPTH.saturating_sub(1))? {
            PassResult::Done(fixed) => Ok(fixed),
            PassResult::TooDeep => Err(Unrepaired::NotJson),
        }
    }

    fn run_with_depth(self, deepest: usize) -> Result<PassResult, Unrepaired> {
        let source = Source::new(self.text, self.budget);
        let outcome = self.parse(&source, deepest);
        if source.was_stopped() {
            return Err(Unrepaired::Stopped);
        }
        outcome.ok_or(Unrepaired::NotJson)
    }

    fn parse(self, source: &Source<'_>, deepest: usize) -> Option<PassResult> {
        let lead = wrappers::find_document(source)?;
        let mut walk = Parser::new(source, lead.at, lead.report);
        walk.output = Output::new(source.len(), self.most);
        walk.cut = self.cut;
        walk.depth_limit = deepest;
        walk.trusted = self.trusted(source, &lead);
        let mut root = RootParser { parser: walk, prologue: lead, documents: 0 };
        if matches!(source.byte_at(lead.at), b'{' | b'[') {
            root.containers()?;
        } else {
            root.scalars()?;
        }
        let RootParser { parser: mut walk, documents, .. } = root;
        if documents > 1 {
            walk.output.wrap_documents();
            if walk.output.deepest() > MAX_DEPTH {
                return Some(PassResult::TooDeep);
            }
        }
        Some(PassResult::Done(RepairedText { text: walk.output.into_text(), report: walk.report }))
    }

    /// Up to where quotes are what they seem to be: to the last string before the first defect.
    /// What that string is, the defect may have spoilt.
    fn trusted(self, source: &Source<'_>, lead: &Prologue) -> usize {
        // What came before the document may be the first defect; then there is another.
        let known = self.valid_prefix.filter(|_| lead.report.kinds.is_empty());
        let sound = known.unwrap_or_else(|| {
            let document = self.text.get(lead.at..).unwrap_or_default();
            let sound = check::document_while(document, &|| self.budget.may_go_on());
            lead.at.saturating_add(sound.err().unwrap_or(document.len()))
        });
        if sound >= source.len() {
            // Nothing but the end is wrong with it.
            return sound;
        }
        source.rfind_between(0, sound, |byte| byte == b'"').unwrap_or(0)
    }
}

struct RootParser<'s, 'a> {
    parser: Parser<'s, 'a>,
    prologue: Prologue,
    documents: usize,
}

impl RootParser<'_, '_> {
    /// Reads arrays and objects. `None`: this is no JSON.
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
            self.parser.add_repair(Kind::SeveralDocuments);
            // Several documents become one array, which is a level more.
            self.parser.depth_limit = MAX_DEPTH.saturating_sub(1);
            self.parser.output.next_document();
        }
        self.documents = next(self.documents);
    }

    /// Whether what was read is a document, and not a text that begins with a bracket.
    fn is_plausible(&self, before: TokenCounts, start: usize) -> bool {
        let Parser { source, counts: seen, report, .. } = &self.parser;
        if source.byte_at(start) == b'{' {
            let text = report.kinds.contains(Kind::StrayText);
            return !text || seen.members > before.members;
        }
        let strings = seen.strings() > before.strings();
        let containers = seen.containers > next(before.containers);
        strings || containers || !self.text_follows()
    }

    /// Whether something follows the document that cannot belong to another, or to a script.
    fn text_follows(&self) -> bool {
        let source = self.parser.source;
        let at = source.skip_whitespace_and_comments(self.parser.at);
        let other = matches!(
            source.byte_at(at),
            b'{' | b'[' | b']' | b'}' | b')' | b';' | b',' | b'<' | b'`'
        );
        !source.is_end(at) && !other
    }

    /// Goes on to the next document; `Some(false)` where there is none. `None`: this is no JSON.
    fn advance_to_next_document(&mut self, first: usize) -> Option<bool> {
        let source = self.parser.source;
        let end = self.parser.at;
        let closed = self.skip_separators()?;
        let walk = &mut self.parser;
        if source.is_end(walk.at) {
            return Some(false);
        }
        if matches!(source.byte_at(walk.at), b'{' | b'[')
            && wrappers::begins_document(source, walk.at)
        {
            return Some(true);
        }
        let same_line = !source.has_newline(end, walk.at) && source.byte_at(walk.at) != b'<';
        if self.prologue.expects_script_end && !closed || self.prologue.after_text && same_line {
            return None;
        }
        walk.add_repair(Kind::TextAfter);
        // Lines that are damaged or none of the stream's are left out.
        while let Some(line) = wrappers::next_line(source, walk.at) {
            walk.at = line;
            let object = source.byte_at(line) == b'{' && source.byte_at(first) == b'{';
            if object && wrappers::begins_document(source, line) {
                return Some(true);
            }
        }
        walk.at = source.len();
        Some(false)
    }

    /// Skips what may stand between documents or behind the last one, and answers whether a script
    /// ended there. `None`: the beginning of the document is lost.
    fn skip_separators(&mut self) -> Option<bool> {
        let walk = &mut self.parser;
        let mut closed = false;
        loop {
            walk.skip_whitespace_and_comments();
            match walk.source.byte_at(walk.at) {
                b'}' | b']' if self.prologue.after_text => return None,
                b'}' | b']' => walk.drop_until(next(walk.at), Kind::ExtraBracket),
                b',' if self.prologue.after_text => return None,
                b',' => walk.drop_until(next(walk.at), Kind::ExtraComma),
                b'`' if walk.source.starts_with_at(walk.at, b"```") => {
                    walk.drop_until(walk.at.saturating_add(3), Kind::TextAfter);
                }
                b')' | b';' => {
                    closed = true;
                    if !self.prologue.after_script {
                        walk.add_repair(Kind::TextAfter);
                    }
                    walk.at = next(walk.at);
                }
                _ => return Some(closed),
            }
        }
    }

    /// Reads strings, numbers, keywords: one, or one on each line. `None`: this is no JSON.
    fn scalars(&mut self) -> Option<()> {
        loop {
            self.begin_document();
            if self.parser.source.quote_at(self.parser.at).is_some() {
                self.string()?;
            } else {
                self.word()?;
            }
            let walk = &mut self.parser;
            let end = walk.at;
            walk.skip_whitespace_and_comments();
            while self.prologue.after_script && matches!(walk.source.byte_at(walk.at), b')' | b';')
            {
                walk.at = next(walk.at);
                walk.skip_whitespace_and_comments();
            }
            if walk.source.is_end(walk.at) {
                return Some(());
            }
            let between = walk.source.slice(end, walk.at);
            let separated = between.iter().any(|byte| matches!(byte, b'\n' | 0x1e));
            if self.prologue.after_script || !separated {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        let walk = &mut self.parser;
        let source = walk.source;
        let (quote, length) = source.quote_at(walk.at)?;
        let start = walk.at.saturating_add(length);
        let token =
            StringReader { source, place: StringRole::Root, quote, start, trusted_until: 0 }.read();
        let cut = token.end_kind == StringEnd::Truncated;
        if cut && quote != Quote::Double {
            // An apostrophe, or a quotation in a text.
            return None;
        }
        if let Some(kind) = quote.repair_kind() {
            walk.add_repair(kind);
        }
        if cut {
            walk.report.add(Kind::Truncated, token.end);
        }
        let spelling = if cut { StringSource::Truncated } else { StringSource::Quoted };
        walk.write_text(token.start, token.end, spelling);
        walk.at = token.resume;
        Some(())
    }

    fn word(&mut self) -> Option<()> {
        let walk = &mut self.parser;
        let source = walk.source;
        let end = source.find(walk.at, |byte| {
            byte.is_ascii_whitespace() || matches!(byte, b';' | b')' | 0 | 0x1e)
        });
        let word = source.slice(walk.at, end);
        if let Some(json) = keywords::document_keyword(word) {
            if !keywords::is_json_keyword(word) {
                walk.add_repair(Kind::ForeignKeyword);
            }
            walk.output.scalar(json.as_bytes());
        } else {
            match parse_number(word) {
                Number::Exact | Number::Converted(_) if walk.cut && source.is_end(end) => {
                    walk.write_null(Kind::CutNumber);
                }
                Number::Exact => walk.output.scalar(word),
                Number::Converted(parts) => {
                    walk.add_repair(Kind::Number);
                    parts.into_iter().for_each(|part| walk.output.scalar(part));
                }
                Number::Incomplete | Number::NotANumber => return None,
            }
        }
        walk.at = end;
        Some(())
    }
}
