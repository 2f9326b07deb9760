//! Makes a tree of one level from a JSON text.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::code::Error;

use super::node::{Members, Node};
use super::text::{copy, out_of_memory, quote};

/// A tree of one level, if the node is the text of an array or object. The values in it stay text.
///
/// # Errors
/// [`Code::TooLarge`](crate::code::Code::TooLarge) if there is not enough memory.
pub(super) fn open(node: &Node) -> Result<Option<Node>, Error> {
    match node {
        Node::Text(text) if is_container(text) => one_level(text).map(Some),
        _ => Ok(None),
    }
}

/// The node of a well-formed JSON text. The values in an array or object stay text.
///
/// # Errors
/// [`Code::TooLarge`](crate::code::Code::TooLarge) if there is not enough memory.
pub(super) fn one_level(text: &str) -> Result<Node, Error> {
    if !is_container(text) {
        return Ok(Node::Text(copy(text)?));
    }
    // The text is well-formed, so nothing else can fail.
    serde_json::Deserializer::from_str(text).deserialize_any(OneLevel).map_err(|_| out_of_memory())
}

fn is_container(text: &str) -> bool {
    text.trim_ascii_start().starts_with(['[', '{'])
}

struct OneLevel;

impl<'t> Visitor<'t> for OneLevel {
    type Value = Node;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an array or object")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut elements: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = elements.next_element::<&RawValue>()? {
            list.try_reserve(1).map_err(A::Error::custom)?;
            list.push(Node::Text(copy(value.get()).map_err(A::Error::custom)?));
        }
        Ok(Node::Array(list))
    }

    fn visit_map<A: MapAccess<'t>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut members = Members::default();
        while let Some((name, value)) = entries.next_entry::<&RawValue, &RawValue>()? {
            let name = usual_form(name.get()).map_err(A::Error::custom)?;
            let value = Node::Text(copy(value.get()).map_err(A::Error::custom)?);
            members.set(&name, value).map_err(A::Error::custom)?;
        }
        Ok(Node::Object(Box::new(members)))
    }
}

/// A JSON string in the form that [`quote`] gives it. A string with a lone surrogate, which no
/// pointer can name, stays as it is.
fn usual_form(string: &str) -> Result<Box<str>, Error> {
    if !string.contains('\\') {
        return copy(string);
    }
    serde_json::from_str::<String>(string).map_or_else(|_| copy(string), |content| quote(&content))
}
