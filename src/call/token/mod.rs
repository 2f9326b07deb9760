//! The bearer token of a call, if its client has a source of tokens that expire.

mod cache;
mod call_token;

pub use cache::{FetchFailure, TokenCache, TokenWait};
pub(super) use call_token::{CallToken, Renewal, add_to};
pub use call_token::{Obtained, Tokens};
