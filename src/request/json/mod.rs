//! The JSON body of a request: a text, or values that were written by JSON pointers (RFC 6901).
//!
//! The body is a tree as far as pointers have led into it. Everything else stays text, so that
//! numbers keep their digits and the depth of the tree is that of the longest pointer.

mod memory_error;
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
    /// The text to send. None after a change, until the next call renders it. A `OnceBox` has no
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

    /// Renders the text, if there is none since the last change. Any thread, several at once.
    ///
    /// # Errors
    /// [`Code::TooLarge`](crate::code::Code::TooLarge) if there is not enough memory.
    pub fn render(&self) -> Result<(), Error> {
        if let Some(tree) = &self.tree {
            self.text.get_or_try_init(|| render::render(tree).map(Box::new))?;
        }
        Ok(())
    }

    /// The text; `None` after a change, until [`JsonBody::render`].
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.get().map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
