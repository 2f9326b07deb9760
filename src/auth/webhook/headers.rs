//! The header fields of a received webhook.

use super::refused::refused;
use crate::code::Error;

/// The name and the value of a header field as they arrived, in any encoding.
pub type Field<'a> = (&'a [u8], &'a [u8]);

/// The header fields of a request.
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a>(pub &'a [Field<'a>]);

impl<'a> Headers<'a> {
    /// The value of a field; `None` if there is no such field.
    ///
    /// # Errors
    /// If the field is there twice: the sender sends one, so somebody else added the other.
    pub(super) fn get(self, name: &str) -> Result<Option<&'a [u8]>, Error> {
        let mut values = self.values(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(refused(&format!("has the header field {name} twice")));
        }
        Ok(first)
    }

    /// The value of a field that must be there.
    pub(super) fn required(self, name: &str) -> Result<&'a [u8], Error> {
        self.get(name)?.ok_or_else(|| refused(&format!("has no header field {name}")))
    }

    /// The value of a field as text; empty if there is no such field.
    pub(super) fn text(self, name: &str) -> Result<&'a str, Error> {
        std::str::from_utf8(self.get(name)?.unwrap_or_default())
            .map_err(|_| refused(&format!("has a header field {name} that is not UTF-8")))
    }

    /// Whether there is such a field.
    pub(super) fn contains(self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    fn values(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let is_it = move |(field, _): &&Field<'_>| field.eq_ignore_ascii_case(name.as_bytes());
        self.0.iter().filter(is_it).map(|(_, value)| *value)
    }
}
