//! Finds the error message of a server in its JSON.
//!
//! Needs no index: the search reads each object on its way once, and there are few of them.

use std::ops::Range;

use crate::log::prefix;

use super::json::{Node, Type, children, root, string_equals, string_prefix};

/// The names of members that may contain the message, by rank. Case, `_`, `-` and `.` do not
/// matter. If several members of an object match a name, exact spellings go first, then the last
/// one counts.
const NAMES: [&str; 23] = [
    "error",
    "message",
    "detail",
    "title",
    "errordescription",
    "reason",
    "errors",
    // These count only if those before contain no message.
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
    // These contain a message only inside an error.
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

/// Maximum depth of the search.
const MAX_DEPTH: usize = 4;

/// Names of "fields" that mean the whole input.
const WHOLE_INPUT: [&str; 4] = ["base", "nonfielderrors", "all", "global"];

/// The error message of a server.
#[derive(Debug, PartialEq, Eq)]
pub struct ServerMessage {
    /// The message, up to the maximum length.
    pub message: String,
    /// The member `error` by itself, if the message contains more than that.
    pub error: Option<String>,
}

/// The server's message in a JSON text, at most `limit` bytes of it. A bare string is a message.
pub fn server_message(text: &str, limit: usize) -> Option<ServerMessage> {
    let reader = MessageReader { text, limit };
    let root = root(text)?;
    match root.value_type() {
        Type::Object => {
            let members = reader.members(&root);
            if let Some(message) = reader.with_description(&members) {
                return Some(message);
            }
            let message = reader
                .in_usual_members(&members)
                .or_else(|| reader.in_any_member(&root, &members, MAX_DEPTH))?;
            Some(ServerMessage { message, error: None })
        }
        Type::Array => {
            let first = children(text, &root).next().map(|(_, first)| first);
            let object = first.filter(|first| first.value_type() == Type::Object)?;
            let members = reader.members(&object);
            let message = reader
                .in_usual_members(&members)
                .or_else(|| reader.in_any_member(&object, &members, MAX_DEPTH))?;
            Some(ServerMessage { message, error: None })
        }
        _ => Some(ServerMessage { message: reader.non_blank_string(&root)?, error: None }),
    }
}

/// The required form of an object that lists errors by field of the input.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FieldErrorForm {
    /// All members are lists of messages.
    AllLists,
    /// Some members are lists of messages.
    Lists,
    /// Some members are lists of messages, or messages.
    Any,
}

/// The members of an object that may contain the message, by rank in [`NAMES`], each with whether
/// its name is spelled exactly.
type Members = [Option<(bool, Node)>; NAMES.len()];

struct MessageReader<'t> {
    text: &'t str,
    limit: usize,
}

