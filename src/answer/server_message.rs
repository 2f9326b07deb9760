//! A server's own words of what went wrong, wherever its JSON has them.
//!
//! Nothing is indexed and nothing is kept: each object on the way is gone over once, and there are
//! few on the way.

use std::ops::Range;

use crate::log::prefix;

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
const FIRST_INNER: usize = 19;

/// How deep words are looked for.
const MAX_DEPTH: usize = 4;

/// Names of "fields" that stand for all of the input.
const WHOLE_INPUT: [&str; 4] = ["base", "nonfielderrors", "all", "global"];

/// What a server says.
#[derive(Debug, PartialEq, Eq)]
pub struct ServerMessage {
    /// The words, up to the length that was asked for.
    pub message: String,
    /// What the member `error` says by itself, where the words are that and more.
    pub error: Option<String>,
}

/// The server's own words in a JSON text, the first so many bytes of them. A bare string is its own.
pub fn server_message(text: &str, most: usize) -> Option<ServerMessage> {
    let reader = MessageReader { text, most };
    let root = root(text)?;
    match root.kind() {
        Type::Object => {
            let members = reader.members(&root);
            if let Some(words) = reader.with_description(&members) {
                return Some(words);
            }
            let line = reader
                .from_usual_members(&members)
                .or_else(|| reader.from_any_member(&root, &members, MAX_DEPTH))?;
            Some(ServerMessage { message: line, error: None })
        }
        Type::Array => {
            let first = children(text, &root).next().map(|(_, first)| first);
            let object = first.filter(|first| first.kind() == Type::Object)?;
            let members = reader.members(&object);
            let line = reader
                .from_usual_members(&members)
                .or_else(|| reader.from_any_member(&object, &members, MAX_DEPTH))?;
            Some(ServerMessage { message: line, error: None })
        }
        _ => Some(ServerMessage { message: reader.non_blank_string(&root)?, error: None }),
    }
}

/// What an object has to be like whose names are those of fields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FieldErrorForm {
    /// All members are lists of complaints.
    AllLists,
    /// Some are.
    Lists,
    /// A complaint may also stand by itself.
    Any,
}

/// The members of an object that are looked for, by their place in [`NAMES`].
type Members = [Option<(bool, Node)>; NAMES.len()];

struct MessageReader<'t> {
    text: &'t str,
    most: usize,
}

