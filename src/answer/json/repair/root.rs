//! The outermost level: one document or several, and what may stand around them.

use super::super::Kind;
use super::super::strict::check;
use super::Report;
use super::numbers::{Number, number};
use super::output::DEEPEST;
use super::quotes::{End, Place, StringReader};
use super::source::{Quote, Source, next};
use super::strings::Spelling;
use super::walk::{Seen, Walk};
use super::words;
use super::wrappers::{self, Lead, events};

/// A text that was repaired, not checked yet.
pub(super) struct Fixed {
    pub(super) text: Vec<u8>,
    pub(super) report: Report,
    /// How many bytes were touched, the same ones counted each time.
    pub(super) steps: usize,
}

/// Repairs a text that is not valid JSON. `sound` are so many of its first bytes (see [`check`]);
/// `cut`: it was cut short.
pub(super) fn fix(text: &str, sound: usize, cut: bool) -> Option<Fixed> {
    if let Some((joined, first)) = events(text) {
        let mut fixed = fix_documents(&joined, None, cut)?;
        // Where things are in the joined text says nothing of where they were.
        fixed.report = Report { first, ..fixed.report };
        fixed.report.add(Kind::EventStream, first);
        return Some(fixed);
    }
    fix_documents(text, Some(sound), cut)
}

fn fix_documents(text: &str, sound: Option<usize>, cut: bool) -> Option<Fixed> {
    let fixed = fix_at_most(text, sound, cut, DEEPEST)?;
    match fixed {
        Outcome::Done(fixed) => Some(fixed),
        // Several documents become one array, which is a level more.
        Outcome::TooDeep => match fix_at_most(text, sound, cut, DEEPEST.saturating_sub(1))? {
            Outcome::Done(fixed) => Some(fixed),
            Outcome::TooDeep => None,
        },
    }
}

enum Outcome {
    Done(Fixed),
    TooDeep,
}

fn fix_at_most(text: &str, sound: Option<usize>, cut: bool, deepest: usize) -> Option<Outcome> {
    let source = Source::new(text);
    let lead = wrappers::lead(&source)?;
    // What came before the document was the first defect, perhaps.
    let sound = sound.filter(|_| lead.report.kinds.is_empty()).unwrap_or_else(|| {
        let document = text.get(lead.at..).unwrap_or_default();
        lead.at.saturating_add(check(document).err().unwrap_or(document.len()))
    });
    let last_quote = source.slice(0, sound).iter().rposition(|byte| *byte == b'"');
    let mut walk = Walk::new(&source, lead.at, lead.report);
    walk.cut = cut;
    walk.deepest = deepest;
    // What the last string before the defect is, the defect may have spoilt; where the only defect is
    // that the text ends, all of its strings are what they seem.
    walk.trusted = if sound >= text.len() { sound } else { last_quote.unwrap_or(0) };
    let mut root = Root { walk, lead, documents: 0 };
    if matches!(source.at(root.walk.at), b'{' | b'[') {
        root.containers()?;
    } else {
        root.scalars()?;
    }
    let Root { mut walk, documents, .. } = root;
    if documents > 1 {
        walk.report.add(Kind::SeveralDocuments, 0);
        walk.out.wrap_documents();
        if walk.out.deepest() > DEEPEST {
            return Some(Outcome::TooDeep);
        }
    }
    let steps = source.steps();
    Some(Outcome::Done(Fixed { text: walk.out.into_text(), report: walk.report, steps }))
}

struct Root<'s, 'a> {
    walk: Walk<'s, 'a>,
    lead: Lead,
    documents: usize,
}

impl Root<'_, '_> {
    /// Arrays and objects.
    fn containers(&mut self) -> Option<()> {
        let first = self.walk.at;
        loop {
            let before = self.walk.seen;
            if self.documents > 0 {
                self.walk.out.next_document();
            }
            let start = self.walk.at;
            if self.documents == 0 {
                self.walk.copy_sound();
            }
            self.walk.document();
            self.documents = next(self.documents);
            if !self.is_plausible(before, start) {
                return None;
            }
            if !self.to_next(first)? {
                return Some(());
            }
        }
    }

