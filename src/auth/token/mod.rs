//! Bearer tokens that expire: when a token is used, when a new one is fetched, and who waits for it.
//!
//! Pure, like the rest of `auth`: the caller passes the time and does the work.

mod state;
mod value;

pub use state::{Activity, Failure, Reason, State, Step};
pub use value::Token;
