//! One call's life: the plan, its attempts, and what is decided between them.

mod admission;
mod attempt;
pub mod backoff;
mod bodies;
mod cookies;
pub mod decision;
mod download;
mod family;
pub mod journal;
mod plan;
mod random;
pub mod reason;
pub mod redirect;
mod run;
mod running;
pub mod server_delay;
pub mod stats;

pub use attempt::{AttemptError, is_rate_limit};
pub use family::Family;
pub use plan::{Plan, RetryCallback, RetryNotice};
pub use run::{CallResult, run};