impl MessageReader<'_> {
    fn members(&self, object: &Node) -> Members {
        let mut found: Members = [None; NAMES.len()];
        for (name, value) in children(self.text, object) {
            let name = self.text.get(name).unwrap_or_default();
            let mut places = 0..NAMES.len();
            let Some(place) = places.find(|place| is_name_at(name, *place)) else { continue };
            let exact = spells(name, exact_name(place));
            if let Some(held) = found.get_mut(place)
                && held.is_none_or(|(before, _)| exact || !before)
            {
                *held = Some((exact, value));
            }
        }
        found
    }

    /// `error` and `error_description`, which say the kind and the reason (RFC 6749 section 5.2).
    fn with_description(&self, members: &Members) -> Option<ServerMessage> {
        let said = |place| self.non_blank_string(&member(members, place)?);
        let (error, description) = (said(ERROR)?, said(DESCRIPTION)?);
        if description == error {
            return Some(ServerMessage { message: error, error: None });
        }
        let line = self.truncated(format!("{error}: {description}"));
        Some(ServerMessage { message: line, error: Some(error) })
    }

    /// The places that most servers use.
    fn from_usual_members(&self, members: &Members) -> Option<String> {
        let said = |place| self.non_blank_string(&member(members, place)?);
        let within = |place, inner: usize| {
            let object = member(members, place).filter(|node| node.kind() == Type::Object)?;
            self.non_blank_string(&member(&self.members(&object), inner)?)
        };
        let first_error = || {
            let errors = member(members, ERRORS).filter(|node| node.kind() == Type::Array)?;
            let first = children(self.text, &errors).next()?.1;
            match first.kind() {
                Type::Object => self.non_blank_string(&member(&self.members(&first), MESSAGE)?),
                _ => self.non_blank_string(&first),
            }
        };
        said(ERROR)
            .or_else(|| within(ERROR, MESSAGE))
            .or_else(|| (MESSAGE..ERRORS).find_map(said))
            .or_else(first_error)
    }

    /// Any place that words can be in.
    fn from_any_member(&self, object: &Node, members: &Members, deeper: usize) -> Option<String> {
        let top = deeper == MAX_DEPTH;
        let known = if top { FIRST_INNER } else { NAMES.len() };
        let mut places = 0..known;
        places
            .find_map(|place| self.from_value(&member(members, place)?, place, deeper))
            .or_else(|| {
                if top { self.from_field_errors(object, FieldErrorForm::AllLists) } else { None }
            })
            .or_else(|| self.from_only_member(object, deeper))
    }

    /// Words in the value of a member, of whatever type it is.
    fn from_value(&self, node: &Node, place: usize, deeper: usize) -> Option<String> {
        let deeper = deeper.checked_sub(1)?;
        match node.kind() {
            Type::String => self.non_blank_string(node),
            Type::Array => self.from_value(&children(self.text, node).next()?.1, place, deeper),
            Type::Object => {
                let form =
                    if place == ERRORS { FieldErrorForm::Any } else { FieldErrorForm::Lists };
                // A field may have any name, "title" among them.
                let fields = matches!(place, ERRORS | MESSAGE);
                let first = if fields {
                    self.from_field_errors(node, FieldErrorForm::AllLists)
                } else {
                    None
                };
                first
                    .or_else(|| self.from_any_member(node, &self.members(node), deeper))
                    .or_else(|| self.from_field_errors(node, form))
            }
            _ => None,
        }
    }

    /// What is wrong with the first field of the input that is named: `{"name": ["is too short"]}`.
    fn from_field_errors(&self, object: &Node, form: FieldErrorForm) -> Option<String> {
        let complaint = |value: &Node| match value.kind() {
            Type::Array => {
                children(self.text, value).next().and_then(|(_, one)| self.non_blank_string(&one))
            }
            Type::String if form == FieldErrorForm::Any => self.non_blank_string(value),
            _ => None,
        };
        let mut members = children(self.text, object);
        if form == FieldErrorForm::AllLists
            && !members.all(|(_, value)| complaint(&value).is_some())
        {
            return None;
        }
        let (name, words) = children(self.text, object)
            .find_map(|(name, value)| Some((name, complaint(&value)?)))?;
        Some(self.with_field_name(name, words))
    }

    fn with_field_name(&self, name: Range<usize>, words: String) -> String {
        let spelled = self.text.get(name).unwrap_or_default();
        if WHOLE_INPUT.iter().any(|whole| matches_name(spelled, whole)) {
            return words;
        }
        let (name, _) = string_beginning(spelled, self.most);
        // "is too short" goes on from the name, a sentence stands for itself.
        let goes_on = words.starts_with(|first: char| first.is_lowercase());
        self.truncated(format!("{name}{}{words}", if goes_on { " " } else { ": " }))
    }

    /// Some put the error into an object that is named for what went wrong.
    fn from_only_member(&self, object: &Node, deeper: usize) -> Option<String> {
        let mut members = children(self.text, object);
        let (_, only) = members.next()?;
        let alone = members.next().is_none() && only.kind() == Type::Object;
        if alone { self.from_value(&only, ERROR, deeper) } else { None }
    }

    /// What a string says, if it says something.
    fn non_blank_string(&self, node: &Node) -> Option<String> {
        if node.kind() != Type::String {
            return None;
        }
        let (said, _) = string_beginning(node.text(self.text), self.most);
        (!said.trim().is_empty()).then_some(said)
    }

    fn truncated(&self, mut line: String) -> String {
        line.truncate(prefix(&line, self.most).len());
        line
    }
}

fn member(members: &Members, place: usize) -> Option<Node> {
    members.get(place).copied().flatten().map(|(_, node)| node)
}

/// How the name at this place is spelled where it is spelled exactly.
fn exact_name(place: usize) -> &'static str {
    match place {
        DESCRIPTION => "error_description",
        _ => NAMES.get(place).copied().unwrap_or_default(),
    }
}

/// Whether a name, as it is spelled with its quotes, is the one at this place. One with an escape in
/// it has to be exact.
fn is_name_at(name: &str, place: usize) -> bool {
    if name.contains('\\') {
        return spells(name, exact_name(place));
    }
    NAMES.get(place).is_some_and(|wanted| matches_name(name, wanted))
}

/// The same for a name in any case, with separators left out.
fn matches_name(spelled: &str, wanted: &str) -> bool {
    let letters = spelled.bytes().filter(|byte| !matches!(byte, b'"' | b'_' | b'-' | b'.'));
    letters.map(|byte| byte.to_ascii_lowercase()).eq(wanted.bytes())
}

#[cfg(test)]
mod tests;
