//! The `Digest` scheme (RFC 7616, and RFC 2617 for older servers), with `qop=auth` or without `qop`.
//!
//! The server's first response asks for credentials. Later requests to the same server use its nonce
//! again, with a number that grows, so they need no further question.

mod algorithm;
mod challenge;
mod credentials;
mod session;
mod user;

pub use algorithm::hexadecimal;
pub use challenge::Challenge;
pub use credentials::Credentials;
pub use session::Session;
