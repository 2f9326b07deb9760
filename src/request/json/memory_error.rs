//! The error if memory runs out.

use crate::code::{Code, Error};

/// There is not enough memory for a JSON body.
pub(super) fn out_of_memory() -> Error {
    Error::new(Code::TooLarge, "there is not enough memory for the JSON to send")
}
