//! Sets a value in a tree by a JSON pointer.

use std::borrow::Cow;

use crate::code::{Code, Error};
use crate::json_pointer;

use super::node::Node;
use super::parse;
use super::text::{out_of_memory, quote};

/// Maximum number of tokens in a pointer. Dropping and rendering a tree recurse as deep.
pub(super) const MAX_LEVELS: usize = 128;

/// Sets the value at a pointer; creates missing arrays and objects. If it fails, nothing changes.
///
/// # Errors
/// [`Code::InvalidArgument`] if the pointer is invalid or does not fit the tree;
/// [`Code::TooLarge`] if there is not enough memory.
pub(super) fn set(tree: &mut Option<Node>, pointer: &str, value: Box<str>) -> Result<(), Error> {
    let tokens = tokens(pointer)?;
    let value = Node::Text(value);
    match tree {
        Some(node) => set_in(node, &tokens, value, pointer, false),
        None => wrap(&tokens, value).map(|root| *tree = Some(root)),
    }
}

/// Sets the value that the tokens name in a node. `is_new`: the node was made for this, so that an
/// error may leave it changed.
fn set_in(
    mut node: &mut Node,
    tokens: &[Cow<'_, str>],
    value: Node,
    pointer: &str,
    is_new: bool,
) -> Result<(), Error> {
    let mut tokens = tokens;
    while let Some((token, after)) = tokens.split_first() {
        if let Some(mut opened) = parse::open(node)? {
            if !is_new {
                // The text must survive an error, so it is replaced only after the value is set.
                set_in(&mut opened, tokens, value, pointer, true)?;
                *node = opened;
                return Ok(());
            }
            *node = opened;
        }
        match place_of(node, token, pointer)? {
            Some(place) => node = node.child_mut(place).ok_or_else(out_of_memory)?,
            None => return add(node, token, wrap(after, value)?),
        }
        tokens = after;
    }
    *node = value;
    Ok(())
}

/// The unescaped tokens of a pointer.
fn tokens(pointer: &str) -> Result<Vec<Cow<'_, str>>, Error> {
    let invalid = |reason: &str| {
        let text = format!("{pointer:?} is not a JSON pointer that can be written: {reason}");
        Error::new(Code::InvalidArgument, text)
    };
    let tokens = json_pointer::tokens(pointer);
    let tokens = tokens.ok_or_else(|| invalid("it violates RFC 6901 section 3"))?;
    let tokens: Vec<_> = tokens.take(MAX_LEVELS.saturating_add(1)).collect();
    if tokens.len() > MAX_LEVELS {
        return Err(invalid(&format!("it has more than {MAX_LEVELS} levels")));
    }
    Ok(tokens)
}

/// The place of the child that a token names; `None` if the token names the place after the last
/// child.
///
/// # Errors
/// [`Code::InvalidArgument`] if the token names no place in this value.
fn place_of(node: &Node, token: &str, pointer: &str) -> Result<Option<usize>, Error> {
    match node {
        Node::Text(text) => Err(misfit(pointer, token, kind(text))),
        Node::Array(_) if token == "-" => Ok(None),
        Node::Array(elements) => {
            let length = elements.len();
            let place = json_pointer::array_index(token).filter(|index| *index <= length);
            let place = place.ok_or_else(|| {
                misfit(pointer, token, &format!("an array with {length} elements"))
            })?;
            Ok((place < length).then_some(place))
        }
        Node::Object(members) => Ok(members.place(&quote(token)?)),
    }
}

fn misfit(pointer: &str, token: &str, found: &str) -> Error {
    let text =
        format!("the JSON pointer {pointer:?} does not fit the body: {found} has no {token:?}");
    Error::new(Code::InvalidArgument, text)
}

/// The kind of a scalar.
fn kind(text: &str) -> &'static str {
    match text.as_bytes().first() {
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Adds a child after the last one.
fn add(node: &mut Node, token: &str, value: Node) -> Result<(), Error> {
    match node {
        Node::Text(_) => {}
        Node::Array(elements) => {
            elements.try_reserve(1).map_err(|_| out_of_memory())?;
            elements.push(value);
        }
        Node::Object(members) => members.set(&quote(token)?, value)?,
    }
    Ok(())
}

/// Puts a value into the arrays and objects that its tokens need.
fn wrap(tokens: &[Cow<'_, str>], value: Node) -> Result<Node, Error> {
    tokens.iter().rev().try_fold(value, |value, token| {
        let mut container = match &**token {
            "-" | "0" => Node::Array(Vec::new()),
            _ => Node::Object(Box::default()),
        };
        add(&mut container, token, value)?;
        Ok(container)
    })
}
