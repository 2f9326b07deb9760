//! One call's life: the plan, its attempts, and what is decided between them.

mod attempt;
pub mod backoff;
pub mod cause;
pub mod decision;
pub mod journal;
mod plan;
pub mod redirect;
mod run;
pub mod server_delay;
pub mod stats;

pub use attempt::Failed;
pub use plan::Plan;
pub use run::{Ended, run};
