//! (module)

pub mod backoff;
pub mod server_delay;