impl MessageReader<'_> {
    fn members(&self, object: &Node) -> Members {
        let mut found: Members = [None; NAMES.len()];
        for (name, value) in children(self.text, object) {
            let name = self.text.get(name).unwrap_or_default();
            let mut ranks = 0..NAMES.len();
            let Some(rank) = ranks.find(|rank| matches_rank(name, *rank)) else { continue };
            let exact = string_equals(name, exact_name(rank));
            if let Some(member) = found.get_mut(rank)
                && member.is_none_or(|(already_exact, _)| exact || !already_exact)
            {
                *member = Some((exact, value));
            }
        }
        found
    }

    /// `error` and `error_description`, which are the code and the reason (RFC 6749 section 5.2).
    fn with_description(&self, members: &Members) -> Option<ServerMessage> {
        let message = |rank| self.non_blank_string(&member(members, rank)?);
        let (error, description) = (message(ERROR)?, message(DESCRIPTION)?);
        if description == error {
            return Some(ServerMessage { message: error, error: None });
        }
        let message = self.truncated(format!("{error}: {description}"));
        Some(ServerMessage { message, error: Some(error) })
    }

    /// The members that most servers use.
    fn in_usual_members(&self, members: &Members) -> Option<String> {
        let message = |rank| self.non_blank_string(&member(members, rank)?);
        let within = |rank, inner: usize| {
            let object = member(members, rank).filter(|node| node.value_type() == Type::Object)?;
            self.non_blank_string(&member(&self.members(&object), inner)?)
        };
        let first_error = || {
            let errors = member(members, ERRORS).filter(|node| node.value_type() == Type::Array)?;
            let first = children(self.text, &errors).next()?.1;
            match first.value_type() {
                Type::Object => self.non_blank_string(&member(&self.members(&first), MESSAGE)?),
                _ => self.non_blank_string(&first),
            }
        };
        message(ERROR)
            .or_else(|| within(ERROR, MESSAGE))
            .or_else(|| (MESSAGE..ERRORS).find_map(message))
            .or_else(first_error)
    }

    /// Any member that can contain a message.
    fn in_any_member(&self, object: &Node, members: &Members, depth_left: usize) -> Option<String> {
        let is_root = depth_left == MAX_DEPTH;
        let known = if is_root { FIRST_INNER } else { NAMES.len() };
        let mut ranks = 0..known;
        ranks
            .find_map(|rank| self.in_value(&member(members, rank)?, rank, depth_left))
            .or_else(|| {
                if is_root { self.in_field_errors(object, FieldErrorForm::AllLists) } else { None }
            })
            .or_else(|| self.in_only_member(object, depth_left))
    }

    /// The message in the value of a member, which can have any type.
    fn in_value(&self, node: &Node, rank: usize, depth_left: usize) -> Option<String> {
        let depth_left = depth_left.checked_sub(1)?;
        match node.value_type() {
            Type::String => self.non_blank_string(node),
            Type::Array => self.in_value(&children(self.text, node).next()?.1, rank, depth_left),
            Type::Object => {
                let form = if rank == ERRORS { FieldErrorForm::Any } else { FieldErrorForm::Lists };
                // A field may have any name, "title" among them.
                let fields = matches!(rank, ERRORS | MESSAGE);
                let first = if fields {
                    self.in_field_errors(node, FieldErrorForm::AllLists)
                } else {
                    None
                };
                first
                    .or_else(|| self.in_any_member(node, &self.members(node), depth_left))
                    .or_else(|| self.in_field_errors(node, form))
            }
            _ => None,
        }
    }

    /// The message for the first field of the input: `{"name": ["is too short"]}`.
    fn in_field_errors(&self, object: &Node, form: FieldErrorForm) -> Option<String> {
        let first_message = |value: &Node| match value.value_type() {
            Type::Array => {
                children(self.text, value).next().and_then(|(_, one)| self.non_blank_string(&one))
            }
            Type::String if form == FieldErrorForm::Any => self.non_blank_string(value),
            _ => None,
        };
        let mut members = children(self.text, object);
        if form == FieldErrorForm::AllLists
            && !members.all(|(_, value)| first_message(&value).is_some())
        {
            return None;
        }
        let (name, message) = children(self.text, object)
            .find_map(|(name, value)| Some((name, first_message(&value)?)))?;
        Some(self.with_field_name(name, message))
    }

    fn with_field_name(&self, name: Range<usize>, message: String) -> String {
        let spelled = self.text.get(name).unwrap_or_default();
        if WHOLE_INPUT.iter().any(|whole| matches_name(spelled, whole)) {
            return message;
        }
        let (name, _) = string_prefix(spelled, self.limit);
        // "is too short" continues the name; a sentence follows a colon.
        let continues_name = message.starts_with(|first: char| first.is_lowercase());
        self.truncated(format!("{name}{}{message}", if continues_name { " " } else { ": " }))
    }

    /// The message inside an only member: some servers name an object after the error and put it
    /// there.
    fn in_only_member(&self, object: &Node, depth_left: usize) -> Option<String> {
        let mut members = children(self.text, object);
        let (_, only) = members.next()?;
        let alone = members.next().is_none() && only.value_type() == Type::Object;
        if alone { self.in_value(&only, ERROR, depth_left) } else { None }
    }

    /// The text of a string, unless it is blank.
    fn non_blank_string(&self, node: &Node) -> Option<String> {
        if node.value_type() != Type::String {
            return None;
        }
        let (message, _) = string_prefix(node.text(self.text), self.limit);
        (!message.trim().is_empty()).then_some(message)
    }

    fn truncated(&self, mut message: String) -> String {
        message.truncate(prefix(&message, self.limit).len());
        message
    }
}

fn member(members: &Members, rank: usize) -> Option<Node> {
    members.get(rank).copied().flatten().map(|(_, node)| node)
}

/// The exact spelling of the name at this rank.
fn exact_name(rank: usize) -> &'static str {
    match rank {
        DESCRIPTION => "error_description",
        _ => NAMES.get(rank).copied().unwrap_or_default(),
    }
}

/// Whether a name, with its quotes, matches the name at this rank. If it contains an escape, it
/// must be spelled exactly.
fn matches_rank(name: &str, rank: usize) -> bool {
    if name.contains('\\') {
        return string_equals(name, exact_name(rank));
    }
    NAMES.get(rank).is_some_and(|expected| matches_name(name, expected))
}

/// Whether a name matches without regard to case and separators.
fn matches_name(spelled: &str, expected: &str) -> bool {
    let letters = spelled.bytes().filter(|byte| !matches!(byte, b'"' | b'_' | b'-' | b'.'));
    letters.map(|byte| byte.to_ascii_lowercase()).eq(expected.bytes())
}

#[cfg(test)]
mod tests;
