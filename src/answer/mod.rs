//! The answer: the response that every call ends with, and the guarantee that its JSON is
//! well-formed.

mod content;
mod error_member;
mod fields;
mod guarantee;
pub mod json;
pub mod json_type;
mod link;
mod response;
pub mod state;
mod words;

pub use fields::Fields;
pub use guarantee::{Answer, Facts, respond};
pub use response::{Account, Repair, Response};
