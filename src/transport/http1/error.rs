//! The error of a response that violates the syntax.

use crate::transport::error::{TransportError, TransportErrorKind};

pub(super) fn protocol_error(why: &str) -> TransportError {
    TransportError::new(
        TransportErrorKind::Protocol,
        format!("the server's response is not valid: {why}"),
    )
}
