//! The outermost level: one document or several, and what may stand around them.

use super::super::{Kind, Unrepaired, check};
use super::ahead::Quote;
use super::budget::Budget;
use super::numbers::{Number, number};
use super::output::{DEEPEST, Output};
use super::quotes::{End, Place, StringReader};
use super::report::Report;
use super::source::{Source, next};
use super::strings::Spelling;
use super::text::Text;
use super::walk::{Seen, Walk};
use super::words;
use super::wrappers::{self, Lead, events, unescaped};

/// A text that was repaired, not checked yet.
pub(super) struct Fixed {
    pub(super) text: Text,
    pub(super) report: Report,
}

/// A text to repair, and what is known of it.
#[derive(Clone, Copy)]
struct Task<'a> {
    text: &'a str,
    /// How many of its first bytes are sound, where that was found out.
    sound: Option<usize>,
    cut: bool,
    budget: &'a Budget<'a>,
    /// How long what becomes of it may be.
    most: usize,
}

/// What came of one try.
enum Outcome {
    Done(Fixed),
    /// The array that several documents became is too deep.
    TooDeep,
}

/// Repairs a text that is not valid JSON. `sound` are so many of its first bytes (see [`check`]);
/// `cut`: it was cut short. What becomes of it, with what is copied of it on the way, takes at most
/// `most` bytes.
pub(super) fn fix(
    text: &str,
    sound: usize,
    cut: bool,
    budget: &Budget<'_>,
    most: usize,
) -> Result<Fixed, Unrepaired> {
    let (taken, kind) = match events(text)? {
        Some(data) => (Some(data), Kind::EventStream),
        None => (unescaped(text)?, Kind::Escaped),
    };
    let Some((data, first)) = taken else {
        return Task { text, sound: Some(sound), cut, budget, most }.fix();
    };
    let most = most.saturating_sub(data.capacity());
    let mut fixed = Task { text: &data, sound: None, cut, budget, most }.fix()?;
    // Where things are in the data says nothing of where they were in the stream.
    fixed.report.first = first;
    fixed.report.add(kind, first);
    Ok(fixed)
}

impl Task<'_> {
    fn fix(self) -> Result<Fixed, Unrepaired> {
        if let Outcome::Done(fixed) = self.fix_at_most(DEEPEST)? {
            return Ok(fixed);
        }
        // It is the first of the documents that is too deep.
        match self.fix_at_most(DEEPEST.saturating_sub(1))? {
            Outcome::Done(fixed) => Ok(fixed),
            Outcome::TooDeep => Err(Unrepaired::NotJson),
        }
    }

    fn fix_at_most(self, deepest: usize) -> Result<Outcome, Unrepaired> {
        let source = Source::new(self.text, self.budget);
        let outcome = self.walk(&source, deepest);
        if source.was_stopped() {
            return Err(Unrepaired::Stopped);
        }
        outcome.ok_or(Unrepaired::NotJson)
    }

    fn walk(self, source: &Source<'_>, deepest: usize) -> Option<Outcome> {
        let lead = wrappers::lead(source)?;
        let mut walk = Walk::new(source, lead.at, lead.report);
        walk.out = Output::new(source.len(), self.most);
        walk.cut = self.cut;
        walk.deepest = deepest;
        walk.trusted = self.trusted(source, &lead);
        let mut root = Root { walk, lead, documents: 0 };
        if matches!(source.at(lead.at), b'{' | b'[') {
            root.containers()?;
        } else {
            root.scalars()?;
        }
        let Root { mut walk, documents, .. } = root;
        if documents > 1 {
            walk.out.wrap_documents();
            if walk.out.deepest() > DEEPEST {
                return Some(Outcome::TooDeep);
            }
        }
        Some(Outcome::Done(Fixed { text: walk.out.into_text(), report: walk.report }))
    }

    /// Up to where quotes are what they seem to be: to the last string before the first defect.
    /// What that string is, the defect may have spoilt.
    fn trusted(self, source: &Source<'_>, lead: &Lead) -> usize {
        // What came before the document may be the first defect; then there is another.
        let known = self.sound.filter(|_| lead.report.kinds.is_empty());
        let sound = known.unwrap_or_else(|| {
            let document = self.text.get(lead.at..).unwrap_or_default();
            let sound = check::document_while(document, &|| self.budget.may_go_on());
            lead.at.saturating_add(sound.err().unwrap_or(document.len()))
        });
        if sound >= source.len() {
            // Nothing but the end is wrong with it.
            return sound;
        }
        source.last(0, sound, |byte| byte == b'"').unwrap_or(0)
    }
}

struct Root<'s, 'a> {
    walk: Walk<'s, 'a>,
    lead: Lead,
    documents: usize,
}

impl Root<'_, '_> {
    /// Reads arrays and objects. `None`: this is no JSON.
    fn containers(&mut self) -> Option<()> {
        let first = self.walk.at;
        loop {
            let before = self.walk.seen;
            let start = self.walk.at;
            self.begin_document();
            if start == first {
                self.walk.copy_sound();
            }
            self.walk.document();
            if !self.is_plausible(before, start) {
                return None;
            }
            if !self.go_to_next(first)? {
                return Some(());
            }
        }
    }

