//! (module)

pub mod json;
