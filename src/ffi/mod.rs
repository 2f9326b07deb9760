//! The C boundary: the only place with `unsafe`.
//!
//! One file per C type or concern, and [`guard`], which every export goes through. `build.rs`
//! turns these files into `include/sac.h`, comments and all.

mod client;
mod code;
mod cookie;
mod guard;
mod json;
mod request;
mod response;
mod scope;
mod send;
mod setting;
mod string;
mod types;
pub mod version;
