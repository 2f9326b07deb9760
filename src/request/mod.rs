//! What a caller asks for: method, path and query, header fields, body, and the settings that
//! this request alone has.

pub mod accept;
pub mod base;
mod body;
mod builder;
pub mod field;
pub mod path;

pub use base::BaseUrl;
pub use body::Body;
pub use builder::Request;
