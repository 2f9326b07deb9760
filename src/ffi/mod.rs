//! The C boundary: the only place with `unsafe`.
//!
//! One file for each C type or subject, and `guard`, which every export uses. `build.rs` generates
//! `include/sac.h` from these files, with their comments.

mod apply;
mod attempt;
mod callback;
mod cancel;
mod client;
mod code;
mod cookie;
mod fork;
mod guard;
mod hmac;
mod json;
mod node;
mod read;
mod request;
mod request_body;
mod request_json;
mod request_output;
mod request_setting;
mod response;
mod scope;
mod send;
mod send_all;
mod set_user_id;
mod setting;
mod shared_atomic;
mod stream;
mod string;
mod token;
mod trace;
mod types;
pub mod version;
mod webhook;
