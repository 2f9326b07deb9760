//! The error for a webhook that does not verify.

use crate::code::{Code, Error};

pub(super) fn refused(reason: &str) -> Error {
    Error::new(Code::Signature, format!("the webhook {reason}"))
}
