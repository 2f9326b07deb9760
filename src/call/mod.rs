//! One call: the plan, its attempts, and the decisions between them.

mod attempt;
pub mod backoff;
mod bodies;
mod cookies;
pub mod decision;
mod digest;
mod download;
mod family;
pub mod journal;
mod outgoing;
mod plan;
mod random;
pub mod reason;
pub mod redirect;
mod redirect_chain;
mod redirected_request;
mod run;
pub mod server_delay;
pub mod stats;
mod stream;
mod token;
mod waits;

pub use attempt::{AttemptError, is_rate_limit};
pub use family::Family;
pub use outgoing::{AttemptCallback, OutgoingRequest};
pub use plan::{Plan, RetryCallback, RetryNotice};
pub use run::{CallResult, run};
pub use stream::{stream_error, wait_to_reconnect};
pub use token::{FetchFailure, Obtained, TokenCache, TokenWait, Tokens};
