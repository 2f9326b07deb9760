//! The response that every call ends with, and the guarantee that its JSON is well-formed.

mod build;
mod content;
mod error_member;
mod fields;
pub mod json;
pub mod json_state;
pub mod json_type;
mod link;
pub mod records;
mod response;
mod server_message;

pub use build::{HttpResponse, ResponseInput, build_response};
pub use fields::Fields;
pub use response::{CallReport, Repair, Response};
