//! The user of Digest authentication.

use crate::code::{Code, Error};
use crate::log::Secret;

/// A user name and a password.
pub(super) struct User {
    pub(super) name: String,
    pub(super) password: Secret,
}

impl User {
    /// # Errors
    /// [`Code::InvalidArgument`] if the name contains a colon, which would end it in the hash, or if
    /// either contains a control character.
    pub(super) fn new(name: &str, password: &str) -> Result<Self, Error> {
        let refuse = |reason| Err(Error::new(Code::InvalidArgument, reason));
        if name.contains(':') {
            return refuse("the user name of Digest credentials contains a colon");
        }
        if name.chars().chain(password.chars()).any(char::is_control) {
            return refuse("the Digest credentials contain a control character");
        }
        Ok(Self { name: name.to_owned(), password: Secret::from(password) })
    }
}
