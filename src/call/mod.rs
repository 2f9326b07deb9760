//! (module)

pub mod backoff;
