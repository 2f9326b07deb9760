//! Credentials: the values of `Authorization` and `Cookie`, signed cookies, signed requests, and the
//! signatures of webhooks.
//!
//! All functions depend on their arguments alone: no settings, no clock, no network. If time
//! matters, the caller passes it.

pub mod aws_sigv4;
pub mod basic;
pub mod bearer;
pub mod cookie;
pub mod digest;
pub mod encoding;
pub mod hash;
pub mod jar;
pub mod mac;
mod request_cookie;
pub mod signed_cookie;
pub mod token;
pub mod userinfo;
pub mod webhook;

pub use aws_sigv4::{AwsSigV4, UnsignedRequest};
pub use hash::{Digest, SAC_DIGEST_SHA1, SAC_DIGEST_SHA256, SAC_DIGEST_SHA512};
pub use request_cookie::{Cookie, cookie_header};
pub use signed_cookie::{SignedCookie, sign, verify};
