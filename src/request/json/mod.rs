//! The JSON body of a request: a text, or values that were written by JSON pointers (RFC 6901).
//!
//! The body is a tree as far as pointers have led into it. Everything else stays text, so that
//! numbers keep their digits and the depth of the tree is that of the longest pointer.

mod node;
mod parse;
mod render;
mod text;
mod value;
mod write;

use once_cell::race::OnceBox;

use crate::code::Error;

use node::Node;

pub use value::JsonValue;

/// A JSON body.
#[derive(Clone, Default)]
pub struct JsonBody {
    /// The text to send. After a change, the next call renders it. A `OnceBox` has no
    /// lock, so that a child of `fork` never inherits a held one.
    text: OnceBox<String>,
    /// None before the first change.
    tree: Option<Node>,
}

impl JsonBody {
    /// A body with this text, which is sent unchanged unless values are set.
    ///
    /// # Errors
    /// [`Code::InvalidJson`](crate::code::Code::InvalidJson) if it is not well-formed.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        value::check(text)?;
        let text = text::copy(text)?.into_string();
        Ok(Self { text: OnceBox::with_value(Box::new(text)), tree: None })
    }

    /// Sets the value at a pointer. If it fails, nothing changes.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::code::Code::InvalidArgument) if the pointer is invalid or
    /// does not fit the body, or if a number is not finite;
    /// [`Code::InvalidJson`](crate::code::Code::InvalidJson) if a text is not well-formed;
    /// [`Code::TooLarge`](crate::code::Code::TooLarge) if there is not enough memory.
    pub fn set(&mut self, pointer: &str, value: &JsonValue<'_>) -> Result<(), Error> {
        let value = value.to_text()?;
        if let (None, Some(text), false) = (&self.tree, self.text.get(), pointer.is_empty()) {
            self.tree = Some(parse::one_level(text)?);
        }
        write::set(&mut self.tree, pointer, value)?;
        self.text = OnceBox::new();
        Ok(())
    }

    /// The text; empty if nothing was set. Any thread, several at once.
    ///
    /// # Errors
    /// [`Code::TooLarge`](crate::code::Code::TooLarge) if there is not enough memory.
    pub fn text(&self) -> Result<&str, Error> {
        let render = || self.tree.as_ref().map_or_else(|| Ok(String::new()), render::render);
        self.text.get_or_try_init(|| render().map(Box::new)).map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
