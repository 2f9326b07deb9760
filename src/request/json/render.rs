//! Makes the text of a JSON body.

use crate::code::Error;

use super::node::Node;
use super::text::append;

/// The JSON text of a tree.
///
/// # Errors
/// [`Code::TooLarge`](crate::code::Code::TooLarge) if there is not enough memory.
pub(super) fn render(tree: &Node) -> Result<String, Error> {
    let mut text = String::new();
    append_node(&mut text, tree)?;
    Ok(text)
}

/// Recurses at most as deep as a pointer may lead.
fn append_node(text: &mut String, node: &Node) -> Result<(), Error> {
    match node {
        Node::Text(value) => append(text, value),
        Node::Array(elements) => {
            let mut before = "[";
            for element in elements {
                append(text, before)?;
                append_node(text, element)?;
                before = ",";
            }
            append(text, if elements.is_empty() { "[]" } else { "]" })
        }
        Node::Object(members) => {
            append(text, "{")?;
            for (place, (name, value)) in members.iter().enumerate() {
                append(text, if place == 0 { "" } else { "," })?;
                append(text, name)?;
                append(text, ":")?;
                append_node(text, value)?;
            }
            append(text, "}")
        }
    }
}
