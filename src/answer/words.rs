//! A server's own words of what went wrong, wherever its JSON has them.
//!
//! Nothing is indexed and nothing is kept: each object on the way is gone over once, and there are
//! few on the way.

use std::ops::Range;

use crate::log::beginning;

use super::json::{Node, Type, children, root, spells, string_beginning};

/// The names that are looked for, the first of them first, in any case and with `_`, `-` and `.` left
/// out. Where several members of an object have one name, the last counts, those spelled exactly so
/// before others.
const NAMES: [&str; 23] = [
    "error",
    "message",
    "detail",
    "title",
    "errordescription",
    "reason",
    "errors",
    // From here on they are looked for where the ones before have led to nothing.
    "msg",
    "errormessage",
    "errormessages",
    "errorsummary",
    "errormsg",
    "errortext",
    "description",
    "details",
    "faultstring",
    "fault",
    "odataerror",
    "response",
    // These say something within an error alone.
    "value",
    "text",
    "code",
    "type",
];
const ERROR: usize = 0;
const MESSAGE: usize = 1;
const DESCRIPTION: usize = 4;
const ERRORS: usize = 6;
const INNER: usize = 19;

/// How deep words are looked for.
const DEEPEST: usize = 4;

/// Names of "fields" that stand for all of the input.
const WHOLE_INPUT: [&str; 4] = ["base", "nonfielderrors", "all", "global"];

/// What a server says.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// The words, up to the length that was asked for.
    pub line: String,
    /// What the member `error` says by itself, where the words are that and more.
    pub error: Option<String>,
}

/// The server's own words in a JSON text, the first so many bytes of them. A bare string is its own.
pub fn words(text: &str, most: usize) -> Option<Words> {
    let reader = Reader { text, most };
    let root = root(text)?;
    match root.kind() {
        Type::Object => {
            let members = reader.members(&root);
            if let Some(words) = reader.with_description(&members) {
                return Some(words);
            }
            let line = reader.usual(&members).or_else(|| reader.any(&root, &members, DEEPEST))?;
            Some(Words { line, error: None })
        }
        Type::Array => {
            let first = children(text, &root).next().map(|(_, first)| first);
            let object = first.filter(|first| first.kind() == Type::Object)?;
            let members = reader.members(&object);
            let line = reader.usual(&members).or_else(|| reader.any(&object, &members, DEEPEST))?;
            Some(Words { line, error: None })
        }
        _ => Some(Words { line: reader.said(&root)?, error: None }),
    }
}

/// What an object has to be like whose names are those of fields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// All members are lists of complaints.
    AllLists,
    /// Some are.
    Lists,
    /// A complaint may also stand by itself.
    Any,
}

/// The members of an object that are looked for, by their place in [`NAMES`].
type Members = [Option<(bool, Node)>; NAMES.len()];

struct Reader<'t> {
    text: &'t str,
    most: usize,
}

