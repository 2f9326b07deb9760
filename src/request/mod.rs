//! What a caller asks for: method, path and query, header fields, body, and the settings that
//! this request alone has.

pub mod accept;
pub mod base;
mod body;
mod builder;
pub mod field;
pub mod multipart;
pub mod output;
pub mod path;
pub mod source;

pub use base::BaseUrl;
pub use body::Body;
pub use builder::Request;
pub use multipart::PartHead;
pub use output::{DataCallback, Moved, Output, ProgressCallback};
pub use source::{Remembered, Source};
