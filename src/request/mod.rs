//! What a caller asks for: method, path and query, header fields, body, and the settings that
//! this request alone has.

pub mod accept;
pub mod base_url;
mod body;
pub mod body_reader;
mod builder;
pub mod field;
pub mod multipart;
pub mod output;
pub mod path;

pub use base_url::BaseUrl;
pub use body::Body;
pub use body_reader::{BodyReader, FileVersions};
pub use builder::Request;
pub use multipart::PartHead;
pub use output::{DataCallback, Output, Progress, ProgressCallback};
