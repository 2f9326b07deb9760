//! (module)

pub mod backoff;
pub mod cause;
pub mod decision;
pub mod journal;
pub mod redirect;
pub mod server_delay;
pub mod stats;
