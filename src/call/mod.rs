//! (module)

pub mod backoff;
pub mod cause;
pub mod decision;
pub mod redirect;
pub mod server_delay;
