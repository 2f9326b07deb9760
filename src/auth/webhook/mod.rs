//! Webhooks: whether a received request comes from the service that knows the secret.

mod headers;
mod refused;
mod scheme;
mod secrets;
mod signed;
mod verify;

pub use headers::{Field, Headers};
pub use scheme::Scheme;
pub use verify::verify;

#[cfg(test)]
mod tests;
