//! Credentials: the values of `Authorization` and `Cookie`, and signed cookies.
//!
//! All functions depend on their arguments alone: no settings, no clock, no network. If time
//! matters, the caller passes it.

pub mod basic;
pub mod bearer;
pub mod cookie;
pub mod jar;
mod request_cookie;
pub mod signed_cookie;
pub mod token;
pub mod userinfo;

pub use request_cookie::{Cookie, cookie_header};
pub use signed_cookie::{
    Digest, SAC_DIGEST_SHA1, SAC_DIGEST_SHA256, SAC_DIGEST_SHA512, SignedCookie, sign, verify,
};
