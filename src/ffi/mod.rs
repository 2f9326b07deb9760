//! The C boundary: the only place with `unsafe`.
//!
//! One file per C type or concern, and `guard`, which every export goes through. `build.rs`
//! turns these files into `include/sac.h`, comments and all.

mod callback;
mod cancel;
mod change;
mod client;
mod code;
mod cookie;
mod fork;
mod guard;
mod json;
mod node;
mod request;
mod request_body;
mod request_output;
mod request_setting;
mod response;
mod scope;
mod secure;
mod send;
mod send_all;
mod setting;
mod shared_number;
mod string;
mod types;
pub mod version;
