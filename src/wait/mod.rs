//! Time and waits: the clock, deadlines, and the cancel that a caller may attach.

pub mod cancel;
pub mod clock;
pub mod deadline;
pub mod poll;

pub use cancel::Cancel;
pub use clock::{Clock, SleepCancelled, SystemClock};
pub use deadline::Deadline;
pub use poll::{PollResult, poll_until};
