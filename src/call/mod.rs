//! One call's life: the plan, its attempts, and what is decided between them.

mod admission;
mod attempt;
pub mod backoff;
mod carriage;
pub mod cause;
mod chance;
mod cookies;
pub mod decision;
mod download;
mod family;
pub mod journal;
mod life;
mod plan;
pub mod redirect;
mod run;
pub mod server_delay;
pub mod stats;

pub use attempt::{Failed, is_rate_limit};
pub use family::Family;
pub use plan::{Plan, RetryCallback, RetryNotice};
pub use run::{Ended, run};
