//! What a caller can learn about the connections of a call: its events while they happen, and the TLS
//! session of its response.

mod event;
mod json;
mod tls_session;

pub use event::{Event, Tracer};
pub use tls_session::TlsSession;
