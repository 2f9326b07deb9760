//! One call's life: the plan, its attempts, and what is decided between them.

mod attempt;
mod plan;
mod run;

pub use attempt::Failed;
pub use plan::Plan;
pub use run::{Ended, run};