impl Reader<'_> {
    fn members(&self, object: &Node) -> Members {
        let mut found: Members = [None; NAMES.len()];
        for (name, value) in children(self.text, object) {
            let name = self.text.get(name).unwrap_or_default();
            let mut places = 0..NAMES.len();
            let Some(place) = places.find(|place| is_place(name, *place)) else { continue };
            let exact = spells(name, spelled(place));
            if let Some(held) = found.get_mut(place)
                && held.is_none_or(|(before, _)| exact || !before)
            {
                *held = Some((exact, value));
            }
        }
        found
    }

    /// `error` and `error_description`, which say the kind and the reason (RFC 6749 section 5.2).
    fn with_description(&self, members: &Members) -> Option<Words> {
        let said = |place| self.said(&member(members, place)?);
        let (error, description) = (said(ERROR)?, said(DESCRIPTION)?);
        if description == error {
            return Some(Words { line: error, error: None });
        }
        let line = self.limited(format!("{error}: {description}"));
        Some(Words { line, error: Some(error) })
    }

    /// The places that most servers use.
    fn usual(&self, members: &Members) -> Option<String> {
        let said = |place| self.said(&member(members, place)?);
        let within = |place, inner: usize| {
            let object = member(members, place).filter(|node| node.kind() == Type::Object)?;
            self.said(&member(&self.members(&object), inner)?)
        };
        let first_error = || {
            let errors = member(members, ERRORS).filter(|node| node.kind() == Type::Array)?;
            let first = children(self.text, &errors).next()?.1;
            match first.kind() {
                Type::Object => self.said(&member(&self.members(&first), MESSAGE)?),
                _ => self.said(&first),
            }
        };
        said(ERROR)
            .or_else(|| within(ERROR, MESSAGE))
            .or_else(|| (MESSAGE..ERRORS).find_map(said))
            .or_else(first_error)
    }

    /// Any place that words can be in.
    fn any(&self, object: &Node, members: &Members, deeper: usize) -> Option<String> {
        let top = deeper == DEEPEST;
        let known = if top { INNER } else { NAMES.len() };
        let mut places = 0..known;
        places
            .find_map(|place| self.inside(&member(members, place)?, place, deeper))
            .or_else(|| if top { self.of_field(object, Form::AllLists) } else { None })
            .or_else(|| self.of_only_member(object, deeper))
    }

    /// Words in the value of a member, of whatever type it is.
    fn inside(&self, node: &Node, place: usize, deeper: usize) -> Option<String> {
        let deeper = deeper.checked_sub(1)?;
        match node.kind() {
            Type::String => self.said(node),
            Type::Array => self.inside(&children(self.text, node).next()?.1, place, deeper),
            Type::Object => {
                let form = if place == ERRORS { Form::Any } else { Form::Lists };
                // A field may have any name, "title" among them.
                let fields = matches!(place, ERRORS | MESSAGE);
                let first = if fields { self.of_field(node, Form::AllLists) } else { None };
                first
                    .or_else(|| self.any(node, &self.members(node), deeper))
                    .or_else(|| self.of_field(node, form))
            }
            _ => None,
        }
    }

    /// What is wrong with the first field of the input that is named: `{"name": ["is too short"]}`.
    fn of_field(&self, object: &Node, form: Form) -> Option<String> {
        let complaint = |value: &Node| match value.kind() {
            Type::Array => children(self.text, value).next().and_then(|(_, one)| self.said(&one)),
            Type::String if form == Form::Any => self.said(value),
            _ => None,
        };
        let mut members = children(self.text, object);
        if form == Form::AllLists && !members.all(|(_, value)| complaint(&value).is_some()) {
            return None;
        }
        let (name, words) = children(self.text, object)
            .find_map(|(name, value)| Some((name, complaint(&value)?)))?;
        Some(self.of_named(name, words))
    }

    fn of_named(&self, name: Range<usize>, words: String) -> String {
        let spelled = self.text.get(name).unwrap_or_default();
        if WHOLE_INPUT.iter().any(|whole| is_named(spelled, whole)) {
            return words;
        }
        let (name, _) = string_beginning(spelled, self.most);
        // "is too short" goes on from the name, a sentence stands for itself.
        let goes_on = words.starts_with(|first: char| first.is_lowercase());
        self.limited(format!("{name}{}{words}", if goes_on { " " } else { ": " }))
    }

    /// Some put the error into an object that is named for what went wrong.
    fn of_only_member(&self, object: &Node, deeper: usize) -> Option<String> {
        let mut members = children(self.text, object);
        let (_, only) = members.next()?;
        let alone = members.next().is_none() && only.kind() == Type::Object;
        if alone { self.inside(&only, ERROR, deeper) } else { None }
    }

    /// What a string says, if it says something.
    fn said(&self, node: &Node) -> Option<String> {
        if node.kind() != Type::String {
            return None;
        }
        let (said, _) = string_beginning(node.text(self.text), self.most);
        (!said.trim().is_empty()).then_some(said)
    }

    fn limited(&self, mut line: String) -> String {
        line.truncate(beginning(&line, self.most).len());
        line
    }
}

fn member(members: &Members, place: usize) -> Option<Node> {
    members.get(place).copied().flatten().map(|(_, node)| node)
}

/// How the name at this place is spelled where it is spelled exactly.
fn spelled(place: usize) -> &'static str {
    match place {
        DESCRIPTION => "error_description",
        _ => NAMES.get(place).copied().unwrap_or_default(),
    }
}

/// Whether a name, as it is spelled with its quotes, is the one at this place. One with an escape in
/// it has to be exact.
fn is_place(name: &str, place: usize) -> bool {
    if name.contains('\\') {
        return spells(name, spelled(place));
    }
    NAMES.get(place).is_some_and(|wanted| is_named(name, wanted))
}

/// The same for a name in any case, with separators left out.
fn is_named(spelled: &str, wanted: &str) -> bool {
    let letters = spelled.bytes().filter(|byte| !matches!(byte, b'"' | b'_' | b'-' | b'.'));
    letters.map(|byte| byte.to_ascii_lowercase()).eq(wanted.bytes())
}

#[cfg(test)]
mod tests;