    /// Whether what was read is a document, and not a text that begins with a bracket.
    fn is_plausible(&self, before: Seen, start: usize) -> bool {
        let walk = &self.walk;
        let object = walk.source.at(start) == b'{';
        let dropped = walk.report.kinds.contains(Kind::StrayText)
            || walk.report.kinds.contains(Kind::UnquotedValue);
        if object {
            return walk.seen.members > before.members || !dropped;
        }
        let strings = walk.seen.strings() > before.strings();
        let containers = walk.seen.containers > next(before.containers);
        strings || containers || !self.text_follows()
    }

    /// Whether something follows the document that belongs to no document.
    fn text_follows(&self) -> bool {
        let source = self.walk.source;
        let at = source.skip_blank(self.walk.at);
        !source.is_end(at)
            && !matches!(source.at(at), b'{' | b'[' | b']' | b'}' | b')' | b';' | b',' | b'<')
    }

    /// Goes on to the next document; `false` where there is none. `None`: this is no document.
    fn to_next(&mut self, first: usize) -> Option<bool> {
        let walk = &mut self.walk;
        let source = walk.source;
        let end = walk.at;
        let mut closed = false;
        loop {
            walk.skip();
            match source.at(walk.at) {
                _ if source.is_end(walk.at) => break,
                b'}' | b']' if self.lead.is_text => return None,
                b'}' | b']' => walk.drop_to(next(walk.at), Kind::ExtraBracket),
                b')' => {
                    closed = true;
                    walk.at = next(walk.at);
                }
                b';' => {
                    closed = true;
                    walk.drop_to(next(walk.at), Kind::TextAfter);
                }
                b',' => walk.drop_to(next(walk.at), Kind::ExtraComma),
                b'{' | b'[' if wrappers::begins_document(source, walk.at) => return Some(true),
                _ => break,
            }
        }
        if source.is_end(walk.at) {
            return Some(false);
        }
        let same_line = !source.has_newline(end, walk.at);
        if self.lead.needs_end && !closed
            || self.lead.is_text && same_line && source.at(walk.at) != b'<'
        {
            return None;
        }
        walk.note(Kind::TextAfter);
        let opener = source.at(first);
        while let Some(line) = wrappers::next_line(source, walk.at) {
            walk.at = line;
            let again = opener == b'{' && source.at(line) == opener;
            if again && wrappers::begins_document(source, line) {
                return Some(true);
            }
        }
        walk.at = source.len();
        Some(false)
    }

    /// Strings, numbers, keywords: one, or one on each line.
    fn scalars(&mut self) -> Option<()> {
        loop {
            if self.documents > 0 {
                self.walk.out.next_document();
            }
            self.scalar()?;
            self.documents = next(self.documents);
            let end = self.walk.at;
            self.walk.skip();
            let source = self.walk.source;
            while self.lead.is_script && matches!(source.at(self.walk.at), b')' | b';') {
                self.walk.at = next(self.walk.at);
                self.walk.skip();
            }
            if source.is_end(self.walk.at) {
                return Some(());
            }
            let separated =
                source.slice(end, self.walk.at).iter().any(|byte| matches!(byte, b'\n' | 0x1e));
            if !separated || self.lead.is_script {
                return None;
            }
        }
    }

    fn scalar(&mut self) -> Option<()> {
        let walk = &mut self.walk;
        let source = walk.source;
        if let Some((quote, length)) = source.quote_at(walk.at) {
            let start = walk.at.saturating_add(length);
            let token =
                StringReader { source, place: Place::Root, quote, start, trusted: 0 }.read();
            if let Some(kind) = quote.kind() {
                walk.note(kind);
            }
            let mut spelling = Spelling::Quoted;
            if token.how == End::Cut {
                // Only what cannot be the beginning of a text without quotes.
                if quote != Quote::Double {
                    return None;
                }
                walk.report.add(Kind::Truncated, token.end);
                spelling = Spelling::Cut;
            }
            walk.write_text(token.start, token.end, spelling);
            walk.at = token.resume;
            return Some(());
        }
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
                    walk.note(Kind::CutNumber);
                    walk.out.scalar(b"null");
                }
                Number::Exact => walk.out.scalar(word),
                Number::Respelled(text) => {
                    walk.note(Kind::Number);
                    walk.out.scalar(&text);
                }
                Number::Unfinished | Number::None => return None,
            }
        }
        walk.at = end;
        Some(())
    }
}