    fn begin_document(&mut self) {
        if self.documents > 0 {
            self.walk.note(Kind::SeveralDocuments);
            // Several documents become one array, which is a level more.
            self.walk.deepest = DEEPEST.saturating_sub(1);
            self.walk.out.next_document();
        }
        self.documents = next(self.documents);
    }

    /// Whether what was read is a document, and not a text that begins with a bracket.
    fn is_plausible(&self, before: Seen, start: usize) -> bool {
        let Walk { source, seen, report, .. } = &self.walk;
        if source.at(start) == b'{' {
            let text = report.kinds.contains(Kind::StrayText);
            return !text || seen.members > before.members;
        }
        let strings = seen.strings() > before.strings();
        let containers = seen.containers > next(before.containers);
        strings || containers || !self.text_follows()
    }

    /// Whether something follows the document that cannot belong to another, or to a script.
    fn text_follows(&self) -> bool {
        let source = self.walk.source;
        let at = source.skip_blank(self.walk.at);
        let other =
            matches!(source.at(at), b'{' | b'[' | b']' | b'}' | b')' | b';' | b',' | b'<' | b'`');
        !source.is_end(at) && !other
    }

    /// Goes on to the next document; `Some(false)` where there is none. `None`: this is no JSON.
    fn go_to_next(&mut self, first: usize) -> Option<bool> {
        let source = self.walk.source;
        let end = self.walk.at;
        let closed = self.skip_ends()?;
        let walk = &mut self.walk;
        if source.is_end(walk.at) {
            return Some(false);
        }
        if matches!(source.at(walk.at), b'{' | b'[') && wrappers::begins_document(source, walk.at) {
            return Some(true);
        }
        let same_line = !source.has_newline(end, walk.at) && source.at(walk.at) != b'<';
        if self.lead.needs_end && !closed || self.lead.is_text && same_line {
            return None;
        }
        walk.note(Kind::TextAfter);
        // Lines that are damaged or none of the stream's are left out.
        while let Some(line) = wrappers::next_line(source, walk.at) {
            walk.at = line;
            let object = source.at(line) == b'{' && source.at(first) == b'{';
            if object && wrappers::begins_document(source, line) {
                return Some(true);
            }
        }
        walk.at = source.len();
        Some(false)
    }

    /// Skips what may stand between documents or behind the last one, and answers whether a script
    /// ended there. `None`: the beginning of the document is lost.
    fn skip_ends(&mut self) -> Option<bool> {
        let walk = &mut self.walk;
        let mut closed = false;
        loop {
            walk.skip();
            match walk.source.at(walk.at) {
                b'}' | b']' if self.lead.is_text => return None,
                b'}' | b']' => walk.drop_to(next(walk.at), Kind::ExtraBracket),
                b',' if self.lead.is_text => return None,
                b',' => walk.drop_to(next(walk.at), Kind::ExtraComma),
                b'`' if walk.source.has(walk.at, b"```") => {
                    walk.drop_to(walk.at.saturating_add(3), Kind::TextAfter);
                }
                b')' | b';' => {
                    closed = true;
                    if !self.lead.is_script {
                        walk.note(Kind::TextAfter);
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
            if self.walk.source.quote_at(self.walk.at).is_some() {
                self.string()?;
            } else {
                self.word()?;
            }
            let walk = &mut self.walk;
            let end = walk.at;
            walk.skip();
            while self.lead.is_script && matches!(walk.source.at(walk.at), b')' | b';') {
                walk.at = next(walk.at);
                walk.skip();
            }
            if walk.source.is_end(walk.at) {
                return Some(());
            }
            let between = walk.source.slice(end, walk.at);
            let separated = between.iter().any(|byte| matches!(byte, b'\n' | 0x1e));
            if self.lead.is_script || !separated {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        let walk = &mut self.walk;
        let source = walk.source;
        let (quote, length) = source.quote_at(walk.at)?;
        let start = walk.at.saturating_add(length);
        let token = StringReader { source, place: Place::Root, quote, start, trusted: 0 }.read();
        let cut = token.how == End::Cut;
        if cut && quote != Quote::Double {
            // An apostrophe, or a quotation in a text.
            return None;
        }
        if let Some(kind) = quote.kind() {
            walk.note(kind);
        }
        if cut {
            walk.report.add(Kind::Truncated, token.end);
        }
        let spelling = if cut { Spelling::Cut } else { Spelling::Quoted };
        walk.write_text(token.start, token.end, spelling);
        walk.at = token.resume;
        Some(())
    }

    fn word(&mut self) -> Option<()> {
        let walk = &mut self.walk;
        let source = walk.source;
        let end = source.find(walk.at, |byte| {
            byte.is_ascii_whitespace() || matches!(byte, b';' | b')' | 0 | 0x1e)
        });
        let word = source.slice(walk.at, end);
        if let Some(json) = words::document(word) {
            if !words::is_json(word) {
                walk.note(Kind::ForeignKeyword);
            }
            walk.out.scalar(json.as_bytes());
        } else {
            match number(word) {
                Number::Exact | Number::Respelled(_) if walk.cut && source.is_end(end) => {
                    walk.null(Kind::CutNumber);
                }
                Number::Exact => walk.out.scalar(word),
                Number::Respelled(parts) => {
                    walk.note(Kind::Number);
                    parts.into_iter().for_each(|part| walk.out.scalar(part));
                }
                Number::Unfinished | Number::None => return None,
            }
        }
        walk.at = end;
        Some(())
    }
}
